"""Suggestions for a list from what was stored and marked: spellings, masks, feeds. Wiring only.

A mask is proposed only after the matcher has shown, on every marked hit, that it silences noise and
nothing that was wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.matching import Matcher, Watchlist
from monitor.matching.conditions import requirements
from monitor.matching.terms import Style, Term, read_term
from monitor.model import Match, Sighting
from monitor.pipeline.archives import Pair
from monitor.seeds.neighbours import marked_neighbours
from monitor.seeds.search_feeds import EDITIONS, SearchFeed, search_feeds
from monitor.seeds.spelling import SpellingCount

MAX_CANDIDATES = 200
MAX_CLAUSES = 3  # of a search query


@dataclass(frozen=True, slots=True)
class Marked:
    """An item that a reader judged."""

    title: str
    text: str
    relevant: bool


@dataclass(frozen=True, slots=True)
class MaskProposal:
    """A mask, how many noisy hits it stands beside, and how many it silences."""

    phrase: str
    noise: int
    silenced: int
    sample: str


@dataclass(frozen=True, slots=True)
class MaskReport:
    """What masks would do: proposals, and hits before them."""

    noise: int
    wanted: int
    proposals: tuple[MaskProposal, ...]


def spellings(names: Sequence[str], items: Iterable[Pair]) -> SpellingCount:
    """Look through items for other spellings of a name, and for names beside it."""
    counter = SpellingCount(tuple(names))
    for title, text in items:
        counter.see(title, text)
    return counter


def masks(watchlist: Watchlist, marked: Sequence[Marked]) -> MaskReport:
    """Propose masks beside the evidence of noisy hits; none silences a relevant one."""
    matcher = Matcher([watchlist])
    found = [(one, matches[0]) for one in marked if (matches := matcher.match(one.title, one.text))]
    noise = [(one, match) for one, match in found if not one.relevant]
    wanted = [(one, match) for one, match in found if one.relevant]
    near = marked_neighbours(_places(noise), _places(wanted))
    candidates = []
    for pair in near[:MAX_CANDIDATES]:
        trial = Matcher([_masked(watchlist, pair.phrase)])
        if any(not trial.fires(one.title, one.text) for one, _ in wanted):
            continue
        silent = {at for at, (one, _) in enumerate(noise) if not trial.fires(one.title, one.text)}
        candidates.append((pair, silent))
    candidates.sort(key=lambda one: (-len(one[1]), len(one[0].phrase), one[0].phrase))
    kept: list[MaskProposal] = []
    done: set[int] = set()
    for pair, silent in candidates:
        if silent - done:  # the shorter and the wider first; another mask for the same adds nothing
            done |= silent
            kept.append(MaskProposal(pair.phrase, pair.noise, len(silent), pair.sample))
    return MaskReport(len(noise), len(wanted), tuple(kept))


def _places(hits: Sequence[tuple[Marked, Match]]) -> Iterator[tuple[str, int, int]]:
    for item, match in hits:
        for one in match.evidence:
            source = item.title if one.field == "title" else item.text
            yield source, one.start, one.end


def _masked(watchlist: Watchlist, phrase: str) -> Watchlist:
    more = tuple(Term(phrase, variant, style) for variant, style in read_term(phrase))
    return replace(watchlist, masks=(*watchlist.masks, *more))


def feeds(watchlist: Watchlist, languages: Sequence[str] = ()) -> tuple[SearchFeed, ...]:
    """Compile search feeds from the groups that a list requires; none where it requires none."""
    return search_feeds(watchlist.name, _required(watchlist), languages or tuple(EDITIONS))


def _required(watchlist: Watchlist) -> list[list[str]]:
    """Return the terms of each clause, names before common words, each group in its turn."""
    groups = {group.name: group for group in watchlist.groups}
    clauses = []
    for clause in requirements(watchlist.condition):
        terms = [
            [term.variant for term in groups[name].terms if term.style is not Style.PATTERN]
            for name in groups
            if name in clause
        ]
        clauses.append(list(dict.fromkeys(_in_turn(terms))))
    clauses.sort(key=_commonness)
    return clauses[:MAX_CLAUSES]


def _in_turn(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for depth in range(max(map(len, rows), default=0)):
        yield from (row[depth] for row in rows if depth < len(row))


def _commonness(terms: Sequence[str]) -> float:
    """Return the share of terms in small letters: a clause of names narrows a search most."""
    return sum(term[:1].islower() for term in terms) / len(terms)


def unsubscribed(sightings: Iterable[Sighting], outlets: Iterable[str]) -> Counter[str]:
    """Count the hits of outlets that no feed of their own brings."""
    known = {outlet.casefold() for outlet in outlets}
    return Counter(one.outlet for one in sightings if one.outlet.casefold() not in known)
