"""Ten months of three newsroom feeds, snapshot by snapshot, against the poller under a stepped clock.

Each feed is polled exactly when its plan says, and gets what the newsroom showed at that time. The
yardstick reads the snapshots by itself (guid and headline, by ElementTree) and knows nothing of the
program's own way to tell items apart: what did a poll show that was not kept, what came and went
between two polls, was every break in overlap reported, was anything told twice.
"""

from __future__ import annotations

import asyncio
import bisect
import tarfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from loopback import Document, Tally, counted, opened

from monitor.clock import SteppedClock
from monitor.feeds.markup import plain
from monitor.model import PollRecord
from monitor.pipeline.glean import MIN_FOR_GAP
from monitor.pipeline.service import Service
from monitor.text import clean

#: How often the desk is asked: stories are folded with each poll anyway.
DAY = timedelta(days=1)
#: Long enough for a front page to be another one.
ASLEEP = timedelta(days=5)
#: Snapshots of a short run, in which there may be no break in overlap.
FEW = 1_000


@dataclass
class Newsroom:
    """The snapshots of one feed, and what an honest reader finds in them."""

    times: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    shown: list[dict[str, str]] = field(default_factory=list)  #: guid → headline

    def place(self, now: datetime) -> int:
        """Return which snapshot stands at ``now``; -1 before the first."""
        return bisect.bisect_right(self.times, int(now.timestamp())) - 1

    def document(self, now: datetime) -> bytes | None:
        place = self.place(now)
        return self.bodies[place] if place >= 0 else None


@dataclass
class Account:
    """What one feed's replay comes to."""

    snapshots: int = 0
    polls: int = 0
    looked: int = 0  #: snapshots that a poll saw
    guids: int = 0  #: in any snapshot
    seen: int = 0  #: of them, at a poll
    lost: int = 0  #: seen at a poll and not stored
    twice: int = 0  #: items stored as new beyond the guids that were new
    joined: int = 0  #: guids that were new and are another wording, or another guid, of an item
    missed: int = 0  #: came and went between two polls
    stood_h: float = 0.0  #: the longest that one of them was shown, in hours
    missed_told: int = 0  #: of them, before a poll that reported a possible gap
    breaks: int = 0  #: polls that share no guid with the one before
    told: int = 0  #: of them, reported
    false: int = 0  #: reported without a break


def newsrooms(archive: Path, most: int) -> dict[str, Newsroom]:
    """Read the snapshots; ``most`` of each feed."""
    found: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(".xml"):
                feed, _, file = member.name.removeprefix("./").partition("/")
                handle = tar.extractfile(member)
                assert handle is not None
                found[feed].append((int(file.removesuffix(".xml")), handle.read()))
    rooms = {}
    for feed, snapshots in sorted(found.items()):
        room = rooms[f"/{feed}"] = Newsroom()
        for moment, body in sorted(snapshots)[:most]:
            room.times.append(moment)
            room.bodies.append(body)
            room.shown.append(entries(body))
    return rooms


def entries(body: bytes) -> dict[str, str]:
    """Return guid and headline of each entry, by another parser than the program's."""
    found = {}
    for item in ET.fromstring(body).iter("item"):
        headline = plain(item.findtext("title") or "")
        guid = clean(item.findtext("guid") or item.findtext("link") or headline)
        found[guid] = headline
    return found


async def run(archive: Path, out: Path, most: int) -> None:
    """Replay the newsrooms side by side: at the poller's own pace, and as if asleep for days."""
    rooms = newsrooms(archive, most)
    await replay("timeline", rooms, out, None)
    accounts = await replay("timeline, one poll in five days", rooms, out, ASLEEP)
    assert most < FEW or sum(one.breaks for one in accounts), "no break in overlap to report"


async def replay(
    name: str, rooms: dict[str, Newsroom], out: Path, every: timedelta | None
) -> list[Account]:
    """Print one line of figures and the table."""
    begun, spent = time.monotonic(), time.process_time()
    ends = await asyncio.gather(
        *(replayed(path, room, out / name, every) for path, room in rooms.items())
    )
    told: Counter[str] = Counter()
    for tally, counts, _ in ends:
        told.update(counts | {"polls": tally.polls, "edits": tally.edited})
        told.update({f"answered {outcome}": n for outcome, n in tally.outcomes.items()})
    told["seconds"] = round(time.monotonic() - begun)
    told["CPU seconds"] = round(time.process_time() - spent)
    print(f"{name}: " + ", ".join(f"{value} {key}" for key, value in told.items()))
    accounts = [one for _, _, one in ends]
    table(dict(zip(rooms, accounts, strict=True)))
    wrong = [one for one in accounts if one.lost or one.twice or one.told != one.breaks]
    assert not wrong, f"an item lost, one told twice, or a gap that was not reported: {wrong}"
    return accounts


