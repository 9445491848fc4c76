"""What dispatch needs from both sides: a channel that sends, a ledger that remembers.

These are promises in words; nothing is sent or stored here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from monitor.model import Delivery, Message


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime: ...


class Channel(Protocol):
    """A destination: a mail server, a chat room, a folder."""

    @property
    def name(self) -> str: ...

    @property
    def holds(self) -> bool:
        """Whether a message that may have arrived waits for a person before it goes again."""
        ...

    async def send(self, message: Message, *, repeat: bool = False) -> None:
        """Send ``message`` once, in bounded time; returning means that the other side has it.

        ``repeat`` says that an earlier attempt may have arrived; where the other side cannot
        see that by itself, the channel says so. Raises :class:`monitor.errors.DeliveryError`,
        whose text never holds a secret.
        """
        ...


def holding(channels: Mapping[str, Channel]) -> frozenset[str]:
    """Return the names of the channels whose uncertain messages wait for a person."""
    return frozenset(name for name, channel in channels.items() if channel.holds)


class Ledger(Protocol):
    """Where every delivery stands; each method has committed when it returns."""

    def pending(self, now: datetime) -> Sequence[Delivery]:
        """Return what is due, in order.

        Of one (digest, channel, recipient), part n+1 is due only when part n is sent.
        """
        ...

    def claim(self, delivery_id: int, now: datetime) -> Delivery | None:
        """Mark a due delivery as ``sending`` before its first byte leaves, and return it.

        The attempt is counted, the first one dated. None when it is no longer to be sent.
        """
        ...

    def sent(self, delivery_id: int, now: datetime) -> None: ...

    def retry(
        self, delivery_id: int, due_at: datetime, error: str, now: datetime, *, repeat: bool = False
    ) -> None:
        """Note a failed attempt; ``repeat`` sets the mark that it may have arrived, for good."""
        ...

    def hold(self, delivery_id: int, error: str, now: datetime) -> None:
        """Keep a delivery that may have arrived; only a person takes it up again."""
        ...

    def dead(self, delivery_id: int, error: str, now: datetime) -> None: ...
