"""Sentences that mislead matchers, with three lists that an analyst might write.

U is the drone list, H the air base list, G the gas list; "-" means that none fires. Rows marked as
known false say what a list of words cannot tell apart.
"""

from __future__ import annotations

import pytest

from monitor.matching import Matcher, compile_watchlists, load_aliases, load_watchlist

ALIASES = """
aliases:
  iran:
    forms: [en, ru]
    any: [Iran, Iranian, Tehran, "Иран", "иранский", "ایران", "تهران", "伊朗"]
  russia:
    forms: [en, ru]
    any: [Russia, Russian, Moscow, Kremlin, Alabuga, "Россия", "Москва", "российский", "Алабуга", "روسیه"]
  hamadan:
    forms: ru
    any: [Hamadan, Hamedan, "همدان", "Хамадан", "哈马丹"]
"""
DRONES = """
watchlist: u
groups:
  iran: ["@iran"]
  russia: ["@russia"]
  named: {forms: ru, any: ["Shahed-{131,136,238}", "Geran-{1,2}", Mohajer-6, "Герань-{1,2}", "Шахед-{131,136}", "شاهد {۱۳۱,۱۳۶}"]}
  drone: {forms: [en, ru, fa], any: [drone, UAV, "беспилотник", "پهپاد"]}
  handover:
    forms: [en, ru]
    any: [deliver, delivery, transfer, supply, send, receive, shipment, produce, copy, "поставка", "поставить", "собирать", "انتقال", "ارسال"]
mask: {forms: en, any: [drone show, drone racing, Shahed University]}
match: (named or drone near/12 iran) and russia and (handover near/25 named or handover near/25 drone)
"""
BASE = """
watchlist: h
groups:
  place: ["@hamadan"]
  site: [Nojeh, Nozheh, "نوژه"]
  base: {forms: [en, ru, fa], any: [airbase, air base, airfield, "авиабаза", "پایگاه هوایی", "空军基地"]}
mask: [Nojeh coup]
match: place near/8 base or site near/6 base
"""
GAS = """
watchlist: g
groups:
  gas: {forms: [en, ru, de], any: [gas, gas price, gas futures, natural gas, Henry Hub, TTF, LNG, "цена на газ", "قیمت گاز", Gaspreis]}
  _pump: {any: [a gallon, at the pump, petrol, motorists]}
  _jolt: {forms: en, any: [soar, plunge, tumble]}
mask: {forms: en, any: [tear gas, gas station, gas giant, greenhouse gas, gas mask]}
match: (move(gas) >= 3% or gas near/6 _jolt) and not (gas near/14 _pump)
"""


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    aliases = load_aliases({"a.yaml": ALIASES})
    lists = (("u", DRONES), ("h", BASE), ("g", GAS))
    return compile_watchlists([load_watchlist(text, name, aliases) for name, text in lists])


