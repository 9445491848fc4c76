"""Masks from what stands beside a watched word: "tear gas" where the list wants gas. Pure.

A mask is a pair of neighbouring words that comes with noise and not with what was wanted. Who
marks, decides; without marks only pairs are proposed whose items have nothing else that the list
wants.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.seeds.english import STOPWORDS, keys_of

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_GAP = re.compile(r"[ \u00a0-]{1,2}\Z")
MIN_ITEMS = 5  # of the archive that hold the pair
WANTED_SHARE = 0.1  # of them may fire the list all the same


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A pair of words, in how many noisy and wanted items it stands, and a sample."""

    phrase: str
    noise: int
    wanted: int
    sample: str = ""


def pairs_at(text: str, start: int, end: int) -> Iterator[str]:
    """Yield the word before and behind ``text[start:end]`` with it, where only a gap parts them."""
    surface = text[start:end]
    before = list(_WORD.finditer(text, max(0, start - 40), start))
    if before and _GAP.match(text[before[-1].end() : start]):
        yield f"{before[-1][0]} {surface}".lower()
    behind = _WORD.search(text, end, min(len(text), end + 40))
    if behind and _GAP.match(text[end : behind.start()]):
        yield f"{surface} {behind[0]}".lower()


def pairs_of(text: str, words: Iterable[str]) -> set[str]:
    """Return the pairs of every word of ``words`` in a text; function words make none."""
    wanted = {keys_of(word) for word in words}
    found: set[str] = set()
    for match in _WORD.finditer(text):
        if keys_of(match[0]) in wanted:
            found |= set(pairs_at(text, match.start(), match.end()))
    return {one for one in found if not any(word in STOPWORDS for word in one.split())}


class PairCount:
    """Counts pairs over an archive, item by item."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(words)
        self._quick = tuple(word.lower() for word in self._words)
        self._noise: Counter[str] = Counter()
        self._wanted: Counter[str] = Counter()
        self._samples: dict[str, str] = {}

    def see(self, title: str, text: str, *, fires: bool) -> None:
        both = f"{title}\n{text[:2_000]}"
        low = both.lower()
        if not any(word in low for word in self._quick):
            return
        for pair in pairs_of(both, self._words):
            (self._wanted if fires else self._noise)[pair] += 1
            self._samples.setdefault(pair, title)

    def proposals(self, known: Iterable[str], limit: int = 20) -> tuple[Neighbour, ...]:
        """Return pairs that hardly ever fire, the most frequent first, without ``known`` words."""
        barred = {key for phrase in known for key in keys_of(phrase)}
        own = {key for word in self._words for key in keys_of(word)}
        found = []
        for pair, noise in self._noise.most_common():
            wanted = self._wanted[pair]
            rest = set(keys_of(pair)) - own
            if noise + wanted < MIN_ITEMS or wanted > WANTED_SHARE * (noise + wanted):
                continue
            if rest and not rest & barred:
                found.append(Neighbour(pair, noise, wanted, self._samples[pair]))
        return tuple(found[:limit])


def marked_neighbours(
    noise: Iterable[tuple[str, int, int]], wanted: Iterable[tuple[str, int, int]]
) -> tuple[Neighbour, ...]:
    """Return pairs beside the evidence of noisy hits, text and offsets, the noisiest first."""
    counts: Counter[str] = Counter()
    samples: dict[str, str] = {}
    good: dict[str, int] = defaultdict(int)
    for text, start, end in noise:
        for pair in set(pairs_at(text, start, end)):
            counts[pair] += 1
            samples.setdefault(pair, text[:120])
    for text, start, end in wanted:
        for pair in set(pairs_at(text, start, end)):
            good[pair] += 1
    return tuple(
        Neighbour(pair, count, good[pair], samples[pair])
        for pair, count in counts.most_common()
        if not any(word in STOPWORDS or len(word) < 3 for word in pair.split())
    )
