"""Makes the members of a story with outlets, evidence and versions, for the tests of dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from monitor.model import (
    Evidence,
    Hit,
    Item,
    Kind,
    Level,
    Member,
    Move,
    Sighting,
    Story,
    Version,
)

START = datetime(2026, 3, 10, 6, tzinfo=UTC)


def word(group: str, text: str, *, alias: str = "", term: str = "", move: Move | None = None):
    """Return evidence in the headline."""
    kind = Kind.MOVE if move else Kind.EXACT
    return Evidence(group, term or text, text, "title", 0, len(text), kind, alias, move)


def told(
    number: int,
    title: str,
    text: str = "",
    *,
    outlet: str = "",
    state: bool = False,
    evidence: Sequence[Evidence] = (),
    before: Sequence[tuple[str, str]] = (),
    language: str = "en",
    lost: float | None = None,
    hours: float | None = None,
) -> Member:
    """Return member ``number``, seen so many hours after START; ``before``: earlier wordings."""
    seen = START + timedelta(hours=number if hours is None else hours)
    item = Item(number, title, text, language=language, first_seen_at=seen)
    lost_at = None if lost is None else seen + timedelta(hours=lost)
    hit = Hit(
        number, number, "list", Level.HIGH, 1.0, tuple(evidence), seen, 1, "retold", lost_at=lost_at
    )
    versions = tuple(
        Version(number, *wording, seen + timedelta(hours=n)) for n, wording in enumerate(before, 1)
    )
    sighting = Sighting(
        number, f"https://f.example/{number}", outlet or f"Outlet {number}", seen, state
    )
    return Member(item, (hit,), (sighting,), versions)


def story(*members: Member) -> Story:
    return Story(1, members)
