"""Room kept back for bad days: a file beside the database that is given up when the disk is full.

With its room the ledger can still be written and digests go out, while polling pauses. It decides
nothing about polling and reads no clock.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

SIZE = 8 * 1024 * 1024
#: Free bytes, beside the reserve itself, at which work goes on; more than what makes us pause.
_AGAIN = 2 * SIZE


class Reserve:
    """A file of ``size`` bytes that holds nothing."""

    def __init__(self, database: Path, size: int = SIZE) -> None:
        self._database = database
        self._path = database.with_name(database.name + ".reserve")
        self._size = size
        self._again = _AGAIN * size // SIZE

    @property
    def held(self) -> bool:
        """Whether the room is kept back; anybody may look, also beside a running daemon."""
        with contextlib.suppress(OSError):
            return self._path.stat().st_size >= self._size
        return False

    def free(self) -> int:
        """Return the free bytes of the disk."""
        try:
            return shutil.disk_usage(self._path.parent).free
        except OSError:
            return 0

    def used(self) -> int:
        """Return the bytes of the database and of the log that belongs to it."""
        files = [self._database, self._database.with_name(self._database.name + "-wal")]
        used = 0
        for one in files:
            with contextlib.suppress(OSError):
                used += one.stat().st_size
        return used

    def hold(self) -> bool:
        """Keep the room back if it is not and the disk has enough; tell whether it is held."""
        if self.held:
            return True
        if self.free() < self._size + self._again:
            return False
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(handle, 0, self._size)
            finally:
                os.close(handle)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the room up."""
        with contextlib.suppress(OSError):
            self._path.unlink()
