"""All hostile replies and fifty good feeds, served by a process of its own."""

from __future__ import annotations

import multiprocessing as mp
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection

from tests.hostile.documents import rss
from tests.hostile.rounds import documents, put_right, wired
from tests.hostile.wire import Wire, answer

HOSTS, EACH = 10, 5


@contextmanager
def served() -> Iterator[tuple[list[str], list[str]]]:
    """Yield the addresses of the hostile feeds and of the good ones."""
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        assert ours.poll(120), "the servers did not start"
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join(20)
        process.kill()


def _serve(pipe: Connection) -> None:
    with ExitStack() as stack:
        hostile = stack.enter_context(Wire({}, "127.0.0.9"))
        put_right(hostile, documents() | wired())
        paths = (one for one in hostile.replies if not one.startswith(("/circle-", "/chain-")))
        good = []
        for host in range(10, 10 + HOSTS):
            wire = stack.enter_context(Wire({}, f"127.0.0.{host}"))
            for number in range(EACH):
                wire.replies[f"/{number}"] = _good(host * 100 + number)
                good.append(f"{wire.base}/{number}")
        pipe.send(([f"{hostile.base}{path}" for path in paths], good))
        pipe.recv()


def _good(number: int) -> bytes:
    items = "".join(
        f"<item><guid>{number}/{n}</guid><title>News {number} {n}</title></item>" for n in range(30)
    )
    return answer(body=rss(items))
