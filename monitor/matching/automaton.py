"""Find where terms may stand, in one pass. Home of ahocorasick_rs.

Every word class gets one code point, a *letter*; an item becomes a string of letters, terms become
short strings, and Aho-Corasick finds them overlapping. What it proposes is a superset: hits are
confirmed on the real words. All Unicode work hides behind a bounded cache of whitespace chunks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.matching.fuzzy import SlipIndex
from monitor.matching.patterns import Pattern, Symbol
from monitor.matching.terms import MIN_PREFIX
from monitor.matching.tokens import (
    CHUNK_CACHE_LIMIT,
    PARAGRAPH,
    PARAGRAPH_CHUNK,
    composed,
    fold,
    lone_word,
    pieces,
)

BORDER = "\x01"  # a sentence ends
UNKNOWN = "\x02"  # a word of no term
_FIRST_LETTER = 0x100
_SURROGATES = range(0xD800, 0xE000)
CACHED_CHUNKS = 40_000  # in each of two generations
#: A term with more letter strings than this is found by its rarest word alone.
MAX_STRINGS = 256


class Proposal(NamedTuple):
    """A pattern may stand at this cell of the reading."""

    pattern: int
    first: int


class Letters:
    """Gives every piece of text the letter of its word class."""

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        folds: set[str] = set()
        surfaces: set[tuple[str, str]] = set()
        prefixes: set[str] = set()
        slips: set[str] = set()
        for symbol in symbols:
            if symbol.surfaces:
                surfaces |= _cased(symbol)
                continue
            folds |= symbol.words
            if symbol.prefix:
                prefixes.add(symbol.base)
            if symbol.fuzzy:
                slips.add(symbol.base)
        self._next = _FIRST_LETTER
        self._folds = {word: self._new() for word in sorted(folds)}
        self._surfaces = {surface: (word, self._new()) for surface, word in sorted(surfaces)}
        self._prefixes = {prefix: (self._new(), self._new()) for prefix in sorted(prefixes)}
        self._slip = self._new()
        self._slips = SlipIndex(slips)
        self._heads = {prefix[:MIN_PREFIX] for prefix in prefixes}
        self._longest_prefix = max(map(len, prefixes), default=0)
        self._by_fold: dict[str, list[str]] = defaultdict(list)
        for word, letter in (*self._folds.items(), *self._surfaces.values()):
            self._by_fold[word].append(letter)
        self._by_prefix = self._under_prefixes()
        self._by_slip = self._under_slips(slips)

    def _new(self) -> str:
        while self._next in _SURROGATES:
            self._next += 1
        self._next += 1
        return chr(self._next - 1)

    def _under_prefixes(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {prefix: set() for prefix in self._prefixes}
        for word, letters in self._by_fold.items():
            for prefix in self._all_prefixes(word):
                found[prefix].update(letters)
        for longer, letters_ in self._prefixes.items():
            for prefix in self._all_prefixes(longer):
                found[prefix].update(letters_)
        return found

    def _under_slips(self, slips: set[str]) -> dict[str, set[str]]:
        """Words of no term share one letter; which name they slip from is decided later."""
        unknown = {self._slip, *(letters[1] for letters in self._prefixes.values())}
        found = {name: set(unknown) for name in slips}
        for word, letters in self._by_fold.items():
            for name in self._slips.near(word):
                found[name].update(letters)
        return found

    def _all_prefixes(self, word: str) -> list[str]:
        longest = min(len(word), self._longest_prefix)
        lengths = range(longest, MIN_PREFIX - 1, -1)
        return [word[:length] for length in lengths if word[:length] in self._prefixes]

    def of(self, folded: str, surface: str) -> str:
        """Return the letter of a word of a text."""
        cased = self._surfaces.get(surface)
        if cased is not None:
            return cased[1]
        letter = self._folds.get(folded)
        if letter is not None:
            return letter
        slips = bool(self._by_slip) and bool(self._slips.near(folded))
        if folded[:MIN_PREFIX] in self._heads:
            prefixes = self._all_prefixes(folded)
            if prefixes:
                return self._prefixes[prefixes[0]][slips]
        return self._slip if slips else UNKNOWN

    def taken_by(self, symbol: Symbol) -> frozenset[str]:
        """Return all letters that a symbol may stand for."""
        if symbol.surfaces:
            return frozenset(self._surfaces[surface][1] for surface, _ in _cased(symbol))
        found = {letter for word in symbol.words for letter in self._by_fold[word]}
        if symbol.prefix:
            found |= self._by_prefix[symbol.base]
        if symbol.fuzzy:
            found |= self._by_slip[symbol.base]
        return frozenset(found)


def _cased(symbol: Symbol) -> set[tuple[str, str]]:
    """Surfaces with their folds; the capitals are those of an all-capitals title."""
    both = symbol.surfaces | {surface.upper() for surface in symbol.surfaces}
    return {(surface, fold(surface)) for surface in both}


class ChunkLetters(dict[str, str]):
    """Whitespace chunk -> its letters, filled as chunks come by, in two generations.

    When the young one is full it becomes the old one; what is used again is carried over.
    """

    def __init__(self, letters: Letters) -> None:
        super().__init__()
        self._letters = letters
        self._old: dict[str, str] = {}

    def __missing__(self, chunk: str) -> str:
        found = self._old.get(chunk)
        if found is None:
            found = self._read(chunk)
        if len(chunk) <= CHUNK_CACHE_LIMIT:
            if len(self) >= CACHED_CHUNKS:
                self._old = dict(self)
                self.clear()
            self[chunk] = found
        return found

    def _read(self, chunk: str) -> str:
        word = lone_word(chunk)
        folded = fold(word)
        if folded:
            return self._letters.of(folded, composed(word))
        return "".join(
            [
                BORDER if piece is None else self._letters.of(piece.fold, piece.clean)
                for piece in pieces(chunk)
            ]
        )


class Automaton:
    """All patterns of a matcher."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        letters = Letters({symbol for pattern in patterns for symbol in pattern.symbols})
        strings: dict[str, list[Proposal]] = defaultdict(list)
        for number, pattern in enumerate(patterns):
            for string, offset in _strings(pattern, letters):
                strings[string].append(Proposal(number, offset))
        self._chunks = ChunkLetters(letters)
        #: for each letter string: the patterns it proposes, and how far before it they begin
        self.proposals = list(strings.values())
        self._search = AhoCorasick(list(strings), matchkind=MatchKind.Standard) if strings else None

    def letters(self, title: str, text: str) -> str:
        """Return one letter for each cell of ``read(title, text)``."""
        of = self._chunks.__getitem__
        return "".join(map(of, _chunks(title))) + BORDER + "".join(map(of, _chunks(text)))

    def hits(self, letters: str) -> list[tuple[int, int, int]]:
        """Return (string number, first cell, end) of every letter string found."""
        if self._search is None:
            return []
        found: list[tuple[int, int, int]] = self._search.find_matches_as_indexes(
            letters, overlapping=True
        )
        return found


def _chunks(text: str) -> list[str]:
    if "\n" in text:
        text = PARAGRAPH.sub(PARAGRAPH_CHUNK, text)
    return text.split()


def _strings(pattern: Pattern, letters: Letters) -> Iterable[tuple[str, int]]:
    """Return letter strings, one of which stands wherever the pattern does, with their offset."""
    choices = [sorted(letters.taken_by(symbol)) for symbol in pattern.symbols]
    if prod(map(len, choices)) <= MAX_STRINGS:
        return [("".join(row), 0) for row in product(*choices)]
    rarest = min(
        range(len(choices)), key=lambda i: (len(choices[i]), -len(pattern.symbols[i].base))
    )
    return [(letter, rarest) for letter in choices[rarest]]
