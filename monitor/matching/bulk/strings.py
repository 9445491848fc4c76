"""Find letter strings in a long row of letters, all at once and overlapping: a trie in arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from monitor.matching.bulk.cells import Letters
from monitor.matching.bulk.tables import KeyTable, Numbers
from monitor.matching.letters import UNKNOWN

_NEXT = 32  # bits of a state's number in the key of a step


class Hits(NamedTuple):
    """Where strings stand, in no order."""

    cells: Numbers  #: the first of each
    ends: Numbers  #: the cell behind it
    strings: Numbers  #: numbers of the strings

    def covered(self, chosen: Numbers) -> Numbers:
        """Return the cells over which these hits lie, one hit after the other."""
        first, sizes = self.cells[chosen], self.ends[chosen] - self.cells[chosen]
        ends = np.cumsum(sizes)
        places: Numbers = np.arange(int(sizes.sum())) + np.repeat(first - (ends - sizes), sizes)
        return places


class Trie:
    """The letter strings of all terms, in the order of their numbers."""

    def __init__(self, strings: Iterable[str]) -> None:
        steps: dict[tuple[int, int], int] = {}
        ends = [-1]  # the string that ends in each state; the first state is the beginning
        for number, string in enumerate(strings):
            state = 0
            for letter in map(ord, string):
                following = steps.setdefault((state, letter), len(ends))
                if following == len(ends):
                    ends.append(-1)
                state = following
            ends[state] = number
        later = [(state, letter, to) for (state, letter), to in steps.items() if state]
        last = max((letter for _, letter in steps), default=0) + 1
        self._begin = np.zeros(last + 1, np.int32)  # no string begins with the last letter
        for (state, letter), to in steps.items():
            if not state:
                self._begin[letter] = to
        self._ends = np.array(ends, np.int64)
        self._goes_on = np.zeros(len(ends), np.bool_)
        self._goes_on[[state for state, _, _ in later]] = True
        keys = [state << _NEXT | letter for state, letter, _ in later]
        self._steps = KeyTable.of(keys, [to for _, _, to in later])

    def find(self, letters: Letters) -> Hits:
        """Return all hits; a string never goes beyond a border, which is no string's letter."""
        states = self._begin[np.minimum(letters, len(self._begin) - 1)]
        cells = np.flatnonzero(states)
        states, begun = states[cells], cells
        found = []
        while cells.size:
            ends = self._ends[states]
            told = np.flatnonzero(ends >= 0)
            found.append((begun[told], cells[told] + 1, ends[told]))
            on = np.flatnonzero(self._goes_on[states] & (cells < len(letters) - 1))
            cells, states, begun = cells[on] + 1, states[on], begun[on]
            following = letters[cells]
            on = np.flatnonzero(following > ord(UNKNOWN))
            cells, states, begun, following = cells[on], states[on], begun[on], following[on]
            step = states.astype(np.uint64) << np.uint64(_NEXT) | following.astype(np.uint64)
            states = self._steps.find([step])
            on = np.flatnonzero(states)
            cells, states, begun = cells[on], states[on], begun[on]
        if not found:
            return Hits(cells, cells, cells)
        return Hits(*map(np.concatenate, zip(*found, strict=True)))
