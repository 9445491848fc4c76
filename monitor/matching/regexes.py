"""Terms that are regular expressions: read them, run them within a bound, lay them over words.

Patterns are the one place where a list may ask for unbounded work, so each has a budget of its own
for every item, and a pattern that overdraws it is as if it were not there for this item. Never
looks at a list; keeps no clock, the budget is counted inside the engine.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

import regex  # type: ignore[import-untyped]

from monitor.matching.terms import TermError
from monitor.matching.tokens import READ_LIMIT, Reading, Word

#: CPU seconds of one pattern in one item: 50 ms in all.
TITLE_BUDGET, TEXT_BUDGET = 0.01, 0.04
MAX_HITS = 1_000  # of one pattern in one field; only rubbish holds more
#: A pattern that hits every one of these says nothing.
_ANYTHING = ("x", "Ж", "7", "中", "ع")


class Surface(NamedTuple):
    """Where a pattern hits: its own stretch, and the words that it touches."""

    start: int
    end: int
    first: Word
    last: Word


Sides = tuple[list[Word], list[Word]]  #: the words of the title, and those of the text


class Overdrawn(Exception):  # noqa: N818 - no error: the item is judged without the pattern
    """The pattern took longer than its budget in this item."""


def check_pattern(expression: str, written: str) -> None:
    """Raise TermError for a pattern that cannot be read, or that hits whatever the text says."""
    try:
        pattern = _compiled(expression)
        wide = _hits(pattern, "") or all(_hits(pattern, text) for text in _ANYTHING)
    except TimeoutError as error:
        raise TermError("W027", f"the pattern '{written}' takes too long", "simplify it") from error
    except (regex.error, ValueError, LookupError, OverflowError, RecursionError) as error:
        what = f"the pattern '{written}' cannot be read: {error}"
        hint = "mend it, or write plain terms; a \\ stands as it is in single quotes"
        raise TermError("W027", what, hint) from error
    if wide:
        what = f"the pattern '{written}' is empty or fits every text"
        raise TermError("W028", what, "let it begin and end with something that must be there")


def surfaces(expression: str, title: str, text: str, words: Sides) -> list[Surface]:
    """Return where a pattern hits in title and text; raises Overdrawn."""
    pattern = _compiled(expression)
    try:
        return [
            *_found(pattern, title, words[0], TITLE_BUDGET),
            *_found(pattern, text, words[1], TEXT_BUDGET),
        ]
    except (TimeoutError, MemoryError) as error:
        raise Overdrawn from error


def sides(reading: Reading) -> Sides:
    """Part the words of an item."""
    words = [cell for cell in reading.cells if cell is not None]
    border = bisect_left(words, True, key=lambda word: not word.in_title)
    return words[:border], words[border:]


@lru_cache(1 << 10)
def _compiled(expression: str) -> Any:
    return regex.compile(expression, regex.VERSION1 | regex.IGNORECASE | regex.UNICODE)


def _hits(pattern: Any, text: str) -> bool:
    return pattern.search(text, timeout=TITLE_BUDGET, concurrent=True) is not None


def _found(pattern: Any, source: str, words: Sequence[Word], budget: float) -> Iterator[Surface]:
    if not words:
        return
    matches = pattern.finditer(source[:READ_LIMIT], timeout=budget, concurrent=True)
    for match in islice(matches, MAX_HITS):
        start, end = match.span()
        if end > start:
            yield _laid_over(words, start, end)


def _laid_over(words: Sequence[Word], start: int, end: int) -> Surface:
    """Return the words that a stretch touches; a stretch of signs counts as the next word."""
    first = min(bisect_right(words, start, key=attrgetter("end")), len(words) - 1)
    last = max(first, bisect_left(words, end, key=attrgetter("start")) - 1)
    return Surface(start, end, words[first], words[last])
