"""One transaction for many polls: the book in which small writes wait for company.

A commit waits for the disk, and a poll that brought nothing has little to write. So claims on feeds
that are about to be asked, and polls without news, are gathered for a moment and written together.
Nothing is told to anybody before it is committed. What a crash takes with it are polls without
news, whose feeds stay claimed: they are asked again at their usual time, not at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from monitor.errors import StoreError
from monitor.model import FeedState, PollRecord
from monitor.store import Store

#: How long a poll without news may wait to be written, and a request for its claim, in seconds.
WAIT_S = 0.25
CLAIM_S = 0.03
#: So many waiting polls are written at once, however young.
FULL = 200


class Book:
    """Gathers writes; whoever uses it calls :meth:`flush` when its work is done."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._polls: list[tuple[FeedState, PollRecord, Callable[[], None]]] = []
        self._claims: list[tuple[str, datetime, datetime | None]] = []
        self._claimed: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._failed: StoreError | None = None  # in a timer, where nobody could be told

    async def claim(self, url: str, until: datetime, full_at: datetime | None) -> None:
        """Commit that a feed is being asked; returns when that is on disk.

        ``full_at`` is now when the request goes without validators. Raises StoreError.
        """
        self._claims.append((url, until, full_at))
        if self._claimed is None:
            self._claimed = asyncio.get_running_loop().create_future()
            self._in(CLAIM_S)
        await asyncio.shield(self._claimed)

    def withdraw(self, url: str) -> None:
        """Forget a claim that is not on disk yet."""
        self._claims = [one for one in self._claims if one[0] != url]

    def add(self, state: FeedState, record: PollRecord, told: Callable[[], None]) -> None:
        """Write a poll without news before long; ``told`` is called once it is committed."""
        self._polls.append((state, record, told))
        if len(self._polls) >= FULL:
            self._write()
        elif self._timer is None:
            self._in(WAIT_S)

    def flush(self) -> None:
        """Write all that waits, now. Raises StoreError; what could not be written is let go.

        A failure since the last call counts as one of this call.
        """
        failed, self._failed = self._failed, None
        self._write()
        if failed is not None:
            raise failed

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        polls, self._polls = self._polls, []
        claims, self._claims = self._claims, []
        waiting, self._claimed = self._claimed, None
        if not polls and not claims:
            return
        try:
            with self._store.transaction():
                self._store.feeds.claim(claims)
                self._store.feeds.save_all((state, record) for state, record, _ in polls)
        except StoreError as error:
            if waiting is not None and not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # seen, even if everybody who waited was cancelled
            raise
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
        for _, _, told in polls:
            told()

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
