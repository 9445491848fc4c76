"""Only new entries are parsed, and nobody can tell: values and identity are those of the whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from feedparser.api import StrictFeedParser
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds.entries import _PREFIXES, MAX_ENTRIES, read
from monitor.feeds.identify import identify, line_up
from monitor.feeds.split import _MARKUP, MAX_ELEMENTS, split
from monitor.model import UNREAD, ParsedFeed
from tests.feeds.documents import ATOM, RSS, SPACES, pairs

FEED = "https://e.example/feed"


def rss(*insides: str, head: str = "", root: str = "") -> bytes:
    items = "".join(f"<item>{inside}</item>" for inside in insides)
    return f'<rss version="2.0" {SPACES} {root}><channel>{head}{items}</channel></rss>'.encode()


def item(number: int, more: str = "") -> str:
    return (
        f"<guid>g{number}</guid><title>T {number}</title>"
        f"<link>https://e.example/{number}</link>{more}"
    )


def keys(body: bytes) -> tuple[str, ...]:
    return read(body, None).raw_keys


def restricted(whole: ParsedFeed, known: set[str]) -> ParsedFeed:
    """What is left of a whole parse when the known entries are taken away."""
    left = [
        entry for key, entry in zip(whole.raw_keys, whole.entries, strict=True) if key not in known
    ]
    return replace(whole, entries=tuple(left), skipped=len(whole.entries) - len(left))


@given(pairs(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_parsing_the_new_entries_gives_what_parsing_all_gives(documents, dice):
    """Whatever entries are known, the others come out with the same values."""
    try:
        whole = read(documents[0], None)
    except ParseError:
        assume(False)
    assume(whole.raw_keys)
    known = {key for key in whole.raw_keys if key and dice.random() < 0.6}
    assert read(documents[0], None, "", known) == restricted(whole, known)


@given(pairs())
@settings(max_examples=150, deadline=None)
def test_what_was_remembered_of_one_document_serves_the_next(documents):
    """Keys, addresses and fingerprints are those of a whole parse, repeated guids and all."""
    try:
        before, whole = read(documents[0], None), read(documents[1], None)
    except ParseError:
        assume(False)
    marks = [one.marks for one in identify(before.entries, FEED)]
    known = {key: mark for key, mark in zip(before.raw_keys, marks, strict=False) if key}
    part = read(documents[1], None, "", known)
    wanted = [(one.key, one.url, one.fingerprint) for one in identify(whole.entries, FEED)]
    found = identify(line_up(part, known), FEED)
    assert [(one.key, one.url, one.fingerprint) for one in found] == wanted
    assert sum(one.entry is UNREAD for one in found) == part.skipped


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(item(1), item(2), item(3)), id="RSS"),
        pytest.param((ATOM.opening + "".join(f"<entry><id>{n}</id><title>T</title><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>x</p></div></content><author><name>N</name></author></entry>" for n in range(3)) + ATOM.closing).encode(), id="Atom with XHTML"),
        pytest.param(b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/>' + b"".join(b'<item rdf:about="%d"><title>A</title></item>' % n for n in range(3)) + b"</rdf:RDF>", id="RDF"),
        pytest.param(rss(*(item(n, "<media:content url='u'><media:credit>C</media:credit></media:content>") for n in range(3))), id="media with credits"),
        pytest.param(rss(*(item(n, "<y:z xmlns:y='urn:y'>1</y:z>") for n in range(3))), id="names declared where they are used"),
        pytest.param(rss(item(1), item(2), item(3), root='xml:base="https://e.example/" '), id="one base for all"),
    ],
)  # fmt: skip
def test_an_ordinary_document_is_cut_and_known_entries_are_not_parsed(body):
    """One entry is new: one is parsed, two are skipped."""
    known = set(keys(body)[1:])
    parsed = read(body, None, "", known)
    assert (len(parsed.entries), parsed.skipped, len(parsed.raw_keys)) == (1, 2, 3)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(item(1), "<title>AT&T gas & oil</title>"), id="not well-formed"),
        pytest.param(rss(item(1), "<title>&nbsp;</title>"), id="an entity that XML does not know"),
        pytest.param(rss(item(1), "<z:foo/>"), id="a prefix that nobody declared"),
        pytest.param(rss(item(1), item(2, "<item><title>in</title></item>")), id="an entry in an entry"),
        pytest.param(rss(item(1), item(2, "<x:Entry/>")), id="something that is called an entry"),
        pytest.param(rss(item(1), item(2, "<link xml:base='/b/'>c</link>")), id="a base that varies"),
        pytest.param(rss(item(1), root="xml:base='b/'"), id="a base that is no address"),
        pytest.param(rss(item(1, "<x:a/>"), item(2, "<x:a xmlns:x='urn:other'/>")), id="a prefix with two meanings"),
        pytest.param(rss(item(1), item(2, "<itunes:a xmlns:itunes='http://purl.org/rss/1.0/modules/threading/'/>")), id="a famous prefix for another famous namespace"),
        pytest.param(RSS.opening.encode() + b"<item/><item/></channel></rss>", id="entries without content"),
        pytest.param(b"<rss><channel><item><title>A</title></item></channel><channel/></rss>", id="two channels"),
        pytest.param(b"<rss><item><title>A</title></item></rss>", id="an entry outside of the channel"),
        pytest.param(b'<feed xmlns="urn:new"><entry><title>A</title></entry></feed>', id="Atom of an unknown version"),
        pytest.param(rss(item(1))[:-8], id="a document that breaks off"),
    ],
)  # fmt: skip
def test_an_unusual_document_is_read_whole(body):
    """No keys: the next poll parses all of it again."""
    parsed = read(body, None)
    assert parsed.entries
    assert parsed.raw_keys == ()


@pytest.mark.parametrize(
    "more",
    [
        "<description><h:title>in the text</h:title></description>",
        "<description><svg><title>x</title></svg></description>",
        "<content:encoded><h:body>x</h:body></content:encoded>",
        "<x:a><channel/></x:a>",
        "<textinput/>",
    ],
)
def test_an_entry_that_unsettles_the_parser_is_parsed_every_time(more):
    """It has no key, so that what it does to the entries behind it stays the same."""
    cut = split(rss(item(1), item(2, more), item(3)), _PREFIXES)
    assert cut is not None
    assert [bool(key) for key in cut.keys] == [True, False, True]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(rss(item(1)), rss(item(1, " ")), id="one space more in the entry"),
        pytest.param(rss(item(1)), rss(item(1), root="xmlns:z='urn:z'"), id="another root"),
        pytest.param(rss(item(1)), rss(item(1), head="<image/>"), id="another element in the head"),
    ],
)
def test_a_key_tells_entries_and_their_surroundings_apart(one, other):
    """Whatever could change an entry's meaning changes its key."""
    assert keys(one) != keys(other)


