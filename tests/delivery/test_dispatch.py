"""Dispatch: claim, send, record; one channel's trouble is no other's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest

from monitor.clock import SteppedClock
from monitor.delivery import dispatch, wait_s
from monitor.errors import DeliveryError, StoreError
from monitor.model import DeliveryState, Message
from tests.delivery.conftest import NOW
from tests.fakes import MemoryLedger

TEMPORARY = DeliveryError("channel x: answered 451: later")
PERMANENT = DeliveryError("channel x: answered 550: never", permanent=True)
UNCERTAIN = DeliveryError("channel x: no answer", uncertain=True)


class Scripted:
    """A channel that raises what it is told, then sends; it keeps what it was given."""

    def __init__(
        self, name: str, script: Iterable[BaseException | None] = (), *, holds: bool = False
    ) -> None:
        self.name = name
        self.holds = holds
        self.script = list(script)
        self.got: list[tuple[str, int, bool]] = []

    async def send(self, message: Message, *, repeat: bool = False) -> None:
        await asyncio.sleep(0)
        self.got.append((message.recipient, message.part, repeat))
        if self.script and (error := self.script.pop(0)):
            raise error


class Hanging:
    """A channel that takes a message and never returns by itself."""

    holds = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.begun = asyncio.Event()

    async def send(self, message: Message, *, repeat: bool = False) -> None:
        self.begun.set()
        await asyncio.Event().wait()


def message(channel: str = "x", to: str = "a", part: int = 1, parts: int = 1) -> Message:
    return Message(channel, to, part, parts, f"n{part}", b"body", "text/plain")


def ledger_with(*messages: Message) -> MemoryLedger:
    ledger = MemoryLedger()
    for one in messages:
        ledger.add(one, NOW)
    return ledger


def states(ledger: MemoryLedger) -> list[str]:
    return [row.state.value for row in ledger.rows.values()]


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [
        pytest.param(0, 60, 120, id="a number that cannot be counts as the first"),
        pytest.param(1, 60, 120, id="after the first: one to two minutes"),
        pytest.param(2, 120, 240, id="after the second: the double"),
        pytest.param(3, 240, 480, id="and so on"),
        pytest.param(6, 1920, 3840, id="after the sixth: about an hour"),
        pytest.param(7, 3600, 7200, id="then one to two hours"),
        pytest.param(10**9, 3600, 7200, id="for ever"),
    ],
)
def test_the_wait_doubles_up_to_two_hours(attempt, least, most):
    """Each attempt waits in its window, and a hundred deliveries spread over it."""
    waits = [wait_s(delivery, attempt) for delivery in range(100)]
    assert all(least <= wait <= most for wait in waits)
    assert max(waits) - min(waits) > (most - least) / 2
    assert waits == [wait_s(delivery, attempt) for delivery in range(100)]


@pytest.mark.parametrize(
    ("attempt", "asked", "least", "most"),
    [
        pytest.param(1, 2.0, 2, 2, id="a short wish is granted once"),
        pytest.param(3, 2.0, 240, 480, id="a short wish repeated gives way to the back-off"),
        pytest.param(1, 3600.0, 3600, 3600, id="an hour is an hour"),
        pytest.param(9, 21600.0, 21600, 21600, id="six hours are longer than any back-off"),
    ],
)
def test_what_the_other_side_asks_for_is_obeyed(attempt, asked, least, most):
    """Never earlier than asked; later only if we have come too often."""
    assert least <= wait_s(1, attempt, asked) <= most


async def test_a_due_delivery_is_claimed_then_sent_then_recorded(clock):
    """The claim is committed before the channel gets the message, the outcome after."""
    ledger = ledger_with(message())

    class Watching(Scripted):
        async def send(self, message: Message, *, repeat: bool = False) -> None:
            assert ledger.journal == [("claim", 1)]
            await super().send(message, repeat=repeat)

    channel = Watching("x")
    report = await dispatch(ledger, {"x": channel}, clock)
    assert ledger.journal == [("claim", 1), ("sent", 1)]
    assert channel.got == [("a", 1, False)]
    assert report.count(DeliveryState.SENT) == 1
    assert report.problems == ()


async def test_what_is_sent_is_not_sent_again(clock):
    """A second run finds nothing to do."""
    ledger, channel = ledger_with(message()), Scripted("x")
    await dispatch(ledger, {"x": channel}, clock)
    report = await dispatch(ledger, {"x": channel}, clock)
    assert report.outcomes == ()
    assert len(channel.got) == 1


@pytest.mark.parametrize(
    ("error", "state", "repeat"),
    [
        pytest.param(TEMPORARY, DeliveryState.RETRY, False, id="temporary: again later"),
        pytest.param(UNCERTAIN, DeliveryState.RETRY, True, id="uncertain: again, marked"),
        pytest.param(PERMANENT, DeliveryState.DEAD, False, id="permanent: a dead letter"),
        pytest.param(ValueError("canary"), DeliveryState.RETRY, True, id="a fault of ours"),
    ],
)
async def test_a_failure_is_recorded_by_its_class(clock, error, state, repeat):
    """The ledger and the report say the same of a failed attempt, and neither a fault's text."""
    ledger = ledger_with(message())
    report = await dispatch(ledger, {"x": Scripted("x", [error])}, clock)
    row = ledger.rows[1]
    assert (row.state, row.repeat) == (state, repeat)
    assert row.error.startswith("channel x: ")
    assert "canary" not in row.error
    (outcome,) = report.outcomes
    assert (outcome.state, outcome.error, outcome.uncertain) == (state, row.error, repeat)
    assert report.dead == ((outcome,) if state is DeliveryState.DEAD else ())


