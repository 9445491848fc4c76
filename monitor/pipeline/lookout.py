"""The matcher in force, built in a thread: the loop goes on, and documents wait for it alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from monitor.matching import Matcher, Watchlist, compile_watchlists

#: Lists that are matched against items; drafts and retired ones are not.
MATCHED = {"live", "test"}


class Lookout:
    """Holds the matcher of some lists; three lists with their names take a second to build."""

    def __init__(self, lists: Sequence[Watchlist]) -> None:
        self._lists = lists
        self._building: asyncio.Task[Matcher] | None = None

    def begin(self) -> None:
        """Start to build, so that nobody waits later; the loop must run."""
        if self._building is None:
            self._building = asyncio.create_task(asyncio.to_thread(_matcher, self._lists))

    def watch_for(self, lists: Sequence[Watchlist]) -> None:
        """Match with other lists, from the next document on."""
        self._lists, self._building = lists, None
        self.begin()

    async def matcher(self) -> Matcher:
        """Return the matcher of the lists in force, once it is built."""
        while True:
            self.begin()
            building = self._building
            assert building is not None, "it has just begun"
            found = await asyncio.shield(building)  # who waits may be cancelled, the work not
            if building is self._building:  # else the lists were replaced meanwhile
                return found

    @property
    def at_hand(self) -> Matcher | None:
        """Return the matcher if it is built."""
        task = self._building
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    async def aclose(self) -> None:
        """Let go of what is being built."""
        if self._building is not None:
            self._building.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._building


def _matcher(lists: Sequence[Watchlist]) -> Matcher:
    return compile_watchlists([one for one in lists if one.status in MATCHED])
