"""Behaviours 16 to 22: what goes wrong, how long we wait, what is told and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.clock import SteppedClock
from monitor.feeds.health import condition
from monitor.fetch import HostGate
from monitor.model import Answer, Feed, PollOutcome, Validators, Window
from monitor.parsing import ParserPool
from monitor.pipeline import Poller, Silent
from monitor.pipeline.coverage import coverage
from monitor.pipeline.lookout import Lookout
from tests.behaviours.stage import DULL, HIT, plain, playing
from tests.servers import rss

HOUR = 3600.0


def told(s, start: datetime) -> list[str]:
    """Return the notices of the digest for the time since ``start``."""
    window = Window(start, s.clock.now() + timedelta(seconds=1))
    return list(coverage(s.service.store, window, s.clock.now(), ZoneInfo("UTC")).notices)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        pytest.param(plain(b"", 500), "server error", id="500"),
        pytest.param(plain(b"<p>no", 200), "not a feed", id="what cannot be parsed"),
        pytest.param(plain(b"", 404), "not found", id="404"),
    ],
)
async def test_16_the_delay_grows_and_never_ends_and_success_resets_it(
    tmp_path, clock, answer, word
):
    """Up to a day, after a week of it up to a week; items stay; one good answer ends it."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", HIT)
        await s.sweep()
        s.server.specials["/a"] = answer
        pauses = []
        while len(pauses) < 20:
            await s.at_next()
            pauses.append(s.pause())
        assert s.fares().word == word
        assert pauses[0] < pauses[2] < pauses[4]
        assert any(24 * HOUR <= one <= 24 * HOUR * 1.1 for one in pauses)
        assert max(pauses) <= 7 * 24 * HOUR * 1.1
        assert pauses[-1] >= 6 * 24 * HOUR
        assert s.titles() == [HIT.title]
        del s.server.specials["/a"]
        s.server.show("/a", HIT, DULL)
        await s.at_next()
        assert (s.state().failures, s.fares().word) == (0, "")
        assert s.pause() <= 7 * HOUR


async def test_17_a_network_that_is_down_is_one_incident_and_nobody_s_fault(tmp_path, clock):
    """All feeds fail in one sweep: no failure is counted, all stay due."""
    dead = [f"http://127.0.0.{n}:9/a" for n in range(2, 6)]
    async with playing(tmp_path, clock, dead) as s:
        report = await s.sweep()
        assert report.network_down
        assert len(s.ear.incidents) == 1
        states = s.service.store.feeds.states().values()
        assert {(state.failures, state.next_poll_at) for state in states} == {(0, None)}


async def test_18_404_is_soft_and_410_stops_after_a_day(tmp_path, clock):
    """One 410 may be a mistake; two a day apart are not: once a week, one notice, revived by hand."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(b"", 404)
        await s.sweep()
        assert (s.fares().word, s.state().gone) == ("not found", False)
        s.server.specials["/a"] = plain(b"", 410)
        begun = clock.now()
        await s.at_next()
        assert not s.state().gone
        while clock.now() - begun < timedelta(hours=40):
            await s.at_next()
        assert s.state().gone
        assert s.pause() >= 7 * 24 * HOUR
        assert len(told(s, begun)) == 1
        s.server.show("/b", DULL)
        s.server.specials["/a"] = plain(rss([DULL]))
        with s.service.store.transaction():
            s.service.store.feeds.revive(s.url())
        await s.sweep()
        assert s.fares().word == ""


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(plain(b"no", 403), id="a plain 403"),
        pytest.param(plain(b"", 403, cf_mitigated="challenge"), id="Cloudflare"),
        pytest.param(plain(b"", 403, X_DataDome="protected"), id="DataDome"),
        pytest.param(
            plain(b"<html><title>Just a moment...", 503, Content_Type="text/html"),
            id="a challenge page with 503",
        ),
    ],
)
async def test_19_a_bot_wall_is_blocked_with_a_long_delay_and_one_notice(tmp_path, clock, answer):
    """Not our fault, not the feed's: a class of its own, and no other name in the User-Agent."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = answer
        begun = clock.now()
        await s.sweep()
        assert s.fares().word == "blocked"
        assert s.pause() >= 4 * HOUR
        while clock.now() - begun < timedelta(days=3):
            await s.at_next()
        assert len(told(s, begun)) == 1
        assert len({one.headers["User-Agent"] for one in s.server.asked}) == 1


