"""Match items against many watchlists at once. Pure, deterministic, picklable.

Three steps, each cheaper for the next: the automaton proposes where terms may stand; bit sets tell
which lists have all that they require; only those have their hits confirmed word by word, their
masks applied and their condition judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from monitor.matching.automaton import Automaton
from monitor.matching.conditions import may_hold, requirements
from monitor.matching.judge import Occurrence, Verdict, View, judge
from monitor.matching.moves import Moves
from monitor.matching.patterns import Pattern, patterns_of
from monitor.matching.tokens import Reading, Word, read
from monitor.matching.watchlist import Status, Watchlist
from monitor.model import Evidence, Kind, Match

MASK = -1  # the group number of masks
MAX_EVIDENCE = 40  # per match
#: How many required clauses of a list are looked at before its hits are confirmed.
COLUMNS = 3
_BONUS, _BONUS_LIMIT = 0.1, 0.5
#: Which of several readings of the same words is shown.
_RANK = {
    kind: rank
    for rank, kind in enumerate((Kind.EXACT, Kind.ALIAS, Kind.FORM, Kind.PREFIX, Kind.FUZZY))
}


class Owned(NamedTuple):
    """A pattern with the list and the group it belongs to."""

    watchlist: int
    group: int
    pattern: Pattern


class Proposed(NamedTuple):
    """A pattern that may begin so many cells before a letter string."""

    pattern: int
    offset: int


@dataclass(frozen=True, slots=True)
class Found:
    """The confirmed hits of one list in one item."""

    hits: dict[str, tuple[Occurrence, ...]]
    masked: tuple[Occurrence, ...]  #: removed, since a mask lies over them
    masks: tuple[Occurrence, ...]


def compile_watchlists(lists: Sequence[Watchlist]) -> Matcher:
    """Build a matcher of all lists that are not retired."""
    return Matcher([each for each in lists if each.status is not Status.RETIRED])


class Matcher:
    """Many watchlists, ready to match; see :func:`compile_watchlists`."""

    def __init__(self, lists: Sequence[Watchlist]) -> None:
        self.watchlists = tuple(lists)
        self._build()

    def __getstate__(self) -> dict[str, tuple[Watchlist, ...]]:
        return {"watchlists": self.watchlists}

    def __setstate__(self, state: dict[str, tuple[Watchlist, ...]]) -> None:
        self.watchlists = state["watchlists"]
        self._build()

    def _build(self) -> None:
        self._owned = [owned for i, each in enumerate(self.watchlists) for owned in _own(i, each)]
        self._automaton = Automaton([owned.pattern for owned in self._owned])
        self._by_list = [self._sort(proposals) for proposals in self._automaton.proposals]
        self._columns, self._filler = self._requirements()

    def _sort(self, proposals: Iterable[tuple[int, int]]) -> dict[int, tuple[Proposed, ...]]:
        found: dict[int, list[Proposed]] = defaultdict(list)
        for number, offset in proposals:
            found[self._owned[number].watchlist].append(Proposed(number, offset))
        return {each: tuple(proposed) for each, proposed in found.items()}

    def _requirements(self) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
        """Return for each letter string the lists whose n-th clause it may fulfil, as bits.

        ``filler`` holds the lists that have no n-th clause.
        """
        filler = [0] * COLUMNS
        bits: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * COLUMNS)
        for index, each in enumerate(self.watchlists):
            clauses = requirements(each.condition)[:COLUMNS]
            for column in range(COLUMNS):
                if column >= len(clauses):
                    filler[column] |= 1 << index
                    continue
                for group in clauses[column]:
                    bits[index, group][column] |= 1 << index
        shared: dict[tuple[tuple[int, int], ...], tuple[int, ...]] = {}
        rows = []
        for by_list in self._by_list:
            owners = sorted({self._owned[p.pattern][:2] for ps in by_list.values() for p in ps})
            key = tuple(owner for owner in owners if owner[1] != MASK)
            if key not in shared:
                shared[key] = self._row(key, bits)
            rows.append(shared[key])
        return rows, tuple(filler)

    def _row(
        self, owners: Iterable[tuple[int, int]], bits: dict[tuple[int, str], list[int]]
    ) -> tuple[int, ...]:
        row = [0] * COLUMNS
        for index, group in owners:
            name = self.watchlists[index].groups[group].name
            for column, bit in enumerate(bits[index, name]):
                row[column] |= bit
        return tuple(row)

    def match(self, title: str, text: str) -> tuple[Match, ...]:
        """Return a match for every list that fires, in the order of the lists."""
        hits = self._automaton.hits(self._automaton.letters(title, text))
        candidates = self._candidates(hits)
        if not candidates:
            return ()
        item = Item(title, text)
        found = (self._decide(index, item, hits) for index in _ones(candidates))
        return tuple(match for match in found if match is not None)

    def _candidates(self, hits: list[tuple[int, int, int]]) -> int:
        first, second, third = self._filler
        columns = self._columns
        for string in {hit[0] for hit in hits}:
            row = columns[string]
            first |= row[0]
            second |= row[1]
            third |= row[2]
        return first & second & third

    def _decide(self, index: int, item: Item, hits: list[tuple[int, int, int]]) -> Match | None:
        watchlist = self.watchlists[index]
        if not may_hold(watchlist.condition, self._present(index, hits)):
            return None
        found = self.find(index, item.reading, hits)
        view = View(found.hits, item.moves.of)
        verdict = judge(watchlist.condition, view)
        if not verdict.holds:
            return None
        evidence = evidence_of(verdict, item.reading)
        return Match(watchlist.name, watchlist.level, score(watchlist, view, evidence), evidence)

    def _present(self, index: int, hits: list[tuple[int, int, int]]) -> set[str]:
        """Return the groups of a list that may have a hit."""
        groups = self.watchlists[index].groups
        numbers = {
            self._owned[proposed.pattern].group
            for string in {hit[0] for hit in hits}
            for proposed in self._by_list[string].get(index, ())
        }
        return {groups[number].name for number in numbers if number != MASK}

    def find(self, index: int, reading: Reading, hits: list[tuple[int, int, int]]) -> Found:
        """Confirm the hits of one list on the real words, and apply its masks."""
        groups: dict[int, dict[tuple[int, int], Occurrence]] = defaultdict(dict)
        for string, start, _ in hits:
            for number, offset in self._by_list[string].get(index, ()):
                owned = self._owned[number]
                occurrence = self._confirm(owned, reading, start - offset)
                if occurrence is None:
                    continue
                place = (occurrence.first, occurrence.last)
                have = groups[owned.group].get(place)
                if have is None or _RANK[occurrence.kind] < _RANK[have.kind]:
                    groups[owned.group][place] = occurrence
        masks = tuple(groups.pop(MASK, {}).values())
        names = [group.name for group in self.watchlists[index].groups]
        return _apply_masks({names[i]: list(each.values()) for i, each in groups.items()}, masks)

    def find_in(self, index: int, title: str, text: str) -> tuple[Item, Found]:
        """Read an item and confirm the hits of one list in it, whether it is a candidate or not."""
        hits = self._automaton.hits(self._automaton.letters(title, text))
        item = Item(title, text)
        return item, self.find(index, item.reading, hits)

    def _confirm(self, owned: Owned, reading: Reading, first: int) -> Occurrence | None:
        kind = owned.pattern.kind_at(reading, first)
        if kind is None:
            return None
        name = (
            "" if owned.group == MASK else self.watchlists[owned.watchlist].groups[owned.group].name
        )
        begin = reading.cells[first]
        end = reading.cells[first + len(owned.pattern.symbols) - 1]
        assert isinstance(begin, Word)
        assert isinstance(end, Word)
        return Occurrence(
            group=name,
            term=owned.pattern.term,
            kind=kind,
            first=begin.position,
            last=end.position,
            sentence=begin.sentence,
            start=begin.start,
            end=end.end,
            in_title=begin.in_title,
        )


class Item:
    """One item while it is judged: its words, and its moves, once someone asks."""

    def __init__(self, title: str, text: str) -> None:
        self._source = title, text

    @cached_property
    def reading(self) -> Reading:
        return read(*self._source)

    @cached_property
    def moves(self) -> Moves:
        return Moves(self.reading)


def _own(index: int, watchlist: Watchlist) -> Iterator[Owned]:
    for number, group in enumerate(watchlist.groups):
        for term in group.terms:
            for pattern in patterns_of(term):
                yield Owned(index, number, pattern)
    for term in watchlist.masks:
        for pattern in patterns_of(term):
            yield Owned(index, MASK, pattern)


def _ones(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _apply_masks(groups: dict[str, list[Occurrence]], masks: tuple[Occurrence, ...]) -> Found:
    """Remove occurrences that a mask touches, then those inside a longer one of their group."""
    covered = {position for mask in masks for position in range(mask.first, mask.last + 1)}
    hits: dict[str, tuple[Occurrence, ...]] = {}
    removed: list[Occurrence] = []
    for name, occurrences in groups.items():
        open_: list[Occurrence] = []
        hidden: list[Occurrence] = []
        for each in occurrences:
            touched = covered and not covered.isdisjoint(range(each.first, each.last + 1))
            (hidden if touched else open_).append(each)
        removed += hidden
        if open_:
            hits[name] = tuple(_longest(open_))
    return Found(hits, tuple(removed), masks)


def _longest(occurrences: list[Occurrence]) -> Iterator[Occurrence]:
    reached = -1
    for each in sorted(occurrences, key=lambda o: (o.first, -o.last)):
        if each.last > reached:
            reached = each.last
            yield each


def score(watchlist: Watchlist, view: View, evidence: Sequence[Evidence]) -> float:
    """Return 1, plus every ``raise`` that holds, plus 0.1 for each further group that is shown.

    Groups add 0.5 at most; groups whose name begins with _ add nothing; never below 0.
    """
    total = 1.0 + sum(each.score for each in watchlist.raises if judge(each.condition, view).holds)
    shown = {each.group for each in evidence if not each.group.startswith("_")}
    return round(max(0.0, total + min(_BONUS_LIMIT, _BONUS * max(0, len(shown) - 1))), 6)


def evidence_of(verdict: Verdict, reading: Reading) -> tuple[Evidence, ...]:
    """Return what a verdict rests on, in the order of the text, every group at least once."""
    distinct = dict.fromkeys(verdict.rests_on)
    ordered = sorted(distinct, key=attrgetter("first", "last", "group"))
    if len(ordered) > MAX_EVIDENCE:
        ordered = _cut(ordered)
    return tuple(_evidence(each, reading) for each in ordered)


def _cut(ordered: list[Occurrence]) -> list[Occurrence]:
    firsts: dict[tuple[str, bool], Occurrence] = {}
    for each in ordered:
        firsts.setdefault((each.group, each.move is not None), each)
    kept = set(firsts.values())
    for each in ordered:
        if len(kept) >= max(MAX_EVIDENCE, len(firsts)):
            break
        kept.add(each)
    return [each for each in ordered if each in kept]


def _evidence(occurrence: Occurrence, reading: Reading) -> Evidence:
    source = reading.title if occurrence.in_title else reading.text
    return Evidence(
        group=occurrence.group,
        term=occurrence.term.written,
        text=source[occurrence.start : occurrence.end],
        field="title" if occurrence.in_title else "text",
        start=occurrence.start,
        end=occurrence.end,
        kind=occurrence.kind,
        alias=occurrence.term.alias,
        move=occurrence.move,
    )
