"""Words that are one slip away from a watched name. Home of rapidfuzz.

A deletion index gives the candidates in time independent of the number of names; the optimal
string alignment distance confirms them. Never applied to words with digits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from rapidfuzz.distance import OSA

EDITS = 1
MIN_WORD = 5
#: One slip in a name of six letters or more leaves its first three or its last two as they are.
_START, _END = 3, 2
_NOTHING: frozenset[str] = frozenset()


def is_slip(name: str, word: str) -> bool:
    """Tell whether at most one letter is wrong, missing, extra or swapped with its neighbour.

    Short words and words with digits never are.
    """
    if len(word) < MIN_WORD or not word.isalpha():
        return False
    return OSA.distance(name, word, score_cutoff=EDITS) <= EDITS


class SlipIndex:
    """All fuzzy names of a matcher."""

    def __init__(self, names: Collection[str]) -> None:
        self._names: dict[str, set[str]] = defaultdict(set)
        for name in names:
            for key in _deletions(name):
                self._names[key].add(name)
        self._longest = max(map(len, self._names), default=0) + EDITS
        self._starts = {name[:_START] for name in names}
        self._ends = {name[-_END:] for name in names}

    def near(self, word: str) -> frozenset[str]:
        """Return the names that ``word`` may be a slip of."""
        if len(word) > self._longest:
            return _NOTHING
        if word[:_START] not in self._starts and word[-_END:] not in self._ends:
            return _NOTHING
        found = {name for key in _deletions(word) for name in self._names.get(key, ())}
        return frozenset(name for name in found if is_slip(name, word))


def _deletions(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
