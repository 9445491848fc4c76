"""Which stories are told at once, which are held, and the reason for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from monitor.digests.alerting import (
    Candidate,
    Reason,
    Rule,
    Told,
    cooling,
    decide,
    order,
    quiet_until,
    sift,
)
from monitor.digests.muting import muted_by, sentences
from monitor.model import (
    Dossier,
    Hit,
    Item,
    Level,
    Member,
    Mute,
    MuteKind,
    Part,
    Role,
    Sighting,
    Story,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
RULE = Rule(
    name="urgent",
    level=Level.HIGH,
    lists={"drones": 0.0, "gas": 6 * 3600.0},
    on_trial=frozenset({"young"}),
    zone=BERLIN,
    cool_down_s=4 * 3600,
    wait_s=60,
)


def hit(number: int = 1, watchlist: str = "drones", level: Level = Level.HIGH) -> Hit:
    return Hit(number, number, watchlist, level, 1.0, (), NOW, story_id=7)


def member(one: Hit, outlet: str = "Example News") -> Member:
    item = Item(one.item_id, f"Headline {one.item_id}", "", first_seen_at=NOW)
    return Member(item, (one,), (Sighting(one.item_id, "https://a.example/rss", outlet, NOW),))


def candidate(*hits: Hit, fresh: set[int] | None = None, **more) -> Candidate:
    """Return a story of items with one hit each; all of them fresh unless it is said."""
    story = Story(more.pop("number", 7), tuple(member(one) for one in hits))
    known = frozenset(one.id for one in hits) if fresh is None else frozenset(fresh)
    return Candidate(story, known, more.pop("since", NOW - timedelta(minutes=5)), **more)


def told(hours_ago: float, level: Level = Level.HIGH) -> tuple[Told, ...]:
    return (Told(NOW - timedelta(hours=hours_ago), level),)


def dossier(*roles: Role) -> Dossier:
    return Dossier(
        parts=tuple(
            Part(number, role, 0, ("number: 6,000",) if role is Role.UPDATE else ())
            for number, role in enumerate(roles, 1)
        )
    )


@pytest.mark.parametrize(
    ("one", "backfill", "reason"),
    [
        pytest.param(hit(), False, None, id="a fresh hit at the level is wanted"),
        pytest.param(hit(level=Level.CRITICAL), False, None, id="and so is one above it"),
        pytest.param(hit(level=Level.MEDIUM), False, Reason.BELOW_LEVEL, id="below the level"),
        pytest.param(hit(watchlist="other"), False, Reason.OTHER_LIST, id="of another list"),
        pytest.param(hit(watchlist="young"), False, Reason.ON_TRIAL, id="of a list on trial"),
        pytest.param(hit(), True, Reason.BACKFILL, id="there when watching began"),
    ],
)
def test_a_rule_wants_only_what_is_its_own(one, backfill, reason):
    """What is not wanted is left to the digest, with the reason."""
    assert sift(RULE, one, backfill=backfill) is reason


MUTE = Mute(1, MuteKind.WATCHLIST, "drones", "holidays", NOW)
OLD_AND_NEW = (hit(1), hit(2))


@pytest.mark.parametrize(
    ("one", "reason", "why"),
    [
        pytest.param(candidate(hit()), Reason.NEW_STORY, "new story", id="a story nobody told"),
        pytest.param(
            candidate(*OLD_AND_NEW, fresh={2}, dossier=dossier(Role.FIRST, Role.REPORT)),
            Reason.NEW_STORY,
            "new in a story of 2",
            id="own words in a story from before the rule",
        ),
        pytest.param(
            candidate(*OLD_AND_NEW, fresh={2}, dossier=dossier(Role.FIRST, Role.COPY)),
            Reason.NOTHING_NEW,
            "only copies of what was there before",
            id="a copy of what was there before",
        ),
        pytest.param(
            candidate(*OLD_AND_NEW, dossier=dossier(Role.FIRST, Role.COPY)),
            Reason.NEW_STORY,
            "new story",
            id="a new story with a copy of it",
        ),
        pytest.param(
            candidate(*OLD_AND_NEW, fresh={2}, told=told(5), dossier=dossier(Role.FIRST, Role.UPDATE)),
            Reason.UPDATE,
            "update: number: 6,000",
            id="an update after the cool-down",
        ),
        pytest.param(
            candidate(*OLD_AND_NEW, fresh={2}, told=told(3), dossier=dossier(Role.FIRST, Role.UPDATE)),
            Reason.COOL_DOWN,
            "told already, again from 10 Mar 14:00",
            id="an update within the cool-down",
        ),
        pytest.param(
            candidate(*OLD_AND_NEW, fresh={2}, told=told(5), dossier=dossier(Role.FIRST, Role.REPORT)),
            Reason.NOTHING_NEW,
            "told already, nothing added",
            id="another report after the cool-down",
        ),
        pytest.param(
            candidate(hit(1), hit(2, level=Level.CRITICAL), fresh={2}, told=told(1)),
            Reason.RISEN,
            "now critical, was high",
            id="a higher level breaks the cool-down",
        ),
        pytest.param(
            candidate(hit(), mute=MUTE), Reason.MUTED, "watchlist muted: holidays", id="muted"
        ),
        pytest.param(
            candidate(hit(), since=NOW - timedelta(seconds=59)),
            Reason.GATHERING,
            "others may join",
            id="a minute to gather",
        ),
        pytest.param(
            candidate(hit(), since=NOW + timedelta(hours=1)),
            Reason.NEW_STORY,
            "new story",
            id="a clock set back holds nothing",
        ),
    ],
)  # fmt: skip
def test_each_story_is_told_held_or_dropped_for_a_reason(one, reason, why):
    """The reason is for the reader of the alert, for the log and for whoever wonders."""
    (ruling,) = decide(RULE, [one], NOW)
    assert (ruling.reason, ruling.why) == (reason, why)
    assert [ruling.reason.is_told, ruling.reason.is_held].count(True) <= 1


def test_a_list_may_ask_for_a_longer_silence_than_the_rule():
    """``quiet: {same-story: 6h}`` of the watchlist counts where it is longer than the rule's."""
    five_hours_ago = told(5)
    assert not cooling(RULE, [hit()], five_hours_ago, NOW)
    assert cooling(RULE, [hit(watchlist="gas")], five_hours_ago, NOW)
    assert not cooling(RULE, [hit(watchlist="gas")], told(6), NOW)


