"""YAML text to checked values: every fault with its line and code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.documents import Document, Field, check, parse
from monitor.errors import InputError


class Inner(Document):
    url: str
    port: int = Field(default=25, ge=1)


class Outer(Document):
    feeds: list[Inner] = []
    named: dict[str, Inner] = {}
    word: str = ""


@pytest.mark.parametrize(
    ("text", "line", "code", "words"),
    [
        pytest.param(
            "feeds:\n - url: a\n   prot: 3\n",
            3,
            "Y011",
            "did you mean 'port'",
            id="an unknown key inside a list",
        ),
        pytest.param(
            "fedes: []\n", 1, "Y011", "did you mean 'feeds'", id="an unknown key at the top"
        ),
        pytest.param(
            "zzz: 1\n", 1, "Y011", "docs/configuration.md", id="an unknown key like no other"
        ),
        pytest.param(
            "named:\n  x:\n    port: 1\n", 2, "Y012", "'named.x.url' is missing", id="a missing key"
        ),
        pytest.param(
            "feeds:\n - url: a\n   port: 0\n",
            3,
            "Y013",
            "greater than or equal to 1",
            id="a number out of range",
        ),
        pytest.param("feeds: no\n", 1, "Y013", "valid list", id="no is a word, not a boolean"),
        pytest.param("word: a\nword: b\n", 2, "Y002", "stands twice", id="a key that stands twice"),
        pytest.param("a: &x 1\nb: *x\n", 1, "Y003", "anchors", id="an anchor"),
        pytest.param("word: !!python/object x\n", 1, "Y003", "tag", id="a tag"),
        pytest.param("feeds:\n\t- a\n", 2, "Y001", "cannot start any token", id="a tab"),
        pytest.param("feeds: [1,\n  b: }\n", 2, "Y001", "indentation", id="broken brackets"),
        pytest.param("[" * 60, 1, "Y004", "deeper", id="nested too deep"),
        pytest.param("- a\n", 1, "Y010", "mapping", id="a list where keys are wanted"),
        pytest.param("", 1, "Y010", "mapping", id="an empty file"),
    ],
)
def test_a_fault_is_told_with_file_line_code_and_what_next(text, line, code, words):
    """file:line: code what; what next."""
    with pytest.raises(InputError) as caught:
        check(Outer, parse(text, "desk.yaml"))
    problem = caught.value.problems[0]
    assert (problem.source, problem.line, problem.code) == ("desk.yaml", line, code)
    assert words in str(problem)


def test_all_faults_are_told_at_once():
    """Nobody wants to mend a file one fault at a time."""
    with pytest.raises(InputError) as caught:
        check(Outer, parse("feeds:\n - port: 0\n - port: x\nbad: 1\n", "f"))
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize(
    "plain", ["07:00", "010", "no", "yes", "on", "1_000", "0x1f", "۱۳۶", "12:30:00", "2026-03-10"]
)
def test_plain_words_stay_words(plain):
    """YAML 1.1 would have made numbers, booleans and dates of these."""
    assert check(Outer, parse(f"word: {plain}\n", "f")).word == plain


def test_an_alias_bomb_is_refused_before_it_is_built():
    """Nine levels of nine references are four lines of text and 400 million nodes."""
    bomb = "a: &a [x,x]\nb: &b [*a,*a]\n"
    with pytest.raises(InputError, match="Y003"):
        parse(bomb, "f")


def test_a_huge_file_is_refused():
    """More than four megabytes are no settings."""
    with pytest.raises(InputError, match="Y004"):
        parse("#" * 4_100_000, "f")


@given(st.text(max_size=200))
def test_no_text_whatever_escapes_as_another_error(text):
    """Any text is data or an InputError."""
    try:
        parse(text, "f")
    except InputError:
        return
