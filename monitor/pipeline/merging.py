"""Which subscribed feeds want merging: found at the poll, named in listings and digests.

Changes no subscription; whoever keeps feeds.yaml decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.feeds import health
from monitor.feeds.merge import FEWEST, NEWEST, Proposal, Subscription, address, proposals
from monitor.model import Decision, Feed, FeedState
from monitor.store import Store


def twin_of(store: Store, feed: Feed, state: FeedState, decisions: Sequence[Decision]) -> str:
    """Return the subscribed feed that ``feed`` has moved to or repeats, or "".

    Looks only at the feed's own address and newest items, so it costs the same however many feeds
    there are.
    """
    target = health.address(feed.url, state)
    if target != feed.url:
        bare = address(target)
        named = store.feeds.subscribed_as([target, f"https://{bare}", f"http://{bare}"])
        if others := [url for url in named if url != feed.url]:
            return others[0]
    return _same_items(store, feed, decisions)


def proposed(
    store: Store, feeds: Sequence[Feed], states: Mapping[str, FeedState]
) -> tuple[Proposal, ...]:
    """Return what to merge of all feeds, each pair once."""
    twins = {feed.url: states[feed.url].twin for feed in feeds if states[feed.url].twin}
    concerned = twins.keys() | set(twins.values())
    return proposals(
        [_subscription(store, one, states[one.url]) for one in feeds if one.url in concerned]
    )


def _same_items(store: Store, feed: Feed, decisions: Sequence[Decision]) -> str:
    ids = [one.item_id for one in decisions[:NEWEST] if one.item_id is not None]
    if len(ids) < FEWEST:
        return ""
    carriers = store.items.carriers(feed.url, ids)
    likeliest = max(carriers, key=lambda url: carriers[url], default="")
    if carriers.get(likeliest, 0) < FEWEST:
        return ""
    ours = tuple(one.identified.url or one.identified.fingerprint for one in decisions)
    theirs = store.last_documents.newest(likeliest)
    pair = [
        Subscription(feed.url, feed.title, newest=ours),
        Subscription(likeliest, likeliest, newest=theirs),
    ]
    return likeliest if proposals(pair) else ""


def _subscription(store: Store, feed: Feed, state: FeedState) -> Subscription:
    target = health.address(feed.url, state)
    return Subscription(
        url=feed.url,
        title=feed.title,
        target="" if target == feed.url else target,
        newest=store.last_documents.newest(feed.url),
    )
