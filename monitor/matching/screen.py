"""Tell which lists may fire from the letter strings of an item, before any word is looked at.

Knows of every row of symbols which group of which list it serves, in flat arrays, since there may
be a million. Its bit sets have one bit for each list: those that an item may fulfil are worth a
look. Never wrongly silent.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from monitor.matching.tables import Ranges

MASK = -1  # the group number of masks
#: How many required clauses of a list are looked at.
COLUMNS = 3
#: Strings whose bit sets are kept: those that come by often.
CACHED_STRINGS = 8_000

Clauses = tuple[int, ...]  #: each the bits of groups of which one must hit
Bits = tuple[tuple[int, int], ...]  #: column and bits of lists, where there are any


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


class Screen(dict[int, Bits]):
    """String number -> its bits, made when a string is first met."""

    def __init__(
        self,
        owners: Owners,
        clauses: Sequence[Clauses],
        rows_of: Callable[[int], Iterable[tuple[int, int]]],
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
            for column, bits in self[string]:
                columns[column] |= bits
        first, second, third = columns
        return first & second & third

    def __missing__(self, string: int) -> Bits:
        columns = [bytearray() for _ in range(COLUMNS)]
        size = len(self._clauses) // 8 + 1
        owners = self._owners
        for row, _ in self._rows_of(string):
            for at in owners.of(row):
                index, group = owners.lists[at], owners.groups[at]
                if group == MASK:
                    continue
                for column, clause in enumerate(self._clauses[index]):
                    if clause >> group & 1:
                        bits = columns[column] = columns[column] or bytearray(size)
                        bits[index >> 3] |= 1 << (index & 7)
        found = tuple(
            (column, int.from_bytes(bits, "little")) for column, bits in enumerate(columns) if bits
        )
        if len(self) >= CACHED_STRINGS:
            self.clear()
        self[string] = found
        return found


def clauses_of(requirements: Iterable[Iterable[str]], numbers: Mapping[str, int]) -> Clauses:
    """Write the first required clauses of a list as bits of its groups."""
    found = [sum(1 << numbers[group] for group in clause) for clause in requirements]
    return tuple(found[:COLUMNS])


def ones(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
