"""A watchlist as a frozen value: what one YAML file says, with aliases opened and terms read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from monitor.matching.conditions import Node
from monitor.matching.terms import Term
from monitor.model import Level


class Status(StrEnum):
    """How far a list is trusted; the meaning is fixed in docs/watchlists.md."""

    DRAFT = "draft"
    TEST = "test"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Group:
    """A named list of terms; a name that begins with _ only serves the condition."""

    name: str
    terms: tuple[Term, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Raise:
    """A score added while a condition holds."""

    condition: Node
    score: float


@dataclass(frozen=True, slots=True)
class WatchlistTest:
    """A text with the decision that its author wants."""

    fires: bool
    title: str
    text: str
    shows: tuple[tuple[str, str], ...] = ()  #: group or ``move``, and the surface wanted
    why: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Seed:
    """The article brief that a list was derived from."""

    brief: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a hit need not be told again."""

    same_story_s: float | None = None


@dataclass(frozen=True, slots=True)
class Watchlist:
    """One list; ``condition`` speaks of groups by name."""

    name: str
    groups: tuple[Group, ...]
    condition: Node
    title: str = ""
    description: str = ""
    level: Level = Level.MEDIUM
    status: Status = Status.DRAFT
    masks: tuple[Term, ...] = ()
    raises: tuple[Raise, ...] = ()
    tests: tuple[WatchlistTest, ...] = ()
    seed: Seed | None = None
    quiet: Quiet = field(default_factory=Quiet)
    known_false: tuple[str, ...] = ()
    expect_s: float | None = None  #: how often it should have a hit; None: nobody waits for it
    window_s: float | None = None  #: how long after its last item a story is open; None: as usual
    source: str = ""
    condition_line: int = 0
