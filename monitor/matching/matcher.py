"""Match items against many watchlists at once. Pure, deterministic, picklable.

Three steps, each cheaper for the next: the automaton proposes where terms may stand; bit sets tell
which lists have all that they require; only those have their hits confirmed word by word, their
masks applied and their condition judged.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from monitor.matching.automaton import Automaton, Scan
from monitor.matching.glance import Glance
from monitor.matching.judge import MovePairs, Occurrence, Verdict, View, judge
from monitor.matching.moves import Moves
from monitor.matching.patterns import Pattern, Row, Symbol, rows_of, spelling_key
from monitor.matching.screen import MASK, Owners, Screen
from monitor.matching.sieve import sieve_of
from monitor.matching.terms import Term
from monitor.matching.tokens import Reading, Word, read
from monitor.matching.watchlist import Status, Watchlist
from monitor.model import Evidence, Kind, Match

MAX_EVIDENCE = 40  # per match
_BONUS, _BONUS_LIMIT = 0.1, 0.5
#: Which of several readings of the same words is shown.
_RANK = {
    kind: rank
    for rank, kind in enumerate((Kind.EXACT, Kind.ALIAS, Kind.FORM, Kind.PREFIX, Kind.FUZZY))
}


class Placed(NamedTuple):
    """What may stand in an item for one list."""

    owner: int  #: who the row belongs to
    first: int  #: the cell where it would begin


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
        with _no_collection():
            self._compile()

    def _compile(self) -> None:
        rows = Rows()
        self._owners = Owners()
        for index, each in enumerate(self.watchlists):
            for group, terms in _terms(each):
                for number, term in enumerate(terms):
                    for spelling, row in enumerate(rows.of(term)):
                        self._owners.add(row, index, group, number, spelling)
        symbols, distinct = rows.close()
        self._owners.close(len(distinct), len(self.watchlists))
        self._automaton = Automaton(symbols, distinct)
        asked = [(each.condition, _names(each)) for each in self.watchlists]
        is_sure = [symbol.is_plain for symbol in symbols]
        sure = [all(map(is_sure.__getitem__, row)) for row in distinct]
        for row in self._automaton.partial:
            sure[row] = False
        self._screen = Screen(self._owners, asked, self._automaton.rows_of, sure)
        self._sieve = sieve_of(symbols, distinct, self._owners, asked)

    def match(self, title: str, text: str) -> tuple[Match, ...]:
        """Return a match for every list that fires, in the order of the lists."""
        item = self._item(title, text)
        return tuple(
            self._match(index, item, view, verdict) for index, view, verdict in self._verdicts(item)
        )

    def fires(self, title: str, text: str) -> tuple[str, ...]:
        """Return the names of the lists that fire, without evidence."""
        item = self._item(title, text)
        scan = self._scanned(item)
        if scan is None:
            return ()
        sure, doubtful = self._screen.ask(scan.hits, scan.border)
        found = [*sure, *(index for index, _, _ in self._judged(item, scan.hits, doubtful))]
        return tuple(self.watchlists[index].name for index in sorted(found))

    def _scanned(self, item: Item) -> Scan | None:
        if self._sieve is not None and not self._sieve.passes(item.title, item.text):
            return None
        return self._automaton.scan(item.title, item.text)

    def _verdicts(self, item: Item) -> Iterator[tuple[int, View, Verdict]]:
        scan = self._scanned(item)
        if scan is None:
            return
        sure, doubtful = self._screen.ask(scan.hits, scan.border)
        lists = tuple(sorted((*sure, *doubtful))) if sure else doubtful
        yield from self._judged(item, scan.hits, lists)

    def _judged(
        self, item: Item, hits: list[tuple[int, int, int]], lists: Sequence[int]
    ) -> Iterator[tuple[int, View, Verdict]]:
        """Look at the words, and yield the lists that fire."""
        placed = self._placed(hits, lists) if lists else {}
        for index in lists:
            found = self._find(index, item.glance, placed[index])
            view = View(found.hits, item.moves_of)
            verdict = judge(self.watchlists[index].condition, view)
            if verdict.holds:
                yield index, view, verdict

    def _placed(
        self, hits: list[tuple[int, int, int]], lists: Sequence[int]
    ) -> dict[int, list[Placed]]:
        """Return what may stand where, for each of the lists."""
        places: dict[int, list[int]] = defaultdict(list)
        for string, start, _ in hits:
            for row, offset in self._automaton.proposed(string):
                places[row].append(start - offset)
        among = self._owners.among
        return {
            index: [
                Placed(owner, first)
                for row, owner in among(places.keys(), index)
                for first in places[row]
            ]
            for index in lists
        }

    def _match(self, index: int, item: Item, view: View, verdict: Verdict) -> Match:
        watchlist = self.watchlists[index]
        evidence = evidence_of(verdict, item.glance)
        return Match(watchlist.name, watchlist.level, score(watchlist, view, evidence), evidence)

    def find_in(self, index: int, title: str, text: str) -> tuple[Item, Found]:
        """Read an item and confirm the hits of one list in it, whether it is a candidate or not."""
        placed = self._placed(self._automaton.scan(title, text).hits, [index])
        item = self._item(title, text)
        return item, self._find(index, item.glance, placed[index])

    def _item(self, title: str, text: str) -> Item:
        return Item(title, text, self._automaton.letters)

    def _find(self, index: int, glance: Glance, placed: list[Placed]) -> Found:
        """Confirm the hits of one list on the real words, and apply its masks."""
        groups: dict[int, dict[tuple[int, int], Occurrence]] = defaultdict(dict)
        # the term that stands first in its group names a hit that several take alike
        for owner, first in sorted(placed, key=self._order):
            group, pattern = self._pattern(index, owner)
            occurrence = self._confirm(index, group, pattern, glance, first)
            if occurrence is None:
                continue
            place = (occurrence.first, occurrence.last)
            have = groups[group].get(place)
            if have is None or _RANK[occurrence.kind] < _RANK[have.kind]:
                groups[group][place] = occurrence
        masks = tuple(groups.pop(MASK, {}).values())
        names = _names(self.watchlists[index])
        return _apply_masks({names[i]: list(each.values()) for i, each in groups.items()}, masks)

    def _order(self, placed: Placed) -> tuple[int, int, int]:
        owner, first = placed
        return first, self._owners.groups[owner], self._owners.terms[owner]

    def _pattern(self, index: int, owner: int) -> tuple[int, Pattern]:
        """Return group number and pattern of an owner; rows are made again, not kept."""
        watchlist, group = self.watchlists[index], self._owners.groups[owner]
        terms = watchlist.masks if group == MASK else watchlist.groups[group].terms
        term = terms[self._owners.terms[owner]]
        return group, Pattern(term, rows_of(*spelling_key(term))[self._owners.spellings[owner]])

    def _confirm(
        self, index: int, group: int, pattern: Pattern, glance: Glance, first: int
    ) -> Occurrence | None:
        cells = glance.row(first, len(pattern.symbols)) if first >= 0 else []
        kind = pattern.kind_of(cells, glance)
        if kind is None:
            return None
        begin, end = cells[0], cells[-1]
        assert isinstance(begin, Word)
        assert isinstance(end, Word)
        return Occurrence(
            group="" if group == MASK else self.watchlists[index].groups[group].name,
            term=pattern.term,
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

    def __init__(self, title: str, text: str, letters: Callable[[str], list[str]]) -> None:
        self.title, self.text, self._letters = title, text, letters

    @cached_property
    def glance(self) -> Glance:
        return Glance(self.title, self.text, self._letters(self.title), self._letters(self.text))

    @cached_property
    def reading(self) -> Reading:
        return read(self.title, self.text)

    @cached_property
    def moves(self) -> Moves:
        return Moves(self.reading)

    def moves_of(self, subjects: tuple[Occurrence, ...]) -> MovePairs:
        """Read the moves of some hits; whoever asks for none has nothing cut for it."""
        return self.moves.of(subjects) if subjects else ()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the garbage collector: building makes a million objects and none in circles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Rows:
    """The distinct rows of all terms, as numbers of their distinct symbols; only while building."""

    def __init__(self) -> None:
        self._of_variant: dict[tuple[object, ...], dict[str, tuple[int, ...]]] = defaultdict(dict)
        self._symbols: dict[Symbol, int] = {}
        self._rows: dict[tuple[int, ...], int] = {}

    def of(self, term: Term) -> tuple[int, ...]:
        """Return the numbers of the rows of a term, in their order."""
        variant, *manner = key = spelling_key(term)
        known = self._of_variant[tuple(manner)]
        found = known.get(variant)
        if found is None:
            found = known[variant] = tuple(map(self._number, rows_of(*key)))
        return found

    def _number(self, row: Row) -> int:
        symbols = self._symbols
        parts = tuple([symbols.setdefault(symbol, len(symbols)) for symbol in row])
        return self._rows.setdefault(parts, len(self._rows))

    def close(self) -> tuple[list[Symbol], list[tuple[int, ...]]]:
        """Return symbols and rows by their numbers, and forget how they were numbered."""
        found = list(self._symbols), list(self._rows)
        for table in (self._of_variant, self._symbols, self._rows):
            table.clear()
        return found


def _terms(watchlist: Watchlist) -> Iterator[tuple[int, tuple[Term, ...]]]:
    for number, group in enumerate(watchlist.groups):
        yield number, group.terms
    yield MASK, watchlist.masks


def _names(watchlist: Watchlist) -> tuple[str, ...]:
    return tuple(group.name for group in watchlist.groups)


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


def evidence_of(verdict: Verdict, source: Glance) -> tuple[Evidence, ...]:
    """Return what a verdict rests on, in the order of the text, every group at least once."""
    distinct = dict.fromkeys(verdict.rests_on)
    ordered = sorted(distinct, key=attrgetter("first", "last", "group"))
    if len(ordered) > MAX_EVIDENCE:
        ordered = _cut(ordered)
    return tuple(_evidence(each, source) for each in ordered)


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


def _evidence(occurrence: Occurrence, glance: Glance) -> Evidence:
    source = glance.title if occurrence.in_title else glance.text
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
