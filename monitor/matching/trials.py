"""Run the tests that stand in a watchlist, and say what came instead."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.matching.matcher import Matcher
from monitor.matching.watchlist import Watchlist, WatchlistTest
from monitor.model import Evidence, Match, Move


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One test of a watchlist, run."""

    __test__ = False

    passed: bool
    title: str
    text: str
    wanted: str
    came: str  #: what the list did
    why: str  #: the author's reason
    line: int


def run_tests(watchlist: Watchlist) -> tuple[TestOutcome, ...]:
    """Run every test of a list, whatever the list's status."""
    matcher = Matcher([watchlist])
    return tuple(_run(matcher, test) for test in watchlist.tests)


def _run(matcher: Matcher, test: WatchlistTest) -> TestOutcome:
    found = matcher.match(test.title, test.text)
    match = found[0] if found else None
    missing = [show for show in test.shows if match is not None and not _shows(match, *show)]
    return TestOutcome(
        passed=(match is not None) == test.fires and not missing,
        title=test.title,
        text=test.text,
        wanted=_wanted(test),
        came=_came(match),
        why=test.why,
        line=test.line,
    )


def _wanted(test: WatchlistTest) -> str:
    if not test.fires:
        return "silent"
    shows = ", ".join(f"{group}: {surface}" for group, surface in test.shows)
    return f"fires, showing {shows}" if shows else "fires"


def _came(match: Match | None) -> str:
    if match is None:
        return "silent"
    return "fires on " + ", ".join(describe(each) for each in match.evidence)


def describe(evidence: Evidence) -> str:
    """Write one piece of evidence for a person."""
    tail = f" ({move_text(evidence.move)})" if evidence.move else ""
    return f"{evidence.group}: {evidence.text}{tail}"


def move_text(move: Move) -> str:
    """Write a move as "+8 %", with the price that was reached."""
    sign = "+" if move.direction == "rise" else "-"
    size = f"{sign}{move.value:g} {move.unit}" if move.unit else move.direction
    return f"{size} to {move.price}" if move.price else size


def _shows(match: Match, group: str, surface: str) -> bool:
    if group == "move":
        return any(
            each.move is not None and _plain(surface) == _plain(_size(each.move))
            for each in match.evidence
        )
    return any(each.group == group and each.text == surface for each in match.evidence)


def _size(move: Move) -> str:
    return move_text(Move(move.value, move.unit, move.direction))


def _plain(size: str) -> str:
    return "".join(size.replace("\u2212", "-").split())