class Limited:
    """Answers 429 for one address of a host, and notes who was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get(self, url: str, validators: Validators) -> Answer:
        self.asked.append(url)
        if url.endswith("/1"):
            return Answer(url, 429, {"retry-after": "7200"})
        return Answer(url, 200, {}, rss([DULL]))


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        pytest.param("news.example", 1, id="a public host is left alone as a whole"),
        pytest.param("10.1.2.3", 3, id="on a private host each address is for itself"),
    ],
)
async def test_20_what_one_address_is_told_holds_for_its_public_host(tmp_path, store, host, asked):
    """429 with an empty body is a rate limit, and no document that could not be parsed."""
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    feeds = [Feed(f"https://{host}/{n}", f"Feed {n}", "O") for n in (1, 2, 3)]
    store.feeds.sync(feeds, now)
    fetcher, clock = Limited(), SteppedClock(now)
    async with ParserPool(1) as pool:
        poller = Poller(
            store, fetcher, HostGate(1, 0), pool, Lookout([]), clock, Silent(), concurrency=1
        )
        await poller.sweep(poller.due(feeds))
        assert store.feeds.state(feeds[0].url).outcome is PollOutcome.RATE_LIMITED
        assert len(fetcher.asked) == asked
        clock.set(now + timedelta(hours=1, minutes=59))
        still_due = {feed.url for feed in poller.due(feeds)}
        assert feeds[0].url not in still_due
        assert bool(still_due) is (asked > 1)
        clock.set(now + timedelta(hours=3))
        assert len(poller.due(feeds)) >= 1


async def test_21_one_notice_after_six_failures_and_a_day_and_one_when_it_is_back(tmp_path, clock):
    """Not at the sixth within hours, not again each day."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(b"", 500)
        begun = clock.now()
        await s.sweep()
        heard = []
        while clock.now() - begun < timedelta(days=6):
            before = clock.now()
            await s.at_next()
            heard += told(s, before + timedelta(seconds=1))
        assert len(heard) == 1
        assert "fails since" in heard[0]
        assert s.state().noticed_at - begun >= timedelta(hours=24)
        del s.server.specials["/a"]
        s.server.show("/a", DULL)
        before = clock.now()
        await s.at_next()
        assert told(s, before) == ["Feed 1 is back"]


async def test_22_a_feed_that_answers_and_says_nothing_is_silent(tmp_path, clock):
    """No entry twice, or nothing new for three days and four times its rhythm, or as expected."""
    async with playing(tmp_path, clock, ("/empty", "/a")) as s:
        s.server.show("/empty")
        s.server.show("/a", DULL)
        await s.force()
        assert s.fares("/empty").word == ""
        s.later(hours=7)
        s.server.specials["/empty"] = plain(rss([], ttl=1))
        await s.force()
        assert [s.fares(path).word for path in ("/empty", "/a")] == ["silent", ""]
        s.later(days=2)
        await s.force()
        assert s.fares().word == ""
        s.later(days=2)
        await s.force()
        assert s.fares().word == "silent"


async def test_22_how_often_a_feed_should_bring_news_can_be_set(tmp_path, clock):
    """With ``expect: 1d`` a day of nothing is silence."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", DULL)
        await s.sweep()
        s.later(hours=30)
        await s.force()
        assert condition(s.state(), clock.now()).word == ""
        assert condition(s.state(), clock.now(), 24 * HOUR).word == "silent"
