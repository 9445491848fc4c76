"""Kill the sender of digests at random moments: what is lost, what comes twice unseen.

A ledger full of digests is sent to servers of this machine by a process that gets ``kill -9``
after a random while, again and again, until nothing waits any more. The servers, which outlive it,
count: what never came (lost), what came twice, and whether the second copy can be told from a new
digest. Nothing leaves this machine.

    python bench/delivery.py                   1,500 digests by SMTP, 500 of three parts to a room
    python bench/delivery.py --digests 150     a short one
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

from monitor.clock import SystemClock
from monitor.delivery import (
    Channel,
    SlackChannel,
    SlackSettings,
    SmtpChannel,
    SmtpSettings,
    compose,
    dispatch,
    message_id,
)
from monitor.delivery.smtp import Security
from monitor.model import Message
from monitor.store import Store

START = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
SENDER, READER = "watch@example.org", "reader@example.org"
PARTS = 3
#: A life ends when so many messages at most have arrived in it, and a moment later; counted in
#: messages and not in seconds, so that a busy machine changes the duration only.
MOST_OF_A_LIFE, LONGEST_MOMENT_S = 25, 0.03


@dataclass
class Servers:
    """A mail server and a room; what they were given, in order."""

    mails: list[bytes] = field(default_factory=list)
    posts: list[bytes] = field(default_factory=list)
    smtp: int = 0
    hook: str = ""

    def start(self) -> None:
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        ready.wait(10)

    async def _serve(self, ready: threading.Event) -> None:
        from aiohttp import web
        from aiosmtpd.smtp import SMTP

        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="double.example.org"), "127.0.0.1", 0
        )
        self.smtp = server.sockets[0].getsockname()[1]
        application = web.Application()
        application.router.add_post("/hook", self._take)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.hook = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        ready.set()
        await asyncio.Event().wait()

    async def handle_DATA(self, _server, _session, envelope):  # noqa: ANN001, ANN201, N802
        self.mails.append(envelope.original_content)
        return "250 OK"

    async def _take(self, request):  # noqa: ANN001, ANN202
        from aiohttp import web

        self.posts.append(await request.read())
        return web.Response(text="ok")


@dataclass(frozen=True)
class Result:
    """One row of the table."""

    what: str
    digests: int
    messages: int
    kills: int
    interrupted: int  #: sends that a start found in *sending*
    lost: int
    copies: int  #: beyond the first
    alike: int  #: copies that can be told: the same Message-ID and bytes, or marked as a repeat
    disorder: int  #: parts that came before, or again after, what they must not
    seconds: float


def put_mails(store: Store, count: int) -> None:
    for number in range(count):
        owner = f"daily-{number}"
        body = compose(
            digest_id=owner, profile="daily", channel="out", sender=SENDER, recipient=READER,
            subject=f"[Watch] {number} stories", text=f"serial {number}\n" + "A line.\n" * 40,
            html=f"<p>serial {number}</p>" + "<p>A line.</p>" * 40, date=START,
        )  # fmt: skip
        name = message_id(owner, "out", READER, SENDER)
        message = Message("out", READER, 1, 1, name, body, "message/rfc822")
        store.ledger.add(owner, [message], START)


def put_posts(store: Store, count: int) -> None:
    for number in range(count):
        parts = [
            json.dumps({"text": f"serial {number} part {part}"}).encode()
            for part in range(1, PARTS + 1)
        ]
        messages = [
            Message("out", "out", n, PARTS, f"{number}-{n}", body, "application/json")
            for n, body in enumerate(parts, 1)
        ]
        store.ledger.add(f"daily-{number}", messages, START)


def send(database: Path, kind: str, place: str) -> None:
    """Be the sender: recover, say so, send until nothing waits."""
    clock, store = SystemClock(), Store.writer(database)
    channel: Channel
    if kind == "mail":
        settings = SmtpSettings("out", "127.0.0.1", SENDER, int(place), Security.NONE,
                                helo="bench.example.org")  # fmt: skip
        channel = SmtpChannel(settings)
    else:  # without the pause of a second that a real room needs: it only makes the bench slow
        channel = SlackChannel(SlackSettings("out", place, allow_http=True, gap_s=0.0), clock)
    print(store.ledger.recover(clock.now()), flush=True)
    while store.ledger.pending(clock.now()):
        asyncio.run(dispatch(store.ledger, {"out": channel}, clock))
    store.close()


def suffer(
    database: Path, kind: str, place: str, arrived: list[bytes], dice: random.Random
) -> tuple[int, int]:
    """Start the sender and kill it until it ends by itself; return kills and interrupted sends."""
    kills = interrupted = 0
    command = [sys.executable, __file__, "send", str(database), kind, place]
    while True:
        until = len(arrived) + dice.randint(0, MOST_OF_A_LIFE)
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            interrupted += int(process.stdout.readline() or b"0")
            while len(arrived) < until and process.poll() is None:
                time.sleep(0.001)
            time.sleep(dice.uniform(0.0, LONGEST_MOMENT_S))
            if process.poll() is None:
                process.kill()
                kills += 1
                continue
        assert process.returncode == 0, f"the sender ended with {process.returncode}"
        return kills, interrupted


def judge_mails(mails: list[bytes], count: int) -> tuple[int, int, int, int]:
    """Return lost, copies, copies that are alike, disorder."""
    found: dict[int, list[bytes]] = defaultdict(list)
    for raw in mails:
        text = message_from_bytes(raw).get_payload(0).get_payload(decode=True).decode()
        found[int(text.split()[1])].append(raw)
    copies = sum(len(one) - 1 for one in found.values())
    alike = sum(
        raw == one[0] and identity(raw) == identity(one[0])
        for one in found.values()
        for raw in one[1:]
    )
    return count - len(found), copies, alike, 0


def identity(raw: bytes) -> str | None:
    return message_from_bytes(raw)["Message-ID"]


def judge_posts(posts: list[bytes], count: int) -> tuple[int, int, int, int]:
    """Return lost, copies, copies that say they may be one, parts out of order."""
    seen: Counter[tuple[int, int]] = Counter()
    latest: dict[int, int] = defaultdict(int)
    alike = disorder = 0
    for raw in posts:
        words = json.loads(raw)["text"].split()
        number, part = int(words[-3]), int(words[-1])
        seen[number, part] += 1
        alike += seen[number, part] > 1 and "repeat:" in words
        # In order, and resumed where it failed: never an earlier part again, never one skipped.
        disorder += part not in {latest[number], latest[number] + 1}
        latest[number] = max(latest[number], part)
    return count * PARTS - len(seen), sum(seen.values()) - len(seen), alike, disorder


def measure(kind: str, count: int, servers: Servers, dice: random.Random) -> Result:
    """Send ``count`` digests under fire."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "news.db"
        store = Store.writer(database)
        with store.transaction():
            (put_mails if kind == "mail" else put_posts)(store, count)
        store.close()
        place = str(servers.smtp) if kind == "mail" else servers.hook
        arrived = servers.mails if kind == "mail" else servers.posts
        kills, interrupted = suffer(database, kind, place, arrived, dice)
        store = Store.reader(database)
        assert not store.ledger.unsent()
        store.close()
    judged = (
        judge_mails(servers.mails, count) if kind == "mail" else judge_posts(servers.posts, count)
    )
    what, each = ("SMTP", 1) if kind == "mail" else (f"Slack webhook, {PARTS} parts", PARTS)
    seconds = time.monotonic() - begun
    return Result(what, count, count * each, kills, interrupted, *judged, seconds)


def table(rows: list[Result]) -> str:
    head = ("by", "digests", "messages", "kills", "interrupted", "lost", "copies",
            "recognisable", "out of order", "seconds")  # fmt: skip
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [
        f"{r.what} | {r.digests:,} | {r.messages:,} | {r.kills} | {r.interrupted} | {r.lost} |"
        f" {r.copies} | {r.alike} of {r.copies} | {r.disorder} | {r.seconds:.0f}"
        for r in rows
    ]
    return "\n".join(f"| {line} |" for line in lines)


def bench(digests: int, seed: int) -> list[Result]:
    servers, dice = Servers(), random.Random(seed)
    servers.start()
    return [
        measure("mail", digests, servers, dice),
        measure("slack", max(1, digests // PARTS), servers, dice),
    ]


def main() -> None:
    if sys.argv[1:2] == ["send"]:
        send(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--digests", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = bench(options.digests, options.seed)
    print(table(rows))
    if any(one.lost or one.disorder or one.copies != one.alike for one in rows):
        raise SystemExit("something was lost, out of order, or came twice unseen")


if __name__ == "__main__":
    main()
