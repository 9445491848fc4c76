"""Feeds that a page may lead to."""

from __future__ import annotations

import time

import pytest

from monitor.feeds.discover import MAX_CANDIDATES, Found, discover
from monitor.urls import web_link

BASE = "https://e.example/news/index.html"


def told(page: str) -> list[str]:
    return [one.url for one in discover(page, BASE) if one.found is not Found.GUESSED]


@pytest.mark.parametrize(
    ("page", "urls"),
    [
        pytest.param('<link rel="alternate" type="application/rss+xml" href="/rss">', ["https://e.example/rss"], id="declared"),
        pytest.param("<LINK HREF=feed.xml TYPE=application/atom+xml REL=alternate>", ["https://e.example/news/feed.xml"], id="capitals, no quotes, relative"),
        pytest.param("<link rel='Alternate  home' type='application/feed+json; charset=utf-8' href='//f.example/a'/>", ["https://f.example/a"], id="several relations, a charset, no scheme"),
        pytest.param('<link rel="stylesheet" type="text/css" href="/rss.css"><link rel="alternate" hreflang="de" href="/de">', [], id="other links"),
        pytest.param('<link rel="alternate" type="application/rss+xml" title="x">', [], id="no address"),
        pytest.param('<link rel=alternate type=application/rss+xml href="/a?x=1&amp;y=2">', ["https://e.example/a?x=1&y=2"], id="an escaped ampersand"),
        pytest.param('<base href="https://b.example/x/"><link rel=alternate type=text/xml href="y">', ["https://b.example/x/y"], id="the page's own base"),
        pytest.param('<a class="x" href="/feeds/world.xml">Feeds</a>', ["https://e.example/feeds/world.xml"], id="a link that looks like a feed"),
        pytest.param('<a href="?format=rss">R</a>', ["https://e.example/news/index.html?format=rss"], id="a parameter that asks for RSS"),
        pytest.param('<a href="https://feeds.o.example/top">F</a>', ["https://feeds.o.example/top"], id="a host for feeds"),
        pytest.param('<a href="/markets/animal-feed-prices">A</a><a href="/atomic">B</a><a href="/rssi">C</a>', [], id="words that only begin like a feed"),
        pytest.param('<a href="javascript:feed()">x</a><a href="mailto:rss@e.example">x</a><a href="feed:x">y</a>', [], id="no web links"),
        pytest.param('<a href="https://user:pw@e.example/rss">x</a>', [], id="a user name"),
        pytest.param('<!-- <a href="/rss">old</a> --><script>"<a href=/feed>"</script><a href="/atom">x</a>', ["https://e.example/atom"], id="comments and scripts are not read"),
        pytest.param('<!-- <a href="/rss">', [], id="a comment without end hides the rest"),
        pytest.param('<a href="/rss#top">1</a><a href="http://e.example/rss">2</a>', ["https://e.example/rss"], id="each address once"),
        pytest.param('<a href="/x/feed">1</a><link rel=alternate type=application/rss+xml href="/y">', ["https://e.example/y", "https://e.example/x/feed"], id="what is declared stands first"),
        pytest.param("", [], id="an empty page"),
    ],
)  # fmt: skip
def test_a_page_leads_to_these(page, urls):
    """Absolute web links, the surest first."""
    assert told(page) == urls


def test_a_link_that_is_declared_later_counts_as_declared():
    """The surest way to an address is the one that is told."""
    page = '<a href="/rss">x</a><link rel=alternate type=application/rss+xml href=/rss title=" World\n news ">'
    first = discover(page, BASE)[0]
    assert (first.found, first.title) == (Found.DECLARED, "World news")


def test_common_paths_are_guesses_and_say_so():
    """They stand last, at the root of the site."""
    guesses = [one for one in discover("<p>", BASE) if one.found is Found.GUESSED]
    assert "https://e.example/feed" in [one.url for one in guesses]
    assert len(guesses) == len(discover("<p>", BASE))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<a " * 300_000, id="tags that never end"),
        pytest.param("<a href='" * 150_000, id="quotes that never end"),
        pytest.param("<a b=\"<a c='" * 100_000, id="quotes inside quotes"),
        pytest.param("<!--" * 400_000, id="comments in comments"),
        pytest.param("<script>" * 200_000, id="scripts in scripts"),
        pytest.param("<a" + " x" * 800_000 + ">", id="a million attributes"),
        pytest.param("<a" + " " * 1_900_000, id="a sea of spaces"),
        pytest.param("".join(f"<a href=/feed/{n}>" for n in range(80_000)), id="a sea of feeds"),
        pytest.param('<a href="/' + "feed/" * 300_000 + '">', id="an address without end"),
    ],
)
def test_a_hostile_page_is_read_in_a_moment(page):
    """Time and the number of candidates are bounded; all of them are web links."""
    begun = time.process_time()
    found = discover(page, BASE)
    assert time.process_time() - begun < 20
    assert len(found) <= MAX_CANDIDATES
    assert all(web_link(one.url) for one in found)


@pytest.mark.parametrize("base", ["", "about:blank", "ftp://e.example/", "https://u@e.example/"])
def test_without_a_base_only_whole_addresses_remain(base):
    """A base that is no web address leads nowhere and guesses nothing."""
    page = '<a href="/rss">x</a><a href="https://o.example/rss">y</a>'
    assert [one.url for one in discover(page, base)] == ["https://o.example/rss"]
