"""The path of an item, whole: real HTTP, real parser processes, the real SQLite, a stepped clock."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.errors import AlreadyRunning
from monitor.files import load
from monitor.model import PollOutcome
from monitor.pipeline import Silent
from tests.desk import SETTINGS, make_desk
from tests.servers import FeedServer, Shown

HIT = Shown("Drones reach Russia", "hit", text="Shahed-136 drones were seen in Moscow.")
DULL = Shown("A quiet day", "dull")


class Ear(Silent):
    """Remembers what it hears."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.incidents: list[str] = []

    def hit(self, feed, item, match) -> None:
        self.hits.append(item.title)

    def incident(self, what) -> None:
        self.incidents.append(what)


@asynccontextmanager
async def desk(tmp_path, clock, paths=("/a",), ear=None, base="", settings=None):
    server = FeedServer()
    runner = await server.start()
    urls = [(base or server.base) + path for path in paths]
    config = make_desk(tmp_path, urls, *([settings] if settings else []))
    try:
        async with Service(load(config), clock=clock, observer=ear or Ear()) as service:
            yield server, service
    finally:
        await runner.cleanup()


def later(clock: SteppedClock, **span: float) -> None:
    clock.set(clock.now() + timedelta(**span))


async def test_items_are_stored_once_and_the_next_poll_costs_a_304(tmp_path, clock):
    """First poll unconditional and complete; the second conditional, and nothing changes."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", HIT, DULL)
        first = (await service.once()).sweep
        later(clock, hours=2)
        second = (await service.once()).sweep
        assert (first.total("new"), first.total("hits")) == (2, 1)
        assert [record.outcome for _, record in second.polled] == [PollOutcome.NOT_MODIFIED]
        assert service.store.items.count() == 2
        assert [server.count(conditional=False), server.count(conditional=True)] == [1, 1]


async def test_nothing_is_polled_before_its_time(tmp_path, clock):
    """A feed asked an hour ago is asked no sooner than its plan says."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", DULL)
        await service.once()
        later(clock, minutes=9)
        assert (await service.once()).sweep.polled == []
        assert server.count() == 1


async def test_the_newest_validators_are_sent_even_when_no_item_changed(tmp_path, clock):
    """A server that rolls its ETag on each answer gets the last one back, never the first."""
    tags = iter(['"one"', 'W/"two"', '"three"'])

    def roll(request):
        return web.Response(body=server.documents["/doc"], headers={"ETag": next(tags)})

    async with desk(tmp_path, clock) as (server, service):
        server.show("/doc", DULL)
        server.specials["/a"] = roll
        for _ in range(3):
            await service.once()
            later(clock, hours=8)
        sent = [one.headers.get("If-None-Match") for one in server.asked]
        assert sent == [None, '"one"', 'W/"two"']


async def test_one_address_in_three_feeds_is_one_item_with_three_sightings(tmp_path, clock):
    """The same article carried by three feeds is stored once, tracking parameters or not."""
    async with desk(tmp_path, clock, ("/a", "/b", "/c")) as (server, service):
        for path, tail in (("/a", ""), ("/b", "?utm_source=x"), ("/c", "#top")):
            server.show(path, Shown(HIT.title, f"guid{path}", f"https://news.example/story{tail}"))
        await service.once()
        (item,) = service.store.items.newest()
        assert len(service.store.items.sightings([item.id])[item.id]) == 3
        assert service.store.hits.count() == 1


async def test_an_edit_that_newly_matches_is_a_hit_and_keeps_the_old_wording(tmp_path, clock):
    """The same item, a version row, and the alert that the first headline did not give."""
    ear = Ear()
    async with desk(tmp_path, clock, ear=ear) as (server, service):
        server.show("/a", Shown("Cargo flights observed", "x"))
        await service.once()
        later(clock, hours=2)
        server.show("/a", Shown("Cargo flights bring drones to Russia", "x"))
        report = (await service.once()).sweep
        (item,) = service.store.items.newest()
        assert report.total("edited") == 1
        assert ear.hits == ["Cargo flights bring drones to Russia"]
        assert [v.title for v in service.store.items.versions([item.id])[item.id]] == [
            "Cargo flights observed"
        ]
        assert service.store.items.newest(search="bring")[0].id == item.id
        assert service.store.items.newest(search="observed") == ()


