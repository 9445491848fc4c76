"""How surely two items tell of one event: weigh what they share and what speaks against it.

The weight of a trait grows with its rarity among the items at hand. The score is a log-odds from a
logistic regression over pairs of labelled news (docs/measurements.md): above 0 one event is
likelier than not. Pairs of two languages have weights of their own, since their words cannot meet.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

from monitor.stories.evidence import Traits, ordinals, percents, places
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


class Rarity:
    """How rare a trait is among the items at hand, with a guess for what was not seen yet."""

    #: So many items are imagined before the first comes, so that small numbers do not mislead.
    IMAGINED = 2_000

    def __init__(self) -> None:
        self.items = 0
        self._seen: Counter[Trait] = Counter()

    def add(self, found: Iterable[Trait]) -> None:
        self.items += 1
        self._seen.update(found)

    def seen(self, trait: Trait) -> int:
        return self._seen[trait]

    def weight(self, trait: Trait) -> float:
        """Return the log of one over the share of items that say this; never negative."""
        of = _guess(trait) + self._seen[trait]
        return max(0.0, math.log((self.IMAGINED + self.items) / of))


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


def weigh(said: Traits, rarity: Rarity) -> Weighed:
    bare = {trait: rarity.weight(trait) for trait in said.all}
    full = {t: w * TITLE if t in said.title else w for t, w in bare.items()}
    squares = {t: w * w for t, w in full.items()}
    return Weighed(
        traits=said,
        all=full,
        common=math.sqrt(sum(squares.values())) or 1.0,
        shared=math.sqrt(sum(w for t, w in squares.items() if t.kind != "w")) or 1.0,
        title={t: bare[t] for t in said.title},
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
    here, there = ordinals(one.title), ordinals(other.title)
    if here and there and not here & there:
        return True
    where, elsewhere = places(one.title), places(other.title)
    return (
        len(where) == len(elsewhere) == 1
        and one.tongue == other.tongue
        and not where & other.all
        and not elsewhere & one.all
    )


def _features(one: Weighed, other: Weighed) -> tuple[float, ...]:
    """Return the values that the weights below belong to, in their order."""
    both = one.all.keys() & other.all.keys()
    inner = {t: one.all[t] * other.all[t] for t in both}
    apart = abs((one.traits.seen - other.traits.seen).total_seconds())
    here, there = percents(one.traits.all), percents(other.traits.all)
    told = _told(one, other), _told(other, one)
    return (
        1.0,
        sum(inner.values()) / (one.common * other.common),
        sum(w for t, w in inner.items() if t.kind != "w") / (one.shared * other.shared),
        min(told),
        max(told),
        min(sum(_bare(one, t) for t in both if t.kind not in "cp"), 60.0) / 20,
        _cosine(one.title, other.title, "c"),
        _cosine(one.title, other.title, "p"),
        min(_alone(one, other, "k"), _alone(other, one, "k"), 12.0) / 6,
        min(_alone(one, other, "c"), _alone(other, one, "c"), 12.0) / 6,
        min(_alone(one, other, "p"), _alone(other, one, "p"), 8.0) / 4,
        float(bool(here and there and not here & there)),
        apart / _DAY,
        float(_turned(one, other) or _turned(other, one)),
    )


#: constant, traits, common traits, headline told: least and most, rare traits in common, same acts,
#: same places, other names, other acts, other places, other percentages, days apart,
#: a denial that the other does not know (a rule: labelled news leaves anything below -2.3 open)
_WITHIN = (-3.8, 0.6, 2.3, 2.7, 1.6, 0.1, 1.6, 1.8, -0.4, -0.8, -0.8, -1.1, -2.1, -5.0)
_ACROSS = (-3.3, 0.7, 2.7, 2.7, 1.7, 0.0, 2.1, 1.7, 0.0, -2.1, -0.8, -0.8, -1.8, -5.0)


def _bare(one: Weighed, trait: Trait) -> float:
    return one.title[trait] if trait in one.title else one.all[trait]


def _told(one: Weighed, other: Weighed) -> float:
    """Return the share of the first headline that the other item tells."""
    whole = sum(one.title.values())
    return sum(w for t, w in one.title.items() if t in other.all) / whole if whole else 0.0


def _alone(one: Weighed, other: Weighed, kind: str) -> float:
    """Return the weight of what the first headline names and the other item does not."""
    return sum(w for t, w in one.title.items() if t.kind == kind and t not in other.all)


def _turned(one: Weighed, other: Weighed) -> bool:
    """Return whether the first headline denies what the other item only reports."""
    return _DENIAL in one.title and _DENIAL not in other.all


def _cosine(one: Mapping[Trait, float], other: Mapping[Trait, float], kind: str) -> float:
    here = {t: w for t, w in one.items() if t.kind == kind}
    there = {t: w for t, w in other.items() if t.kind == kind}
    inner = sum(w * there[t] for t, w in here.items() if t in there)
    lengths = sum(w * w for w in here.values()) * sum(w * w for w in there.values())
    return inner / math.sqrt(lengths) if lengths else 0.0
