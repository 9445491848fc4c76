"""Short ways to a watchlist and to its decisions."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent, indent

import pytest

from monitor.matching import (
    NO_ALIASES,
    Aliases,
    Matcher,
    Watchlist,
    compile_watchlists,
    load_watchlist,
)
from monitor.model import Match


def watchlist(
    groups: str, match: str = "", more: str = "", aliases: Aliases = NO_ALIASES
) -> Watchlist:
    text = "watchlist: probe\ngroups:\n" + indent(dedent(groups).strip("\n"), "  ") + "\n"
    if match:
        text += f"match: {match}\n"
    return load_watchlist(text + dedent(more), "probe.yaml", aliases)


@pytest.fixture
def make() -> Callable[..., Watchlist]:
    """Build a watchlist from its groups, its condition and more keys."""
    return watchlist


@pytest.fixture
def decide() -> Callable[..., Match | None]:
    """Match one item, "title / text", with a watchlist built on the spot."""

    def run(item: str, groups: str, match: str = "", more: str = "", aliases: Aliases = NO_ALIASES):
        matcher: Matcher = compile_watchlists([watchlist(groups, match, more, aliases)])
        title, _, text = item.partition(" / ")
        found = matcher.match(title, text)
        return found[0] if found else None

    return run