async def test_what_a_new_feed_already_held_is_backfill(tmp_path, clock):
    """Only what comes after the first poll is news."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", HIT)
        await service.once()
        later(clock, hours=2)
        server.show("/a", HIT, Shown("More drones for Russia", "new"))
        await service.once()
        assert {item.title: item.backfill for item in service.store.items.newest()} == {
            HIT.title: True,
            "More drones for Russia": False,
        }


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(lambda _: web.Response(status=500), PollOutcome.SERVER_ERROR, id="500"),
        pytest.param(
            lambda _: web.Response(text="<!doctype html><p>hello", content_type="text/html"),
            PollOutcome.NOT_A_FEED,
            id="an HTML page",
        ),
        pytest.param(lambda _: web.Response(body=b""), PollOutcome.NOT_A_FEED, id="an empty body"),
        pytest.param(
            lambda _: web.Response(status=403, headers={"cf-mitigated": "challenge"}),
            PollOutcome.BLOCKED,
            id="a bot wall",
        ),
    ],
)
async def test_a_failed_poll_changes_nothing_but_the_feeds_state(tmp_path, clock, answer, outcome):
    """Items stay, validators stay, the class of the trouble is kept with its time."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", HIT)
        await service.once()
        before = service.store.feeds.state(server.base + "/a").validators
        later(clock, hours=2)
        server.specials["/a"] = answer
        await service.once()
        state = service.store.feeds.state(server.base + "/a")
        assert (state.outcome, state.failures, state.failing_since) == (outcome, 1, clock.now())
        assert state.validators == before
        assert service.store.items.count() == 1


async def test_a_truncated_document_gives_whole_items_and_no_validators(tmp_path, clock):
    """The next poll must get the body again."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/doc", HIT, DULL, Shown("Third", "3"))
        whole = server.documents["/doc"]
        cut = whole[: whole.index(b"Third") + 2]
        server.specials["/a"] = lambda _: web.Response(body=cut, headers={"ETag": '"cut"'})
        await service.once()
        state = service.store.feeds.state(server.base + "/a")
        assert state.outcome is PollOutcome.TRUNCATED
        assert not state.validators
        assert service.store.items.count() == 2


async def test_a_feed_that_hangs_the_parser_delays_nobody(tmp_path, clock):
    """The worker is killed at its deadline; the other feeds are all there."""
    settings_text = SETTINGS.replace("deadline: 5s", "deadline: 1s")
    trap = (
        b'<rss version="2.0"><channel><item><author>'
        + b"a" * 100_000
        + b" @</author></item></channel></rss>"
    )
    async with desk(tmp_path, clock, ("/trap", "/a"), settings=settings_text) as (server, service):
        server.documents["/trap"] = trap
        server.show("/a", HIT)
        report = (await service.once()).sweep
        outcomes = {feed.title: record.outcome for feed, record in report.polled}
        assert outcomes == {"Feed 1": PollOutcome.PARSER_KILLED, "Feed 2": PollOutcome.OK}


async def test_when_nobody_answers_the_network_is_blamed_and_no_feed(tmp_path, clock):
    """One incident, no failure counted, nothing written."""
    ear = Ear()
    async with desk(tmp_path, clock, ("/a", "/b", "/c"), ear, "http://127.0.0.1:9") as (_, service):
        report = (await service.once()).sweep
        assert report.network_down
        assert report.all_unreached
        assert len(ear.incidents) == 1
        assert [state.failures for state in service.store.feeds.states().values()] == [0, 0, 0]
        assert service.due() == []
        later(clock, minutes=2)
        assert len(service.due()) == 3


async def test_one_dead_feed_among_the_living_is_blamed(tmp_path, clock):
    """Where somebody answers, silence is the feed's own."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", HIT)
        await service.once()
    config = make_desk(tmp_path, [server.base + "/a", "http://127.0.0.1:9/x"])
    runner = await server.start()
    make_desk(tmp_path, [server.base + "/a", "http://127.0.0.1:9/x"])
    later(clock, hours=2)
    async with Service(load(config), clock=clock) as service:
        await service.once()
        assert service.store.feeds.state("http://127.0.0.1:9/x").failures == 1
    await runner.cleanup()


