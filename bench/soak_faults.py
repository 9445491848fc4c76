"""What goes wrong in the soak, drawn from the seed: which fault when, how long, how many at once.

Each kind has a rhythm of its own, so kinds meet each other in ever new pairs. ``struck`` counts
what really happened, ``skipped`` says what this machine does not allow.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from soak_clock import FakeClock
from soak_desk import Desk
from soak_feeds import FAULTS, Publishers
from soak_process import Process

#: Seconds by which the clock is set forward: past the first back-off after a failure.
FORWARD_S = (1_500, 2_600)
BACK_S = (4, 12)


@dataclass
class Faults:
    """Runs until it is ``over``; ``calm`` ends kill -9, so that one life can grow old."""

    dice: random.Random
    clock: FakeClock
    desk: Desk
    process: Process
    publishers: Publishers
    calm: bool = False
    struck: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _hups: int = 0

    async def run(self) -> None:
        """Let every kind of fault happen at its own rhythm: mean seconds between two."""
        rhythms: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (25, self._kill), (23, self._freeze), (2.5, self._feed), (19, self._network),
            (29, self._server_restart), (13, self._worker), (31, self._reload),
        ]  # fmt: skip
        if self.clock.can_step:
            rhythms += [(20, self._forward), (37, self._back)]
        else:
            self.skipped.append("clock steps: libfaketime is not installed")
        if self.desk.mounted:
            rhythms.append((41, self._disk))
        else:
            self.skipped.append("full disk: no small disk can be mounted here")
        async with asyncio.TaskGroup() as tasks:
            for mean, fault in rhythms:
                tasks.create_task(self._again_and_again(mean, fault, self.dice.random()))

    async def _again_and_again(
        self, mean: float, fault: Callable[[], Awaitable[None]], seed: float
    ) -> None:
        dice = random.Random(seed)
        await self._rest(min(mean * dice.uniform(0.4, 0.9), 20))
        while not self.over.is_set():
            await fault()
            await self._rest(mean * dice.uniform(0.5, 1.5))

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)

    async def mend(self) -> None:
        """Take back what still lies: the disk, the files, the network, the feeds' faults."""
        self.desk.free_disk()
        self.process.send(signal.SIGCONT)
        self.publishers.laid.clear()
        if not self.publishers.is_open:
            await self.publishers.open()
        self.desk.write()
        self.process.send(signal.SIGHUP)

    async def _kill(self) -> None:
        if not self.calm and self.process.send(signal.SIGKILL, ends="kill -9"):
            self.struck["kill -9 of the daemon"] += 1

    async def _freeze(self) -> None:
        if await self.process.freeze(self.dice.uniform(2, 6)):
            self.struck["SIGSTOP, SIGCONT"] += 1

    async def _feed(self) -> None:
        source = self.dice.choice(self.publishers.world.sources)
        weights = [4, 3, 3, 3, 4, 3, 4, 2, 1]
        self.publishers.laid[source.path] = self.dice.choices(FAULTS, weights)[0]

    async def _network(self) -> None:
        if not self.publishers.is_open:
            return
        self.struck["network lost for some seconds"] += 1
        await self.publishers.close()
        await asyncio.sleep(self.dice.uniform(3, 8))
        await self.publishers.open()

    async def _server_restart(self) -> None:
        if self.publishers.is_open:
            self.struck["feed servers restarted"] += 1
            await self.publishers.close()
            await self.publishers.open()

    async def _worker(self) -> None:
        if self.process.kill_worker():
            self.struck["kill -9 of a parser process"] += 1

    async def _reload(self) -> None:
        self._hups += 1
        if self._hups % 2:
            if self.process.send(signal.SIGHUP):
                self.struck["SIGHUP, good files"] += 1
            return
        slip = self.desk.spoil(self._hups // 2)
        self.process.excused = True
        if self.process.send(signal.SIGHUP):
            self.struck[f"SIGHUP, broken {slip.split('/')[0]}"] += 1
        await asyncio.sleep(self.dice.uniform(3, 7))
        self.desk.write()
        self.process.send(signal.SIGHUP)
        await asyncio.sleep(2)
        self.process.excused = False

    async def _forward(self) -> None:
        self.struck["clock set forward"] += 1
        self.clock.step(self.dice.uniform(*FORWARD_S))

    async def _back(self) -> None:
        self.struck["clock set back"] += 1
        self.clock.step(-self.dice.uniform(*BACK_S))

    async def _disk(self) -> None:
        if self.desk.fill_disk():
            self.struck["disk full for some seconds"] += 1
            await asyncio.sleep(self.dice.uniform(4, 9))
            self.desk.free_disk()
