"""Tell which lists may fire from the letter strings of an item, before any word is looked at.

Knows of every row of symbols which group of which list it serves, in flat arrays, since there may
be a million. Its bit sets have one bit for each list: those that an item may fulfil are worth a
look. Never wrongly silent.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from monitor.matching.conditions import Gate, Node, gate, plain, requirements
from monitor.matching.tables import Ranges

MASK = -1  # the group number of masks
#: How many required clauses of a list are looked at, those of the rarest terms first.
COLUMNS = 2
#: A string of no more lists than this is kept by their numbers, where bits would be too long.
FEW_LISTS = 16
CACHED_ANSWERS, _FEW = 8_000, 8  # sets of strings, and strings in a set that may come by again

Clause = int  #: bits of the groups of which one must hit
Bits = int  #: one bit for each list
Rows = Callable[[int], Iterable[int]]  #: the rows that a string proposes


class Answer(NamedTuple):
    """Lists in their order: those that fire, and those whose words must be looked at."""

    fires: tuple[int, ...]
    may_fire: tuple[int, ...]


NOBODY = Answer((), ())


class Owners:
    """Who a row belongs to; an owner is a place in these arrays."""

    def __init__(self) -> None:
        self._keys = array("I")
        self.lists = array("I")
        self.groups = array("h")  #: number of the group in its list, or MASK
        self.terms = array("H")  #: number of the term in its group, or among the masks
        self.spellings = array("H")  #: number of the row among those of its term
        self._by_row = self._by_list = Ranges(array("I", [0]))

    def add(self, row: int, index: int, group: int, term: int, spelling: int) -> None:
        self._keys.append(row)
        self.lists.append(index)
        self.groups.append(group)
        self.terms.append(term)
        self.spellings.append(spelling)

    def close(self, rows: int, lists: int) -> None:
        """Sort by row; within a row owners stay in the order of lists, groups and terms."""
        order, self._by_row = Ranges.sorting(self._keys, rows)
        for name in ("_keys", "lists", "groups", "terms", "spellings"):
            column: array[int] = getattr(self, name)
            setattr(self, name, array(column.typecode, map(column.__getitem__, order)))
        order, self._by_list = Ranges.sorting(self.lists, lists)
        self._keys = array("I", map(self._keys.__getitem__, order))  # now sorted by list

    def of(self, row: int) -> range:
        return self._by_row.of(row)

    def bit(self, owner: int) -> int:
        """Return the bit of an owner's group; masks have none."""
        group = self.groups[owner]
        return 0 if group == MASK else 1 << group

    def among(self, rows: AbstractSet[int], index: int) -> Iterator[tuple[int, int]]:
        """Yield (row, owner) for the rows of one list, going through whichever are fewer."""
        places, lists = self._by_list.of(index), self.lists
        if len(places) < 4 * len(rows):
            rows = rows & set(self._keys[places.start : places.stop])
        for row in rows:
            owners = self._by_row.of(row)
            at = bisect_left(lists, index, owners.start, owners.stop)
            while at < owners.stop and lists[at] == index:
                yield row, at
                at += 1


class Lists:
    """A set of lists: one part as bits, the other as numbers."""

    __slots__ = ("bits", "few")

    def __init__(self, bits: Bits, few: set[int]) -> None:
        self.bits, self.few = bits, few

    def among(self, numbers: set[int]) -> set[int]:
        """Return those of the numbers that are in the set."""
        found = numbers & self.few
        if self.bits and numbers:
            packed = self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little")
            end = 8 * len(packed)
            found.update([n for n in numbers if n < end and packed[n >> 3] >> (n & 7) & 1])
        return found

    def common(self, other: Lists) -> set[int]:
        """Return the lists that are in both."""
        found = other.among(self.few)
        if other.few and self.bits:
            found |= self.among(other.few)
        if self.bits and other.bits:
            found.update(_ones(self.bits & other.bits))
        return found


