"""Other spellings of a name: as other alphabets write it, and as an archive wrote it. Pure.

A Latin name is spelt in Cyrillic, Arabic and Persian letters by a table, and any name is read back
into Latin, so that spellings of one name can be compared. A table guesses: what it proposes is to
be seen in the archive before it enters a list.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from rapidfuzz.distance import OSA

from monitor.text import fold

NEAR = 0.25  # of the letters may differ
MIN_LETTERS = 4
MAX_WORDS = 300_000  # capitalised words that are counted
_WORD = re.compile(r"[^\W\d_]+(?:[-'’\u200c][^\W\d_]+)*")
_PAIRS = ("sh", "ch", "zh", "kh", "gh", "ts", "ya", "yu", "th", "ph", "ou")
_CYRILLIC = {
    "a": "а", "b": "б", "c": "к", "d": "д", "e": "е э", "f": "ф", "g": "г", "h": "х г", "i": "и",
    "j": "дж ж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р",
    "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "кс", "y": "и й", "z": "з", "sh": "ш",
    "ch": "ч", "zh": "ж", "kh": "х", "gh": "г", "ts": "ц", "ya": "я", "yu": "ю", "th": "т",
    "ph": "ф", "ou": "у",
}  # fmt: skip
_PERSIAN = {
    "a": "ا _", "b": "ب", "c": "ک", "d": "د", "e": "_ ی", "f": "ف", "g": "گ", "h": "ه ح", "i": "ی",
    "j": "ج", "k": "ک", "l": "ل", "m": "م", "n": "ن", "o": "و", "p": "پ", "q": "ق", "r": "ر",
    "s": "س", "t": "ت ط", "u": "و", "v": "و", "w": "و", "x": "کس", "y": "ی", "z": "ز", "sh": "ش",
    "ch": "چ", "zh": "ژ", "kh": "خ", "gh": "غ ق", "ts": "تس", "ya": "یا", "yu": "یو", "th": "ث",
    "ph": "ف", "ou": "و",
}  # fmt: skip
#: Arabic has no p, g, ch, zh; the rest is as in Persian.
_ARABIC = _PERSIAN | {"p": "ب", "g": "غ ج", "c": "ك", "k": "ك", "ch": "تش", "zh": "ج", "v": "ف",
                      "i": "ي", "y": "ي", "ya": "يا", "yu": "يو", "e": "_ ي",
                      "x": "كس"}  # fmt: skip
_BACK_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "e",
    "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ы": "y", "э": "e", "ю": "yu", "я": "ya",
    "ь": "", "ъ": "",
}  # fmt: skip
_BACK_ARABIC = {
    "ا": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "th", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh",
    "د": "d", "ذ": "z", "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "z",
    "ط": "t", "ظ": "z", "ع": "", "غ": "gh", "ف": "f", "ق": "q", "ک": "k", "گ": "g", "ل": "l",
    "م": "m", "ن": "n", "و": "v", "ه": "h", "ی": "i", "ء": "", "ئ": "", "ؤ": "", "آ": "a",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word that may be the name: why, in how many items it was seen, and one of them."""

    text: str
    why: str
    items: int
    sample: str = ""


def guesses(name: str) -> tuple[tuple[str, str], ...]:
    """Return spellings of a Latin name by the tables, as (script, spelling); none for others."""
    plain = fold(name)
    if not plain.isascii() or not plain.replace(" ", "").replace("-", "").isalpha():
        return ()
    found = []
    for script, table in (("Cyrillic", _CYRILLIC), ("Persian", _PERSIAN), ("Arabic", _ARABIC)):
        for spelling in _spelt(plain, table):
            shown = spelling.title() if script == "Cyrillic" else spelling
            found.append((script, shown))
    return tuple(dict.fromkeys(found))


def _spelt(plain: str, table: dict[str, str]) -> Iterator[str]:
    """Yield spellings, the likeliest first: where a letter has two, both are tried, few at once."""
    choices = [table.get(part, part).split(" ") if part != " " else [" "] for part in _parts(plain)]
    free = [at for at, one in enumerate(choices) if len(one) > 1][:6]
    for count, picks in enumerate(product(*(range(len(choices[at])) for at in free))):
        if count >= 1 << 6:
            return
        chosen = dict(zip(free, picks, strict=True))
        if sum(map(bool, picks)) > 2:
            continue
        word = "".join(one[chosen.get(at, 0)] for at, one in enumerate(choices))
        yield word.replace("_", "")


