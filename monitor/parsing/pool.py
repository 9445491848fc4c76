"""A pool of parse workers, each in a cage: a deadline, a memory limit, and a pipe.

A worker that overruns is killed and replaced; the daemon's own loop only ever waits for a thread
that waits for a pipe, so no document can stall it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing as mp
from collections.abc import Collection
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from monitor.errors import ParseError
from monitor.model import ParsedFeed, PollOutcome
from monitor.parsing.worker import READY, decode_answer, serve

#: How long a worker may take to start, in seconds.
START_S = 60
#: What a worker may take beyond its deadline before it is thought dead, in seconds.
GRACE_S = 5
_DIED = "the parser died over this document"


class _DeadError(Exception):
    """The worker is gone, and its answer with it."""


@dataclass(frozen=True, slots=True)
class Cage:
    """What one document may cost."""

    deadline_s: float = 5.0
    memory: int = 512 * 1024 * 1024  #: bytes of address space


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection

    def kill(self) -> None:
        self.process.kill()
        self.pipe.close()
        self.process.join(5)


class ParserPool:
    """``size`` workers; use as an async context manager."""

    def __init__(self, size: int = 2, cage: Cage | None = None) -> None:
        self._size = size
        self._cage = cage or Cage()
        self._context = mp.get_context("forkserver")
        self._free: asyncio.Queue[_Worker | None] = asyncio.Queue()
        self._workers: dict[int, _Worker] = {}
        self.killed = 0  #: workers killed so far, for the status

    async def __aenter__(self) -> Self:
        # The main module, too: else each worker would import the whole command line by itself.
        self._context.set_forkserver_preload(["__main__", "monitor.parsing.worker"])
        for _ in range(self._size):
            self._free.put_nowait(None)  # started when first needed
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in list(self._workers.values()):
            self._forget(worker)

    async def parse(
        self,
        body: bytes,
        content_type: str | None,
        language: str = "",
        known: Collection[str] = (),
    ) -> ParsedFeed:
        """Parse in a worker; raises ParseError (not-a-feed, parser-killed).

        A document over which a worker dies gets a second one, and no third.

        Entries whose raw keys are ``known`` may be left out; see :class:`ParsedFeed`.
        """
        asked_for = {"content_type": content_type, "language": language, "known": [*known]}
        head = json.dumps(asked_for).encode()
        worker = await self._free.get()
        try:
            if worker is None or not worker.process.is_alive():
                worker = await self._fresh(worker)
            try:
                raw = await self._asked(worker, head, body)
            except _DeadError:  # perhaps between two documents, which is no fault of this one
                worker = await self._fresh(worker)
                raw = await self._asked(worker, head, body)
        except _DeadError as error:
            self._replace(worker)
            raise ParseError(PollOutcome.PARSER_KILLED, _DIED) from error
        except BaseException:
            self._replace(worker)
            raise
        self._free.put_nowait(worker)
        return decode_answer(raw, known)

    async def _fresh(self, dead: _Worker | None) -> _Worker:
        if dead is not None:
            self._forget(dead)
        return await asyncio.to_thread(self._start)

    async def _asked(self, worker: _Worker, head: bytes, body: bytes) -> bytes:
        """Return the worker's answer; the deadline here is for one that does not even read."""
        asked = asyncio.to_thread(self._ask, worker, head, body)
        try:
            return await asyncio.wait_for(asked, self._cage.deadline_s + GRACE_S)
        except TimeoutError as error:
            what = "the parser did not take the document"
            raise ParseError(PollOutcome.PARSER_KILLED, what) from error

    def _replace(self, worker: _Worker | None) -> None:
        if worker is not None:
            self._forget(worker)
            self.killed += 1
        self._free.put_nowait(None)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self._cage.memory), name="newsmonitor-parser", daemon=True
        )
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers[id(worker)] = worker
        # Only now does the deadline of a document begin: a busy machine may be slow to start.
        try:
            ready = ours.poll(START_S) and ours.recv_bytes() == READY
        except (EOFError, OSError):
            ready = False
        if not ready:
            self._forget(worker)
            raise ParseError(PollOutcome.PARSER_KILLED, "no parser process could be started")
        return worker

    def _ask(self, worker: _Worker, head: bytes, body: bytes) -> bytes:
        limit = self._cage.deadline_s
        try:
            worker.pipe.send_bytes(head)
            worker.pipe.send_bytes(body)
            if worker.pipe.poll(limit):
                return worker.pipe.recv_bytes()
        except (EOFError, OSError) as error:
            raise _DeadError from error
        what = f"the parser was stopped after {limit:g} s over this document"
        raise ParseError(PollOutcome.PARSER_KILLED, what)

    def _forget(self, worker: _Worker) -> None:
        self._workers.pop(id(worker), None)
        with contextlib.suppress(OSError):
            worker.kill()
