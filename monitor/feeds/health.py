"""What is remembered of a feed after a poll, and how it fares. Pure.

Numbers with their reasons: six failures over a day or more are worth one notice, since most
troubles mend themselves; a permanent redirect counts after three polls in a row, since servers make
mistakes; a 410 counts when it stands a day later, for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.model import FeedState, ParsedFeed, PollOutcome, PollRecord, Validators, Window
from monitor.times import human

NOTICE_FAILURES = 6
NOTICE_REFUSALS = 2
NOTICE_AFTER = timedelta(hours=24)
GONE_AFTER = timedelta(hours=24)
MOVED_AFTER = 3
#: A feed that answers without news for so long, and for four times its rhythm, is silent.
SILENT_AFTER = timedelta(days=3)
SILENT_RHYTHMS = 4
EMPTY_POLLS = 2
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_REFUSALS = {PollOutcome.GONE, PollOutcome.BLOCKED}
#: Weight of the newest gap between two polls with news in the feed's rhythm.
RHYTHM_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a poll that went well brought beside its entries."""

    validators: Validators
    sent: Validators  #: with the request
    body_hash: str = ""
    moved_to: str | None = None
    same_body: bool = False
    empty: bool = False  #: the document had no entry at all
    parsed: ParsedFeed | None = None  #: None where the document is the one from before


@dataclass(frozen=True, slots=True)
class Condition:
    """How a feed fares, in a word, a sentence and a time."""

    word: str
    reason: str
    since: datetime | None = None


def after_failure(state: FeedState, record: PollRecord) -> FeedState:
    """Return what to remember of a poll that brought nothing; validators and items stay."""
    since = state.failing_since or record.at
    failures = state.failures + 1
    is_410 = record.outcome is PollOutcome.GONE
    stood = state.outcome is PollOutcome.GONE and record.at - since >= GONE_AFTER
    # A server that says a plain no is asked so seldom that six times would take a week.
    many = NOTICE_REFUSALS if record.outcome in _REFUSALS else NOTICE_FAILURES
    lasting = failures >= many and record.at - since >= NOTICE_AFTER
    return replace(
        state,
        last_poll_at=record.at,
        last_full_at=state.last_full_at if record.conditional else record.at,
        outcome=record.outcome,
        reason=record.reason,
        failures=failures,
        failing_since=since,
        noticed_at=state.noticed_at or (record.at if lasting else None),
        moves=0 if _has_moved(state) else state.moves,  # the new address may be wrong
        gone=is_410 and (state.gone or stood),
    )


def after_well(state: FeedState, record: PollRecord, fresh: Fresh) -> FeedState:
    """Return what to remember of a poll that was answered as it should be."""
    return replace(
        state,
        validators=fresh.validators,
        body_hash=fresh.body_hash,
        last_poll_at=record.at,
        last_well_at=record.at,
        last_new_at=record.at if record.new else state.last_new_at or record.at,
        last_full_at=state.last_full_at if record.conditional else record.at,
        outcome=record.outcome,
        reason=record.reason,
        failures=0,
        failing_since=None,
        noticed_at=None,
        recovered_at=record.at if state.noticed_at else state.recovered_at,
        gone=False,
        rhythm_s=_rhythm(state, record),
        same_answers=_same_answers(state, record, fresh),
        lying=_lying(state, record, fresh),
        empties=state.empties + 1 if fresh.empty else 0,
        moved_to=state.moved_to if _has_moved(state) else fresh.moved_to or state.moved_to,
        moves=_moves(state, fresh),
        **_wishes(fresh.parsed),
    )


def after_truncated(state: FeedState, record: PollRecord) -> FeedState:
    """Return what to remember of a document that broke off: its items, but no validators."""
    return replace(
        state,
        last_poll_at=record.at,
        last_new_at=record.at if record.new else state.last_new_at,
        last_full_at=state.last_full_at if record.conditional else record.at,
        outcome=record.outcome,
        reason=record.reason,
        failures=0,
        failing_since=state.failing_since or record.at,
    )


def address(url: str, state: FeedState) -> str:
    """Return where to fetch the feed: its own address, or where it has moved for good."""
    return state.moved_to if state.moved_to and _has_moved(state) else url


