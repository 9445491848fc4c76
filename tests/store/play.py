"""What the stateful test plays with: two feeds, two lists, messages, and a memory of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.feeds.decide import decide
from monitor.feeds.identify import identify
from monitor.model import Entry, Evidence, Feed, Kind, Level, Match, Message, Novelty, WatchlistInfo
from monitor.store import Store

FEEDS = (
    Feed("https://a.example/rss", "A", "a", "en"),
    Feed("https://b.example/rss", "B", "b", "en"),
)
LISTS = ("drones", "grain")
PROFILES = ("daily", "night")
RULE = "urgent"
SETTLED = {"sent", "dead", "dropped"}
MATCHES = {
    one: Match(one, Level.HIGH, 1.0, (Evidence(one, one, one, "title", 0, 5, Kind.EXACT),))
    for one in LISTS
}
INFOS = tuple(WatchlistInfo(one, one, Level.HIGH) for one in LISTS)


@dataclass
class Memory:
    """What must be so, in the plainest form; hits by number, with their item and list."""

    hits: dict[int, tuple[int, str]] = field(default_factory=dict)
    told: dict[str, set[int]] = field(default_factory=lambda: {one: set() for one in PROFILES})
    wanted: set[int] = field(default_factory=set)  #: seen by the alert rule
    alerted: set[int] = field(default_factory=set)
    states: dict[int, str] = field(default_factory=dict)
    marks: set[tuple[int, str]] = field(default_factory=set)
    stories: set[int] = field(default_factory=set)
    highest: dict[str, int] = field(default_factory=lambda: {"hits": 0, "stories": 0})


def entry(feed: Feed, name: int, wording: int) -> Entry:
    """Even names have an address and are the same item in every feed; odd ones have none."""
    link = f"https://n.example/{name}" if name % 2 == 0 else ""
    title = f"Item {name} of {'all' if link else feed.title} in wording {wording}"
    return Entry(guid=f"{feed.title}-{name}", link=link, title=title, summary=f"text {wording}")


def messages(owner: str) -> list[Message]:
    post = [Message("room", "room", n, 2, f"{owner}-{n}", b"{}", "a/j") for n in (1, 2)]
    return [*post, Message("desk", "a@example.org", 1, 1, f"<{owner}@x>", b"mail", "t/x")]


def write(
    store: Store, feed: Feed, names: list[int], wording: int, fires: Sequence[str], now: datetime
) -> None:
    """Do as a poll does: decide on every entry and write items with their hits."""
    document = identify([entry(feed, name, wording) for name in names], feed.url)
    known = store.items.known(feed.url, document)
    for one in decide(document, known, backfill=False):
        item = store.items.apply(one, feed, now)
        if item is not None:
            store.hits.save({item.id: [MATCHES[name] for name in fires]}, now)
            if one.novelty is Novelty.EDITED:
                store.hits.lose(item.id, fires, now)
