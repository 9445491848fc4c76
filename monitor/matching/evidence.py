"""Say what a verdict rests on and how much it weighs: evidence in the text's order, and the score.

Decides nothing about whether a list fires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TypeVar

from monitor.matching.glance import Glance
from monitor.matching.judge import Occurrence, Verdict, View, judge
from monitor.matching.watchlist import Raise, Watchlist
from monitor.model import Evidence

MAX_EVIDENCE = 40  # per match
_BONUS, _BONUS_LIMIT = 0.1, 0.5
Shown = TypeVar("Shown")


def score(watchlist: Watchlist, view: View, evidence: Sequence[Evidence]) -> float:
    """Return 1, plus every ``raise`` that holds, plus 0.1 for each further group that is shown.

    Groups add 0.5 at most; groups whose name begins with _ add nothing; never below 0.
    """
    return weight(evidence, sum(each.score for each, _ in _raised(watchlist, view)))


def weight(evidence: Sequence[Evidence], raised: float = 0.0) -> float:
    """Return the score of a match by its evidence and what its raises add."""
    total = 1.0 + raised
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
        ordered = shortened(ordered, lambda each: (each.group, each.move is not None))
    return tuple([_evidence(each, source) for each in ordered])


def shortened(ordered: list[Shown], group: Callable[[Shown], object]) -> list[Shown]:
    """Return no more than a person reads, every group at least once."""
    firsts = {group(each): at for at, each in reversed([*enumerate(ordered)])}
    kept = set(firsts.values())
    for at in range(len(ordered)):
        if len(kept) >= max(MAX_EVIDENCE, len(firsts)):
            break
        kept.add(at)
    return [each for at, each in enumerate(ordered) if at in kept]


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
