"""Tells a broken network from broken feeds, over many sweeps; keeps times and hosts only."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A server that answered so lately proves that the network is there.
PROOF = timedelta(minutes=5)
#: Fewer hosts than this, silent for so long, are at fault themselves.
FEW_HOSTS = 3
PATIENCE = timedelta(minutes=30)
#: Pause after a sweep in which nobody answered, doubled up to the longest, in seconds.
PAUSE_S = 60
LONGEST_PAUSE_S = 600


class Network:
    """Judges sweeps in which no server answered."""

    def __init__(self) -> None:
        self._answered_at: datetime | None = None
        self._silent_since: datetime | None = None
        self._silent_hosts: set[str] = set()
        self._pause_s = PAUSE_S
        self._quiet_until: datetime | None = None

    def is_quiet(self, now: datetime) -> bool:
        """Tell whether polling pauses because nobody answered a moment ago."""
        return self._quiet_until is not None and now < self._quiet_until

    def answered(self, now: datetime) -> None:
        """A server answered, whatever it said."""
        self._answered_at = now
        self._silent_since, self._quiet_until = None, None
        self._silent_hosts.clear()
        self._pause_s = PAUSE_S

    def is_down(self, hosts: set[str], now: datetime) -> bool:
        """Judge a sweep in which none of ``hosts`` answered; true blames the network, and pauses.

        1. Where another server answered in the last minutes, the feeds are at fault.
        2. Silence of few hosts over half an hour is theirs, too: there may be no others to ask.
        3. All else is the network.
        """
        if self._answered_at is not None and now - self._answered_at <= PROOF:
            return False
        self._silent_since = self._silent_since or now
        self._silent_hosts |= hosts
        few = len(self._silent_hosts) < FEW_HOSTS
        if few and now - self._silent_since > PATIENCE:
            return False
        self._quiet_until = now + timedelta(seconds=self._pause_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return True
