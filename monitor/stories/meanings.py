"""Look words up in the dictionary of hard news, whatever their ending. Pure, cached, bounded."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from monitor.stories.lexicon import ACTS, PLACES
from monitor.text import fold

PLACE, ACT = "p", "c"
#: Two-letter names that are also plain words: they count in capitals only.
CAPITALS_ONLY = frozenset({"us", "un", "eu", "uk", "ue", "ес", "рф", "мид"})
#: Arabic particles that are written as one word with the noun.
_PARTICLES = ("وال", "بال", "لل", "ال", "و", "ب", "ل")
_LONGEST = 16
_JOINT = re.compile(r"[+\u200c-]")


class Trait(NamedTuple):
    """One comparable thing that an item says.

    ``kind``: ``w`` word, ``c`` act, ``p`` place, ``k`` name by its consonants, ``n`` number,
    ``a`` alias set.
    """

    kind: str
    value: str


class _Pair(NamedTuple):
    first: str
    second: str
    means: Trait


_exact: dict[str, Trait] = {}
_starts: dict[str, Trait] = {}
_pairs: defaultdict[str, list[_Pair]] = defaultdict(list)


def _read(kind: str, source: str) -> None:
    means = Trait(kind, "")
    for line in source.strip().splitlines():
        entries = line.split()
        if not line.startswith(" "):
            means = Trait(kind, entries.pop(0).rstrip(":"))
        for entry in entries:
            _enter(fold(entry), means)


def _enter(entry: str, means: Trait) -> None:
    parts = [part for part in _JOINT.split(entry) if part.rstrip("*")]
    if len(parts) == 2:
        first, second = parts[0].rstrip("*"), parts[1].rstrip("*")
        _pairs[first[:2]].append(_Pair(first, second, means))
    elif parts[0].endswith("*"):
        _starts.setdefault(parts[0][:-1], means)
    else:
        _exact.setdefault(parts[0], means)


_read(PLACE, PLACES)
_read(ACT, ACTS)


@lru_cache(1 << 16)
def meaning(folded: str) -> Trait | None:
    """Return the place or act that a folded word stands for, or None; the longest entry wins."""
    if folded in _exact:
        return _exact[folded]
    for size in range(min(len(folded), _LONGEST), 1, -1):
        if folded[:size] in _starts:
            return _starts[folded[:size]]
    for particle in _PARTICLES:
        if folded.startswith(particle) and len(folded) - len(particle) > 2:
            return meaning(folded[len(particle) :])
    return None


def joint_meaning(one: str, two: str) -> Trait | None:
    """Return what two neighbouring folded words stand for together, or None."""
    for pair in _pairs.get(one[:2], ()):
        if one.startswith(pair.first) and two.startswith(pair.second):
            return pair.means
    return None
