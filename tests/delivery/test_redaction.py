"""Quoting a server without giving a secret away."""

from __future__ import annotations

import pytest

from monitor.delivery.redaction import Redaction


@pytest.mark.parametrize(
    ("secret", "said", "quoted"),
    [
        pytest.param("s3cret", "bad s3cret here", "bad [hidden] here", id="as it is"),
        pytest.param("s3cret", "bad s3\x00cret", "bad [hidden]", id="with a control inside"),
        pytest.param("a  b", "bad a  b", "bad [hidden]", id="a secret with two blanks"),
        pytest.param("a\x01b", "bad a\x01b, ab", "bad [hidden], [hidden]", id="with a control"),
        pytest.param("p/w+d", "bad p%2Fw%2Bd", "bad [hidden]", id="percent-encoded"),
        pytest.param("", "nothing to hide", "nothing to hide", id="no secret"),
        pytest.param("x", "line\r\nforged\u202e \x1b[2J", "line forged [2J", id="forged lines"),
    ],
)
def test_a_quote_is_one_clean_line_without_the_secret(secret, said, quoted):
    """Whatever shape the secret has in the answer, the quote does not show it."""
    assert Redaction(secret)(said) == quoted


def test_a_secret_at_the_cut_is_hidden_whole():
    """Cutting comes last: no half of a secret is left at the end."""
    assert "secr" not in Redaction("secret-word")("x" * 95 + "secret-word")


def test_a_long_answer_is_cut():
    """An error is a line, not a page."""
    assert len(Redaction()("y" * 5000)) == 100


def test_a_repr_shows_nothing():
    """Not even a debugger's glance shows the secret."""
    assert "s3cret" not in repr(Redaction("s3cret"))
