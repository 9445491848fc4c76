"""The daemon's clock in the soak: the machine's own, moved by libfaketime where that is installed.

Only the wall clock is moved; the monotonic one runs on, as on a real machine. The auditor reads the
same offset, so both speak of one time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class FakeClock:
    """Time as the daemon is shown it."""

    file: Path
    shim: str = ""
    offset: float = 0.0
    start: float = field(default_factory=time.time)

    @classmethod
    def make(cls, folder: Path) -> FakeClock:
        """Find libfaketime, or be a clock that cannot be moved."""
        found = sorted(Path("/usr/lib").glob("**/libfaketimeMT.so.1"))
        clock = cls(folder / "clock", str(found[0]) if found else "")
        clock._write()
        return clock

    @property
    def can_step(self) -> bool:
        return bool(self.shim)

    def real(self) -> float:
        return time.time()

    def now(self) -> float:
        return self.real() + self.offset

    def step(self, seconds: float) -> None:
        """Set the daemon's clock forward, or back; it sees that within a second."""
        self.offset += seconds
        self._write()

    def environment(self) -> dict[str, str]:
        """Return what a process needs to live by this clock."""
        if not self.shim:
            return {}
        return {
            "LD_PRELOAD": self.shim,
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds; read at each call it starves the daemon
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def forget(self, pids: list[int]) -> None:
        """Remove what libfaketime leaves in shared memory when a process is killed."""
        for pid in pids:
            for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
                Path("/dev/shm", name).unlink(missing_ok=True)

    def _write(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{self.offset:+.3f}\n", encoding="ascii")
        fresh.replace(self.file)
