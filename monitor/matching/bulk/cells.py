"""Turn the chunks of many items into one long row of letters.

What a chunk means is asked once and remembered, by its bytes, for as long as there is room.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from monitor.matching.bulk.tables import KeyTable, Numbers
from monitor.matching.bulk.texts import SEPARATOR, WORD, Chunks
from monitor.matching.tokens import BORDER

#: Words of bytes of a chunk that is remembered, and the bits of the table of such chunks.
_TABLES = ((1, 18), (4, 17))
#: Distinct meanings that are kept; more come from rubbish only.
MOST_CODES = 1 << 16
_ROOM = 1 << 12

Letters = npt.NDArray[np.int32]


class Stream(NamedTuple):
    """All items as one row of letters, a border behind every text."""

    letters: Letters
    begins: Numbers  #: the first cell of each chunk
    closes: Numbers  #: for each text the cell of the border behind it
    chunks: Chunks


class Pool:
    """The letters of every meaning, behind one another; a *code* is the number of a meaning."""

    def __init__(self) -> None:
        self.letters: Letters = np.zeros(_ROOM, np.int32)
        self.starts: Numbers = np.zeros(_ROOM, np.int64)
        self.counts: Numbers = np.zeros(_ROOM, np.int64)
        self.codes = 1  # 0 is none
        self._used = 0

    def add(self, letters: str) -> int:
        """Store letters; return their code."""
        code, count = self.codes, len(letters)
        self.letters = _roomy(self.letters, self._used + count)
        self.starts, self.counts = _roomy(self.starts, code + 1), _roomy(self.counts, code + 1)
        self.letters[self._used : self._used + count] = list(map(ord, letters))
        self.starts[code], self.counts[code] = self._used, count
        self._used += count
        self.codes += 1
        return code

    def cut(self, codes: int) -> None:
        """Forget all meanings from the code ``codes`` on."""
        if codes < self.codes:
            self._used, self.codes = int(self.starts[codes]), codes


def _roomy(array: Any, size: int) -> Any:
    """Return an array that has room for ``size`` numbers."""
    if size <= len(array):
        return array
    return np.concatenate((array, np.zeros(max(size, len(array)), array.dtype)))


class Reader:
    """Reads chunks; ``meaning`` tells the letters of one, and is asked as rarely as can be."""

    def __init__(self, meaning: Callable[[str], str], most: int = MOST_CODES) -> None:
        self._meaning, self._most = meaning, most
        self._forget()

    def _forget(self) -> None:
        self._pool = Pool()
        self._codes: dict[str, int] = {}
        self._tables = [KeyTable(words, bits) for words, bits in _TABLES]
        self._tables[0].add((ord(SEPARATOR),), self._code(BORDER))

    def read(self, chunks: Chunks) -> Stream:
        """Return the letters of all chunks."""
        if self._pool.codes > self._most or any(table.is_full for table in self._tables):
            self._forget()
        lengths = chunks.ends - chunks.starts
        codes = np.zeros(len(lengths), np.int32)
        beyond = 0
        for table, (words, _) in zip(self._tables, _TABLES, strict=True):
            longest = int(lengths.max(initial=0))
            if longest > beyond:
                these = np.flatnonzero((lengths > beyond) & (lengths <= words * WORD))
                codes[these] = self._look_up(chunks, these, table, words)
            beyond = words * WORD
        lasting = self._pool.codes
        for number in np.flatnonzero(lengths > beyond).tolist():
            codes[number] = self._pool.add(self._meaning(chunks.chunk(number)))
        stream = self._stream(chunks, codes)
        self._pool.cut(lasting)
        return stream

    def _look_up(self, chunks: Chunks, these: Numbers, table: KeyTable, words: int) -> Letters:
        """Return the codes of these chunks, and learn those that are new."""
        key = chunks.keys(these, words)
        codes = table.find(key)
        fresh: dict[tuple[int, ...], int] = {}
        new = np.flatnonzero(codes == 0)
        numbers = these[new].tolist()
        parts = zip(*(column[new].tolist() for column in key), strict=True)
        for at, number, part in zip(new.tolist(), numbers, parts, strict=True):
            code = fresh.get(part)
            if code is None:
                code = fresh[part] = self._code(self._meaning(chunks.chunk(number)))
                table.add(part, code)
            codes[at] = code
        return codes

    def _code(self, letters: str) -> int:
        code = self._codes.get(letters)
        if code is None:
            code = self._codes[letters] = self._pool.add(letters)
        return code

    def _stream(self, chunks: Chunks, codes: Letters) -> Stream:
        pool = self._pool
        counts = pool.counts[codes]
        ends = np.cumsum(counts)
        begins = ends - counts
        places = np.arange(int(ends[-1])) + np.repeat(pool.starts[codes] - begins, counts)
        return Stream(pool.letters[places], begins, begins[chunks.closes], chunks)
