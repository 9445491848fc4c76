"""How a text is cut into words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.matching.automaton import Automaton
from monitor.matching.glance import glance
from monitor.matching.patterns import patterns_of
from monitor.matching.terms import Style, Term
from monitor.matching.tokens import BODY, BORDER, fold, lone_word, pieces, read


def folds(text: str) -> list[str | None]:
    return [cell.fold if cell else None for cell in read("", text).cells[1:]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("Gas PRICES", ["gas", "prices"], id="case is folded"),
        pytest.param("Hamadān é", ["hamadan", "e"], id="accents are folded"),
        pytest.param("e\u0301te\u0301", ["ete"], id="decomposed accents stay with their letter"),
        pytest.param("Łódź Đà ø", ["lodz", "da", "o"], id="barred letters are folded"),
        pytest.param(
            "Ёлка Киев й Україна", ["елка", "киев", "й", "україна"], id="yo is ye but short i stays"
        ),
        pytest.param("и\u0306", ["й"], id="decomposed short i is composed"),
        pytest.param(
            "Straße İzmir ﬁre", ["strasse", "izmir", "fire"], id="folding may change the length"
        ),
        pytest.param("ＬＮＧ", ["lng"], id="full width letters"),
        pytest.param(
            "ايران ك ة إلى آب", ["ایران", "ک", "ه", "الی", "اب"], id="Arabic variants meet Persian"
        ),
        pytest.param("هَمَدان همـــدان", ["همدان", "همدان"], id="harakat and tatweel are dropped"),
        pytest.param("۱۳۶ ١٣٦", ["136", "136"], id="Persian and Arabic digits"),
        pytest.param("پهپاد\u200cها", ["پهپادها"], id="the zero-width non-joiner joins"),
        pytest.param(
            "Shahed136 Tu-22M3",
            ["shahed", "136", "tu", "22", "m", "3"],
            id="letters and digits part",
        ),
        pytest.param(
            "air\u2011base air\u2013base air/base",
            ["air", "base"] * 3,
            id="hyphens, dashes and slashes part",
        ),
        pytest.param("air\u00a0base\u202fnow", ["air", "base", "now"], id="no-break spaces part"),
        pytest.param(
            "Hama\u00addan \ufeffgas\u200b \u200fLNG\u200e",
            ["hamadan", "gas", "lng"],
            id="invisible marks are nothing",
        ),
        pytest.param(
            "Iran's Iran’s IRAN’S states' 136's",
            ["iran", "iran", "iran", "states", "136"],
            id="the possessive is dropped",
        ),
        pytest.param("the U.S. told us", ["the", "u.s.", "told", "us"], id="U.S. is never us"),
        pytest.param(
            "U.S and U.A.E.", ["u.s.", "and", "u.a.e."], id="an abbreviation without its last stop"
        ),
        pytest.param("哈马丹 x", ["哈", "马", "丹", "x"], id="Han characters are words"),
        pytest.param("シャヘド型", ["シャヘト" + "\u3099", "型"], id="katakana runs end at Han"),
        pytest.param("8.5 1,740 12:30", ["8.5", "1,740", "12", "30"], id="decimals are one word"),
        pytest.param(
            "see https://x.test/gas-price now",
            ["see", "", "now"],
            id="an address is one unknown word",
        ),
        pytest.param("गैज़प्रोम", ["गैजप्रोम"], id="vowel signs stay, the nukta goes"),
        pytest.param("— … ·", [None], id="marks alone are no words"),
    ],
)
def test_words_are_folded_one_by_one(text: str, wanted: list[str | None]) -> None:
    """Words come out folded, in order, and borders as None."""
    assert folds(text) == wanted


@pytest.mark.parametrize(
    ("text", "borders"),
    [
        pytest.param("Prices fell. Gas rose", 1, id="a full stop"),
        pytest.param("Why? Because! Yes… no", 3, id="other ends"),
        pytest.param("“It fell.” Then", 1, id="a stop inside quotes"),
        pytest.param("end.Next begins", 1, id="a missing space"),
        pytest.param("Mr. Smith met Gen. Jones", 0, id="titles"),
        pytest.param("J. Smith of the U.S. army", 0, id="initials and abbreviations"),
        pytest.param("rose 3.5 to 8,5", 0, id="decimals"),
        pytest.param("the answer is no. Then", 1, id="no is a word"),
        pytest.param("No. 3 unit", 0, id="No is an abbreviation"),
        pytest.param("5 млн. тонн", 0, id="Russian abbreviations"),
        pytest.param("رفت. آمد؟ بله", 2, id="Persian marks"),
        pytest.param("气价。上涨", 1, id="Chinese full stop"),
        pytest.param("Gas news | The Site", 1, id="a bar"),
        pytest.param("a title\n\na body", 1, id="an empty line"),
        pytest.param("a line\nits rest", 0, id="a wrapped line"),
    ],
)
def test_sentences_end_where_a_reader_sees_the_end(text: str, borders: int) -> None:
    """Sentence borders stand at ends, and not behind abbreviations."""
    assert folds(text).count(None) == borders


def test_title_and_body_are_far_apart() -> None:
    """The body is numbered from BODY, behind a border, with a sentence of its own."""
    title, border, body = read("gas", "price").cells
    assert title is not None
    assert body is not None
    assert border is None
    assert (title.position, body.position) == (0, BODY)
    assert title.sentence < body.sentence


TEXTS = st.text(
    st.sampled_from("aZé'’s.!?-\u00ad\u200c\u0301 \n\u00a0هـۀم۱8,%ß哈ン(«»)İ¶|ʼй:/٫&")
    | st.characters(),
    max_size=60,
)


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_offsets_point_at_the_words_as_given(title: str, text: str) -> None:
    """Whatever the text, each word's slice of the original folds to the word."""
    for word in read(title, text).cells:
        if word is not None and word.fold:
            source = title if word.in_title else text
            surface = source[word.start : word.end]
            again = [p.fold for p in pieces(surface) if p is not None]
            assert again == [word.fold]


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_the_quick_way_and_the_slow_way_cut_alike(title: str, text: str) -> None:
    """The string of letters has one letter for each cell, and its borders where the cells have them."""
    row = next(patterns_of(Term("gas", "gas", Style.PLAIN))).symbols
    automaton = Automaton(row, [(0,)])
    _, _, head, body = automaton.scan(title, text)
    letters = "".join([*head, BORDER, *body])
    cells = read(title, text).cells
    assert [letter == BORDER for letter in letters] == [cell is None for cell in cells]
    seen = glance(title, text, head, body)
    assert [seen.row(at, 1) for at in range(len(cells))] == [[cell] for cell in cells]


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_lone_word_is_what_the_full_cut_finds(chunk: str) -> None:
    """The shortcut for plain chunks finds the one word that the full cut finds."""
    word, ends = lone_word(chunk)
    if word and fold(word):
        wanted = [fold(word), None] if ends else [fold(word)]
        assert [piece and piece.fold for piece in pieces(chunk)] == wanted
