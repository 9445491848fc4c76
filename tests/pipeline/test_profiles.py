"""Several readers, several digests: levels, weekdays, empty ones, channels, and what stands beside."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest

from monitor.files import load
from monitor.model import Trend, WatchlistInfo, Window
from monitor.pipeline import Silent
from monitor.pipeline.compose import compose_due, preview
from monitor.pipeline.figures import read_surges, read_trends, usual
from monitor.times import stamp
from tests.books import FEED, make_book
from tests.conftest import NOON
from tests.desk import SETTINGS, WATCHLIST, make_desk

MONDAY = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
BERLIN = "channels: [folder], at: '07:00', timezone: Europe/Berlin"
SEVEN = timedelta(hours=18)  # from noon to the digest of the next day, in Berlin's winter


def make_setup(tmp_path, plan: str, channels: str = ""):
    """A desk with one digest called ``mine``, written as a flow mapping without its braces."""
    text = SETTINGS.replace("channels:\n", f"channels:\n{channels}", 1)
    head, _, _ = text.partition("digests:\n")
    return load(make_desk(tmp_path, [FEED], f"{head}digests:\n  mine: {{{plan}}}\n"))


def days(setup, store, first: datetime, count: int):
    """Ask once an hour for so many days; return the local dates with a digest, and the messages."""
    built = {}
    for hour in range(count * 24):
        for digest in compose_due(setup, store, first + timedelta(hours=hour), Silent()):
            built[digest.id.removeprefix("mine-")] = len(store.ledger.of_digest(digest.id))
    return built


@pytest.mark.parametrize(
    ("when_empty", "sent"),
    [
        pytest.param("always", [3, 3, 3, 3, 3, 3, 3, 3, 3], id="always"),
        pytest.param("never", [3, 0, 0, 0, 0, 0, 0, 0, 0], id="never"),
        pytest.param("weekly", [3, 3, 0, 0, 0, 0, 0, 0, 3], id="weekly"),
    ],
)
def test_an_empty_digest_is_sent_as_the_reader_wishes(tmp_path, when_empty, sent):
    """Weekly: at most one without a story in seven days, counted from what was sent."""
    setup = make_setup(tmp_path, f"{BERLIN}, when_empty: {when_empty}")
    store = make_book(setup, MONDAY)
    assert list(days(setup, store, MONDAY + timedelta(hours=18), 9).values()) == sent
    store.close()


def test_weekdays_leave_the_others_to_the_next_digest(tmp_path):
    """Mondays and Thursdays: what came between is told on the next of them."""
    setup = make_setup(tmp_path, "channels: [folder], at: '07:00', weekdays: [mon, thu]")
    store = make_book(setup, MONDAY)
    built = days(setup, store, MONDAY, 8)
    assert list(built) == ["2026-03-09", "2026-03-12", "2026-03-16"]
    first = next(one for one in store.digests.listed() if one.id == "mine-2026-03-09")
    assert first.stories == 1
    store.close()


@pytest.mark.parametrize(
    ("plan", "stories"),
    [
        pytest.param("level: high", 1, id="a story at the level"),
        pytest.param("level: critical", 0, id="a story below it"),
        pytest.param("watchlists: [drones]", 1, id="a list of the profile"),
    ],
)
def test_a_profile_tells_its_own_levels_and_lists(tmp_path, plan, stories):
    """What is below the level is counted, not told."""
    setup = make_setup(tmp_path, f"channels: [folder], {plan}")
    store = make_book(setup)
    digest = preview(setup, store, "mine", NOON + timedelta(hours=1))
    assert digest.stories == stories
    assert any("below" in one for one in digest.coverage.caps) is (not stories)
    store.close()


def test_a_title_stands_in_the_subject_and_every_channel_gets_its_form(tmp_path):
    """Mail, webhook, Slack and the optional service, each frozen once in what it takes."""
    for name in ("hook", "room", "service"):
        (tmp_path / name).write_text("https://127.0.0.1/x\n", encoding="utf-8")
    channels = (
        "  desk: {type: email, host: 127.0.0.1, from: Watch <w@example.org>, to: [a@example.org,"
        " b@example.org], unsubscribe: 'mailto:stop@example.org'}\n"
        "  hook: {type: webhook, url_file: hook}\n"
        "  room: {type: slack, webhook_file: room}\n"
        "  other: {type: apprise, url_file: service}\n"
    )
    plan = "channels: [desk, hook, room, other], at: '07:00', title: Gas and drones"
    setup = make_setup(tmp_path, plan, channels)
    store = make_book(setup)
    (digest,) = compose_due(setup, store, NOON + SEVEN, Silent())
    frozen = {}
    for one in store.ledger.of_digest(digest.id):
        frozen.setdefault(one.message.channel, []).append(one.message)
    mails = [message_from_bytes(one.body, policy=policy.default) for one in frozen["desk"]]
    assert [mail["To"] for mail in mails] == ["a@example.org", "b@example.org"]
    assert all("Gas and drones" in mail["Subject"] for mail in mails)
    assert all("stop@example.org" in mail["List-Unsubscribe"] for mail in mails)
    (hook,), (other,) = frozen["hook"], frozen["other"]
    assert "Title 1" in json.dumps(json.loads(hook.body))
    assert (hook.content_type, other.content_type) == ("application/json", "text/plain")
    assert b"Title" in other.body
    assert "blocks" in json.loads(frozen["room"][0].body)
    store.close()


def test_a_list_on_trial_has_its_section_and_is_no_story(tmp_path):
    """The reader sees what a new list would bring, apart from what it does bring."""
    setup = make_setup(tmp_path, "channels: [folder], when_empty: never, at: '07:00'")
    trial = WATCHLIST.replace("status: live", "status: test")
    (tmp_path / "watchlists" / "drones.yaml").write_text(trial, encoding="utf-8")
    setup = load(setup.path)
    store = make_book(setup)
    (digest,) = compose_due(setup, store, NOON + SEVEN, Silent())
    assert (digest.stories, [one.watchlist.on_trial for one in digest.sections]) == (0, [True])
    assert store.ledger.of_digest(digest.id)
    store.close()


def test_a_story_shown_before_is_an_update_also_after_a_merge(tmp_path):
    """What was shown under a story that is part of another today was shown."""
    setup = make_setup(tmp_path, "channels: [folder], at: '07:00'")
    store = make_book(setup)
    compose_due(setup, store, NOON + SEVEN, Silent())
    with store.transaction():
        store._db.write("INSERT INTO stories (opened_at, last_at) VALUES ('x', 'x')")
        store._db.change("UPDATE stories SET merged_into = 2, merged_at = ? WHERE id = 1",
                         (stamp(NOON),))  # fmt: skip
    assert store.digests.shown("mine", [2]) == {2}
    assert store.digests.shown("other", [2]) == frozenset()
    store.close()


def test_trends_count_items_by_the_reader_s_days(tmp_path):
    """Fourteen numbers, today last; what was there when watching began is not counted."""
    setup = make_setup(tmp_path, "channels: [folder], timezone: Asia/Tokyo")
    store = make_book(setup, datetime(2026, 3, 9, 16, 0, tzinfo=UTC))  # the 10th in Tokyo
    with store.transaction():
        store._db.change("UPDATE items SET backfill = 1 WHERE id = 3")
    plan = setup.settings.digests["mine"]
    (trend,) = read_trends(store, plan.zone, [WatchlistInfo("drones", "Drones")], NOON)
    assert trend == Trend("drones", (0,) * 13 + (2,))
    assert read_surges(store, NOON) == ()
    (row,) = store.tallies.per_hour(NOON - timedelta(days=2))
    assert row == ("drones", datetime(2026, 3, 9, 16, 0, tzinfo=UTC), 2, 1)
    store.close()


@pytest.mark.parametrize(
    ("watched_days", "expected"),
    [
        pytest.param(5, None, id="nobody knows after four whole days"),
        pytest.param(6, 10.0, id="five whole days tell"),
        pytest.param(60, 10.0, id="no more than two weeks are asked"),
    ],
)
def test_usual_is_the_median_day_for_the_length_of_the_window(watched_days, expected):
    """One wild day does not change it; two days have twice as many."""
    trends = [Trend("a", (*[4] * 12, 400, 9)), Trend("b", (*[6] * 13, 9))]
    began = NOON - timedelta(days=watched_days)
    one_day = Window(NOON - timedelta(days=1), NOON)
    assert usual(trends, ZoneInfo("UTC"), began, one_day, NOON) == expected
    if expected:
        two_days = Window(NOON - timedelta(days=2), NOON)
        assert usual(trends, ZoneInfo("UTC"), began, two_days, NOON) == 2 * expected
