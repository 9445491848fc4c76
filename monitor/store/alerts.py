"""Alerts that were sent, and the hits that a rule holds back for a while.

A rule follows the ids of hits, as digests do. What it holds is written down hit by hit, so that
nothing is lost over a restart, and a story that is merged into another takes its hits along.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Alert, Level, Message
from monitor.store.database import Connection, Row
from monitor.store.ledger import Ledger
from monitor.times import from_stamp, stamp

#: Stories with all that were merged into them: an alert of one of these was an alert of it.
_PAST = """
WITH RECURSIVE kin(id, root) AS (
  SELECT id, id FROM stories WHERE id IN (SELECT value FROM json_each(?))
  UNION SELECT s.id, kin.root FROM stories AS s JOIN kin ON s.merged_into = kin.id)
SELECT a.id AS alert_id, a.at, t.level, t.reason, kin.root AS story_id FROM kin
  JOIN alert_stories AS t ON t.story_id = kin.id JOIN alerts AS a ON a.id = t.alert_id
  WHERE ? IN ('', a.rule) AND a.at >= ? ORDER BY a.at DESC, a.id DESC"""


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert that was sent, as the ledger remembers it."""

    id: str
    rule: str
    at: datetime
    stories: int


@dataclass(frozen=True, slots=True)
class AlertedStory:
    """One story of a past alert."""

    alert_id: str
    story_id: int  #: the story it belongs to today
    at: datetime
    level: Level
    reason: str


class AlertTable:
    """Rows of alerts, their stories, and what waits to be told."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._ledger = Ledger(connection)

    def cursor(self, rule: str) -> int | None:
        """Return the id of the last hit that the rule has looked at; None for a new rule."""
        found = self._db.scalar("SELECT value FROM memory WHERE key = ?", (_key(rule),))
        return None if found is None else int(found)

    def advance(self, rule: str, upto: int, wanted: Sequence[int], now: datetime) -> None:
        """Note that the rule has looked at all hits up to ``upto`` and wants some of them told."""
        with self._db.transaction():
            self._db.write_many(
                "INSERT INTO alert_waiting (rule, hit_id, since) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [(rule, hit, stamp(now)) for hit in wanted],
            )
            self._db.write(
                "INSERT INTO memory (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (_key(rule), str(upto)),
            )

    def waiting(self, rule: str) -> dict[int, tuple[int, datetime]]:
        """Return what the rule holds: hit → its story of today and since when it is held."""
        rows = self._db.rows(
            "SELECT hit_id, story_id, since FROM alert_waiting JOIN hits ON hits.id = hit_id"
            " WHERE rule = ? AND story_id IS NOT NULL ORDER BY hit_id",
            (rule,),
        )
        return {row["hit_id"]: (row["story_id"], from_stamp(row["since"])) for row in rows}

    def release(self, rule: str, hits: Collection[int]) -> None:
        """Forget hits that need no longer be told by this rule."""
        with self._db.transaction():
            self._db.write_many(
                "DELETE FROM alert_waiting WHERE rule = ? AND hit_id = ?",
                [(rule, hit) for hit in sorted(hits)],
            )

    def rules(self) -> frozenset[str]:
        """Return the rules that have looked at hits."""
        rows = self._db.rows("SELECT key FROM memory WHERE key LIKE 'alerts-upto:%'")
        return frozenset(row["key"].removeprefix(_key("")) for row in rows)

    def keep_only(self, rules: Collection[str]) -> None:
        """Forget what rules have held that are no longer in the settings, and where they stood."""
        with self._db.transaction():
            self._db.change(
                "DELETE FROM alert_waiting WHERE rule NOT IN (SELECT value FROM json_each(?))",
                (json.dumps(list(rules)),),
            )
            self._db.change(
                "DELETE FROM memory WHERE key LIKE 'alerts-upto:%'"
                " AND key NOT IN (SELECT value FROM json_each(?))",
                (json.dumps([_key(rule) for rule in rules]),),
            )

    def freeze(
        self,
        alert: Alert,
        hits: Collection[int],
        messages: Sequence[Message],
        now: datetime,
    ) -> None:
        """Write an alert, what it told and all that will be sent of it, in one transaction."""
        told = zip(alert.stories, alert.reasons, strict=True)
        with self._db.transaction():
            self._db.write(
                "INSERT INTO alerts (id, rule, at, stories) VALUES (?, ?, ?, ?)",
                (alert.id, alert.rule, stamp(now), len(alert.stories) + alert.left_out),
            )
            self._db.write_many(
                "INSERT INTO alert_stories (alert_id, story_id, level, reason) VALUES (?, ?, ?, ?)",
                [(alert.id, one.story.id, int(one.level), reason) for one, reason in told],
            )
            self.release(alert.rule, hits)
            self._ledger.add(alert.id, messages, now)

    def past(
        self, story_ids: Sequence[int], *, rule: str = "", since: datetime | None = None
    ) -> dict[int, tuple[AlertedStory, ...]]:
        """Return the alerts of these stories, the newest first, of one rule or of all."""
        wanted = json.dumps(list(story_ids))
        rows = self._db.rows(_PAST, (wanted, rule, stamp(since) if since else ""))
        found: dict[int, list[AlertedStory]] = {}
        for row in rows:
            found.setdefault(row["story_id"], []).append(_alerted(row))
        return {story: tuple(alerts) for story, alerts in found.items()}

    def listed(self, limit: int = 30) -> tuple[PastAlert, ...]:
        rows = self._db.rows("SELECT * FROM alerts ORDER BY at DESC, id DESC LIMIT ?", (limit,))
        return tuple(_past(row) for row in rows)

    def get(self, alert_id: str) -> PastAlert | None:
        row = self._db.row("SELECT * FROM alerts WHERE id = ?", (alert_id,))
        return _past(row) if row else None

    def stories_of(self, alert_id: str) -> tuple[AlertedStory, ...]:
        rows = self._db.rows(
            "SELECT t.*, a.at FROM alert_stories AS t JOIN alerts AS a ON a.id = t.alert_id"
            " WHERE a.id = ? ORDER BY t.level DESC, t.story_id",
            (alert_id,),
        )
        return tuple(_alerted(row) for row in rows)

    def held(self) -> Mapping[str, int]:
        """Count the hits that wait, per rule."""
        rows = self._db.rows("SELECT rule, count(*) AS hits FROM alert_waiting GROUP BY rule")
        return {row["rule"]: row["hits"] for row in rows}


def _key(rule: str) -> str:
    return f"alerts-upto:{rule}"


def _past(row: Row) -> PastAlert:
    return PastAlert(row["id"], row["rule"], from_stamp(row["at"]), row["stories"])


def _alerted(row: Row) -> AlertedStory:
    return AlertedStory(
        row["alert_id"], row["story_id"], from_stamp(row["at"]), Level(row["level"]), row["reason"]
    )
