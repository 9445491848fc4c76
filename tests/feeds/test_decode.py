"""Bytes to text: what is UTF-8 is UTF-8, labels come second, one bad byte spoils nothing."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds.decode import decode

RU = "Иран передал дроны"
FA = "پهپادهای شاهد"


def feed(text: str, encoding: str = "utf-8", declared: str = "") -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{head}<rss><title>{text}</title></rss>".encode(encoding)


@pytest.mark.parametrize(
    ("body", "content_type", "language", "wanted"),
    [
        pytest.param(feed(RU), None, "", RU, id="utf-8 without any label"),
        pytest.param(feed(RU, "utf-8", "windows-1251"), None, "", RU, id="utf-8 under a false declaration"),
        pytest.param(feed(RU), "text/xml; charset=iso-8859-1", "", RU, id="utf-8 under a false HTTP charset"),
        pytest.param(feed(RU, "windows-1251", "windows-1251"), None, "", RU, id="windows-1251 as declared"),
        pytest.param(feed(RU, "windows-1251"), "text/xml; charset=windows-1251", "", RU, id="windows-1251 told by HTTP"),
        pytest.param(feed(RU, "windows-1251"), None, "ru", RU, id="windows-1251 unlabelled in a Russian feed"),
        pytest.param(feed(FA, "utf-16"), None, "", FA, id="utf-16 with a byte order mark"),
        pytest.param(b"\xef\xbb\xbf" + feed(RU), None, "", RU, id="utf-8 with a byte order mark"),
        pytest.param(feed("Hamadán", "windows-1252", "windows-1252"), None, "", "Hamadán", id="a single accent in windows-1252"),
        pytest.param(feed(RU, "utf-8", "punycode"), None, "", RU, id="a label that is no charset of documents"),
        pytest.param(feed("مرحبا", "windows-1256"), None, "ar", "مرحبا", id="windows-1256 unlabelled in an Arabic feed"),
    ],
)  # fmt: skip
def test_the_title_is_read_as_it_was_written(body, content_type, language, wanted):
    """Whatever the labels say, the text comes out as its writer meant it."""
    decoded = decode(body, content_type, language)
    assert wanted in decoded.text
    assert decoded.root == "rss"
    assert decoded.replaced == 0


@pytest.mark.parametrize("bad", [b"\xff", b"\xd0", b"\x98\x98"], ids=["ff", "half a letter", "two"])
def test_one_bad_byte_costs_one_letter_and_not_the_charset(bad):
    """A damaged UTF-8 feed stays UTF-8: every term but the damaged one still matches."""
    body = feed(RU * 20, "utf-8", "utf-8").replace(
        "дроны".encode(), "дро".encode() + bad + "ны".encode(), 1
    )
    decoded = decode(body, None)
    assert decoded.charset == "utf-8"
    assert decoded.text.count(RU) == 19
    assert decoded.replaced >= 1


@pytest.mark.parametrize(
    ("body", "what"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"  \n ", "empty", id="white space"),
        pytest.param(b"just words", "no XML element", id="plain text"),
        pytest.param(b"\n" * 100_000 + b"<rss/>", "no XML element|empty", id="a root beyond 64 kB of line ends"),
        pytest.param(b"<!--" * 20_000, "no XML element", id="a comment that never ends"),
        pytest.param(b"<!ENTITY " * 20_000, "no XML element", id="declarations without end"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_said_in_words(body, what):
    """No root element in the first 64 kB: not a feed, with the reason."""
    with pytest.raises(ParseError, match=what):
        decode(body, None)


def test_everything_before_the_root_is_cut_away():
    """Declaration, comments and doctype never reach the parser, which can be hung by them."""
    body = b'<?xml version="1.0"?><!-- <rss> --><!DOCTYPE rss [<!ENTITY a "b">]>\n<rss>x</rss>'
    assert decode(body, None).text == "<rss>x</rss>"


def test_characters_that_xml_forbids_are_removed():
    """NUL, ESC and surrogates would stop a strict parser, or act on a terminal."""
    assert decode(b"<rss>a\x00b\x1bc</rss>", None).text == "<rss>abc</rss>"


@given(st.binary(max_size=300))
def test_no_bytes_whatever_escape_as_another_error(body):
    """Any bytes are a document or a ParseError."""
    with contextlib.suppress(ParseError):
        decode(body, "text/xml; charset=" + body[:8].decode("latin-1"))


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        pytest.param("a&#55357;&#56832;b", "a\U0001f600b", id="an emoji in two halves"),
        pytest.param("a&#xD83D;&#xDE00;b", "a\U0001f600b", id="the same in hexadecimal"),
        pytest.param("a&#55357;b", "ab", id="half an emoji"),
        pytest.param("a&#1080;b", "a&#1080;b", id="any other reference stays"),
        pytest.param("&#57999;", "&#57999;", id="a reference just beyond the halves stays"),
    ],
)
def test_references_to_half_characters_do_not_cost_the_feed(written, wanted):
    """XML forbids them; the parser would give up everything."""
    assert wanted in decode(f"<rss>{written}</rss>".encode(), None).text
