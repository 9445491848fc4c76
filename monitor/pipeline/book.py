"""One transaction for many polls: the book in which writes wait for company.

A commit waits for the disk. So claims on feeds that are about to be asked, polls without news and
documents are gathered for a moment and written together; each document is written whole or not at
all, whatever becomes of the others. Nothing is told to anybody before it is committed. A crash
takes with it what waits: a document's feed stays claimed and is asked again at its usual time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import StoreError
from monitor.model import FeedState, PollRecord
from monitor.store import Store

#: How long a poll without news may wait to be written, and a request for its claim, in seconds.
WAIT_S = 0.25
CLAIM_S = 0.03
#: How long a document may wait to be written, in seconds.
DOCUMENT_S = 0.02
#: So many waiting polls, or entries of documents, are written at once, however young.
FULL = 200
#: After this long, in seconds, a transaction takes in no further document: the loop has other work.
LONGEST_S = 0.05


@dataclass(slots=True)
class _Claim:
    """A feed that is about to be asked: until when nobody else may, and who waits for that."""

    url: str
    until: datetime
    full_at: datetime | None
    done: asyncio.Future[None]

    def close(self, failure: Exception | None = None) -> None:
        if self.done.done():  # nobody waits any more
            return
        if failure is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(failure)
            self.done.exception()  # seen, even if its owner has gone meanwhile


@dataclass(slots=True)
class _Page:
    """A document that waits: what writes it, and who is told of it."""

    write: Callable[[], PollRecord]
    told: Callable[[], None]
    done: asyncio.Future[PollRecord]
    entries: int
    record: PollRecord | None = None  #: once it is written
    failure: Exception | None = None  #: it is not written, and this is why

    def close(self, failure: Exception | None = None) -> None:
        """Tell whoever waits; ``failure`` is one of the whole transaction."""
        failure = failure or self.failure
        if failure is None:
            try:
                self.told()
            except Exception as error:  # noqa: BLE001 - it is on disk, and others wait as well
                failure = error
        if self.done.done():  # nobody waits any more
            return
        if failure is not None:
            self.done.set_exception(failure)
            self.done.exception()  # seen, even if the same error reaches its owner another way
        elif self.record is not None:
            self.done.set_result(self.record)


class Book:
    """Gathers writes; whoever uses it calls :meth:`flush` when its work is done.

    ``alone`` tells that nothing else is under way that a claim or a document could wait for.
    """

    def __init__(self, store: Store, alone: Callable[[], bool] = lambda: False) -> None:
        self._store = store
        self._alone = alone
        self._polls: list[tuple[FeedState, PollRecord, Callable[[], None]]] = []
        self._claims: list[_Claim] = []
        self._documents: deque[_Page] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._failed: StoreError | None = None  # in a timer, where nobody could be told

    async def claim(self, url: str, until: datetime, full_at: datetime | None) -> None:
        """Commit that a feed is being asked; returns when that is on disk.

        ``full_at`` is now when the request goes without validators. Raises StoreError.
        """
        claim = _Claim(url, until, full_at, asyncio.get_running_loop().create_future())
        self._claims.append(claim)
        if self._alone():
            self._write()
        elif len(self._claims) == 1:
            self._in(CLAIM_S)
        await claim.done

    def withdraw(self, url: str) -> None:
        """Forget a claim that is not on disk yet."""
        self._claims = [one for one in self._claims if one.url != url]

    def add(self, state: FeedState, record: PollRecord, told: Callable[[], None]) -> None:
        """Write a poll without news before long; ``told`` is called once it is committed."""
        self._polls.append((state, record, told))
        if len(self._polls) >= FULL:
            self._write()
        elif self._timer is None:
            self._in(WAIT_S)

    async def document(
        self, entries: int, write: Callable[[], PollRecord], told: Callable[[], None]
    ) -> PollRecord:
        """Call ``write`` inside of a transaction before long; return when that is on disk.

        ``told`` is called once it is committed. Raises StoreError, and what ``write`` raises: then
        nothing of it is written.
        """
        if self._entries and self._entries + entries > FULL:
            self._write()  # else one transaction would hold up the loop for too long
            await asyncio.sleep(0)
        done: asyncio.Future[PollRecord] = asyncio.get_running_loop().create_future()
        self._documents.append(_Page(write, told, done, entries))
        if self._entries >= FULL or self._alone():
            self._write()
        else:
            self._in(DOCUMENT_S)
        return await done

    @property
    def _entries(self) -> int:
        return sum(one.entries for one in self._documents)

    def flush(self) -> None:
        """Write all that waits, now. Raises StoreError; what could not be written is let go.

        A failure since the last call counts as one of this call.
        """
        failed, self._failed = self._failed, None
        self._write()
        while self._documents:
            self._write()
        if failed is not None:
            raise failed

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        polls, self._polls = self._polls, []
        claims, self._claims = self._claims, []
        if not (polls or claims or self._documents):
            return
        documents: list[_Page] = []
        try:
            with self._store.transaction():
                self._store.feeds.claim((one.url, one.until, one.full_at) for one in claims)
                self._store.feeds.save_all((state, record) for state, record, _ in polls)
                self._write_documents(documents)
        except Exception as error:  # whatever it is, nobody may wait for ever
            for claim in claims:
                claim.close(error)
            for one in (*documents, *self._documents):
                one.close(error)
            self._documents.clear()
            raise
        if self._documents:
            self._in(0)
        for claim in claims:
            claim.close()
        for _, _, told in polls:
            told()
        for one in documents:
            one.close()

    def _write_documents(self, begun: list[_Page]) -> None:
        """Write documents until time is up; each goes over to ``begun`` first."""
        until = time.monotonic() + LONGEST_S
        while self._documents and not (begun and time.monotonic() > until):
            begun.append(self._documents.popleft())
            self._write_one(begun[-1])

    def _write_one(self, document: _Page) -> None:
        """Write a document, or nothing of it: its fault is not that of the others."""
        try:
            with self._store.part():
                document.record = document.write()
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - it goes to whoever brought the document
            document.failure = error

    def _in(self, seconds: float) -> None:
        """Flush no later than ``seconds`` from now."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        try:
            self._write()
        except StoreError as error:
            self._failed = error
