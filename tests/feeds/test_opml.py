"""OPML in and out, without loss; hostile OPML to a clear refusal."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import InputError
from monitor.feeds.appending import appended, entries_of
from monitor.feeds.catalogue import FeedEntry
from monitor.feeds.opml import MAX_CHARACTERS, MAX_DEPTH, read_opml, write_opml
from monitor.text import clean


def opml(body: str, head: str = 'version="2.0"') -> str:
    return f"<?xml version='1.0'?>\n<opml {head}><head><title>T</title></head><body>{body}</body></opml>"


def one(body: str, head: str = 'version="2.0"') -> FeedEntry:
    (entry,) = read_opml(opml(body, head), "f.opml").entries
    return entry


@pytest.mark.parametrize(
    ("body", "field", "wanted"),
    [
        pytest.param('<outline xmlUrl="https://e.example/rss" title="A &amp; B"/>', "title", "A & B", id="the title"),
        pytest.param('<outline xmlUrl="https://e.example/rss" text="A"/>', "title", "A", id="OPML 1 has only text"),
        pytest.param('<outline xmlUrl="https://www.e.example/rss"/>', "title", "e.example", id="without a name the host"),
        pytest.param('<outline xmlurl=" https://e.example/rss " text="A"/>', "url", "https://e.example/rss", id="spaces and another case of the name"),
        pytest.param('<outline xmlUrl="feed://e.example/rss" text="A"/>', "url", "http://e.example/rss", id="the old scheme feed://"),
        pytest.param('<outline xmlUrl="feed:https://e.example/rss" text="A"/>', "url", "https://e.example/rss", id="the old scheme before https"),
        pytest.param('<outline xmlUrl="https://e.example/rss" text="A&#10;B&#8238;C"/>', "title", "A BC", id="line ends and turned direction"),
        pytest.param('<outline text="World"><outline text="Asia"><outline xmlUrl="https://e.example/rss" text="A"/></outline></outline>', "tags", ("World", "Asia"), id="folders become tags"),
        pytest.param('<outline text="World"/><outline xmlUrl="https://e.example/rss" text="A"/>', "tags", (), id="a closed folder does not"),
        pytest.param('<outline xmlUrl="https://e.example/rss" text="A" category="/energy, gas/lng ,,energy"/>', "tags", ("energy", "gas/lng"), id="categories become tags, each once"),
        pytest.param('<outline xmlUrl="https://e.example/rss" text="A"><outline xmlUrl="https://e.example/2" text=""/></outline>', "tags", None, id="a feed is no folder"),
        pytest.param('<outline xmlUrl="https://e.example/rss" text="A" country="DE" x:country="FR"/>', "country", "", id="attributes of others are not ours"),
        pytest.param('<outline text="a"><outline xmlUrl="https://e.example/rss" text="A"/></outline><outline text="b"><outline xmlUrl="https://e.example/rss" text="B"/></outline>', "tags", ("a", "b"), id="one feed in two folders is one feed with both tags"),
    ],
)  # fmt: skip
def test_an_outline_is_read(body, field, wanted):
    """Names of other programs are understood; what they lack is empty."""
    if wanted is None:
        assert [e.tags for e in read_opml(opml(body), "f").entries] == [(), ()]
    else:
        assert getattr(one(body), field) == wanted


@pytest.mark.parametrize("prefix", ["nm", "ours"])
def test_our_own_attributes_are_found_by_their_namespace(prefix):
    """The prefix is anyone's choice; the namespace counts."""
    head = f'version="2.0" xmlns:{prefix}="urn:newsmonitor:opml:1"'
    body = f'<outline xmlUrl="https://e.example/rss" text="A" {prefix}:country="DE" {prefix}:state_affiliated="true" {prefix}:interval="30m"/>'
    entry = one(body, head)
    assert (entry.country, entry.state_affiliated, entry.interval) == ("DE", True, "30m")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param('<outline xmlUrl="ftp://e.example/rss"/>', "F001", id="another scheme"),
        pytest.param('<outline xmlUrl="https://user:secret@e.example/rss"/>', "F001", id="a password"),
        pytest.param('<outline xmlUrl="javascript:alert(1)"/>', "F001", id="a script"),
        pytest.param('<outline xmlUrl="https://e.example/rss" nm:state_affiliated="perhaps"/>', "F022", id="a truth that is none"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_feed_is_left_out_with_its_line(body, code):
    """The others are kept, and no message shows a password."""
    head = 'version="2.0" xmlns:nm="urn:newsmonitor:opml:1"'
    good = '\n<outline xmlUrl="https://e.example/good" text="G"/>\n'
    found = read_opml(opml(good + body, head), "f.opml")
    assert [entry.title for entry in found.entries] == ["G"]
    (problem,) = found.left_out
    assert (problem.code, problem.line, problem.source) == (code, 4, "f.opml")
    assert "secret" not in str(problem)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        pytest.param("", "F020", 1, id="empty"),
        pytest.param("feeds:\n  - url: x", "F020", 1, id="YAML"),
        pytest.param("<html><body/></html>", "F020", 1, id="a page"),
        pytest.param("<opml>\n<body>\n<outline>", "F020", 3, id="it breaks off"),
        pytest.param("<opml><body>\n<outline text='a & b'/></body></opml>", "F020", 2, id="a bare ampersand"),
        pytest.param("<!DOCTYPE opml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>\n<opml>&b;</opml>", "F020", 1, id="entities in entities"),
        pytest.param("<!DOCTYPE opml SYSTEM 'file:///etc/passwd'><opml/>", "F020", 1, id="an external subset"),
        pytest.param("<opml>" + "<outline text='x'>" * (MAX_DEPTH + 1), "F021", 1, id="nested too deep"),
        pytest.param("<opml>" + " " * MAX_CHARACTERS, "F021", 1, id="too large"),
        pytest.param("<opml><body>" + "<outline xmlUrl='https://e.example/rss'/>" * 3, "F020", 1, id="no end"),
    ],
)  # fmt: skip
def test_what_is_no_sound_opml_is_refused_with_its_line(text, code, line):
    """One fault with a code; nothing of it is used."""
    with pytest.raises(InputError) as caught:
        read_opml(text, "f.opml")
    (problem,) = caught.value.problems
    assert (problem.code, problem.line) == (code, line)


