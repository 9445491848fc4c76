"""Wishes of commands, fulfilled: by the daemon at each tick, or by the command itself.

A command leaves its wish in the spool. Where no daemon holds the database, the command takes the
lock and fulfils what waits; else the daemon does so within a tick. Fulfilling the same wish twice
comes to the same, so a crash in between loses and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import singledispatch

from monitor.errors import AlreadyRunning, Damaged, MonitorError, StoreError
from monitor.files import Setup
from monitor.model import Hit, Judgement, MuteKind
from monitor.pipeline.compose import CannotSend, send_now
from monitor.pipeline.observer import Observer, Silent
from monitor.store import BadRequest, Lock, Request, Spool, Store
from monitor.store import requests as wishes

#: A digest that was wanted "now" is not sent later than this.
STALE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """What became of one request."""

    name: str
    told: str = ""  #: what was done, in words
    refused: str = ""  #: why it could not be done; empty when it was


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a wish may touch."""

    setup: Setup
    store: Store
    now: datetime
    asked_at: datetime  #: never later than ``now``


class _Refused(MonitorError):  # noqa: N818 - reads as a sentence: raise _Refused
    """A wish that is well formed and cannot be fulfilled; the message says why."""


def submit(setup: Setup, wish: wishes.Wish, now: datetime, by: str) -> Fulfilled | None:
    """Leave a wish and fulfil it at once if no daemon holds the database.

    Returns None when it was handed to the running daemon. Raises StoreError when it cannot be
    left, or when the database cannot be written.
    """
    name = Spool(setup.database).put(Request(wish, now, by))
    try:
        lock = Lock(setup.database).__enter__()
    except AlreadyRunning:
        return None
    try:
        store = Store.writer(setup.database)
        try:
            done = absorb(setup, store, now, Silent())
        finally:
            store.close()
    finally:
        lock.__exit__(None, None, None)
    return next((one for one in done if one.name == name), None)


def absorb(setup: Setup, store: Store, now: datetime, observer: Observer) -> list[Fulfilled]:
    """Fulfil what waits in the spool, the oldest first; return what became of it.

    A file that is no request is moved aside; a wish that cannot be fulfilled is dropped. Both are
    told as incidents. What the database refuses stays for the next round.
    """
    spool = Spool(setup.database)
    done: list[Fulfilled] = []
    try:
        names = spool.waiting()
    except StoreError as error:
        observer.incident(f"requests are not fulfilled: {error}")
        return []
    for name in names:
        try:
            done.append(_take(spool, name, setup, store, now, observer))
        except Damaged:
            raise
        except StoreError as error:
            observer.incident(f"request {name}: not fulfilled yet: {error}")
    return done


def _take(
    spool: Spool, name: str, setup: Setup, store: Store, now: datetime, observer: Observer
) -> Fulfilled:
    try:
        request = spool.read(name)
    except BadRequest as error:
        aside = spool.set_aside(name)
        observer.incident(f"request {name}: {error}; moved aside to {aside.name}")
        return Fulfilled(name, refused=str(error))
    try:
        told = _fulfil(request.wish, _Desk(setup, store, now, min(request.at, now)))
    except (_Refused, CannotSend) as error:
        spool.remove(name)
        observer.incident(f"request {name} ({request.kind}): {error}")
        return Fulfilled(name, refused=str(error))
    spool.remove(name)
    observer.asked(request.kind, request.by, told)
    return Fulfilled(name, told)


@singledispatch
def _fulfil(wish: object, desk: _Desk) -> str:  # noqa: ARG001 - the shape of all the others
    raise _Refused(f"nobody knows how to {type(wish).__name__.lower()}")


@_fulfil.register
def _(wish: wishes.Mark, desk: _Desk) -> str:
    hits = _hits(desk.store, wish.hits)
    desk.store.marks.save(
        [
            Judgement(hit.item_id, hit.watchlist, wish.verdict, desk.asked_at, wish.note)
            for hit in hits
        ]
    )
    return f"{len(hits)} marked as {wish.verdict}"


@_fulfil.register
def _(wish: wishes.Unmark, desk: _Desk) -> str:
    hits = _hits(desk.store, wish.hits)
    desk.store.marks.remove([(hit.item_id, hit.watchlist) for hit in hits])
    return f"the marks of {len(hits)} are gone"


@_fulfil.register
def _(wish: wishes.BeginMute, desk: _Desk) -> str:
    if wish.until is not None and wish.until <= desk.now:
        raise _Refused("the mute would have ended already")
    known = {one.name for one in desk.setup.watchlists}
    if wish.what is MuteKind.WATCHLIST and wish.target not in known:
        raise _Refused(f"there is no watchlist '{wish.target}'")
    if wish.what is MuteKind.STORY and not _is_story(desk.store, wish.target):
        raise _Refused(f"there is no story '{wish.target}'")
    number = desk.store.mutes.begin(wish.what, wish.target, wish.reason, wish.until, desk.asked_at)
    return f"mute {number} is in force"


@_fulfil.register
def _(wish: wishes.EndMute, desk: _Desk) -> str:
    if not desk.store.mutes.end(wish.mute, desk.now):
        raise _Refused(f"no mute {wish.mute} is in force")
    return f"mute {wish.mute} has ended"


@_fulfil.register
def _(wish: wishes.Revive, desk: _Desk) -> str:
    if wish.url not in desk.store.feeds.states():
        raise _Refused("there is no feed of this address")
    with desk.store.transaction():
        desk.store.feeds.revive(wish.url)
    return f"{wish.url} is polled at the next round"


@_fulfil.register
def _(wish: wishes.Resend, desk: _Desk) -> str:
    if desk.store.ledger.resend(wish.delivery, desk.now) is None:
        raise _Refused(f"there is no delivery {wish.delivery} that is held, dead or dropped")
    return f"delivery {wish.delivery} goes again"


@_fulfil.register
def _(wish: wishes.Drop, desk: _Desk) -> str:
    if desk.store.ledger.drop(wish.delivery, "by a person", desk.now) is None:
        raise _Refused(f"there is no delivery {wish.delivery} that waits")
    return f"delivery {wish.delivery} is dropped"


@_fulfil.register
def _(wish: wishes.SendNow, desk: _Desk) -> str:
    if desk.now - desk.asked_at > STALE:
        raise _Refused("it was asked for more than a day ago; ask again")
    name = send_now(desk.setup, desk.store, wish.profile, wish.to, desk.asked_at, desk.now)
    return f"{name} is on its way"


def _hits(store: Store, ids: Sequence[int]) -> tuple[Hit, ...]:
    hits = store.hits.get(ids)
    if missing := sorted(set(ids) - {hit.id for hit in hits}):
        raise _Refused(f"there is no hit {', '.join(map(str, missing[:5]))}")
    return hits


def _is_story(store: Store, number: str) -> bool:
    digits = number.isascii() and number.isdigit() and len(number) < 19
    return digits and bool(store.hits.of_stories([int(number)]))
