"""Tables of letters: what folds to what, what cannot be seen, which full stops end no sentence."""

from __future__ import annotations

#: Invisible inside a word: soft hyphen, zero-width space and joiners, byte order mark, bidi marks.
TRANSPARENT = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff"
)
ZWNJ = "\u200c"

#: Marks that may be left out in writing. Vowel signs of Indic scripts are not among them.
_MARKS = (
    (0x0300, 0x036F),
    (0x0483, 0x0487),
    (0x0591, 0x05BD),
    (0x05BF, 0x05C7),
    (0x0610, 0x061A),
    (0x0640, 0x0640),  # tatweel
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x093C, 0x093C),  # nukta: गैज़ and गैज are both in print
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
)

#: Applied after NFKD and casefold: letters without a decomposition, and Arabic-script variants.
_LETTERS = {
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "þ": "th",
    "ي": "ی",
    "ى": "ی",
    "ې": "ی",
    "ك": "ک",
    "ڪ": "ک",
    "ة": "ه",
    "ۀ": "ه",
    "ہ": "ه",
    "ۂ": "ه",
    "ھ": "ه",
    "ۃ": "ه",
    "ە": "ه",
    "ٱ": "ا",
}

FOLDS: dict[int, str | None] = {
    **{code: None for first, last in _MARKS for code in range(first, last + 1)},
    **dict.fromkeys(map(ord, TRANSPARENT)),
    **{ord(letter): folded for letter, folded in _LETTERS.items()},
}

#: Written as here, with a full stop behind: the sentence goes on. "No." is one, "no." is not.
ABBREVIATIONS = frozenset(
    "Mr Mrs Ms Mx Dr Prof Gen Lt Col Sgt Cpl Capt Maj Brig Cmdr Adm Gov Sen Rep Pres Rev Hon St "
    "Ste Mt Ft No Nos vs cf al Inc Ltd Co Corp Bros Jr Sr Jan Feb Mar Apr Jun Jul Aug Sep Sept "
    "Oct Nov Dec Mon Tue Wed Thu Fri approx Fig Art "
    "г гг ул им тыс млн млрд трлн руб долл коп стр обл просп акад проф ген полк кв ст см др "
    "грн м-р "
    "Nr Mio Mrd bzw ca Hr Fr Str usw inkl zzgl "
    "tys mln mld im gen prof ul np tzn tzw godz płk dr".split()
)
