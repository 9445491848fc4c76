"""Flat tables for very many small lists: an array of numbers and where each list begins in it."""

from __future__ import annotations

from array import array
from itertools import accumulate


class Ranges:
    """For each key the places of its entries in flat arrays that are sorted by key."""

    def __init__(self, starts: array[int]) -> None:
        self.starts = starts  #: for each key where its entries begin, and at last where all end

    @classmethod
    def sorting(cls, keys: array[int], count: int) -> tuple[list[int], Ranges]:
        """Return the order that sorts entries by key, in which equal keys keep theirs."""
        sizes = [0] * (count + 1)
        for key in keys:
            sizes[key + 1] += 1
        order = sorted(range(len(keys)), key=keys.__getitem__)
        return order, cls(array("I", accumulate(sizes)))

    def of(self, key: int) -> range:
        return range(self.starts[key], self.starts[key + 1])
