"""Tell which lists may fire from the letter strings of an item, before any word is looked at.

Knows of every row of symbols which group of which list it serves, in flat arrays, since there may
be a million; what each list requires of an item, in clauses; and which lists those clauses alone
decide. Never wrongly silent.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from monitor.matching.automaton import Hit
from monitor.matching.conditions import Gate, Node, gate, plain, requirements
from monitor.matching.tables import Ranges

MASK = -1  # the group number of masks
#: How many required clauses of a list are looked at, those of the rarest terms first.
CLAUSES = 2
#: What a group is to its list, in bits: in the first clause, in the second, among what is barred.
FIRST, SECOND, BARRED = 1, 2, 4

Clause = int  #: bits of the groups of which one must hit
Rows = Callable[[int], Iterable[int]]  #: the rows that a string proposes


class Owners:
    """Who a row belongs to; an owner is a place in these arrays."""

    def __init__(self) -> None:
        self._keys = array("I")
        self.lists = array("I")
        self.groups = array("h")  #: number of the group in its list, or MASK
        self.terms = array("H")  #: number of the term in its group, or among the masks
        self.spellings = array("H")  #: number of the row among those of its term
        self.by_row = self._by_list = Ranges(array("I", [0]))

    def add(self, row: int, index: int, group: int, term: int, spelling: int) -> None:
        self._keys.append(row)
        self.lists.append(index)
        self.groups.append(group)
        self.terms.append(term)
        self.spellings.append(spelling)

    def close(self, rows: int, lists: int) -> None:
        """Sort by row; within a row owners stay in the order of lists, groups and terms."""
        order, self.by_row = Ranges.sorting(self._keys, rows)
        for name in ("_keys", "lists", "groups", "terms", "spellings"):
            column: array[int] = getattr(self, name)
            setattr(self, name, array(column.typecode, map(column.__getitem__, order)))
        order, self._by_list = Ranges.sorting(self.lists, lists)
        self._keys = array("I", map(self._keys.__getitem__, order))  # now sorted by list

    def of(self, row: int) -> range:
        return self.by_row.of(row)

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
            owners = self.by_row.of(row)
            at = bisect_left(lists, index, owners.start, owners.stop)
            while at < owners.stop and lists[at] == index:
                yield row, at
                at += 1


class Screen:
    """What is asked of the strings of an item: clauses first, then gates."""

    def __init__(
        self,
        owners: Owners,
        conditions: Sequence[tuple[Node, tuple[str, ...]]],  # with the names of the groups
        rows_of: Rows,
        sure: Sequence[bool],  # of each row: where its string stands, it does
        loose: Mapping[int, int],  # of some lists: bits of the groups that may hit any item
    ) -> None:
        self.owners = owners
        self._conditions, self._rows_of, self._loose = conditions, rows_of, loose
        exact = _exact(owners, conditions, sure, loose)
        reach = _reach(owners, len(sure))
        clauses = [
            exact[i][0] if i in exact else _clauses(i, node, names, reach, loose.get(i, 0))
            for i, (node, names) in enumerate(conditions)
        ]
        #: lists that are decided when their clauses are
        self.decided = frozenset(exact)
        #: lists that require nothing, so that every item must be looked at
        self.always = tuple(i for i, own in enumerate(clauses) if not own)
        barred = [exact[i][1] if i in exact else 0 for i in range(len(conditions))]
        #: for each owner what its group is to its list
        self.roles = _roles(owners, clauses, barred)
        self._gates: dict[int, Gate] = {}

    def ask(self, hits: Sequence[Hit], border: int) -> tuple[int, ...]:
        """Return the lists that may fire, out of all; the title ends at ``border``."""
        anywhere, title = dict(self._loose), dict(self._loose)
        for string, start, _ in hits:
            for row in self._rows_of(string):
                for owner in self.owners.of(row):
                    index, bit = self.owners.lists[owner], self.owners.bit(owner)
                    anywhere[index] = anywhere.get(index, 0) | bit
                    if start < border:
                        title[index] = title.get(index, 0) | bit
        every = range(len(self._conditions))
        return tuple(i for i in every if self._gate(i)(anywhere.get(i, 0), title.get(i, 0)))

    def ask_some(self, lists: Iterable[int], hits: Sequence[Hit], border: int) -> tuple[int, ...]:
        """Return those of a few lists that may fire."""
        rows = {row for hit in hits for row in self._rows_of(hit[0])}
        in_title = {row for hit in hits if hit[1] < border for row in self._rows_of(hit[0])}
        return tuple(
            index
            for index in lists
            if self._gate(index)(self._groups(rows, index), self._groups(in_title, index))
        )

    def _groups(self, rows: AbstractSet[int], index: int) -> int:
        """Return the bits of the groups of a list that have a row, or may hit without one."""
        found = self._loose.get(index, 0)
        for _, owner in self.owners.among(rows, index):
            found |= self.owners.bit(owner)
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
        if told is not None and 0 < len(told[0]) <= CLAUSES:
            clauses = [sum(1 << names.index(group) for group in one) for one in told[0]]
            found[index] = clauses, sum(1 << names.index(group) for group in told[1])
    return found


def _roles(
    owners: Owners, clauses: Sequence[Sequence[Clause]], barred: Sequence[Clause]
) -> bytearray:
    """Return for each owner what its group is to its list, in bits.

    The only clause of a list stands for a second one as well.
    """
    first = [own[0] if own else 0 for own in clauses]
    second = [own[:CLAUSES][-1] if own else 0 for own in clauses]
    roles = bytearray(len(owners.lists))
    for at, (index, group) in enumerate(zip(owners.lists, owners.groups, strict=True)):
        if group != MASK:
            bit = 1 << group
            roles[at] = (
                (FIRST if first[index] & bit else 0)
                | (SECOND if second[index] & bit else 0)
                | (BARRED if barred[index] & bit else 0)
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
