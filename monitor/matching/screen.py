"""Tell which lists may fire from the letter strings of an item, before any word is looked at.

Knows of every row of symbols which group of which list it serves, in flat arrays, since there may
be a million. Its bit sets have one bit for each list: those that an item may fulfil are worth a
look. Never wrongly silent.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from monitor.matching.conditions import Gate, Node, gate, requirements
from monitor.matching.tables import Ranges

MASK = -1  # the group number of masks
#: How many required clauses of a list are looked at.
COLUMNS = 3
CACHED_BYTES = 20_000_000  # of bit sets
CACHED_ANSWERS = 8_000  # for sets of strings
_SOME = 64  # lists of a string that are looked through one by one
_FEW = 8  # strings in a set that may well come by again

Clauses = tuple[int, ...]  #: each the bits of groups of which one must hit


class Served(NamedTuple):
    """What a letter string is good for."""

    columns: tuple[tuple[int, int], ...]  #: column and bits of lists, where there are any
    groups: tuple[tuple[int, int], ...] | None  #: list and bits of its groups; None: too many


class Owners:
    """Who a row belongs to; an owner is a place in these arrays."""

    def __init__(self) -> None:
        self._keys = array("I")
        self.lists = array("I")
        self.groups = array("h")  #: number of the group in its list, or MASK
        self.terms = array("H")  #: number of the term in its group, or among the masks
        self.spellings = array("H")  #: number of the row among those of its term
        self._by_row = Ranges(array("I", [0]))

    def add(self, row: int, index: int, group: int, term: int, spelling: int) -> None:
        self._keys.append(row)
        self.lists.append(index)
        self.groups.append(group)
        self.terms.append(term)
        self.spellings.append(spelling)

    def close(self, rows: int) -> None:
        """Sort by row; within a row owners stay in the order of lists, groups and terms."""
        order, self._by_row = Ranges.sorting(self._keys, rows)
        for name in ("lists", "groups", "terms", "spellings"):
            column: array[int] = getattr(self, name)
            setattr(self, name, array(column.typecode, map(column.__getitem__, order)))
        self._keys = array("I")

    def of(self, row: int) -> range:
        return self._by_row.of(row)

    def among(self, row: int, wanted: Sequence[int]) -> Iterator[int]:
        """Yield the owners of a row that belong to the wanted lists, whichever are fewer first."""
        owners = self._by_row.of(row)
        lists = self.lists
        if len(owners) <= 8 * len(wanted):
            chosen = set(wanted)
            yield from [at for at in owners if lists[at] in chosen]
            return
        for index in wanted:
            at = bisect_left(lists, index, owners.start, owners.stop)
            while at < owners.stop and lists[at] == index:
                yield at
                at += 1


class Columns(dict[int, Served]):
    """String number -> what it is good for, found out when a string is first met."""

    def __init__(
        self, owners: Owners, clauses: Sequence[Clauses], rows_of: Callable[[int], Iterable[int]]
    ) -> None:
        super().__init__()
        self._owners, self._clauses, self._rows_of = owners, clauses, rows_of
        #: for each column the lists without a clause there
        self._filler = [
            sum(1 << i for i, each in enumerate(clauses) if len(each) <= column)
            for column in range(COLUMNS)
        ]

    def candidates(self, strings: Iterable[int]) -> int:
        """Return bits of the lists of which every clause has a string."""
        columns = self._filler.copy()
        for string in strings:
            for column, bits in self[string].columns:
                columns[column] |= bits
        first, second, third = columns
        return first & second & third

    def __missing__(self, string: int) -> Served:
        columns = [bytearray() for _ in range(COLUMNS)]
        size = len(self._clauses) // 8 + 1
        owners = self._owners
        groups: dict[int, int] = defaultdict(int)
        for at in (at for row in self._rows_of(string) for at in owners.of(row)):
            index, group = owners.lists[at], owners.groups[at]
            if group == MASK:
                groups[index] |= 0
                continue
            groups[index] |= 1 << group
            for column, clause in enumerate(self._clauses[index]):
                if clause >> group & 1:
                    bits = columns[column] = columns[column] or bytearray(size)
                    bits[index >> 3] |= 1 << (index & 7)
        found = Served(
            tuple((i, int.from_bytes(bits, "little")) for i, bits in enumerate(columns) if bits),
            tuple(groups.items()) if len(groups) <= _SOME else None,
        )
        if len(self) >= CACHED_BYTES // (size + 300):
            self.clear()
        self[string] = found
        return found

    def groups(self, string: int, lists: Sequence[int]) -> Iterable[tuple[int, int]]:
        """Return lists, at least those asked for, with bits of the groups that a string serves.

        A list without such bits has it among its masks.
        """
        found = self[string].groups
        if found is not None:
            return found
        owners = self._owners
        return (
            (owners.lists[at], 0 if owners.groups[at] == MASK else 1 << owners.groups[at])
            for row in self._rows_of(string)
            for at in owners.among(row, lists)
        )


class Screen:
    """Two questions, the second closer than the first: bit sets over all lists, then gates."""

    def __init__(
        self,
        owners: Owners,
        conditions: Sequence[tuple[Node, tuple[str, ...]]],  # with the names of the groups
        rows_of: Callable[[int], Iterable[int]],
    ) -> None:
        self._conditions = conditions
        shared: dict[Clauses, Clauses] = {}
        clauses = [_clauses(node, names) for node, names in conditions]
        self._columns = Columns(owners, [shared.setdefault(c, c) for c in clauses], rows_of)
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

    def serves(self, string: int, lists: Sequence[int]) -> bool:
        """Tell whether a string matters to one of the lists."""
        return any(index in lists for index, _ in self._columns.groups(string, lists))

    def _ask(self, anywhere: frozenset[int], title: frozenset[int]) -> tuple[int, ...]:
        candidates = list(_ones(self._columns.candidates(anywhere)))
        if not candidates:
            return ()
        found, titled = dict.fromkeys(candidates, 0), dict.fromkeys(candidates, 0)
        for string in anywhere:
            in_title = string in title
            for index, bits in self._columns.groups(string, candidates):
                if index in found:
                    found[index] |= bits
                    if in_title:
                        titled[index] |= bits
        return tuple(i for i in candidates if self._gate(i)(found[i], titled[i]))

    def _gate(self, index: int) -> Gate:
        found = self._gates.get(index)
        if found is None:
            node, names = self._conditions[index]
            bits = {name: 1 << number for number, name in enumerate(names)}
            found = self._gates[index] = gate(node, bits)
        return found


def _clauses(node: Node, names: tuple[str, ...]) -> Clauses:
    """Write the first required clauses of a condition as bits of groups."""
    found = [sum(1 << names.index(group) for group in clause) for clause in requirements(node)]
    return tuple(found[:COLUMNS])


def _ones(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
