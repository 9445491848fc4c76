"""Tells systemd how the service stands, by the protocol of sd_notify(3): a datagram of lines.

Without ``NOTIFY_SOCKET`` it says nothing, and what cannot be said is dropped: the service never
waits for its supervisor. It decides nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

from monitor.text import clean, cut

_LONGEST_STATUS = 400


class Notifier:
    """The line to systemd; use as a context manager."""

    def __init__(self, address: str = "") -> None:
        self._socket: socket.socket | None = None
        if address.startswith(("/", "@")):
            name = "\0" + address[1:] if address.startswith("@") else address
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
            try:
                self._socket.connect(name)
            except OSError:
                self.close()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Notifier:
        """Return the line that the environment names."""
        return cls(environment.get("NOTIFY_SOCKET", ""))

    def ready(self) -> None:
        self._tell("READY=1")

    def status(self, words: str) -> None:
        """Say in one line how things stand; ``systemctl status`` shows it."""
        self._tell(f"STATUS={cut(clean(words), _LONGEST_STATUS)}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        """Say that the configuration is being read; :meth:`ready` ends it."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, *lines: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send("\n".join(lines).encode("utf-8", "replace"))


def watchdog_s(environment: Mapping[str, str]) -> float | None:
    """Return after how many seconds of silence systemd would act; None when it does not watch."""
    wanted = environment.get("WATCHDOG_USEC", "")
    whom = environment.get("WATCHDOG_PID", "") or str(os.getpid())
    if not (wanted.isascii() and wanted.isdigit()) or whom != str(os.getpid()) or not int(wanted):
        return None
    return int(wanted) / 1_000_000
