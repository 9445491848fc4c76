"""The matcher against a slow and simple one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.matching import compile_watchlists, explain, load_watchlist, render
from monitor.matching.patterns import patterns_of
from monitor.matching.tokens import read, term_pieces

WORDS = [
    "gas",
    "price",
    "tear",
    "Iran",
    "Hamadan",
    "136",
    "base",
    "ایران",
    "گاز",
    "газ",
    "哈",
    "US",
]
SEPARATORS = [" ", " ", " ", "-", ". ", ", ", "\u00a0", "’s ", "\n\n", " | ", "…"]


@st.composite
def texts(draw: st.DrawFn) -> str:
    count = draw(st.integers(0, 14))
    parts = []
    for _ in range(count):
        parts += [
            draw(st.sampled_from([*WORDS, "drone", "IRAN", "gása"])),
            draw(st.sampled_from(SEPARATORS)),
        ]
    return "".join(parts)


PHRASES = st.lists(st.sampled_from(WORDS[:-1]), min_size=1, max_size=3).map(" ".join)
GROUPS = st.lists(PHRASES, min_size=1, max_size=4, unique=True)


def brute(phrases: list[str], title: str, text: str) -> list[tuple[int, int]]:
    """Find word positions of phrases by looking everywhere; inner hits are dropped."""
    cells = read(title, text).cells
    spans = set()
    for phrase in phrases:
        wanted = [piece.fold for piece in term_pieces(phrase)]
        for start in range(len(cells) - len(wanted) + 1):
            row = cells[start : start + len(wanted)]
            if all(
                cell is not None and cell.fold == fold
                for cell, fold in zip(row, wanted, strict=True)
            ):
                if _comma_at_number(row, title, text):
                    continue
                spans.add((row[0].position, row[-1].position))
    return [
        a for a in sorted(spans) if not any(b != a and b[0] <= a[0] and a[1] <= b[1] for b in spans)
    ]


def _comma_at_number(row, title: str, text: str) -> bool:
    for left, right in pairwise(row):
        source = title if left.in_title else text
        if (left.fold[0].isdigit() or right.fold[0].isdigit()) and "," in source[
            left.end : right.start
        ]:
            return True
    return False


def quoted(phrases: list[str]) -> str:
    return "[" + ", ".join(f'"{phrase}"' for phrase in phrases) + "]"


@given(GROUPS, GROUPS, GROUPS, st.integers(0, 6), texts(), texts())
@settings(max_examples=150, deadline=None)
def test_decisions_equal_those_of_a_brute_force_matcher(
    first, second, masks, words, title, text
) -> None:
    """Groups, masks and near decide as a matcher that looks everywhere."""
    a, b = brute(first, title, text), brute(second, title, text)
    source = (
        f"watchlist: probe\ngroups:\n  a: {quoted(first)}\n  b: {quoted(second)}\n"
        f"match: a near/{words} b\n"
    )
    wanted = any(x != y and max(y[0] - x[1], x[0] - y[1]) - 1 <= words for x in a for y in b)
    found = compile_watchlists([load_watchlist(source, "p")]).match(title, text)
    assert bool(found) == wanted
    for match in found:
        for each in match.evidence:
            assert each.text == (title if each.field == "title" else text)[each.start : each.end]


@given(GROUPS, GROUPS, texts(), texts())
@settings(max_examples=120, deadline=None)
def test_masks_take_away_what_they_touch_and_nothing_else(terms, masks, title, text) -> None:
    """A hit stays if and only if no mask lies over one of its words."""
    covered = {p for first, last in brute_all(masks, title, text) for p in range(first, last + 1)}
    wanted = {
        (first, last)
        for first, last in brute_all(terms, title, text)
        if covered.isdisjoint(range(first, last + 1))
    }
    source = f"watchlist: probe\ngroups:\n  a: {quoted(terms)}\nmask: {quoted(masks)}\n"
    found = compile_watchlists([load_watchlist(source, "p")]).match(title, text)
    assert bool(found) == bool(wanted)


def brute_all(phrases: list[str], title: str, text: str) -> set[tuple[int, int]]:
    return {span for phrase in phrases for span in brute([phrase], title, text)}


RICH = st.lists(
    st.sampled_from(
        [
            "gas price",
            "pric*",
            "hama*",
            "~Hamadan",
            "=Iran",
            "=Iran base",
            "US",
            "UAV",
            "tear pric*",
            "Geran-{1,136}",
            "base",
            "ایران گاز",
            "газ",
            "газиф* газ",
            "哈",
            "anti-gas",
            "supply",
            "136",
        ]
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
RICH_WORDS = [
    "gas",
    "gases",
    "Price",
    "prices",
    "priced",
    "Hamadan",
    "Hamedan",
    "hamadani",
    "Ramadan",
    "Iran",
    "IRAN",
    "iran",
    "US",
    "us",
    "U.S.",
    "UAVs",
    "UAVS",
    "tear",
    "geran",
    "136",
    "base",
    "bases",
    "ایران",
    "ایرانگاز",
    "گاز",
    "газа",
    "газом",
    "газификация",
    "哈",
    "anti",
    "antigas",
    "supplied",
]


@given(
    RICH,
    st.lists(st.sampled_from(RICH_WORDS), max_size=12),
    st.sampled_from(SEPARATORS),
    st.integers(0, 12),
)
@settings(max_examples=150, deadline=None)
def test_the_automaton_proposes_all_that_the_patterns_take(terms, words, separator, cut) -> None:
    """Every pattern that hits at some word of an item is found there, and nothing else is."""
    title, text = " ".join(words[:cut]), separator.join(words[cut:])
    source = f"watchlist: probe\ngroups:\n  a: {{forms: [en, ru, fa], any: {quoted(terms)}}}\n"
    watchlist = load_watchlist(source, "p")
    reading = read(title, text)
    rows = [pattern for term in watchlist.groups[0].terms for pattern in patterns_of(term)]
    wanted = {
        (first, len(pattern.symbols))
        for pattern in rows
        for first in range(len(reading.cells))
        if pattern.kind_at(reading, first) is not None
    }
    _, found = compile_watchlists([watchlist]).find_in(0, title, text)
    places = {cell.position: index for index, cell in enumerate(reading.cells) if cell is not None}
    hits = {(places[o.first], o.last - o.first + 1) for o in found.hits.get("a", ())}
    longest = {
        (a, n)
        for a, n in wanted
        if not any((b, m) != (a, n) and b <= a and a + n <= b + m for b, m in wanted)
    }
    assert hits == longest


@given(GROUPS, texts(), texts())
@settings(max_examples=60, deadline=None)
def test_a_list_decides_the_same_alone_and_in_company(terms, title, text) -> None:
    """Other lists with prefixes, slips and exact words change nothing for a list."""
    source = f"watchlist: probe\ngroups:\n  a: {quoted(terms)}\n"
    company = 'watchlist: other\ngroups:\n  a: {any: ["=Gas", "=Iran", US, "~Hamadan", "hama*", "pric*"], forms: en}\n'
    probe, other = load_watchlist(source, "p"), load_watchlist(company, "o")
    alone = compile_watchlists([probe]).match(title, text)
    together = compile_watchlists([other, probe, other]).match(title, text)
    assert alone == tuple(match for match in together if match.watchlist == "probe")
    lone_other = compile_watchlists([other]).match(title, text)
    assert lone_other * 2 == tuple(match for match in together if match.watchlist == "other")


NOISE = st.text(st.characters(), max_size=6)


@given(
    st.lists(st.tuples(NOISE, st.sampled_from([*RICH_WORDS, "8%", "rose", "fell"])), max_size=10),
    NOISE,
)
@settings(max_examples=120, deadline=None)
def test_evidence_is_a_slice_of_the_text_whatever_stands_around(parts, tail) -> None:
    """Under any Unicode noise, evidence is the text between its offsets, and explain agrees."""
    text = "".join(noise + word for noise, word in parts) + tail
    title, body = text[: len(text) // 2], text[len(text) // 2 :]
    for match in NOISY.match(title, body):
        for each in match.evidence:
            assert each.text == (title if each.field == "title" else body)[each.start : each.end]
            assert each.text
    explanation = explain(NOISY.watchlists[0], title, body)
    assert (explanation.match,) * explanation.fires == NOISY.match(title, body)
    assert render(explanation)


NOISY = compile_watchlists(
    [
        load_watchlist(
            "watchlist: noisy\n"
            "groups:\n"
            "  a: {forms: [en, ru, fa], any: [gas, 'pric*', US, =Iran, '~Hamadan', 'ایران', 哈, 'Geran-{1,136}']}\n"
            "  b: {any: [base, rose]}\n"
            "match: a or b or move(a) >= 1% or a near/5 b\n",
            "noisy.yaml",
        )
    ]
)
