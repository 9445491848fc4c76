"""The spool: wishes of commands, one JSON file each, for the daemon to fulfil.

The daemon is the only writer of its database, so a command that wants something changed leaves a
file in ``<database>.requests/``, renamed in whole. What lies there is untrusted: bounded in size
and number, never followed through a link, checked key by key. Nothing is fulfilled here.
"""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from uuid import uuid4

from monitor.documents import Document, Field, Tree, check, field_validator
from monitor.errors import InputError, MonitorError, StoreError
from monitor.model import MuteKind, Verdict
from monitor.text import clean, cut
from monitor.times import from_stamp, stamp, utc

MAX_BYTES = 64_000
MAX_WAITING = 1_000  #: files; more than this and nobody takes them up
MAX_TAKEN = 200  #: files in one round
MAX_BAD = 50  #: bad files that are kept to be looked at
MAX_HITS = 1_000

HitIds = Annotated[tuple[Annotated[int, Field(ge=1, lt=2**63)], ...], Field(min_length=1,
                   max_length=MAX_HITS)]  # fmt: skip
D = TypeVar("D", bound=Document)
Name = Annotated[str, Field(min_length=1, max_length=300)]


class BadRequest(MonitorError):  # noqa: N818 - reads as a sentence: raise BadRequest
    """A file in the spool is no request that can be fulfilled."""


class Mark(Document):
    """Mark hits as relevant or as noise."""

    hits: HitIds
    verdict: Verdict
    note: str = Field(default="", max_length=500)


class Unmark(Document):
    """Take marks off hits."""

    hits: HitIds


class BeginMute(Document):
    """Silence a watchlist, a story or an outlet."""

    what: MuteKind
    target: Name
    reason: Name
    until: datetime | None = None

    _aware = field_validator("until")(lambda value: utc(value) if value else value)


class EndMute(Document):
    """End a mute by its number."""

    mute: int = Field(ge=1, lt=2**63)


class Revive(Document):
    """Poll a feed again that was given up."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)]


class Resend(Document):
    """Send again what was given up or is uncertain: a delivery's number."""

    delivery: int = Field(ge=1, lt=2**63)


class Drop(Document):
    """Give up a delivery that waits or is uncertain."""

    delivery: int = Field(ge=1, lt=2**63)


class SendNow(Document):
    """Send a profile's digest as it is now, outside its schedule."""

    profile: Name
    to: str = Field(default="", max_length=300)


Wish = Mark | Unmark | BeginMute | EndMute | Revive | Resend | Drop | SendNow
KINDS: dict[str, type[Wish]] = {
    "mark": Mark,
    "unmark": Unmark,
    "mute": BeginMute,
    "unmute": EndMute,
    "revive": Revive,
    "resend": Resend,
    "drop": Drop,
    "send": SendNow,
}


class _Envelope(Document):
    kind: Literal["mark", "unmark", "mute", "unmute", "revive", "resend", "drop", "send"]
    arguments: dict[str, Any]
    at: str = Field(max_length=40)
    by: str = Field(default="", max_length=100)


class Request:
    """One wish, with when and by whom it was uttered."""

    __slots__ = ("at", "by", "wish")

    def __init__(self, wish: Wish, at: datetime, by: str = "") -> None:
        self.wish = wish
        self.at = utc(at)
        self.by = cut(clean(by), 100)

    @property
    def kind(self) -> str:
        return next(kind for kind, one in KINDS.items() if isinstance(self.wish, one))


class Spool:
    """The folder beside a database in which requests wait, in the order of their names."""

    def __init__(self, database: Path) -> None:
        real = database.resolve()  # as the lock: two names of one file are one database
        self._database = real
        self.folder = real.with_name(real.name + ".requests")

    def put(self, request: Request) -> str:
        """Leave a request and return its name; raises StoreError when it cannot be left."""
        body = json.dumps(
            {
                "kind": request.kind,
                "arguments": request.wish.model_dump(mode="json"),
                "at": stamp(request.at),
                "by": request.by,
            },
            ensure_ascii=False,
        ).encode("utf-8")
        if len(body) > MAX_BYTES:
            raise StoreError(f"the request has {len(body):,} bytes, more than {MAX_BYTES:,}")
        name = f"{stamp(request.at).replace(':', '')}-{uuid4().hex[:12]}.json"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._hand_over(self.folder)
            if len(self._names()) >= MAX_WAITING:
                hint = "no daemon takes them up; start it, or empty the folder"
                raise StoreError(f"{self.folder}: {MAX_WAITING:,} requests wait already; {hint}")
            self._write(name, body)
        except OSError as error:
            hint = "run the command as the user that the daemon runs as"
            raise StoreError(f"{self.folder}: {error.strerror}; {hint}") from error
        return name

    def waiting(self, limit: int = MAX_TAKEN) -> tuple[str, ...]:
        """Return the names of requests, the oldest first; empty when there is no folder."""
        try:
            names = self._names()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{self.folder}: cannot be read: {error.strerror}") from error
        return tuple([name for name in names if name.endswith(".json")][:limit])

    def read(self, name: str) -> Request:
        """Read one request; raises BadRequest with the reason, never more than one line."""
        try:
            envelope = _checked(_Envelope, json.loads(self._text(name)))
            wish = _checked(KINDS[envelope.kind], envelope.arguments)
            return Request(wish, from_stamp(envelope.at), envelope.by)
        except InputError as error:
            raise BadRequest(cut(clean(error.problems[0].what), 200)) from None
        except (ValueError, RecursionError) as error:
            raise BadRequest(cut(clean(f"not readable as JSON: {error}"), 200)) from None
        except OSError as error:
            raise BadRequest(f"cannot be read: {error.strerror}") from None

    def remove(self, name: str) -> None:
        """Take a fulfilled request away; raises StoreError."""
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{self.folder / name}: {error.strerror}") from error

    def set_aside(self, name: str) -> Path:
        """Rename a bad file so that it is not read again; only the newest few are kept."""
        aside = self.folder / f"{name}.bad"
        try:
            (self.folder / name).replace(aside)
            for one in [one for one in self._names() if one.endswith(".bad")][:-MAX_BAD]:
                (self.folder / one).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{self.folder / name}: {error.strerror}") from error
        return aside

    def _names(self) -> list[str]:
        return sorted(one.name for one in self.folder.iterdir())

    def _write(self, name: str, body: bytes) -> None:
        """Write beside and rename in: nobody ever reads half a request."""
        beside = self.folder / f".{name}.new"
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            self._hand_over(beside)
            beside.replace(self.folder / name)
        except OSError:
            beside.unlink(missing_ok=True)
            raise

    def _hand_over(self, path: Path) -> None:
        """Let root leave requests for a daemon that runs as the database's owner."""
        if os.geteuid() == 0 and self._database.exists():
            owner = self._database.stat()
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

    def _text(self, name: str) -> str:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(self.folder / name, flags)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ValueError("no plain file")
            body = os.read(handle, MAX_BYTES + 1)
        finally:
            os.close(handle)
        if len(body) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES:,} bytes")
        return body.decode("utf-8")


def _checked(model: type[D], data: object) -> D:
    """Return ``data`` as ``model``; raises InputError, that names the key at fault."""
    keys = data if isinstance(data, dict) else {}
    return check(model, Tree("request", data, {(key,): 1 for key in keys}))
