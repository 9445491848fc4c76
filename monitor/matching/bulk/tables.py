"""Exact look-up of very many keys at once: open addressing in flat arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

#: A key that finds no free place within so many steps is not stored, so that no row of keys that
#: somebody chose to collide makes a look-up long.
MOST_STEPS = 32
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
_ALL = 2**64 - 1


class KeyTable:
    """Maps keys of ``width`` 64-bit numbers to numbers above 0; 0 is "not here".

    Keys are compared whole, so that no two are ever taken for one.
    """

    def __init__(self, width: int, bits: int, steps: int = MOST_STEPS) -> None:
        size = (1 << bits) + steps
        self._steps = steps
        self._shift = 64 - bits
        self._keys = [np.zeros(size, np.uint64) for _ in range(width)]
        self._values = np.zeros(size, np.int32)
        # The same memory, quicker to reach for one number at a time.
        self._columns, self._taken = [keys.data for keys in self._keys], self._values.data
        self._room = 1 << (bits - 1)

    @classmethod
    def of(cls, keys: Sequence[int], values: Sequence[int]) -> KeyTable:
        """Return a table that holds all of these keys of one number each."""
        steps = MOST_STEPS
        while True:
            table = cls(1, max(8, len(keys).bit_length() + 1), steps)
            if all(table.add((key,), value) for key, value in zip(keys, values, strict=True)):
                return table
            steps *= 2

    @property
    def is_full(self) -> bool:
        return self._room <= 0

    def add(self, key: Sequence[int], value: int) -> bool:
        """Store a key that is not here; False where there is no place for it."""
        slot = sum([part * mix for part, mix in zip(key, _MIX, strict=False)]) & _ALL
        slot >>= self._shift
        end = slot + self._steps
        while slot < end and self._taken[slot]:
            slot += 1
        if slot == end or self.is_full:
            return False
        for column, part in zip(self._columns, key, strict=True):
            column[slot] = part
        self._taken[slot] = value
        self._room -= 1
        return True

    def find(self, key: Sequence[Keys]) -> npt.NDArray[np.int32]:
        """Return the value of each key, whose parts are given column by column."""
        mixed = key[0] * np.uint64(_MIX[0])
        for part, mix in zip(key[1:], _MIX[1:], strict=False):
            mixed = mixed + part * np.uint64(mix)
        slots = (mixed >> np.uint64(self._shift)).view(np.int64)
        found = self._values[slots]
        left = np.flatnonzero(self._differs(key, slots) & (found != 0))
        for step in range(1, self._steps + 1):
            if not left.size:
                break
            here = slots[left] + step
            value = self._values[here] if step < self._steps else np.zeros(left.size, np.int32)
            found[left] = value
            wrong = self._differs([part[left] for part in key], here) & (value != 0)
            left = left[wrong]
        return found

    def _differs(self, key: Sequence[Keys], slots: Numbers) -> npt.NDArray[np.bool_]:
        differs: npt.NDArray[np.bool_] = self._keys[0][slots] != key[0]
        for column, part in zip(self._keys[1:], key[1:], strict=True):
            differs |= column[slots] != part
        return differs
