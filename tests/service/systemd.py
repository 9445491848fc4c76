"""A stand-in for systemd: the socket that a service reports to, and the service as a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self


class NotifySocket:
    """Receives the datagrams of sd_notify(3)."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self.heard: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def drain(self, wait_s: float = 0.0) -> list[str]:
        """Return the lines that have come, waiting at most ``wait_s`` for the first."""
        lines: list[str] = []
        self._socket.settimeout(wait_s or 0.001)
        try:
            while True:
                lines += self._socket.recv(65536).decode().splitlines()
                self._socket.settimeout(0.001)
        except (TimeoutError, BlockingIOError):
            pass
        self.heard += lines
        return lines

    def wait_for(self, start: str, limit_s: float = 20.0) -> str:
        """Return the first new line that begins so."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            for line in self.drain(0.2):
                if line.startswith(start):
                    return line
        raise AssertionError(f"no line {start!r} within {limit_s} s; heard {self.heard}")


class Running:
    """``newsmonitor run`` as systemd would start it; killed at the end if it still lives."""

    def __init__(self, config: Path, told: NotifySocket, *, watchdog_s: float = 2.0) -> None:
        environment = os.environ | {
            "NOTIFY_SOCKET": told.path,
            "WATCHDOG_USEC": str(int(watchdog_s * 1_000_000)),
        }
        self.log = config.parent / "daemon.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "monitor", "run", "-v", "-c", str(config)],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")
