"""Behaviours 23 and 24: where a redirect may lead, and when a feed has moved."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from monitor.model import PollOutcome, Window
from monitor.pipeline.coverage import coverage
from monitor.pipeline.merging import proposed
from tests.behaviours.stage import DULL, HIT, in_turn, moved, plain, playing
from tests.servers import Shown


def notices(s) -> list[str]:
    window = Window(s.clock.now() - timedelta(days=1), s.clock.now() + timedelta(seconds=1))
    return list(coverage(s.service.store, window, s.clock.now(), ZoneInfo("UTC")).notices)


@pytest.mark.parametrize("status", [301, 308])
async def test_23_three_permanent_redirects_in_a_row_move_a_feed(tmp_path, clock, status):
    """The history stays, the old address is asked no more, and the digest says what to mend."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", HIT)
        await s.sweep()
        s.server.show("/new", HIT, DULL)
        s.server.specials["/a"] = moved(status, "/new")
        for _ in range(3):
            await s.at_next()
        before = len(s.server.asked)
        await s.at_next()
        assert [one.path for one in s.server.asked[before:]] == ["/new"]
        assert s.titles() == sorted([HIT.title, DULL.title])
        assert s.ear.hits == [HIT.title]
        assert any("has moved to" in one for one in notices(s))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(moved(302, "/new"), id="302"),
        pytest.param(moved(303, "/new"), id="303"),
        pytest.param(moved(307, "/new"), id="307"),
        pytest.param(moved(301, "/step"), id="301, then 302"),
        pytest.param(moved(301, "/page"), id="301 to a page"),
        pytest.param(
            in_turn(*[moved(301, "/new"), moved(302, "/new")] * 4), id="301 and 302 in turn"
        ),
    ],
)
async def test_23_nothing_else_moves_a_feed(tmp_path, clock, answer):
    """Temporary ones never, mixed chains never, a page never."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/new", DULL)
        s.server.specials |= {"/a": answer, "/step": moved(302, "/new"), "/page": plain(b"<html>")}
        for _ in range(6):
            await s.force()
            s.later(hours=7)
        await s.force()
        assert [one.path for one in s.server.asked].count("/a") == 7


async def test_23_a_feed_that_moves_to_a_subscribed_one_is_proposed_for_merging(tmp_path, clock):
    """Nobody is unsubscribed; the digest and the listing name both and say which to keep."""
    async with playing(tmp_path, clock, ("/a", "/new")) as s:
        s.server.show("/new", DULL)
        s.server.specials["/a"] = moved(301, "/new")
        for n in range(4):
            s.server.show("/new", DULL, Shown(f"More {n}", f"m{n}"))
            await s.force()
            s.later(hours=25)
        assert s.state().twin == s.url("/new")
        (one,) = proposed(s.service.store, s.service.setup.feeds, s.service.store.feeds.states())
        assert (one.keep, one.drop) == (s.url("/new"), s.url("/a"))
        assert any("two feeds are one" in told for told in notices(s))


async def test_23_two_feeds_with_the_same_items_are_proposed_for_merging(tmp_path, clock):
    """Nine of ten of the newest items shared is one feed under two addresses."""
    async with playing(tmp_path, clock, ("/a", "/b", "/c")) as s:
        same = [Shown(f"News {n}", f"n{n}") for n in range(10)]
        s.server.show("/a", *same)
        s.server.show("/b", *same[:9], Shown("Other", "o"))
        s.server.show("/c", *(Shown(f"Else {n}", f"e{n}") for n in range(10)))
        await s.sweep()
        found = proposed(s.service.store, s.service.setup.feeds, s.service.store.feeds.states())
        assert [(one.keep, one.drop) for one in found] == [(s.url("/a"), s.url("/b"))]


async def test_23_a_moved_feed_is_asked_in_the_queue_of_its_new_host(tmp_path, clock):
    """The limits of a host count for whoever is really asked there."""
    async with playing(tmp_path, clock) as s:
        other = s.server.base.replace("127.0.0.1", "localhost")
        s.server.show("/a", DULL)
        await s.sweep()
        s.service.store._db.raw.execute(
            "UPDATE feeds SET moves = 3, moved_to = ?", (other + "/new",)
        )
        s.later(hours=7)
        assert len(s.service.due()) == 1
        with s.service.store.transaction():
            s.service.store.feeds.hush("localhost", clock.now() + timedelta(hours=1), "busy")
        assert s.service.due() == []


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/a", id="a circle"),
        pytest.param("/1", id="six hops"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("http://169.254.169.254/latest", id="cloud metadata"),
        pytest.param("http://[::1]/", id="loopback of IPv6"),
        pytest.param("http://[::ffff:10.0.0.1]/", id="a private address inside IPv6"),
        pytest.param("http://167772161/", id="10.0.0.1 as one decimal number"),
        pytest.param("http://user:word@127.0.0.1/", id="with a user name"),
    ],
)
async def test_24_a_redirect_into_nowhere_or_inside_is_refused(tmp_path, clock, target):
    """Refused on the address really dialled; nothing is stored, and no cookie is carried along."""
    async with playing(tmp_path, clock) as s:
        for n in range(1, 8):
            s.server.specials[f"/{n}"] = moved(302, f"/{n + 1}")
        s.server.specials["/a"] = lambda _: web.Response(
            status=302, headers={"Location": target, "Set-Cookie": "a=b"}
        )
        await s.sweep()
        assert s.record().outcome in {
            PollOutcome.REDIRECT,
            PollOutcome.REFUSED,
            PollOutcome.DNS,
            PollOutcome.CONNECT,
        }
        assert s.titles() == []
        assert len(s.server.asked) <= 6
        assert not any("Cookie" in one.headers for one in s.server.asked)


async def test_24_allow_private_opens_exactly_what_it_names(tmp_path, clock):
    """Loopback is named in the settings, the network beside it is not."""
    paths = ("/a", "http://10.0.0.1:9/x")
    async with playing(tmp_path, clock, paths) as s:
        s.server.show("/a", DULL)
        await s.sweep()
        assert s.record().outcome is PollOutcome.OK
        assert s.record(paths[1]).outcome is PollOutcome.REFUSED
        assert "allow_private" in s.record(paths[1]).reason
