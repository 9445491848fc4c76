"""When two subscribed addresses are one feed, and which of them to keep: a proposal, never a deed.

Pure values in, sentences out. Two rules: both lead to one address for good, or the newest items of
both are the same. A person decides; nothing here changes a subscription.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from monitor.text import clean
from monitor.urls import web_link

#: The share of the newest items that two feeds must have in common.
SHARED = 0.8
#: How many of the newest items are compared, and how few tell nothing.
NEWEST = 20
FEWEST = 5
#: An item that more feeds carry than this is a wire report, and no sign of a doubled feed.
WIDE = 12


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscribed feed as the rules see it."""

    url: str
    title: str
    target: str = ""  #: where its server sends us for good; "" when it does not
    newest: tuple[str, ...] = ()  #: identities of its items, the newest first


@dataclass(frozen=True, slots=True)
class Proposal:
    """Keep one address and take the other out of feeds.yaml."""

    keep: str
    drop: str
    sentence: str


def address(url: str) -> str:
    """Return an address as identity of a feed: http or https, and no fragment.

    Narrower than that of a page: a parameter that is mere tracking for a page may choose a feed.
    """
    link = web_link(url) or url.strip()
    return link.partition("#")[0].partition("://")[2] or link


def proposals(feeds: Sequence[Subscription]) -> tuple[Proposal, ...]:
    """Return what to merge, in the order of ``feeds``; each pair is named once, the first is kept.

    Of two, the one that the redirect leads to is kept, then https, then the one that stands first.
    Time grows with the number of items, not with the square of the feeds.
    """
    found: dict[tuple[int, int], str] = {}
    for pair, where in _one_target(feeds):
        found.setdefault(pair, f"lead to one address, {where[:200]}")
    for pair, (same, of) in _same_items(feeds):
        found.setdefault(pair, f"carry the same items: {same} of the newest {of}")
    return tuple(_proposal(feeds[a], feeds[b], why) for (a, b), why in sorted(found.items()))


def _one_target(feeds: Sequence[Subscription]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the first feed of each target with each of the others."""
    ends: dict[str, list[int]] = defaultdict(list)
    for index, feed in enumerate(feeds):
        ends[address(feed.target or feed.url)].append(index)
    for indexes in ends.values():
        where = next((feeds[i].target for i in indexes if feeds[i].target), feeds[indexes[0]].url)
        for other in indexes[1:]:
            yield (indexes[0], other), where


def _same_items(
    feeds: Sequence[Subscription],
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield pairs with what they share of equally many of their newest items.

    Equally many, so that a section is not taken for a copy of the front page that holds it.
    """
    carriers: dict[str, list[int]] = defaultdict(list)
    for index, feed in enumerate(feeds):
        for identity in dict.fromkeys(feed.newest[:NEWEST]):
            carriers[identity].append(index)
    shared = Counter(
        pair
        for indexes in carriers.values()
        if len(indexes) <= WIDE
        for pair in combinations(indexes, 2)
    )
    for a, b in shared:
        depth = min(len(feeds[a].newest), len(feeds[b].newest), NEWEST)
        same = len(set(feeds[a].newest[:depth]) & set(feeds[b].newest[:depth]))
        if depth >= FEWEST and same >= SHARED * depth:
            yield (a, b), (same, depth)


def _proposal(first: Subscription, second: Subscription, why: str) -> Proposal:
    keep, drop = (second, first) if _better(second, first) else (first, second)
    return Proposal(
        keep.url,
        drop.url,
        f"'{clean(first.title)[:80]}' <{first.url}> and '{clean(second.title)[:80]}'"
        f" <{second.url}> {why}; keep {keep.url} and take {drop.url} out of feeds.yaml",
    )


def _better(one: Subscription, other: Subscription) -> bool:
    return _rank(one, other) < _rank(other, one)


def _rank(feed: Subscription, other: Subscription) -> tuple[bool, bool, bool]:
    """Sort first what is the end of the other's redirect, needs no redirect, speaks https."""
    is_end = bool(other.target) and address(other.target) == address(feed.url)
    return not is_end, bool(feed.target), not feed.url.lower().startswith("https:")
