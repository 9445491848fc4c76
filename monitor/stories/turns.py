"""Words that turn what is said: negations, hedges, denials, and the direction of a change.

Compared are two wordings of one item, so a small dictionary of the commonest words is enough; a
word of another meaning that looks like one of them costs a needless flag, never a lost item. Pure.
"""

from __future__ import annotations

import re

from monitor.stories.meanings import meaning
from monitor.text import fold, words

_NEGATIONS = """
    not no never none nor neither without cannot cant wont isnt doesnt didnt wasnt werent arent
    hasnt havent hadnt wouldnt couldnt shouldnt nobody nothing untrue false
    не нет ни без никогда никто ничего нельзя немає ні ніколи ніхто нічого
    nie bez nigdy nikt nic żaden żadna żadnych brak
    nicht kein keine keinen keinem keiner ohne nie niemals nichts
    pas sans jamais aucun aucune personne
    نیست نیستند نه هرگز بدون نمی نخواهد نشده نشد نکرده نکرد ندارد
    لا لم لن ليس ليست غير بدون دون
    नहीं न मत ना बिना
"""
_HEDGES = """
    may might could reportedly alleged allegedly likely possibly possible feared suspected claims
    claim claimed rumoured rumored unconfirmed appears apparently
    может могут возможно вероятно якобы предположительно может можуть можливо ймовірно нібито
    może mogą prawdopodobnie rzekomo podobno kann könnte könnten möglicherweise angeblich
    pourrait pourraient peut-être probablement احتمالا شاید احتمال ربما قد يحتمل
    सकता सकते सकती शायद कथित
"""
_CHINESE = {"negation": "不没沒未无無非勿", "hedge": "或疑"}
_NEGATION = frozenset(fold(word) for word in _NEGATIONS.split())
_HEDGE = frozenset(fold(word) for word in _HEDGES.split())
#: Acts of the dictionary that turn each other round.
_OPPOSITES = (("rise", "drop"), ("halt", "resume"), ("deny", "confirm"), ("deny", "admit"))
_APOSTROPHE = re.compile(r"(?<=[nN])['’]t\b")
_NO_DENIAL = re.compile(r"\bno\.?\s?(?=\d)|\bno one\b|\bnot only\b|\bno-?brainer\b", re.IGNORECASE)
_DEVANAGARI = re.compile(r"[\u0900-\u097f]+")
_PERSIAN_VERB = re.compile(r"(?:نمی|نخواه)\w+")


def turned(before: str, after: str) -> list[str]:
    """Return ``negation``, ``denial``, ``hedge`` and ``direction`` where they came or went."""
    old, new = _words(before), _words(after)
    reasons = []
    if _count(old, before, _NEGATION, "negation") != _count(new, after, _NEGATION, "negation"):
        reasons.append("negation")
    acts, now = _acts(old), _acts(new)
    if ("deny" in acts) != ("deny" in now):
        reasons.append("denial")
    if _has(old, before, _HEDGE, "hedge") != _has(new, after, _HEDGE, "hedge"):
        reasons.append("hedge")
    if any(_swapped(acts, now, pair) for pair in _OPPOSITES):
        reasons.append("direction")
    return reasons


def _words(text: str) -> list[str]:
    plain = _APOSTROPHE.sub("t", _NO_DENIAL.sub(" ", text))
    # The vowel signs of Devanagari are no letters to a search for words.
    return words(plain) + [fold(word) for word in _DEVANAGARI.findall(plain)]


def _count(found: list[str], text: str, among: frozenset[str], kind: str) -> bool:
    """Tell whether a wording is negated: an odd number of negations, since two undo each other."""
    number = sum(word in among for word in found)
    number += sum(text.count(char) for char in _CHINESE[kind])
    number += len(_PERSIAN_VERB.findall(text))
    return number % 2 == 1


def _has(found: list[str], text: str, among: frozenset[str], kind: str) -> bool:
    return any(word in among for word in found) or any(char in text for char in _CHINESE[kind])


def _acts(found: list[str]) -> frozenset[str]:
    means = (meaning(word) for word in found)
    return frozenset(one.value for one in means if one is not None and one.kind == "c")


def _swapped(before: frozenset[str], after: frozenset[str], pair: tuple[str, str]) -> bool:
    one, other = pair
    return any(
        a in before and b not in before and b in after and a not in after
        for a, b in ((one, other), (other, one))
    )
