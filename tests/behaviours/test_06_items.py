"""Behaviours 29 to 35: what is one item, what is an edit, and what never returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.urls import canonical
from tests.behaviours.stage import DULL, HIT, playing
from tests.servers import Shown

WORDS = "Shahed-136 drones were unloaded at night in the port. " * 3


def many(count: int = 20) -> list[Shown]:
    return [Shown(f"Drones for Russia {n}", f"g{n}", text=WORDS + str(n)) for n in range(count)]


def without_guid(document: bytes, *guids: str) -> bytes:
    for guid in guids:
        document = document.replace(f"<guid isPermaLink='false'>{guid}</guid>".encode(), b"")
    return document


async def test_29_useless_guids_give_way_to_links_without_alerting_again(tmp_path, clock):
    """Beyond one bad guid in twenty the feed is known by its links from then on, and says so."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", *many())
        await s.sweep()
        before = list(s.ear.hits)
        s.server.show("/a", *many())
        s.server.documents["/a"] = without_guid(s.server.documents["/a"], "g3", "g4")
        report = await s.sweep(hours=7)
        assert (report.total("new"), s.ear.hits) == (0, before)
        assert s.state().by_link
        assert "links identify" in s.record().reason
        assert any("links identify" in one for one in s.ear.incidents)
        mixed = [Shown(one.title, f"other{n}", f"https://news.example/g{n}", one.text)
                 for n, one in enumerate(many())]  # fmt: skip
        s.server.show("/a", *mixed, Shown("New drones for Russia", "g3", "https://n.example/new"))
        report = await s.sweep(hours=7)
        assert report.total("new") == 1
        assert s.ear.hits == [*before, "New drones for Russia"]


async def test_29_an_entry_is_known_by_guid_or_link_or_title_and_day(tmp_path, clock):
    """A guid that stands twice is split by the link; without guid the link; without both the title."""
    bare = "<item><title>Bare</title><pubDate>Tue, 10 Mar 2026 08:00:00 GMT</pubDate></item>"
    linked = "<item><title>Linked</title><link>https://n.example/l</link></item>"
    twice = "".join(
        f"<item><guid>same</guid><title>T{n}</title><link>https://n.example/{n}</link></item>"
        for n in range(2)
    )
    async with playing(tmp_path, clock) as s:
        head = '<rss version="2.0"><channel>'
        tail = "</channel></rss>"
        s.server.documents["/a"] = f"{head}{bare}{linked}{twice}{tail}".encode()
        await s.sweep()
        s.server.documents["/a"] = f"{head}<ttl>1</ttl>{twice}{linked}{bare}{tail}".encode()
        report = await s.sweep(hours=7)
        assert (report.total("found"), report.total("new")) == (4, 0)
        assert s.titles() == ["Bare", "Linked", "T0", "T1"]


@pytest.mark.parametrize(
    "guid",
    [
        pytest.param("https://news.example/{n}", id="from http to https"),
        pytest.param("http://www2.news.example/{n}?utm_source=rss", id="another host, tracked"),
        pytest.param("tag:news.example,2026:{n}", id="guids of another kind"),
    ],
)
async def test_30_a_feed_that_changes_all_its_guids_alerts_nobody(tmp_path, clock, guid):
    """Scheme, host, tracking: the news are the same."""
    async with playing(tmp_path, clock) as s:
        old = [
            Shown(one.title, f"http://news.example/{n}", f"https://n.example/{n}", one.text)
            for n, one in enumerate(many(6))
        ]
        new = [
            Shown(one.title, guid.format(n=n), f"http://n.example/{n}?fbclid={n}", one.text)
            for n, one in enumerate(many(6))
        ]
        s.server.show("/a", *old)
        await s.sweep()
        before = list(s.ear.hits)
        s.server.show("/a", *new)
        report = await s.sweep(hours=7)
        assert (report.total("new"), s.ear.hits) == (0, before)


async def test_30_one_address_in_three_feeds_is_one_item(tmp_path, clock):
    """Three sightings, one item, one hit."""
    async with playing(tmp_path, clock, ("/a", "/b", "/c")) as s:
        for path, tail in (("/a", ""), ("/b", "?utm_source=x"), ("/c", "#top")):
            s.server.show(path, Shown(HIT.title, path, f"https://news.example/story{tail}"))
        await s.sweep()
        (item,) = s.service.store.items.newest()
        assert len(s.service.store.items.sightings([item.id])[item.id]) == 3
        assert s.ear.hits == [HIT.title]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("https://n.example/a?id=1", "https://n.example/a?id=2", False, id="the query"),
        pytest.param("https://n.example/Ab", "https://n.example/ab", False, id="case of the path"),
        pytest.param("https://n.example/a", "https://m.example/a", False, id="the host"),
        pytest.param("http://n.example/a", "https://n.example/a", True, id="the scheme"),
        pytest.param(
            "https://n.example/a?utm_medium=x&id=1", "https://n.example/a?id=1", True, id="tracking"
        ),
        pytest.param("https://N.example:443/a#b", "https://n.example/a", True, id="port, fragment"),
    ],
)
def test_31_canonical_addresses_keep_apart_what_is_apart(one, other, same):
    """What chooses another page stays; what does not goes."""
    assert (canonical(one) == canonical(other)) is same


@given(st.text(max_size=60))
def test_31_canonical_addresses_are_canonical(tail):
    """Doing it twice changes nothing."""
    once = canonical("https://news.example/" + tail)
    assert once is None or canonical(once) == once


