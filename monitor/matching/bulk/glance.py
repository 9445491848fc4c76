"""Look at single words of many items, without cutting anything else."""

from __future__ import annotations

import numpy as np

from monitor.matching.bulk.cells import Stream
from monitor.matching.bulk.tables import Numbers
from monitor.matching.glance import Glance, word
from monitor.matching.tokens import BODY, BORDER, Word, pieces


class Words:
    """The words of a stream, each looked at when it is asked for; ``wanted`` cells are at hand."""

    def __init__(self, stream: Stream, wanted: Numbers) -> None:
        self._stream = stream
        self._borders = np.flatnonzero(stream.letters == ord(BORDER))
        self._begins = np.concatenate(([0], stream.closes[:-1] + 1))  # of the texts, in cells
        chunks = stream.chunks
        self._starts = np.concatenate(([0], chunks.ends[chunks.closes[:-1]] + 1))  # in bytes
        self._known: dict[int, Word | None] = dict(
            zip(wanted.tolist(), self._look(wanted), strict=True)
        )

    def at(self, cell: int) -> Word | None:
        """Return the word in a cell, or None for a border."""
        if cell not in self._known:
            (self._known[cell],) = self._look(np.array([cell]))
        return self._known[cell]

    def _look(self, cells: Numbers) -> list[Word | None]:
        stream, chunks = self._stream, self._stream.chunks
        chunk = np.searchsorted(stream.begins, cells, "right") - 1
        text = np.searchsorted(stream.closes, cells)
        begin, title = self._begins[text], self._begins[text & ~1]
        borders, earlier, before = np.searchsorted(self._borders, (cells, begin, title))
        columns = (
            chunks.starts[chunk],
            chunks.ends[chunk],
            cells - stream.begins[chunk],
            self._starts[text],
            cells - begin - (borders - earlier) + (text & 1) * BODY,
            borders - before,
        )
        found: list[Word | None] = []
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for start, end, piece, field, position, sentence in rows:
            held = pieces(chunks.text(start, end))[piece]
            place = len(chunks.text(field, start))
            found.append(None if held is None else word(held, place, position, sentence))
        return found


class StreamSide:
    """One text among many: its title or its text."""

    def __init__(self, words: Words, first: int, size: int) -> None:
        self._words, self._first, self.size = words, first, size

    def cell(self, at: int) -> Word | None:
        return self._words.at(self._first + at)


def glance(words: Words, title: str, text: str, first: int, border: int, end: int) -> Glance:
    """Return a glance at the item whose title begins at a cell and whose text ends at another."""
    head = StreamSide(words, first, border - first)
    return Glance(title, text, head, StreamSide(words, border + 1, end - border - 1))
