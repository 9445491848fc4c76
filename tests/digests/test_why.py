"""What is shown as the reason: the item's own words, cut well, marked truly."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.digests import explain
from monitor.digests.why import SNIPPET, Piece, Term, _Span, mark, phrase, snippet
from monitor.model import Kind, Move

LONG = "alpha beta gamma delta " * 40


def joined(pieces) -> str:
    return "".join(piece.text for piece in pieces)


def hits(pieces) -> list[str]:
    return [piece.text for piece in pieces if piece.hit]


def spans(text: str, *words: str) -> list[_Span]:
    return sorted(_Span(text.index(w), text.index(w) + len(w), w) for w in words)


def test_headline_is_marked_whole(make):
    """The headline stays whole, with what matched marked in it."""
    why = explain(
        make.member(1, "Iran ships drones", hits={"drones": [("iran", "Iran")]}), "drones"
    )
    assert why.headline == (Piece("Iran", hit=True), Piece(" ships drones"))


def test_excerpt_goes_where_the_evidence_is():
    """A long text is cut around what matched, at the borders of words."""
    text = LONG + "the depot near Astrakhan was full " + LONG
    pieces = snippet(text, spans(text, "Astrakhan"))
    assert hits(pieces) == ["Astrakhan"]
    assert len(joined(pieces)) <= SNIPPET
    words = joined(pieces).strip("…").split()
    assert set(words) <= set(text.split())
    assert joined(pieces).startswith("…")
    assert joined(pieces).endswith("…")


def test_excerpt_prefers_several_groups():
    """Of two places the one that shows more groups is taken, though it comes later."""
    text = "Iran first. " + LONG + " Russia got drones here. " + LONG
    assert hits(snippet(text, spans(text, "Iran", "Russia", "drones"))) == ["Russia", "drones"]


def test_a_short_text_is_not_cut():
    """A text that fits is shown whole, without ellipses."""
    assert joined(snippet("Only this.", [])) == "Only this."


def test_han_is_cut_between_any_characters():
    """Scripts without spaces are cut where the room ends."""
    text = "无人机生产线" * 100
    pieces = snippet(text, [_Span(300, 303, "drone")])
    assert 190 <= len(joined(pieces)) <= SNIPPET
    assert hits(pieces) == ["无人机"]


def test_marks_stay_with_their_letters():
    """A cut never parts a combining mark from its letter."""
    text = "e\u0301" * 400
    body = joined(snippet(text, [_Span(400, 402, "g")])).strip("…")
    assert body.startswith("e")
    assert body.endswith("\u0301")


def test_right_to_left_is_marked_in_reading_order(make):
    """Offsets of Persian text mark the Persian words."""
    item = make.member(1, "روسیه پهپاد خرید", "به گفتهٔ منابع، پهپاد شاهد تحویل شد",
                       hits={"drones": [("russia", "روسیه"), ("named", "شاهد")]})  # fmt: skip
    why = explain(item, "drones")
    assert (hits(why.headline), hits(why.excerpt)) == (["روسیه"], ["شاهد"])


def test_controls_do_not_shift_the_marks(make):
    """Marks stand right although cleaning takes characters away before them."""
    item = make.member(1, "\u202e\x00 Iran\x07 ships \n drones", hits={"drones": [("d", "drones")]})
    assert explain(item, "drones").headline == (Piece("Iran ships "), Piece("drones", hit=True))


def test_evidence_of_an_edited_text_is_looked_up_again(make):
    """Where the item was edited after the match, the word is found again or not marked."""
    item = make.member(1, "Iran ships drones", hits={"drones": [("d", "drones"), ("i", "Iran")]})
    edited = dataclasses.replace(item, item=dataclasses.replace(item.item, title="Now drones fly"))
    why = explain(edited, "drones")
    assert hits(why.headline) == ["drones"]
    assert [term.text for term in why.terms] == ["drones", "Iran"]


def test_overlapping_evidence_is_marked_once():
    """Two spans over the same words make one continuous run and lose no letter."""
    text = "Shahed-136 drones arrive"
    pieces = mark(text, [_Span(0, 10, "a"), _Span(0, 17, "b"), _Span(7, 10, "c")])
    assert joined(pieces) == text
    assert "".join(hits(pieces)) == "Shahed-136 drones"


def test_fuzzy_is_said(make):
    """A fuzzy match names the word that the list meant."""
    item = make.member(
        1, "New roof at Hamedan", hits={"base": [("place", "Hamedan", Kind.FUZZY, "Hamadan")]}
    )
    assert explain(item, "base").terms == (Term("place", "Hamedan", "Hamadan"),)


def test_terms_are_named_once_per_group(make):
    """The same word in title and text is one term; groups keep their order."""
    rows = [("drone", "drones"), ("iran", "Iran"), ("drone", "drones"), ("drone", "UAV")]
    item = make.member(1, "Iran: drones", "A UAV and drones", hits={"drones": rows})
    assert [(t.group, t.text) for t in explain(item, "drones").terms] == [
        ("drone", "drones"), ("drone", "UAV"), ("iran", "Iran"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("move", "shown"),
    [
        (Move(8, "%", "rise", "EUR 35/MWh"), "▲ 8 % → EUR 35/MWh"),
        (Move(4, "%", "fall"), "▼ 4 %"),
        (Move(2.5, "EUR/MWh", "rise"), "▲ 2.5 EUR/MWh"),
        (Move(3, "%", "\x1b[2J", "\u202e<b>"), "◆ 3 % → <b>"),
    ],
)
def test_moves(move, shown):
    """A market move is an arrow, a number and the level it reached."""
    assert phrase(move) == shown


def test_moves_are_no_terms(make):
    """A move is shown as a move, not repeated among the terms."""
    rows = [("moves", "rose 8%", Kind.MOVE, Move(8, "%", "rise"))]
    why = explain(make.member(1, "Gas rose 8%", hits={"gas": rows}), "gas")
    assert (why.terms, why.moves) == ((), ("▲ 8 %",))


@pytest.mark.parametrize("text", ["Iran ships drones", "iran ships drones.", "  ", "Iran ships…"])
def test_a_text_that_repeats_the_headline_is_not_shown(make, text):
    """Feeds that put the headline into the summary do not make readers read it twice."""
    assert explain(make.member(1, "Iran ships drones", text), "drones").excerpt == ()


def test_without_a_headline_the_text_stands_in(make):
    """An item without a title is still something one can click."""
    assert joined(explain(make.member(1, "\x00", "Words"), "drones").headline) == "Words"
    assert joined(explain(make.member(1, ""), "drones").headline) == "(no headline)"


def test_another_list_explains_where_the_home_list_is_silent(make):
    """A lead without a hit of the asked list is explained by its own best hit."""
    item = make.member(
        1, "Gas and drones", hits={"gas": [("g", "Gas")], "drones": [("d", "drones")]}
    )
    assert [t.text for t in explain(item, "base").terms] == ["drones"]


@given(
    text=st.text(alphabet=st.sampled_from("ab é\u0301پ无\u202e\n\x00👩🏽"), max_size=500),
    places=st.lists(st.tuples(st.integers(0, 499), st.integers(1, 260)), max_size=6),
)
@example(text="a  ", places=[(0, 2)])
@example(text="  a", places=[(1, 1)])
def test_snippets_hold_for_any_text(text, places):
    """A snippet is short, one clean line, and has no empty piece, whatever the text and spans."""
    found = sorted(_Span(a, min(a + n, len(text)), str(n)) for a, n in places if a < len(text))
    for pieces in (snippet(text, found), mark(text, found, SNIPPET)):
        shown = joined(pieces)
        assert len(shown) <= SNIPPET
        assert not set(shown) & set("\n\x00\u202e")
        assert shown == shown.strip()
        assert all(piece.text for piece in pieces)
