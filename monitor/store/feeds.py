"""Feeds, what is remembered of them, and one row for every poll."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds.health import MOVED_AFTER
from monitor.model import Feed, FeedState, PollOutcome, PollRecord, Validators, Window
from monitor.store.columns import maybe_stamp, maybe_time
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

_REMEMBERED = (
    "etag last_modified next_poll_at why_then last_poll_at last_well_at last_new_at last_full_at"
    " outcome reason failures failing_since body_hash moved_to moves gone interval_s rhythm_s"
    " same_answers lying empties noticed_at recovered_at declared_s skip_hours skip_days by_link"
    " twin"
).split()

#: A poll so far in the future was written by a clock that has been set back since.
AHEAD = timedelta(minutes=1)

_SAVE_STATE = f"UPDATE feeds SET {', '.join(f'{name}=?' for name in _REMEMBERED)} WHERE url=?"  # noqa: S608

_STATES = f"SELECT url, {', '.join(_REMEMBERED)} FROM feeds"  # noqa: S608

_SAVE_FEED = """
INSERT INTO feeds (url, title, outlet, language, country, state_affiliated, expect_s, added_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (url) DO UPDATE SET title=excluded.title, outlet=excluded.outlet,
  language=excluded.language, country=excluded.country,
  state_affiliated=excluded.state_affiliated, expect_s=excluded.expect_s, subscribed=1"""

_SAVE_POLL = """
INSERT INTO polls (feed_id, at, outcome, status, reason, conditional, bytes, elapsed_s, found, new,
  sighted, edited, hits, left_out, possible_gap, next_poll_at, why_then)
SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM feeds WHERE url = ?"""


@dataclass(frozen=True, slots=True)
class WindowTally:
    """What the polls of a window came to."""

    polls: int
    polled: int  #: distinct feeds
    left_out: int
    gap_feeds: tuple[str, ...]  #: titles of feeds with a possible gap


class FeedTable:
    """Rows of feeds and polls."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def sync(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the table follow feeds.yaml; a feed taken out keeps its history."""
        with self._db.transaction():
            self._db.change("UPDATE feeds SET subscribed = 0")
            self._db.write_many(_SAVE_FEED, [(*_columns(feed), stamp(now)) for feed in feeds])

    def states(self) -> dict[str, FeedState]:
        """Return what is remembered of each subscribed feed, by address."""
        rows = self._db.rows(f"{_STATES} WHERE subscribed ORDER BY id")
        return {row["url"]: _state(row) for row in rows}

    def state(self, url: str) -> FeedState:
        row = self._db.row(f"{_STATES} WHERE url = ?", (url,))
        return _state(row) if row else FeedState(url)

    def states_of(self, urls: Sequence[str]) -> dict[str, FeedState]:
        """Return what is remembered of these feeds, by address; nothing of unknown ones."""
        marks = ", ".join("?" * len(urls))
        rows = self._db.rows(f"{_STATES} WHERE url IN ({marks})", list(urls))
        return {row["url"]: _state(row) for row in rows}

    def due(self, now: datetime, beyond: datetime) -> tuple[str, ...]:
        """Return the feeds whose time has come, the longest overdue first.

        A time later than ``beyond`` was written under a wrong clock and does not count.
        """
        rows = self._db.rows(
            "SELECT url FROM feeds WHERE subscribed AND (next_poll_at IS NULL"
            " OR next_poll_at <= ? OR next_poll_at > ?) ORDER BY next_poll_at, id",
            (stamp(now), stamp(beyond)),
        )
        return tuple(row["url"] for row in rows)

    def mend_times(self, now: datetime) -> int:
        """Put right what was written by a clock that was ahead; return how many feeds.

        A feed that was last polled in the future waits its own pause from now on: neither for an
        hour in silence, nor too short for its publisher.
        """
        rows = self._db.rows(
            "SELECT id, last_poll_at, next_poll_at FROM feeds WHERE last_poll_at > ?",
            (stamp(now + AHEAD),),
        )
        if not rows:
            return 0
        with self._db.transaction():
            for row in rows:
                told, last = maybe_time(row["next_poll_at"]), from_stamp(row["last_poll_at"])
                pause = max(told - last, timedelta(0)) if told else timedelta(0)
                self._db.change(
                    "UPDATE feeds SET last_poll_at = ?, next_poll_at = ?,"
                    " why_then = 'the clock was set back' WHERE id = ?",
                    (stamp(now), stamp(now + pause), row["id"]),
                )
        return len(rows)

    def moved(self) -> dict[str, str]:
        """Return where feeds are fetched that have moved for good."""
        rows = self._db.rows(
            "SELECT url, moved_to FROM feeds WHERE moves >= ? AND moved_to IS NOT NULL",
            (MOVED_AFTER,),
        )
        return {row["url"]: row["moved_to"] for row in rows}

    def subscribed_as(self, urls: Sequence[str]) -> tuple[str, ...]:
        """Return those of ``urls`` that are subscribed."""
        marks = ", ".join("?" * len(urls))
        rows = self._db.rows(
            f"SELECT url FROM feeds WHERE subscribed AND url IN ({marks}) ORDER BY id",  # noqa: S608
            list(urls),
        )
        return tuple(row["url"] for row in rows)

    def claim(self, claims: Iterable[tuple[str, datetime, datetime | None]]) -> None:
        """Note feeds that are about to be asked: address, until when, when without validators.

        The caller's transaction, committed before the request goes out: whoever comes after a
        crash does not ask too early.
        """
        self._db.write_many(
            "UPDATE feeds SET next_poll_at = ?, last_full_at = coalesce(?, last_full_at),"
            " why_then = 'it was being asked when the program stopped' WHERE url = ?",
            [(stamp(until), maybe_stamp(full), url) for url, until, full in claims],
        )

    def release(self, states: Iterable[FeedState]) -> None:
        """Take back claims on feeds that were not asked after all; the caller's transaction."""
        self._db.write_many(
            "UPDATE feeds SET next_poll_at = ?, last_full_at = ?, why_then = ? WHERE url = ?",
            [
                (
                    maybe_stamp(one.next_poll_at),
                    maybe_stamp(one.last_full_at),
                    one.why_then,
                    one.url,
                )
                for one in states
            ],
        )

    def subscribed(self) -> tuple[Feed, ...]:
        """Return the feeds as last synced, in the order of the file."""
        rows = self._db.rows("SELECT * FROM feeds WHERE subscribed ORDER BY id")
        return tuple(_feed(row) for row in rows)

    def save(self, state: FeedState, record: PollRecord) -> None:
        """Write the state after a poll and the poll's own row; the caller holds the transaction."""
        self.save_all([(state, record)])

    def save_all(self, polls: Iterable[tuple[FeedState, PollRecord]]) -> None:
        """Write several polls, as :meth:`save` writes one."""
        polls = list(polls)
        self._db.write_many(_SAVE_STATE, [_state_columns(state) for state, _ in polls])
        self._db.write_many(
            _SAVE_POLL,
            [(*_poll_columns(record, state), record.feed_url) for state, record in polls],
        )

    def polls(self, url: str, limit: int = 20) -> tuple[PollRecord, ...]:
        """Return the newest polls of a feed, newest first."""
        rows = self._db.rows(
            "SELECT polls.*, feeds.url FROM polls JOIN feeds ON feeds.id = feed_id WHERE url = ?"
            " ORDER BY at DESC, polls.id DESC LIMIT ?",
            (url, limit),
        )
        return tuple(_record(row) for row in rows)

    def revive(self, url: str) -> None:
        """Forget that a feed fails or is gone: it is polled next. The caller's transaction."""
        self._db.write(
            "UPDATE feeds SET failures = 0, failing_since = NULL, noticed_at = NULL, gone = 0,"
            " by_link = 0, next_poll_at = NULL, why_then = 'revived by hand' WHERE url = ?",
            (url,),
        )

    def hush(self, host: str, until: datetime, why: str) -> None:
        """Remember that a host asked for silence; the caller's transaction."""
        self._db.write(
            "INSERT INTO hosts (host, until, why) VALUES (?, ?, ?) ON CONFLICT (host)"
            " DO UPDATE SET until = max(until, excluded.until), why = excluded.why",
            (host, stamp(until), why),
        )

    def hushed(self, now: datetime) -> frozenset[str]:
        """Return the hosts that asked for silence beyond ``now``."""
        rows = self._db.rows("SELECT host FROM hosts WHERE until > ?", (stamp(now),))
        return frozenset(row["host"] for row in rows)

    def etiquette(self, since: datetime) -> tuple[Row, ...]:
        """Return for each feed: polls, unconditional ones, 304s, bytes, least gap in seconds."""
        return tuple(
            self._db.rows(
                "SELECT url, count(*) AS polls, sum(NOT conditional) AS unconditional,"
                " sum(p.outcome = 'not-modified') AS unchanged, sum(bytes) AS bytes,"
                " min(gap_s) AS gap_s FROM (SELECT *, unixepoch(at) - unixepoch(lag(at) OVER"
                " (PARTITION BY feed_id ORDER BY at)) AS gap_s FROM polls WHERE at >= ?) AS p"
                " JOIN feeds ON feeds.id = p.feed_id GROUP BY feed_id ORDER BY url",
                (stamp(since),),
            )
        )

    def tally(self, window: Window) -> WindowTally:
        """Count the polls of ``window``."""
        between = (stamp(window.start), stamp(window.end))
        counts = self._db.row(
            "SELECT count(*) AS polls, count(DISTINCT feed_id) AS polled,"
            " coalesce(sum(left_out), 0) AS left_out FROM polls WHERE at >= ? AND at < ?",
            between,
        )
        gaps = self._db.rows(
            "SELECT DISTINCT title FROM polls JOIN feeds ON feeds.id = feed_id"
            " WHERE at >= ? AND at < ? AND possible_gap ORDER BY title",
            between,
        )
        assert counts is not None
        names = tuple(row["title"] for row in gaps)
        return WindowTally(counts["polls"], counts["polled"], counts["left_out"], names)


def _columns(feed: Feed) -> tuple[object, ...]:
    return (
        feed.url,
        feed.title,
        feed.outlet,
        feed.language,
        feed.country,
        feed.state_affiliated,
        feed.expect_s,
    )


def _feed(row: Row) -> Feed:
    return Feed(
        url=row["url"],
        title=row["title"],
        outlet=row["outlet"],
        language=row["language"],
        country=row["country"],
        state_affiliated=bool(row["state_affiliated"]),
        expect_s=row["expect_s"],
    )


def _state(row: Row) -> FeedState:
    # Unpacked, since a row looks for each name among all of them.
    (
        url, etag, last_modified, next_poll_at, why_then, last_poll_at, last_well_at, last_new_at,
        last_full_at, outcome, reason, failures, failing_since, body_hash, moved_to, moves, gone,
        interval_s, rhythm_s, same_answers, lying, empties, noticed_at, recovered_at, declared_s,
        skip_hours, skip_days, by_link, twin,
    ) = row  # fmt: skip
    return FeedState(
        url=url,
        validators=Validators(etag, last_modified),
        next_poll_at=maybe_time(next_poll_at),
        why_then=why_then,
        last_poll_at=maybe_time(last_poll_at),
        last_well_at=maybe_time(last_well_at),
        last_new_at=maybe_time(last_new_at),
        last_full_at=maybe_time(last_full_at),
        outcome=PollOutcome(outcome) if outcome else None,
        reason=reason,
        failures=failures,
        failing_since=maybe_time(failing_since),
        body_hash=body_hash,
        moved_to=moved_to,
        moves=moves,
        gone=bool(gone),
        interval_s=interval_s,
        rhythm_s=rhythm_s,
        same_answers=same_answers,
        lying=bool(lying),
        empties=empties,
        noticed_at=maybe_time(noticed_at),
        recovered_at=maybe_time(recovered_at),
        declared_s=declared_s,
        skip_hours=_numbers(skip_hours),
        skip_days=_numbers(skip_days),
        by_link=bool(by_link),
        twin=twin,
    )


def _state_columns(state: FeedState) -> tuple[object, ...]:
    return (
        state.validators.etag,
        state.validators.last_modified,
        maybe_stamp(state.next_poll_at),
        state.why_then,
        maybe_stamp(state.last_poll_at),
        maybe_stamp(state.last_well_at),
        maybe_stamp(state.last_new_at),
        maybe_stamp(state.last_full_at),
        state.outcome,
        state.reason,
        state.failures,
        maybe_stamp(state.failing_since),
        state.body_hash,
        state.moved_to,
        state.moves,
        state.gone,
        state.interval_s,
        state.rhythm_s,
        state.same_answers,
        state.lying,
        state.empties,
        maybe_stamp(state.noticed_at),
        maybe_stamp(state.recovered_at),
        state.declared_s,
        _words(state.skip_hours),
        _words(state.skip_days),
        state.by_link,
        state.twin,
        state.url,
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split())) if text else ()


def _words(numbers: tuple[int, ...]) -> str:
    return " ".join(map(str, numbers)) if numbers else ""


def _poll_columns(record: PollRecord, state: FeedState) -> tuple[object, ...]:
    return (
        stamp(record.at),
        record.outcome,
        record.status,
        record.reason,
        record.conditional,
        record.bytes,
        record.elapsed_s,
        record.found,
        record.new,
        record.sighted,
        record.edited,
        record.hits,
        record.left_out,
        record.possible_gap,
        maybe_stamp(state.next_poll_at),
        state.why_then,
    )


def _record(row: Row) -> PollRecord:
    return PollRecord(
        feed_url=row["url"],
        at=from_stamp(row["at"]),
        outcome=PollOutcome(row["outcome"]),
        status=row["status"],
        reason=row["reason"],
        conditional=bool(row["conditional"]),
        bytes=row["bytes"],
        elapsed_s=row["elapsed_s"],
        found=row["found"],
        new=row["new"],
        sighted=row["sighted"],
        edited=row["edited"],
        hits=row["hits"],
        left_out=row["left_out"],
        possible_gap=bool(row["possible_gap"]),
        next_poll_at=maybe_time(row["next_poll_at"]),
        why_then=row["why_then"],
    )
