"""Find the whitespace chunks of many texts in one pass over their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from monitor.matching.bulk.tables import Keys, Numbers
from monitor.matching.tokens import PARAGRAPH, READ_LIMIT

#: A chunk of its own behind every text. It says nothing where it stands in a text by itself, and
#: neither does what takes its place there.
SEPARATOR, _ELSEWHERE = "\x01", "\x02"
_WIDE_SPACES = [c for c in map(chr, range(0x80, 0x3001)) if c.isspace()]
#: For each byte whether it parts chunks; bytes that lead or continue a character never do.
_PARTS = bytes(code < 0x80 and chr(code).isspace() for code in range(256))
#: How texts are written as bytes, lone surrogates too.
HOW = ("utf-8", "surrogatepass")
WORD = 8  # bytes that are compared at once
_PADDING = bytes(5 * WORD)
_LOW = np.array([(1 << 8 * length) - 1 for length in range(WORD + 1)], np.uint64)


class Chunks(NamedTuple):
    """The chunks of all texts, in their order; those that close a text are among them."""

    data: bytes  #: UTF-8, with room behind it
    starts: Numbers
    ends: Numbers
    closes: Numbers  #: for each text the number of the chunk that closes it

    def chunk(self, number: int) -> str:
        return self.text(int(self.starts[number]), int(self.ends[number]))

    def text(self, start: int, end: int) -> str:
        """Return what stands between two bytes."""
        return self.data[start:end].decode(*HOW)

    def characters(self, starts: Numbers, ends: Numbers) -> Numbers:
        """Return how many characters stand between any two bytes."""
        if self.data.isascii():
            return ends - starts
        later = np.flatnonzero((np.frombuffer(self.data, np.uint8) & 0xC0) == 0x80)
        return ends - starts - (np.searchsorted(later, ends) - np.searchsorted(later, starts))

    def keys(self, numbers: Numbers, words: int) -> list[Keys]:
        """Return the bytes of chunks that are no longer than ``words`` numbers, as numbers."""
        every = np.ndarray((len(self.data) - WORD + 1,), "<u8", self.data, strides=(1,))
        starts = self.starts[numbers]
        left = self.ends[numbers] - starts
        columns = [every[starts] & _LOW[np.minimum(left, WORD)]]
        for word in range(1, words):
            here = np.clip(left - word * WORD, 0, WORD)
            columns.append(every[starts + word * WORD] & _LOW[here])
        return columns


def cut(texts: Sequence[str]) -> Chunks:
    """Cut texts as ``str.split`` would; a paragraph's end becomes a chunk, as for one text.

    Characters keep their places, so that offsets can be told.
    """
    joined = f" {SEPARATOR} ".join([*(text[:READ_LIMIT] for text in texts), ""])
    if joined.count(SEPARATOR) != len(texts):
        clean = [text[:READ_LIMIT].replace(SEPARATOR, _ELSEWHERE) for text in texts]
        joined = f" {SEPARATOR} ".join([*clean, ""])
    if "\n" in joined:
        joined = PARAGRAPH.sub(lambda found: " ¶".ljust(len(found[0])), joined)
    if not joined.isascii():
        for space in _WIDE_SPACES:
            if space in joined:
                joined = joined.replace(space, " ")
    plain = joined.encode(*HOW)
    parts = np.frombuffer(b"\1" + plain.translate(_PARTS), np.bool_)
    edges = np.flatnonzero(parts[1:] != parts[:-1])
    starts, ends = edges[::2], edges[1::2]
    data = plain + _PADDING
    lone = np.flatnonzero(ends - starts == 1)
    is_separator = np.frombuffer(data, np.uint8)[starts[lone]] == ord(SEPARATOR)
    return Chunks(data, starts, ends, lone[is_separator])
