"""Soak: the real daemon under every fault at once, and an auditor who knows what was published.

The daemon runs as a process of its own against servers of this machine: feeds, a mail server, a
room, a webhook. They and the machine misbehave, drawn from a seed: kill -9, SIGSTOP, broken
configuration, clock steps, lost network, a full disk, killed and starved parser processes, refused
and interrupted mails. At the end the faults stop, the clock goes past every pause, and the auditor
compares what was published and what arrived with the database. Exit 1 when a promise was broken.

    python bench/soak.py                           five minutes
    python bench/soak.py --seconds 60 --seed 7     a short one
    python bench/soak.py --tick 20                 with the daemon's own ticks: use some ten minutes

Clock steps want libfaketime (Debian: faketime), the full disk wants the right to mount; where one
is missing that fault is skipped and the table says so. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from soak_audit import (
    Report,
    audit_file,
    audit_items,
    audit_ledger,
    audit_stories,
    audit_told,
    read,
)
from soak_clock import FakeClock
from soak_desk import Desk, zone_at_noon, zone_hours
from soak_faults import Faults
from soak_feeds import Publishers
from soak_inboxes import Inboxes
from soak_manners import audit_arrivals, audit_politeness, audit_process
from soak_process import USUAL_TICK_S, Process
from soak_world import World

FEEDS = 30
#: Five addresses, so that a silent one is not taken for a silent network.
HOSTS = [f"127.0.0.{n}" for n in range(2, 7)]
#: A digest tells 300 hits one by one; a soak of any length stays below.
MOST_EVENTS = 110
#: Past the longest pause after a failure, a day and its jitter.
PAST_ALL_S = 27 * 3600.0
#: Past the longest wait before a message is tried again.
PAST_RETRIES_S = 3 * 3600.0
#: Share of the time with kill -9; in the rest one life grows old under all other faults.
WILD = 0.55
CLOSING = "closing"


class Soak:
    """One run."""

    def __init__(self, folder: Path, seconds: float, seed: int, tick_s: float) -> None:
        dice = random.Random(seed)
        self.seconds, self.seed, self.tick_s = seconds, seed, tick_s
        self.dice = random.Random(dice.random())
        self.clock = FakeClock.make(folder)
        self.world = World(random.Random(dice.random()), HOSTS, FEEDS)
        self.publishers = Publishers(self.world, self.clock)
        self.inboxes = Inboxes(random.Random(dice.random()))
        began = datetime.now(UTC)
        self.desk = Desk(folder / "desk", self.publishers, self.inboxes, zone_at_noon(began), began)
        self.process = Process(self.desk.settings, self.clock, folder / "daemon.log", tick_s)
        self.faults = Faults(
            random.Random(dice.random()), self.clock, self.desk, self.process, self.publishers
        )
        self.notes: list[str] = []
        self.stopped_s: float | None = None

    async def run(self) -> None:
        """Live through it all; at the end the daemon is stopped."""
        await self.publishers.open()
        await self.inboxes.open()
        self.desk.lay_out(far=self.clock.can_step)
        for _ in range(FEEDS):
            self.world.publish(self._told(), matching=False)
        supervisor = asyncio.create_task(self.process.supervise())
        watcher = asyncio.create_task(self._watch())
        try:
            # What a feed holds when it is first read is no news; then the soak begins.
            await self._until("every feed was read once", self._all_read, 60)
            await self._trouble()
            self.process.judged_until = time.time()
            await self._settle()
            self.stopped_s = await self.process.stop()
            await asyncio.wait_for(supervisor, 40)
            await asyncio.sleep(2)
        finally:
            self.process.keep = False
            self.process.send(signal.SIGKILL, ends="the end of the soak")
            watcher.cancel()
            supervisor.cancel()
            await asyncio.gather(watcher, supervisor, return_exceptions=True)
            await self.publishers.close()
            await self.inboxes.close()

    async def _trouble(self) -> None:
        begun = time.monotonic()
        faults = asyncio.create_task(self.faults.run())
        events = min(0.5, MOST_EVENTS / self.seconds)
        while (passed := time.monotonic() - begun) < self.seconds:
            self.faults.calm = passed > self.seconds * WILD
            await asyncio.sleep(0.5)
            if self.dice.random() < events / 2:
                self.world.publish(self._told(), matching=True)
            if self.dice.random() < 0.4:
                self.world.publish(self._told(), matching=False)
            if self.dice.random() < 0.3:
                self.world.edit()
        self.faults.over.set()
        await faults
        await self.faults.mend()

    async def _settle(self) -> None:
        """Let everything that was put off come due, and be told once more in a last digest."""
        await asyncio.sleep(5)  # what is on its way
        self.publishers.settling = True
        if self.clock.can_step:
            self.clock.step(PAST_ALL_S)
        feeds = {source.path for source in self.world.sources}
        if self.clock.can_step:
            await self._until("every feed was asked again", lambda: feeds <= self._settled(), 90)
        else:
            self.faults.skipped.append("that resting feeds are asked again: it takes hours")
        await asyncio.sleep(8 * self.tick_s)
        self.inboxes.share = 0.0
        if self.clock.can_step:
            self.clock.step(PAST_RETRIES_S)
        await asyncio.sleep(2 * self.tick_s)
        await self._until("the ledger is empty", self._nothing_due, 150)
        if not self.clock.can_step:
            await asyncio.sleep(max(0.0, 61 - (self.clock.now() - self.desk.began.timestamp())))
        local = self._told() + timedelta(hours=zone_hours(self.desk.zone))
        self.desk.profiles[CLOSING] = f"{local:%H:%M}"
        self.desk.write()
        self.process.send(signal.SIGHUP)
        await asyncio.sleep(2 * self.tick_s)
        await self._until("the last digest is delivered", self._closed, 90)

    def _told(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def _all_read(self) -> bool:
        return all(source.acknowledged >= 0 for source in self.world.sources)

    def _settled(self) -> set[str]:
        return {one.path for one in self.publishers.requests if one.settled and one.complete}

    def _nothing_due(self) -> bool:
        wanted = "state NOT IN ('sent', 'dead', 'dropped')"
        if not self.clock.can_step:
            wanted = "state IN ('pending', 'sending')"
        return self._count(f"SELECT count(*) FROM deliveries WHERE {wanted}") == 0

    def _closed(self) -> bool:
        told = f"SELECT count(*) FROM digests WHERE profile = '{CLOSING}'"
        return self._count(told) == 1 and self._nothing_due()

    def _count(self, sql: str) -> int:
        try:
            with contextlib.closing(
                sqlite3.connect(f"file:{self.desk.database}?mode=ro", uri=True)
            ) as db:
                return int(db.execute(sql).fetchone()[0])
        except sqlite3.Error:
            return -1

    async def _until(self, what: str, told: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not told():
            if time.monotonic() > end:
                self.notes.append(f"not within {seconds:.0f} s: {what}")
                return
            await asyncio.sleep(0.5)

    async def _watch(self) -> None:
        while True:
            self.process.look()
            await asyncio.sleep(0.5)

    def hand_out(self, folder: Path) -> None:
        """Copy what a person wants to look at: the database and every request."""
        for part in self.desk.disk.glob("news.db*"):
            if part.is_file() and part.suffix != ".reserve":
                (folder / part.name).write_bytes(part.read_bytes())
        told = "".join(f"{one}\n" for one in (*self.process.lives, *self.publishers.requests))
        (folder / "seen.txt").write_text(told, encoding="utf-8")

    def report(self) -> Report:
        """Audit everything."""
        report = Report()
        report.show("seconds of trouble, seed", f"{self.seconds:.0f}, {self.seed}")
        report.show("seconds between two ticks of the daemon", self.tick_s)
        struck: Counter[str] = Counter()
        for one in (self.faults.struck, self.publishers.struck, self.inboxes.struck):
            struck.update(one)
        for kind, count in sorted(struck.items()):
            report.show(f"fault: {kind}", count)
        report.show("faults together", sum(struck.values()))
        for skipped in self.faults.skipped:
            report.show("skipped", skipped)
        report.breaches += self.notes
        book = read(self.desk.database)
        matching = audit_items(self.world, book, report)
        audit_stories(matching, book, report)
        audit_told(book, CLOSING, report)
        audit_ledger(book, report, all_due=self.clock.can_step)
        audit_arrivals(book, self.inboxes, report)
        audit_politeness(self.publishers.requests, self.process, report)
        audit_process(self.process, self.stopped_s, report)
        audit_file(self.desk.database, report)
        return report


def main() -> int:
    """Run and print; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=300.0, help="of trouble; default 300")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--tick", type=float, default=2.0, help="seconds between the daemon's ticks"
    )
    parser.add_argument("--keep", type=Path, help="keep log and database in this folder")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        folder = told.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        soak = Soak(folder, told.seconds, told.seed, told.tick or USUAL_TICK_S)
        try:
            asyncio.run(soak.run())
            report = soak.report()
        finally:
            soak.process.end_orphans()
            soak.clock.forget([life.pid for life in soak.process.lives])
            if told.keep:
                soak.hand_out(folder)
            soak.desk.close()
    print_report(report)
    return 1 if report.breaches else 0


def print_report(report: Report) -> None:
    """Print the table, then what is wrong."""
    width = max(len(name) for name, _ in report.figures)
    for name, value in report.figures:
        print(f"{name:<{width}}  {value}")
    for breach in report.breaches:
        print(f"BREACH {breach}")
    print("every promise was kept" if not report.breaches else "promises were broken")


if __name__ == "__main__":
    sys.exit(main())
