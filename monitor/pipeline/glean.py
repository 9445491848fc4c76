"""The entries of one document to rows: identified, decided, stored and matched.

Runs inside the transaction of its poll; nothing here commits, plans or tells anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from monitor.feeds.decide import decide
from monitor.feeds.identify import are_useless, bad_guids, identify
from monitor.model import (
    UNREAD,
    Decision,
    Feed,
    FeedState,
    Identified,
    Item,
    Known,
    Match,
    Novelty,
    ParsedFeed,
    PollRecord,
)
from monitor.pipeline.foresight import Foresight
from monitor.pipeline.harvest import Harvest
from monitor.store import Store

#: A poll that shares nothing with the one before may have missed items; fewer entries tell nothing.
MIN_FOR_GAP = 3
#: What writes nothing, so that an entry need not be parsed for it.
_SETTLED = {Novelty.KNOWN, Novelty.REPEATED, Novelty.EDIT_LIMIT}


class Unread(Exception):  # noqa: N818 - a signal to read the document again, not an error
    """An entry that was left out of parsing must be written; the document must be read whole."""


@dataclass(frozen=True, slots=True)
class Gleaned:
    """What the entries of one document came to."""

    state: FeedState  #: as it was, but for how the feed's entries are identified
    record: PollRecord  #: with its counts
    decisions: tuple[Decision, ...]
    found: tuple[tuple[Item, Match], ...]  #: matches that were not there before


def glean(
    store: Store,
    feed: Feed,
    state: FeedState,
    harvest: Harvest,
    seen: Foresight,
    record: PollRecord,
) -> Gleaned:
    """Write what is new in ``harvest``; the caller holds the transaction.

    Raises Unread when an entry must be written that was left out of parsing.
    """
    parsed = harvest.parsed
    assert parsed is not None, "only a document that was parsed has entries"
    document, known, switched = _identified(store, feed, state, seen)
    is_new = state.last_well_at is None and store.items.is_new_feed(feed.url)
    decisions = decide(document, known, backfill=is_new, since=feed.since)
    if any(one.identified.entry is UNREAD and one.novelty not in _SETTLED for one in decisions):
        raise Unread
    _remember(store, feed, parsed, document, record.at)
    if switched:
        store.items.rekey(decisions, feed, record.at)
        state = replace(state, by_link=True)
        record = replace(record, reason="; ".join(filter(None, (record.reason, switched))))
    found, hits = _write(store, seen, feed, decisions, record.at)
    counted = _counted(record, decisions, is_new=is_new)
    record = replace(counted, hits=hits, left_out=parsed.left_out)
    return Gleaned(state, record, decisions, tuple(found))


def _identified(
    store: Store, feed: Feed, state: FeedState, seen: Foresight
) -> tuple[tuple[Identified, ...], Known, str]:
    """Return the document with its keys, what is known of it, and why links now go before guids."""
    named = partial(identify, seen.entries, feed.url, marks=seen.marks, links=seen.links)
    document = named(by_link=state.by_link)
    known = store.items.known(feed.url, document)
    bad = 0 if state.by_link else bad_guids(document)
    if not are_useless(bad, len(document)):
        return document, known, ""
    by_link = named(by_link=True)
    # What is stored was known by its guid: the last time that this counts.
    pairs = [(new.key, old.key) for new, old in zip(by_link, document, strict=True)]
    now_known = store.items.known(feed.url, by_link)
    by_key = {new: known.by_key[old] for new, old in pairs if old in known.by_key}
    told = f"{bad} of {len(document)} guids are missing or repeated: links identify its entries"
    return by_link, replace(now_known, by_key={**by_key, **now_known.by_key}), told


def _counted(record: PollRecord, decisions: Sequence[Decision], *, is_new: bool) -> PollRecord:
    counts = dict.fromkeys(Novelty, 0)
    for one in decisions:
        counts[one.novelty] += 1
    overlap = len(decisions) - counts[Novelty.NEW] - counts[Novelty.REPEATED]
    return replace(
        record,
        found=len(decisions),
        new=counts[Novelty.NEW],
        sighted=counts[Novelty.SIGHTED],
        edited=counts[Novelty.EDITED],
        possible_gap=not is_new and not overlap and len(decisions) >= MIN_FOR_GAP,
    )


def _remember(
    store: Store, feed: Feed, parsed: ParsedFeed, document: Sequence[Identified], now: datetime
) -> None:
    if parsed.raw_keys:
        marks = {key: one.marks for key, one in zip(parsed.raw_keys, document, strict=True) if key}
        store.last_documents.save(feed.url, marks, now, whole=not parsed.skipped)


def _write(
    store: Store, seen: Foresight, feed: Feed, decisions: Sequence[Decision], now: datetime
) -> tuple[list[tuple[Item, Match]], int]:
    todo = [one for one in decisions if one.novelty not in _SETTLED or one.reworded]
    written: list[tuple[Decision, Item]] = []
    for decision, applied in zip(todo, store.items.apply_all(todo, feed, now), strict=True):
        item = applied
        if item is None and decision.reworded:
            item = _adopted(store, seen, decision, feed, now)
        if item is not None:
            written.append((decision, item))
    found: list[tuple[Item, Match]] = []
    hits = 0
    fresh: dict[int, tuple[Match, ...]] = {}  # of new items; nothing is known of their hits
    judged = seen.match_all([(item.title, item.text) for _, item in written])
    for (decision, item), matches in zip(written, judged, strict=True):
        told: set[str] = set()
        if decision.novelty is not Novelty.NEW:
            told = {hit.watchlist for hit in store.hits.of_items([item.id])}
            store.hits.lose(item.id, {match.watchlist for match in matches}, now)
            hits += store.hits.save({item.id: matches}, now)
        elif matches:
            fresh[item.id] = matches
        if matches:
            found += [(item, match) for match in matches if match.watchlist not in told]
    return found, hits + (store.hits.save(fresh, now) if fresh else 0)


def _adopted(
    store: Store, seen: Foresight, decision: Decision, feed: Feed, now: datetime
) -> Item | None:
    """Take this feed's wording of a known item when it fires a list that the kept one did not.

    Else whoever shows an address first, under whatever title, would hide the news behind it.
    """
    said, item_id = decision.identified.entry, decision.item_id
    if said is UNREAD or item_id is None:
        return None
    (matches,) = seen.match_all([(said.title, said.summary)])
    fired = {match.watchlist for match in matches}
    told = {hit.watchlist for hit in store.hits.of_items([item_id])}
    return store.items.adopt(decision, feed, now) if fired - told else None
