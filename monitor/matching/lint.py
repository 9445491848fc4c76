"""Point at what a list says and surely does not mean. Warnings, never errors; codes W1xx."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from monitor.errors import Problem
from monitor.matching.conditions import Name, Near, Node, children, groups_of, requirements, wording
from monitor.matching.patterns import Row, Symbol, patterns_of
from monitor.matching.terms import MIN_PREFIX, Style, Term, words_of
from monitor.matching.watchlist import Group, Status, Watchlist

WIDE_NEAR = 50  # words
MAX_PER_RULE = 20


def lint(watchlist: Watchlist) -> tuple[Problem, ...]:
    """Return warnings about one list, sorted by line."""
    rules = (
        _unused,
        _always_run,
        _always_run_patterns,
        _wide_terms,
        _wide_nears,
        _masked,
        _doubled,
        _untested,
    )
    found = {problem for rule in rules for problem in list(rule(watchlist))[:MAX_PER_RULE]}
    return tuple(sorted(found))


def _conditions(watchlist: Watchlist) -> list[Node]:
    return [watchlist.condition, *(each.condition for each in watchlist.raises)]


def _unused(watchlist: Watchlist) -> Iterator[Problem]:
    used = {name for node in _conditions(watchlist) for name in groups_of(node)}
    for group in watchlist.groups:
        if group.name not in used:
            what = f"no condition speaks of the group '{group.name}'"
            yield Problem(watchlist.source, group.line, "W101", what, "use it or remove it")


def _always_run(watchlist: Watchlist) -> Iterator[Problem]:
    if not requirements(watchlist.condition):
        what = "the condition can hold where no group hits, so every item must be judged"
        line = watchlist.condition_line
        yield Problem(watchlist.source, line, "W102", what, "and it with a group that must hit")


def _always_run_patterns(watchlist: Watchlist) -> Iterator[Problem]:
    """Nobody knows whether a pattern hits before it is run; a clause of terms spares most runs."""
    clauses = requirements(watchlist.condition)
    loose = {
        group.name
        for group in watchlist.groups
        if any(term.style is Style.PATTERN for term in group.terms)
    }
    if clauses and all(clause & loose for clause in clauses):
        what = "all that must hit rests on patterns, so they run on every item"
        hint = "and it with a group of plain terms"
        yield Problem(watchlist.source, watchlist.condition_line, "W110", what, hint)


def _terms(watchlist: Watchlist) -> Iterator[Term]:
    for group in watchlist.groups:
        yield from group.terms
    yield from watchlist.masks


def _wide_terms(watchlist: Watchlist) -> Iterator[Problem]:
    for term in _terms(watchlist):
        if term.style is Style.PATTERN:
            continue
        words = words_of(term.variant)
        if any(word.prefix and len(word.fold) == MIN_PREFIX for word in words):
            what = f"the prefix '{term.written}' is short and may take many words"
            yield Problem(term.source, term.line, "W103", what, "add letters, or except:")
        alone = len(words) == 1 and not words[0].prefix
        if alone and words[0].fold.isdigit():
            what = f"the term '{term.written}' is a bare number"
            yield Problem(term.source, term.line, "W104", what, "add the word it belongs to")
        elif alone and len(words[0].fold) == 1 and words[0].fold.isascii():
            what = f"the term '{term.written}' is a single letter"
            yield Problem(term.source, term.line, "W104", what, "add the word it belongs to")


def _wide_nears(watchlist: Watchlist) -> Iterator[Problem]:
    for node in _conditions(watchlist):
        for near in _nears(node):
            if near.words > WIDE_NEAR:
                what = f"'{wording(near)}' reaches further than a paragraph"
                hint = "use same-sentence, and, or a smaller number"
                yield Problem(watchlist.source, watchlist.condition_line, "W105", what, hint)


def _nears(node: Node) -> Iterator[Near]:
    if isinstance(node, Near):
        yield node
    for part in children(node):
        yield from _nears(part)


def _masked(watchlist: Watchlist) -> Iterator[Problem]:
    """A term that holds a whole mask can never hit."""
    likely = _masks_by_word(watchlist)
    for group in watchlist.groups:
        for term in group.terms:
            rows = [pattern.symbols for pattern in patterns_of(term)]
            masks = likely(rows[0]) if rows else ()
            if any(all(_holds(row, mask) for row in rows) for mask in masks):
                what = f"the term '{term.written}' of '{group.name}' is always masked"
                yield Problem(term.source, term.line, "W106", what, "change the mask or the term")


def _masks_by_word(watchlist: Watchlist) -> Callable[[Row], Iterator[Row]]:
    """Return what tells the masks that may lie in a row; there are too many to try each on each."""
    by_word: dict[str, list[Row]] = defaultdict(list)
    loose: list[Row] = []
    for pattern in (pattern for term in watchlist.masks for pattern in patterns_of(term)):
        first = pattern.symbols[0]
        if first.surfaces or first.prefix:
            loose.append(pattern.symbols)
        for word in () if first.surfaces or first.prefix else first.words:
            by_word[word].append(pattern.symbols)

    def likely(row: Row) -> Iterator[Row]:
        yield from loose
        for symbol in row:
            yield from by_word.get(symbol.base, ())

    return likely


def _holds(row: Sequence[Symbol], mask: Sequence[Symbol]) -> bool:
    starts = range(len(row) - len(mask) + 1)
    return any(all(_covers(m, row[start + i]) for i, m in enumerate(mask)) for start in starts)


def _covers(mask: Symbol, symbol: Symbol) -> bool:
    if mask.surfaces:
        return bool(symbol.surfaces) and set(symbol.surfaces) <= set(mask.surfaces)
    return symbol.base in mask.words or (mask.prefix and symbol.base.startswith(mask.base))


def _doubled(watchlist: Watchlist) -> Iterator[Problem]:
    for group in watchlist.groups:
        yield from _doubled_in(watchlist.source, group)
    terms = {group.name: {_key(term) for term in group.terms} for group in watchlist.groups}
    for node in _conditions(watchlist):
        for near in _nears(node):
            match near:
                case Near(Name(left), Name(right)) if left == right:
                    what = f"'{wording(near)}' joins a group with itself"
                    hint = f"write {left} x2 if two hits are wanted"
                    yield Problem(watchlist.source, watchlist.condition_line, "W109", what, hint)
                case Near(Name(left), Name(right)) if terms[left] & terms[right]:
                    shared = min(word for word, _ in terms[left] & terms[right])
                    what = f"'{shared}' stands in both '{left}' and '{right}', which near joins"
                    yield Problem(watchlist.source, watchlist.condition_line, "W109", what)


def _key(term: Term) -> tuple[str, Style]:
    if term.style is Style.PATTERN:
        return term.variant, term.style
    words = words_of(term.variant)
    folded = " ".join(word.fold + "*" * word.prefix for word in words)
    return (term.variant if term.style in {Style.EXACT, Style.CAPS} else folded, term.style)


def _doubled_in(source: str, group: Group) -> Iterator[Problem]:
    seen: dict[tuple[str, Style], Term] = {}
    for term in group.terms:
        first = seen.setdefault(_key(term), term)
        if first is not term and term.source == source:
            where = f"@{first.alias}" if first.alias else f"line {first.line}"
            what = f"the term '{term.written}' stands twice in '{group.name}', also in {where}"
            yield Problem(term.source, term.line, "W108", what, "remove one")


def _untested(watchlist: Watchlist) -> Iterator[Problem]:
    if watchlist.status is not Status.LIVE:
        return
    kinds = {test.fires for test in watchlist.tests}
    if kinds != {True, False}:
        lacks = "tests" if not kinds else "silent tests" if kinds == {True} else "tests that fire"
        what = f"the list is live and has no {lacks}"
        yield Problem(watchlist.source, 1, "W107", what, "add some under tests:")
