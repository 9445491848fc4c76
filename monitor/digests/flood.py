"""When there is far more than usual: whether it is a flood, who sends it, and which term floods.

Decides only; how a digest then holds back is :mod:`monitor.digests.build`. Never looks anything up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from monitor.model import Flood, Hit

HITS = 300  # more than this is a flood whatever is usual: a reader has an hour, not a day
TIMES = 5  # times the usual
LEAST = 50  # fewer hits than this are read with ease, also where one is usual
SHARE = 0.05  # of the hits: a term with less does not make the flood
_NAMED = 5


def flood(hits: Sequence[tuple[Hit, str]], usual: float | None) -> Flood | None:
    """Return what floods, or None on a usual day.

    ``hits`` come with the outlet that had the item first, ``usual`` is the number of hits in a
    usual window, None where nobody knows it yet.
    """
    number = len(hits)
    many = usual is not None and number >= LEAST and number > TIMES * usual
    if number <= HITS and not many:
        return None
    items = {hit.item_id: outlet for hit, outlet in hits if outlet}
    terms = ({found.term for found in hit.evidence} for hit, _ in hits)
    return Flood(
        hits=number,
        usual=usual or 0.0,
        sources=_most(items.values()),
        terms=tuple(
            row for row in _most(t for each in terms for t in each if t) if row[1] >= SHARE * number
        ),
    )


def _most(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    ranked = sorted(Counter(names).items(), key=lambda row: (-row[1], row[0]))
    return tuple(ranked[:_NAMED])