def test_a_key_does_not_follow_the_clock_in_the_head():
    """A build date that moves with each poll makes no entry new."""
    first, second = (rss(item(1), head=f"<lastBuildDate>{day}</lastBuildDate>") for day in "12")
    assert keys(first) == keys(second)


def test_equal_entries_have_equal_keys_and_are_skipped_together():
    """A document that holds an entry twice is accounted for."""
    body = rss(item(1), item(2), item(1))
    first, second, third = keys(body)
    assert first == third != second
    parsed = read(body, None, "", {first})
    assert ([entry.guid for entry in parsed.entries], parsed.skipped) == (["g2"], 2)


def test_a_document_without_new_entries_still_tells_its_head():
    """Title and ttl are read, no entry is."""
    body = rss(item(1), item(2), head="<title>Head</title><ttl>5</ttl>")
    parsed = read(body, None, "", keys(body))
    assert (parsed.title, parsed.ttl_s, parsed.entries, parsed.skipped) == ("Head", 300, (), 2)


def test_the_cap_on_entries_counts_the_skipped_ones():
    """Known entries leave no room for those beyond the cap."""
    body = rss(*(f"<title>{n}</title>" for n in range(MAX_ENTRIES + 5)))
    whole = read(body, None)
    assert len(whole.raw_keys) == MAX_ENTRIES
    parsed = read(body, None, "", set(whole.raw_keys[:-1]))
    assert (len(parsed.entries), parsed.skipped, parsed.left_out) == (1, MAX_ENTRIES - 1, 5)


@pytest.mark.parametrize(
    "body",
    [
        rss("<x:a/>" * (MAX_ELEMENTS + 1)),
        rss(item(1), head="<x:a/>" * (MAX_ELEMENTS + 1)),
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss(item(1)),
    ],
    ids=["elements without end in an entry", "and outside", "a document type"],
)
def test_a_document_that_costs_too_much_or_defines_things_is_not_cut(body):
    """The pass over a document is bounded and expands nothing."""
    assert split(body, _PREFIXES) is None


def test_the_parser_has_no_rule_for_markup():
    """The names taken for plain text are such to the installed feedparser, whatever their prefix."""
    rules = {
        name.removeprefix(kind).rpartition("_")[2]
        for name in dir(StrictFeedParser)
        for kind in ("_start_", "_end_")
        if name.startswith(kind)
    }
    assert not rules & _MARKUP
