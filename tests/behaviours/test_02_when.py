"""Behaviours 9 to 15: when a feed is asked again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from click.testing import CliRunner

from monitor.cli import main
from tests.behaviours.stage import DULL, plain, playing, stage
from tests.conftest import NOON
from tests.desk import SETTINGS, make_desk
from tests.servers import Shown, ThreadedFeedServer, rss

HOUR = 3600.0
NEWS = rss([DULL])


def fits(pause: float, wanted: float) -> bool:
    """Jitter adds up to a tenth and takes nothing away."""
    return wanted <= pause <= wanted * 1.1


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(plain(NEWS, Cache_Control="max-age=18000"), 5 * HOUR, id="max-age on a 200"),
        pytest.param(
            plain(b"", 304, Cache_Control="max-age=18000"), 5 * HOUR, id="max-age on a 304"
        ),
        pytest.param(
            plain(b"", 304, Cache_Control="no-cache, max-age=18000"),
            1.5 * HOUR,
            id="no-cache: our own interval",
        ),
        pytest.param(
            plain(b"", 304, Cache_Control="max-age=0"), 1.5 * HOUR, id="max-age=0: our own"
        ),
        pytest.param(
            plain(
                b"",
                304,
                Date="Wed, 11 Mar 2026 12:00:00 GMT",
                Expires="Wed, 11 Mar 2026 17:00:00 GMT",
            ),
            5 * HOUR,
            id="Expires by the server's own clock, which is a day ahead",
        ),
        pytest.param(
            plain(
                b"",
                304,
                Cache_Control="max-age=14400",
                Expires="Wed, 11 Mar 2026 17:00:00 GMT",
            ),
            4 * HOUR,
            id="max-age before Expires",
        ),
    ],
)
async def test_09_a_server_s_freshness_is_respected(tmp_path, clock, answer, wanted):
    """On a 200 and on a 304 alike."""
    async with playing(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(NEWS, ETag='"1"')
        await s.sweep()
        s.server.specials["/a"] = answer
        s.service.store._db.raw.execute("UPDATE feeds SET interval_s = 3600")
        await s.at_next()
        assert fits(s.pause(), wanted)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        pytest.param("7200", 2 * HOUR, id="in seconds"),
        pytest.param("Tue, 10 Mar 2026 14:00:00 GMT", 2 * HOUR, id="as a date"),
        pytest.param("soon", 0.5 * HOUR, id="garbage: our own back-off"),
        pytest.param("-7200", 0.5 * HOUR, id="negative: our own back-off"),
        pytest.param("315360000", 7 * 24 * HOUR, id="ten years: a week"),
    ],
)
async def test_10_retry_after_holds_also_after_a_restart_and_by_hand(
    tmp_path, clock, status, told, wanted
):
    """No request before the time, whoever asks; --force alone goes through."""
    headers = {"Retry_After": told, "Date": "Tue, 10 Mar 2026 12:00:00 GMT"}
    async with stage(tmp_path, clock) as s:
        s.server.specials["/a"] = plain(b"", status, **headers)
        async with s.open():
            await s.sweep()
            assert fits(s.pause(), wanted)
        s.later(seconds=wanted - 60)
        async with s.open():
            assert s.service.due() == []
            await s.sweep()
            assert s.server.count() == 1
            await s.force()
            assert s.server.count() == 2


def test_10_poll_by_hand_refuses_without_force(tmp_path):
    """The command says that the feed is not due and leaves it alone."""
    with ThreadedFeedServer() as server:
        server.specials["/a"] = plain(b"", 429, Retry_After="7200")
        config = str(make_desk(tmp_path, [server.base + "/a"]))
        said = [
            CliRunner().invoke(main, ["poll", *options, "-c", config]).output
            for options in ([], [], ["--force"])
        ]
        assert ["not due yet" in one for one in said] == [False, True, False]
        assert server.count() == 2


def wishes(head: str) -> bytes:
    space = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    item = "<item><guid>1</guid><title>One</title></item>"
    return f'<rss version="2.0" {space}><channel>{head}{item}</channel></rss>'.encode()


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        pytest.param("<ttl>300</ttl>", 5 * HOUR, id="ttl in minutes"),
        pytest.param("<sy:updatePeriod>daily</sy:updatePeriod>", 24 * HOUR, id="sy: daily"),
        pytest.param(
            "<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            6 * HOUR,
            id="sy: four times a day",
        ),
        pytest.param("<ttl>1</ttl>", 900, id="a ttl of a minute shortens nothing"),
        pytest.param("<sy:updatePeriod>often</sy:updatePeriod>", 900, id="sy: an unknown word"),
    ],
)
async def test_11_the_document_s_own_wishes_lengthen_and_outlast_a_304(
    tmp_path, clock, head, wanted
):
    """Never below our own pace, and not forgotten when nothing is new."""
    async with playing(tmp_path, clock) as s:
        s.server.documents["/a"] = wishes(head)
        await s.sweep()
        assert fits(s.pause(), wanted)
        await s.at_next()
        assert fits(s.pause(), max(wanted, 900 * 1.5))


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        pytest.param(
            f"<skipHours>{''.join(f'<hour>{n}</hour>' for n in range(12, 20))}</skipHours>",
            NOON.replace(hour=20),
            id="hours of the afternoon",
        ),
        pytest.param(
            "<skipDays><day>Tuesday</day><day>Wednesday</day></skipDays>",
            NOON.replace(day=12, hour=0),
            id="today, a Tuesday, and tomorrow",
        ),
        pytest.param(
            f"<skipHours>{''.join(f'<hour>{n}</hour>' for n in range(24))}</skipHours>",
            NOON + timedelta(minutes=15),
            id="all hours of the day: not obeyed",
        ),
    ],
)
async def test_11_skipped_hours_and_days_are_skipped(tmp_path, clock, head, wanted):
    """The first poll after them comes within half an hour."""
    async with playing(tmp_path, clock) as s:
        s.server.documents["/a"] = wishes(head)
        await s.sweep()
        planned = s.state().next_poll_at
        assert wanted <= planned <= wanted + timedelta(minutes=30)
        await s.at_next()
        assert s.state().skip_hours or s.state().skip_days


async def test_12_busy_feeds_go_to_the_fast_end_and_dead_ones_to_the_slow(tmp_path, clock):
    """A hundred items a day: the fast end; nothing: the slow end in nine polls; a burst: back."""
    async with playing(tmp_path, clock, ("/busy", "/dead")) as s:
        s.server.show("/dead", DULL)
        for n in range(10):
            s.server.show("/busy", *(Shown(f"N{n}-{k}", f"{n}-{k}") for k in range(6)))
            await s.force()
            s.later(hours=1)
        assert s.state("/busy").interval_s == 900
        assert s.state("/dead").interval_s == 6 * HOUR
        s.server.show("/dead", DULL, *(Shown(f"Burst {n}", f"b{n}") for n in range(5)))
        await s.force()
        assert s.state("/dead").interval_s == 900


async def test_13_a_poll_without_overlap_is_a_possible_gap_and_halves_the_interval(tmp_path, clock):
    """Items may have come and gone between the two."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", *(Shown(f"Old {n}", f"o{n}") for n in range(4)))
        await s.sweep()
        assert not s.record().possible_gap
        s.service.store._db.raw.execute("UPDATE feeds SET interval_s = 14400")
        s.server.show("/a", *(Shown(f"New {n}", f"n{n}") for n in range(4)))
        await s.at_next()
        assert s.record().possible_gap
        assert s.state().interval_s == 2 * HOUR