@pytest.mark.parametrize(
    ("error", "state"),
    [
        pytest.param(UNCERTAIN, "uncertain", id="it may have arrived: a person decides"),
        pytest.param(ValueError("x"), "uncertain", id="a fault of ours: nobody knows either"),
        pytest.param(TEMPORARY, "retry", id="it surely did not arrive: again later"),
        pytest.param(PERMANENT, "dead", id="refused: a dead letter"),
    ],
)
async def test_a_channel_that_holds_keeps_only_what_may_have_arrived(clock, error, state):
    """``on_uncertain: hold`` concerns the uncertain alone, and is never tried again by itself."""
    ledger = ledger_with(message(part=1, parts=2), message(part=2, parts=2))
    channel = Scripted("x", [error], holds=True)
    await dispatch(ledger, {"x": channel}, clock)
    assert states(ledger) == [state, "pending"]
    if state == "uncertain":
        clock.set(NOW + timedelta(days=3))
        await dispatch(ledger, {"x": channel}, clock)
        assert states(ledger) == ["uncertain", "pending"]


async def test_an_uncertain_delivery_comes_again_with_its_mark(clock):
    """The second attempt knows that the first may have arrived; it is due in a minute or two."""
    ledger, channel = ledger_with(message()), Scripted("x", [UNCERTAIN])
    await dispatch(ledger, {"x": channel}, clock)
    clock.set(NOW + timedelta(seconds=59))
    await dispatch(ledger, {"x": channel}, clock)
    clock.set(NOW + timedelta(seconds=121))
    await dispatch(ledger, {"x": channel}, clock)
    assert channel.got == [("a", 1, False), ("a", 1, True)]
    assert states(ledger) == ["sent"]


async def test_retry_after_stands_in_the_ledger(clock):
    """The wait that the other side asked for survives a restart."""
    ledger = ledger_with(message())
    busy = DeliveryError("channel x: answered 429", retry_after_s=3600)
    await dispatch(ledger, {"x": Scripted("x", [busy])}, clock)
    assert ledger.rows[1].due_at == NOW + timedelta(hours=1)


