"""Look at single words of an item whose letters are known, without cutting all of it.

Gives the same words as ``read``; that is for whoever needs the whole item.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, count, repeat
from operator import add

from monitor.matching.tokens import BODY, BORDER, CHUNKS, READ_LIMIT, Word, pieces, read

#: Words beyond which it is cheaper to cut the item whole.
MANY_WORDS = 100


class Glance:
    """An item, by the letters of the chunks of its title and its text."""

    def __init__(self, title: str, text: str, head: Sequence[str], body: Sequence[str]) -> None:
        self.title, self.text = title, text
        self.caps_title = title.isupper()
        self._head = _Side(title, head, 0, 0)
        sentences = self._head.letters.count(BORDER) + 1
        self._body = _Side(text, body, BODY, sentences)
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
        border = len(self._head.letters)
        if first < border:
            return self._head.row(first, count)
        return self._body.row(first - border - 1, count) if first > border else [None]


class _Side:
    """Title or text."""

    def __init__(self, source: str, letters: Sequence[str], position: int, sentence: int) -> None:
        self.letters = "".join(letters)
        self._source, self._position, self._sentence = source, position, sentence
        self._chunks = letters
        self._is_even = len(letters) == len(self.letters) and "" not in letters
        self._read = False

    def row(self, first: int, count: int) -> list[Word | None]:
        last = min(first + count, len(self.letters))
        return [self._cell(at) for at in range(first, last)]

    def _open(self) -> None:
        """Find out where the chunks stand, once someone asks for a word."""
        self._read = True
        self._ends = [0, *accumulate(map(len, self._chunks))]
        self._starts, self._stops = _spans(self._source)

    def _cell(self, at: int) -> Word | None:
        if self.letters[at] == BORDER:
            return None
        if not self._read:
            self._open()
        chunk = at if self._is_even else bisect_right(self._ends, at) - 1
        start, end = self._starts[chunk], self._stops[chunk]
        piece = pieces(self._source[start:end])[at - self._ends[chunk]]
        assert piece is not None
        borders = self.letters.count(BORDER, 0, at)
        return Word(
            start + piece.start,
            start + piece.end,
            piece.fold,
            piece.clean,
            in_title=self._position < BODY,
            position=self._position + at - borders,
            sentence=self._sentence + borders,
        )


def _spans(source: str) -> tuple[Sequence[int], Sequence[int]]:
    """Return where chunks begin and end; most texts have one space between any two of them."""
    chunks = source.split()
    if len(source) <= READ_LIMIT and " ".join(chunks) == source:
        ends = list(map(add, accumulate(map(len, chunks)), count()))
        return [0, *map(add, ends, repeat(1))], ends
    spans = [match.span() for match in CHUNKS.finditer(source[:READ_LIMIT])]
    return [start for start, _ in spans], [end for _, end in spans]
