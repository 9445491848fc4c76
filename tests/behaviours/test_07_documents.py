"""Behaviours 36 to 38: charsets, hostile words, dialects."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.behaviours.stage import plain, playing
from tests.servers import Shown

RUSSIAN = "Беспилотники долетели до Russia: drones"
PERSIAN = "پهپادها drones Russia"


def rss_in(charset: str, title: str, declared: str | None = None) -> bytes:
    head = f'<?xml version="1.0" encoding="{declared or charset}"?>'
    item = f"<item><guid>1</guid><title>{title}</title></item>"
    return f'{head}<rss version="2.0"><channel>{item}</channel></rss>'.encode(charset)


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        pytest.param(rss_in("windows-1251", RUSSIAN), "text/xml", RUSSIAN, id="windows-1251"),
        pytest.param(
            rss_in("windows-1256", "طائرات drones Russia"),
            "text/xml",
            "طائرات drones Russia",
            id="windows-1256",
        ),
        pytest.param(b"\xef\xbb\xbf" + rss_in("utf-8", PERSIAN), "text/xml", PERSIAN, id="a BOM"),
        pytest.param(
            rss_in("utf-8", RUSSIAN), "text/xml; charset=iso-8859-1", RUSSIAN, id="HTTP is wrong"
        ),
        pytest.param(
            rss_in("utf-8", RUSSIAN).replace(b"</channel>", b"<x>\xff</x></channel>"),
            "text/xml",
            RUSSIAN,
            id="one bad byte",
        ),
    ],
)
async def test_36_the_title_is_the_true_one_in_every_charset(
    tmp_path, clock, body, content_type, title
):
    """The same watchlist fires on all of them."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(body, Content_Type=content_type)
        await s.sweep()
        assert s.titles() == [title]
        assert s.ear.hits == [title]


async def test_37_what_a_feed_says_becomes_no_markup_and_no_control(tmp_path, clock):
    """Scripts, javascript: links, turned text, control characters, endless titles."""
    evil = [
        Shown("Drones Russia <script>alert(1)</script>", "1", "javascript:alert(1)"),
        Shown("Drones Russia \u202egnp.exe", "2"),
        Shown("Drones Russia " + "x" * 100_000, "3"),
        Shown("Drones Russia @channel <!channel>", "4"),
    ]
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", Shown("Quiet", "q"))
        await s.sweep()
        s.server.show("/a", Shown("Quiet", "q"), *evil)
        await s.sweep(hours=2)
        items = s.service.store.items.newest()
        assert max(len(item.title) for item in items) <= 1000
        assert not any("\u202e" in item.title or "\0" in item.title for item in items)
        assert not any(item.url.startswith("javascript") for item in items)
        s.later(days=1)
        await s.service.once()
    page, room, text = (
        next((tmp_path / "digests").glob(f"*.{kind}")).read_text("utf-8")
        for kind in ("html", "slack.json", "txt")
    )
    assert "<script" not in page
    assert "javascript:" not in page + room + text
    assert "<!channel>" not in room
    assert "\u202e" not in page + room + text


ATOM03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title>
<entry><id>1</id><title>Drones Russia</title><link href="https://n.example/1"/></entry></feed>"""
RSS091 = """<rss version="0.91"><channel><title>T</title><item><title>Drones Russia</title>
<link>https://n.example/1</link></item></channel></rss>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>T</title></channel>
<item rdf:about="https://n.example/1"><title>Drones Russia</title>
<link>https://n.example/1</link></item></rdf:RDF>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "T",
 "items": [{"id": "1", "title": "Drones Russia", "url": "https://n.example/1"}]}"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://n.example/1</loc>
<news:news><news:title>Drones Russia</news:title></news:news></url></urlset>"""
BARE = """<rss version="2.0"><channel><item><guid>1</guid><title>Drones Russia</title>
<description>AT&T gas & oil</description></item></channel></rss>"""


@pytest.mark.parametrize(
    ("document", "content_type"),
    [
        pytest.param(ATOM03, "application/xml", id="Atom 0.3"),
        pytest.param(RSS091, "application/xml", id="RSS 0.91"),
        pytest.param(RDF, "application/rdf+xml", id="RDF"),
        pytest.param(JSON, "application/feed+json", id="JSON Feed"),
        pytest.param(SITEMAP, "application/xml", id="a Google-News sitemap"),
        pytest.param(BARE, "application/xml", id="bare ampersands"),
        pytest.param("\n\n \n" + BARE, "application/xml", id="blank lines before the document"),
        pytest.param(BARE, "text/html", id="a false content type"),
    ],
)
async def test_38_every_dialect_is_read(tmp_path, clock, document, content_type):
    """Old, odd and sloppy ones too."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(document.encode(), Content_Type=content_type)
        await s.sweep()
        assert s.titles() == ["Drones Russia"]
        assert s.ear.hits == ["Drones Russia"]
        assert s.state().next_poll_at - clock.now() >= timedelta(minutes=10)
