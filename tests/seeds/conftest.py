"""The shipped knowledge, read once for all tests of derivation."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.pipeline.derive import known_in

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def known():
    return known_in(ROOT / "watchlists")


@pytest.fixture(scope="session")
def knowledge(known):
    return known.knowledge