def test_an_alert_from_the_future_keeps_no_story_silent():
    """A clock that was years ahead must not silence a story for years."""
    assert not cooling(RULE, [hit()], told(-24 * 365), NOW)


def test_stories_are_gathered_from_the_first_for_a_minute():
    """What comes within the minute goes along; the minute is not begun anew."""
    first = candidate(hit(1), number=1, since=NOW)
    second = candidate(hit(2), number=2, since=NOW + timedelta(seconds=50))
    early = decide(RULE, [first, second], NOW + timedelta(seconds=59))
    assert {one.reason for one in early} == {Reason.GATHERING}
    late = decide(RULE, [first, second], NOW + timedelta(seconds=60))
    assert {one.reason for one in late} == {Reason.NEW_STORY}


def test_the_weightiest_story_is_told_first():
    """Level before age."""
    old, high = candidate(hit(1), number=1), candidate(hit(2, level=Level.CRITICAL), number=2)
    assert [one.candidate.story.id for one in order(decide(RULE, [old, high], NOW))] == [2, 1]


NIGHT = replace(RULE, quiet=(time(22), time(7)))


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        pytest.param((22, 7), "2026-03-10T20:59+00:00", None, id="a minute before"),
        pytest.param((22, 7), "2026-03-10T21:00+00:00", "2026-03-11T06:00+00:00", id="it begins"),
        pytest.param((22, 7), "2026-03-11T05:59+00:00", "2026-03-11T06:00+00:00", id="at its end"),
        pytest.param((22, 7), "2026-03-11T06:00+00:00", None, id="it ends"),
        pytest.param((12, 14), "2026-03-10T11:30+00:00", "2026-03-10T13:00+00:00", id="at noon"),
        pytest.param(
            (22, 7), "2026-03-29T00:30+00:00", "2026-03-29T05:00+00:00", id="the night of 23 hours"
        ),
        pytest.param(
            (22, 7), "2026-10-25T00:30+00:00", "2026-10-25T06:00+00:00", id="the night of 25 hours"
        ),
        pytest.param(
            (1, 3), "2026-10-25T01:30+00:00", "2026-10-25T02:00+00:00", id="the hour that comes twice"
        ),
        pytest.param((1, 3), "2026-10-25T02:00+00:00", None, id="and not a third time"),
        pytest.param(
            (2, 3), "2026-03-29T01:00+00:00", None, id="quiet hours that a night leaves out"
        ),
    ],
)  # fmt: skip
def test_quiet_hours_follow_the_wall_clock_through_both_nights(quiet, now, until):
    """They end once, at the first moment at which the clock shows their end."""
    rule = replace(RULE, quiet=(time(quiet[0]), time(quiet[1])))
    wanted = datetime.fromisoformat(until) if until else None
    assert quiet_until(rule, datetime.fromisoformat(now)) == wanted


