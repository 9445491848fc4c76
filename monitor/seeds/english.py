"""English words of a seed: sentences, tokens, and a key in which the forms of a word meet.

The key is no dictionary form: ``supplies``, ``supplied`` and ``supply`` only share it. Words in
capitals keep their letters, so that "US" is never "us". Never decides what a word means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}|[^\W\d_]+(?:[-’'][^\W\d_]+)*(?:-\d+\w*)?|\d+(?:[.,]\d+)*(?:%|\w+)?"
)
_END = re.compile(r"[.!?…]+[\"”’')\]]*\s+(?=[“\"'(\[]?[A-Z\d])")
_NO_END = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Col|St|No|vs|Inc|Ltd|Co|Prof|Sen|Rep)|\b[A-Z])\.\Z")

STOPWORDS = frozenset(
    """
    a about above according across after again against ago all almost already also although always
    am among amid an and another any are aren't around as at away back be because been before
    being below better between both but by came can cannot could did do does doing done down due
    during each either else even ever every far few first following for former from further get
    gets got had has have having he her here hers him his how however i if in including instead
    into is it its itself just kind last lately later least less let like likely likewise made
    mainly make makes making many may me might more moreover most mostly much must my near nearly
    necessary neither never next no none nor not now of off often on once one only onto or other
    others our out over own part parts per perhaps possible probably quite rather really recently
    respectively said same say saying says seem seems seen set several shall she should since so
    some someone something soon still such take taken taking than that the their theirs them then
    there therefore these they this those though through thus time times to together too toward
    towards two three under until up upon us use used using very via was way ways we well went
    were what when where whether which while who whom whose why will with within without would
    year years yet you your example instance addition conclusion hand fact order day month week
    today yesterday last-minute
    """.split()
)
_IRREGULAR = {
    form: base
    for base, forms in {
        "sell": "sold", "buy": "bought", "send": "sent", "give": "gave given", "take": "took taken",
        "build": "built", "make": "made", "fly": "flew flown", "rise": "rose risen",
        "fall": "fell fallen", "strike": "struck", "hold": "held", "pay": "paid", "lose": "lost",
        "win": "won", "find": "found", "leave": "left", "seek": "sought", "break": "broke broken",
        "withdraw": "withdrew withdrawn", "see": "saw", "shoot": "shot", "sink": "sank sunk",
        "grow": "grew grown", "forbid": "forbade forbidden", "dig": "dug", "lend": "lent",
        "drive": "drove driven", "draw": "drew drawn", "say": "said", "tell": "told",
    }.items()
    for form in forms.split()
}  # fmt: skip

#: Of Arabic names: "Bab el-Mandeb".
_ARTICLES = frozenset(["al-", "el-", "an-", "as-", "ad-", "ar-"])
#: Without their e these would be other words: planes, plans.
_KEEP_E = frozenset("plane site rate bare cane care wine pine".split())


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a passage."""

    surface: str
    key: str
    start: int  #: character in the passage
    passage: int  #: index of the passage, from 0
    sentence: int  #: counts through the whole article
    first: bool  #: opens its sentence

    @property
    def capital(self) -> bool:
        tail = self.surface.partition("-")[2]
        return self.surface[0].isupper() or (self.surface[:3] in _ARTICLES and tail[:1].isupper())

    @property
    def stop(self) -> bool:
        return self.surface.lower() in STOPWORDS and not is_acronym(self.surface)


def is_acronym(word: str) -> bool:
    """Tell whether a word is short and in capitals, as US, UAVs or S-300 are."""
    letters = word.replace(".", "").removesuffix("s")
    return 2 <= len(letters) <= 6 and letters.isupper() and letters.isalpha()


@lru_cache(1 << 14)
def key_of(word: str) -> str:
    """Return what the forms of an English word share."""
    word = word.replace("’", "'")
    word = word[:-2] if word.endswith(("'s", "'S")) else word.rstrip("'")
    if is_acronym(word):
        return word.replace(".", "").removesuffix("s")
    word = word.lower()
    word = _IRREGULAR.get(word, word)
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]
    return _without_ending(word)


def _without_ending(word: str) -> str:
    for ending in ("ing", "ied", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending == "ied" else "")
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") and word not in _KEEP_E else word


@lru_cache(1 << 13)
def keys_of(phrase: str) -> tuple[str, ...]:
    """Return the keys of the words of a phrase."""
    return tuple(key_of(found) for found in _TOKEN.findall(phrase))


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a passage with their first character."""
    start = 0
    for found in _END.finditer(text):
        if _NO_END.search(text[start : found.start() + 1]):
            continue
        yield start, text[start : found.end()]
        start = found.end()
    if text[start:].strip():
        yield start, text[start:]


def read_tokens(texts: Sequence[str]) -> list[list[Token]]:
    """Return the tokens of each sentence of all passages."""
    found: list[list[Token]] = []
    for passage, text in enumerate(texts):
        for start, sentence in sentences(text):
            number = len(found)
            found.append(
                [
                    Token(one[0], key_of(one[0]), start + one.start(), passage, number, index == 0)
                    for index, one in enumerate(_TOKEN.finditer(sentence))
                ]
            )
    return found


#: Share of function words below which a text is hardly English; news has 0.4 to 0.5.
ENGLISH_SHARE = 0.2


def looks_english(texts: Sequence[str]) -> bool:
    """Tell by the share of function words whether the texts are English."""
    words = [word.lower() for text in texts for word in _TOKEN.findall(text)[:2_000]]
    return bool(words) and sum(word in STOPWORDS for word in words) >= ENGLISH_SHARE * len(words)


def singular(surface: str) -> str:
    """Return a word without its English plural; forms bring it back; "UAVs" is UAV."""
    head, _, last = surface.rpartition(" ")
    if last.endswith("s") and not last.endswith(("ss", "us", "is")) and len(last) > 3:
        last = last[:-3] + "y" if last.endswith("ies") else last[:-1]
    return f"{head} {last}".strip()
