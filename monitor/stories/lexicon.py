"""A small dictionary of hard news: words of many languages that mean one thing.

What two reports in two languages share is said with these words: who (states, and the cities that
headlines put for them) and what was done (deny, ship, explode). An entry is a meaning and its
words, continued on indented lines. A word that ends in ``*`` stands for all words that begin so;
``+`` joins two neighbouring words. Written for hard news in general; a word that is not here still
counts inside its own language. Never decides.
"""

#: States, blocs and world powers.
PLACES = """
iran: iran iran's irani iranian* tehran* iranisch* teheran* iran* irański* irańscy тегеран* иран*
  іран* ایران ایرانی تهران طهران إيران إيرانی* ایرانیه الإيراني* 伊朗 ईरान ईरानी तेहरान
russia: russia* moscow* kremlin* rosja rosji rosję rosją rosjanie rosjan rosyjsk* moskw* moskie*
  kreml* russland* russisch* moskau* russie russe russes moscou rusia rusa росси* москв* кремл* рф
  росі* روسیه روسی مسکو کرملین روسیا روسيا روسية روسي موسكو الكرملين 俄罗斯 俄 रूस रूसी
ukraine: ukrain* kyiv* kiev* kijów kijow* ukraiń* ukraini* kijev* ucrania укра* киев* києв* київ*
  اوکراین کی‌یف اوكرانيا أوكرانيا أوكراني* كييف 乌克兰 यूक्रेन
usa: us u.s usa american* america* washington* pentagon* white+house amerykań* stan+zjednoczon*
  waszyngton* bia+dom biał+dom сша америк* американ* вашингтон* пентагон* белый+дом آمریکا
  آمریکایی واشنگتن امریکا أميركا أمريكا أميركي* أمريكي* واشنطن 美国 अमेरिका
eu: eu e.u european+union unii+europejsk* unia+europejsk* ue unia unię brussels bruksel* brüssel*
  ес евросоюз* европейск+союз* брюссел* єс اتحادیه+اروپا بروکسل الاتحاد+الأوروبي بروكسل
europe: europe* europa europie europę europy europejsk* europä* европ* європ* اروپا اروپایی أوروبا
  أوروبي* اوروبی*
uk: uk u.k britain* british* london brytyjsk* wielk+brytan* londyn* britisch* британ*
  великобритан* лондон* انگلیس بریتانیا لندن بريطانيا بريطاني*
germany: german* berlin* niemc* niemiec* niemie* deutsch* герман* немец* берлин* фрг німеч* آلمان
  برلین ألمانيا الماني* ألماني*
france: france french paris francj* francus* frankreich* franz* франц* париж* فرانسه پاریس فرنسا
  فرنسي* باريس
poland: poland polish warsaw* polsk* polak* polac* warszaw* polen* польш* польс* варшав* لهستان
  بولندا
israel: israel* izrael* jerozolim* израил* ізраїл* اسرائیل صهیونیستی إسرائيل إسرائيلي* تل+أبيب
china: china* chines* beijing* chin* chiń* pekin* peking китай* китая* пекин* چین چینی پکن الصين
  صيني* بكين 中国
turkey: turkey turkish turkiye türkiye ankara* turcj* turec* turck* турци* турец* анкар* ترکیه
  آنکارا تركيا تركي* أنقرة
saudi: saudi* riyadh saudyj* riad эр-рияд саудов* عربستان ریاض السعودية سعودي* الرياض
qatar: qatar* doha katar* катар* قطر قطری دوحه الدوحة
yemen: yemen* houthi* jemen* huti йемен* хути* хусит* یمن حوثی* اليمن الحوثي*
syria: syria* damasc* syri* damaszk* сири* дамаск* سوریه دمشق سوريا سوري*
iraq: iraq* baghdad* irak* bagdad* ирак* багдад* عراق بغداد العراق
lebanon: lebanon lebanese beirut* hezbollah* liban* bejru* hezbollah ливан* бейрут* хезболл* لبنان
  بیروت حزب+الله
gaza: gaza* hamas gaz+hamas газа+хамас хамас* غزه غزة حماس
turkmenistan: turkmen* ashgabat aszchabad туркме* ашхабад* ترکمنستان عشق‌آباد تركمانستان
azerbaijan: azerbaijan* azeri* baku azerbejdż* азербайджан* баку آذربایجان باکو أذربيجان باكو
bulgaria: bulgaria* sofia bułgar* sofii болгар* софи* بلغارستان صوفیه بلغاريا لبلغاريا صوفيا
norway: norway norwegian* oslo norweg* норвег* осло نروژ النرويج نرويجي*
denmark: denmark danish dania danii duńsk* dunsk* дани* датск* دانمارک الدنمارك
sweden: sweden swedish* szwec* szwedz* швец* шведск* سوئد السويد
netherlands: dutch netherlands holland* holender* niderland* нидерланд* голланд* هلند هولندا
  هولندي*
japan: japan* tokyo* japoń* япон* токио ژاپن توکیو اليابان
india: india indian* delhi indi* инди* дели هند دهلی الهند भारत
venezuela: venezuel* caracas wenezuel* венесуэл* ونزوئلا فنزويلا
belarus: belarus* minsk* białorus* беларус* белорус* минск* بلاروس
finland: finland* finnish helsinki finlandi* fińsk* финлянд* финск* хельсинк* فنلاند فنلندا
estonia: estonia* tallinn* estoni* estoń* эстон* таллин* استونی إستونيا
latvia: latvia* riga łotw* łotew* латви* рига риге
lithuania: lithuania* vilnius litw* litew* wilno литв* литов* вильнюс*
hungary: hungar* budapest* węg* budapeszt* венгр* венгер* будапешт* مجارستان المجر
korea: korea* seoul pyongyang* kore* коре* сеул* пхеньян* کره سئول كوريا
kuwait: kuwait* kuwej* кувейт* کویت الكويت
kazakhstan: kazakh* astana kazachst* казахст* قزاقستان كازاخستان
armenia: armenia* yerevan armen* ереван* армен* армян* ارمنستان أرمينيا
hongkong: hong+kong* hongkong* гонконг* هنگ+کنگ هونغ+كونغ
un: un u.n united+nations onz оон سازمان+ملل الأمم+المتحدة
nato: nato нато ناتو الناتو
iaea: iaea maea магатэ آژانس+انرژی آژانس+اتمی
"""

