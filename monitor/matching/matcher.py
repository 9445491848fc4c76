"""Match items against many watchlists at once. Pure, deterministic, picklable.

Three steps, each cheaper for the next. With few lists a sieve turns most items away by their raw
text; with many, batches of items are asked in bulk which lists have all that they require. Only
what is left has its hits confirmed word by word, its masks applied and its condition judged.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from monitor.matching.automaton import Automaton
from monitor.matching.evidence import evidence_of, moves_of, score, weight
from monitor.matching.finding import Finder, Found, Item
from monitor.matching.glance import glance
from monitor.matching.judge import Verdict, View, judge
from monitor.matching.patterns import Row, Symbol, rows_of, spelling_key
from monitor.matching.screen import MASK, Owners, Screen
from monitor.matching.sieve import MOST_LISTS, sieve_of
from monitor.matching.terms import Term
from monitor.matching.watchlist import Status, Watchlist
from monitor.model import Evidence, Match

if TYPE_CHECKING:
    from monitor.matching.bulk import Bulk

#: From so many items on they are asked in bulk where the sieve would turn few of them away.
MANY_ITEMS = 64

Text = tuple[str, str]  #: title and text
NOBODY: Sequence[int] = ()
NOTHING: Mapping[int, tuple[Evidence, ...]] = {}

Judged = tuple[int, View, Verdict]  #: a list that fires


def compile_watchlists(lists: Sequence[Watchlist]) -> Matcher:
    """Build a matcher of all lists that are not retired."""
    return Matcher([each for each in lists if each.status is not Status.RETIRED])


class Candidate(NamedTuple):
    """An item that may fire: lists that do for sure, and lists whose words must be looked at."""

    number: int
    sure: Sequence[int]
    doubtful: Sequence[int]
    item: Callable[[], Item]
    shown: Callable[[], Mapping[int, tuple[Evidence, ...]]]  #: on what the sure lists rest


class Matcher:
    """Many watchlists, ready to match; see :func:`compile_watchlists`."""

    def __init__(self, lists: Sequence[Watchlist], *, few: int = MOST_LISTS) -> None:
        self.watchlists = tuple(lists)
        self._few = few  #: up to so many lists a sieve comes first; more are asked in bulk
        self._build()

    def __getstate__(self) -> tuple[tuple[Watchlist, ...], int]:
        return self.watchlists, self._few

    def __setstate__(self, state: tuple[tuple[Watchlist, ...], int]) -> None:
        self.watchlists, self._few = state
        self._build()

    @property
    def suspended(self) -> Counter[tuple[str, str]]:
        """How often a pattern overdrew its time in an item, by list name and pattern.

        Counts from the building of the matcher on; whoever has told of them may clear it.
        """
        return self._finder.suspended

    def _build(self) -> None:
        with _no_collection():
            self._compile()

    def _compile(self) -> None:
        rows = Rows()
        owners = Owners()
        for index, each in enumerate(self.watchlists):
            for group, terms in _terms(each):
                for number, term in enumerate(terms):
                    for spelling, row in enumerate(rows.of(term)):
                        owners.add(row, index, group, number, spelling)
        symbols, distinct = rows.close()
        owners.close(len(distinct), len(self.watchlists))
        self._automaton = automaton = Automaton(symbols, distinct)
        self._finder = Finder(self.watchlists, owners, automaton.proposals)
        loose = self._finder.loose
        self._names = [each.name for each in self.watchlists]
        self._raising = frozenset(i for i, each in enumerate(self.watchlists) if each.raises)
        asked = [(each.condition, _names(each)) for each in self.watchlists]
        is_sure = [symbol.is_plain for symbol in symbols]
        sure = [all(map(is_sure.__getitem__, row)) for row in distinct]
        for row in automaton.partial:
            sure[row] = False
        self._screen = Screen(owners, asked, automaton.proposals.of, sure, loose)
        self._sieve = None
        if len(asked) <= self._few:
            self._sieve = sieve_of(symbols, distinct, owners, asked, loose)
            automaton.warm()
        else:
            _ = self._bulk  # built now, not when the first items come

    @cached_property
    def _bulk(self) -> Bulk:
        """Loaded when it is needed: with few lists nobody waits for its library."""
        from monitor.matching.bulk import Bulk  # noqa: PLC0415 - as above

        return Bulk(self._automaton, self._screen, len(self.watchlists), self._finder.spelling)

    def match(self, title: str, text: str) -> tuple[Match, ...]:
        """Return a match for every list that fires, in the order of the lists."""
        return self.match_all([(title, text)])[0]

    def match_all(self, items: Sequence[Text]) -> list[tuple[Match, ...]]:
        """Return the matches of each item (title, text): as one by one, but sooner."""
        found: list[tuple[Match, ...]] = [()] * len(items)
        for number, sure, doubtful, of_item, of_shown in self._candidates(items):
            shown = of_shown() if sure else NOTHING
            if doubtful or not self._raising.isdisjoint(sure):
                item = of_item()
                judged = self._judged(item, sorted((*doubtful, *self._raising.intersection(sure))))
                matches = {i: self._match(i, item, view, told) for i, view, told in judged}
                matches |= {i: self._shown(i, shown[i]) for i in sure if i not in matches}
                found[number] = tuple([matches[i] for i in sorted(matches)])
            else:
                found[number] = tuple([self._shown(i, shown[i]) for i in sure])
        return found

    def fires(self, title: str, text: str) -> tuple[str, ...]:
        """Return the names of the lists that fire, without evidence."""
        return self.fires_all([(title, text)])[0]

    def fires_all(self, items: Sequence[Text]) -> list[tuple[str, ...]]:
        """Return for each item (title, text) the names of the lists that fire."""
        found: list[tuple[str, ...]] = [()] * len(items)
        names = self._names
        for each in self._candidates(items):
            lists = each.sure
            if each.doubtful:
                judged = self._judged(each.item(), each.doubtful)
                lists = sorted((*lists, *(index for index, _, _ in judged)))
            found[each.number] = tuple([names[index] for index in lists])
        return found

    def _candidates(self, items: Sequence[Text]) -> Iterator[Candidate]:
        """Yield the items that may fire a list."""
        if not self.watchlists:
            return
        if self._sieve is None or (len(items) >= MANY_ITEMS and self._sieve.rest(len(items))):
            yield from self._candidates_in_bulk(items)
            return
        for number, (title, text) in enumerate(items):
            if self._sieve.passes(title, text):
                item = self._scanned(title, text)
                doubtful = self._screen.ask(item.hits, item.border)
                if doubtful:
                    yield Candidate(number, (), doubtful, partial(_itself, item), dict)

    def _candidates_in_bulk(self, items: Sequence[Text]) -> Iterator[Candidate]:
        begin = 0
        for batch in self._bulk.batches(items):
            asked = self._bulk.ask(batch)
            sure, doubtful = asked.fire, asked.may_fire
            for number in sorted(sure.keys() | doubtful.keys()):
                item, also = partial(asked.item, number), NOBODY
                if number in doubtful:
                    looked = asked.item(number)
                    item = partial(_itself, looked)
                    also = self._screen.ask_some(doubtful[number], looked.hits, looked.border)
                yield Candidate(
                    begin + number, sure.get(number, ()), also, item, partial(asked.shown, number)
                )
            begin += len(batch)

    def _scanned(self, title: str, text: str) -> Item:
        hits, border, head, body = self._automaton.scan(title, text)
        return Item(title, text, border, lambda: hits, lambda: glance(title, text, head, body))

    def _shown(self, index: int, evidence: tuple[Evidence, ...]) -> Match:
        watchlist = self.watchlists[index]
        return Match(watchlist.name, watchlist.level, weight(evidence), evidence)

    def _judged(self, item: Item, lists: Sequence[int]) -> Iterator[Judged]:
        """Look at the words, and yield the lists that fire."""
        for index in lists:
            view = View(self._finder.find(index, item).hits, item.moves_of)
            verdict = judge(self.watchlists[index].condition, view)
            if verdict.holds:
                yield index, view, verdict

    def _match(self, index: int, item: Item, view: View, verdict: Verdict) -> Match:
        watchlist = self.watchlists[index]
        also = moves_of(watchlist, view) if watchlist.raises else ()
        evidence = evidence_of(verdict, item.glance, also)
        return Match(watchlist.name, watchlist.level, score(watchlist, view, evidence), evidence)

    def find_in(self, index: int, title: str, text: str) -> tuple[Item, Found]:
        """Read an item and confirm the hits of one list in it, whether it is a candidate or not."""
        item = self._scanned(title, text)
        return item, self._finder.find(index, item)


def _itself(item: Item) -> Item:
    return item


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
