"""From hits to lists: a grid of items and lists, in which each list's clauses are marked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from monitor.matching.automaton import Proposals
from monitor.matching.bulk.tables import Numbers
from monitor.matching.screen import BARRED, FIRST, SECOND, Owners, Screen

#: Pairs of item and list fit into half the memory, and it is memory that takes the time.
Small = npt.NDArray[np.int32]


class Spread(NamedTuple):
    """Hits, each as often as its string serves a list in one role."""

    keys: Small  #: item times lists, plus list
    places: Small  #: where in the column the owner stands whose string it is
    ends: Numbers  #: for each hit where its share ends


class Column:
    """For every string the owners that ask for it in one role."""

    def __init__(self, strings: Numbers, owners: Numbers, lists: Numbers, count: int) -> None:
        sizes = np.bincount(strings, minlength=count)
        self._sizes, self._begins = sizes, np.cumsum(sizes) - sizes
        self.owners, self._lists = owners, lists[owners].astype(np.int32)

    def spread(self, bases: Small, strings: Numbers) -> Spread:
        """Write out the lists of every hit; ``bases`` are the keys of its item's first list."""
        sizes = self._sizes[strings]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        before = (self._begins[strings] - (ends - sizes)).astype(np.int32)
        places = np.arange(total, dtype=np.int32)
        places += np.repeat(before, sizes)
        keys = np.repeat(bases, sizes)
        keys += self._lists[places]
        return Spread(keys, places, ends)


class Told(NamedTuple):
    """What clauses tell, in pairs of item and list, as keys in their order."""

    items: int
    lists: int
    fire: Numbers  #: no word must be looked at
    may_fire: Numbers  #: of the others those that may
    clauses: tuple[tuple[Column, Spread], tuple[Column, Spread]]

    def shares(self) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
        """Yield for each clause on which hits the pairs rest that fire: pair, owner and hit."""
        fires = np.zeros(self.items * self.lists, np.bool_)
        fires[self.fire] = True
        for column, spread in self.clauses:
            here = np.flatnonzero(fires[spread.keys])
            hits: Numbers = np.searchsorted(spread.ends, here, "right").astype(np.int64)
            yield spread.keys[here].astype(np.int64), column.owners[spread.places[here]], hits

    def by_item(self, keys: Numbers) -> dict[int, list[int]]:
        """Return the lists of each item that is in a pair, both in their order."""
        items, lists = np.divmod(keys, self.lists)
        numbers, begins = np.unique(items, return_index=True)
        every, bounds = lists.tolist(), pairwise([*begins.tolist(), len(keys)])
        return {
            number: every[begin:end]
            for number, (begin, end) in zip(numbers.tolist(), bounds, strict=True)
        }


class Clauses:
    """What the strings say of the clauses of all lists."""

    def __init__(self, screen: Screen, proposals: Proposals, lists: int) -> None:
        self._lists = lists
        strings, owners = _owned(proposals, screen.owners)
        roles = np.frombuffer(screen.roles, np.uint8)[owners]
        of_owner = np.frombuffer(screen.owners.lists, np.uint32).astype(np.int64)
        count = len(proposals.strings.starts) - 1
        self._first, self._second, self._barred = (
            Column(strings[chosen], owners[chosen], of_owner, count)
            for chosen in (np.flatnonzero(roles & role) for role in (FIRST, SECOND, BARRED))
        )
        self._decided = np.zeros(lists, np.bool_)
        self._decided[list(screen.decided)] = True
        self._always = np.array(screen.always, np.int64)
        self._grid = np.zeros(0, np.uint8)

    def ask(self, items: int, item_of: Numbers, strings: Numbers) -> Told:
        """Return the pairs that fire, and those of lists whose words must be looked at.

        ``strings`` are those that stand in the items, ``item_of`` the number of each one's item.
        """
        if len(self._grid) < items * self._lists:
            self._grid = np.zeros(items * self._lists, np.uint8)
        grid, bases = self._grid, (item_of * self._lists).astype(np.int32)
        first, second = self._first.spread(bases, strings), self._second.spread(bases, strings)
        grid[first.keys] = 1
        both = second.keys[grid[second.keys] != 0]
        grid[self._barred.spread(bases, strings).keys] = 0
        found = np.unique(both[grid[both] != 0]).astype(np.int64)
        grid[first.keys] = 0
        decided = self._decided[found % self._lists]
        doubtful = found[~decided]
        if len(self._always):
            every = np.arange(items)[:, None] * self._lists + self._always
            doubtful = np.union1d(doubtful, every)
        clauses = (self._first, first), (self._second, second)
        return Told(items, self._lists, found[decided], doubtful, clauses)


def _owned(proposals: Proposals, owners: Owners) -> tuple[Numbers, Numbers]:
    """Return every string, in order, with every owner of the rows that it proposes."""
    starts = np.frombuffer(proposals.strings.starts, np.uint32).astype(np.int64)
    rows = np.frombuffer(proposals.rows, np.uint32).astype(np.int64)
    begins = np.frombuffer(owners.by_row.starts, np.uint32).astype(np.int64)
    sizes = begins[rows + 1] - begins[rows]
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    found = np.arange(total) + np.repeat(begins[rows] - (ends - sizes), sizes)
    return np.repeat(np.repeat(np.arange(len(starts) - 1), np.diff(starts)), sizes), found
