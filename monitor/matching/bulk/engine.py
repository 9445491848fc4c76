"""Decide a batch of items: texts to chunks to letters to strings to lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from monitor.matching.automaton import Automaton, Hit
from monitor.matching.bulk.cells import Reader, Stream
from monitor.matching.bulk.glance import Words, glance
from monitor.matching.bulk.lists import Clauses, Told
from monitor.matching.bulk.strings import Hits, Trie
from monitor.matching.bulk.tables import Numbers
from monitor.matching.bulk.texts import cut
from monitor.matching.finding import Item, Placed
from monitor.matching.screen import Owners, Screen

#: What is looked at in one go: items, pairs of item and list, and characters.
MOST_ITEMS, MOST_PAIRS, MOST_CHARACTERS = 500, 8_000_000, 2_000_000

Text = tuple[str, str]  #: title and text


class Asked:
    """What a batch of items came to."""

    def __init__(
        self,
        items: Sequence[Text],
        stream: Stream,
        hits: Hits,
        item_of: Numbers,
        told: Told,
        owners: Owners,
    ) -> None:
        self._items, self._stream, self._told, self._owners = items, stream, told, owners
        self._hits, self._item_of = hits, item_of
        self._begins = np.concatenate(([0], stream.closes[1::2] + 1))  # of the items, in cells

    @property
    def fire(self) -> dict[int, list[int]]:
        """Return by item the lists that fire, and no word must be looked at for it."""
        return self._told.by_item(self._told.fire)

    @property
    def may_fire(self) -> dict[int, list[int]]:
        """Return by item the lists of which gates and words must tell."""
        return self._told.by_item(self._told.may_fire)

    def item(self, number: int) -> Item:
        """Return one of the items, ready to be looked at."""
        title, text = self._items[number]
        first, closes = int(self._begins[number]), self._stream.closes
        border, end = int(closes[2 * number]), int(closes[2 * number + 1])
        item = Item(
            title,
            text,
            border - first,
            lambda: self._hits_of(number, first),
            lambda: glance(self._words, title, text, first, border, end),
        )
        item.placed = self._placed.get(number, {})
        return item

    def _hits_of(self, number: int, first: int) -> list[Hit]:
        begin, end = np.searchsorted(self._ordered, (number, number + 1))
        chosen, hits = self._order[begin:end], self._hits
        columns = hits.strings[chosen], hits.cells[chosen] - first, hits.ends[chosen] - first
        return list(zip(*(column.tolist() for column in columns), strict=True))

    @cached_property
    def _shares(self) -> list[tuple[Numbers, Numbers, Numbers, Numbers]]:
        """Return on which hits the pairs rest that fire: item, list, owner, and the hit."""
        found = []
        for spread in self._told.clauses:
            here = self._told.share(spread)
            items, lists = np.divmod(spread.keys[here], self._told.lists)
            hits: Numbers = np.searchsorted(spread.ends, here, "right").astype(np.int64)
            found.append((items, lists, spread.owners[here], hits))
        return found

    @cached_property
    def _words(self) -> Words:
        hits = np.unique(np.concatenate([hits for *_, hits in self._shares]))
        first, sizes = self._hits.cells[hits], self._hits.ends[hits] - self._hits.cells[hits]
        ends = np.cumsum(sizes)
        cells = np.arange(int(sizes.sum())) + np.repeat(first - (ends - sizes), sizes)
        return Words(self._stream, np.unique(cells))

    @cached_property
    def _placed(self) -> dict[int, dict[int, set[Placed]]]:
        """Where the terms stand on which the pairs rest that fire, by item and list."""
        found: dict[int, dict[int, set[Placed]]] = defaultdict(lambda: defaultdict(set))
        groups = np.frombuffer(self._owners.groups, np.int16)
        terms = np.frombuffer(self._owners.terms, np.uint16)
        for items, lists, owners, hits in self._shares:
            first = self._hits.cells[hits] - self._begins[items]
            columns = items, lists, first, groups[owners], terms[owners], owners
            for item, index, *place in zip(*(one.tolist() for one in columns), strict=True):
                found[item][index].add(Placed(*place))
        return found

    @cached_property
    def _order(self) -> Numbers:
        return np.argsort(self._item_of, kind="stable")

    @cached_property
    def _ordered(self) -> Numbers:
        return self._item_of[self._order]


class Bulk:
    """The lists of one matcher, ready to be asked of many items."""

    def __init__(self, automaton: Automaton, screen: Screen, lists: int) -> None:
        self._owners = screen.owners
        self._reader = Reader(automaton.chunks.meaning)
        self._trie = Trie(automaton.strings)
        self._clauses = Clauses(screen, automaton.proposals, lists)
        self._most_items = max(1, min(MOST_ITEMS, MOST_PAIRS // max(1, lists)))

    def batches(self, items: Sequence[Text]) -> list[Sequence[Text]]:
        """Cut items into batches that take a bounded memory."""
        return batches(items, self._most_items, MOST_CHARACTERS)

    def ask(self, items: Sequence[Text]) -> Asked:
        """Ask all lists of one batch."""
        stream = self._reader.read(cut([part for item in items for part in item]))
        hits = self._trie.find(stream.letters)
        text_of = np.repeat(np.arange(2 * len(items)), np.diff(stream.closes, prepend=-1))
        item_of = text_of[hits.cells] >> 1
        told = self._clauses.ask(len(items), item_of, hits.strings)
        return Asked(items, stream, hits, item_of, told, self._owners)


def batches(items: Sequence[Text], most: int, characters: int) -> list[Sequence[Text]]:
    """Cut items into batches of so many, and of so many characters where one item is not longer."""
    found, begin, taken = [], 0, 0
    for at, (title, text) in enumerate(items):
        size = len(title) + len(text)
        if at > begin and (at - begin >= most or taken + size > characters):
            found.append(items[begin:at])
            begin, taken = at, 0
        taken += size
    return [*found, items[begin:]] if begin < len(items) else found