async def test_a_channel_that_asks_for_silence_gets_it(clock):
    """After a Retry-After the rest of the channel waits for another run."""
    ledger = ledger_with(message(to="a"), message(to="b"))
    busy = DeliveryError("channel x: answered 429", retry_after_s=2)
    channel = Scripted("x", [busy])
    await dispatch(ledger, {"x": channel}, clock)
    assert states(ledger) == ["retry", "pending"]
    assert len(channel.got) == 1


async def test_a_temporary_failure_is_given_up_after_two_days(clock):
    """A server that is down for good ends in a dead letter, never in silence."""
    ledger, channel = ledger_with(message()), Scripted("x", [TEMPORARY] * 1000)
    while ledger.rows[1].state is not DeliveryState.DEAD:
        clock.set(ledger.rows[1].due_at)
        await dispatch(ledger, {"x": channel}, clock)
    age = clock.now() - NOW
    assert timedelta(hours=48) <= age <= timedelta(hours=50)
    assert 30 <= len(channel.got) <= 60
    assert ledger.rows[1].error.startswith(f"given up after {len(channel.got)} attempts: ")


async def test_a_delivery_that_waited_long_unattempted_still_gets_its_attempt(clock):
    """Age counts from the first attempt: a week of downtime kills nothing."""
    ledger, channel = ledger_with(message()), Scripted("x", [TEMPORARY])
    clock.set(NOW + timedelta(days=7))
    await dispatch(ledger, {"x": channel}, clock)
    assert states(ledger) == ["retry"]


async def test_parts_go_one_after_the_other_in_one_run(clock):
    """Each part follows when the one before is sent, without waiting for another run."""
    ledger = ledger_with(*(message(part=part, parts=3) for part in (3, 1, 2)))
    channel = Scripted("x")
    await dispatch(ledger, {"x": channel}, clock)
    assert [part for _, part, _ in channel.got] == [1, 2, 3]


@pytest.mark.parametrize("error", [TEMPORARY, PERMANENT, UNCERTAIN], ids=["temp", "perm", "unc"])
async def test_a_failed_part_holds_its_successors_only(clock, error):
    """Part two waits behind part one; another recipient's parts do not."""
    parts = [message(to=to, part=part, parts=2) for to in "ab" for part in (1, 2)]
    ledger, channel = ledger_with(*parts), Scripted("x", [error])
    await dispatch(ledger, {"x": channel}, clock)
    assert states(ledger)[1:] == ["pending", "sent", "sent"]


async def test_a_careless_ledger_does_not_put_parts_out_of_order(clock):
    """Even if all parts are handed out at once, none overtakes one that failed."""

    class Careless(MemoryLedger):
        def _is_due(self, one, now):
            return one.state in (DeliveryState.PENDING, DeliveryState.RETRY) and one.due_at <= now

    ledger = Careless()
    for part in (1, 2):
        ledger.add(message(part=part, parts=2), NOW)
    channel = Scripted("x", [TEMPORARY])
    await dispatch(ledger, {"x": channel}, clock)
    assert [part for _, part, _ in channel.got] == [1]


async def test_one_failing_recipient_neither_delays_nor_repeats_another(clock):
    """Of three recipients the refused one alone is dead, and each was asked once."""
    ledger = ledger_with(*(message(to=to) for to in "abc"))
    channel = Scripted("x", [None, PERMANENT, None])
    await dispatch(ledger, {"x": channel}, clock)
    await dispatch(ledger, {"x": channel}, clock)
    assert states(ledger) == ["sent", "dead", "sent"]
    assert [to for to, _, _ in channel.got] == ["a", "b", "c"]


async def test_a_hanging_channel_delays_no_other(clock):
    """While one channel hangs, the other has sent all it has."""
    ledger = ledger_with(message("stuck"), message("x", part=1, parts=2), message("x", part=2))
    stuck, well = Hanging("stuck"), Scripted("x")
    run = asyncio.create_task(dispatch(ledger, {"stuck": stuck, "x": well}, clock))
    await stuck.begun.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert states(ledger) == ["sending", "sent", "sent"]
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run


