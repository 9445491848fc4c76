"""suggest as a person runs it: spellings, masks from labels and marks, feeds, outlets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from monitor.cli import main
from monitor.feeds.catalogue import load_feeds
from monitor.files import load_watchlists
from monitor.matching import Matcher
from monitor.model import Judgement, Verdict
from monitor.store import Store
from tests.cli.test_replay import insert
from tests.desk import make_desk

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SAMPLES = Path(__file__).resolve().parents[1] / "data" / "seeds"


def run(*words):
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_aliases_come_from_the_store_with_counts(tmp_path):
    """Near spellings of the stored items are listed; the table proposes other scripts."""
    config = str(make_desk(tmp_path, ["https://example.org/f"]))
    insert(tmp_path / "news.db", [("Jets at Hamedan", ""), ("База Хамадан", ""), ("Quiet", "")])
    told = json.loads(run("-c", config, "suggest", "aliases", "Hamadan", "--json"))
    assert {one["text"]: one["items"] for one in told["seen"]} == {"Hamedan": 1, "Хамадан": 1}
    assert "همدان" in told["by_the_table"]


def test_masks_come_from_marks(tmp_path):
    """What readers marked noise gives a mask that can be pasted."""
    config = str(make_desk(tmp_path, ["https://example.org/f"]))
    titles = ["Drone show in Moscow", "Drone show again, Russia", "Drone lands in Russia"]
    insert(tmp_path / "news.db", [(title, "") for title in titles])
    store = Store.writer(tmp_path / "news.db")
    verdicts = [Verdict.NOISE, Verdict.NOISE, Verdict.RELEVANT]
    store.marks.save([Judgement(n, "drones", v, NOW) for n, v in enumerate(verdicts, 1)])
    store.close()
    shown = run("-c", config, "suggest", "masks", "drones")
    assert "# 2 noisy and 1 relevant hits are marked" in shown
    assert '  - "drone show"' in shown
    assert "silences 2 of 2" in shown


def test_masks_come_from_labels():
    """A labelled file serves without a database."""
    told = json.loads(
        run("suggest", "masks", "gas-market", "--labels", str(SAMPLES / "archive.jsonl"), "--json")
    )
    assert told["noise"] + told["wanted"] > 0


def test_feeds_can_be_pasted_and_outlets_are_named(tmp_path):
    """The feeds load; an outlet that brought hits and has no feed is told."""
    config = str(make_desk(tmp_path, ["https://example.org/f"]))
    insert(tmp_path / "news.db", [("Drone lands in Russia", "")])
    store = Store.writer(tmp_path / "news.db")
    (watchlist,) = load_watchlists([tmp_path / "watchlists"])
    with store.transaction():
        store.hits.save({1: Matcher([watchlist]).match("Drone lands in Russia", "")}, NOW)
        for key, outlet in (("a", "Far Herald"), ("b", "Outlet 1")):
            store._db.write(
                "INSERT INTO sightings (feed_id, key, item_id, outlet, seen_at) VALUES (1, ?, 1, ?, ?)",
                (key, outlet, "2026-03-01T00:00:00.000000Z"),
            )
    store.close()
    shown = run("-c", config, "suggest", "feeds", "drones", "--language", "en")
    assert len(load_feeds(shown.replace("# paste", "feeds:\n# paste", 1), "x")) == 3
    assert "# outlet without a feed of its own: Far Herald (1 hits)" in shown
    assert "Outlet 1" not in shown


def test_a_list_is_named_by_file_or_name():
    """An unknown name is told with those that are there."""
    result = CliRunner().invoke(main, ["suggest", "feeds", "nothing"])
    assert result.exit_code == 2
    assert "D004" in result.output
