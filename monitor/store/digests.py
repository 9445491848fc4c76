"""Digests that were built, and the ledger of their deliveries.

A digest, the stories it shows and its frozen messages are written in one transaction: building it
a second time is impossible, sending it again sends the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.model import Delivery, DeliveryState, Digest, Due, Message, Window
from monitor.store.columns import maybe_time
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

#: A part may go out when all earlier parts for the same reader are there.
_PENDING = """
SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY channel ORDER BY id) AS place
FROM deliveries AS d WHERE state IN ('pending', 'retry') AND due_at <= ?
  AND NOT EXISTS (SELECT 1 FROM deliveries AS e WHERE e.digest_id = d.digest_id
    AND e.channel = d.channel AND e.recipient = d.recipient AND e.part < d.part
    AND e.state != 'sent'))
WHERE place <= 200 ORDER BY id"""


@dataclass(frozen=True, slots=True)
class PastDigest:
    """A digest that was built, as the ledger remembers it."""

    id: str
    profile: str
    local_date: date
    window: Window
    built_at: datetime
    stories: int
    items: int
    hits_upto: int


class DigestTable:
    """Rows of digests, and of the stories each has shown."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def last(self, profile: str) -> PastDigest | None:
        row = self._db.row(
            "SELECT * FROM digests WHERE profile = ? ORDER BY local_date DESC LIMIT 1", (profile,)
        )
        return _past(row) if row else None

    def listed(self, limit: int = 30) -> tuple[PastDigest, ...]:
        rows = self._db.rows("SELECT * FROM digests ORDER BY built_at DESC LIMIT ?", (limit,))
        return tuple(_past(row) for row in rows)

    def shown(self, profile: str, stories: Sequence[int]) -> frozenset[int]:
        """Return those of ``stories`` that an earlier digest of this profile has shown."""
        marks = ", ".join("?" * len(stories))
        rows = self._db.rows(
            "SELECT DISTINCT story_id FROM digest_stories"  # noqa: S608 - marks are question marks
            " JOIN digests ON digests.id = digest_id"
            f" WHERE profile = ? AND story_id IN ({marks})",
            (profile, *stories),
        )
        return frozenset(row["story_id"] for row in rows)

    def freeze(
        self,
        digest: Digest,
        due: Due,
        messages: Sequence[Message],
        hits_upto: int,
        now: datetime,
    ) -> None:
        """Write a digest with everything that will be sent of it, in one transaction."""
        stories = {one.story.id for part in digest.sections for one in part.stories}
        stories |= {one.story.id for one in digest.top}
        with self._db.transaction():
            self._db.write(
                "INSERT INTO digests (id, profile, local_date, window_start, window_end, built_at,"
                " catch_up, stories, items, hits_upto) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    digest.id,
                    due.profile,
                    due.local_date.isoformat(),
                    stamp(due.window.start),
                    stamp(due.window.end),
                    stamp(now),
                    due.catch_up,
                    digest.stories,
                    digest.items,
                    hits_upto,
                ),
            )
            self._db.write_many(
                "INSERT INTO digest_stories (digest_id, story_id) VALUES (?, ?)",
                [(digest.id, story) for story in sorted(stories)],
            )
            self._db.write_many(
                "INSERT INTO deliveries (digest_id, channel, recipient, part, parts, name,"
                " content_type, body, state, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_message_columns(digest.id, message, now) for message in messages],
            )


