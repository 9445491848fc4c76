"""Writes a message into a folder: whole or not at all, under a name that cannot leave the folder.

A repeat of the same message changes nothing; another message never takes its place.
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import DeliveryError
from monitor.model import Message
from monitor.text import digest

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_LIMIT = 120


@dataclass(frozen=True, slots=True)
class FileSettings:
    """A folder for digests; it is made if it is missing."""

    name: str
    folder: Path


class FileChannel:
    """One folder."""

    holds = False  # a repeat changes nothing

    def __init__(self, settings: FileSettings) -> None:
        self.name = settings.name
        self._folder = settings.folder

    async def send(self, message: Message, *, repeat: bool = False) -> None:  # noqa: ARG002
        """Write ``message``. Every failure is temporary: a folder can be mended."""
        try:
            await asyncio.to_thread(_keep, self._folder, message)
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise DeliveryError(
                f"channel {self.name}: cannot write into {self._folder}: {said}; "
                "look at its rights and at the room on the disk"
            ) from error


def safe_name(name: str) -> str:
    """Return ``name`` as an ASCII file name; a name that had to change bears a hash of the old."""
    safe = _UNSAFE.sub("-", name)[:_NAME_LIMIT].strip(".-")
    if safe and safe == name:
        return name
    return _with_mark(safe or "message", digest("name", name, length=8))


def _with_mark(name: str, mark: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{mark}.{suffix}" if dot and stem else f"{name}-{mark}"


def _keep(folder: Path, message: Message) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = safe_name(message.name)
    if _is_other(folder / name, message.body):
        name = _with_mark(name, digest("body", message.body.hex(), length=8))
    _write(folder, name, message.body)


def _is_other(path: Path, body: bytes) -> bool:
    """Whether something else stands at ``path``; a link is read, but never written through."""
    if not path.is_file():
        return path.exists()
    return path.stat().st_size != len(body) or path.read_bytes() != body


def _write(folder: Path, name: str, body: bytes) -> None:
    """Write through a hidden file beside the target: readers see the old state or the new."""
    part = folder / f".{name}.part"
    part.unlink(missing_ok=True)  # left by a crash; the flags below then refuse a planted link
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / name)
    _sync(folder)


def _sync(folder: Path) -> None:
    """Make the new name last over a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
