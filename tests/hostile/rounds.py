"""One round of the real service over hostile feeds, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.feeds.health import condition
from monitor.files import load
from monitor.model import FeedState, Item, PollRecord
from monitor.store import Store
from tests.behaviours.stage import Ear
from tests.conftest import NOON
from tests.desk import SETTINGS, make_desk
from tests.hostile.documents import ROWS, TITLE, rss
from tests.hostile.network import WIRED
from tests.hostile.wire import Reply, Wire, answer

#: The product's own limits but for the deadlines: a shorter one to fetch, and one to parse that a
#: busy machine keeps for what must be read, or a short one for what must be killed.
WIDE = SETTINGS.replace("host_gap: 0s", "host_gap: 0s\n  timeout: 4s")
PATIENT = WIDE.replace("{workers: 1, deadline: 5s}", "{workers: 2, deadline: 20s}")
QUICK = WIDE.replace("{workers: 1, deadline: 5s}", "{workers: 2, deadline: 1s}")
#: One feed among the hostile ones that is as it should be.
FINE = answer(
    body=rss("<item><guid>1</guid><title>A fine day</title><link>https://e.example/1</link></item>")
)


@dataclass
class Seen:
    """What one round left behind."""

    base: str
    elapsed_s: float = 0.0
    killed: int = 0
    busy: int = 0  #: slots that are still taken
    asked: list[str] = field(default_factory=list)
    records: dict[str, PollRecord] = field(default_factory=dict)
    states: dict[str, FeedState] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=dict)
    digest: str = ""

    def pause_h(self, name: str) -> float:
        """Return the hours until the feed is asked again."""
        planned = self.states[name].next_poll_at
        assert planned is not None
        return (planned - self.records[name].at).total_seconds() / 3600


def documents(names: Collection[str] = (), *, but: Collection[str] = ()) -> dict[str, Reply]:
    """Return the replies that serve these documents, or all, without those of ``but``."""
    chosen = (one for _, several in ROWS.values() for one in several)
    return {
        one.name: answer(body=one.make(), **one.headers)
        for one in chosen
        if (not names or one.name in names) and one.name not in but
    }


def wired() -> dict[str, Reply]:
    return {name: reply for _, replies in WIRED.values() for name, reply in replies.items()}


def put_right(wire: Wire, replies: dict[str, Reply]) -> None:
    """Let ``wire`` serve ``replies``, its own address filled in."""
    for name, reply in replies.items():
        here = reply
        if isinstance(reply, bytes) and len(reply) < 10_000:
            here = reply.replace(b"PORT", str(wire.port).encode())
            if b"BASE" in here:
                body = here.partition(b"\r\n\r\n")[2].replace(b"BASE", wire.base.encode())
                here = answer(body=body)
        wire.replies[f"/{name}"] = here


async def round_of(folder: Path, replies: dict[str, Reply], settings: str = PATIENT) -> Seen:
    """Poll all of ``replies`` and one good feed in one sweep; then the changed ones; then a digest."""
    with Wire({}) as wire:
        put_right(wire, replies | {"fine": FINE})
        names = [name for name in wire.replies if not name.startswith(("/circle-", "/chain-"))]
        config = make_desk(folder, [wire.base + name for name in names], settings)
        clock, seen = SteppedClock(NOON), Seen(wire.base)
        async with Service(
            load(config), clock=clock, observer=Ear(), longest_pause_s=1e9
        ) as service:
            begun = time.monotonic()
            await service.once()
            seen.elapsed_s = time.monotonic() - begun
            _look(seen, service, [name[1:] for name in names])
            seen.asked = list(wire.asked)
            if "changed" in replies:
                await _edited(service, wire, clock, seen)
            clock.set(NOON + timedelta(hours=20))
            made, _ = await service.desk()
            assert made, "a digest is due the next morning"
            folder = folder / "digests"
            seen.digest = "\n".join(one.read_text("utf-8") for one in folder.iterdir())
    return seen


def _look(seen: Seen, service: Service, names: list[str]) -> None:
    poller = service._poller
    seen.killed = poller._parser.killed
    seen.busy = sum(lane.users for lane in poller._gate._lanes.values())
    for name in names:
        url = f"{seen.base}/{name}"
        polls = service.store.feeds.polls(url)
        if polls:
            seen.records[name] = polls[0]
        seen.states[name] = service.store.feeds.state(url)
        seen.words[name] = condition(seen.states[name], NOON).word
    by_feed = carried(service.store)
    seen.items = {name: by_feed.get(f"{seen.base}/{name}", []) for name in names}


def carried(store: Store) -> dict[str, list[Item]]:
    """Return the items by the address of each feed that carries them."""
    found: dict[str, list[Item]] = defaultdict(list)
    items = store.items.newest(100_000)
    sightings = store.items.sightings([item.id for item in items])
    for item in items:
        for one in sightings[item.id]:
            found[one.feed_url].append(item)
    return found


async def _edited(service: Service, wire: Wire, clock: SteppedClock, seen: Seen) -> None:
    """Let the entry of row 43 change its title, and poll it again."""
    wire.replies["/changed"] = wire.replies["/changed"].replace(
        TITLE.encode(), b"Drones leave Russia"
    )
    clock.set(NOON + timedelta(hours=1))
    feeds = [one for one in service.setup.feeds if one.url.endswith("/changed")]
    report = await asyncio.wait_for(service.poll(feeds), 30)
    ((_, seen.records["changed"]),) = report.polled
    seen.items["changed"] = carried(service.store)[feeds[0].url]