async def test_a_poll_that_shares_nothing_with_the_last_is_a_possible_gap(tmp_path, clock):
    """Items may have scrolled off unseen; the digest will say so."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", *(Shown(f"Old {n}", f"o{n}") for n in range(4)))
        await service.once()
        later(clock, hours=2)
        server.show("/a", *(Shown(f"New {n}", f"n{n}") for n in range(4)))
        await service.once()
        record = service.store.feeds.polls(server.base + "/a")[0]
        assert record.possible_gap


async def test_a_second_daemon_on_the_same_database_is_refused(tmp_path, clock):
    """One writer; the message names the process that holds the lock."""
    async with desk(tmp_path, clock) as (_, service):
        with pytest.raises(AlreadyRunning, match="another newsmonitor"):
            async with Service(service.setup, clock=clock):
                pass


async def test_a_day_becomes_one_digest_in_the_folder(tmp_path, clock):
    """Next morning at seven, in the reader's zone, all three forms are there, once."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", DULL)
        await service.once()
        later(clock, hours=2)
        server.show("/a", DULL, HIT)
        await service.once()
        later(clock, hours=18)
        (digest,) = (await service.once()).digests
        later(clock, minutes=30)
        assert (await service.once()).digests == []
        assert digest.stories == 1
    names = sorted(file.name for file in (tmp_path / "digests").iterdir())
    assert names == [f"daily-2026-03-11.{kind}" for kind in ("html", "slack.json", "txt")]
    assert HIT.title in (tmp_path / "digests" / "daily-2026-03-11.txt").read_text("utf-8")


async def test_a_hole_in_our_own_life_stands_in_the_digest(tmp_path, clock):
    """Not watching is said: the reader must know what may be missing."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", HIT)
        await service.once()
        later(clock, hours=20)
        (digest,) = (await service.once()).digests
        assert any("not watching" in gap for gap in digest.coverage.gaps)


async def test_a_hit_committed_while_a_digest_is_built_is_in_the_next(tmp_path, clock):
    """Digests follow hit ids, not clocks: nothing falls between two windows."""
    async with desk(tmp_path, clock) as (server, service):
        server.show("/a", DULL)
        await service.once()
        later(clock, hours=18)
        await service.once()
        before = service.store.digests.last("daily")
        later(clock, hours=1)
        server.show("/a", DULL, HIT)
        await service.once()
        later(clock, hours=24)
        (digest,) = (await service.once()).digests
        assert before is not None
        assert before.hits_upto == 0
        assert digest.stories == 1


async def test_a_dead_host_is_not_asked_for_each_of_its_feeds(tmp_path, clock):
    """Nobody waits five seconds twenty times for a host that is not there."""
    paths = [f"/{n}" for n in range(20)]
    settings_text = SETTINGS.replace("host_gap: 0s", "host_gap: 5s").replace(
        "per_host: 10", "per_host: 1"
    )
    async with desk(tmp_path, clock, paths, base="http://127.0.0.1:9", settings=settings_text) as (
        _,
        service,
    ):
        begun = time.monotonic()
        report = (await service.once()).sweep
    assert len(report.unreached) == 20
    assert time.monotonic() - begun < 20


async def test_feeds_of_one_host_are_asked_one_after_the_other(tmp_path, clock):
    """Two in flight and a gap between starts are the host's due."""
    paths = [f"/{n}" for n in range(4)]
    settings_text = SETTINGS.replace("host_gap: 0s", "host_gap: 300ms").replace(
        "per_host: 10", "per_host: 2"
    )
    async with desk(tmp_path, clock, paths, settings=settings_text) as (server, service):
        for path in paths:
            server.show(path, DULL)
        begun = time.monotonic()
        report = (await service.once()).sweep
    assert len(report.polled) == 4
    assert time.monotonic() - begun >= 0.9


async def test_what_one_feed_is_told_counts_for_its_public_host(tmp_path, clock):
    """429 with Retry-After silences the host, not only the feed; a private host is spared."""
    async with desk(tmp_path, clock, ("/a", "/b")) as (server, service):
        server.show("/b", DULL)
        busy = {"Retry-After": "7200"}
        server.specials["/a"] = lambda _: web.Response(status=429, headers=busy)
        await service.once()
        assert service.store.feeds.hushed(clock.now()) == frozenset()
        with service.store.transaction():
            service.store.feeds.hush("127.0.0.1", clock.now() + timedelta(hours=2), "too many")
        later(clock, minutes=90)
        assert service.due() == []
        later(clock, hours=2)
        assert len(service.due()) == 2
