"""A hundred thousand random decisions against a matcher that looks everywhere."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from monitor.matching import Group, Matcher, Status, Watchlist
from monitor.matching.language import read_condition
from monitor.matching.patterns import patterns_of
from monitor.matching.terms import Style, Term
from monitor.matching.tokens import BODY, Word, read, term_pieces

LISTS, ITEMS = 250, 420
SCRIPTS = (
    "abcdefgzéłß", "абвгдйіїё", "ابپتکیهمن", "कखगमनािी", "哈马丹气价", "กขคงา", "αβγδώ", "ガスプラン",
)  # fmt: skip
SEPARATORS = (
    *" " * 14,
    "-",
    ", ",
    ". ",
    " | ",
    "’s ",
    "\u00a0",
    "\u200c",
    "\n\n",
    "…",
    "/",
    "\u00ad",
)

Places = list[tuple[int, int, bool]]  #: first and last position, in the title


def vocabulary(dice: Random) -> list[str]:
    words = {
        "".join(dice.choice(script) for _ in range(dice.randrange(2, 5)))
        for script in SCRIPTS
        for _ in range(9)
    }
    return [word for word in sorted(words) if term_pieces(word)]


def anything(dice: Random) -> str:
    """Return any characters but lone surrogates, which no file can hold."""
    codes = (dice.randrange(0x20, dice.choice((0x250, 0x3100, 0x110000))) for _ in range(4))
    return "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)


def text_of(dice: Random, words: list[str], count: int) -> str:
    parts = []
    for _ in range(count):
        word = dice.choice(words)
        case = dice.choice((str, str, str.upper, str.capitalize))
        parts += [anything(dice) if dice.random() < 0.08 else case(word), dice.choice(SEPARATORS)]
    return "".join(parts)


def places(phrases: list[str], title: str, text: str) -> Places:
    """Look for phrases at every word; a hit inside a longer one of the group does not count."""
    cells = read(title, text).cells
    spans = set()
    for wanted in ([piece.fold for piece in term_pieces(phrase)] for phrase in phrases):
        for start in range(len(cells) - len(wanted) + 1):
            row = [cell for cell in cells[start : start + len(wanted)] if cell is not None]
            if [word.fold for word in row] == wanted:
                spans.add((row[0].position, row[-1].position, row[0].in_title))
    return [a for a in sorted(spans) if not any(_inside(a, b) for b in spans if b != a)]


def _inside(a: tuple[int, int, bool], b: tuple[int, int, bool]) -> bool:
    return b[0] <= a[0] and a[1] <= b[1]


def near(a: Places, b: Places, words: int) -> bool:
    return any(x[:2] != y[:2] and max(y[0] - x[1], x[0] - y[1]) - 1 <= words for x in a for y in b)


RULES: dict[str, Callable[[Places, Places], bool]] = {
    "a and b": lambda a, b: bool(a and b),
    "a and not b": lambda a, b: bool(a and not b),
    "a or b": lambda a, b: bool(a or b),
    "a near/3 b": lambda a, b: near(a, b, 3),
    "in-title a and b": lambda a, b: any(place[2] for place in a) and bool(b),
    "a x2 and in-lead/9 b": lambda a, b: len(a) > 1 and any(place[1] < BODY + 9 for place in b),
}


def watchlist(number: int, rule: str, groups: tuple[list[str], list[str]]) -> Watchlist:
    held = tuple(
        Group(name, tuple(Term(phrase, phrase, Style.PLAIN) for phrase in phrases))
        for name, phrases in zip("ab", groups, strict=True)
    )
    return Watchlist(str(number), held, read_condition(rule), status=Status.LIVE)


def folded(words: list[Word | None]) -> list[str]:
    return [word.fold for word in words if word is not None]


@pytest.mark.slow
def test_a_hundred_thousand_decisions_are_those_of_a_matcher_that_looks_everywhere() -> None:
    """No decision is missing and none is extra, and every highlight folds to its term."""
    dice = Random(20_26)
    words = vocabulary(dice)
    phrases = [" ".join(dice.choices(words, k=dice.choice((1, 1, 2, 3)))) for _ in range(160)]
    rules = list(RULES)
    chosen = [
        (rules[i % len(rules)], (dice.sample(phrases, 3), dice.sample(phrases, 3)))
        for i in range(LISTS)
    ]
    lists = [watchlist(i, *each) for i, each in enumerate(chosen)]
    items = [
        (text_of(dice, words, 6), text_of(dice, words, dice.randrange(40))) for _ in range(ITEMS)
    ]
    in_bulk, singly = Matcher(lists).match_all(items), Matcher(lists, few=LISTS)
    fired = 0
    for (title, text), matches in zip(items, in_bulk, strict=True):
        assert matches == singly.match(title, text)
        spans = {phrase: places([phrase], title, text) for phrase in phrases}
        found = {int(match.watchlist): match for match in matches}
        for number, (rule, groups) in enumerate(chosen):
            a, b = (
                _outer([span for phrase in group for span in spans[phrase]]) for group in groups
            )
            assert RULES[rule](a, b) == (number in found), (rule, groups, title, text)
        for match in found.values():
            fired += 1
            for each in match.evidence:
                surface = title if each.field == "title" else text
                assert surface[each.start : each.end] == each.text
                rows = [p.symbols for p in patterns_of(Term(each.term, each.term, Style.PLAIN))]
                shown = folded(read("", each.text).cells)
                assert any(shown == [symbol.base for symbol in row] for row in rows)
    assert LISTS * ITEMS >= 100_000
    assert 0.02 < fired / (LISTS * ITEMS) < 0.6


def _outer(spans: Places) -> Places:
    distinct = set(spans)
    return [a for a in sorted(distinct) if not any(_inside(a, b) for b in distinct if b != a)]
