"""The gate: how many requests a host gets at once, and how soon after each other."""

from __future__ import annotations

import asyncio

import pytest

from monitor.fetch import HostGate


class FakeTime:
    """Time that passes only when everybody waits; sleepers wake in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def run_until(self, end: float) -> None:
        """Let time go on to ``end``, waking each sleeper at its hour."""
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            due = [entry for entry in self._sleepers if entry[0] <= end]
            if not due:
                self.now = end
                return
            first = min(due, key=lambda entry: entry[0])
            self._sleepers.remove(first)
            self.now = max(self.now, first[0])
            if not first[1].done():
                first[1].set_result(None)


@pytest.fixture
def fake():
    """Return a time that the test moves."""
    return FakeTime()


@pytest.fixture
def log():
    """Return the list of (host, name, time) at which each request started."""
    return []


@pytest.fixture
def gate(fake):
    """Return a gate of two in flight and five seconds."""
    return HostGate(2, 5.0, sleep=fake.sleep, monotonic=fake.monotonic)


def ask(gate, fake, log, host, name, lasts=0.0):
    """Start a request that takes ``lasts`` seconds once it is let in."""

    async def request():
        async with gate.turn(host):
            log.append((host, name, fake.now))
            if lasts:
                await fake.sleep(lasts)

    return asyncio.create_task(request())


async def test_starts_are_a_gap_apart_and_in_order(gate, fake, log):
    """Short requests to one host start five seconds apart, first come, first served."""
    tasks = [ask(gate, fake, log, "a", name) for name in "123"]
    await fake.run_until(60)
    assert log == [("a", "1", 0), ("a", "2", 5), ("a", "3", 10)]
    await asyncio.gather(*tasks)


async def test_no_more_in_flight_than_allowed(gate, fake, log):
    """While two long requests run, the third waits for one of them to end."""
    tasks = [ask(gate, fake, log, "a", name, lasts=30) for name in "123"]
    await fake.run_until(100)
    assert [at for _, _, at in log] == [0, 5, 30]
    await asyncio.gather(*tasks)


async def test_other_hosts_are_not_delayed(gate, fake, log):
    """A crowd before one host leaves all others free."""
    crowd = [ask(gate, fake, log, "a", str(n), lasts=100) for n in range(20)]
    others = [ask(gate, fake, log, host, "x") for host in "bcd"]
    await fake.run_until(1)
    assert log == [("a", "0", 0), ("b", "x", 0), ("c", "x", 0), ("d", "x", 0)]
    for task in crowd + others:
        task.cancel()
    await asyncio.gather(*crowd, *others, return_exceptions=True)


async def test_a_rested_host_is_served_at_once(gate, fake, log):
    """The gap counts from the last start, not from the last end."""
    first = ask(gate, fake, log, "a", "1", lasts=4)
    await fake.run_until(7)
    second = ask(gate, fake, log, "a", "2")
    await fake.run_until(7)
    assert [at for _, _, at in log] == [0, 7]
    await asyncio.gather(first, second)


async def test_a_failed_or_cancelled_request_gives_its_place_back(gate, fake, log):
    """Neither an error nor a cancelled wait leaves the host shut."""
    with pytest.raises(KeyError):
        async with gate.turn("a"):
            raise KeyError
    waiting = [ask(gate, fake, log, "a", name, lasts=50) for name in "12"]
    await fake.run_until(1)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    last = ask(gate, fake, log, "a", "3")
    await fake.run_until(60)
    assert [name for _, name, _ in log] == ["3"]
    await last


async def test_without_a_gap_starts_are_at_once(fake, log):
    """A gap of zero leaves only the number in flight."""
    gate = HostGate(3, 0.0, sleep=fake.sleep, monotonic=fake.monotonic)
    tasks = [ask(gate, fake, log, "a", str(n)) for n in range(3)]
    await fake.run_until(0)
    assert [at for _, _, at in log] == [0, 0, 0]
    await asyncio.gather(*tasks)


async def test_rested_hosts_are_forgotten_and_busy_ones_are_not(gate, fake, log):
    """Thousands of hosts leave no trace once they rest; a host within its gap keeps it."""
    for n in range(1_100):
        async with gate.turn(f"host{n}"):
            pass
    fake.now = 100.0
    busy = ask(gate, fake, log, "busy", "1")
    await busy
    for n in range(1_100):
        async with gate.turn(f"other{n}"):
            pass
    fake.now = 102.0
    again = ask(gate, fake, log, "busy", "2")
    await fake.run_until(200)
    assert [at for host, _, at in log if host == "busy"] == [100, 105]
    assert len(gate._lanes) < 2_000
    await again


async def test_waiting_for_a_crowded_host_takes_no_place_from_others(gate, fake, log):
    """Of two places for all hosts, those who wait for the gap of one hold none."""
    everywhere = asyncio.Semaphore(2)

    async def request(host, name):
        async with gate.turn(host, everywhere):
            log.append((host, name, fake.now))
            await fake.sleep(1)

    tasks = [asyncio.create_task(request("a", str(n))) for n in range(4)]
    tasks += [asyncio.create_task(request(host, "x")) for host in "bcd"]
    await fake.run_until(2.5)
    assert [host for host, _, _ in log] == ["a", "b", "c", "d"]
    await fake.run_until(60)
    assert [at for host, _, at in log if host == "a"] == [0, 5, 10, 15]
    await asyncio.gather(*tasks)
