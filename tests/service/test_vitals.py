"""Signs of life: the watchdog starves when it should, pages and figures tell the state."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from monitor.errors import InputError
from monitor.files import load
from monitor.metrics import Metrics
from monitor.model import Feed
from monitor.pipeline import Silent
from monitor.pipeline.chorus import Chorus
from monitor.pipeline.observer import Observer
from monitor.pipeline.pulse import LIMITS_S, Pulse
from monitor.pipeline.standing import standing, status_line
from monitor.pipeline.troubles import troubles
from monitor.pipeline.vitals import Vitals
from monitor.store import Store
from tests.conftest import NOON
from tests.desk import SETTINGS, make_desk
from tests.service.systemd import NotifySocket


class Hands:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@asynccontextmanager
async def vitals(tmp_path, clock, *, settings=SETTINGS, environment=None, pulse=None, tell=print):
    setup = load(make_desk(tmp_path, ["https://n.example/rss"], settings))
    store = Store.writer(setup.database)
    store.feeds.sync(setup.feeds, clock.now())
    store.upkeep.began(clock.now())
    shown = Vitals(
        store,
        setup,
        clock,
        Metrics("1"),
        pulse or Pulse(time.monotonic),
        tell=tell,
        environment=environment or {},
    )
    try:
        async with shown:
            yield shown, store
    finally:
        store.close()


def listening(settings: str = SETTINGS, port: int = 0) -> str:
    return f'{settings}http: {{listen: "127.0.0.1:{port}"}}\n'


async def get(shown: Vitals, path: str, host: str = "") -> tuple[int, str]:
    headers = {"Host": host} if host else {}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{shown.server.port}{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def test_a_blocked_loop_starves_the_watchdog(tmp_path, clock):
    """Fed several times within its limit while the loop turns, not at all while it is stuck."""
    with NotifySocket(tmp_path / "notify") as told:
        environment = {"NOTIFY_SOCKET": told.path, "WATCHDOG_USEC": "400000"}
        async with vitals(tmp_path, clock, environment=environment):
            await asyncio.sleep(0.45)
            assert told.drain().count("WATCHDOG=1") >= 3
            time.sleep(0.6)  # noqa: ASYNC251 - the fault itself
            assert told.drain() == []
            await asyncio.sleep(0.25)
            assert "WATCHDOG=1" in told.drain()


async def test_polls_that_stand_still_starve_the_watchdog_although_the_loop_turns(tmp_path, clock):
    """And it is told once; a poll that ends feeds it again."""
    hands, heard = Hands(), []
    pulse = Pulse(hands)
    with NotifySocket(tmp_path / "notify") as told:
        environment = {"NOTIFY_SOCKET": told.path, "WATCHDOG_USEC": "400000"}
        async with vitals(tmp_path, clock, environment=environment, pulse=pulse, tell=heard.append):
            pulse.begins("polling")
            hands.at += LIMITS_S["polling"] + 1
            await asyncio.sleep(0.15)
            told.drain()
            await asyncio.sleep(0.35)
            assert told.drain() == []
            assert len(heard) == 1
            assert "polling" in heard[0]
            pulse.moves("polling")
            await asyncio.sleep(0.25)
            assert "WATCHDOG=1" in told.drain()


def test_work_that_ended_or_moves_is_not_stalled():
    """Only what is under way can stand still; what begins twice keeps its first time."""
    hands = Hands()
    pulse = Pulse(hands)
    pulse.begins("the desk")
    hands.at += LIMITS_S["the desk"]
    pulse.begins("the desk")
    assert pulse.stalled() == ()
    hands.at += 1
    assert pulse.stalled() == ("the desk: no sign of life for 1801 s",)
    pulse.moves("the desk")
    assert pulse.stalled() == ()
    pulse.ends("the desk")
    pulse.moves("the desk")
    hands.at += 10_000
    assert pulse.stalled() == ()


async def test_the_pages_tell_health_readiness_and_figures(tmp_path, clock):
    """200 while well; readiness is lost with an alarm, health with work that stands still."""
    hands = Hands()
    pulse = Pulse(hands)
    async with vitals(tmp_path, clock, settings=listening(), pulse=pulse) as (shown, store):
        assert await get(shown, "/healthz") == (200, '{"alive": true, "reasons": []}')
        assert (await get(shown, "/readyz"))[0] == 200
        shown._looked = float("-inf")
        store.upkeep.remember("disk_full_since", "2026-03-10T11:00:00.000000Z")
        status, text = await get(shown, "/readyz")
        assert (status, "the disk is full since 2026-03-10 11:00 UTC" in text) == (503, True)
        assert (await get(shown, "/healthz"))[0] == 200
        pulse.begins("polling")
        hands.at += 1_000
        assert (await get(shown, "/healthz"))[0] == 503
        status, text = await get(shown, "/metrics")
        assert status == 200
        assert "newsmonitor_polling_paused 1.0" in text
        assert 'newsmonitor_feeds{state="new"} 1.0' in text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9464", 200),
        ("localhost", 200),
        ("[::1]:9464", 200),
        ("rebound.example:9464", 421),
        ("10.0.0.1", 421),
    ],
)
async def test_the_pages_answer_only_to_names_of_this_machine(tmp_path, clock, host, status):
    """A web page that got its name to point here learns nothing."""
    async with vitals(tmp_path, clock, settings=listening()) as (shown, _):
        assert (await get(shown, "/metrics", host))[0] == status


async def test_an_address_that_is_taken_is_told_with_its_code(tmp_path, clock):
    """C010 names the setting and the address."""
    async with vitals(tmp_path, clock, settings=listening()) as (shown, _):
        other = tmp_path / "other"
        with pytest.raises(InputError, match="C010"):
            async with vitals(other, clock, settings=listening(port=shown.server.port)):
                pass


@asynccontextmanager
async def monitoring(status: int = 200):
    calls: list[str] = []

    async def heard(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(status=status)

    application = web.Application()
    application.router.add_get("/{path:.*}", heard)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/ping/s3cr3t-t0ken", calls
    await runner.cleanup()


def with_heartbeat(tmp_path, address: str) -> str:
    tmp_path.mkdir(parents=True, exist_ok=True)
    (tmp_path / "beat").write_text(address + "\n", encoding="utf-8")
    return f"{SETTINGS}heartbeat: {{url_file: beat, every: 100ms}}\n"


async def test_the_heartbeat_stops_when_digests_stop(tmp_path, clock):
    """Called while all is well; silent from 26 hours without a digest on (P23)."""
    async with monitoring() as (address, calls):
        settings = with_heartbeat(tmp_path, address)
        async with vitals(tmp_path, clock, settings=settings) as (shown, _):
            await asyncio.sleep(0.35)
            assert len(calls) >= 2
            clock.set(clock.now() + timedelta(hours=27))
            shown._looked = float("-inf")
            await asyncio.sleep(0.15)
            calls.clear()
            await asyncio.sleep(0.3)
            assert calls == []


@pytest.mark.parametrize(("status", "word"), [(500, "answered 500"), (302, "answered 302")])
async def test_a_heartbeat_that_is_not_heard_is_told_without_its_address(
    tmp_path, clock, status, word
):
    """The address is a secret; no redirect is followed."""
    heard: list[str] = []
    async with monitoring(status) as (address, _):
        settings = with_heartbeat(tmp_path, address)
        async with vitals(tmp_path, clock, settings=settings, tell=heard.append):
            await asyncio.sleep(0.2)
    assert any(word in one for one in heard)
    assert "s3cr3t" not in "".join(heard)


async def test_a_heartbeat_without_a_usable_address_is_refused(tmp_path, clock):
    """C011, and the address is not shown."""
    settings = with_heartbeat(tmp_path, "ftp://host/s3cr3t")
    with pytest.raises(InputError, match="C011") as told:
        async with vitals(tmp_path, clock, settings=settings):
            pass
    assert "s3cr3t" not in str(told.value)


@pytest.mark.parametrize("kind", [Chorus, Metrics, Silent])
def test_no_event_passes_an_observer_by(kind):
    """Whoever hears events hears all kinds of them."""
    events = {name for name in vars(Observer) if not name.startswith("_")}
    assert events <= set(vars(kind))


def test_the_standing_names_alarms_and_what_else_wants_a_person(tmp_path, clock):
    """A digest that is late and polls that stopped are alarms; a dead letter is not one."""
    setup = load(make_desk(tmp_path, ["https://n.example/rss"]))
    store = Store.writer(setup.database)
    store.feeds.sync(setup.feeds, NOON)
    store.upkeep.began(NOON)
    told = standing(store, setup, NOON)
    assert (told.alarms, told.needs) == ((), ())
    assert status_line(told, setup.settings.digests["daily"].zone) == (
        "1 of 1 feeds well, next digest Wed 07:00 CET"
    )
    store.upkeep.remember("complaint", "feeds.yaml:3: F001")
    late = standing(store, setup, NOON + timedelta(hours=26))
    assert late.alarms == (
        "nothing has been polled yet",
        "the digest 'daily' is more than 2 hours late",
    )
    assert len(late.needs) == len(late.alarms) + 1
    assert "NEEDS A PERSON" in status_line(late, setup.settings.digests["daily"].zone)
    store.close()


def test_a_crash_loop_is_counted_and_told(store):
    """An end without notice is counted at the next start; three in a day need a person."""
    assert store.upkeep.started(NOON) == 0
    assert store.upkeep.started(NOON + timedelta(hours=1)) == 1
    assert store.upkeep.started(NOON + timedelta(hours=2)) == 2
    later = NOON + timedelta(hours=3)
    store.upkeep.ended()
    assert store.upkeep.started(later) == 0
    assert store.upkeep.unclean_starts(later) == 2
    assert "2 times in the last 24 hours" in troubles(store, later)[0]
    assert troubles(store, NOON + timedelta(hours=27)) == ()


async def test_figures_follow_the_events(tmp_path):
    """Counters rise with what is heard."""
    metrics = Metrics("9.9")
    metrics.delivered("room", "m", "sent", "")
    metrics.incident("x")
    text = metrics.text().decode()
    assert 'newsmonitor_delivery_attempts_total{channel="room",state="sent"} 1.0' in text
    assert "newsmonitor_incidents_total 1.0" in text
    assert 'newsmonitor_build_info{version="9.9"} 1.0' in text
    assert Feed("https://n.example/rss", "n", "n", "en").url not in text
