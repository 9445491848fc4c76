"""Look at single words of an item whose letters are known, without cutting all of it.

Gives the same words as ``read``; that is for whoever needs the whole item.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, count, repeat
from operator import add
from typing import Protocol

from monitor.matching.tokens import BODY, BORDER, CHUNKS, READ_LIMIT, Piece, Word, pieces, read

#: Words beyond which it is cheaper to cut the item whole.
MANY_WORDS = 100


class Side(Protocol):
    """The title or the text, by its cells; a cell is a word or a sentence border."""

    @property
    def size(self) -> int: ...

    def cell(self, at: int) -> Word | None: ...


class Glance:
    """An item, of which single words are looked at."""

    def __init__(self, title: str, text: str, head: Side, body: Side) -> None:
        self.title, self.text = title, text
        self.caps_title = title.isupper()
        self._head, self._body = head, body
        self._seen = 0
        self._whole: list[Word | None] | None = None

    def source(self, word: Word) -> str:
        return self.title if word.in_title else self.text

    def row(self, first: int, count: int) -> list[Word | None]:
        """Return the cells from ``first`` on, fewer at the end of the item."""
        self._seen += count
        if self._seen > MANY_WORDS:
            if self._whole is None:
                self._whole = read(self.title, self.text).cells
            return self._whole[first : first + count]
        border = self._head.size
        if first == border:
            return [None]
        side, at = (self._head, first) if first < border else (self._body, first - border - 1)
        return [side.cell(each) for each in range(at, min(at + count, side.size))]


def glance(title: str, text: str, head: Sequence[str], body: Sequence[str]) -> Glance:
    """Return a glance at an item, by the letters of the chunks of its title and its text."""
    first = LetterSide(title, head, 0, 0)
    sentences = first.letters.count(BORDER) + 1
    return Glance(title, text, first, LetterSide(text, body, BODY, sentences))


class LetterSide:
    """A side by the letters of its chunks."""

    def __init__(self, source: str, letters: Sequence[str], position: int, sentence: int) -> None:
        self.letters = "".join(letters)
        self._source, self._position, self._sentence = source, position, sentence
        self._chunks = letters
        self._is_even = len(letters) == len(self.letters) and "" not in letters
        self._read = False

    @property
    def size(self) -> int:
        return len(self.letters)

    def _open(self) -> None:
        """Find out where the chunks stand, once someone asks for a word."""
        self._read = True
        self._ends = [0, *accumulate(map(len, self._chunks))]
        self._starts, self._stops = _spans(self._source)

    def cell(self, at: int) -> Word | None:
        if self.letters[at] == BORDER:
            return None
        if not self._read:
            self._open()
        chunk = at if self._is_even else bisect_right(self._ends, at) - 1
        start, end = self._starts[chunk], self._stops[chunk]
        piece = pieces(self._source[start:end])[at - self._ends[chunk]]
        borders = self.letters.count(BORDER, 0, at)
        return word(piece, start, self._position + at - borders, self._sentence + borders)


def word(piece: Piece | None, offset: int, position: int, sentence: int) -> Word:
    """Return the word of a piece whose chunk begins at ``offset``."""
    assert piece is not None, "a border is no word"
    start, end, folded, surface = piece
    in_title = position < BODY
    return Word(offset + start, offset + end, folded, surface, in_title, position, sentence)


def _spans(source: str) -> tuple[Sequence[int], Sequence[int]]:
    """Return where chunks begin and end; most texts have one space between any two of them."""
    chunks = source.split()
    if len(source) <= READ_LIMIT and " ".join(chunks) == source:
        ends = list(map(add, accumulate(map(len, chunks)), count()))
        return [0, *map(add, ends, repeat(1))], ends
    spans = [match.span() for match in CHUNKS.finditer(source[:READ_LIMIT])]
    return [start for start, _ in spans], [end for _, end in spans]