async def test_32_an_edited_title_is_a_version_and_alerts_only_what_is_new(tmp_path, clock):
    """The same item; a hit that its new words no longer bear is lost, and told only once."""
    dull, loud = "Cargo flights observed", "Cargo flights bring drones to Russia"
    async with playing(tmp_path, clock) as s:
        for title in (dull, loud, loud + " today", dull, loud):
            s.server.show("/a", Shown(title, "x"))
            report = await s.sweep(hours=7)
        assert report.total("edited") == 1
        (item,) = s.service.store.items.newest()
        versions = s.service.store.items.versions([item.id])[item.id]
        assert [one.title for one in versions] == [dull, loud, loud + " today", dull]
        assert s.ear.hits == [loud]
        (hit,) = s.service.store.hits.newest()
        assert hit.lost_at is None


async def test_32_a_hit_whose_words_are_gone_is_lost(tmp_path, clock):
    """The edit that takes them away leaves the hit with the time of its loss."""
    async with playing(tmp_path, clock) as s:
        for title in ("Drones reach Russia", "Correction: nothing happened"):
            s.server.show("/a", Shown(title, "x"))
            await s.sweep(hours=7)
        (hit,) = s.service.store.hits.newest()
        assert hit.lost_at == clock.now()


async def test_32_a_clock_in_the_text_makes_a_bounded_number_of_versions(tmp_path, clock):
    """After two dozen the item is left as it is."""
    async with playing(tmp_path, clock) as s:
        for n in range(30):
            s.server.show("/a", Shown("News", "x", text=f"as of {n}"))
            await s.force()
            s.later(minutes=20)
        (item,) = s.service.store.items.newest()
        assert len(s.service.store.items.versions([item.id])[item.id]) == 23


async def test_33_an_entry_without_a_usable_date_is_kept_and_flagged(tmp_path, clock):
    """Undated, unreadable, far in the future: the time of first sight counts."""
    dates = {
        "none": "",
        "odd": "<pubDate>gestern</pubDate>",
        "future": "<pubDate>Fri, 13 Mar 2026 12:00:00 GMT</pubDate>",
        "soon": "<pubDate>Tue, 10 Mar 2026 12:30:00 GMT</pubDate>",
    }
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", *(Shown(name, name, more=more) for name, more in dates.items()))
        await s.sweep()
        found = {item.title: item for item in s.service.store.items.newest()}
        assert {name: item.dated for name, item in found.items()} == {
            "none": "undated",
            "odd": "undated",
            "future": "future",
            "soon": "",
        }
        assert found["future"].published_at is None
        assert found["future"].first_seen_at == clock.now()


async def test_33_a_date_that_drifts_is_no_edit(tmp_path, clock):
    """The same words under another date each poll are the same item, unedited."""
    async with playing(tmp_path, clock) as s:
        for hour in range(3):
            date_ = f"<pubDate>Tue, 10 Mar 2026 0{hour}:00:00 GMT</pubDate>"
            s.server.show("/a", Shown("News", "x", more=date_))
            report = await s.sweep(hours=7)
        assert (report.total("new"), report.total("edited")) == (0, 0)


async def test_34_what_a_new_feed_holds_is_backfill(tmp_path, clock):
    """Stored and matched, shown apart; what comes later is news."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", HIT)
        await s.sweep()
        s.server.show("/a", HIT, DULL)
        await s.sweep(hours=7)
        found = {item.title: item.backfill for item in s.service.store.items.newest()}
        assert found == {HIT.title: True, DULL.title: False}
        assert s.service.store.hits.count() == 1


async def test_34_since_makes_news_of_what_was_there(tmp_path, clock):
    """With ``since`` in feeds.yaml entries of that day or later are no backfill."""
    old, new = ("<pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate>",
                "<pubDate>Tue, 10 Mar 2026 08:00:00 GMT</pubDate>")  # fmt: skip
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", Shown("Old", "o", more=old), Shown("New", "n", more=new))
        (feed,) = s.service.setup.feeds
        await s.service.poll([replace(feed, since=date(2026, 3, 9))])
        found = {item.title: item.backfill for item in s.service.store.items.newest()}
        assert found == {"Old": True, "New": False}


async def test_35_a_purged_item_that_is_still_in_its_feed_never_returns(tmp_path, clock):
    """Not as new, not as edited, not under another feed's roof, not as an alert."""
    async with playing(tmp_path, clock, ("/a", "/b")) as s:
        s.server.show("/a", HIT)
        s.server.show("/b", DULL)
        await s.sweep()
        with s.service.store.transaction():
            s.service.store._db.change("UPDATE items SET title = '', text = '', purged = 1")
        again = Shown("More drones reach Russia", HIT.guid, text="Moscow said so.")
        s.server.show("/a", again)
        s.server.show("/b", DULL, again)
        report = await s.sweep(days=2)
        assert (report.total("new"), report.total("edited")) == (0, 0)
        assert s.ear.hits == [HIT.title]
        assert s.titles() == []


async def test_35_a_feed_that_switches_between_two_versions_repeats_nothing(tmp_path, clock):
    """Two caches of one feed, in turn: no item twice, no alert twice."""
    async with playing(tmp_path, clock) as s:
        for n in range(6):
            s.server.show("/a", HIT, *([DULL] if n % 2 else [Shown("Other", "other")]))
            await s.sweep(hours=7)
        assert s.titles() == sorted([HIT.title, DULL.title, "Other"])
        assert s.ear.hits == [HIT.title]
