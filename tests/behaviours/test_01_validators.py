"""Behaviours 1 to 8: validators, byte for byte, never latched, never trusted blindly."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from aiohttp import web

from monitor.errors import StoreError
from monitor.model import PollOutcome, Validators
from tests.behaviours.stage import DULL, HIT, in_turn, plain, playing, stage
from tests.desk import make_desk
from tests.servers import ThreadedFeedServer, rss

ODD = ('W/"a-b,c"', "Tue, 10 Mar 2026 11:59:60 GMT")


async def test_01_validators_go_back_exactly_also_after_a_restart(tmp_path, clock):
    """One request without validators in a day, all others with the bytes that came."""
    async with stage(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(rss([DULL]), ETag=ODD[0], Last_Modified=ODD[1])
        for _ in range(3):
            async with s.open():
                await s.sweep(hours=7)
        sent = [
            (a.headers.get("If-None-Match"), a.headers.get("If-Modified-Since"))
            for a in s.server.asked
        ]
        assert sent == [(None, None), ODD, ODD]


def test_01_killed_while_it_asks_it_does_not_ask_again_at_once(tmp_path):
    """Killed with -9 between request and answer: the next start leaves the server alone."""
    with ThreadedFeedServer() as server:
        server.show("/a", DULL)
        config = make_desk(tmp_path, [server.base + "/a"])
        command = [sys.executable, "-m", "monitor", "poll", "-c", str(config)]
        subprocess.run([*command, "--force"], check=True, capture_output=True)

        async def hang(request):
            await asyncio.sleep(60)

        server.answers["/a"] = hang
        process = subprocess.Popen(
            [*command, "--force"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        ends = time.monotonic() + 30
        while len(server.asked) < 2 and time.monotonic() < ends:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        del server.answers["/a"]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        assert "not due yet" in told.stdout
        assert [("If-None-Match" in a.headers) for a in server.asked] == [False, True]


async def test_02_a_rolling_etag_is_followed(tmp_path, clock):
    """The items stay the same, the ETag does not: the newest goes back."""
    body = rss([DULL])
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = in_turn(*(plain(body, ETag=f'"{n}"') for n in range(4)))
        for _ in range(3):
            await s.sweep(hours=7)
        sent = [a.headers.get("If-None-Match") for a in s.server.asked]
        assert sent == [None, '"0"', '"1"']


async def test_03_a_304_renews_and_a_200_clears(tmp_path, clock):
    """What a 304 carries replaces the old; what a 200 lacks is forgotten."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = in_turn(
            plain(rss([DULL]), ETag='"a"', Last_Modified="then"),
            plain(b"", 304, ETag='"b"'),
            plain(rss([DULL, HIT]), ETag='"c"'),
        )
        seen = []
        for _ in range(3):
            await s.sweep(hours=7)
            seen.append(s.state().validators)
        assert seen == [Validators('"a"', "then"), Validators('"b"', "then"), Validators('"c"')]


async def test_04_no_date_is_invented_and_a_bad_one_goes_back_unchanged(tmp_path, clock):
    """Without Last-Modified no If-Modified-Since; Expires: 0 harms nothing."""
    async with playing(tmp_path, clock, ("/a", "/b")) as s:
        s.server.specials["/a"] = plain(rss([DULL]), Last_Modified="gestern", Expires="0")
        s.server.specials["/b"] = plain(rss([HIT]), ETag='"b"', Expires="0")
        for _ in range(2):
            await s.sweep(hours=7)
        sent = {
            (a.path, a.headers.get("If-None-Match"), a.headers.get("If-Modified-Since"))
            for a in s.server.asked[2:]
        }
        assert sent == {("/a", None, "gestern"), ("/b", '"b"', None)}


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        pytest.param(rss([DULL, HIT])[:-60], PollOutcome.TRUNCATED, id="a document cut short"),
        pytest.param(
            b"<!doctype html><p>Sorry", PollOutcome.NOT_A_FEED, id="a page instead of a feed"
        ),
        pytest.param(b"\0\1\2", PollOutcome.NOT_A_FEED, id="no document at all"),
        pytest.param(b" " * (11 * 2**20), PollOutcome.TOO_LARGE, id="more than ten megabytes"),
    ],
)
async def test_05_a_body_that_could_not_be_used_leaves_no_validators(
    tmp_path, clock, body, outcome
):
    """The next poll gets the body again."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(body, ETag='"bad"')
        await s.sweep()
        assert s.record().outcome is outcome
        assert not s.state().validators
        await s.at_next()
        assert "If-None-Match" not in s.server.asked[-1].headers


async def test_06_items_and_validators_are_written_together_or_not_at_all(tmp_path, clock):
    """A write that fails in the middle loses nothing and alerts nobody twice."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", HIT)
        raw = s.service.store._db.raw
        raw.execute(
            "CREATE TRIGGER full BEFORE INSERT ON polls BEGIN SELECT raise(ABORT, 'full'); END"
        )
        with pytest.raises(StoreError):
            await s.sweep()
        assert (s.titles(), s.ear.hits, s.state().validators) == ([], [], Validators())
        raw.execute("DROP TRIGGER full")
        await s.sweep(hours=1)
        assert (s.titles(), s.ear.hits) == ([HIT.title], [HIT.title])


async def test_07_an_etag_that_hides_news_is_found_within_a_day_or_so(tmp_path, clock):
    """304 for ever while the content changes: the daily full look finds it and says so."""

    def lie(request):
        if "If-None-Match" in request.headers:
            return web.Response(status=304)
        return web.Response(body=s.server.documents["/doc"], headers={"ETag": '"fixed"'})

    async with playing(tmp_path, clock) as s:
        s.server.show("/doc", DULL)
        s.server.specials["/a"] = lie
        await s.sweep()
        s.server.show("/doc", DULL, HIT)
        added = clock.now()
        while not s.ear.hits and clock.now() - added < timedelta(hours=36):
            await s.at_next()
        assert s.ear.hits == [HIT.title]
        assert s.state().lying
        assert s.fares().word == "lying"


async def test_08_an_etag_that_never_validates_is_left_at_home(tmp_path, clock):
    """After three full answers with the same body only If-Modified-Since is sent."""
    date = "Tue, 10 Mar 2026 10:00:00 GMT"

    def compressed(request):
        if dict(request.headers).get("If-Modified-Since") == date and (
            "If-None-Match" not in request.headers
        ):
            return web.Response(status=304)
        return web.Response(body=rss([DULL]), headers={"ETag": '"x-gzip"', "Last-Modified": date})

    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = compressed
        outcomes = [(await s.sweep(hours=7)).polled[0][1].outcome for _ in range(3)]
        s.service.store._db.raw.execute("UPDATE feeds SET last_full_at = last_poll_at")
        outcomes += [(await s.sweep(hours=7)).polled[0][1].outcome for _ in range(3)]
        assert PollOutcome.NOT_MODIFIED in outcomes
        assert "If-None-Match" not in s.server.asked[-1].headers
