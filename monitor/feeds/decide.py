"""New, edited, known elsewhere, or known: what must be written for each entry of a document.

Pure. The rules, in order:

1. a key or address that stood earlier in the same document is ``repeated``;
2. a key that this feed has carried is ``known``, or ``edited`` when its wording differs, this feed
   was the item's first source, and the item has not used up its versions;
3. an address that any feed has carried is ``sighted``: the same item, one more sighting;
4. a wording that this feed has carried is ``rekeyed`` when it is long and of the same date, or
   when half of what looks new is of that kind: a feed that changes its guids, its host or its
   scheme, not its news; a weekly bulletin with last week's words is news;
5. all else is ``new``; ``backfill`` when the feed itself is new to us.

An item whose words were purged is a tombstone: ``known``, whatever its feed says now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from monitor.model import Decision, Identified, Known, KnownEntry, Novelty

#: An entry that changes more often than this has a clock or a counter in its text.
MAX_VERSIONS = 24
#: Two entries of one feed with the same words, this many characters of them, are one entry.
LONG = 120
#: So many short entries with known words are no accident.
MIN_SWITCHED = 3
#: A clock may be this much ahead of ours; a date further on says nothing about publication.
AHEAD = timedelta(hours=1)


def decide(
    document: Sequence[Identified],
    known: Known,
    *,
    backfill: bool,
    since: date | None = None,
) -> tuple[Decision, ...]:
    """Decide for each entry of ``document``; ``known`` holds what the store remembers.

    What a new feed already held is backfill, unless it was published on ``since`` or later.
    """
    seen: set[str] = set()
    decisions = []
    switched = _switched(document, known)
    for entry in document:
        old = backfill and not _is_from(entry, since)
        decisions.append(_decide(entry, known, seen, switched=switched, backfill=old))
        seen.update({entry.key, entry.url or entry.key})
    return tuple(decisions)


def dating(published_at: datetime | None, now: datetime) -> tuple[datetime | None, str]:
    """Return the date to keep, and ``undated`` or ``future`` where the feed's own is of no use.

    None means that the time of first sight stands in for it.
    """
    if published_at is None:
        return None, "undated"
    return (None, "future") if published_at - now > AHEAD else (published_at, "")


def _decide(
    entry: Identified, memory: Known, seen: set[str], *, switched: bool, backfill: bool
) -> Decision:
    if entry.key in seen or (entry.url and entry.url in seen):
        return Decision(entry, Novelty.REPEATED)
    known = _found(entry, memory)
    if known is None:
        alike = memory.by_wording.get(entry.fingerprint)
        if alike is not None and (switched or _is_same_piece(entry, alike)):
            return Decision(entry, Novelty.REKEYED, alike.item_id)
        return Decision(entry, Novelty.NEW, backfill=backfill)
    if not known.sighted_here:
        return Decision(entry, Novelty.SIGHTED, known.item_id, reworded=_reworded(entry, known))
    return Decision(entry, _edit(entry, known), known.item_id, reworded=_reworded(entry, known))


def _found(entry: Identified, known: Known) -> KnownEntry | None:
    return known.by_key.get(entry.key) or known.by_url.get(entry.url or "")


def _switched(document: Sequence[Identified], known: Known) -> bool:
    """Tell whether the feed as a whole changed its marks: half of the new has known words."""
    strange = [entry for entry in document if _found(entry, known) is None]
    alike = sum(entry.fingerprint in known.by_wording for entry in strange)
    return alike >= MIN_SWITCHED and 2 * alike >= len(strange)


def _is_same_piece(entry: Identified, alike: KnownEntry) -> bool:
    said = entry.entry
    long = len(said.title) + len(said.summary) >= LONG
    return long and said.published_at is not None and said.published_at == alike.published_at


def _reworded(entry: Identified, known: KnownEntry) -> bool:
    return not known.purged and entry.fingerprint != known.fingerprint


def _is_from(entry: Identified, since: date | None) -> bool:
    published = entry.entry.published_at
    return since is not None and published is not None and published.date() >= since


def _edit(entry: Identified, known: KnownEntry) -> Novelty:
    if entry.fingerprint == known.fingerprint or not known.own or known.purged:
        return Novelty.KNOWN
    return Novelty.EDITED if known.versions < MAX_VERSIONS else Novelty.EDIT_LIMIT
