"""How surely two items tell of one event: weigh what they share and what speaks against it.

The weight of a trait grows with its rarity among the items at hand. The score is a log-odds from a
logistic regression over pairs of labelled news (docs/measurements.md): above 0 one event is
likelier than not. Pairs of two languages have weights of their own, since their words cannot meet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

from monitor.stories.evidence import Traits, counted, ordinals, percents, places
from monitor.stories.meanings import Trait

#: Log-odds of a copy, and of a pair that shares nothing or is told apart by a hard fact.
COPY, NOTHING = 8.0, -6.0
#: Headlines this similar (rapidfuzz token_set_ratio, 0 to 100) are the same headline.
SAME_TITLE = 90
#: Share of the shorter text's five-word runs that must stand in the longer one.
SAME_TEXT = 0.5
MIN_RUNS = 6
#: A trait of the headline counts so many times.
TITLE = 1.5
_DAY = 86_400.0
#: The act that makes a new event of an old claim.
_DENIAL = Trait("c", "deny")


class Reason(StrEnum):
    """Why an item was put where it is."""

    FIRST = "first"  #: opens a story
    SAME_ITEM = "same-item"  #: another watchlist fired on an item of the story
    SAME_TITLE = "same-title"
    SAME_TEXT = "same-text"
    RETOLD = "retold"  #: other words, same event
    TRANSLATED = "translated"  #: another language, same event


#: So many items are imagined before the first comes, so that small numbers do not mislead.
IMAGINED = 2_000


def commonness(trait: Trait, seen: int) -> float:
    """Return the log of how many items say this, those included that are only imagined.

    The weight of a trait is the log of all items, imagined ones included, less this.
    """
    return math.log(_guess(trait) + seen)


@lru_cache(1 << 16)
def _guess(trait: Trait) -> float:
    """Return how many of the imagined items say this."""
    kind, value = trait
    if kind == "w":
        return 6 if len(value) > 3 else 15
    if kind == "k":
        return 8 if len(value) > 3 else 25
    if kind == "n":
        return _guess_number(value[0], value[1:])
    return 150 if kind == "p" else 60


def _guess_number(kind: str, value: str) -> float:
    """Round and small numbers are said every day; 34.7 % is not."""
    digits = len(value.replace(".", "").strip("0"))
    if kind == "%":
        return {0: 60, 1: 60, 2: 30}.get(digits, 5)
    if kind == "n":
        return {0: 150, 1: 150, 2: 60, 3: 12}.get(digits, 4)
    return 60


@dataclass(frozen=True, slots=True)
class Weighed:
    """An item's traits with their weights; ``title`` those of the headline alone."""

    traits: Traits
    all: Mapping[Trait, float]
    common: float  #: length of the vector of all traits
    shared: float  #: length of the vector of those that every language has
    title: Mapping[Trait, float]
    told: float  #: weight of the whole headline
    acts: float  #: lengths of the vectors of the headline's acts and places
    places: float
    percents: frozenset[str]


def weigh(said: Traits, bare: Mapping[Trait, float]) -> Weighed:
    """Return an item ready to be compared; ``bare`` holds the weight of each of its traits.

    Sums run in the order of ``bare``: the same order gives the same score to the last bit.
    """
    title: dict[Trait, float] = {}
    full: dict[Trait, float] = {}
    squares = dict.fromkeys("wknacp", 0.0)
    acts = places = 0.0
    for trait, weight in bare.items():
        kind, counts = trait[0], weight
        if trait in said.title:
            title[trait] = weight
            counts *= TITLE
            if kind == "c":
                acts += weight * weight
            elif kind == "p":
                places += weight * weight
        full[trait] = counts
        squares[kind] += counts * counts
    words, whole = squares.pop("w"), sum(squares.values())
    return Weighed(
        traits=said,
        all=full,
        common=math.sqrt(whole + words) or 1.0,
        shared=math.sqrt(whole) or 1.0,
        title=title,
        told=math.fsum(title.values()),
        acts=math.sqrt(acts),
        places=math.sqrt(places),
        percents=percents(said.all),
    )


def likeness(one: Weighed, other: Weighed) -> float:
    """Return the log-odds that two items tell of one event, within NOTHING and COPY."""
    here, there = one.traits, other.traits
    if copied(here, there) is not None:
        return COPY
    if not one.all.keys() & other.all.keys() or _told_apart(here, there):
        return NOTHING
    across = bool(here.tongue and there.tongue and here.tongue != there.tongue)
    weights = _ACROSS if across else _WITHIN
    score = sum(w * v for w, v in zip(weights, _features(one, other), strict=True))
    return max(NOTHING, min(COPY - 1, score))


def reason(one: Weighed, other: Weighed) -> Reason:
    """Return how two items of one event are alike."""
    copy = copied(one.traits, other.traits)
    if copy is not None:
        return copy
    here, there = one.traits.tongue, other.traits.tongue
    return Reason.TRANSLATED if here and there and here != there else Reason.RETOLD


def copied(one: Traits, other: Traits) -> Reason | None:
    """Return whether one item is a copy of the other, by headline or by text."""
    if _same_title(one, other):
        return Reason.SAME_TITLE
    shorter = min(len(one.runs), len(other.runs))
    if shorter >= MIN_RUNS and len(one.runs & other.runs) >= SAME_TEXT * shorter:
        return Reason.SAME_TEXT
    return None


