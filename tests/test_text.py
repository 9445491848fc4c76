"""Cleaning and folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import clean, cut, digest, fold, words


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        pytest.param("a\x00b\x1b[2Jc", "ab[2Jc", id="NUL and ESC"),
        pytest.param("a\r\nBcc: x", "a Bcc: x", id="a line end that would forge a header"),
        pytest.param("a\u2028b\u0085c", "a b c", id="line ends beyond ASCII"),
        pytest.param("abc\u202ecba", "abccba", id="a right-to-left override"),
        pytest.param("می\u200cرود", "می\u200cرود", id="the joiner that Persian needs"),
        pytest.param("  a \t b  ", "a b", id="spaces"),
        pytest.param("\ud800x", "x", id="a lone surrogate"),
    ],
)
def test_clean_leaves_one_harmless_line(raw, wanted):
    """Nothing that forges a line or turns its direction survives."""
    assert clean(raw) == wanted


@given(st.text())
def test_clean_is_idempotent(raw):
    """Cleaning twice is cleaning once."""
    assert clean(clean(raw)) == clean(raw)


@given(st.text(), st.integers(5, 60))
def test_cut_keeps_within_the_limit(raw, limit):
    """Never longer than asked, whole when it fits."""
    assert len(cut(raw, limit)) <= limit
    if len(raw) <= limit:
        assert cut(raw, limit) == raw


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hamadán", "hamadan"),
        ("پايگاه هوايي", "پایگاه هوایی"),
        ("МОСКВА", "москва"),
        ("straße", "STRASSE"),
    ],
)
def test_fold_makes_one_of_spellings(one, other):
    """Case, accents and Arabic-script variants do not count."""
    assert fold(one) == fold(other)


def test_words_come_in_order():
    """Punctuation parts words and is gone."""
    assert words("Shahed-136: used, twice!") == ["shahed", "136", "used", "twice"]


def test_digest_is_the_same_everywhere():
    """A stored key must not change with the run or the machine."""
    assert digest("a", "b") == "d75b3e77041f1c2cefadc34f"
    assert digest("ab") != digest("a", "b")
