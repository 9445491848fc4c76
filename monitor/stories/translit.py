"""Write a name of any alphabet as its Latin consonants, so that spellings of one name meet.

Скарвой, Skarvoy and سكارفوي all become ``skrf``. Vowels and half vowels go, since Arabic leaves
them out and languages disagree on them; sounds that transliterations mix up (v/w/f, k/q, s/z of
endings aside) become one letter. What remains is cut to four letters, behind which inflection
begins. Short results meet by chance: callers weigh them by length. Never decides.
"""

from __future__ import annotations

from functools import lru_cache

from monitor.text import fold

#: Letters kept of a skeleton; endings of case come later.
LENGTH = 4
_DIGRAPHS = (
    ("sch", "x"), ("shch", "x"), ("tsch", "c"), ("sh", "x"), ("ch", "h"), ("kh", "h"), ("gh", "g"),
    ("zh", "x"), ("sz", "x"), ("cz", "c"), ("rz", "x"), ("ph", "f"), ("th", "t"), ("dh", "d"),
    ("ck", "k"), ("qu", "k"), ("ts", "c"), ("tz", "c"), ("dż", "x"), ("dj", "x"),
)  # fmt: skip
_LATIN = str.maketrans(
    {"v": "f", "w": "f", "q": "k", "j": "", "y": "", "h": "h", "ł": "l", "ø": "", "đ": "d",
     "ß": "s", "þ": "t", "æ": "", "œ": "", "ı": "", "z": "s"}
)  # fmt: skip
_FROM_CYRILLIC = str.maketrans(
    {"б": "b", "в": "f", "г": "g", "ґ": "g", "д": "d", "ж": "x", "з": "s", "к": "k", "л": "l",
     "м": "m", "н": "n", "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "h", "ц": "c",
     "ч": "c", "ш": "x", "щ": "x", "ђ": "x", "ј": "", "љ": "l", "њ": "n", "ћ": "c", "џ": "x"}
)  # fmt: skip
_FROM_ARABIC = str.maketrans(
    {"ب": "b", "پ": "p", "ت": "t", "ث": "t", "ج": "x", "چ": "c", "ح": "h", "خ": "h", "د": "d",
     "ذ": "s", "ر": "r", "ز": "s", "ژ": "x", "س": "s", "ش": "x", "ص": "s", "ض": "d", "ط": "t",
     "ظ": "s", "غ": "g", "ف": "f", "ق": "k", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
     "و": "", "ه": "h", "ی": "", "ڤ": "f", "ع": "", "ا": "", "ء": ""}
)  # fmt: skip
_VOWELS = frozenset("aeiouy")


@lru_cache(1 << 15)
def skeleton(word: str) -> str:
    """Return at most four consonants of ``word``; "" where nothing comparable remains."""
    plain = fold(word)
    if not plain.isalpha():
        return ""
    if plain.isascii() or plain[0] < "\u0370":
        return _squeeze(_latin(plain))
    if plain[0] < "\u0530":
        return _squeeze(plain.translate(_FROM_CYRILLIC))
    return _squeeze(_arabic(plain)) if "\u0600" <= plain[0] < "\u0780" else ""


def _latin(word: str) -> str:
    for pair, letter in _DIGRAPHS:
        word = word.replace(pair, letter)
    hard = word.replace("ce", "se").replace("ci", "si").replace("cy", "sy").replace("ge", "xe")
    return "".join(c for c in hard.translate(_LATIN) if c not in _VOWELS)


def _arabic(word: str) -> str:
    if word.startswith("ال") and len(word) > 4:
        word = word[2:]
    return word.translate(_FROM_ARABIC)


def _squeeze(letters: str) -> str:
    """Drop what is no Latin consonant and every doubled letter; cut."""
    kept: list[str] = []
    for letter in letters:
        if "a" <= letter <= "z" and (not kept or kept[-1] != letter):
            kept.append(letter)
    word = "".join(kept)
    # A final h is mute in half of the spellings: Nojeh, Noje.
    return (word[:-1] if len(word) > 2 and word.endswith("h") else word)[:LENGTH]
