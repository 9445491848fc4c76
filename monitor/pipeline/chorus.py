"""Tells every event to several observers: the log, the figures, the pulse. It decides nothing."""

from __future__ import annotations

from monitor.model import Alert, Digest, Feed, Item, Match, PollRecord
from monitor.pipeline.observer import Observer


class Chorus:
    """One observer for several."""

    def __init__(self, *members: Observer) -> None:
        self._members = list(members)

    def join(self, member: Observer) -> None:
        """Tell ``member`` of everything from now on."""
        self._members.append(member)

    def polled(self, feed: Feed, record: PollRecord) -> None:
        for one in self._members:
            one.polled(feed, record)

    def hit(self, feed: Feed, item: Item, match: Match) -> None:
        for one in self._members:
            one.hit(feed, item, match)

    def folded(self, hits: int, opened: int) -> None:
        for one in self._members:
            one.folded(hits, opened)

    def digest_built(self, digest: Digest, messages: int) -> None:
        for one in self._members:
            one.digest_built(digest, messages)

    def alert_built(self, alert: Alert, messages: int) -> None:
        for one in self._members:
            one.alert_built(alert, messages)

    def not_alerted(self, rule: str, story: int, reason: str, why: str) -> None:
        for one in self._members:
            one.not_alerted(rule, story, reason, why)

    def asked(self, kind: str, by: str, told: str) -> None:
        for one in self._members:
            one.asked(kind, by, told)

    def delivered(self, channel: str, name: str, state: str, error: str) -> None:
        for one in self._members:
            one.delivered(channel, name, state, error)

    def incident(self, what: str) -> None:
        for one in self._members:
            one.incident(what)
