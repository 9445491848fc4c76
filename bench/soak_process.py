"""The daemon as a process, as a supervisor sees it: started, started again, measured, killed.

Only processes are killed that descend from the one started here, each by its number.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from soak_clock import FakeClock

#: By this the processes of one soak are known, also when their parent is gone.
MARK = "NEWSMONITOR_SOAK"
USUAL_TICK_S = 20.0


@dataclass
class Life:
    """One start of the daemon and how it ended."""

    pid: int
    begun: float
    ended: float = 0.0
    code: int | None = None
    wanted: str = ""  #: what we did to end it


@dataclass
class Sample:
    """What one look at the process showed."""

    at: float
    pid: int
    rss_kb: int
    files: int
    threads: int


@dataclass
class Process:
    """Keeps the daemon alive while ``keep`` is true."""

    settings: Path
    clock: FakeClock
    log: Path
    tick_s: float
    keep: bool = True
    lives: list[Life] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    frozen: list[tuple[float, float]] = field(default_factory=list)
    judged_until: float = float("inf")  #: from here on a day is packed into a moment
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    excused: bool = False  #: an end by itself is the configuration's fault
    _process: asyncio.subprocess.Process | None = None

    async def supervise(self) -> None:
        """Start it, and again a second after each end."""
        while self.keep:
            await self._live()
            await asyncio.sleep(1)

    async def _live(self) -> None:
        program = ["-m", "monitor"]
        if self.tick_s != USUAL_TICK_S:
            program = [str(Path(__file__).with_name("soak_ticks.py")), str(self.tick_s)]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *program, "run", "-c", str(self.settings),
                stdout=log, stderr=log, cwd=Path(__file__).parent.parent,
                env={**os.environ, **self.clock.environment(), MARK: self.mark},
            )  # fmt: skip
        life = Life(self._process.pid, time.time())
        self.lives.append(life)
        life.code = await self._process.wait()
        life.ended, self._process = time.time(), None
        if not life.wanted and self.excused:
            life.wanted = "settings that do not load"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def send(self, number: signal.Signals, *, ends: str = "") -> bool:
        """Send a signal to the daemon; ``ends`` says why it will end by it.

        SIGHUP waits for a daemon that listens for it, as systemd does until it has heard READY.
        """
        if self.pid is None or (number is signal.SIGHUP and not _hears(self.pid, number)):
            return False
        if ends:
            self.lives[-1].wanted = ends
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        return True

    async def freeze(self, seconds: float) -> bool:
        """SIGSTOP, and SIGCONT after a while."""
        begun = time.time()
        if not self.send(signal.SIGSTOP):
            return False
        try:
            await asyncio.sleep(seconds)
        finally:
            self.send(signal.SIGCONT)
            self.frozen.append((begun, time.time()))
        return True

    def kill_worker(self) -> bool:
        """Kill one parser process: a child of the fork server, never the fork server."""
        if self.pid is None:
            return False
        workers = [leaf for child in _children(self.pid) for leaf in _children(child)]
        if not workers:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(workers[0], signal.SIGKILL)
        return True

    def look(self) -> None:
        """Take a sample."""
        with contextlib.suppress(OSError, IndexError, KeyError):
            pid = self.pid
            if pid is None:
                return
            lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
            told = {line.partition(":")[0]: line.split() for line in lines}
            files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names are enough
            self.samples.append(
                Sample(time.time(), pid, int(told["VmRSS"][1]), files, int(told["Threads"][1]))
            )

    async def stop(self, limit_s: float = 30.0) -> float | None:
        """Send SIGTERM and wait; return the seconds it took, None when it took too long."""
        self.keep, begun = False, time.time()
        if not self.send(signal.SIGTERM, ends="SIGTERM"):
            return None
        while self.pid is not None and time.time() - begun < limit_s:  # noqa: ASYNC110 - two tasks
            await asyncio.sleep(0.05)
        if self.pid is None:
            return time.time() - begun
        self.send(signal.SIGKILL, ends="SIGKILL after SIGTERM")
        return None

    def orphans(self) -> list[int]:
        """Return processes of this soak that are left although no daemon is."""
        sought, found = f"{MARK}={self.mark}".encode(), []
        for path in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if path.name.isdigit() and sought in (path / "environ").read_bytes():
                    found.append(int(path.name))
        return found

    def end_orphans(self) -> None:
        for pid in self.orphans():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text("ascii").split())
    return found


def _hears(pid: int, number: signal.Signals) -> bool:
    """Tell whether the process has a handler for the signal."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False