CASES = [
    ("a plain headline", "Tehran delivers the first Shahed-136 drones to Moscow", "U"),
    ("a space for the hyphen", "Tehran delivers the first Shahed 136 to Moscow", "U"),
    ("nothing for the hyphen", "Shahed136 deliveries reach Russia", "U"),
    ("a no-break hyphen", "Kremlin receives more Shahed\u2011136", "U"),
    (
        "a curly possessive",
        "Russia’s Alabuga works produces Geran-2, Iran’s drone under another name",
        "U",
    ),
    ("Russian endings and guillemets", "Москва получает поставки «Шахед-136» от Ирана", "U"),
    ("a name in a quoted nominative", "В Алабуге собирают «Герань-2» / Поставки деталей", "U"),
    (
        "the flower, over the border",
        "На даче зацвела герань, 2 совета из России / Поставка рассады",
        "-",
    ),
    ("the flower, in one line", "Поставка: герань, 2 сорта, Россия", "-"),
    ("a Persian plural", "ارسال پهپادهای ایران به روسیه ادامه دارد", "U"),
    ("non-joiner and Arabic letters", "ارسال پهپاد\u200cهای ايران به روسيه ادامه دارد", "U"),
    ("witness, not the drone", "شاهد ماجرا: ارسال دارو به روسیه", "-"),
    ("a masked show", "Drone show over Moscow ends as Iran sends congratulations", "-"),
    (
        "a masked show among all groups",
        "Tehran hosts Russian troupe: deliveries of tickets, a drone show at night",
        "-",
    ),
    ("a masked university", "Shahed University of Tehran to supply Russia with textbooks", "-"),
    (
        "use and not handover",
        "Air defence downs forty Shahed-136 / Russia launched the drones at night",
        "-",
    ),
    ("a denial is news", "Iran denies that it sends drones to Russia", "U"),
    ("known false: the other direction", "Russia sends drones to Iran / A reverse delivery", "U"),
    ("nothing of Russia", "Iranian documentary about a drone takes a prize", "-"),
    ("a plural of capitals", "UAVs, Iran, the Kremlin: how the transfer went", "U"),
    (
        "known false: a far footnote",
        "Firm delivers parcels by drone in Iran / At the end, Russia is named for its wheat",
        "U",
    ),
    ("another drone by name", "Iran’s Guards transfer Mohajer-6 to Russian units", "U"),
    ("a family name", "The Shahed family settles in Russia / They own a supply shop", "-"),
    ("a plain base headline", "Blast reported at Hamadan airbase", "H"),
    ("the other spelling, the other order", "Fire near an air base in Hamedan", "H"),
    ("the city alone", "Quake of magnitude five shakes Hamadan", "-"),
    ("Persian", "آتش\u200cسوزی در پایگاه هوایی همدان", "H"),
    ("Persian with Arabic letters", "آتش سوزي در پايگاه هوايي همدان", "H"),
    ("both inflected", "Пожар на авиабазе в Хамадане", "H"),
    ("a quoted name", "Пожар на авиабазе «Хамадан»", "H"),
    ("the name of the site", "Nojeh Air Base takes Russian bombers in", "H"),
    ("a variant of the site", "Nozheh airbase is hit", "H"),
    (
        "history is masked",
        "A book on the Nojeh coup / An airbase in Hamadan is described, far away in the tale of it",
        "H",
    ),
    ("history alone", "Forty years since the Nojeh coup / The airbase plot failed", "-"),
    (
        "a base too far away",
        "Hamadan holds its carpet fair in the old bazaar near the square again / Shiraz has an air base",
        "-",
    ),
    ("accent, possessive, hyphen", "Hamadán’s air-base is hit", "H"),
    ("a demonym is another word", "Hamadanis rejoice / An airbase museum opens in Tehran", "-"),
    ("a fuzzy twin", "Ramadan dinner at Ramstein Air Base", "-"),
    ("a shouted title", "HAMADAN AIRBASE HIT", "H"),
    ("a no-break space", "Hamadan\u00a0airbase closed", "H"),
    ("a soft hyphen", "Hama\u00addan airbase closed", "H"),
    ("another event beside", "Earthquake cracks runway of Hamadan airbase", "H"),
    ("a person", "Hamdan opens an air base", "-"),
    ("a Persian person", "حمدان در پایگاه هوایی", "-"),
    ("Chinese", "哈马丹空军基地传出爆炸声", "H"),
    ("a cut word", "Air base near Hamad…", "-"),
    ("a percentage up", "TTF gas prices climb 8% to EUR 35/MWh", "G"),
    ("a percentage down", "Gas futures lose as much as 7.2 percent", "G"),
    ("the pump", "Gas prices drop 4% to $3.10 a gallon, motorists say", "-"),
    (
        "a mask beside the real thing",
        "Police use tear gas / A crowd protests as gas prices are up 30% this year",
        "G",
    ),
    ("a mask alone", "Police use tear gas while inflation rises 30%", "-"),
    ("a station", "Gas station thefts up 12% in the county", "-"),
    ("inside a word", "Gaslighting jumps 1,740% among searches", "-"),
    ("inside a name", "Las Vegas room rates rise 9%", "-"),
    ("a level", "Natural gas: caverns are 98% full", "-"),
    ("a quantity, left to the list", "Natural gas consumption down 5.3%", "G"),
    ("a jolt without a number", "Henry Hub plunges below $2", "G"),
    ("Russian", "Цены на газ в Европе выросли на 8%", "G"),
    ("Persian, the verb last", "قیمت گاز ۸ درصد افزایش یافت", "G"),
    ("German", "Gaspreise steigen um 8,5 Prozent", "G"),
    ("a denied move", "Gas prices have not climbed 10%, says ministry", "-"),
    ("an emission", "Greenhouse gas output fell 4%", "-"),
    ("no move", "LNG carrier gets its name", "-"),
    ("letters of fonts", "ttf fonts load 20% faster, up from last year", "-"),
    ("a sentence border", "Oil and gas. Wheat prices rose 9%", "-"),
    ("a planet", "Gas giant is 3% brighter, up a little", "-"),
    ("a number of inflation", "Inflation of 8% pushes gas bills up", "-"),
    ("two moves", "TTF gained 15% in a week, fell 9% on Friday", "G"),
    ("a range", "LNG faces an 8-12% rise", "G"),
    ("a tax", "The gas tax is cut by 5%", "-"),
    ("a score", "German 2-0 win over Russia, Iran delivers praise", "-"),
]


@pytest.mark.parametrize(("item", "wanted"), [pytest.param(t, w, id=name) for name, t, w in CASES])
def test_each_list_decides_as_its_author_wishes(matcher: Matcher, item: str, wanted: str) -> None:
    """Exactly the wanted list fires."""
    title, _, text = item.partition(" / ")
    assert "".join(match.watchlist for match in matcher.match(title, text)).upper() == wanted.strip(
        "-"
    )


@pytest.mark.parametrize(
    ("item", "group", "surface"),
    [
        pytest.param("Hamadán’s air-base is hit", "place", "Hamadán", id="without the possessive"),
        pytest.param(
            "Hama\u00addan airbase closed", "place", "Hama\u00addan", id="with the soft hyphen"
        ),
        pytest.param("TTF gained 15% in a week, fell 9% on Friday", "gas", "fell 9%", id="a move"),
        pytest.param(
            "ارسال پهپاد\u200cهای ايران به روسيه",
            "drone",
            "پهپاد\u200cهای",
            id="with the non-joiner",
        ),
    ],
)
def test_evidence_is_what_the_reader_sees(
    matcher: Matcher, item: str, group: str, surface: str
) -> None:
    """The surface stands in the item letter by letter."""
    (found,) = matcher.match(item, "")
    shown = [each for each in found.evidence if each.group == group and each.text == surface]
    assert shown
    assert item[shown[0].start : shown[0].end] == surface