def _same_title(one: Traits, other: Traits) -> bool:
    long, short = len(one.headline), len(other.headline)
    if min(len(one.headline.split()), len(other.headline.split())) < 4:
        return bool(long) and one.headline == other.headline and one.title == other.title
    if min(long, short) < 0.6 * max(long, short):
        return False
    if fuzz.token_set_ratio(one.headline, other.headline, score_cutoff=SAME_TITLE) == 0:
        return False
    return _figures(one) == _figures(other)


def _figures(said: Traits) -> frozenset[Trait]:
    return frozenset(trait for trait in said.title if trait.kind == "n")


def _told_apart(one: Traits, other: Traits) -> bool:
    """Return whether headlines count different things, or name one other place each.

    The 12th package is not the 13th, and a blast in Norway not one in Yemen. Places are trusted
    inside one language only: abroad a headline names what its readers know.
    """
    if _counted_apart(one, other):
        return True
    where, elsewhere = places(one.title), places(other.title)
    return (
        len(where) == len(elsewhere) == 1
        and one.tongue == other.tongue
        and not where & other.all
        and not elsewhere & one.all
    )


def _counted_apart(one: Traits, other: Traits) -> bool:
    here, there = ordinals(one.title), ordinals(other.title)
    if not here or not there or here & there:
        return False
    if one.tongue != other.tongue:
        return True
    # The third child and the fourth time are not two of one kind.
    first, second = counted(one.headline), counted(other.headline)
    return not first or not second or bool(first & second)


def _features(one: Weighed, other: Weighed) -> tuple[float, ...]:
    """Return the values that the weights below belong to, in their order."""
    both = one.all.keys() & other.all.keys()
    inner = {t: one.all[t] * other.all[t] for t in both}
    shared = [w for t, w in inner.items() if t.kind != "w"]
    rare = math.fsum(_bare(one, t) for t in both if t.kind not in "cp")
    apart = abs((one.traits.seen - other.traits.seen).total_seconds())
    first, second = _missing(one, other), _missing(other, one)
    told = _told(one, first), _told(other, second)
    return (
        1.0,
        math.fsum(inner.values()) / (one.common * other.common),
        math.fsum(shared) / (one.shared * other.shared),
        min(told),
        max(told),
        min(rare, 60.0) / 20,
        _cosine(one, other, "c", one.acts * other.acts),
        _cosine(one, other, "p", one.places * other.places),
        min(_alone(first, "k"), _alone(second, "k"), 12.0) / 6,
        min(_alone(first, "c"), _alone(second, "c"), 12.0) / 6,
        min(_alone(first, "p"), _alone(second, "p"), 8.0) / 4,
        float(bool(one.percents and other.percents and not one.percents & other.percents)),
        apart / _DAY,
        float(_turned(one, other) or _turned(other, one)),
        min(_in_common(one, both, "n") / 10, 3.0),
        min(_in_common(one, both, "k") / 10, 3.0),
    )


#: constant, traits, common traits, headline told: least and most, rare traits in common, same acts,
#: same places, other names, other acts, other places, other percentages, days apart,
#: a denial that the other does not know (a rule: labelled news leaves anything below -2.3 open),
#: numbers in common, names in common (they count as words too: this takes some of it back)
_WITHIN = (
    -3.4, 1.3, 2.6, 2.7, 2.9, -0.1, 0.6, 1.2, -0.2, -0.2, -0.9, -3.4, -1.9, -5.0, 0.4, -0.5,
)  # fmt: skip
_ACROSS = (
    -3.3, 0.7, 2.7, 2.7, 1.7, 0.0, 2.1, 1.7, 0.0, -2.1, -0.8, -0.8, -1.8, -5.0, 0.0, 0.0,
)  # fmt: skip


def _in_common(one: Weighed, both: AbstractSet[Trait], kind: str) -> float:
    return math.fsum(one.all[t] for t in both if t.kind == kind)


def _bare(one: Weighed, trait: Trait) -> float:
    return one.title[trait] if trait in one.title else one.all[trait]


def _missing(one: Weighed, other: Weighed) -> dict[Trait, float]:
    """Return what the first headline says and the other item does not tell."""
    return {t: w for t, w in one.title.items() if t not in other.all}


def _told(one: Weighed, missing: Mapping[Trait, float]) -> float:
    """Return the share of a headline that the other item tells."""
    return 1.0 - math.fsum(missing.values()) / one.told if one.told else 0.0


def _alone(missing: Mapping[Trait, float], kind: str) -> float:
    return math.fsum(w for t, w in missing.items() if t.kind == kind)


def _turned(one: Weighed, other: Weighed) -> bool:
    """Return whether the first headline denies what the other item only reports."""
    return _DENIAL in one.title and _DENIAL not in other.all


def _cosine(one: Weighed, other: Weighed, kind: str, lengths: float) -> float:
    """Return how alike the acts or the places of two headlines are."""
    if not lengths:
        return 0.0
    both = one.title.keys() & other.title.keys()
    return math.fsum(one.title[t] * other.title[t] for t in both if t.kind == kind) / lengths
