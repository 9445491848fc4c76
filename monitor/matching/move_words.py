"""Words of market moves in English, Russian, Ukrainian, Polish, German, Persian and Arabic.

Written as folded words; a trailing * takes every ending. Data only.
"""

from __future__ import annotations

from functools import lru_cache

from monitor.matching.tokens import fold

_RISE = """
rise rises rose risen rising jump* surge surges surged surging soar* climb* gain gains gained
gaining spike spikes spiked spiking increas* up upward*
higher rally rallies rallied rallying leap* leapt
grow grows grew grown growing growth advance advances advanced advancing skyrocket* rebound*
hike hikes hiked swell swells swelled swollen double doubled costlier dearer
вырос* выраст* раст* рост роста росту ростом росла росли подорож* повыс* повыш* увелич* взлет*
подскоч* прибав* поднял* подня* скакну* скачок скачк*
зріс зросл* зрост* зроста* подорожч* підвищ* збільш* підня* підскоч* додал* стрибк* стрибок
wzros* wzrasta* rosn* skoczy* skok skoku podroza* podroze* zdroza* zwyzk* podskoczy* urosl*
steig* stieg* gestiegen* anstieg* ansteig* zulegen zulegt*
zugelegt sprang* springt springen sprung*
hoher hohere* teurer plus zunahm* zunehm* zugenommen kletter* geklettert erhoh* verteuer* gewann*
افزایش افزایشی رشد جهش صعود صعودی بالا گران گرانی گرانتر
ارتفع* ارتفاع* یرتفع* ترتفع* زیاده زاد زادت قفز* قفزه صعد* یصعد* تصعد* صعود* نمو نما
"""

_FALL = """
fall falls fell fallen falling drop* decline* declin* plunge* plunging tumble* tumbling slump*
slide slides slid sliding sink* sank sunk dip dips dipped dipping decrease* decreasing down
downward* lower lowest lose loses lost losing shed sheds
shedding crash* ease eases eased easing retreat* cut
cuts cutting cheaper slip slips slipped slipping plummet* collaps* nosediv* halved
упа* сниз* сниж* подешев* пада* сократ* сокращ* потеря* обвал* рухну* просе* опуст* уменьш* дешев*
впал* впад* зниз* зниж* подешевш* скорот* зменш* обвал* просі*
spad* stania* obniz* znizk* potania* runel* runal* zmala* zmniejsz* traca* stracil* przecen*
fall* fiel* gefallen* sinkt sinken sank* gesunken* senk* ruckgang* zuruckg* nachgeb* gibt billiger
niedriger* minus abnahm* abnehm* abgenommen sturz* absturz* einbruch* einbrach* verlor* verlier*
verbillig*
کاهش کاهشی افت سقوط ریزش نزول نزولی پایین ارزان ارزانی
انخفض* انخفاض* ینخفض* تنخفض* تراجع* یتراجع* تتراجع* هبط* هبوط* یهبط* تهبط* خسر* تدن*
"""

PERCENT_WORDS = """
percent pc pct percentage процент* відсот* procent* proc prozent* درصد درصدی بالمیه بالمایه
المیه المایه
"""
NEGATIONS = """
not no never neither nor without cannot t denies denied deny
не ни нет без ні немає без nie bez nicht kein* ohne niemals لم لن لا لیس لیست نه بدون
"""
#: Persian verbs that deny what stands before them.
NEGATIONS_AFTER = """نیافت نیافته نکرد نکرده نداشت نداشته نمیشود نشد نشده نخواهد"""
#: Behind the number: it measures a share, not a move.
SHARES = """
full stake* share shareholding of off chance* tax* tariff* duty duties discount* interest capacity
owned owner* majority minority point* пункт* дол* акци*
ставк* punkt* udzial* akcj* anteil* beteiligung*
سهم سهام حصه من
"""
#: In front of the number: it is a level that was reached.
LEVELS = """to at до на_уровне auf bei do به الی الى عند"""
RANGE_WORDS = """to до до bis do تا الى الی"""
FROM_WORDS = """from с со von z ze od از من"""
#: Start another statement with another subject.
SUBORDINATORS = """
as while whereas but because since though although пока
тогда поскольку потому хотя но тоді поки але
podczas gdy ale wahrend weil aber obwohl در_حالی اما لیکن بینما لکن
"""
#: Other things that are quoted in per cent.
RIVALS = """
oil crude brent wti diesel gasoline petrol coal electricity gold silver copper wheat corn bitcoin
inflation gdp economy stock stocks share shares index
dollar euro ruble rouble rial yen unemployment wage
wages dow nasdaq nikkei dax ftse
нефт* brent уголь угля золот* инфляци* рубл* доллар* акци* индекс* ввп
нафт* вугілл* золот* інфляці* долар* гривн*
rop* wegiel wegla zlot* inflacj* dolar* pkb
ol erdol rohol kohle strom strompreis* gold inflation aktie* dax
نفت بنزین طلا دلار تورم بورس سکه
النفط الذهب الدولار التضخم
"""
#: Behind the watched words: something else of them is counted.
HEADS = """
tax taxes duty duties levy levies vat company companies stocks shares stove stoves
налог* акци* податок податк* podatek podatk* akcj* steuer* aktie* مالیات سهام ضریبه
"""
#: Between the number and what moved: "an 8 % rise in gas prices".
LINKS = """
in of for on в во на у w we dla der des den die von beim bei fur im در برای فی علی
"""
APPROXIMATIONS = """
by about around nearly almost some roughly over more than least as much many high low a an another
на около почти более примерно на близько майже понад o
okolo prawie ponad um rund fast etwa mehr als
حدود بیش از نزدیک بنسبه نحو حوالی اکثر من
"""


class WordSet:
    """Folded words, some with any ending."""

    def __init__(self, text: str) -> None:
        entries = text.split()
        self._words = frozenset(fold(word) for word in entries if not word.endswith("*"))
        self._stems = tuple(fold(word[:-1]) for word in entries if word.endswith("*"))

    def __contains__(self, folded: str) -> bool:
        return folded in self._words or (bool(self._stems) and folded.startswith(self._stems))


rises, falls = WordSet(_RISE), WordSet(_FALL)


@lru_cache(1 << 14)
def direction(folded: str) -> str:
    """Return ``rise``, ``fall`` or nothing."""
    if folded in rises:
        return "rise"
    return "fall" if folded in falls else ""
