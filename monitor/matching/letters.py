"""Give every word of a text the letter of its class: which symbols of the watched terms take it.

Words that the same symbols take share a letter, so all forms of a word are one. Words that no
symbol takes are one letter, too. Knows symbols, but neither terms nor lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.matching.fuzzy import SlipIndex
from monitor.matching.patterns import Symbol
from monitor.matching.terms import MIN_PREFIX
from monitor.matching.tokens import composed, fold

UNKNOWN = "\x02"  # a word of no term
_FIRST_LETTER = 0x100
_SURROGATES = range(0xD800, 0xE000)

Takers = tuple[int, ...]  #: numbers of symbols
_ByWord = dict[str, Takers]


class Letters:
    """The letters of a matcher's symbols."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        #: for each symbol all letters of the words it may take
        self.taken_by: list[list[str]] = [[] for _ in symbols]
        self._next = _FIRST_LETTER
        self._classes: dict[Takers, str] = {(): UNKNOWN}
        words, prefixes, slips = _takers(symbols)
        self._prefixes, self._names = prefixes, slips
        self._heads = frozenset(prefix[:MIN_PREFIX] for prefix in prefixes)
        self._longest_prefix = max(map(len, prefixes), default=0)
        self._slips = SlipIndex(slips)
        self._every_name = tuple(sorted({n for takers in slips.values() for n in takers}))
        self._loose = {
            (prefix, slip): self._letter(self._under(prefix) + (self._every_name if slip else ()))
            for prefix in ("", *sorted(prefixes))
            for slip in (False, True)
        }
        cased = self._cased(symbols, words)
        self._words = self._lettered(words)
        self._surfaces = cased

    def _lettered(self, words: _ByWord) -> dict[str, str]:
        """Turn takers into letters, in place: there may be hundreds of thousands."""
        table: dict[str, str] = words  # type: ignore[assignment]
        known, heads, names = self._classes, self._heads, self._names
        for word, takers in words.items():
            if names or word[:MIN_PREFIX] in heads:
                takers += self._also(word)  # noqa: PLW2901 - a hundred thousand times
            table[word] = known.get(takers) or self._letter(takers)
        return table

    def _cased(self, symbols: Sequence[Symbol], words: _ByWord) -> dict[str, dict[str, str]]:
        """Return for each folded word the letters of the spellings that count in their case."""
        takers: dict[tuple[str, str], Takers] = {}
        for number, symbol in enumerate(symbols):
            for surface in {*symbol.surfaces, *map(str.upper, symbol.surfaces)}:
                key = fold(surface), surface
                takers[key] = (*takers.get(key, ()), number)
        found: dict[str, dict[str, str]] = {}
        for (word, surface), numbers in sorted(takers.items()):
            words.setdefault(word, ())
            every = numbers + words[word] + self._also(word)
            found.setdefault(word, {})[surface] = self._letter(every)
        return found

    def _letter(self, takers: Takers) -> str:
        key = takers if len(takers) < 2 else tuple(sorted(set(takers)))
        letter = self._classes.get(key)
        if letter is None:
            if self._next in _SURROGATES:
                self._next = _SURROGATES.stop
            letter = self._classes[key] = chr(self._next)
            self._next += 1
            for number in key:
                self.taken_by[number].append(letter)
        return letter

    def _also(self, word: str) -> Takers:
        """Return the symbols that take a word loosely: by its beginning, or as a slip."""
        named = [number for name in self._slips.near(word) for number in self._names[name]]
        return (*self._under(word), *named)

    def _under(self, word: str) -> Takers:
        return tuple(n for prefix in self._beginnings(word) for n in self._prefixes[prefix])

    def _beginnings(self, word: str) -> list[str]:
        """Return the watched prefixes of a word, the longest first."""
        if word[:MIN_PREFIX] not in self._heads:
            return []
        lengths = range(min(len(word), self._longest_prefix), MIN_PREFIX - 1, -1)
        return [word[:length] for length in lengths if word[:length] in self._prefixes]

    def of(self, folded: str, surface: str) -> str:
        """Return the letter of a word of a text."""
        letter = self._words.get(folded)
        if letter is None:
            if folded[:MIN_PREFIX] not in self._heads and not self._names:
                return UNKNOWN
            return self._loosely(folded)
        if folded in self._surfaces:
            return self._surfaces[folded].get(composed(surface), letter)
        return letter

    def _loosely(self, folded: str) -> str:
        """Which name an unknown word is a slip of is decided later, on the word itself."""
        beginnings = self._beginnings(folded)
        slip = bool(self._slips.near(folded))
        return self._loose[beginnings[0] if beginnings else "", slip]

    def forget(self) -> None:
        """Drop what only the building needs."""
        self._classes.clear()
        self.taken_by.clear()


def _takers(symbols: Iterable[Symbol]) -> tuple[_ByWord, _ByWord, _ByWord]:
    """Return who takes each word, each prefix and each name of which a slip counts."""
    words: _ByWord = {}
    prefixes: _ByWord = {}
    slips: _ByWord = {}
    for number, symbol in enumerate(symbols):
        own = (number,)
        if not symbol.surfaces:
            for word in symbol.words:
                words[word] = words[word] + own if word in words else own
        if symbol.prefix:
            prefixes[symbol.base] = prefixes.get(symbol.base, ()) + own
        if symbol.fuzzy:
            slips[symbol.base] = slips.get(symbol.base, ()) + own
    return words, prefixes, slips
