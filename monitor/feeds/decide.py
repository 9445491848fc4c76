"""New, edited, known elsewhere, or known: what must be written for each entry of a document.

Pure. The rules, in order:

1. a key or address that stood earlier in the same document is ``repeated``;
2. a key that this feed has carried is ``known``, or ``edited`` when its wording differs, this feed
   was the item's first source, and the item has not used up its versions;
3. an address that any feed has carried is ``sighted``: the same item, one more sighting;
4. all else is ``new``; ``backfill`` when the feed itself is new to us.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from monitor.model import Decision, Identified, KnownEntry, Novelty

#: An entry that changes more often than this has a clock or a counter in its text.
MAX_VERSIONS = 24


def decide(
    document: Sequence[Identified],
    by_key: Mapping[str, KnownEntry],
    by_url: Mapping[str, KnownEntry],
    *,
    backfill: bool,
    since: date | None = None,
) -> tuple[Decision, ...]:
    """Decide for each entry of ``document``; the maps hold what the store remembers.

    What a new feed already held is backfill, unless it was published on ``since`` or later.
    """
    seen: set[str] = set()
    decisions = []
    for entry in document:
        old = backfill and not _is_from(entry, since)
        decisions.append(_decide(entry, by_key, by_url, seen, backfill=old))
        seen.update({entry.key, entry.url or entry.key})
    return tuple(decisions)


def _decide(
    entry: Identified,
    by_key: Mapping[str, KnownEntry],
    by_url: Mapping[str, KnownEntry],
    seen: set[str],
    *,
    backfill: bool,
) -> Decision:
    if entry.key in seen or (entry.url and entry.url in seen):
        return Decision(entry, Novelty.REPEATED)
    known = by_key.get(entry.key) or by_url.get(entry.url or "")
    if known is None:
        return Decision(entry, Novelty.NEW, backfill=backfill)
    if not known.sighted_here:
        return Decision(entry, Novelty.SIGHTED, known.item_id)
    return Decision(entry, _edit(entry, known), known.item_id)


def _is_from(entry: Identified, since: date | None) -> bool:
    published = entry.entry.published_at
    return since is not None and published is not None and published.date() >= since


def _edit(entry: Identified, known: KnownEntry) -> Novelty:
    if entry.fingerprint == known.fingerprint or not known.own:
        return Novelty.KNOWN
    return Novelty.EDITED if known.versions < MAX_VERSIONS else Novelty.EDIT_LIMIT