def _parts(plain: str) -> Iterator[str]:
    at = 0
    while at < len(plain):
        size = 2 if plain[at : at + 2] in _PAIRS else 1
        yield plain[at : at + size]
        at += size


def latin(word: str) -> str:
    """Return a word of Cyrillic or Arabic letters in Latin ones; Latin words are only folded."""
    folded = fold(word.replace("\u200c", ""))
    folded = folded.removeprefix("ال")
    return "".join(
        _BACK_CYRILLIC.get(c, _BACK_ARABIC.get(c, c)) for c in folded if c.isalpha() or c == " "
    )


def _bones(word: str) -> str:
    """Return the consonants of a Latin word; Arabic leaves vowels out."""
    plain = latin(word).replace("kh", "h").replace("gh", "g").replace("q", "k").replace("w", "v")
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouy]", "", plain))


class SpellingCount:
    """Looks for spellings of one name, and for names beside it, item by item."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._folds = {fold(name) for name in names}
        self._latin = {latin(name) for name in names if " " not in name}
        self._bones = {_bones(name) for name in self._latin}
        self._guessed = {fold(text) for name in names for _, text in guesses(name)} - self._folds
        self._seen: dict[str, str | None] = {}
        self._near: Counter[str] = Counter()
        self._beside: Counter[str] = Counter()
        self._all: Counter[str] = Counter()  #: capitalised words, whether the name is near or not
        self._samples: dict[str, str] = {}
        self._written: dict[str, Counter[str]] = defaultdict(Counter)

    def see(self, title: str, text: str) -> None:
        """Count an item."""
        words = {word: fold(word) for word in _WORD.findall(f"{title} {text[:2_000]}")}
        hit = any(folded in self._folds for folded in words.values())
        for word, folded in words.items():
            if folded in self._folds:
                continue
            why = self._seen[folded] if folded in self._seen else self._judge(word, folded)
            if why:
                self._count(self._near, word, folded, title)
            elif word[:1].isupper() and len(word) >= MIN_LETTERS:
                if len(self._all) < MAX_WORDS or folded in self._all:
                    self._all[folded] += 1
                if hit:
                    self._count(self._beside, word, folded, title)

    def _count(self, counter: Counter[str], word: str, folded: str, title: str) -> None:
        counter[folded] += 1
        self._written[folded][word] += 1
        self._samples.setdefault(folded, title[:120])

    def _judge(self, word: str, folded: str) -> str | None:
        """Tell why a word may be the name; remembered by its folded form."""
        if len(self._seen) > 500_000:
            self._seen.clear()
        why = None
        if folded in self._guessed:
            why = "by the table"
        elif len(folded) >= MIN_LETTERS:
            why = self._likeness(word, latin(word))
        self._seen[folded] = why
        return why

    def _likeness(self, word: str, spelt: str) -> str | None:
        foreign = not fold(word).isascii()
        for name in self._latin:
            size = max(len(name), len(spelt))
            if len(name) < MIN_LETTERS or abs(len(name) - len(spelt)) > NEAR * size + 2 * foreign:
                continue
            if spelt[:1] != name[:1] and not (spelt[:1] in "hgk" and name[:1] in "hgk"):
                continue
            allowed = max(1, int(NEAR * size))
            if OSA.distance(name, spelt, score_cutoff=allowed) <= allowed:
                return f"{OSA.distance(name, spelt)} letters from {name}"
            if foreign and len(_bones(word)) > 2 and _bones(word) in self._bones:
                return f"the consonants of {name}"
        return None

    def near(self, limit: int = 20) -> tuple[Spelling, ...]:
        """Return near spellings, the most frequent first."""
        return tuple(self._spelling(one, self._seen[one] or "", self._near) for one, _ in self._near.most_common(limit) if one in self._seen)  # fmt: skip  # noqa: E501

    def beside(self, limit: int = 15) -> tuple[Spelling, ...]:
        """Return capitalised words of the items that hold the name, those that belong to it first.

        A word belongs to it by its count there, times the share of its items that hold the name.
        """
        weight = {
            one: count * count / self._all[one]
            for one, count in self._beside.items()
            if self._all[one]
        }
        rows = sorted(weight, key=lambda one: (-weight[one], one))[:limit]
        return tuple(self._spelling(one, "beside the name", self._beside) for one in rows)

    def _spelling(self, folded: str, why: str, counter: Counter[str]) -> Spelling:
        shown = self._written[folded].most_common(1)[0][0]
        return Spelling(shown, why, counter[folded], self._samples[folded])
