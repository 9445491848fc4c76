"""Many items at once come to the same as each by itself."""

from __future__ import annotations

import pickle
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.files import load_watchlists, shipped
from monitor.matching import Matcher, load_watchlist
from monitor.matching.bulk import engine
from monitor.matching.bulk.cells import Reader
from monitor.matching.bulk.texts import cut
from monitor.matching.tokens import BORDER, READ_LIMIT

RICH = "watchlist: rich\ngroups:\n" + "".join(
    f"  {line}\n"
    for line in (
        "a: {forms: [en, ru, fa], any: [gas, 'pric*', US, =Iran, '~Hamadan', 'ایران', 哈马丹, 'Geran-{1,136}']}",
        "b: {any: [base, rose, 'air base', 'natural gas price', потолок цен]}",
        "c: {forms: en, any: [tear gas, strike, u.s. base]}",
        "d: {any: ['/b[aeiou]se/']}",
    )
)


def rich(name: str, match: str, more: str = "") -> str:
    return f"{RICH}match: {match}\n{more}".replace("rich", name, 1)


# Lists of which the strings alone tell whether they fire: no pattern, prefix, mask or case.
PLAIN = "watchlist: NAME\ngroups:\n" + "".join(
    f"  {line}\n"
    for line in (
        "a: {forms: [en, ru, fa], any: [gas, natural gas, price, 'ایران', 哈马丹, потолок цен]}",
        "b: {any: [gas, base, rose, 'air base', 'natural gas price', 'well-known', é]}",
        "c: {any: [tear, strike, free]}",
    )
)
SURE = [
    PLAIN.replace("NAME", name) + f"match: {match}\n{more}"
    for name, match, more in (
        ("either", "a or b", ""),
        ("both-sides", "b and a", ""),
        ("barred", "a and not c", ""),
        ("sure-raised", "a and b", "raise: {in-title b: 1, a near/5 b: 0.5}\n"),
    )
]
LISTS = [
    load_watchlist(text, "p")
    for text in (
        *SURE,
        rich("plain", "b and not c"),
        rich("both", "(a or c) and b"),
        rich("raised", "b", "raise: {in-title b: 1, a near/5 b: 0.5}\n"),
        rich("near", "a near/5 b or move(a) >= 1%", "mask: [gas base]\n"),
        rich("title", "in-title b and 2 of b"),
        rich("pattern", "d and not b"),
        rich("nothing", "not a"),
    )
]
MANY, EACH = Matcher(LISTS, few=0), Matcher(LISTS, few=99)
EACH._sieve._resting = 10**9  # every item is looked at, also where the sieve would save the look

WORDS = (
    """gas gas, «gas» gas. (gas) base BASE Base’s air base rose natural price prices U.S. US us Iran iran
    Hamadan Hamadam 哈马丹空军 ایران ایران‌گاز Geran-136 Geran136 136 8% потолок цен цену tear strike struck
    well-known http://a.example/gas www.gas.example ﬁre é e\u0301 \u00ad-\u00ad 𝐠as ＧＡＳ g\u00adas"""
).split()
ODD = ["\x01", "\x02", "\x00", "\n", "\n\n", "\n \n", "\u2028", "\u00a0", "\u3000", "\x1c", "\x85", "\ud83d", "x" * 40, "哈" * 50]  # fmt: skip
PARTS = st.lists(
    st.sampled_from(WORDS) | st.sampled_from(ODD) | st.text(max_size=5), max_size=14
).map(" ".join)


@given(st.lists(st.tuples(PARTS, PARTS), min_size=1, max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_items_together_have_the_matches_of_each(items) -> None:
    """Decisions, evidence with its offsets, and scores are the same, whatever stands beside."""
    assert MANY.match_all(items) == [EACH.match(*item) for item in items]
    assert MANY.fires_all(items) == [EACH.fires(*item) for item in items]


@given(st.lists(st.text(st.characters(), max_size=30), min_size=2, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_characters_hide_no_word_beside_them(noise) -> None:
    """A list's words between any characters are found in bulk where they are found alone."""
    items = [(f"{a} gas price {b}", f"{b} air base rose {a}") for a, b in pairwise(noise)]  # fmt: skip
    assert MANY.match_all(items) == [EACH.match(*item) for item in items]


def test_lists_of_plain_words_are_decided_by_their_strings() -> None:
    """So that these tests reach the evidence that is made without an item's words."""
    assert sorted(MANY._screen.decided) == list(range(len(SURE)))


@pytest.mark.parametrize(
    "item",
    [
        ("Natural gas price rose", "GAS, “gas” ﬁre; é natural gas — ایران‌ 哈马丹 gas’s base"),
        ("", "gas base " * 60 + "natural gas price"),
        ("rose " * 60, "потолки цен " * 3 + "natural gas"),
        ("x \u2028 gas\n\ngas. Gas", "air base\x01 base"),
    ],
)
def test_evidence_from_arrays_is_what_a_look_at_each_word_gives(item) -> None:
    """Surfaces, offsets, kinds, the longest of a group, and no more than a person reads."""
    assert MANY.match_all([("no", "thing"), item, ("free", "gas")])[1] == EACH.match(*item)
    assert EACH.match(*item)


def test_the_shipped_lists_say_in_bulk_what_their_tests_say() -> None:
    """Every test text of the shipped lists, in one batch."""
    lists = load_watchlists([shipped() / "watchlists"])
    items = [(test.title, test.text) for one in lists for test in one.tests]
    each = Matcher(lists)
    assert len(items) > 100
    assert Matcher(lists, few=0).match_all(items) == [each.match(*item) for item in items]


def test_batches_are_bounded_and_leave_nothing_out() -> None:
    """Items are cut by their number and by their characters; a long one stands alone."""
    items = [("natural gas price", "x" * n) for n in (1, 60, 2, 3, 4, 5)] + [("", "")] * 7
    cut = engine.batches(items, 3, 40)
    assert [len(batch) for batch in cut] == [1, 1, 2, 1, 3, 3, 2]
    assert [item for batch in cut for item in batch] == items
    assert MANY.match_all(items) == [EACH.match(*item) for item in items]
    assert MANY.match_all([]) == []


def test_no_more_than_the_limit_is_read() -> None:
    """What stands behind the limit of a field is not read, in bulk as alone."""
    text = "x " * (READ_LIMIT // 2)
    items = [("", text[:-8] + "air base " + "base"), ("", text + "air base")]
    assert MANY.match_all(items) == [EACH.match(*item) for item in items]
    assert not any(match.watchlist == "plain" for match in MANY.match_all(items)[1])


def test_rubbish_fills_no_memory() -> None:
    """When too many meanings are known all are forgotten, and what comes next is read as before."""
    reader = Reader(lambda chunk: chunk.replace("-", BORDER), most=20)
    for n in range(100):
        stream = reader.read(cut([f"a-{'b-' * n}c", "d"]))
        letters = "".join(map(chr, stream.letters.tolist()))
        assert letters == BORDER.join(["a", *"b" * n, "c", "d", ""])
        assert reader._pool.codes < 30


def test_a_matcher_of_many_lists_survives_pickling() -> None:
    """Another process asks the same lists in the same way."""
    again = pickle.loads(pickle.dumps(MANY))
    items = [("U.S. base struck", "natural gas price rose 8%")]
    assert again._sieve is None
    assert again.match_all(items) == MANY.match_all(items)


@pytest.mark.parametrize("few", [0, 99])
def test_no_lists_match_nothing(few) -> None:
    """A desk without lists is asked and answers."""
    assert Matcher([], few=few).match_all([("gas", "base")]) == [()]
