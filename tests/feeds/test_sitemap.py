"""News sitemaps to entries; other sitemaps and hostile XML to a clear refusal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import ParseError
from monitor.feeds.fields import MAX_ENTRIES, MAX_TITLE, moment
from monitor.feeds.sitemap import read_sitemap
from monitor.model import PollOutcome

NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(*pages: str, head: str = NEWS) -> str:
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {head}>{"".join(pages)}</urlset>'


def page(
    title: str = "A",
    loc: str = "https://e.example/1",
    when: str = "2026-03-10T08:00:00Z",
    more: str = "",
) -> str:
    return (
        f"<url><loc>{loc}</loc><news:news><news:publication><news:name>The Outlet</news:name>"
        f"<news:language>en</news:language></news:publication>"
        f"<news:publication_date>{when}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news>{more}</url>"
    )


def test_a_news_sitemap_is_read_with_all_its_parts():
    """Address, headline, date and outlet become an entry; the outlet names the feed."""
    image = "<image:image xmlns:image='urn:i'><image:loc>https://e.example/i.png</image:loc><image:title>Photo</image:title></image:image>"
    parsed = read_sitemap(urlset(page("Gas &amp; oil", more=image)))
    entry = parsed.entries[0]
    assert (parsed.kind, parsed.title, parsed.language) == ("news-sitemap", "The Outlet", "en")
    assert (entry.link, entry.title, entry.source) == (
        "https://e.example/1",
        "Gas & oil",
        "The Outlet",
    )
    assert entry.guid is None
    assert entry.published_at == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert not parsed.truncated


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        pytest.param(urlset(page("<![CDATA[Drones & gas]]>")), ["Drones & gas"], id="CDATA"),
        pytest.param(urlset(page("A", loc="https://e.example/?a=1&b=2")), ["A"], id="a bare ampersand in an address"),
        pytest.param(urlset(page("Fish &nbsp; chips")), ["Fish chips"], id="an entity of HTML"),
        pytest.param(urlset(page("A"), "<url><loc>https://e.example/about</loc></url>"), ["A"], id="a page that is no news"),
        pytest.param(urlset(page("A"), page(""), page("B", loc="")), ["A"], id="pages without headline or address"),
        pytest.param(urlset(page("A")).replace("news:", "n:"), ["A"], id="a prefix of its own choice"),
        pytest.param(urlset(page("A"), page("B"))[:-40], ["A"], id="it breaks off in the second page"),
        pytest.param(urlset(page("A"), "<x></y>", page("B")), ["A"], id="the XML breaks between pages"),
        pytest.param(urlset(), [], id="a quiet day"),
    ],
)  # fmt: skip
def test_each_shape_gives_its_entries(text, titles):
    """Common slips cost no more than the page they stand in."""
    assert [one.title for one in read_sitemap(text).entries] == titles


def test_a_broken_sitemap_says_where():
    """What was kept is marked as truncated, with the line as a warning."""
    parsed = read_sitemap(urlset(page("A"), "\n<x></y>"))
    assert parsed.truncated
    assert "line 2" in parsed.warnings[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("<sitemapindex><sitemap><loc>https://e.example/s.xml</loc></sitemap></sitemapindex>", "index of sitemaps", id="an index"),
        pytest.param("<urlset><url><loc>https://e.example/</loc></url></urlset>", "without news", id="a plain sitemap"),
        pytest.param("<urlset></urlset>", "without news", id="empty, and no word of news"),
        pytest.param("<svg/>", "<svg>", id="a picture"),
        pytest.param("<urlset><url>", "broken", id="it breaks off at once"),
        pytest.param("<!DOCTYPE urlset [<!ENTITY a 'x'>]><urlset>&a;</urlset>", "document type", id="entities"),
        pytest.param("<!DOCTYPE urlset SYSTEM 'file:///etc/passwd'><urlset/>", "document type", id="an external subset"),
        pytest.param("<urlset>" + "<a>" * 100_000, "nested deeper", id="nested to the moon"),
        pytest.param("", "broken", id="empty"),
    ],
)  # fmt: skip
def test_what_is_no_news_sitemap_is_refused_in_words(text, why):
    """One ParseError of kind not-a-feed, with the reason."""
    with pytest.raises(ParseError, match=why) as caught:
        read_sitemap(text)
    assert caught.value.kind == PollOutcome.NOT_A_FEED


def test_of_too_many_pages_the_newest_are_kept():
    """Sitemaps come in any order, so the cap goes by date; what is beyond it is counted."""
    pages = [
        page(f"N{n}", f"https://e.example/{n}", f"2026-03-{n % 28 + 1:02}")
        for n in range(MAX_ENTRIES + 100)
    ]
    parsed = read_sitemap(urlset(*pages))
    assert (len(parsed.entries), parsed.left_out) == (MAX_ENTRIES, 100)
    days = [one.published_at for one in parsed.entries]
    assert days == sorted(days, reverse=True)
    assert days[0].day == 28


def test_a_headline_without_end_is_cut():
    """One field takes a bounded room, whatever its length."""
    parsed = read_sitemap(urlset(page("word " * 1_000_000)))
    assert len(parsed.entries[0].title) <= MAX_TITLE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("2026", datetime(2026, 1, 1, tzinfo=UTC), id="a year"),
        pytest.param("2026-03", datetime(2026, 3, 1, tzinfo=UTC), id="a month"),
        pytest.param("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC), id="a day"),
        pytest.param("2026-03-10T08:30+03:30", datetime(2026, 3, 10, 5, tzinfo=UTC), id="no seconds"),
        pytest.param("2026-03-10T08:30:15.123456789Z", datetime(2026, 3, 10, 8, 30, 15, tzinfo=UTC), id="nanoseconds"),
        pytest.param("2026-03-10 08:30:15 +0000", datetime(2026, 3, 10, 8, 30, 15, tzinfo=UTC), id="spaces"),
        pytest.param("2026-12-31T23:59:60Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), id="a leap second"),
        pytest.param("Tue, 10 Mar 2026 08:00:00 +0100", datetime(2026, 3, 10, 7, tzinfo=UTC), id="a date of mail"),
        pytest.param("Tue, 10 Mar 1926 08:00:00 +0100", None, id="a date of mail, long ago"),
        pytest.param("2026-02-30", None, id="no such day"),
        pytest.param("1300-01-01", None, id="long ago"),
        pytest.param("9999-12-31T23:59:59-23:59", None, id="beyond time"),
        pytest.param("٢٠٢٦-03-10", None, id="digits of another script"),
        pytest.param("x" * 10_000, None, id="junk"),
    ],
)  # fmt: skip
def test_a_moment_is_read_or_none(text, wanted):
    """Dates of W3C-DTF, RFC 3339 and mail, in UTC."""
    assert moment(text) == wanted
