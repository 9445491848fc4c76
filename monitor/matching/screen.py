"""Tell which lists may fire from the letter strings of an item, before any word is looked at.

Knows of every row of symbols which group of which list it serves, in flat arrays, since there may
be a million. Its bit sets have one bit for each list: those that an item may fulfil are worth a
look. Never wrongly silent.
"""

from __future__ import annotations

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
FEW_LISTS = 12
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


class Told(NamedTuple):
    """Which lists a string serves, as bits or, where they are few, as their numbers."""

    bits: Bits
    few: Sequence[int]


class Column:
    """What strings say of one clause of every list."""

    def __init__(self, owners: Owners, clauses: Sequence[Clause]) -> None:
        self._owners, self._clauses = owners, clauses
        #: lists that require nothing here
        self.free = _bits([i for i, clause in enumerate(clauses) if not clause])
        self._told: dict[int, Told] = {}

    def fulfilled(self, strings: Iterable[int], rows_of: Rows) -> Told:
        """Return the lists whose clause a string fulfils, some of them more than once."""
        told, found = self._told, 0
        few: list[int] = []
        for string in strings:
            bits, numbers = told.get(string) or self._tell(string, rows_of(string))
            if bits:
                found |= bits
            few += numbers
        return Told(found, few)

    def _tell(self, string: int, rows: Iterable[int]) -> Told:
        """Look up, once, what a string says of every list."""
        owners, clauses = self._owners, self._clauses
        lists = {
            owners.lists[at]
            for row in rows
            for at in owners.of(row)
            if clauses[owners.lists[at]] & owners.bit(at)
        }
        is_few = len(clauses) > FEW_LISTS * 64 and len(lists) <= FEW_LISTS
        told = Told(0, tuple(lists)) if is_few else Told(_bits(lists), ())
        self._told[string] = told
        return told


class Screen:
    """Tells which lists fire for sure, and which may: clauses first, then gates."""

    def __init__(
        self,
        owners: Owners,
        conditions: Sequence[tuple[Node, tuple[str, ...]]],  # with the names of the groups
        rows_of: Rows,
        sure: Sequence[bool],  # of each row: where its string stands, it does
    ) -> None:
        self._owners, self._conditions, self._rows_of = owners, conditions, rows_of
        reach = _reach(owners, len(sure))
        #: lists that are decided when their clauses are
        self._exact = _exact(owners, conditions, sure)
        clauses = [
            self._exact[i][0] if i in self._exact else _clauses(i, node, names, reach)
            for i, (node, names) in enumerate(conditions)
        ]
        self._first, self._second = (
            Column(owners, [own[column] if column < len(own) else 0 for own in clauses])
            for column in range(COLUMNS)
        )
        bars = [self._exact[i][1] if i in self._exact else 0 for i in range(len(conditions))]
        self._barred = Column(owners, bars)
        self._decided = frozenset(self._exact)
        self._gates: dict[int, Gate] = {}
        self._known: dict[tuple[frozenset[int], frozenset[int]], Answer] = {}

    def ask(self, hits: Sequence[tuple[int, int, int]], border: int) -> Answer:
        """Return the lists that fire and those that may; the title ends at ``border``."""
        anywhere = frozenset([hit[0] for hit in hits])
        title = frozenset([hit[0] for hit in hits if hit[1] < border])
        if len(anywhere) > _FEW:
            return self._ask(anywhere, title)
        key = anywhere, title
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= CACHED_ANSWERS:
                self._known.clear()
            known = self._known[key] = self._ask(anywhere, title)
        return known

    def _ask(self, anywhere: frozenset[int], title: frozenset[int]) -> Answer:
        found = self._candidates(anywhere)
        if not found:
            return NOBODY
        sure = found & self._decided
        if sure:
            bits, few = self._barred.fulfilled(anywhere, self._rows_of)
            sure.difference_update(few)
            if bits:
                sure = {index for index in sure if not bits >> index & 1}
        rest = found - self._decided
        return Answer(
            tuple(sorted(sure)), self._gated(sorted(rest), anywhere, title) if rest else ()
        )

    def _candidates(self, strings: frozenset[int]) -> set[int]:
        """Return the lists both of whose clauses have a string."""
        bits, few = self._first.fulfilled(strings, self._rows_of)
        bits |= self._first.free
        if not bits and not few:
            return set()
        more_bits, more_few = self._second.fulfilled(strings, self._rows_of)
        more_bits |= self._second.free
        if not bits and not more_bits:
            return set(few).intersection(more_few)
        return set(_ones((bits | _bits(few)) & (more_bits | _bits(more_few))))

    def _gated(
        self, candidates: Iterable[int], anywhere: frozenset[int], title: frozenset[int]
    ) -> tuple[int, ...]:
        rows = {row for string in anywhere for row in self._rows_of(string)}
        in_title = {row for string in title for row in self._rows_of(string)}
        return tuple(
            index
            for index in candidates
            if self._gate(index)(self._groups(rows, index), self._groups(in_title, index))
        )

    def _groups(self, rows: AbstractSet[int], index: int) -> int:
        """Return the bits of the groups of a list that have a row."""
        found = 0
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
    owners: Owners, conditions: Sequence[tuple[Node, tuple[str, ...]]], sure: Sequence[bool]
) -> dict[int, tuple[list[Clause], Clause]]:
    """Return clauses and bars of the lists that need no look at a word: no mask, no doubt."""
    doubtful = {
        owners.lists[at]
        for row, is_sure in enumerate(sure)
        for at in owners.of(row)
        if not is_sure or owners.groups[at] == MASK
    }
    found: dict[int, tuple[list[Clause], Clause]] = {}
    for index, (node, names) in enumerate(conditions):
        told = None if index in doubtful else plain(node)
        if told is not None and 0 < len(told[0]) <= COLUMNS:
            clauses = [sum(1 << names.index(group) for group in one) for one in told[0]]
            found[index] = clauses, sum(1 << names.index(group) for group in told[1])
    return found


def _reach(owners: Owners, rows: int) -> dict[tuple[int, int], int]:
    """Return for each list and group how many owners its rows have: few is rare."""
    reach: dict[tuple[int, int], int] = defaultdict(int)
    for row in range(rows):
        places = owners.of(row)
        for at in places:
            reach[owners.lists[at], owners.groups[at]] += len(places)
    return reach


def _clauses(
    index: int, node: Node, names: tuple[str, ...], reach: Mapping[tuple[int, int], int]
) -> list[Clause]:
    """Return the required clauses of a condition as bits of groups, the rarest first."""
    numbered = [[names.index(group) for group in clause] for clause in requirements(node)]
    numbered.sort(key=lambda clause: sum(reach.get((index, group), 0) for group in clause))
    return [sum(1 << group for group in clause) for clause in numbered]


def _bits(lists: Collection[int]) -> Bits:
    found = bytearray(max(lists, default=0) // 8 + 1)
    for index in lists:
        found[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(found, "little")


def _ones(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