async def test_14_a_start_with_many_feeds_is_spread_and_downtime_is_not_caught_up(tmp_path, clock):
    """No more in flight than the host's limit; next times differ; three days off, one poll each."""
    most, now = [0], [0]

    async def slow(request):
        now[0] += 1
        most[0] = max(most[0], now[0])
        await asyncio.sleep(0.01)
        now[0] -= 1
        return web.Response(body=NEWS)

    paths = tuple(f"/{n}" for n in range(40))
    settings = SETTINGS.replace("per_host: 10", "per_host: 2")
    async with stage(tmp_path, clock, paths, settings) as s:
        s.server.answers.update(dict.fromkeys(paths, slow))
        async with s.open():
            await s.sweep()
            assert most[0] <= 2
            times = {state.next_poll_at for state in s.service.store.feeds.states().values()}
            assert len(times) == 40
        async with s.open():
            await s.sweep(days=3)
            assert (await s.sweep()).polled == []
        assert s.server.count() == 80


async def test_15_a_feed_never_overlaps_itself_and_a_hanging_one_delays_nobody(tmp_path, clock):
    """While one server does not answer, the others are polled, and it is not asked twice."""
    hanging = asyncio.Event()

    async def hang(_):
        await hanging.wait()
        return web.Response(body=NEWS)

    async with playing(tmp_path, clock, ("/slow", "/a")) as s:
        s.server.answers["/slow"] = hang
        s.server.show("/a", DULL)
        first = asyncio.create_task(s.service.poll())
        for _ in range(200):
            await asyncio.sleep(0.02)
            if s.titles():
                break
        assert s.titles() == [DULL.title]
        assert s.service.due() == []
        assert (await s.force()).polled == []
        hanging.set()
        assert len((await first).polled) == 2
        assert [a.path for a in s.server.asked].count("/slow") == 1