#: What happens in hard news, and to what.
ACTS = """
deny: deny denies denied denying denial* reject* rebuff* refute* dismisses dismissed baseless
  fabrication zaprzecz* dementuj* zdementow* zmyśl* отриц* отверг* опроверг* опроверж* сказк*
  спростув* تکذیب رد بی‌پایه ساختگی تنفي ينفي نفت نفى نفي bestreit* dementier* weist+zurück
  dément* desmient* 否认
admit: admit* acknowledg* concede* confess* przyzna* призна* визна* اذعان اعتراف پذیرفت تعترف
  اعترف* يعترف تقر gibt+zu räumt+ein 承认
confirm: confirm* potwierdz* подтверд* підтверд* تایید تأیید تؤكد أكد* يؤكد bestätig* 证实
accuse: accus* blame* alleg* oskarż* zarzuc* zarzut* obwini* обвин* звинува* متهم اتهام* تتهم
  اتهم* beschuldig*
warn: warn* ostrzeg* ostrzeż* предупре* предостер* попередж* هشدار تحذ* حذر* يحذر warnt* 警告
threaten: threat* groż* grozi* угро* погро* погрож* تهدید تهدد هدد تهديد droh*
sanction: sanction* blacklist* sankcj* sanktion* санкци* санкці* تحریم تحریم‌های عقوبات 制裁
  प्रतिबंध
condemn: condemn* denounc* potępi* осуд* осужд* محکوم تندد ندد* تدين أدان* verurteil*
demand: demand* urge* ask* nacisk* wzyw* wezwa* apel* żąda* требу* потреб* призва* призыв* خواست*
  درخواست تطالب طالب* يدعو fordert*
explode: explo* blast* detonat* eksplo* wybuch* взрыв* вибух* انفجار انفجارها تفجير انفجار*
  الانفجار* 爆炸 धमाका
leak: leak* wycie* przeciek* утеч* витік витоку نشت تسرب تسريب leck* fuite* 泄漏
sabotage: sabot* диверси* саботаж* خرابکاری تخريب
attack: attack* strike* struck raid* bombard* barrage* assault* atak* zaatakow* nalot* uderz*
  ostrzał* ostrzel* атак* удар* обстрел* обстріл* напад* налет* حمله حملات هجوم هجم* ضرب* قصف*
  غارة غارات angriff* angegriff* 袭击 हमला
down: shot+down shoot+down shooting+down downed downing intercept* zestrzel* strąc* stracon* сбит*
  сбил* сбива* збит* збил* سرنگون إسقاط أسقط* abgeschoss* abschuss* 击落
destroy: destroy* zniszcz* уничтож* разруш* знищ* نابود تخریب تدمير دمر* zerstör*
kill: kill* dead death* dies died deadly zabi* zgin* śmier* nie+żyje уби* погиб* смерт* загин*
  вбит* کشته مرگ قتل مقتل وفاة getötet* tote
injure: injur* wound* rann* rannych ранен* ранил* пострада* زخمی مجروح إصابة جرحى verletz*
arrest: arrest* detain* aresztow* zatrzyma* арест* задерж* затрим* بازداشت دستگیر اعتقال توقيف
  festgenommen*
court: court* trial* judge* sentenc* verdict* convict* sąd* wyrok* skaza* процес* суд* приговор*
  دادگاه حکم محاکمه محكمة حكم gericht* urteil*
law: constitution* law* article lawful* legal* illegal* unlawful* konstytu* prawo ustaw*
  конституц* закон* незакон* стать* قانون قانون+اساسی دستور* الدستور قانون*
parliament: parliament* lawmaker* deputies mps senat* congress* parlament* poseł* posłow* senator*
  депутат* парламент* дума* сенат* مجلس نماینده نمایندگان برلمان* نواب مجلس+الشورى abgeordnet*
election: election* vote* voter* ballot* wybor* głosow* выбор* голосов* انتخابات رای اقتراع wahl*
resign: resign* quit* steps+down dymisj* rezygn* отстав* уход استعفا استقال* rücktritt*
protest: protest* rally demonstrat* manifest* протест* митинг* اعتراض تظاهرات احتجاج* مظاهرات
meet: meet* met summit talks negotiat* visit* spotka* rozmow* rozmów negocj* wizyt* odwiedz*
  встреч* переговор* визит* посети* دیدار مذاکر* سفر گفتگو لقاء محادثات مفاوضات زيارة treff*
  gespräch* besuch*
sign: sign signs signed signing deal* agree* accord contract* pact* treaty podpis* umow* kontrakt*
  porozumi* подпис* договор* контракт* соглаш* согласов* сделк* угод* قرارداد توافق امضا پیمان
  اتفاق* عقد صفقة توقيع وقع* abkommen* vertrag* unterzeichn* 协议 समझौता
deliver: suppl* deliver* ship ships shipped shipping shipment* cargo* consignment* batch transfer*
  send* sent provid* hand+over handed dostarcz* dostaw* przekaz* wysył* wysła* transport* parti
  partię постав* достав* отправ* переда* груз* парти* постача* ارسال انتقال تحویل محموله فرستاد
  فرستاده نفرستاده نداده تسليم نقل تنقل تزويد إرسال شحن* توريد liefer* livr* 供应 运送 आपूर्ति
buy: buy* bought purchas* acquir* procure* kup* zakup* nabyc* купи* покуп* приобре* закуп* خرید*
  شراء اشترى تشتري kauf*
sell: sell* sold sale* sprzeda* прода* فروش* بيع تبيع باع* verkauf*
produce: produc* manufactur* assembl* build* built production mass+produce* produk* wyprodukow*
  montaż* składa* budow* произв* собира* сборк* выпуск* строи* вироб* تولید ساخت بسازد مونتاژ
  إنتاج تصنيع تصنع herstell* produzier* 生产
factory: factor* plant plants hall workshop* fabry* zakład* hala hali завод* цех* фабрик* کارخانه
  سالن مصنع قاعة* fabrik* werk 工厂
unveil: unveil* showcas* display* reveal* present* odsłon* prezent* zaprezent* pokaz* представ*
  показа* презент* رونمایی نمایش تكشف كشف* عرض* enthüll* präsentier*
test: test tests tested testing launch* testuj* przetest* wystrzel* испыт* запус* пуск* آزمایش
  شلیک پرتاب اختبار* تجربة أطلق*
inspect: inspect* examin* assess* investigat* probe* badaj* badan* śledcz* śledztw* расслед*
  следов* следств* эксперт* исследов* بررسی تحقیق* بازرس* تحقيق* فحص untersuch* ermittl*
picture: satellite* photo* picture* imagery image* footage video* zdjęc* satelit* nagran* wideo
  film* снимк* снял* спутник* фото* видео* تصویر تصاویر ماهواره* عکس فیلم صور أقمار فيديو
  satelliten*
price: price* costs pricing cena ceny cen cenę cenie cenach ceną kurs цена цены цен цену цене
  ценам ценах котиров* стоимост* ціна ціни قیمت بهای قیمت‌ها سعر أسعار preis* prix precio*
rise: rise* rising rose jump* soar* surge* climb* gain* increas* higher highest wzrost* wzros*
  drożej* droż* podroż* выро* подорож* рост* взлет* зрос* افزایش رشد جهش ارتف* صعد* قفز* steig*
  gestieg* teurer 上涨
drop: falls fell fallen falling drop* slid* slump* plung* tumbl* decline* decreas* lower spad*
  spadł* potani* tanie* obniż* упал* сниж* сниз* подешев* паден* впал* کاهش افت سقوط* انخف* تراجع*
  هبط* هبوط fällt gefallen sink* 下跌
halt: halt* stop* suspend* shut* cut cuts cutting cutoff closed closure* wstrzym* zakręc* zamkn*
  odci* przerw* останов* прекра* приостан* закры* отключ* припин* توقف قطع متوقف تعطیل توقف* وقف
  إغلاق قطع* stopp* 停止
resume: resum* restart* restor* reopen* wznow* wznaw* przywr* возобн* восстанов* ازسرگیری استئناف
  استأنف* wiederaufn* 恢复
fault: fault* outage* malfunction* tripp* failure* breakdown* awari* uster* авари* неисправн*
  поломк* сбой خرابی نقص عطل* störung* ausfall*
repair: repair* fix fixed mainten* napraw* remont* konserwacj* ремонт* почин* обслуж* تعمیر* إصلاح
  صيانة reparier* wartung*
permanent: irrepar* forever permanent* useless bezpowrotn* zawsze bezużyt* niezdatn* навсегда
  بی‌بازگشت
storage: storage* stores store stockpile* inventor* magazyn* zapas* хранилищ* запас* сховищ* ذخیره
  ذخایر مخازن تخزين مخزون* speicher*
export: export* eksport* экспорт* експорт* صادرات تصدير صادرات*
import: import* импорт* імпорт* واردات استيراد واردات*
deploy: deploy* station* rozmieszcz* stacjon* размещ* развер* استقرار مستقر نشر* تمركز*
land: landed landing lands lądow* сели приземл* посадк* فرود هبط*
refuel: refuel* refuelling refueling tankow* дозаправ* سوخت‌گیری سوخت+گیری للتزود* تزود+بالوقود
drone: drone* uav* unmanned dron drony dronów dronem drona dronie dronu dronom dronami bezzałog*
  дрон* беспилотн* бпла безпілот* پهپاد* بدون+سرنشین مسير* المسير* مسيّر* بمسير* drohne* 无人机 ड्रोन
kamikaze: kamikaz* suicide+drone* камикадз* انتحاری انتحار*
missile: missile* rocket* rakiet* pocisk* ракет* موشک* صاروخ* صواريخ rakete* 导弹 मिसाइल
weapon: weapon* arms broń broni uzbroj* оруж* вооруж* зброя зброї تسلیحات سلاح* اسلحه أسلحة waffe*
bomber: bomber* bombow* бомбардиров* بمب‌افکن* بمب+افکن قاذف* 轰炸机
aircraft: aircraft* warplane* plane planes jet jets fighter* samolot* myśliw* самолет* самоле*
  истребител* літак* هواپیما* جنگنده* طائر* مقاتل* flugzeug*
base: base bases airbase* airfield* baza bazy bazie bazę lotnisk* база базы базе базу базой
  авиабаз* аэродром* پایگاه* فرودگاه قاعدة قواعد مطار stützpunkt* 基地
navy: ship vessel* tanker* boat* statek* statk* okręt* żegl* судно суда судов* корабл* танкер*
  کشتی* سفينة سفن ناقلة* schiff*
port: port ports harbour* harbor* portu porcie portow* порт порта порту портов* بندر ميناء hafen*
crew: cargo+ship sailor* załog* экипаж* خدمه طاقم
engine: engine* motor* silnik* двигател* موتور محرك*
component: component* parts chip* chips processor* processors microchip* electronic*
  circuit+board* części podzespoł* komponent* procesor* elektronik* детал* компонент* микросхем*
  плат* قطعات قطعه مكونات قطع+غيار bauteil*
debris: debris wreck* remains fragments szcząt* wrak* odłam* обломк* уламк* لاشه بقایا حطام
  trümmer*
adviser: adviser* advisor* instructor* trainer* doradc* instruktor* советник* инструктор* مستشار*
  berater*
live: live+blog relacj* онлайн
intelligence: intelligence spy cia mossad wywiad* mi6 разведк* розвідк* اطلاعات مخابرات استخبارات
  geheimdienst*
army: army military troops soldier* forces wojsk* armi* żołnierz* войск* арми* солдат* военн*
  військ* ارتش نظامی سپاه جيش عسكري* قوات armee
minister: minister* ministr* ministerstw* министр* министерств* минобороны мид міністр* وزیر وزارت
  وزير وزارة
foreign: foreign+minist* spraw+zagranicz* msz мид иностран+дел وزارت+خارجه وزیر+خارجه الخارجية
defence: defen* obron* mon оборон* минобороны دفاع الدفاع
president: president* prezydent* президент* رئیس+جمهور* رئيس الرئيس präsident*
spokesman: spokes* rzecznik* пресс-секретар* представител* سخنگو* متحدث المتحدث ناطق sprecher*
expert: expert* researcher* analyst* scientist* ekspert* badacz* naukow* эксперт* исследовател*
  аналитик* ученые ученых پژوهشگر* کارشناس* خبير خبراء باحث* experte*
seismic: seism* earthquake* quake* trzęsien* сейсм* землетрясен* زلزله زلزال زلازل sejsm*
  erdbeben*
underwater: underwater undersea submarine podwodn* podmorsk* подводн*
pipeline: pipeline* pipe pipes gazociąg* rurociąg* rury rura nitk* газопровод* трубопровод* труб*
  خط+لوله خط+أنابيب خط+الأنابيب pipeline 管道
gas: gas gazu gaz gazem gazow* газ газа газу газом газов* گاز غاز الغاز للغاز gaslieferung*
  erdgas* 天然气 गैस
lng: lng liquefied скпг спг skroplon* ال‌ان‌جی المسال flüssiggas*
oil: oil crude barrel* petrol* ropa ropy ropę naft* нефт* نفت نفتی النفط نفط erdöl* öl
energy: energy power electric* energi* energet* prąd* энерг* электр* енерг* برق انرژی كهرباء
  الطاقة
nuclear: nuclear uranium atom* reactor* nuklear* jądrow* uran ядерн* уран* атомн* هسته‌ای اورانیوم
  نووي يورانيوم
heat: warm* mild cold* chill* frost weather ciep* chłod* zimn* mróz mroz* pogod* тепл* холод*
  погод* похолод* سرما گرما برد دافئ
winter: winter* zima zimy zimą zimow* зим* زمستان شتاء
storm: storm* hurricane* typhoon* flood* burz* huragan* powód* шторм* ураган* наводн* طوفان سیل
  إعصار فيضان*
fire: fire fires blaze* wildfire* pożar* пожар* آتش حريق حرائق brand
crash: crash* collision* accident* wypad* katastrof* авари* катастроф* дтп крушен* سقوط تصادف حادث
  تحطم unfall* absturz*
border: border* granic* границ* погранич* кордон* مرز حدود grenze*
hostage: hostage* kidnap* abduct* porwa* похи* заложник* گروگان خطف رهائن
ceasefire: ceasefire* truce* armistice* rozejm* zawiesz* перемири* آتش‌بس هدنة waffenruhe*
peace: peace* pokój pokoj* мир+переговор* мирн* صلح سلام frieden*
war: war wars wojna wojny wojnę wojnie war-* войн* войне війн* جنگ حرب الحرب krieg*
invasion: invasion* invad* inwazj* вторжен* вторгн* تهاجم غزو
refugee: refugee* migrant* uchodź* migran* бежен* мигрант* پناهنده مهاجر* لاجئ* flüchtling*
help: aid help* pomoc* pomag* помощ* помог* کمک مساعدات hilfe*
company: compan* firm firms corporat* firma firmy firmę spółk* przedsięb* компани* фирм* شرکت*
  شركة شركات unternehmen*
bank: bank banks банк* بانک بنك بنوك
pay: payment* pays paid płatn* płac* zapłac* платеж* оплат* пла* پرداخت دفع zahlung*
debt: debt* loan* dług* kredyt* долг* кредит* بدهی وام دين قرض
profit: profit* revenue* earning* zysk* przychod* прибыл* выручк* доход* سود درآمد أرباح إيرادات
  gewinn*
inflation: inflation* inflacj* инфляц* تورم تضخم
rate: interest+rate* stop+procent* ставк* نرخ فائدة
currency: rubles roubles ruble* rouble* rubl* рубл* روبل
share: shares stock+market giełd* акци* бирж* بورس أسهم بورصة aktien*
blackmail: blackmail* extort* szantaż* шантаж* اخاذی ابتزاز
steal: stole* steal* theft* skradz* kradzie* украд* похищ* ворован* سرقت سرقة gestohlen*
embassy: embassy* ambassador* ambasad* посол* посольств* سفیر سفارت سفير سفارة botschaft*
ties: diplomatic+ties sever* cut+ties zerwan* zerwie stosunk* разрыв* дипломат* روابط قطع+روابط
  العلاقات
crime: crime* crimes zbrodni* przestęp* преступл* جنایت* جرائم جريمة verbrechen*
plan: plan plans planning planned planuj* zamierz* zaplan* планиру* намерен* намер* برنامه تخطط
  يخطط خطة
new: new nowy nowe nowa nowego nowej nową nowych новый новые новую новой новых جدید تازه جديد
  جديدة neue*
first: first+time pierwsz* впервые перв* اولین نخستین لأول الأولى
virus: virus* covid* coronavirus* pandemi* koronawirus* коронавирус* вирус* пандеми* کرونا ویروس
  كورونا فيروس
vaccine: vaccin* szczepi* вакцин* прививк* واکسن لقاح*
school: school* student* pupils szkoł* uczni* studen* школ* студент* ученик* مدرسه دانش‌آموز*
  دانشجو* مدرسة طلاب
hospital: hospital* doctor* szpital* lekarz* больниц* медик* врач* بیمارستان پزشک* مستشفى أطباء
child: child* girl boy dzieck* dziec* chłop* дет* ребен* девоч* мальчик* کودک* طفل أطفال
woman: woman women kobiet* женщин* زن زنان امرأة نساء
football: football* soccer piłkar* meczu mecz футбол* матч* فوتبال كرة+القدم
"""