async def test_a_cancelled_send_stays_sending_and_comes_back_marked(clock):
    """After SIGTERM nobody knows; the next start sends it again as a possible repeat."""
    ledger, stuck = ledger_with(message()), Hanging("x")
    run = asyncio.create_task(dispatch(ledger, {"x": stuck}, clock))
    await stuck.begun.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert states(ledger) == ["sending"]
    ledger.recover(clock.now())
    channel = Scripted("x")
    await dispatch(ledger, {"x": channel}, clock)
    assert channel.got == [("a", 1, True)]


async def test_once_stopping_nothing_more_is_claimed(clock):
    """A running send ends, the next is left for the next start."""
    ledger, stopping = ledger_with(message(to="a"), message(to="b")), asyncio.Event()

    class Last(Scripted):
        async def send(self, message: Message, *, repeat: bool = False) -> None:
            stopping.set()
            await super().send(message, repeat=repeat)

    await dispatch(ledger, {"x": Last("x")}, clock, stopping=stopping)
    assert states(ledger) == ["sent", "pending"]


async def test_a_slow_channel_leaves_its_rest_to_the_next_run():
    """A channel that used its time is not allowed to hold the run; nothing is lost by it."""
    clock = SteppedClock(NOW)
    ledger = ledger_with(*(message(to=to) for to in "abc"))

    class Slow(Scripted):
        async def send(self, message: Message, *, repeat: bool = False) -> None:
            clock.set(clock.now() + timedelta(seconds=90))
            await super().send(message, repeat=repeat)

    slow = Slow("x")
    await dispatch(ledger, {"x": slow}, clock, slice_s=120)
    assert states(ledger) == ["sent", "sent", "pending"]
    await dispatch(ledger, {"x": slow}, clock, slice_s=120)
    assert states(ledger) == ["sent", "sent", "sent"]


async def test_a_channel_that_is_not_configured_is_named_and_its_deliveries_wait(clock):
    """Removing a channel from the settings loses nothing and is said."""
    ledger = ledger_with(message("gone"), message("x"))
    report = await dispatch(ledger, {"x": Scripted("x")}, clock)
    assert states(ledger) == ["pending", "sent"]
    assert len(report.problems) == 1
    assert "gone" in report.problems[0]


async def test_a_delivery_that_someone_else_has_taken_is_left_alone(clock):
    """A claim that fails means that the message is not ours to send."""

    class Taken(MemoryLedger):
        def claim(self, delivery_id, now):
            return None

    ledger = Taken()
    ledger.add(message(), NOW)
    channel = Scripted("x")
    report = await dispatch(ledger, {"x": channel}, clock)
    assert (channel.got, report.outcomes) == ([], ())


async def test_a_ledger_that_cannot_write_is_said_after_the_others_are_through(clock):
    """A failing ledger is an error of the run, but no reason to cut other sends short."""

    class Full(MemoryLedger):
        def sent(self, delivery_id, now):
            if delivery_id == 1:
                raise StoreError("the disk is full")
            super().sent(delivery_id, now)

    ledger = Full()
    for name in ("x", "y"):
        ledger.add(message(name), NOW)

    class Slow(Scripted):
        async def send(self, message: Message, *, repeat: bool = False) -> None:
            await asyncio.sleep(0.02)
            await super().send(message, repeat=repeat)

    with pytest.raises(StoreError, match="full"):
        await dispatch(ledger, {"x": Scripted("x"), "y": Slow("y")}, clock)
    assert states(ledger) == ["sending", "sent"]


async def test_a_long_error_is_kept_short(clock):
    """A ledger row holds a line, whatever a channel has to say."""
    ledger = ledger_with(message())
    await dispatch(ledger, {"x": Scripted("x", [DeliveryError("y" * 10_000)])}, clock)
    assert len(ledger.rows[1].error) <= 400
