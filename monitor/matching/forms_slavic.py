"""Forms of Russian, Ukrainian and Polish words by their endings; lower case in, lower case out.

Each table reads: a word with this ending may swap it for any of these. The first ending that fits
decides. Rules cover nouns and adjectives of every gender, and the common verb endings.
"""

from __future__ import annotations

Rules = tuple[
    tuple[tuple[str, ...], int, str], ...
]  # endings, letters to cut, new endings; _ = none

_SIBILANT_VELAR = "гкхжшщч"
_RU_ADJECTIVE = "ый ого ому ым ом ая ой ую ою ое ые ых ыми"
_RU_SOFT = "ий его ему им ем яя ей юю ее ие их ими ого ому ом ая ой ую ое"

_RU: Rules = (
    (("ся", "сь"), 0, ""),
    (("овать", "евать"), 5, "овал овала овало овали ует уют уя овав уем евал евала евали"),
    (("ать", "ять"), 2, "л ла ло ли ет ют в вший вшие ется ются лся лась лись н на но ны"),
    (
        ("ить",),
        3,
        "ил ила ило или ит ят ат ив ится ятся ился илась ились лен ена ены ено лена лены",
    ),
    (("еть", "уть", "оть"), 2, "л ла ло ли ет в лся лась лись"),
    (("ый", "ые", "ая", "ое", "ых"), 2, _RU_ADJECTIVE),
    (("кий", "гий", "хий", "кие", "кая", "кое"), 2, "ий ого ому им ом ая ой ую ое ие их ими"),
    (("жий", "ший", "щий", "чий", "ние"), 2, _RU_SOFT + " ия ию ий ием ии иям иями иях"),
    (("ий", "ие", "ия"), 2, _RU_SOFT + " ий ия ию ием ии иям иями иях ию ией"),
    (("ой",), 2, _RU_ADJECTIVE + " ие их ими"),
    (("ай", "ей", "уй", "эй", "яй", "юй"), 1, "я ю ем е и ев ям ями ях й"),
    (("ка",), 2, "ки ке ку кой кою ок ек кам ками ках"),
    (("а",), 1, "ы и е у ой ою ей ам ами ах _"),
    (("я",), 1, "и е ю ей ею ь й ям ями ях ой"),
    (("ь",), 1, "и ью я ю ем ём е ей ям ями ях ею"),
    (("о",), 1, "а у ом е _ ам ами ах"),
    (("е",), 1, "а я у ю ом ем и ь й ей ам ям ами ями ах ях"),
    (("ы",), 1, "_ ов ам ами ах а"),
    (("ки", "ги", "хи", "жи", "ши", "щи", "чи"), 1, "_ ов ей ам ами ах"),
    (("ец",), 2, "ца цу цем цом це цы цев цов цам цами цах"),
    (("ок", "ёк", "ек"), 0, "а у ом е и ов ам ами ах"),
    (("ов", "ев", "ин", "ын"), 0, "а у ым ом е ы ых ыми ой"),
    (tuple(_SIBILANT_VELAR), 0, "а у ом ем е и ей ов ам ами ах"),
    (("ц",), 0, "а у ем ом е ы ев ам ами ах"),
    (tuple("бвдзлмнпрстф"), 0, "а у ом е ы ов ам ами ах"),
)

_UK_ADJECTIVE = "ий ого ому им ім а ої ій у ою е і их ими"
_UK: Rules = (
    (("ння", "ття"), 1, "я ю ям і ь ями ях"),
    (("ати", "яти"), 2, "в ла ло ли є ють вши но то"),
    (("ити", "іти"), 3, "ив ила ило или ить ять"),
    (("ий", "ій"), 2, _UK_ADJECTIVE + " єго єму ім ьої ьою"),
    (("ія",), 1, "ї ю єю й ям ями ях"),
    (("їв",), 2, "єва єву євом єві"),
    (("ів",), 2, "ова ову овом ові ева еву евом еві ів"),
    (("ка",), 2, "ки ку кою ці ок ек кам ками ках"),
    (("га", "ха"), 1, "и у ою _ ам ами ах"),
    (("а",), 1, "и і у ою ею _ ам ами ах ів"),
    (("я",), 1, "і ю ею єю ь й ям ями ях"),
    (("ь",), 1, "і ю я ем єм еві єві ей ям ями ях ів"),
    (("о",), 1, "а у ом і ові _ ам ами ах"),
    (("е",), 1, "я ю ем і ь ям ями ях"),
    (("и", "і"), 1, "_ ів ей ам ам ами ах"),
    (("ець",), 3, "ця цю цем цеві ці ців цям цями цях"),
    (("ок",), 2, "ку ка ком кові ки ків кам ками ках"),
    (("й",), 1, "я ю єм єві ї їв ям ями ях"),
    (tuple("бвгґджзклмнпрстфхцчшщ"), 0, "а у ом ем ові еві і и ів ам ами ах"),
)

