"""Find where terms may stand, in one pass. Home of ahocorasick_rs.

Every word class gets one code point, a *letter*; an item becomes a string of letters, terms become
short strings, and Aho-Corasick finds them overlapping. What it proposes is a superset: hits are
confirmed on the real words. All Unicode work hides behind a bounded cache of whitespace chunks.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.matching.letters import Letters
from monitor.matching.patterns import Symbol
from monitor.matching.tables import Ranges
from monitor.matching.tokens import (
    BORDER,
    CHUNK_CACHE_LIMIT,
    PARAGRAPH,
    PARAGRAPH_CHUNK,
    PLAIN,
    READ_LIMIT,
    cut,
    fold,
    lone_word,
)

CACHED_CHUNKS = 60_000  # in each of two generations
#: A term with more letter strings than this is found by its rarest word alone.
MAX_STRINGS = 256


Hit = tuple[int, int, int]  #: number of a letter string, first cell, end


class Scan(NamedTuple):
    """What the automaton found in one item."""

    hits: list[Hit]
    border: int  #: the cell between title and text
    head: list[str]  #: the letters of every chunk of the title
    body: list[str]  #: and of the text


class Proposals(NamedTuple):
    """The rows that each letter string proposes, and how many of their words stand before it."""

    strings: Ranges
    rows: array[int]
    offsets: array[int]

    def of(self, string: int) -> array[int]:
        """Return the rows that a string proposes."""
        at = self.strings.of(string)
        return self.rows[at.start : at.stop]

    def places(self, hits: Sequence[Hit]) -> dict[int, list[int]]:
        """Return for each row that a hit proposes the cells where it would begin."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for string, start, _ in hits:
            for at in self.strings.of(string):
                found[self.rows[at]].append(start - self.offsets[at])
        return found


class ChunkLetters(dict[str, str]):
    """Whitespace chunk -> its letters, filled as chunks come by, in two generations.

    When the young one is full it becomes the old one; what is used again is carried over.
    """

    def __init__(self, letters: Letters) -> None:
        super().__init__()
        self._of = letters.of
        self._old: dict[str, str] = {}

    def __missing__(self, chunk: str) -> str:
        found = self._old.get(chunk) or self.meaning(chunk)
        if len(chunk) <= CHUNK_CACHE_LIMIT:
            if len(self) >= CACHED_CHUNKS:
                self._old = dict(self)
                self.clear()
            self[chunk] = found
        return found

    def meaning(self, chunk: str) -> str:
        """Return the letters of a chunk, without remembering them."""
        if PLAIN.issuperset(chunk):
            return self._of(fold(chunk), chunk)
        word, ends = lone_word(chunk)
        folded = fold(word)
        of = self._of
        if folded:
            return of(folded, word) + BORDER if ends else of(folded, word)
        return "".join(
            [BORDER if piece is None else of(piece.fold, piece.clean) for piece in cut(chunk)]
        )


class Automaton:
    """All rows of symbols of a matcher; ``rows`` holds the numbers of their symbols."""

    def __init__(self, symbols: Sequence[Symbol], rows: Sequence[tuple[int, ...]]) -> None:
        letters = Letters(symbols)
        self.chunks = ChunkLetters(letters)
        strings: dict[str, int] = {}
        numbers, found, offsets = array("I"), array("I"), array("B")
        #: rows that are found by one word of theirs alone
        self.partial: set[int] = set()
        for row, parts in enumerate(rows):
            for string, offset in _strings(parts, symbols, letters):
                if len(string) < len(parts):
                    self.partial.add(row)
                numbers.append(strings.setdefault(string, len(strings)))
                found.append(row)
                offsets.append(offset)
        order, ranges = Ranges.sorting(numbers, len(strings))
        rows_of = array("I", map(found.__getitem__, order))
        self.proposals = Proposals(ranges, rows_of, array("B", map(offsets.__getitem__, order)))
        self.strings = tuple(strings)
        letters.forget()

    @cached_property
    def _search(self) -> AhoCorasick:
        return AhoCorasick(self.strings, matchkind=MatchKind.Standard)

    def warm(self) -> None:
        """Make now what else the first item would wait for."""
        _ = self._search

    def scan(self, title: str, text: str) -> Scan:
        """Find every letter string; an item without a watched word costs no search."""
        of = self.chunks.__getitem__
        head, body = list(map(of, _chunks(title))), list(map(of, _chunks(text)))
        first, second = "".join(head), "".join(body)
        hits: list[Hit] = []
        if self.strings and not (first.isascii() and second.isascii()):
            letters = first + BORDER + second
            hits = self._search.find_matches_as_indexes(letters, overlapping=True)
        return Scan(hits, len(first), head, body)


def _chunks(text: str) -> list[str]:
    if len(text) > READ_LIMIT:
        text = text[:READ_LIMIT]
    if "\n" in text:
        text = PARAGRAPH.sub(PARAGRAPH_CHUNK, text)
    return text.split()


def _strings(
    row: tuple[int, ...], symbols: Sequence[Symbol], letters: Letters
) -> list[tuple[str, int]]:
    """Return letter strings, one of which stands wherever the row does, with their offset."""
    choices = [letters.taken_by[symbol] for symbol in row]
    if prod(map(len, choices)) <= MAX_STRINGS:
        return [("".join(string), 0) for string in product(*choices)]
    rarest = min(range(len(choices)), key=lambda i: (len(choices[i]), -len(symbols[row[i]].base)))
    return [(letter, rarest) for letter in choices[rarest]]
