"""Which news agency a text gives as its source.

A credit is read where the trade puts it: in brackets, between slashes, at the end of a headline
or a text, or beside a verb of report ("reported by …", "сообщает …", "به گزارش …"). A name that
merely occurs is no credit. The table is general knowledge. Linear in the text, bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from monitor.text import fold

#: Characters at the head and at the end of a text in which a credit may stand.
HEAD, TAIL = 700, 160


@dataclass(frozen=True, slots=True)
class Agency:
    """A wire service; ``state``: owned or directed by a government."""

    name: str
    spellings: tuple[str, ...]
    state: bool = False


@dataclass(frozen=True, slots=True)
class Credit:
    """``own``: the text presents itself as the agency's (a dateline), not as a report about one."""

    agency: Agency
    own: bool


#: Agency: its spellings, parted by ";". A line that begins with * is state-affiliated.
_TABLE = """
Reuters: Reuters; Рейтер; Рейтерс; Reutersa; رويترز; رویترز; 路透社; 路透; रॉयटर्स
AP: AP; Associated Press; Ассошиэйтед Пресс; أسوشيتد برس; آسوشیتدپرس; اسوشیتدپرس; 美联社
AFP: AFP; Agence France-Presse; Франс Пресс; فرانس برس; فرانس پرس; خبرگزاری فرانسه; 法新社
dpa: dpa; DPA; Deutsche Presse-Agentur; 德新社
Bloomberg: Bloomberg; Bloomberga; Блумберг; بلومبرغ; بلومبرگ; 彭博社
PAP: PAP; Polska Agencja Prasowa; Polskiej Agencji Prasowej
ANSA: ANSA
EFE: EFE; Agencia EFE
APA (Austria): Austria Presse Agentur
PA: PA Media; Press Association
UPI: UPI; United Press International
Interfax: Interfax; Interfaks; Интерфакс; Интерфаксу; Интерфаксом; إنترفاكس; اینترفاکس
Interfax-Ukraine: Interfax-Ukraine; Интерфакс-Украина; Інтерфакс-Україна
UNIAN: UNIAN; УНИАН; УНІАН
Kyodo: Kyodo; Kyodo News; 共同社
Yonhap: Yonhap; Ренхап; يونهاب; یونهاپ; 韩联社
PTI: PTI; Press Trust of India; पीटीआई
ANI: ANI; Asian News International; एएनआई
Dow Jones: Dow Jones Newswires
ISNA: ISNA; ИСНА; ایسنا; إيسنا
Tasnim: Tasnim; Тасним; تسنیم; تسنيم
*TASS: TASS; ITAR-TASS; ТАСС; ИТАР-ТАСС; تاس; 塔斯社
*RIA Novosti: RIA Novosti; RIA; РИА Новости; РИА «Новости»; РІА Новості; ریا نووستی; نوفوستي; 俄新社
*Sputnik: Sputnik; Спутник; اسپوتنیک; سبوتنيك
*IRNA: IRNA; ИРНА; ایرنا; إرنا; الإيرانية (إرنا); 伊通社
*Fars: Fars; Fars News; Фарс; خبرگزاری فارس; وكالة فارس
*Mehr: Mehr News; Mehr; خبرگزاری مهر; وكالة مهر
*Press TV: Press TV; Пресс ТВ; پرس تی‌وی
*IRIB: IRIB; صدا و سیما; صداوسیما
*Xinhua: Xinhua; Синьхуа; شينخوا; شینهوا; 新华社; 新華社
*SANA: SANA; САНА; سانا
*SPA: Saudi Press Agency; وكالة الأنباء السعودية
*WAM: WAM; وكالة أنباء الإمارات
*QNA: QNA; وكالة الأنباء القطرية
*KCNA: KCNA; ЦТАК; 朝中社
*Anadolu: Anadolu; Anadolu Agency; Анадолу; الأناضول; آناتولی; آناتولي
*BelTA: BelTA; БелТА
*Ukrinform: Ukrinform; Укринформ; Укрінформ; Укрінформу
*Azertac: AZERTAC; Азертадж
*Trend: Trend News Agency
*AzerNEWS: AzerNEWS
*BTA: BTA; БТА
*MTI: MTI
*SABA: وكالة سبأ
"""


def _read() -> tuple[Agency, ...]:
    found = []
    for line in _TABLE.strip().splitlines():
        name, _, spellings = line.partition(": ")
        its = tuple(one.strip() for one in spellings.split(";"))
        found.append(Agency(name.removeprefix("*"), its, name.startswith("*")))
    return tuple(found)


