"""Numbers of a text, whatever digits and words they are written in."""

from __future__ import annotations

import pytest

from monitor.stories.numbers import Number, number_word, numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("up 8 %", {("%", "8")}, id="a percent sign"),
        pytest.param(
            "wzrost o 8,5 proc.", {("%", "8.5")}, id="a decimal comma and an abbreviation"
        ),
        pytest.param("۸ درصد", {("%", "8")}, id="Persian digits"),
        pytest.param("٨ في المئة", {("%", "8")}, id="Arabic digits and words"),
        pytest.param("подорожал на 8 процентов", {("%", "8")}, id="a Russian percent word"),
        pytest.param("about 1,000 weapons", {("n", "1000")}, id="a comma that groups"),
        pytest.param("1 250 000 people", {("n", "1250000")}, id="spaces that group"),
        pytest.param("at 34.70 euros", {("n", "34.7")}, id="a price without its idle zero"),
        pytest.param("the 12th package", {("#", "12")}, id="an ordinal"),
        pytest.param("a Shahed-136", {("m", "136")}, id="the number of a model"),
        pytest.param("in 2022", set(), id="a year says nothing"),
        pytest.param("at 07:45", set(), id="a time of day says nothing"),
        pytest.param("on 9 November", set(), id="the day of a month says nothing"),
        pytest.param("on 16.10.2022", set(), id="a date in figures says nothing"),
    ],
)
def test_numbers(text: str, wanted: set[tuple[str, str]]) -> None:
    """A number is read with its kind, and what only tells the time is left out."""
    assert numbers(text) == {Number(*one) for one in wanted}


@pytest.mark.parametrize(
    ("word", "wanted"),
    [("third", Number("#", "3")), ("siedem", Number("n", "7")), ("ship", None)],
)
def test_number_words(word: str, wanted: Number | None) -> None:
    """A folded word that says a small number is one, another word is none."""
    assert number_word(word) == wanted
