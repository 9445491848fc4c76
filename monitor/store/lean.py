"""sqlite_utils without what it would load beside it. Home of sqlite_utils.

It loads pandas and numpy wherever they are installed, to know values of theirs. Nobody here hands
it any, and numpy alone would be a tenth of the daemon's memory.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let these packages seem not to be there, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    absent: dict[str, Any] = dict.fromkeys(hidden)  # None stands for: do not look for it
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without("numpy", "pandas"):
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

__all__ = ["Database", "Migrations"]
