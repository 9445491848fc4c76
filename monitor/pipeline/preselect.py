"""Ask the full-text index which stored items a list could fire on; never wrongly no. Pure.

The index cuts and folds words in another way than the matcher, so it is asked only about *plain*
items: ASCII and Cyrillic letters, common punctuation. Every other item (Arabic, Chinese, ligatures,
invisible marks, digits grown together with letters, dotted capitals) is taken unasked. Where a list
requires nothing that can be asked so, there is no query.
"""

from __future__ import annotations

import re

from monitor.matching import Watchlist
from monitor.matching.conditions import requirements
from monitor.matching.patterns import Row, Symbol, rows_of, spelling_key
from monitor.matching.tokens import fold

MAX_TERMS = 1_500  # of a query

#: What a plain item is written in. Letters of Latin-1 whose folding the index does not share, soft
#: hyphens and ordinals are left out, so that an item that holds one is odd.
_PLAIN = (
    "\t\n\r -~\u00a1-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf"
    "\u00c0-\u00c5\u00c7-\u00cf\u00d1-\u00d6\u00d9-\u00dd\u00e0-\u00e5\u00e7-\u00ef\u00f1-\u00f6"
    "\u00f9-\u00fd\u00ff\u0410-\u044f\u2013\u2014\u2018-\u201e\u2026\u20ac"
)
#: An item in which one of these stands is judged whatever the index says of it. Three patterns, as
#: each alone is searched by its first character.
_ODD = (
    re.compile(f"[^{_PLAIN}]"),
    re.compile("[0-9][A-Za-z\u0410-\u044f]"),
    re.compile("[.](?<=[A-Za-z][.])[A-Za-z]"),
)
_ASKABLE = re.compile(r"[a-z]+\Z|[\u0430-\u044f]+\Z")


def is_odd(title: str, text: str) -> bool:
    """Tell whether the index cannot speak of an item."""
    return any(one.search(title) or one.search(text) for one in _ODD)


def query_for(*lists: Watchlist) -> str | None:
    """Return what every plain item fulfils that fires one of the lists; None: look at all."""
    queries = [_query_of(one) for one in lists]
    if not queries or any(query is None for query in queries):
        return None
    return " OR ".join(f"({query})" for query in queries)


def _query_of(watchlist: Watchlist) -> str | None:
    groups = {group.name: group for group in watchlist.groups}
    clauses = []
    for clause in requirements(watchlist.condition):
        words: set[str] | None = set()
        for name in clause:
            for term in groups[name].terms:
                for row in rows_of(*spelling_key(term)):
                    words = _with_row(words, row)
        if words is not None and len(words) <= MAX_TERMS:
            clauses.append(" OR ".join(f'"{word}" *' for word in sorted(words)) if words else "")
    if not clauses:
        return None
    # a clause without words: only odd items can fulfil it, and those are taken unasked
    return " AND ".join(f"({one})" for one in clauses if one) or None


def _with_row(words: set[str] | None, row: Row) -> set[str] | None:
    """Add the words of which a plain item holds one if the row stands in it; None: cannot tell."""
    if words is None or any(not _is_plain(symbol) for symbol in row):
        # a symbol that no plain item can hold: the row stands in odd items only
        return words
    asked = max(row, key=_worth)
    if not _worth(asked):
        return None
    return words | {word for word in _words(asked) if _can_stand(word)}


def _words(symbol: Symbol) -> set[str]:
    return {fold(word) for word in (symbol.surfaces or symbol.words)} | {symbol.base}


def _is_plain(symbol: Symbol) -> bool:
    """Tell whether a plain item could hold the symbol: its letters are ASCII or Cyrillic."""
    return symbol.fuzzy or any(_can_stand(word) for word in _words(symbol))


def _can_stand(word: str) -> bool:
    """Dotted capitals stand in odd items only, as all that is neither ASCII nor Cyrillic."""
    return all((c.isascii() and c != ".") or "\u0430" <= c <= "\u044f" for c in word)


def _worth(symbol: Symbol) -> int:
    """Return how well a symbol can be asked for: its length, or 0 where it cannot."""
    if symbol.fuzzy:
        return 0
    words = [word for word in _words(symbol) if _can_stand(word)]
    if not words or any(not _ASKABLE.match(word) for word in words):
        return 0
    return min(map(len, words))
