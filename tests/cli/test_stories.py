"""newsmonitor stories: list, show, export, as a person runs them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from monitor.cli.timeline import print_timeline, word_diff
from monitor.feeds.decide import decide
from monitor.feeds.identify import identify
from monitor.model import Entry, Evidence, Feed, Kind, Level, Match
from monitor.store import Store
from monitor.stories.dossier import dossier
from monitor.stories.edits import edits
from tests.cli.test_feeds import run
from tests.desk import make_desk
from tests.stories.told import story, told

START = datetime(2026, 3, 10, 6, tzinfo=UTC)
TEXT = " ".join(f"word{n}" for n in range(40))
MATCH = Match(
    "drones", Level.HIGH, 1.0, (Evidence("drone", "drone", "drones", "title", 0, 6, Kind.EXACT),)
)
#: Outlet, headline, text, hour, story.
NEWS = [
    ("Herald", "New drones reach Russia", TEXT, 0, 1),
    ("Courier", "New drones reach Russia", TEXT, 1, 1),
    ("Ledger", "[bold]800 drones[/bold] arrive from abroad", "", 2, 1),
    ("Herald", "Another matter of drones", "Its text.", 30, 2),
    ("Ledger", "[bold]900 drones[/bold] arrive from abroad", "", 31, 1),
]


def fill(store: Store) -> None:
    """Poll NEWS as feeds would bring it; story 3 was merged into story 1."""
    feeds = {
        name: Feed(f"https://{name.lower()}.example/rss", name, name, "en") for name, *_ in NEWS
    }
    store.feeds.sync(list(feeds.values()), START)
    with store.transaction():
        stories = {number: store.stories.open(START) for number in (1, 2, 3)}
        for number, (outlet, title, text, hour, home) in enumerate(NEWS):
            now, feed = START + timedelta(hours=hour), feeds[outlet]
            guid = "edited" if outlet == "Ledger" else str(number)
            document = identify([Entry(guid, None, title, text)], feed.url)
            (decision,) = decide(document, store.items.known(feed.url, document), backfill=False)
            item = store.items.apply(decision, feed, now)
            store.hits.save({item.id: [MATCH]}, now)
            hits = [hit for hit in store.hits.of_items([item.id]) if hit.story_id is None]
            store.stories.fold(hits, stories[home], "retold", now)
        store.stories.merge(stories[3], stories[1], "one event", START)


@pytest.fixture
def desk(tmp_path):
    make_desk(tmp_path, ["https://herald.example/rss"])
    store = Store.writer(tmp_path / "news.db")
    fill(store)
    store.close()
    return tmp_path


def listed(desk, *options: str):
    return json.loads(run("stories", "list", "--json", *options, cwd=desk).stdout)


def test_the_list_counts_items_outlets_and_origins_apart(desk):
    """Three items, three outlets, two origins, since one is a copy; the newest fact is named."""
    rows = {one["id"]: one for one in listed(desk)}
    assert (rows[1]["items"], rows[1]["outlets"], rows[1]["origins"]) == (3, 3, 2)
    assert rows[1]["newest"] == "edited: number"
    assert rows[2]["newest"] == ""
    shown = run("stories", "list", cwd=desk).stdout
    assert "New drones reach Russia" in shown
    assert "+ edited: number" in shown


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        pytest.param([], {1, 2}, id="all"),
        pytest.param(["--limit", "1"], {2}, id="the one with the newest hit"),
        pytest.param(["--since", "2026-03-11"], {2}, id="hits since a date"),
        pytest.param(["-w", "drones"], {1, 2}, id="of a watchlist"),
        pytest.param(["-w", "nothing"], set(), id="of a watchlist without hits"),
        pytest.param(["--since", "1h"], set(), id="hits of the last hour"),
    ],
)
def test_the_list_can_be_narrowed(desk, options, ids):
    """By time, by watchlist, by number; what was merged is listed once."""
    assert {one["id"] for one in listed(desk, *options)} == ids


def test_a_time_that_is_none_is_refused(desk):
    """The message shows what to write instead."""
    result = run("stories", "list", "--since", "yesterday", cwd=desk)
    assert result.returncode == 2
    assert "12h, 2d or 2026-03-10" in result.stderr


def test_show_prints_a_timeline(desk):
    """Origins, roles, what was new, the edit as a marked diff; markup stays text."""
    shown = run("stories", "show", "1", cwd=desk).stdout
    assert "story 1 · 3 items · 3 outlets · 2 independent origins · en · merged: 3" in shown
    assert "words of [1] Herald" in shown
    assert "+ origin: Ledger" in shown
    assert "[bold][-800-]{+900+} drones[/bold]" in shown
    assert "weighty: number" in shown


def test_a_merged_number_shows_the_story_it_became(desk):
    """Old links and old digests stay right."""
    assert "story 1 ·" in run("stories", "show", "3", cwd=desk).stdout


def test_a_story_that_is_not_there_is_an_error_with_a_hint(desk):
    """Exit 2 and where to look."""
    result = run("stories", "show", "99", cwd=desk)
    assert result.returncode == 2
    assert "D003" in result.stderr


def test_show_as_json_has_a_row_for_each_sighting(desk):
    """With role, origin and reasons."""
    rows = json.loads(run("stories", "show", "1", "--json", cwd=desk).stdout)
    assert [(one["outlet"], one["role"]) for one in rows] == [
        ("Herald", "first"), ("Courier", "copy"), ("Ledger", "update"),
    ]  # fmt: skip
    assert rows[2]["weighty"] == ["number"]


def test_export_as_json_is_a_story_a_line_with_everything(desk):
    """Members with texts, sightings and hits, origins, edits with their diffs, merged ids."""
    lines = run("stories", "export", "--json", cwd=desk).stdout.splitlines()
    whole = {one["id"]: one for one in map(json.loads, lines)}
    assert set(whole) == {1, 2}
    first = whole[1]
    assert first["merged"] == [3]
    assert first["members"][0]["text"] == TEXT
    assert first["members"][0]["hits"][0]["evidence"] == ["drone: drones"]
    assert first["edit_list"][0]["diff"][1:3] == [["cut", "800"], ["added", "900"]]
    assert [one["name"] for one in first["origin_list"]] == ["Herald", "Ledger"]


def test_export_as_csv_is_an_item_a_line(desk):
    """Only the stories asked for; a formula stays text in a spreadsheet."""
    out = run("stories", "export", "1", "--csv", cwd=desk).stdout
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [one["item"] for one in rows] == ["1", "2", "3"]
    assert {one["story"] for one in rows} == {"1"}


def test_a_terminal_gets_colour_instead_of_marks():
    """Cut words are struck through, added ones underlined."""
    member = told(1, "900 drones", before=[("800 drones", "")])
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=100)
    print_timeline(console, story(member), dossier(story(member)))
    assert "\x1b[9;31m800" in out.getvalue()
    assert "[-" not in out.getvalue()


def test_controls_in_a_headline_do_not_reach_the_terminal():
    """An escape sequence from a feed is dropped, also inside a diff."""
    member = told(
        1, "900 \x1b[2Jdrones", before=[("800 \x1b[2Jdrones\x07", "")], outlet="A\x1b]0;x"
    )
    out = io.StringIO()
    print_timeline(Console(file=out, width=100), story(member), dossier(story(member)))
    assert "\x1b" not in out.getvalue()
    assert "\x07" not in out.getvalue()


def test_long_unchanged_stretches_are_shortened():
    """A reader sees the change and a little around it."""
    (edit,) = edits([told(1, "w " * 200 + "end", before=[("w " * 200 + "stop", "")])])
    shown = word_diff(edit, coloured=False).plain
    assert shown.startswith("…")
    assert shown.endswith("[-stop-]{+end+}")
    assert len(shown) < 100