_PL: Rules = (
    (("ość",), 1, "ci cią"),
    (("nie", "cie"), 1, "a u em om ami ach ń"),
    (("ować",), 4, "ował owała owało owali uje ują ując owano owany"),
    (("ać",), 1, "ł ła ło li ją je no ny na ne"),
    (("ić", "yć"), 1, "ł ła ło li"),
    (("ski", "cki", "gi", "ki"), 1, "iego iemu im ich imi a iej ą ie"),
    (("ska", "cka"), 1, "iego iemu im ich imi i iej ą ie"),
    (("ny", "wy", "ły", "ty", "ry", "my", "dy"), 1, "ego emu ym a ej ą e ych ymi i"),
    (("na", "wa"), 1, "y ą ę o ie ego emu ym ej e ych ymi _ om ami ach"),
    (("ia",), 1, "i ę ą o om ami ach"),
    (("ja",), 1, "i ę ą o om ami ach"),
    (("ka",), 2, "ki ce kę ką ko ek kom kami kach"),
    (("ga",), 2, "gi dze gę gą go g gom gami gach"),
    (("ta",), 2, "ty cie tę tą t tom tami tach"),
    (("da",), 2, "dy dzie dę dą d dom dami dach"),
    (("ra",), 2, "ry rze rę rą r rom rami rach"),
    (("ła",), 2, "ły le łę łą ł łom łami łach"),
    (("a",), 1, "y i ę ą o e ie om ami ach _"),
    (("um",), 2, "a ów om ami ach"),
    (("o",), 1, "a u em ie om ami ach _"),
    (("e",), 1, "a u em om ami ach y i _"),
    (("ek",), 2, "ku ka kiem kowi ki ków kom kami kach"),
    (("iec",), 3, "ca cu cem cowi ce cy ców com cami cach ńca ńcu ńcem ńcy ńców"),
    (("y", "i"), 1, "_ ów om ami ach"),
    (("t",), 1, "ta tu towi tem cie ty tów tom tami tach ci"),
    (("d",), 1, "da du dowi dem dzie dy dów dom dami dach dzi"),
    (("r",), 1, "ra ru rowi rem rze ry rów rom rami rach rzy"),
    (("ł",), 1, "ła łu łowi łem le ły łów łom łami łach"),
    (("k", "g"), 0, "a u owi iem i ów om ami ach"),
    (("ń", "ć", "ś", "ź"), 0, ""),
    (("c", "j", "l", "z"), 0, "a u owi em e i y ów om ami ach ie"),
    (tuple("bfmnpswh"), 0, "a u owi em ie y i e ów om ami ach"),
)

_PL_SOFT = {"ń": "ni", "ć": "ci", "ś": "si", "ź": "zi"}
_PREPOSITIONS = frozenset(
    "в во на с со к ко о об у и или из от до за для при над под по не з із та й від w na z ze do "
    "od i za o u we nad pod dla przy".split()
)


def russian(word: str) -> set[str]:
    return _swap(word.lower(), _RU)


def ukrainian(word: str) -> set[str]:
    return _swap(word.lower(), _UK)


def polish(word: str) -> set[str]:
    """Soft consonants are written with i before a vowel: Gierań, Gierani, Gierania."""
    plain = word.lower()
    if plain[-1:] in _PL_SOFT and not plain.endswith("ość"):
        stem = plain[:-1] + _PL_SOFT[plain[-1]]
        return {
            stem + ending for ending in ("", "a", "u", "em", "e", "ą", "om", "ami", "ach", "ów")
        }
    return _swap(plain, _PL)


def _swap(word: str, rules: Rules) -> set[str]:
    if len(word) < 3 or word in _PREPOSITIONS:
        return set()
    for endings, cut, replacements in rules:
        if word.endswith(endings):
            stem = word[: len(word) - cut]
            return {stem + ending.replace("_", "") for ending in replacements.split()} - {word}
    return set()
