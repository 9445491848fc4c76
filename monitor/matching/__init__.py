"""The matching room: watchlists in, decisions with evidence out. Pure; opens no file.

``load_aliases`` and ``load_watchlist`` read YAML text, ``compile_watchlists`` builds a matcher,
``run_tests``, ``explain`` and ``lint`` serve the person who tunes a list.
"""

from monitor.matching.aliases import NO_ALIASES, Aliases, AliasSet, load_aliases
from monitor.matching.explain import Explanation, explain
from monitor.matching.explain_text import render
from monitor.matching.lint import lint
from monitor.matching.loading import load_watchlist
from monitor.matching.matcher import Matcher, compile_watchlists
from monitor.matching.trials import TestOutcome, describe, move_text, run_tests
from monitor.matching.watchlist import Group, Quiet, Raise, Seed, Status, Watchlist, WatchlistTest

__all__ = [
    "NO_ALIASES",
    "AliasSet",
    "Aliases",
    "Explanation",
    "Group",
    "Matcher",
    "Quiet",
    "Raise",
    "Seed",
    "Status",
    "TestOutcome",
    "Watchlist",
    "WatchlistTest",
    "compile_watchlists",
    "describe",
    "explain",
    "lint",
    "load_aliases",
    "load_watchlist",
    "move_text",
    "render",
    "run_tests",
]