class Column:
    """One clause of every list, and what strings with many lists say of it."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        #: lists that require nothing here
        self.free = _bits([i for i, clause in enumerate(clauses) if not clause])
        self._many: dict[int, Bits] = {}
        self._strings_of_many: set[int] = set()

    def learn(self, string: int, lists: Sequence[int]) -> bytes:
        """Learn which lists a string serves.

        They are returned where they are few, packed, since there may be a million strings.
        """
        if len(lists) <= FEW_LISTS:
            return array("I", lists).tobytes() if lists else b""
        self._many[string] = _bits(lists)
        self._strings_of_many.add(string)
        return b""

    def fulfilled(self, strings: set[int], few: Iterable[bytes], bits: Bits) -> Lists:
        """Add to ``bits`` the lists whose clause one of the strings fulfils."""
        for string in strings & self._strings_of_many:
            bits |= self._many[string]
        return Lists(bits, set(array("I", b"".join(few))))


class Screen:
    """Tells which lists fire for sure, and which may: clauses first, then gates."""

    def __init__(
        self,
        owners: Owners,
        conditions: Sequence[tuple[Node, tuple[str, ...]]],  # with the names of the groups
        rows_of: Rows,
        sure: Sequence[bool],  # of each row: where its string stands, it does
        loose: Mapping[int, int],  # of some lists: bits of the groups that may hit any item
    ) -> None:
        self._owners, self._conditions, self._rows_of = owners, conditions, rows_of
        self._loose = loose
        #: for every string that was learnt, its lists in each column where they are few
        self._few: dict[int, tuple[bytes, bytes, bytes]] = {}
        reach = _reach(owners, len(sure))
        #: lists that are decided when their clauses are
        exact = _exact(owners, conditions, sure, loose)
        clauses = [
            exact[i][0] if i in exact else _clauses(i, node, names, reach, loose.get(i, 0))
            for i, (node, names) in enumerate(conditions)
        ]
        asked = [
            [own[column] if column < len(own) else 0 for own in clauses]
            for column in range(COLUMNS)
        ]
        asked.append([exact[i][1] if i in exact else 0 for i in range(len(conditions))])
        self._columns = self._first, self._second, self._barred = tuple(map(Column, asked))
        self._roles = _roles(owners, asked)
        self._decided = frozenset(exact)
        self._gates: dict[int, Gate] = {}
        self._known: dict[tuple[frozenset[int], frozenset[int]], Answer] = {}

    def ask(self, hits: Sequence[tuple[int, int, int]], border: int) -> Answer:
        """Return the lists that fire and those that may; the title ends at ``border``."""
        strings = {hit[0] for hit in hits}
        if len(strings) > _FEW:
            return self._ask(strings, hits, border)
        title = frozenset([hit[0] for hit in hits if hit[1] < border])
        key = frozenset(strings), title
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= CACHED_ANSWERS:
                self._known.clear()
            known = self._known[key] = self._ask(strings, hits, border)
        return known

    def _ask(self, strings: set[int], hits: Sequence[tuple[int, int, int]], border: int) -> Answer:
        for string in strings.difference(self._few):
            self._learn(string)
        told = map(self._few.__getitem__, strings)
        few = tuple(zip(*told, strict=True)) if strings else ((), (), ())
        first = self._first.fulfilled(strings, few[0], self._first.free)
        second = self._second.fulfilled(strings, few[1], self._second.free)
        found = first.common(second)
        if not found:
            return NOBODY
        rest = found - self._decided
        sure = found - rest
        if sure:
            sure -= self._barred.fulfilled(strings, few[2], 0).among(sure)
        if rest:
            title = {hit[0] for hit in hits if hit[1] < border}
            return Answer(tuple(sorted(sure)), self._gated(sorted(rest), strings, title))
        return Answer(tuple(sorted(sure)), ())

    def _learn(self, string: int) -> None:
        """Look up, once, what a string says of every list."""
        owners, roles = self._owners, self._roles
        told: tuple[list[int], ...] = [], [], []
        for row in self._rows_of(string):
            for at in owners.of(row):
                role = roles[at]
                if role:
                    for column, lists in enumerate(told):
                        if role >> column & 1:
                            lists.append(owners.lists[at])
        first, second, barred = map(Column.learn, self._columns, (string,) * 3, told)
        self._few[string] = first, second, barred

    def _gated(
        self, candidates: Iterable[int], anywhere: AbstractSet[int], title: AbstractSet[int]
    ) -> tuple[int, ...]:
        rows = {row for string in anywhere for row in self._rows_of(string)}
        in_title = {row for string in title for row in self._rows_of(string)}
        return tuple(
            index
            for index in candidates
            if self._gate(index)(self._groups(rows, index), self._groups(in_title, index))
        )

    def _groups(self, rows: AbstractSet[int], index: int) -> int:
        """Return the bits of the groups of a list that have a row, or may hit without one."""
        found = self._loose.get(index, 0)
        for _, owner in self._owners.among(rows, index):
            found |= self._owners.bit(owner)
        return found

    def _gate(self, index: int) -> Gate:
        found = self._gates.get(index)
        if found is None:
            node, names = self._conditions[index]
            bits = {name: 1 << number for number, name in enumerate(names)}
            found = self._gates[index] = gate(node, bits)
        return found


def _exact(
    owners: Owners,
    conditions: Sequence[tuple[Node, tuple[str, ...]]],
    sure: Sequence[bool],
    loose: Mapping[int, int],
) -> dict[int, tuple[list[Clause], Clause]]:
    """Return clauses and bars of the lists that need no look at a word: no mask, no doubt."""
    doubtful = {
        owners.lists[at]
        for row, is_sure in enumerate(sure)
        for at in owners.of(row)
        if not is_sure or owners.groups[at] == MASK
    } | loose.keys()
    found: dict[int, tuple[list[Clause], Clause]] = {}
    for index, (node, names) in enumerate(conditions):
        told = None if index in doubtful else plain(node)
        if told is not None and 0 < len(told[0]) <= COLUMNS:
            clauses = [sum(1 << names.index(group) for group in one) for one in told[0]]
            found[index] = clauses, sum(1 << names.index(group) for group in told[1])
    return found


def _roles(owners: Owners, asked: Sequence[Sequence[Clause]]) -> bytearray:
    """Return for each owner a bit for every column in which its group is asked for."""
    first, second, barred = asked
    roles = bytearray(len(owners.lists))
    for at, (index, group) in enumerate(zip(owners.lists, owners.groups, strict=True)):
        if group != MASK:
            bit = 1 << group
            roles[at] = (
                (1 if first[index] & bit else 0)
                | (2 if second[index] & bit else 0)
                | (4 if barred[index] & bit else 0)
            )
    return roles


def _reach(owners: Owners, rows: int) -> dict[tuple[int, int], int]:
    """Return for each list and group how many owners its rows have: few is rare."""
    reach: dict[tuple[int, int], int] = defaultdict(int)
    for row in range(rows):
        places = owners.of(row)
        for at in places:
            reach[owners.lists[at], owners.groups[at]] += len(places)
    return reach


def _clauses(
    index: int,
    node: Node,
    names: tuple[str, ...],
    reach: Mapping[tuple[int, int], int],
    loose: int,
) -> list[Clause]:
    """Return the required clauses of a condition as bits of groups, the rarest first.

    A clause with a group that may hit any item asks for nothing.
    """
    numbered = [[names.index(group) for group in clause] for clause in requirements(node)]
    numbered.sort(key=lambda clause: sum(reach.get((index, group), 0) for group in clause))
    clauses = (sum(1 << group for group in clause) for clause in numbered)
    return [clause for clause in clauses if not clause & loose]


def _bits(lists: Collection[int]) -> Bits:
    found = bytearray(max(lists, default=0) // 8 + 1)
    for index in lists:
        found[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(found, "little")


_SET = re.compile(rb"[^\0]")
_PLACES = [[place for place in range(8) if byte >> place & 1] for byte in range(256)]


def _ones(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    packed = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for byte in _SET.finditer(packed):
        at = byte.start()
        for place in _PLACES[packed[at]]:
            yield 8 * at + place
