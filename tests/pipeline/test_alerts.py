"""Stories told at once: real feeds, the real store and ledger, a stepped clock."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from monitor.daemon import Service
from monitor.errors import StoreError
from monitor.files import load
from monitor.model import Alert, DeliveryState, Message, MuteKind
from monitor.pipeline import Silent
from tests.books import FEED, make_book
from tests.conftest import NOON
from tests.desk import SETTINGS, WATCHLIST, make_desk
from tests.servers import FeedServer, Shown

DULL = Shown("A quiet day", "dull")
HIT = Shown("Drones reach Russia", "hit", text="Shahed-136 drones were seen in Moscow.")
OTHER = Shown("Moscow shows a drone factory", "other", text="Workers build them in Yelabuga.")
RULE = "alerts:\n  urgent: {{channels: [folder], level: high, cool_down: 4h, wait: 60s{more}}}\n"


class Ear(Silent):
    """Remembers alerts, and why others were none."""

    def __init__(self) -> None:
        self.alerts = []
        self.withheld: list[str] = []

    def alert_built(self, alert, messages) -> None:
        self.alerts.append(alert)

    def not_alerted(self, rule, story, reason, why) -> None:
        self.withheld.append(str(reason))


class Desk:
    """A running service, its feed, and what was heard of it."""

    def __init__(self, config, clock, server) -> None:
        self.config, self.clock, self.server = config, clock, server
        self.ear = Ear()
        self.service: Service

    @asynccontextmanager
    async def open(self):
        async with Service(load(self.config), clock=self.clock, observer=self.ear) as service:
            self.service = service
            yield self

    async def poll(self, *shown: Shown) -> None:
        """Show some entries and poll them."""
        self.server.show("/a", *shown)
        await self.service.poll(list(self.service.setup.feeds))

    async def desk(self, **span: float) -> None:
        """Let time pass and do a round at the desk."""
        self.clock.set(self.clock.now() + timedelta(**span))
        await self.service.desk()

    @property
    def told(self) -> list[list[str]]:
        """The headlines of each alert so far."""
        return [[one.lead.item.title for one in alert.stories] for alert in self.ear.alerts]


@asynccontextmanager
async def at_the_desk(tmp_path, clock, more: str = "", watchlist: str = WATCHLIST):
    """A desk that has polled a dull feed once: what comes from now on is news."""
    server = FeedServer()
    runner = await server.start()
    settings = SETTINGS + RULE.format(more=more)
    config = make_desk(tmp_path, [server.base + "/a"], settings)
    (tmp_path / "watchlists" / "drones.yaml").write_text(watchlist, encoding="utf-8")
    desk = Desk(config, clock, server)
    try:
        async with desk.open():
            await desk.poll(DULL)
            await desk.desk()
            yield desk
    finally:
        await runner.cleanup()


async def test_a_story_at_the_level_is_told_within_two_minutes_and_once(tmp_path, clock):
    """Gathered for a minute, then sent through the ledger; the next rounds say nothing."""
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        await desk.desk(seconds=59)
        assert desk.told == []
        await desk.desk(seconds=1)
        await desk.desk(minutes=10)
        assert desk.told == [["Drones reach Russia"]]
        (alert,) = desk.ear.alerts
        store = desk.service.store
        assert {one.state for one in store.ledger.of_digest(alert.id)} == {DeliveryState.SENT}
        assert [one.reason for one in store.alerts.stories_of(alert.id)] == ["new story"]
        assert (tmp_path / "digests" / f"{alert.id}.txt").exists()


async def test_stories_of_one_minute_are_one_alert(tmp_path, clock):
    """The second comes while the first is held, and goes along."""
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        clock.set(clock.now() + timedelta(seconds=40))
        await desk.poll(OTHER, HIT, DULL)
        await desk.desk(seconds=20)
        (told,) = desk.told
        assert sorted(told) == ["Drones reach Russia", "Moscow shows a drone factory"]


async def test_the_archive_never_alerts(tmp_path, clock):
    """What a feed held at the first poll, and what came before the rule was made, is not news."""
    server = FeedServer()
    runner = await server.start()
    server.show("/a", HIT)
    config = make_desk(tmp_path, [server.base + "/a"], SETTINGS)
    desk = Desk(config, clock, server)
    async with desk.open():
        await desk.poll(HIT)
        clock.set(clock.now() + timedelta(hours=2))
        await desk.poll(OTHER, HIT)
        await desk.desk()
    config.write_text(SETTINGS + RULE.format(more=""), encoding="utf-8")
    async with desk.open():
        await desk.desk()
        await desk.desk(minutes=5)
        assert desk.told == []
        await desk.poll(Shown("Third drone line opens in Russia", "third"), OTHER, HIT)
        await desk.desk()
        await desk.desk(minutes=5)
    await runner.cleanup()
    assert desk.told == [["Third drone line opens in Russia"]]


async def test_backfill_of_a_new_feed_never_alerts(tmp_path, clock):
    """The rule is there from the first start, and the feed holds old news."""
    server = FeedServer()
    runner = await server.start()
    settings = SETTINGS + RULE.format(more="")
    desk = Desk(make_desk(tmp_path, [server.base + "/a"], settings), clock, server)
    async with desk.open():
        await desk.desk()
        await desk.poll(HIT)
        await desk.desk()
        await desk.desk(minutes=5)
    await runner.cleanup()
    assert desk.told == []
    assert desk.ear.withheld == ["backfill"]


async def test_quiet_hours_hold_and_a_restart_forgets_nothing(tmp_path, clock):
    """Two stories of the night are one alert at seven, though the daemon was started anew."""
    clock.set(datetime(2026, 3, 10, 20, 0, tzinfo=UTC))
    more = ', quiet_hours: "22:00-07:00", timezone: Europe/Berlin'
    async with at_the_desk(tmp_path, clock, more) as desk:
        clock.set(datetime(2026, 3, 10, 23, 0, tzinfo=UTC))
        await desk.poll(HIT, DULL)
        await desk.desk()
        server = desk.server
    desk = Desk(tmp_path / "newsmonitor.yaml", clock, server)
    async with desk.open():
        clock.set(datetime(2026, 3, 11, 5, 59, tzinfo=UTC))
        await desk.desk()
        assert desk.told == []
        assert desk.service.store.alerts.held() == {"urgent": 1}
        await desk.desk(minutes=1)
        assert desk.told == [["Drones reach Russia"]]
        assert desk.service.store.alerts.held() == {}


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        pytest.param(MuteKind.WATCHLIST, "drones", id="its watchlist"),
        pytest.param(MuteKind.STORY, "1", id="the story"),
        pytest.param(MuteKind.OUTLET, "Outlet 1", id="its only outlet"),
    ],
)
async def test_what_is_muted_alerts_nobody_and_the_digest_says_so(tmp_path, clock, kind, target):
    """Silence in alerts and digest; the health of the digest names it, its reason and its end."""
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        now = clock.now()
        desk.service.store.mutes.begin(kind, target, "we know", now + timedelta(days=7), now)
        await desk.desk(minutes=5)
        assert desk.told == []
        assert "muted" in desk.ear.withheld
        clock.set(datetime(2026, 3, 11, 6, 0, tzinfo=UTC))
        (digest,), _ = await desk.service.desk()
        assert digest.stories == 0
        (said,) = [one for one in digest.coverage.caps if "we know" in one]
        assert "until 17 Mar 13:00" in said


async def test_a_mute_ends_by_itself(tmp_path, clock):
    """What comes after its end is told; what came before is not told later."""
    async with at_the_desk(tmp_path, clock) as desk:
        store, now = desk.service.store, clock.now()
        store.mutes.begin(MuteKind.WATCHLIST, "drones", "busy", now + timedelta(hours=1), now)
        await desk.poll(HIT, DULL)
        await desk.desk(minutes=30)
        await desk.desk(minutes=31)
        assert desk.told == []
        await desk.poll(OTHER, HIT, DULL)
        await desk.desk()
        await desk.desk(minutes=2)
        assert desk.told == [["Moscow shows a drone factory"]]
        assert store.mutes.active(clock.now()) == ()
        assert len(store.mutes.listed()) == 1


async def test_a_list_on_trial_never_alerts(tmp_path, clock):
    """Its hits stand in a section of the digest and do not wake anybody."""
    trial = WATCHLIST.replace("status: live", "status: test")
    async with at_the_desk(tmp_path, clock, watchlist=trial) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        await desk.desk(minutes=5)
        assert desk.told == []
        clock.set(datetime(2026, 3, 11, 6, 0, tzinfo=UTC))
        (digest,), _ = await desk.service.desk()
        shown = [one.watchlist for one in digest.sections if one.stories]
        assert [(one.name, one.on_trial) for one in shown] == [("drones", True)]
        assert digest.stories == 0


async def test_the_digest_says_what_was_alerted(tmp_path, clock):
    """A reader of both knows what he has seen."""
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        await desk.desk(minutes=2)
        alerted = clock.now()
        clock.set(datetime(2026, 3, 11, 6, 0, tzinfo=UTC))
        (digest,), _ = await desk.service.desk()
        stories = [*digest.top, *(one for part in digest.sections for one in part.stories)]
        assert [one.alerted_at for one in stories] == [alerted]


async def test_another_article_of_a_told_story_is_no_second_alert(tmp_path, clock):
    """The same words again add nothing, during the cool-down and after it."""
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        await desk.desk(minutes=2)
        again = Shown(HIT.title, "again", text=HIT.text)
        await desk.poll(again, HIT, DULL)
        await desk.desk()
        await desk.desk(hours=5)
        await desk.desk(minutes=5)
        assert len(desk.told) == 1
        assert desk.service.store.alerts.held() == {}


async def test_an_update_is_told_after_the_cool_down_with_what_it_added(tmp_path, clock):
    """Held for four hours from the alert, then told with the reason; an hour later nothing more."""
    more = Shown(
        "Drones reach Russia, 6,000 more ordered",
        "more",
        text="Shahed-136 drones were seen in Moscow. Russia has ordered 6,000 more.",
    )
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        await desk.desk(minutes=2)
        await desk.poll(more, HIT, DULL)
        await desk.desk(minutes=2)
        await desk.desk(hours=3)
        assert len(desk.told) == 1
        assert desk.service.store.alerts.held() == {"urgent": 1}
        await desk.desk(hours=1)
        await desk.desk(hours=1)
        assert desk.told == [["Drones reach Russia"], ["Drones reach Russia, 6,000 more ordered"]]
        store = desk.service.store
        first, second = (store.alerts.stories_of(one.id) for one in desk.ear.alerts)
        assert first[0].story_id == second[0].story_id
        assert second[0].reason.startswith("update: ")
        assert "6,000" in second[0].reason


def test_an_alert_that_cannot_be_written_whole_is_not_written_at_all(tmp_path):
    """What was held is held on: the next round tells it."""
    store = make_book(load(make_desk(tmp_path, [FEED])))
    store.alerts.advance("urgent", 3, [1, 2, 3], NOON)
    alert = Alert("urgent-1", "urgent", NOON, "UTC", (), ())
    twice = [Message("folder", "folder", 1, 1, "x", b"x", "text/plain")] * 2
    with pytest.raises(StoreError):
        store.alerts.freeze(alert, {1, 2, 3}, twice, NOON)
    assert (store.alerts.held(), store.alerts.listed(), store.ledger.listed()) == (
        {"urgent": 3},
        (),
        (),
    )
    store.close()


async def test_a_rule_that_is_gone_leaves_nothing_behind(tmp_path, clock):
    """What it held is forgotten, and made anew it begins at the present."""
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        assert desk.service.store.alerts.held() == {"urgent": 1}
        desk.config.write_text(SETTINGS, encoding="utf-8")
        await desk.service.reload()
        await desk.desk(minutes=5)
        assert desk.service.store.alerts.rules() == frozenset()
        assert desk.service.store.alerts.held() == {}
        desk.config.write_text(SETTINGS + RULE.format(more=""), encoding="utf-8")
        await desk.service.reload()
        await desk.desk(minutes=5)
        await desk.desk(minutes=5)
        assert desk.told == []


async def test_a_list_that_is_taken_away_while_its_hits_are_held_alerts_no_more(tmp_path, clock):
    """No alert without a story, and nothing is held for ever."""
    async with at_the_desk(tmp_path, clock) as desk:
        await desk.poll(HIT, DULL)
        await desk.desk()
        retired = WATCHLIST.replace("status: live", "status: retired")
        (tmp_path / "watchlists" / "drones.yaml").write_text(retired, encoding="utf-8")
        await desk.service.reload()
        await desk.desk(minutes=2)
        assert desk.told == []
        assert desk.service.store.alerts.held() == {}
        assert desk.service.store.alerts.listed() == ()


async def test_an_urgent_alert_calls_the_room_and_a_digest_does_not(tmp_path, clock):
    """``mention`` of a Slack channel stands in alerts only."""
    (tmp_path / "hook").write_text("http://127.0.0.1:9/hook\n", encoding="utf-8")
    async with at_the_desk(tmp_path, clock) as desk:
        text = desk.config.read_text(encoding="utf-8").replace("[folder]", "[room]")
        room = 'channels:\n  room: {type: slack, webhook_file: hook, mention: "<!here>"}\n'
        desk.config.write_text(text.replace("channels:\n", room, 1), encoding="utf-8")
        await desk.service.reload()
        await desk.poll(HIT, DULL)
        await desk.desk()
        await desk.desk(minutes=2)
        clock.set(datetime(2026, 3, 11, 6, 0, tzinfo=UTC))
        (digest,), _ = await desk.service.desk()
        ledger = desk.service.store.ledger
        alert = [json.loads(one.message.body) for one in ledger.of_digest(desk.ear.alerts[0].id)]
        daily = [json.loads(one.message.body) for one in ledger.of_digest(digest.id)]
        assert "<!here>" in json.dumps(alert)
        assert "<!here>" not in json.dumps(daily)
