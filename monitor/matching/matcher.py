"""Match items against many watchlists at once. Pure, deterministic, picklable.

Three steps, each cheaper for the next: the automaton proposes where terms may stand; bit sets tell
which lists have all that they require; only those have their hits confirmed word by word, their
masks applied and their condition judged.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from monitor.matching.automaton import Automaton
from monitor.matching.evidence import evidence_of, moves_of, score
from monitor.matching.finding import Finder, Found, Item
from monitor.matching.judge import Verdict, View, judge
from monitor.matching.patterns import Row, Symbol, rows_of, spelling_key
from monitor.matching.screen import MASK, Owners, Screen
from monitor.matching.sieve import sieve_of
from monitor.matching.terms import Term
from monitor.matching.watchlist import Status, Watchlist
from monitor.model import Match


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
        self._finder = Finder(self.watchlists, owners, automaton)
        loose = self._finder.loose
        asked = [(each.condition, _names(each)) for each in self.watchlists]
        is_sure = [symbol.is_plain for symbol in symbols]
        sure = [all(map(is_sure.__getitem__, row)) for row in distinct]
        for row in automaton.partial:
            sure[row] = False
        self._screen = Screen(owners, asked, automaton.rows_of, sure, loose)
        self._sieve = sieve_of(symbols, distinct, owners, asked, loose)

    def match(self, title: str, text: str) -> tuple[Match, ...]:
        """Return a match for every list that fires, in the order of the lists."""
        item = self._item(title, text)
        if item is None:
            return ()
        sure, doubtful = self._screen.ask(item.scan.hits, item.scan.border)
        lists = sorted((*sure, *doubtful)) if sure else doubtful
        return tuple(
            self._match(index, item, view, verdict)
            for index, view, verdict in self._judged(item, lists)
        )

    def fires(self, title: str, text: str) -> tuple[str, ...]:
        """Return the names of the lists that fire, without evidence."""
        item = self._item(title, text)
        if item is None:
            return ()
        sure, doubtful = self._screen.ask(item.scan.hits, item.scan.border)
        if doubtful:
            sure = tuple(sorted((*sure, *(one for one, _, _ in self._judged(item, doubtful)))))
        return tuple([self.watchlists[index].name for index in sure])

    def _item(self, title: str, text: str) -> Item | None:
        """Read an item's letters; None if its raw text shows that it can fire nothing."""
        if self._sieve is not None and not self._sieve.passes(title, text):
            return None
        return Item(title, text, self._automaton.scan(title, text))

    def _judged(self, item: Item, lists: Sequence[int]) -> Iterator[tuple[int, View, Verdict]]:
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
        item = Item(title, text, self._automaton.scan(title, text))
        return item, self._finder.find(index, item)


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
