"""JSON Feed to entries; hostile JSON to a clear refusal."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds.fields import MAX_ENTRIES, MAX_TEXT, MAX_TITLE
from monitor.feeds.jsonfeed import MAX_CHARACTERS, read_json
from monitor.model import ParsedFeed, PollOutcome

V11 = "https://jsonfeed.org/version/1.1"


def feed(*items: object, version: object = V11, **more: object) -> str:
    return json.dumps({"version": version, "title": "T", "items": list(items)} | more)


def test_a_feed_of_version_1_1_is_read_with_all_its_parts():
    """id, url, title, the longest text, date, authors and language arrive as plain values."""
    parsed = read_json(
        feed(
            {
                "id": "a-1",
                "url": "https://e.example/1",
                "title": "Gas &amp; oil",
                "content_html": "<p>First</p><p>second</p>",
                "summary": "First",
                "date_published": "2026-03-10T08:00:00.25+01:00",
                "authors": [{"name": "Desk"}, {"url": "https://e.example"}, {"name": "Wire"}],
            },
            language="de-AT",
        )
    )
    entry = parsed.entries[0]
    assert (parsed.kind, parsed.title, parsed.language) == ("json11", "T", "de-AT")
    assert (entry.guid, entry.link, entry.title) == ("a-1", "https://e.example/1", "Gas & oil")
    assert (entry.summary, entry.author) == ("First second", "Desk, Wire")
    assert entry.published_at == datetime(2026, 3, 10, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("item", "field", "wanted"),
    [
        pytest.param(
            {"id": 12345678901234567890123, "title": "A"},
            "guid", "12345678901234567890123", id="an id that is a number stays as written",
        ),
        pytest.param(
            {"id": "1", "external_url": "https://o.example/x"},
            "link", "https://o.example/x", id="without url the external one counts",
        ),
        pytest.param({"title": "A", "author": {"name": "Old"}}, "author", "Old", id="version 1's author"),
        pytest.param({"title": "A", "id": ["x"]}, "guid", None, id="an id that is a list is missing"),
        pytest.param({"title": {"x": 1}, "url": "https://e.example/1"}, "title", "", id="a title that is an object is missing"),
        pytest.param({"title": "A", "content_text": "1 < 2 & 3"}, "summary", "1 < 2 & 3", id="plain text is no markup"),
        pytest.param({"title": "A", "date_published": "yesterday"}, "published_at", None, id="a date that is none"),
        pytest.param(
            {"title": "A", "date_modified": "2026-03-10T08:00:00Z"},
            "published_at", datetime(2026, 3, 10, 8, tzinfo=UTC), id="without a date the change counts",
        ),
        pytest.param({"title": "A\ud800\u202eB\nC"}, "title", "AB C", id="surrogates, turned direction, line ends"),
        pytest.param({"title": "A", "authors": "me"}, "author", "", id="authors that are no list"),
        pytest.param({"title": "A", "id": True}, "guid", None, id="an id that is a truth is missing"),
    ],
)  # fmt: skip
def test_each_field_is_read_or_missing(item, field, wanted):
    """A value of a wrong type is a missing value, never an error."""
    assert getattr(read_json(feed(item)).entries[0], field) == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("[1, 2]", "no JSON Feed", id="a list"),
        pytest.param('"x"', "no JSON Feed", id="a bare value"),
        pytest.param('{"error": "denied"}', "names no version", id="some other interface"),
        pytest.param(feed(version="https://jsonfeed.org/version/9"), "names no version", id="another version"),
        pytest.param(feed(version=1.1), "names no version", id="a version that is a number"),
        pytest.param(json.dumps({"version": V11}), "no list of items", id="no items"),
        pytest.param(json.dumps({"version": V11, "items": {}}), "no list of items", id="items are an object"),
        pytest.param(feed({"title": "A"})[:-3], "broken in line 1", id="it breaks off"),
        pytest.param("{'version': 1}", "broken in line 1", id="no JSON at all"),
        pytest.param("[" * 200_000, "too deeply", id="nested to the moon"),
        pytest.param('{"a":' * 100_000, "too deeply", id="objects nested to the moon"),
        pytest.param(" " * (MAX_CHARACTERS + 1), "larger", id="too large"),
        pytest.param("", "broken", id="empty"),
    ],
)  # fmt: skip
def test_what_is_no_json_feed_is_refused_in_words(text, why):
    """One ParseError of kind not-a-feed, with the reason."""
    with pytest.raises(ParseError, match=why) as caught:
        read_json(text)
    assert caught.value.kind == PollOutcome.NOT_A_FEED


def test_a_number_of_a_million_digits_costs_nothing():
    """Numbers are not computed, so none is too large."""
    text = feed({"title": "A"}).replace('"A"', '"A", "id": ' + "9" * 1_000_000)
    assert len(read_json(text).entries[0].guid) == 4_000


def test_entries_that_hold_nothing_are_left_out_and_counted():
    """Strings, nulls and empty objects are no entries; the good one beside them is kept."""
    parsed = read_json(feed(None, "x", {}, {"id": "only"}, {"title": "A"}, [1]))
    assert [one.title for one in parsed.entries] == ["A"]
    assert "5 items" in parsed.warnings[0]


def test_many_entries_and_long_texts_are_cut():
    """The caps hold, and what is beyond the cap is counted."""
    long = {"title": "w " * 5_000, "content_html": "<b>x</b> " * 50_000}
    parsed = read_json(feed(long, *({"title": "A"} for _ in range(MAX_ENTRIES + 4))))
    assert (len(parsed.entries), parsed.left_out) == (MAX_ENTRIES, 5)
    assert len(parsed.entries[0].title) <= MAX_TITLE
    assert len(parsed.entries[0].summary) <= MAX_TEXT


def test_a_feed_that_says_it_has_ended_is_read_with_a_warning():
    """``expired`` is told, not obeyed."""
    assert "ended" in read_json(feed({"title": "A"}, expired=True)).warnings[0]


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "url", "title", "authors", "name", "summary", "content_html"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_JSON, max_size=5), _JSON, _JSON)
def test_no_json_makes_it_fail_otherwise(items, title, language):
    """Whatever the types are, a feed comes out."""
    parsed = read_json(feed(*items, title=title, language=language))
    assert isinstance(parsed, ParsedFeed)
    assert len(parsed.entries) <= len(items)
