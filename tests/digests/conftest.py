"""The factories of a news day and the golden cases, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from monitor.model import Digest
from tests.digests import cases as golden
from tests.digests import newsday


@pytest.fixture(scope="session")
def cases() -> dict[str, Callable[[], Digest]]:
    """Return the golden cases by name."""
    return golden.DIGESTS


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Return the factories under one name."""
    return SimpleNamespace(**(vars(newsday) | vars(golden)))
