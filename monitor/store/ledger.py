"""Rows of deliveries: the ledger of what was sent, what waits and what was given up.

Every method has committed when it returns. It remembers and decides nothing; when a failed attempt
comes due again is said by :mod:`monitor.delivery`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from monitor.model import Delivery, DeliveryState, Message
from monitor.store.columns import maybe_time
from monitor.store.database import Connection, Row
from monitor.times import from_stamp, stamp

INTERRUPTED = "interrupted while sending"

#: A part may go out when all earlier parts for the same reader are there, or need not be.
_PENDING = """
SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY channel ORDER BY id) AS place
FROM deliveries AS d WHERE state IN ('pending', 'retry') AND due_at <= ?
  AND NOT EXISTS (SELECT 1 FROM deliveries AS e WHERE e.digest_id = d.digest_id
    AND e.channel = d.channel AND e.recipient = d.recipient AND e.part < d.part
    AND e.state NOT IN ('sent', 'dropped')))
WHERE place <= 200 ORDER BY id"""

#: The parts behind one delivery, for the same reader.
_BEHIND = """
SELECT d.id FROM deliveries AS f JOIN deliveries AS d ON d.digest_id = f.digest_id
 AND d.channel = f.channel AND d.recipient = f.recipient AND d.part > f.part WHERE f.id = ?"""
_FRONT_REFUSED = "an earlier part was refused"


class Ledger:
    """Rows of deliveries; what :mod:`monitor.delivery` needs to claim, send and record."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, owner: str, messages: Sequence[Message], now: datetime) -> None:
        """Write frozen messages of the digest, alert or notice ``owner``, due at once."""
        with self._db.transaction():
            self._db.write_many(
                "INSERT INTO deliveries (digest_id, channel, recipient, part, parts, name,"
                " content_type, body, state, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_message_columns(owner, message, now) for message in messages],
            )

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
            for behind in self._behind(delivery_id):
                self._db.change(
                    "UPDATE deliveries SET state = 'dead', error = ?, ended_at = ?"
                    " WHERE id = ? AND state IN ('pending', 'retry')",
                    (_FRONT_REFUSED, stamp(now), behind),
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

    def hold(self, delivery_id: int, error: str, now: datetime) -> None:
        """Keep a delivery that may have arrived until a person decides."""
        self._end(delivery_id, DeliveryState.UNCERTAIN, error, now)

    def recover(self, now: datetime, hold: Collection[str] = ()) -> int:
        """Take up what a crash left in *sending*: nobody knows whether it arrived.

        What went to a channel named in ``hold`` waits for a person, the rest is due at once.
        """
        with self._db.transaction():
            cut_off = self._db.rows("SELECT id, channel FROM deliveries WHERE state = 'sending'")
            for row in cut_off:
                if row["channel"] in hold:
                    self.hold(row["id"], INTERRUPTED, now)
                else:
                    self.retry(row["id"], now, INTERRUPTED, now, repeat=True)
        return len(cut_off)

    def resend(self, delivery_id: int, now: datetime) -> Delivery | None:
        """Make a held, given up or dropped delivery due again, by a person's word.

        It has its full time again. The parts that were given up with it come behind it. None when
        there is no such delivery, or when it is on its way or there already.
        """
        with self._db.transaction():
            taken = self._db.change(
                "UPDATE deliveries SET state = 'retry', due_at = ?, first_tried_at = NULL,"
                " repeat = max(repeat, state = 'uncertain'), told = 0"
                " WHERE id = ? AND state IN ('uncertain', 'dead', 'dropped')",
                (stamp(now), delivery_id),
            )
            if taken:
                for behind in self._behind(delivery_id):
                    self._db.change(
                        "UPDATE deliveries SET state = 'pending', due_at = ?, error = '', told = 0"
                        " WHERE id = ? AND state = 'dead' AND error = ?",
                        (stamp(now), behind, _FRONT_REFUSED),
                    )
        return self.get(delivery_id) if taken else None

    def drop(self, delivery_id: int, reason: str, now: datetime) -> Delivery | None:
        """Send a delivery no more, by a person's word; the parts behind it go on.

        With a dead letter those parts are dropped that were given up because of it. None when there
        is no such delivery, when it is being sent, or when it is settled.
        """
        said = f"dropped: {reason}" if reason else "dropped"
        with self._db.transaction():
            taken = self._db.change(
                "UPDATE deliveries SET state = 'dropped', error = ?, ended_at = ?"
                " WHERE id = ? AND state IN ('pending', 'retry', 'uncertain', 'dead')",
                (said, stamp(now), delivery_id),
            )
            if taken:
                for behind in self._behind(delivery_id):
                    self._db.change(
                        "UPDATE deliveries SET state = 'dropped', error = ?, ended_at = ?"
                        " WHERE id = ? AND state = 'dead' AND error = ?",
                        (said, stamp(now), behind, _FRONT_REFUSED),
                    )
        return self.get(delivery_id) if taken else None

    def untold(self) -> tuple[Delivery, ...]:
        """Return what was given up or is held, and nobody was told of yet."""
        rows = self._db.rows(
            "SELECT * FROM deliveries WHERE state IN ('dead', 'uncertain') AND NOT told ORDER BY id"
        )
        return tuple(_delivery(row) for row in rows)

    def told(self, deliveries: Sequence[Delivery]) -> None:
        """Note that somebody is told of ``deliveries``, or that there is nobody to tell."""
        with self._db.transaction():
            for one in deliveries:
                self._db.change("UPDATE deliveries SET told = 1 WHERE id = ?", (one.id,))

    def shift(self, by: timedelta) -> int:
        """Move the times of what waits, after the clock was set; return how many."""
        rows = self._db.rows(
            "SELECT id, due_at FROM deliveries WHERE state IN ('pending', 'retry')"
        )
        with self._db.transaction():
            self._db.write_many(
                "UPDATE deliveries SET due_at = ? WHERE id = ?",
                [(stamp(from_stamp(row["due_at"]) + by), row["id"]) for row in rows],
            )
        return len(rows)

    def get(self, delivery_id: int) -> Delivery | None:
        row = self._db.row("SELECT * FROM deliveries WHERE id = ?", (delivery_id,))
        return _delivery(row) if row else None

    def of_digest(self, digest_id: str) -> tuple[Delivery, ...]:
        rows = self._db.rows(
            "SELECT * FROM deliveries WHERE digest_id = ? ORDER BY id", (digest_id,)
        )
        return tuple(_delivery(row) for row in rows)

    def unsent(self) -> tuple[Delivery, ...]:
        """Return everything that has not arrived: waiting, interrupted, held, dead."""
        rows = self._db.rows(
            "SELECT * FROM deliveries WHERE state NOT IN ('sent', 'dropped') ORDER BY id"
        )
        return tuple(_delivery(row) for row in rows)

    def listed(self, limit: int = 200) -> tuple[Delivery, ...]:
        """Return what a person may look at: first what has not arrived, then the newest."""
        rows = self._db.rows(
            "SELECT * FROM deliveries ORDER BY state IN ('sent', 'dropped'), id DESC LIMIT ?",
            (limit,),
        )
        return tuple(_delivery(row) for row in rows)

    def _behind(self, delivery_id: int) -> list[int]:
        return [row["id"] for row in self._db.rows(_BEHIND, (delivery_id,))]

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
