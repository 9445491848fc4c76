"""Nouns of the service itself: how it stands at one moment, for whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ProfileStanding:
    """One digest profile: what was, what comes, whether it is late."""

    name: str
    last_at: datetime | None  #: when its newest digest was built
    next_at: datetime
    overdue: bool  #: its slot passed hours ago and it was not built


@dataclass(frozen=True, slots=True)
class Standing:
    """How the service stands; everything that status, health and metrics say comes from here."""

    at: datetime
    feeds: int
    failing: int  #: feeds whose last poll was not well
    unpolled: int  #: feeds that were never polled
    items_ever: int
    last_poll_at: datetime | None
    profiles: tuple[ProfileStanding, ...]
    deliveries: tuple[tuple[str, int], ...]  #: what has not arrived, by state
    oldest_unsent_at: datetime | None
    unclean_starts: int  #: in the last 24 hours
    disk_full_since: datetime | None
    last_backup_at: datetime | None
    alarms: tuple[str, ...]  #: sentences: polls, digests or deliveries have stopped
    needs: tuple[str, ...]  #: sentences: the alarms, and all else that wants a person

    @property
    def next_digest_at(self) -> datetime | None:
        return min((one.next_at for one in self.profiles), default=None)

    @property
    def unsent(self) -> int:
        """Deliveries that still want to go out."""
        return sum(count for state, count in self.deliveries if state != "dead")
