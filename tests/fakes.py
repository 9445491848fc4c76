"""Doubles for the doors' tests: small, honest, without a network or a disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import Delivery, DeliveryState, Message

_DUE = (DeliveryState.PENDING, DeliveryState.RETRY)


class MemoryLedger:
    """The ledger's promises, kept in a dictionary; ``journal`` holds what was committed."""

    def __init__(self) -> None:
        self.rows: dict[int, Delivery] = {}
        self.journal: list[tuple[str, int]] = []

    def add(self, message: Message, now: datetime, digest_id: str = "daily/2026-11-21") -> int:
        key = len(self.rows) + 1
        self.rows[key] = Delivery(key, digest_id, message, DeliveryState.PENDING, 0, now)
        return key

    def pending(self, now: datetime) -> list[Delivery]:
        return [one for one in self.rows.values() if self._is_due(one, now)]

    def _is_due(self, one: Delivery, now: datetime) -> bool:
        earlier = (
            other
            for other in self.rows.values()
            if _thread(other) == _thread(one) and other.message.part < one.message.part
        )
        ready = all(other.state is DeliveryState.SENT for other in earlier)
        return one.state in _DUE and one.due_at <= now and ready

    def claim(self, delivery_id: int, now: datetime) -> Delivery | None:
        row = self.rows[delivery_id]
        if not self._is_due(row, now):
            return None
        first = row.first_tried_at or now
        return self._put(
            "claim",
            replace(
                row, state=DeliveryState.SENDING, attempts=row.attempts + 1, first_tried_at=first
            ),
        )

    def sent(self, delivery_id: int, now: datetime) -> None:
        self._put("sent", replace(self.rows[delivery_id], state=DeliveryState.SENT, error=""))

    def retry(
        self, delivery_id: int, due_at: datetime, error: str, now: datetime, *, repeat: bool = False
    ) -> None:
        row = self.rows[delivery_id]
        repeat = repeat or row.repeat
        self._put(
            "retry",
            replace(row, state=DeliveryState.RETRY, due_at=due_at, error=error, repeat=repeat),
        )

    def dead(self, delivery_id: int, error: str, now: datetime) -> None:
        self._put("dead", replace(self.rows[delivery_id], state=DeliveryState.DEAD, error=error))

    def hold(self, delivery_id: int, error: str, now: datetime) -> None:
        row = self.rows[delivery_id]
        self._put("hold", replace(row, state=DeliveryState.UNCERTAIN, error=error))

    def recover(self, now: datetime) -> None:
        """Do what a start does: what was being sent is due again, marked as a possible repeat."""
        for row in list(self.rows.values()):
            if row.state is DeliveryState.SENDING:
                self.retry(row.id, now + timedelta(0), "interrupted", now, repeat=True)

    def _put(self, event: str, row: Delivery) -> Delivery:
        self.journal.append((event, row.id))
        self.rows[row.id] = row
        return row


def _thread(one: Delivery) -> tuple[str, str, str]:
    return one.digest_id, one.message.channel, one.message.recipient
