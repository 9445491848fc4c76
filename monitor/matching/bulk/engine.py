"""Decide a batch of items: texts to chunks to letters to strings to lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from monitor.matching.automaton import Automaton, Hit
from monitor.matching.bulk.cells import Reader, Stream
from monitor.matching.bulk.glance import Words, glance
from monitor.matching.bulk.lists import Clauses, Told
from monitor.matching.bulk.shown import Shown, Spell, evidence
from monitor.matching.bulk.strings import Hits, Trie
from monitor.matching.bulk.tables import Numbers
from monitor.matching.bulk.texts import cut
from monitor.matching.finding import Item
from monitor.matching.screen import Screen
from monitor.model import Evidence

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
        shown: Callable[[], Shown],
    ) -> None:
        self._items, self._stream, self._told, self._shown = items, stream, told, shown
        self._hits, self._item_of = hits, item_of
        self._begins = np.concatenate(([0], stream.closes[1::2] + 1))  # of the items, in cells

    @property
    def fire(self) -> dict[int, list[int]]:
        """Return by item the lists that fire, and no word must be looked at for it."""
        return self._told.by_item(self._told.fire)

    def shown(self, number: int) -> Mapping[int, tuple[Evidence, ...]]:
        """Return what those lists of an item rest on, by list."""
        return self._every[number]

    @cached_property
    def _every(self) -> Shown:
        return self._shown()

    @property
    def may_fire(self) -> dict[int, list[int]]:
        """Return by item the lists of which gates and words must tell."""
        return self._told.by_item(self._told.may_fire)

    def item(self, number: int) -> Item:
        """Return one of the items, ready to be looked at."""
        title, text = self._items[number]
        first, closes = int(self._begins[number]), self._stream.closes
        border, end = int(closes[2 * number]), int(closes[2 * number + 1])
        return Item(
            title,
            text,
            border - first,
            lambda: self._hits_of(number, first),
            lambda: glance(self._words, title, text, first, border, end),
        )

    def _hits_of(self, number: int, first: int) -> list[Hit]:
        begin, end = np.searchsorted(self._ordered, (number, number + 1))
        chosen, hits = self._order[begin:end], self._hits
        columns = hits.strings[chosen], hits.cells[chosen] - first, hits.ends[chosen] - first
        return list(zip(*(column.tolist() for column in columns), strict=True))

    @cached_property
    def _words(self) -> Words:
        """Look at the words of items with a doubtful list where a string stands."""
        hits = np.flatnonzero(np.isin(self._item_of, self._told.may_fire // self._told.lists))
        return Words(self._stream, np.unique(self._hits.covered(hits)))

    @cached_property
    def _order(self) -> Numbers:
        return np.argsort(self._item_of, kind="stable")

    @cached_property
    def _ordered(self) -> Numbers:
        return self._item_of[self._order]


class Bulk:
    """The lists of one matcher, ready to be asked of many items."""

    def __init__(self, automaton: Automaton, screen: Screen, lists: int, spell: Spell) -> None:
        self._owners, self._spell = screen.owners, spell
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
        shown = partial(evidence, items, stream, hits, told, self._owners, self._spell)
        return Asked(items, stream, hits, item_of, told, shown)


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
