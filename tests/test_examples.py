"""The examples in the pages are files that load, and their own tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.demo.newsday import read_outlets
from monitor.feeds.catalogue import load_feeds
from monitor.matching import load_aliases, load_watchlist, run_tests
from monitor.matching.lint import lint

DOCS = Path(__file__).resolve().parents[1] / "docs"


def blocks(page: str, begin: str) -> list[str]:
    """Return the fenced YAML examples of a page that begin so."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    return [block for block in found if block.startswith(begin)]


LISTS = blocks("watchlists.md", "watchlist:")
ALIASES = load_aliases(
    {f"aliases-{n}": b for n, b in enumerate(blocks("watchlists.md", "aliases:"))}
)
every_list = pytest.mark.parametrize("text", LISTS, ids=[block.split()[1] for block in LISTS])


def test_the_example_of_the_settings_loads() -> None:
    """newsmonitor.yaml in configuration.md shows each kind of channel and two digests."""
    (text,) = blocks("configuration.md", "# newsmonitor.yaml")
    settings = load_settings(text, "newsmonitor.yaml")
    assert {one.type for one in settings.channels.values()} == {"email", "slack", "file"}
    assert len(settings.digests) == 2


def test_the_example_of_the_feeds_loads() -> None:
    """feeds.yaml in configuration.md has two feeds of one outlet."""
    (text,) = blocks("configuration.md", "# feeds.yaml")
    feeds = load_feeds(text, "feeds.yaml")
    assert [feed.outlet for feed in feeds] == ["Example News", "Example News"]


def test_every_example_of_a_list_is_there() -> None:
    """watchlists.md shows terms, forms, aliases, conditions, moves and masks as whole lists."""
    assert len(LISTS) >= 7
    assert ALIASES.sets


@every_list
def test_an_example_of_a_list_passes_its_own_tests(text: str) -> None:
    """Each list loads, has tests that fire and tests that are silent, and all of them pass."""
    watchlist = load_watchlist(text, "example.yaml", ALIASES)
    failed = [(one.title, one.wanted, one.came) for one in run_tests(watchlist) if not one.passed]
    assert failed == []
    assert {test.fires for test in watchlist.tests} == {True, False}


@every_list
def test_an_example_of_a_list_gives_no_warning(text: str) -> None:
    """An example does nothing that check warns of."""
    assert lint(load_watchlist(text, "example.yaml", ALIASES)) == ()


def test_the_example_of_an_outlet_loads() -> None:
    """The outlet in demo.md is a file as the demo reads it, with an edit and a withdrawal."""
    (text,) = blocks("demo.md", "# Invented sample news")
    (outlet,) = read_outlets([("fjord.yaml", text)]).outlets
    assert [len(feed.items) for feed in outlet.feeds] == [3, 1]
    assert [bool(item.edits) for item in outlet.items] == [False, True, False]
    assert outlet.items[2].withdrawn_at is not None
