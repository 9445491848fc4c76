"""Sends what is due: claim, send, record, for each channel by itself.

Channels run side by side, each in the ledger's order, so that one that hangs or refuses holds up
nobody else. It keeps no state of its own: the ledger knows, before the first byte and after the
last. A send that is cancelled stays ``sending`` there: nobody knows whether it arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.delivery.channel import Channel, Clock, Ledger
from monitor.errors import DeliveryError
from monitor.model import Delivery, DeliveryState
from monitor.text import cut, digest

_FIRST_WAIT_S = 60
_LONGEST_WAIT_S = 7200
_ERROR_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt."""

    delivery: Delivery  #: as claimed
    state: DeliveryState  #: SENT, RETRY, UNCERTAIN or DEAD
    error: str = ""
    due_at: datetime | None = None  #: of the next attempt
    uncertain: bool = False  #: it may have arrived all the same


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """What one run did."""

    outcomes: tuple[Outcome, ...] = ()
    problems: tuple[str, ...] = ()  #: sentences: what could not even be tried

    def count(self, state: DeliveryState) -> int:
        return sum(outcome.state is state for outcome in self.outcomes)

    @property
    def dead(self) -> tuple[Outcome, ...]:
        """The new dead letters, for a notice by another channel."""
        return tuple(one for one in self.outcomes if one.state is DeliveryState.DEAD)


def wait_s(delivery_id: int, attempt: int, retry_after_s: float | None = None) -> float:
    """Return how long to wait after failed attempt number ``attempt``, counted from 1.

    Between one and two minutes at first, doubling, between one and two hours at last; where in
    between comes from a hash, so that a hundred refused mails do not come back as one crowd. What
    the other side asks for is obeyed; its wish for less is granted once only, since a server that
    always says "in a second" would be asked every second.
    """
    # The exponent is bounded: an attempt number from a damaged row must not cost a big number.
    most = min(_FIRST_WAIT_S * 2.0 ** min(max(attempt, 1), 16), _LONGEST_WAIT_S)
    share = int(digest("wait", str(delivery_id), str(attempt), length=8), 16) / 0xFFFFFFFF
    backoff = most / 2 * (1 + share)
    if retry_after_s is None:
        return backoff
    return retry_after_s if attempt <= 1 else max(retry_after_s, backoff)


async def dispatch(
    ledger: Ledger,
    channels: Mapping[str, Channel],
    clock: Clock,
    *,
    max_age_s: float = 48 * 3600,
    slice_s: float = 120,
    stopping: asyncio.Event | None = None,
) -> DispatchReport:
    """Send every due delivery once, and return what became of each.

    A temporary failure comes due again until ``max_age_s`` after the first attempt. A channel
    that has used ``slice_s`` leaves its rest to the next run, so that a hanging server does not
    hold the run. What may have arrived waits for a person where the channel holds it. Once
    ``stopping`` is set nothing more is claimed. An error of the ledger ends its channel's run and
    is raised when the others are through.
    """
    names = dict.fromkeys(one.message.channel for one in ledger.pending(clock.now()))
    problems = tuple(
        f"channel {name}: not configured, its deliveries wait; add it to channels: or drop them"
        for name in names
        if name not in channels
    )
    limits = _Limits(timedelta(seconds=max_age_s), timedelta(seconds=slice_s), stopping)
    runs = [_Run(ledger, name, channels[name], clock, limits) for name in names if name in channels]
    ends = await asyncio.gather(*(run.work() for run in runs), return_exceptions=True)
    for end in ends:
        if end is not None:
            raise end
    return DispatchReport(tuple(one for run in runs for one in run.outcomes), problems)


@dataclass(frozen=True, slots=True)
class _Limits:
    max_age: timedelta
    slice: timedelta
    stopping: asyncio.Event | None


@dataclass(slots=True)
class _Run:
    """One channel's share of a run."""

    ledger: Ledger
    name: str
    channel: Channel
    clock: Clock
    limits: _Limits
    outcomes: list[Outcome] = field(default_factory=list)
    tried: set[int] = field(default_factory=set)
    held: set[tuple[str, str]] = field(default_factory=set)  #: (digest, recipient) with a gap
    hushed: bool = False  #: the other side asked for silence

    async def work(self) -> None:
        end = self.clock.now() + self.limits.slice
        while batch := list(self._fresh()):
            for delivery in batch:
                if self._is_over(end):
                    return
                await self._attempt(delivery)

    def _fresh(self) -> Iterator[Delivery]:
        """Ask again after each batch: the next part comes due when the one before is sent."""
        for one in self.ledger.pending(self.clock.now()):
            if one.message.channel == self.name and one.id not in self.tried:
                yield one

    def _is_over(self, end: datetime) -> bool:
        stopping = self.limits.stopping is not None and self.limits.stopping.is_set()
        return stopping or self.hushed or self.clock.now() > end

    async def _attempt(self, delivery: Delivery) -> None:
        self.tried.add(delivery.id)
        thread = (delivery.digest_id, delivery.message.recipient)
        if thread in self.held:
            return
        claimed = self.ledger.claim(delivery.id, self.clock.now())
        if claimed is None or not await self._send(claimed):
            self.held.add(thread)

    async def _send(self, claimed: Delivery) -> bool:
        try:
            await self.channel.send(claimed.message, repeat=claimed.repeat)
        except DeliveryError as error:
            self._record_failure(claimed, error)
            return False
        except Exception as error:  # noqa: BLE001 - a fault in one channel must not stop the others
            self._record_failure(claimed, _fault(self.name, error))
            return False
        self.ledger.sent(claimed.id, self.clock.now())
        self.outcomes.append(Outcome(claimed, DeliveryState.SENT))
        return True

    def _record_failure(self, claimed: Delivery, error: DeliveryError) -> None:
        now = self.clock.now()
        text = cut(str(error), _ERROR_LIMIT)
        self.hushed = self.hushed or error.retry_after_s is not None
        expired = now - (claimed.first_tried_at or now) >= self.limits.max_age
        if error.uncertain and self.channel.holds:
            self.ledger.hold(claimed.id, text, now)
            outcome = Outcome(claimed, DeliveryState.UNCERTAIN, text, uncertain=True)
        elif error.permanent or expired:
            if not error.permanent:
                text = f"given up after {claimed.attempts} attempts: {text}"
            self.ledger.dead(claimed.id, text, now)
            outcome = Outcome(claimed, DeliveryState.DEAD, text, uncertain=error.uncertain)
        else:
            wait = wait_s(claimed.id, claimed.attempts, error.retry_after_s)
            due_at = now + timedelta(seconds=wait)
            self.ledger.retry(claimed.id, due_at, text, now, repeat=error.uncertain)
            outcome = Outcome(claimed, DeliveryState.RETRY, text, due_at, error.uncertain)
        self.outcomes.append(outcome)


def _fault(name: str, error: Exception) -> DeliveryError:
    """Return a channel's own fault as uncertain, without its text: that may hold a secret."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else "an unknown place"
    return DeliveryError(
        f"channel {name}: {type(error).__name__} at {place}; this is a fault of the program",
        uncertain=True,
    )
