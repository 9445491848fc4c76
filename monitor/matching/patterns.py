"""A term as a row of symbols, each telling which words it takes and how the hit is called.

Everything that a term promises is decided here, on real words; the automaton only proposes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.matching.forms import forms
from monitor.matching.fuzzy import is_slip
from monitor.matching.terms import Style, Term, TermWord, spellings, words_of
from monitor.matching.tokens import Reading, Word, fold
from monitor.model import Kind

#: Between a word and a number these marks part them: "geranium, 2 kinds" is no "Geranium-2".
_PARTING = frozenset(",;:()[]،؛、，")
_RANK = {kind: rank for rank, kind in enumerate((Kind.EXACT, Kind.FORM, Kind.PREFIX, Kind.FUZZY))}


@dataclass(frozen=True, slots=True)
class Symbol:
    """One word of a term."""

    base: str  #: folded, as written
    words: frozenset[str]  #: folded words taken: the base and its forms
    surfaces: frozenset[str] = frozenset()  #: when not empty: only these, in this case
    prefix: bool = False
    fuzzy: bool = False
    barred: frozenset[str] = frozenset()

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


@dataclass(frozen=True, slots=True)
class Pattern:
    """One spelling of a term."""

    term: Term
    symbols: tuple[Symbol, ...]

    def kind_at(self, reading: Reading, first: int) -> Kind | None:
        """Return how the pattern hits at a cell of the reading, or None."""
        worst = Kind.EXACT
        before: Word | None = None
        cells = reading.cells[first : first + len(self.symbols)]
        if first < 0 or len(cells) < len(self.symbols):
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


def _parted(reading: Reading, before: Word, word: Word) -> bool:
    if not (before.fold[:1].isdigit() or word.fold[:1].isdigit()):
        return False
    return not _PARTING.isdisjoint(reading.source(word)[before.end : word.start])


Row = tuple[Symbol, ...]


def patterns_of(term: Term) -> Iterator[Pattern]:
    """Yield every spelling of a term, its forms inside the symbols."""
    for row in _rows(term.variant, term.style, term.languages, term.barred):
        yield Pattern(term, row)


@lru_cache(1 << 14)  # lists share alias sets, and so their rows
def _rows(
    variant: str, style: Style, languages: tuple[str, ...], barred: frozenset[str]
) -> tuple[Row, ...]:
    if style is Style.CAPS:
        return tuple(_caps_rows(variant, languages))
    if style is Style.EXACT:
        return (tuple(_exact_symbol(word) for word in words_of(variant)),)
    spelt = [tuple(words_of(spelling)) for spelling in spellings(variant)]
    distinct = {
        tuple((word.fold, word.prefix) for word in words): words for words in spelt if words
    }
    fuzzy = style is Style.FUZZY
    return tuple(_row(words, languages, barred, fuzzy=fuzzy) for words in distinct.values())


def _row(
    words: Sequence[TermWord], languages: tuple[str, ...], barred: frozenset[str], *, fuzzy: bool
) -> Row:
    inflected = forms([word.surface for word in words], languages)
    return tuple(
        Symbol(
            base=word.fold,
            words=frozenset((word.fold,)) if word.prefix else more | {word.fold},
            prefix=word.prefix,
            fuzzy=fuzzy,
            barred=barred,
        )
        for word, more in zip(words, inflected, strict=True)
    )


def _exact_symbol(word: TermWord) -> Symbol:
    return Symbol(word.fold, frozenset((word.fold,)), frozenset((word.surface,)))


def _caps_rows(variant: str, languages: tuple[str, ...]) -> Iterator[Row]:
    """``TTF`` is TTF, with English forms also TTFs; ``US`` and ``U.S.`` stand for one another."""
    letters = variant.replace(".", "")
    plain = words_of(letters)[0]
    surfaces = {plain.surface}
    if "en" in languages and not letters.endswith("S"):  # USS is a ship, not several US
        surfaces.add(letters + "s")
    folds = frozenset(fold(surface) for surface in surfaces)
    yield (Symbol(plain.fold, folds, frozenset(surfaces)),)
    dotted = words_of(".".join(letters) + ".")
    if len(dotted) == 1:
        yield (Symbol(dotted[0].fold, frozenset((dotted[0].fold,))),)
