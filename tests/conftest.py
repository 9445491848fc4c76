"""What every test may use: a fixed instant, a fresh store, no network beyond this machine."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import settings

from monitor.clock import SteppedClock
from monitor.store import Store

# What guards a commit draws the same examples each time, so that it is red for the change alone;
# HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

_connect = socket.socket.connect


def _only_loopback(self: socket.socket, address: object) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6}:
        host = address[0]  # type: ignore[index]
        try:
            inside = host == "localhost" or ip_address(host.partition("%")[0]).is_loopback
        except ValueError:
            inside = False
        if not inside:
            raise AssertionError(f"a test dials {host!r}; tests talk to this machine only")
    _connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    socket.socket.connect = _only_loopback  # type: ignore[method-assign, assignment]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]


@pytest.fixture
def clock() -> SteppedClock:
    """A clock that stands at noon of 10 March 2026, UTC."""
    return SteppedClock(NOON)


@pytest.fixture
def store(tmp_path):
    """A fresh database on disk: the real SQLite."""
    opened = Store.writer(tmp_path / "news.db")
    yield opened
    opened.close()