def test_quiet_hours_end_once_in_every_zone():
    """Hour by hour over the nights on which most clocks change: what is held is let go for good."""
    nights = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 7), (3, 28), (10, 24), (10, 31))]
    for name in sorted(available_timezones()):
        rule = replace(NIGHT, zone=ZoneInfo(name))
        for hour in (night + timedelta(hours=n) for night in nights for n in range(0, 48, 7)):
            end = quiet_until(rule, hour)
            if end is not None:
                assert end > hour, (name, hour)
                assert end - hour <= timedelta(hours=10), (name, hour)
                assert quiet_until(rule, end) is None, (name, hour)


def test_the_night_holds_what_was_ready_and_says_until_when():
    """A story that would be told waits; what has nothing new is dropped all the same."""
    night = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    ready = candidate(hit(1), number=1)
    stale = candidate(hit(2), number=2, told=told(50), dossier=dossier(Role.FIRST, Role.COPY))
    held, dropped = decide(NIGHT, [ready, stale], night)
    assert (held.reason, held.why) == (Reason.QUIET_HOURS, "quiet hours until 07:00")
    assert dropped.reason is Reason.NOTHING_NEW


@pytest.mark.parametrize(
    ("mutes", "found"),
    [
        pytest.param([], None, id="nothing is muted"),
        pytest.param([("story", "7")], 1, id="the story is"),
        pytest.param([("story", "8")], None, id="another story is"),
        pytest.param([("watchlist", "drones")], None, id="one of its lists is"),
        pytest.param([("watchlist", "drones"), ("watchlist", "gas")], 1, id="all its lists are"),
        pytest.param([("outlet", "One")], None, id="one of its outlets is"),
        pytest.param([("outlet", "One"), ("outlet", "Two")], 1, id="all its outlets are"),
        pytest.param([("outlet", "One"), ("watchlist", "gas")], 1, id="between them they are"),
    ],
)
def test_a_story_is_muted_when_nothing_fresh_is_left_of_it(mutes, found):
    """A story that another list or outlet brings as well is told."""
    story = Story(7, (member(hit(1), "One"), member(hit(2, "gas"), "Two")))
    given = [
        Mute(n, MuteKind(kind), target, "a reason", NOW)
        for n, (kind, target) in enumerate(mutes, 1)
    ]
    mute = muted_by(story, {1, 2}, given)
    assert (mute.id if mute else None) == found


def test_a_mute_is_told_with_its_end_its_reason_and_how_to_end_it():
    """Silence must never look like no news; a list of another profile is not this reader's."""
    mutes = [
        Mute(1, MuteKind.WATCHLIST, "drones", "holidays\r\nX-Forged: 1", NOW, NOW + timedelta(7)),
        Mute(2, MuteKind.OUTLET, "Example Daily", "reprints", NOW),
        Mute(3, MuteKind.WATCHLIST, "somebody-elses", "no", NOW),
    ]
    drones, outlet = sentences(mutes, {"drones": "Drones for Russia"}, BERLIN)
    assert drones.startswith("Muted: watchlist Drones for Russia, until 17 Mar 13:00 CET. ")
    assert drones.endswith("Reason: holidays X-Forged: 1 (newsmonitor mute end 1)")
    assert outlet == (
        "Muted: outlet Example Daily, with no end set. Reason: reprints (newsmonitor mute end 2)"
    )