class Ledger:
    """Rows of deliveries; what :mod:`monitor.delivery` needs to claim, send and record."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def pending(self, now: datetime) -> tuple[Delivery, ...]:
        """Return what is due, in order; a part only when the parts before it are sent."""
        return tuple(_delivery(row) for row in self._db.rows(_PENDING, (stamp(now),)))

    def claim(self, delivery_id: int, now: datetime) -> Delivery | None:
        """Commit the state *sending* before the first byte; None when somebody else was quicker."""
        with self._db.transaction():
            taken = self._db.change(
                "UPDATE deliveries SET state = 'sending', attempts = attempts + 1,"
                " first_tried_at = coalesce(first_tried_at, ?)"
                " WHERE id = ? AND state IN ('pending', 'retry')",
                (stamp(now), delivery_id),
            )
        return self.get(delivery_id) if taken else None

    def sent(self, delivery_id: int, now: datetime) -> None:
        self._end(delivery_id, DeliveryState.SENT, "", now)

    def dead(self, delivery_id: int, error: str, now: datetime) -> None:
        """Give up a part, and with it the parts behind it: they could never go out."""
        with self._db.transaction():
            self._end(delivery_id, DeliveryState.DEAD, error, now)
            self._db.change(
                "UPDATE deliveries SET state = 'dead', error = 'an earlier part was refused',"
                " ended_at = ? WHERE state IN ('pending', 'retry') AND (digest_id, channel,"
                " recipient) = (SELECT digest_id, channel, recipient FROM deliveries WHERE id = ?)"
                " AND part > (SELECT part FROM deliveries WHERE id = ?)",
                (stamp(now), delivery_id, delivery_id),
            )

    def retry(
        self, delivery_id: int, due_at: datetime, error: str, now: datetime, *, repeat: bool = False
    ) -> None:
        """Put a delivery back; ``repeat`` marks that an earlier attempt may have arrived."""
        with self._db.transaction():
            self._db.change(
                "UPDATE deliveries SET state = 'retry', due_at = ?, error = ?,"
                " repeat = max(repeat, ?), ended_at = ? WHERE id = ?",
                (stamp(due_at), error, repeat, stamp(now), delivery_id),
            )

    def recover(self, now: datetime) -> int:
        """Take up what a crash left in *sending*: nobody knows whether it arrived."""
        with self._db.transaction():
            return self._db.change(
                "UPDATE deliveries SET state = 'retry', due_at = ?, repeat = 1,"
                " error = 'interrupted while sending' WHERE state = 'sending'",
                (stamp(now),),
            )

    def get(self, delivery_id: int) -> Delivery | None:
        row = self._db.row("SELECT * FROM deliveries WHERE id = ?", (delivery_id,))
        return _delivery(row) if row else None

    def of_digest(self, digest_id: str) -> tuple[Delivery, ...]:
        rows = self._db.rows(
            "SELECT * FROM deliveries WHERE digest_id = ? ORDER BY id", (digest_id,)
        )
        return tuple(_delivery(row) for row in rows)

    def unsent(self) -> tuple[Delivery, ...]:
        """Return everything that has not arrived: waiting, interrupted, dead."""
        rows = self._db.rows("SELECT * FROM deliveries WHERE state != 'sent' ORDER BY id")
        return tuple(_delivery(row) for row in rows)

    def _end(self, delivery_id: int, state: DeliveryState, error: str, now: datetime) -> None:
        with self._db.transaction():
            self._db.change(
                "UPDATE deliveries SET state = ?, error = ?, ended_at = ? WHERE id = ?",
                (state, error, stamp(now), delivery_id),
            )


def _message_columns(digest_id: str, message: Message, now: datetime) -> tuple[object, ...]:
    return (
        digest_id,
        message.channel,
        message.recipient,
        message.part,
        message.parts,
        message.name,
        message.content_type,
        message.body,
        DeliveryState.PENDING,
        stamp(now),
    )


def _past(row: Row) -> PastDigest:
    return PastDigest(
        id=row["id"],
        profile=row["profile"],
        local_date=date.fromisoformat(row["local_date"]),
        window=Window(from_stamp(row["window_start"]), from_stamp(row["window_end"])),
        built_at=from_stamp(row["built_at"]),
        stories=row["stories"],
        items=row["items"],
        hits_upto=row["hits_upto"],
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        digest_id=row["digest_id"],
        message=Message(
            channel=row["channel"],
            recipient=row["recipient"],
            part=row["part"],
            parts=row["parts"],
            name=row["name"],
            body=row["body"],
            content_type=row["content_type"],
        ),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        due_at=from_stamp(row["due_at"]),
        first_tried_at=maybe_time(row["first_tried_at"]),
        error=row["error"],
        repeat=bool(row["repeat"]),
    )
