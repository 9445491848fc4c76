"""Tell which lists may fire from the letter strings of an item, before any word is looked at.

Knows of every row of symbols which group of which list it serves, in flat arrays, since there may
be a million. Its bit sets have one bit for each list: those that an item may fulfil are worth a
look. Never wrongly silent.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from monitor.matching.conditions import Gate, Node, gate, requirements
from monitor.matching.tables import Ranges

MASK = -1  # the group number of masks
#: How many required clauses of a list are looked at, those of the rarest terms first.
COLUMNS = 2
#: A row of more lists than this has bits over all lists instead of their numbers.
COMMON = 256
CACHED_ANSWERS, _FEW = 8_000, 8  # sets of strings, and strings in a set that may come by again

Clause = int  #: bits of the groups of which one must hit


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


class Column:
    """One required clause of every list: which rows fulfil it."""

    def __init__(self, owners: Owners, rows: int, clauses: Sequence[Clause]) -> None:
        #: lists that require nothing here
        self.free = frozenset(i for i, clause in enumerate(clauses) if not clause)
        self._starts, self._lists = array("I", [0]), array("I")
        self._common: dict[int, int] = {}
        for row in range(rows):
            lists = {
                owners.lists[at]
                for at in owners.of(row)
                if clauses[owners.lists[at]] & owners.bit(at)
            }
            if len(lists) > COMMON:
                self._common[row] = _bits(lists, len(clauses))
            else:
                self._lists.extend(sorted(lists))
            self._starts.append(len(self._lists))

    def fulfilled(self, rows: Iterable[int]) -> tuple[set[int], int]:
        """Return the lists whose clause a row fulfils: by number, and further ones as bits."""
        found: set[int] = set()
        bits = 0
        starts, lists = self._starts, self._lists
        for row in rows:
            found.update(lists[starts[row] : starts[row + 1]])
            if row in self._common:
                bits |= self._common[row]
        return found, bits


class Screen:
    """Two questions, the second closer than the first: required clauses, then gates."""

    def __init__(
        self,
        owners: Owners,
        conditions: Sequence[tuple[Node, tuple[str, ...]]],  # with the names of the groups
        rows_of: Callable[[int], Iterable[int]],
        rows: int,
    ) -> None:
        self._owners, self._conditions, self._rows_of = owners, conditions, rows_of
        reach = _reach(owners, rows)
        clauses = [_clauses(i, node, names, reach) for i, (node, names) in enumerate(conditions)]
        self._first, self._second = (
            Column(owners, rows, [own[column] if column < len(own) else 0 for own in clauses])
            for column in range(COLUMNS)
        )
        self._gates: dict[int, Gate] = {}
        self._known: dict[tuple[frozenset[int], frozenset[int]], tuple[int, ...]] = {}

    def may_fire(self, hits: Iterable[tuple[int, int, int]], border: int) -> tuple[int, ...]:
        """Return the lists that an item may fulfil; hits before ``border`` are in its title."""
        anywhere = frozenset([hit[0] for hit in hits])
        title = frozenset([hit[0] for hit in hits if hit[1] < border])
        key = anywhere, title
        known = self._known.get(key)
        if known is None:
            known = self._ask(anywhere, title)
            if len(anywhere) <= _FEW:
                if len(self._known) >= CACHED_ANSWERS:
                    self._known.clear()
                self._known[key] = known
        return known

    def _ask(self, anywhere: frozenset[int], title: frozenset[int]) -> tuple[int, ...]:
        rows = {row for string in anywhere for row in self._rows_of(string)}
        candidates = self._candidates(rows)
        if not candidates:
            return ()
        in_title = {row for string in title for row in self._rows_of(string)}
        return tuple(
            index
            for index in candidates
            if self._gate(index)(self._groups(rows, index), self._groups(in_title, index))
        )

    def _candidates(self, rows: Iterable[int]) -> list[int]:
        """Return the lists of which both clauses have a row."""
        lists, bits = self._first.fulfilled(rows)
        lists |= self._first.free
        lists.update(_ones(bits))
        if not lists:
            return []
        others, bits = self._second.fulfilled(rows)
        both = (lists & others) | (lists & self._second.free)
        if bits:
            both.update([index for index in lists if bits >> index & 1])
        return sorted(both)

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


def _bits(lists: Iterable[int], count: int) -> int:
    found = bytearray(count // 8 + 1)
    for index in lists:
        found[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(found, "little")


def _ones(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