def condition(state: FeedState, now: datetime, expected_s: float | None = None) -> Condition:
    """Tell how a feed fares; the word is empty when all is well.

    ``expected_s`` is how often the user expects news of it.
    """
    if state.outcome is None:
        return Condition("never polled", "it was not its turn yet")
    if not state.outcome.well:
        word = state.outcome.value.replace("-", " ")
        return Condition(word, state.reason, state.failing_since or state.last_poll_at)
    if state.lying:
        return Condition("lying", "it says 'nothing new' when there is; looked at once a day")
    if state.empties >= EMPTY_POLLS:
        return Condition("silent", "it answers with no entry at all", state.last_new_at)
    if _is_silent(state, now, expected_s):
        return Condition("silent", "it answers, but brings nothing new", state.last_new_at)
    return Condition("", "")


def notes(state: FeedState) -> list[str]:
    """Return what is unusual about a feed without being a trouble."""
    told = []
    if state.moved_to and _has_moved(state):
        told.append(f"has moved to {state.moved_to}")
    if state.by_link:
        told.append("its guids identify nothing, so links do")
    if state.skip_hours:
        told.append(f"asks to be left alone in hours {_listed(state.skip_hours)} UTC")
    if state.skip_days:
        told.append(f"asks to be left alone on {', '.join(_DAYS[day] for day in state.skip_days)}")
    if state.declared_s:
        told.append(f"asks for {human(state.declared_s)} between two polls")
    return told


def notices(title: str, state: FeedState, window: Window) -> list[str]:
    """Return what is told once, in its window, and a move until feeds.yaml is mended."""
    told = []
    if state.noticed_at and window.start <= state.noticed_at < window.end:
        since = state.failing_since or state.noticed_at
        told.append(f"{title} fails since {since:%d %b %H:%M} UTC: {state.reason}")
    if state.recovered_at and window.start <= state.recovered_at < window.end:
        told.append(f"{title} is back")
    if state.moved_to and _has_moved(state) and not state.twin:
        told.append(f"{title} has moved to {state.moved_to}: change its address in feeds.yaml")
    return told


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _has_moved(state: FeedState) -> bool:
    return state.moves >= MOVED_AFTER


def _is_silent(state: FeedState, now: datetime, expected_s: float | None) -> bool:
    if state.last_new_at is None:
        return False
    if expected_s:
        return now - state.last_new_at > timedelta(seconds=expected_s)
    usual = timedelta(seconds=SILENT_RHYTHMS * (state.rhythm_s or 0))
    return now - state.last_new_at > max(SILENT_AFTER, usual)


def _rhythm(state: FeedState, record: PollRecord) -> float | None:
    """Return the smoothed time between two polls that brought news, in seconds."""
    if not record.new or state.last_new_at is None:
        return state.rhythm_s
    gap = (record.at - state.last_new_at).total_seconds()
    if state.rhythm_s is None:
        return gap
    return (1 - RHYTHM_WEIGHT) * state.rhythm_s + RHYTHM_WEIGHT * gap


def _wishes(parsed: ParsedFeed | None) -> dict[str, Any]:
    """Return what the newest document declares; a poll that brought none leaves it as it was."""
    if parsed is None:
        return {}
    return {
        "declared_s": parsed.ttl_s,
        "skip_hours": parsed.skip_hours,
        "skip_days": parsed.skip_days,
    }


def _same_answers(state: FeedState, record: PollRecord, fresh: Fresh) -> int:
    if record.outcome is PollOutcome.NOT_MODIFIED:
        return state.same_answers if fresh.sent.etag is None else 0
    both = fresh.sent.etag and fresh.sent.last_modified
    if fresh.same_body and both:
        return state.same_answers + 1
    return state.same_answers if fresh.sent.etag is None else 0


def _lying(state: FeedState, record: PollRecord, fresh: Fresh) -> bool:
    """New items under the very validators that were to tell of them: the 304s were false."""
    full_look = not record.conditional and bool(state.validators)
    if full_look and record.new and state.outcome is PollOutcome.NOT_MODIFIED:
        return state.lying or fresh.validators == state.validators
    return state.lying and not (record.conditional and record.new)


def _moves(state: FeedState, fresh: Fresh) -> int:
    """Count polls in a row that were redirected for good to one address."""
    if _has_moved(state):
        return state.moves
    if fresh.moved_to is None:
        return 0
    return state.moves + 1 if fresh.moved_to == state.moved_to else 1
