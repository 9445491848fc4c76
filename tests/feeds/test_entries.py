"""Documents to entries, broken ones included."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import ParseError
from monitor.feeds.entries import MAX_ENTRIES, read
from monitor.model import PollOutcome


def rss(*items: str, head: str = "") -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{head}{"".join(items)}</channel></rss>'.encode()


def item(title: str = "A", guid: str = "1", more: str = "") -> str:
    return f"<item><title>{title}</title><guid>{guid}</guid><link>https://e.example/{guid}</link>{more}</item>"


def test_an_rss_item_is_read_with_all_its_parts():
    """guid, link, title, text, date and source arrive as plain values."""
    more = (
        "<description>&lt;p&gt;First&lt;/p&gt;&lt;p&gt;second&lt;/p&gt;</description>"
        "<pubDate>Tue, 10 Mar 2026 08:00:00 +0100</pubDate><source url='https://o.example'>Other</source>"
    )
    entry = read(rss(item("AT&amp;T &amp;amp; more", "g", more)), None).entries[0]
    assert (entry.guid, entry.link) == ("g", "https://e.example/g")
    assert entry.title == "AT&T & more"
    assert entry.summary == "First second"
    assert entry.published_at == datetime(2026, 3, 10, 7, tzinfo=UTC)
    assert entry.source == "Other"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(rss(item()), "rss20", id="RSS 2.0"),
        pytest.param(b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id><title>A</title></entry></feed>', "atom10", id="Atom"),
        pytest.param(b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>T</title></channel><item rdf:about="1"><title>A</title></item></rdf:RDF>', "rss10", id="RDF"),
        pytest.param(b"\n\n  " + rss(item()), "rss20", id="blank lines before the root"),
        pytest.param(rss(item("AT&T gas & oil")), "rss20", id="bare ampersands"),
    ],
)  # fmt: skip
def test_each_dialect_gives_its_entries(body, kind):
    """RSS, Atom and RDF are all entries in the end."""
    parsed = read(body, "text/html")
    assert parsed.kind == kind
    assert len(parsed.entries) == 1


@pytest.mark.parametrize(
    ("body", "what"),
    [
        pytest.param(
            b"<!doctype html><html><body>Sign in</body></html>", "HTML page", id="a login page"
        ),
        pytest.param(b"<opml><body/></opml>", "opml", id="OPML"),
        pytest.param(b"<svg/>", "svg", id="a picture"),
    ],
)
def test_a_page_instead_of_a_feed_is_an_error_and_never_no_news(body, what):
    """A wall or a login page must not look like a quiet feed."""
    with pytest.raises(ParseError, match=what) as caught:
        read(body, None)
    assert caught.value.kind == PollOutcome.NOT_A_FEED


def test_a_document_that_breaks_off_loses_its_half_entry():
    """Half an entry may lack its guid and would come back as another one."""
    whole = rss(item("A", "1"), item("B", "2"), item("C", "3"))
    parsed = read(whole[: whole.index(b"<title>C") + 8], None)
    assert parsed.truncated
    assert [entry.title for entry in parsed.entries] == ["A", "B"]


def test_a_cut_at_any_byte_never_gives_half_an_entry():
    """Cut anywhere: an error, or whole entries only."""
    whole = rss(*(item(f"Title {n}", str(n)) for n in range(4)))
    wanted = [f"Title {n}" for n in range(4)]
    for end in range(0, len(whole), 3):
        try:
            titles = [entry.title for entry in read(whole[:end], None).entries]
        except ParseError:
            continue
        assert titles == wanted[: len(titles)]


def test_a_document_with_too_many_entries_is_read_in_part_and_counted():
    """The cap is stated, not silent."""
    parsed = read(rss(*(item(str(n), str(n)) for n in range(MAX_ENTRIES + 5))), None)
    assert len(parsed.entries) == MAX_ENTRIES
    assert parsed.left_out == 5


@pytest.mark.parametrize(
    "date", ["Fri, 31 Feb 2026", "05/03/2024 10:00", "0000", "9999-99-99", "soon"]
)
def test_a_date_that_is_none_is_no_date_and_no_error(date):
    """An item with an unreadable date is kept without one."""
    assert read(rss(item(more=f"<pubDate>{date}</pubDate>")), None).entries[0].published_at is None


def test_hostile_markup_leaves_only_words():
    """Scripts, styles and controls never reach an item."""
    more = "<description>&lt;script&gt;evil()&lt;/script&gt;Hama&#173;dan &lt;b&gt;Sha&lt;/b&gt;hed&#8238;x</description>"
    text = read(rss(item(more=more)), None).entries[0].summary
    assert "evil" not in text
    assert "Shahed" in text
    assert "\u202e" not in text


def test_ttl_is_read_in_seconds():
    """RSS writes minutes; we count seconds."""
    assert read(rss(item(), head="<ttl>90</ttl>"), None).ttl_s == 5400
    assert read(rss(item(), head="<ttl>soon</ttl>"), None).ttl_s is None


def test_a_long_comment_behind_the_document_is_no_break():
    """Page caches sign what they serve."""
    assert not read(rss(item()) + b"<!-- " + b"cached " * 1000 + b"-->", None).truncated


def test_a_json_feed_and_a_news_sitemap_are_feeds_too():
    """Beside RSS, Atom and RDF."""
    json_feed = b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "title": "A"}]}'
    assert [entry.title for entry in read(json_feed, "application/json").entries] == ["A"]
    sitemap = (
        b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        b"<url><loc>https://e.example/a</loc><news:news><news:title>A</news:title>"
        b"<news:publication_date>2026-03-10</news:publication_date></news:news></url></urlset>"
    )
    assert [entry.title for entry in read(sitemap, "text/xml").entries] == ["A"]
