"""Write out the inflected forms of a term when it is compiled, never while a text is read.

Rules are generous: a form that no one writes costs nothing, a missing one costs an item. They are
kept from making frequent words of another meaning (``BLOCKED``). Each language touches only words
of its own script. Returns folded words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from monitor.matching.forms_semitic import arabic, persian
from monitor.matching.forms_slavic import polish, russian, ukrainian
from monitor.matching.tokens import fold

LANGUAGES = ("en", "ru", "pl", "uk", "de", "fa", "ar", "none")

_LATIN = re.compile(r"[a-z\u00df-\u024f]+\Z", re.IGNORECASE)
_CYRILLIC = re.compile(r"[\u0400-\u052f]+\Z")
_ARABIC = re.compile(r"[\u0600-\u06ff]+\Z")
_VOWELS = "aeiou"

_PARTICLES = frozenset("up down over out off on in away back for to into with through".split())
_BLOCKED = frozenset(
    "according based being during evening following having interesting morning news outing "
    "something stated thing united leading".split()
)
_IRREGULAR_NOUNS = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "persons people",
    "foot": "feet",
    "aircraft": "",
    "series": "",
    "personnel": "",
    "knife": "knives",
    "half": "halves",
    "medium": "media",
}
_IRREGULAR_VERBS = {
    "sell": "sold",
    "buy": "bought",
    "send": "sent",
    "build": "built",
    "make": "made",
    "give": "gave given",
    "take": "took taken",
    "get": "got gotten",
    "bring": "brought",
    "fly": "flew flown",
    "rise": "rose risen",
    "fall": "fell fallen",
    "sink": "sank sunk",
    "strike": "struck stricken",
    "shoot": "shot",
    "hit": "hit",
    "cut": "cut",
    "put": "put",
    "set": "set",
    "shed": "shed",
    "hold": "held",
    "lead": "led",
    "meet": "met",
    "pay": "paid",
    "say": "said",
    "tell": "told",
    "lose": "lost",
    "win": "won",
    "find": "found",
    "leave": "left",
    "keep": "kept",
    "begin": "began begun",
    "bid": "bid",
    "deal": "dealt",
    "lend": "lent",
    "spend": "spent",
    "see": "saw seen",
    "show": "shown",
    "grow": "grew grown",
    "draw": "drew drawn",
    "withdraw": "withdrew withdrawn",
    "drive": "drove driven",
    "break": "broke broken",
    "seek": "sought",
    "teach": "taught",
    "think": "thought",
    "write": "wrote written",
    "come": "came",
    "become": "became",
    "go": "went gone",
    "run": "ran",
    "freeze": "froze frozen",
    "steal": "stole stolen",
    "undergo": "underwent undergone",
    "blow": "blew blown",
    "arise": "arose arisen",
    "lay": "laid",
    "train": "trained",
}


def forms(words: Sequence[str], languages: Iterable[str]) -> list[frozenset[str]]:
    """Return for each word of a term the folded forms that may stand in its place."""
    found: list[set[str]] = [set() for _ in words]
    for language in languages:
        rule = _RULES.get(language)
        if rule is None:
            continue
        script, inflect = rule
        for index, word in enumerate(words):
            if script.match(word):
                found[index] |= inflect(words, index)
    return [_folded([form for form in forms_ if len(form) > 1]) for forms_ in found]


def _folded(words: list[str]) -> frozenset[str]:
    """Fold words in one go: what folding does to a word ends at the line."""
    return frozenset(fold("\n".join(words)).split("\n")) if words else frozenset()


def _english(words: Sequence[str], index: int) -> set[str]:
    word, last = words[index], len(words) - 1
    if len(word) < 3:
        return set()
    plain = word.lower()
    phrasal = last > 0 and words[last].lower() in _PARTICLES
    found: set[str] = set()
    if index == last and not phrasal:
        found |= _plurals(plain)
    is_noun = plain in _IRREGULAR_NOUNS or plain.endswith("man")
    if word.islower() and not is_noun and (last == 0 or (phrasal and index == 0)):
        found |= _verb_forms(plain)
    return found - _BLOCKED


def _plurals(word: str) -> set[str]:
    if word in _IRREGULAR_NOUNS:
        return set(_IRREGULAR_NOUNS[word].split())
    return {_with_s(word)} | ({word[:-3] + "men"} if word.endswith("man") else set())


def _with_s(word: str) -> str:
    if word.endswith("is") and len(word) > 4:
        return word[:-2] + "es"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _verb_forms(word: str) -> set[str]:
    found = {_with_s(word), *_IRREGULAR_VERBS.get(word, "").split()}
    stem = word[:-1] if word.endswith("e") and not word.endswith("ee") else word
    found.add(stem + "ing")
    if word not in _IRREGULAR_VERBS:
        found.add(stem[:-1] + "ied" if _consonant_y(word) else stem + "ed")
    if _may_double(word):
        found |= {word + word[-1] + "ing", word + word[-1] + "ed"}
    return found


def _consonant_y(word: str) -> bool:
    return word.endswith("y") and word[-2] not in _VOWELS


def _may_double(word: str) -> bool:
    """Tell consonant-vowel-consonant: which of "transferred", "delivered" is right needs stress."""
    return (
        len(word) > 2
        and word[-1] not in _VOWELS + "wxyh"
        and word[-2] in _VOWELS
        and word[-3] not in _VOWELS
    )


def _german(words: Sequence[str], index: int) -> set[str]:
    word = words[index]
    if len(word) < 3:
        return set()
    if word[0].isupper():
        return _german_noun(word.lower())
    return _german_verb(word) | {word + ending for ending in ("e", "en", "er", "es", "em")}


def _german_noun(word: str) -> set[str]:
    found = {word + ending for ending in ("s", "es", "e", "en", "er", "ern")}
    if word.endswith("e"):
        found = {word + "n", word + "s", word + "r", word + "m"}
    if word.endswith("in"):
        found |= {word + "nen"}
    if word.endswith("nis"):
        found |= {word + "se", word + "sen", word + "ses"}
    if word.endswith(("el", "er")):
        found |= {word + "n", word + "s"}
    return found


def _german_verb(word: str) -> set[str]:
    if not word.endswith("n") or len(word) < 5:
        return set()
    stem = word[:-2] if word.endswith("en") else word[:-1]
    link = "e" if stem.endswith(("t", "d")) else ""
    past = {stem + link + ending for ending in ("t", "te", "ten", "st", "tet")}
    return past | {stem + "e", "ge" + stem + link + "t", "ge" + word, stem + "end", stem + "ung"}


def _each(rule: Callable[[str], set[str]]) -> Callable[[Sequence[str], int], set[str]]:
    return lambda words, index: rule(words[index])


_RULES: dict[str, tuple[re.Pattern[str], Callable[[Sequence[str], int], set[str]]]] = {
    "en": (_LATIN, _english),
    "de": (_LATIN, _german),
    "pl": (_LATIN, _each(polish)),
    "ru": (_CYRILLIC, _each(russian)),
    "uk": (_CYRILLIC, _each(ukrainian)),
    "fa": (_ARABIC, _each(persian)),
    "ar": (_ARABIC, lambda words, index: arabic(words[index], alone=len(words) == 1)),
}
