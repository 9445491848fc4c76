"""Read one term string of a watchlist: its style, its braces, its words. Faults come as TermError.

``plain words`` · ``ALLCAPS`` · ``=Exact`` · ``prefix*`` · ``~Fuzzy`` · ``{a,b}`` · ``/regex/``. The
``@alias`` form is resolved by whoever reads the file, because it needs the alias files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from monitor.matching.alphabet import ZWNJ
from monitor.matching.tokens import fold, term_pieces

MAX_VARIANTS = 200  # one term, after braces
MAX_TERM = 200  # characters
MAX_WORDS = 12
MIN_PREFIX = 4
MIN_FUZZY = 6
MAX_CAPS = 5

_BRACES = re.compile(r"\{([^{}]*)\}")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_REGEX = re.compile(r"/(.*)/([aimsux]{0,3})", re.DOTALL)
_INNER_STAR = re.compile(r"\*\w")
_LETTER_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?=[^\W\d_])")


class Style(StrEnum):
    """How the surface of a term is compared."""

    PLAIN = "plain"
    CAPS = "caps"  #: a short word in capitals: exact case, also with dots
    EXACT = "exact"
    FUZZY = "fuzzy"
    PATTERN = "pattern"  #: a regular expression, see ``regexes``


@dataclass(frozen=True, slots=True)
class Term:
    """One term after its braces are opened."""

    written: str  #: as the file has it
    variant: str  #: without marks of style, one choice of every brace
    style: Style
    languages: tuple[str, ...] = ()
    alias: str = ""  #: the set it came from
    barred: frozenset[str] = frozenset()  #: folded words that prefix and fuzzy terms never take
    source: str = ""
    line: int = 0


class TermWord(NamedTuple):
    """One word of a term, ready to be compared."""

    surface: str
    fold: str
    prefix: bool


class TermError(ValueError):
    """A term that cannot be read."""

    def __init__(self, code: str, what: str, hint: str = "") -> None:
        self.code, self.what, self.hint = code, what, hint
        super().__init__(what)


def read_term(written: str) -> list[tuple[str, Style]]:
    """Return every variant of a term with its style; raises TermError.

    A pattern is returned as it stands: whether it can be run is for ``regexes`` to say.
    """
    if len(written) > MAX_TERM:
        raise TermError("W020", f"the term is longer than {MAX_TERM} characters", "split it")
    if pattern := _REGEX.fullmatch(written.strip()):
        if pattern[2]:
            what = f"letters stand behind the last / of '{written}'"
            raise TermError("W027", what, "write (?-i) inside for exact case")
        return [(pattern[1], Style.PATTERN)]
    body, style = _style(written.strip())
    return [_check(variant, style, written) for variant in _open_braces(body, written)]


def _style(term: str) -> tuple[str, Style]:
    if term.startswith("="):
        return term[1:].strip(), Style.EXACT
    if term.startswith("~"):
        return term[1:].strip(), Style.FUZZY
    return term, Style.PLAIN


def _open_braces(term: str, written: str) -> list[str]:
    parts = _BRACES.split(term)
    if any(mark in part for part in parts for mark in "{}"):
        raise TermError("W021", f"the braces of '{written}' do not fit", "write {a,b}, one level")
    choices = [
        [choice.strip() for choice in re.split("[,،]", part)] if odd else [part]
        for odd, part in ((index % 2, part) for index, part in enumerate(parts))
    ]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MAX_VARIANTS:
        what = f"the braces of '{written}' open into {count} terms, more than {MAX_VARIANTS}"
        raise TermError("W022", what, "write several terms")
    return list(dict.fromkeys("".join(combination) for combination in product(*choices)))


def _check(variant: str, style: Style, written: str) -> tuple[str, Style]:
    words = words_of(variant)
    if not words:
        raise TermError("W023", f"the term '{written}' holds no word", "write letters or digits")
    if len(words) > MAX_WORDS:
        raise TermError("W024", f"the term '{written}' has more than {MAX_WORDS} words", "shorten")
    _check_stars(variant, style, words, written)
    if style is Style.FUZZY and (
        len(words) > 1 or len(words[0].fold) < MIN_FUZZY or not words[0].fold.isalpha()
    ):
        what = f"the fuzzy term '{written}' must be one word of {MIN_FUZZY} letters or more"
        raise TermError("W026", what, "write it without ~, or list its spellings")
    if style is Style.PLAIN and _is_caps(variant, words):
        style = Style.CAPS
    return variant, style


def _check_stars(variant: str, style: Style, words: list[TermWord], written: str) -> None:
    if variant.count("*") != sum(word.prefix for word in words) or _INNER_STAR.search(variant):
        raise TermError("W025", f"a * in '{written}' does not end a word", "write it as 'word*'")
    if "*" in variant and style is not Style.PLAIN:
        raise TermError("W025", f"'{written}' mixes * with = or ~", "use one of them")
    short = next((word for word in words if word.prefix and len(word.fold) < MIN_PREFIX), None)
    if short:
        what = f"the prefix '{short.surface}*' has less than {MIN_PREFIX} letters"
        raise TermError("W025", what, "write the words out")


def _is_caps(variant: str, words: list[TermWord]) -> bool:
    if len(words) != 1 or words[0].prefix:
        return False
    letters = variant.replace(".", "")
    return letters.isupper() and letters.isalpha() and 2 <= len(letters) <= MAX_CAPS


def words_of(variant: str) -> list[TermWord]:
    """Cut a variant as a text would be cut."""
    plain = variant.split(" ")
    if variant.isascii() and all(map(str.isalpha, plain)):
        return [TermWord(word, word.lower(), prefix=False) for word in plain]
    return [
        TermWord(piece.clean, piece.fold, variant[piece.end : piece.end + 1] == "*")
        for piece in term_pieces(variant)
        if piece.fold
    ]


def spellings(variant: str) -> list[str]:
    """Return the ways in which the same words may be set: hyphen closed, ZWNJ closed or opened.

    "anti-ship" is also "antiship"; a Persian compound may be written closed, open or with ZWNJ.
    """
    if variant.isascii() and "-" not in variant:
        return [variant]
    found = [variant]
    if ZWNJ in variant:
        found.append(variant.replace(ZWNJ, " "))
    if _LETTER_HYPHEN.search(variant):
        found.append(_LETTER_HYPHEN.sub("", variant))
    found += _closed(variant.replace(ZWNJ, " "))
    return list(dict.fromkeys(found))


def _closed(variant: str) -> list[str]:
    """Close up neighbours of Arabic script in every way, at most three gaps."""
    words = variant.split(" ")
    gaps = [
        i
        for i in range(1, len(words))
        if _ARABIC.match(words[i]) and _ARABIC.match(words[i - 1]) and words[i].isalpha()
    ]
    if not 0 < len(gaps) <= 3:
        return []
    found = []
    for choice in product(("", " "), repeat=len(gaps)):
        glue = dict(zip(gaps, choice, strict=True))
        found.append(words[0] + "".join(glue.get(i, " ") + words[i] for i in range(1, len(words))))
    return found


def barred_words(words: list[str]) -> frozenset[str]:
    """Fold an ``except:`` list."""
    return frozenset(fold(word.strip()) for word in words)
