"""Who is told what happens: the log, the live view of the demo, a test."""

from __future__ import annotations

from typing import Protocol

from monitor.model import Alert, Digest, Feed, Item, Match, PollRecord


class Observer(Protocol):
    """Hears of every event once, after it was committed."""

    def polled(self, feed: Feed, record: PollRecord) -> None: ...

    def hit(self, feed: Feed, item: Item, match: Match) -> None: ...

    def folded(self, hits: int, opened: int) -> None: ...

    def digest_built(self, digest: Digest, messages: int) -> None: ...

    def alert_built(self, alert: Alert, messages: int) -> None: ...

    def not_alerted(self, rule: str, story: int, reason: str, why: str) -> None: ...

    def asked(self, kind: str, by: str, told: str) -> None: ...

    def delivered(self, channel: str, name: str, state: str, error: str) -> None: ...

    def incident(self, what: str) -> None: ...


class Silent:
    """An observer that keeps to itself; others may inherit what they do not care for."""

    def polled(self, feed: Feed, record: PollRecord) -> None:
        """Nothing to do."""

    def hit(self, feed: Feed, item: Item, match: Match) -> None:
        """Nothing to do."""

    def folded(self, hits: int, opened: int) -> None:
        """Nothing to do."""

    def digest_built(self, digest: Digest, messages: int) -> None:
        """Nothing to do."""

    def alert_built(self, alert: Alert, messages: int) -> None:
        """Nothing to do."""

    def not_alerted(self, rule: str, story: int, reason: str, why: str) -> None:
        """Nothing to do."""

    def asked(self, kind: str, by: str, told: str) -> None:
        """Nothing to do."""

    def delivered(self, channel: str, name: str, state: str, error: str) -> None:
        """Nothing to do."""

    def incident(self, what: str) -> None:
        """Nothing to do."""
