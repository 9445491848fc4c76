"""Figures for Prometheus, by its conventions for names. Home of prometheus_client.

Hears of every event and is shown how the service stands; it decides nothing. The table in
docs/operations.md names every figure; a test holds both together.
"""

from __future__ import annotations

from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    exposition,
)

from monitor.model import Alert, Digest, Feed, Item, Match, PollRecord, Standing

CONTENT_TYPE = exposition.CONTENT_TYPE_LATEST
_DURATIONS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_STATES = ("pending", "sending", "retry", "uncertain", "dead")


class Metrics:
    """All figures of one process; hears events as an observer does."""

    def __init__(self, version: str) -> None:
        self._registry = r = CollectorRegistry()
        ProcessCollector(registry=r)
        build = Gauge(
            "newsmonitor_build_info", "The version that runs; always 1.", ["version"], registry=r
        )
        build.labels(version).set(1)
        self._events(r)
        self._state(r)

    def _events(self, r: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"newsmonitor_{name}", text, labels, registry=r)

        self._polls = counter("polls", "Polls since the start.", "outcome")
        self._seconds = Histogram(
            "newsmonitor_poll_duration_seconds",
            "Time until a feed's answer was there.",
            buckets=_DURATIONS_S,
            registry=r,
        )
        self._received = counter("poll_received_bytes", "Bytes of feeds, unpacked.")
        self._items = counter("items", "Items since the start.", "novelty")
        self._hits = counter("hits", "Items that fired, since the start.", "watchlist")
        self._digests = counter("digests", "Digests built since the start.", "profile")
        self._alerts = counter("alerts", "Alerts built since the start.", "rule")
        self._attempts = counter("delivery_attempts", "Attempts to send.", "channel", "state")
        self._incidents = counter("incidents", "What a person should know, since the start.")

    def _state(self, r: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"newsmonitor_{name}", text, labels, registry=r)

        when = "timestamp_seconds"
        self._feeds = gauge("feeds", "Subscribed feeds by how their last poll went.", "state")
        self._stored = gauge("items_stored", "Items ever stored, also those without words now.")
        self._last_poll = gauge(f"last_poll_{when}", "When a feed was last polled; 0: never.")
        self._last_digest = gauge(f"last_digest_{when}", "When a digest was built.", "profile")
        self._next_digest = gauge(f"next_digest_{when}", "When a digest comes.", "profile")
        self._overdue = gauge("digest_overdue", "1 when a digest is hours late.", "profile")
        self._open = gauge("deliveries_open", "Deliveries that have not arrived.", "state")
        self._oldest = gauge("oldest_unsent_seconds", "How long the oldest of them waits.")
        self._needs = gauge("needs_person", "Reasons for which a person is needed.")
        self._alarms = gauge("alarms", "Reasons for which the heartbeat is silent.")
        self._unclean = gauge("unclean_starts", "Ends without notice in the last 24 hours.")
        self._paused = gauge("polling_paused", "1 while polling pauses: the disk is full.")
        self._backup = gauge(f"last_backup_{when}", "When the newest copy was made; 0: never.")
        self._lag = gauge("loop_lag_seconds", "Longest hold-up of the loop since the last look.")
        self._size = gauge("database_size_bytes", "The database, its log included.")
        self._room = gauge("disk_free_bytes", "Free room on the database's disk.")

    def polled(self, feed: Feed, record: PollRecord) -> None:  # noqa: ARG002 - an event's shape
        self._polls.labels(record.outcome.value).inc()
        self._seconds.observe(record.elapsed_s)
        self._received.inc(record.bytes)
        self._items.labels("new").inc(record.new)
        self._items.labels("edited").inc(record.edited)

    def hit(self, feed: Feed, item: Item, match: Match) -> None:  # noqa: ARG002 - an event's shape
        self._hits.labels(match.watchlist).inc()

    def folded(self, hits: int, opened: int) -> None:
        """Stories are counted in the digests."""

    def digest_built(self, digest: Digest, messages: int) -> None:  # noqa: ARG002 - an event's shape
        self._digests.labels(digest.profile).inc()

    def alert_built(self, alert: Alert, messages: int) -> None:  # noqa: ARG002 - an event's shape
        self._alerts.labels(alert.rule).inc()

    def not_alerted(self, rule: str, story: int, reason: str, why: str) -> None:
        """What was held back is in the log."""

    def asked(self, kind: str, by: str, told: str) -> None:
        """What a person asked for is in the log."""

    def delivered(self, channel: str, name: str, state: str, error: str) -> None:  # noqa: ARG002
        self._attempts.labels(channel, str(state)).inc()

    def incident(self, what: str) -> None:  # noqa: ARG002 - an event's shape
        self._incidents.inc()

    def show(self, standing: Standing) -> None:
        """Take over how the service stands."""
        well = standing.feeds - standing.failing - standing.unpolled
        for state, count in (
            ("well", well),
            ("failing", standing.failing),
            ("new", standing.unpolled),
        ):
            self._feeds.labels(state).set(count)
        self._stored.set(standing.items_ever)
        self._last_poll.set(_seconds(standing.last_poll_at))
        self._show_digests(standing)
        waiting = dict(standing.deliveries)
        for state in _STATES:
            self._open.labels(state).set(waiting.get(state, 0))
        since = standing.oldest_unsent_at
        self._oldest.set(max(0.0, (standing.at - since).total_seconds()) if since else 0)
        self._needs.set(len(standing.needs))
        self._alarms.set(len(standing.alarms))
        self._unclean.set(standing.unclean_starts)
        self._paused.set(standing.disk_full_since is not None)
        self._backup.set(_seconds(standing.last_backup_at))

    def _show_digests(self, standing: Standing) -> None:
        for one in standing.profiles:
            self._last_digest.labels(one.name).set(_seconds(one.last_at))
            self._next_digest.labels(one.name).set(_seconds(one.next_at))
            self._overdue.labels(one.name).set(one.overdue)

    def measured(self, *, lag_s: float, size: int, free: int) -> None:
        """Take over what was measured of this process and its disk."""
        self._lag.set(lag_s)
        self._size.set(size)
        self._room.set(free)

    def text(self) -> bytes:
        """Return all figures in Prometheus' own text."""
        told: bytes = exposition.generate_latest(self._registry)
        return told


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
