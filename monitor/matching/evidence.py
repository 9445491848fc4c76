"""Say what a verdict rests on and how much it weighs: evidence in the text's order, and the score.

Decides nothing about whether a list fires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from monitor.matching.glance import Glance
from monitor.matching.judge import Occurrence, Verdict, View, judge
from monitor.matching.watchlist import Raise, Watchlist
from monitor.model import Evidence

MAX_EVIDENCE = 40  # per match
_BONUS, _BONUS_LIMIT = 0.1, 0.5


def score(watchlist: Watchlist, view: View, evidence: Sequence[Evidence]) -> float:
    """Return 1, plus every ``raise`` that holds, plus 0.1 for each further group that is shown.

    Groups add 0.5 at most; groups whose name begins with _ add nothing; never below 0.
    """
    total = 1.0 + sum(each.score for each, _ in _raised(watchlist, view))
    shown = {each.group for each in evidence if not each.group.startswith("_")}
    return round(max(0.0, total + min(_BONUS_LIMIT, _BONUS * max(0, len(shown) - 1))), 6)


def _raised(watchlist: Watchlist, view: View) -> Iterator[tuple[Raise, Verdict]]:
    """Yield the ``raise`` conditions that hold."""
    for each in watchlist.raises:
        verdict = judge(each.condition, view)
        if verdict.holds:
            yield each, verdict


def moves_of(watchlist: Watchlist, view: View) -> list[Occurrence]:
    """Return the market moves on which a ``raise`` rests: a reader wants them whatever matched."""
    return [
        found
        for _, verdict in _raised(watchlist, view)
        for found in verdict.rests_on
        if found.move is not None
    ]


def evidence_of(
    verdict: Verdict, source: Glance, also: Iterable[Occurrence] = ()
) -> tuple[Evidence, ...]:
    """Return what a verdict rests on, in the order of the text, every group at least once."""
    distinct = dict.fromkeys((*verdict.rests_on, *also))
    ordered = sorted(distinct, key=attrgetter("first", "last", "group"))
    if len(ordered) > MAX_EVIDENCE:
        ordered = _cut(ordered)
    return tuple(_evidence(each, source) for each in ordered)


def _cut(ordered: list[Occurrence]) -> list[Occurrence]:
    firsts: dict[tuple[str, bool], Occurrence] = {}
    for each in ordered:
        firsts.setdefault((each.group, each.move is not None), each)
    kept = set(firsts.values())
    for each in ordered:
        if len(kept) >= max(MAX_EVIDENCE, len(firsts)):
            break
        kept.add(each)
    return [each for each in ordered if each in kept]


def _evidence(occurrence: Occurrence, glance: Glance) -> Evidence:
    source = glance.title if occurrence.in_title else glance.text
    return Evidence(
        group=occurrence.group,
        term=occurrence.term.written,
        text=source[occurrence.start : occurrence.end],
        field="title" if occurrence.in_title else "text",
        start=occurrence.start,
        end=occurrence.end,
        kind=occurrence.kind,
        alias=occurrence.term.alias,
        move=occurrence.move,
    )