async def replayed(
    path: str, room: Newsroom, out: Path, every: timedelta | None
) -> tuple[Tally, dict[str, int], Account]:
    """Replay one newsroom with a service, a clock and a database of its own."""
    start, end = (datetime.fromtimestamp(room.times[at], UTC) for at in (0, -1))
    clock, tally = SteppedClock(start), Tally()
    documents: dict[str, Document] = {path: room.document}
    async with opened(out / path[1:], documents, clock, tally, {path: path[1:]}) as (service, _):
        await (
            step(service, clock, end + DAY) if every is None else doze(service, clock, end, every)
        )
        return tally, counted(service), account(room, tally.records, headlines(service))


async def step(service: Service, clock: SteppedClock, end: datetime) -> None:
    """Go from one due poll to the next, and once a day to the desk."""
    desk = clock.now()
    while clock.now() < end:
        if clock.now() >= desk:
            await service.once()
            desk += DAY
        else:
            await service.poll()
        states = service.store.feeds.states().values()
        due = [one.next_poll_at for one in states if one.next_poll_at]
        clock.set(max(min([*due, desk]), clock.now() + timedelta(seconds=1)))


async def doze(service: Service, clock: SteppedClock, end: datetime, every: timedelta) -> None:
    """Poll as a machine would that is switched on so seldom."""
    while clock.now() < end:
        await service.poll(list(service.setup.feeds))
        clock.set(clock.now() + every)


def headlines(service: Service) -> set[str]:
    """Return every headline that is stored, old wordings included."""
    items = service.store.items.newest(1_000_000)
    versions = service.store.items.versions([item.id for item in items])
    older = (one.title for several in versions.values() for one in several)
    return {item.title for item in items} | set(older)


def account(room: Newsroom, records: list[PollRecord], stored: set[str]) -> Account:
    """Compare what the polls came to with what the snapshots held."""
    records = sorted(records, key=lambda one: one.at)
    places = [room.place(one.at) for one in records]
    told = Account(snapshots=len(room.times), polls=len(records), looked=len(set(places)))
    wordings: dict[str, set[str]] = defaultdict(set)
    for record, place in zip(records, places, strict=True):
        shown = room.shown[place]
        fresh = sum(guid not in wordings for guid in shown)
        told.twice += max(0, record.new - fresh)
        told.joined += max(0, fresh - record.new)
        for guid, headline in shown.items():
            wordings[guid].add(headline)
    told.seen = len(wordings)
    told.lost = sum(not any(one in stored for one in heads) for heads in wordings.values())
    gaps(told, room, list(zip(records, places, strict=True)))
    unseen = missed(room, wordings)
    told.guids, told.missed = told.seen + len(unseen), len(unseen)
    reported = [one.at.timestamp() for one in records if one.possible_gap]
    moments = [one.at.timestamp() for one in records]
    for since, until in unseen.values():
        told.stood_h = max(told.stood_h, round((until - since) / 3600, 1))
        after = bisect.bisect_left(moments, until)
        told.missed_told += after < len(moments) and moments[after] in reported
    return told


def gaps(told: Account, room: Newsroom, polls: list[tuple[PollRecord, int]]) -> None:
    """Count the polls that share nothing with the one before, and which of them said so."""
    filled = [(record, place) for record, place in polls if room.shown[place]]
    for (_, before), (record, place) in pairwise(filled):
        here = room.shown[place]
        is_break = len(here) >= MIN_FOR_GAP and not here.keys() & room.shown[before].keys()
        told.breaks += is_break
        told.told += is_break and record.possible_gap
        told.false += record.possible_gap and not is_break


def missed(room: Newsroom, seen: dict[str, set[str]]) -> dict[str, tuple[int, int]]:
    """Return the guids that no poll saw, with the times between which they were shown."""
    shown: dict[str, tuple[int, int]] = {}
    for (moment, until), here in zip(pairwise(room.times), room.shown, strict=False):
        for guid in here.keys() - seen.keys():
            shown[guid] = (shown.get(guid, (moment, 0))[0], until)
    return shown


def table(accounts: dict[str, Account]) -> None:
    rows = (
        ("snapshots", "snapshots"), ("polls", "polls"), ("snapshots that a poll saw", "looked"),
        ("entries in any snapshot, by guid", "guids"), ("… seen at a poll", "seen"),
        ("… seen and not stored (lost)", "lost"), ("stored as new twice (re-alerts)", "twice"),
        ("new guid, known item", "joined"), ("came and went between two polls", "missed"),
        ("… hours from first to last show, at most", "stood_h"),
        ("… and the next poll reported a gap", "missed_told"), ("polls without overlap", "breaks"),
        ("… reported as possible gaps", "told"), ("reported with overlap", "false"),
    )  # fmt: skip
    names = [path[1:] for path in accounts]
    print("| | " + " | ".join(names) + " |\n" + "| --- " * (len(names) + 1) + "|")
    for words, name in rows:
        print(
            f"| {words} | "
            + " | ".join(str(getattr(one, name)) for one in accounts.values())
            + " |"
        )