def test_an_attribute_without_end_costs_no_time():
    """Words and tags are bounded, whatever their length."""
    body = f'<outline xmlUrl="https://e.example/rss" text="{"x" * 2_000_000}" category="{"a," * 1_000_000}b"/>'
    begun = time.process_time()
    entry = one(body)
    assert time.process_time() - begun < 20
    assert len(entry.title) <= 1_000
    assert entry.tags == ("a",)


def test_what_is_written_is_opml_for_other_programs():
    """Type, text, title, address, home page and category stand where OPML wants them."""
    entry = FeedEntry(
        url="https://e.example/a?x=1&y=2", title='<"A">', tags=("w", "a,b"), language="fa"
    )
    written = write_opml([entry])
    assert written.startswith('<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0"')
    assert 'xmlUrl="https://e.example/a?x=1&amp;y=2" htmlUrl="https://e.example/"' in written
    assert "text='&lt;\"A\"&gt;'" in written
    assert 'language="fa" category="w,a%2Cb"' in written
    assert "nm:country" not in written


_word = st.text(max_size=30).map(clean)
_name = _word.filter(bool)
_entry = st.builds(
    FeedEntry,
    url=st.from_regex(r"https?://[a-z]{1,9}\.example/[A-Za-z0-9/?=&%._~+;-]{0,30}", fullmatch=True),
    title=_name,
    outlet=_word,
    language=st.sampled_from(["", "en", "fa", "de"]),
    country=st.sampled_from(["", "GB", "NO"]),
    tags=st.lists(
        _name | st.sampled_from(["a,b", "/x", "50%", "%2C", "no"]), unique=True, max_size=4
    ).map(tuple),
    state_affiliated=st.booleans(),
    interval=st.sampled_from(["", "30m", "2h"]),
    expect=st.sampled_from(["", "1d"]),
    since=st.sampled_from(["", "2026-03-01"]),
)
_catalogue = st.lists(_entry, max_size=6, unique_by=lambda entry: entry.url)


def test_every_key_of_a_feed_is_part_of_the_round_trip():
    """A key that joins feeds.yaml must join the entries that the two tests below make."""
    made = {"url", "title", "outlet", "language", "country", "tags", "state_affiliated"}
    assert set(FeedEntry.model_fields) == made | {"interval", "expect", "since"}


@settings(max_examples=100, deadline=None)
@given(_catalogue)
def test_every_setting_survives_the_way_out_and_back(entries):
    """What was written and read again is the same, in the same order."""
    found = read_opml(write_opml(entries), "f.opml")
    assert found.entries == tuple(entries)
    assert found.left_out == ()


@settings(max_examples=40, deadline=None)
@given(_catalogue)
def test_every_setting_survives_feeds_yaml(entries):
    """Appended to feeds.yaml and read again it is the same as well."""
    text = "# ours\nfeeds:\n- url: https://old.example/rss\n  title: Old  # kept\n"
    after = appended(text, "feeds.yaml", entries)
    assert after.startswith(text)
    assert entries_of(after, "feeds.yaml")[1:] == tuple(entries)