AGENCIES = _read()
_BY_SPELLING = {fold(one): agency for agency in AGENCIES for one in agency.spellings}
#: Short capitals are names only in capitals: "ANI" is one, "ani" a Polish word.
_SPELLINGS = sorted((one for a in AGENCIES for one in a.spellings), key=len, reverse=True)
_SPELLING_SET = frozenset(_SPELLINGS)
#: Chinese parts no words; an Arabic "for" is written as one word with the name.
_END = r"(?:(?<=[\u4e00-\u9fff])|(?!\w))"
_NAME = "(?P<name>" + "|".join(map(re.escape, _SPELLINGS)) + f"){_END}"
_QUOTED = r"[\"'«„“]?(?:(?<!\w)|(?<=[ل据]))" + f"{_NAME}[\"'»”“]?"
_KIND = (
    r"(?:(?:the\s+)?(?:state\s+)?(?:news\s+)?agency\s+|агентств[ауо]\w*\s+|агенці[яїює]\w*\s+|"
    r"agencj[aięą]\w*\s+|(?:ال)?وكالة\s+(?:ال)?(?:أنباء\s+)?|لوكالة\s+|خبرگزاری\s+|"
    r"die\s+Nachrichtenagentur\s+|(?:der\s+)?Agentur\s+|l[’']agence\s+|समाचार\s+एजेंसी\s+)?"
)
_AFTER_VERB = (
    r"(?:according\s+to|reported\s+by|citing|cited\s+by|via|told|source:|"
    r"по\s+данным|сообща(?:ет|ют)|сообщил[аои]?|переда[её]т|пишет|информирует|со\s+ссылкой\s+на|"
    r"как\s+сообщает|источник:|повідомля(?:є|ють)|повідоми(?:в|ла|ло)|переда(?:є|ють)|за\s+даними|"
    r"з\s+посиланням\s+на|пише|джерело:|"
    r"pod(?:aje|ała|ał)|poinformował[ao]?|informuje|donosi|przekazała?|cytowan[aey]\s+przez|"
    r"według|źródło:|laut|meldet|berichtete?|selon|rapporte|d[’']après|avec|quelle:|"
    r"به\s+گزارش|به\s+نقل\s+از|در\s+گفتگو\s+با|منبع:|"
    r"وفقاً?\s+ل|بحسب|نقلت|ذكرت|أفادت|قالت|نقلا\s+عن|نقلاً\s+عن|حسب|المصدر:|"
    r"据|來源:|来源[:：])"
)
_BEFORE_VERB = (
    r"(?:has\s+)?(?:reported|reports|said|says|writes|wrote|quoted|cited)\b|"
    r"(?:сообщает|сообщила?|сообщило|передает|передаёт|пишет|повідомляє|повідомила?|передає)|"
    r"(?:podaje|podała|poinformowała|donosi|informuje)\b|(?:meldet|berichtet|zufolge)\b|"
    r"(?:rapporte|indique)\b|(?:报道|報道|电|電|讯)|(?:गزارش\s+داد|گزارش\s+داد|के\s+अनुसार)"
)
_OWN = (
    re.compile(rf"[(\[（【/]\s*{_NAME}\s*[)\]）】/]"),
    re.compile(rf"(?:\A|[.!?…»”\"]\s*|\s)[-–—|/]\s*{_NAME}\s*[.)]?\s*\Z"),
    re.compile(rf"\A[^.!?\n]{{0,60}}?(?<!\w){_NAME}[.,:]?\s+[-–—]\s"),
    re.compile(rf"\A[^.!?\n]{{0,60}}?[-–—]\s+{_NAME}\.\s"),
    re.compile(rf"\A\s*به\s+گزارش\s+{_KIND}{_QUOTED}"),
    re.compile(rf"\A\s*{_NAME}[^。]{{0,24}}?[电電]"),
)
_CITED = (
    re.compile(rf"(?:(?<!\w)و?|(?=据)){_AFTER_VERB}\s*{_KIND}{_QUOTED}", re.IGNORECASE),
    re.compile(rf"(?<!\w){_NAME}[\"'»”]?,?\s*(?:{_BEFORE_VERB})"),
)


@lru_cache(1 << 12)
def credit(title: str, text: str) -> Credit | None:
    """Return the agency that an item gives as its source, or None; a dateline wins."""
    parts = [title[:HEAD], text[:HEAD]]
    if len(text) > HEAD:
        parts.append(text[-TAIL:])
    for own, patterns in ((True, _OWN), (False, _CITED)):
        for part in parts:
            found = _first(part, patterns)
            if found is not None:
                return Credit(found, own)
    return None


def agency_of(outlet: str) -> Agency | None:
    """Return the agency that an outlet is, by its name, or None."""
    return _BY_SPELLING.get(fold(outlet.strip()))


def _first(text: str, patterns: tuple[re.Pattern[str], ...]) -> Agency | None:
    for pattern in patterns:
        for match in pattern.finditer(text):
            # Verbs are read in any case, names in their own.
            if match["name"] in _SPELLING_SET:
                return _BY_SPELLING[fold(match["name"])]
    return None
