"""A term as a row of symbols, each telling which words it takes and how the hit is called.

Everything that a term promises is decided here, on real words; the automaton only proposes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from monitor.matching.forms import forms
from monitor.matching.fuzzy import is_slip
from monitor.matching.glance import Glance
from monitor.matching.terms import Style, Term, TermWord, spellings, words_of
from monitor.matching.tokens import Reading, Word, fold
from monitor.model import Kind

#: Between a word and a number these marks part them: "geranium, 2 kinds" is no "Geranium-2".
_PARTING = frozenset(",;:()[]،؛、，")
_RANK = {kind: rank for rank, kind in enumerate((Kind.EXACT, Kind.FORM, Kind.PREFIX, Kind.FUZZY))}


class Symbol(NamedTuple):
    """One word of a term."""

    base: str  #: folded, as written
    words: tuple[str, ...]  #: folded words taken: the base and its forms
    surfaces: tuple[str, ...] = ()  #: when not empty: only these, in this case
    prefix: bool = False
    fuzzy: bool = False
    barred: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Tell whether its words are taken wherever they stand, without a second look."""
        special = self.surfaces or self.prefix or self.fuzzy or self.barred
        return not special and not any(word[:1].isdigit() for word in self.words)

    def takes(self, word: Word, *, caps: bool) -> Kind | None:
        """Return how the word counts, or None; ``caps``: it stands in an all-capitals title."""
        if self.surfaces:
            return self._takes_surface(word, caps=caps)
        if word.fold == self.base:
            return Kind.EXACT
        if word.fold in self.words:
            return Kind.FORM
        return None if word.fold in self.barred else self._takes_loosely(word.fold)

    def _takes_loosely(self, folded: str) -> Kind | None:
        if self.prefix and folded.startswith(self.base):
            return Kind.PREFIX
        return Kind.FUZZY if self.fuzzy and is_slip(self.base, folded) else None

    def _takes_surface(self, word: Word, *, caps: bool) -> Kind | None:
        fits = word.clean in self.surfaces
        if not fits and caps:
            fits = word.clean in {surface.upper() for surface in self.surfaces}
        if not fits:
            return None
        return Kind.EXACT if word.fold == self.base else Kind.FORM


Row = tuple[Symbol, ...]


class Pattern(NamedTuple):
    """One spelling of a term."""

    term: Term
    symbols: Row

    def kind_at(self, reading: Reading | Glance, first: int) -> Kind | None:
        """Return how the pattern hits at a cell of the reading, or None."""
        if first < 0:
            return None
        return self.kind_of(reading.row(first, len(self.symbols)), reading)

    def kind_of(self, cells: Sequence[Word | None], reading: Reading | Glance) -> Kind | None:
        """Return how the pattern hits at cells of the reading, or None."""
        worst = Kind.EXACT
        before: Word | None = None
        if len(cells) < len(self.symbols):
            return None
        for symbol, word in zip(self.symbols, cells, strict=True):
            if word is None or (before is not None and _parted(reading, before, word)):
                return None
            kind = symbol.takes(word, caps=reading.caps_title and word.in_title)
            if kind is None:
                return None
            worst = max(worst, kind, key=_RANK.__getitem__)
            before = word
        return Kind.ALIAS if worst is Kind.EXACT and self.term.alias else worst


def _parted(reading: Reading | Glance, before: Word, word: Word) -> bool:
    if not (before.fold[:1].isdigit() or word.fold[:1].isdigit()):
        return False
    return not _PARTING.isdisjoint(reading.source(word)[before.end : word.start])


def patterns_of(term: Term) -> Iterator[Pattern]:
    """Yield every spelling of a term, its forms inside the symbols."""
    for row in rows_of(*spelling_key(term)):
        yield Pattern(term, row)


SpellingKey = tuple[str, Style, tuple[str, ...], frozenset[str]]


def spelling_key(term: Term) -> SpellingKey:
    """Return what decides on the rows of a term; lists share alias sets, and so their rows."""
    return term.variant, term.style, term.languages, term.barred


@lru_cache(1 << 12)
def rows_of(
    variant: str, style: Style, languages: tuple[str, ...], barred: frozenset[str]
) -> tuple[Row, ...]:
    """Return every spelling of a term as a row of symbols; a regular expression has none."""
    if style is Style.PATTERN:
        return ()
    if style is Style.CAPS:
        return tuple(_caps_rows(variant, languages))
    if style is Style.EXACT:
        return (tuple(_exact_symbol(word) for word in words_of(variant)),)
    fuzzy = style is Style.FUZZY
    return tuple([_row(words, languages, barred, fuzzy=fuzzy) for words in _spelt(variant)])


def bases_of(term: Term, number: int) -> tuple[str, ...]:
    """Return the folded words of a spelling as it is written; the forms are not worked out."""
    if term.style is Style.PLAIN:
        if term.variant.isascii() and term.variant.isalpha():
            return (term.variant.lower(),)
        return tuple([word.fold for word in _spelt(term.variant)[number]])
    return tuple([symbol.base for symbol in rows_of(*spelling_key(term))[number]])


def _spelt(variant: str) -> list[list[TermWord]]:
    """Return the words of every spelling that differs."""
    every = [words_of(spelling) for spelling in spellings(variant)]
    if len(every) > 1:
        by_words = {tuple([(word.fold, word.prefix) for word in words]): words for words in every}
        every = list(by_words.values())
    return [words for words in every if words]


def _row(
    words: Sequence[TermWord], languages: tuple[str, ...], barred: frozenset[str], *, fuzzy: bool
) -> Row:
    inflected = forms([word.surface for word in words], languages)
    return tuple(
        Symbol(
            base=word.fold,
            words=(word.fold,) if word.prefix else (word.fold, *sorted(more - {word.fold})),
            prefix=word.prefix,
            fuzzy=fuzzy,
            barred=barred,
        )
        for word, more in zip(words, inflected, strict=True)
    )


def _exact_symbol(word: TermWord) -> Symbol:
    return Symbol(word.fold, (word.fold,), (word.surface,))


def _caps_rows(variant: str, languages: tuple[str, ...]) -> Iterator[Row]:
    """``TTF`` is TTF, with English forms also TTFs; ``US`` and ``U.S.`` stand for one another."""
    letters = variant.replace(".", "")
    plain = words_of(letters)[0]
    surfaces: tuple[str, ...] = (plain.surface,)
    if "en" in languages and not letters.endswith("S"):  # USS is a ship, not several US
        surfaces += (letters + "s",)
    yield (Symbol(plain.fold, tuple(map(fold, surfaces)), surfaces),)
    dotted = words_of(".".join(letters) + ".")
    if len(dotted) == 1:
        yield (Symbol(dotted[0].fold, (dotted[0].fold,)),)
