"""derive as a person runs it, and the walk of the page from a seed to a list."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.store import Store
from tests.desk import make_desk

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "data" / "seeds"
PAGE = ROOT / "docs" / "from-seed-to-watchlist.md"


def run(*words):
    return CliRunner().invoke(main, list(words))


def steps():
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"```sh\n(newsmonitor .*?)\n```\n\n```text\n(.*?)\n```", text, re.DOTALL)


def test_the_walk_prints_what_the_page_shows(tmp_path, monkeypatch):
    """Every command of the page runs, in its order, and prints what stands below it."""
    for name in ("watchlists", "seeds"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(SAMPLES / "archive.jsonl", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "COLUMNS", "100")
    assert len(steps()) >= 6
    for command, wanted in steps():
        result = run(*shlex.split(command)[1:])
        assert result.exit_code == 0, result.output
        shown = re.sub(r"; \d+ (ms|s)$", "", result.stdout, flags=re.MULTILINE)
        assert [line.rstrip() for line in shown.rstrip().split("\n")] == wanted.split("\n"), command
    part = re.search(r"```text\n(# Derived.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert part is not None
    assert Path("drafts/gas-market.yaml").read_text(encoding="utf-8").startswith(part[1])


def test_json_tells_all_that_was_found():
    """Passages, topics, names with aliases, relations, figures, dates and the drafts."""
    result = run("derive", str(SAMPLES / "danube-wheat-lithium.md"), "--json")
    told = json.loads(result.stdout)
    assert told["passages"][0]["label"] == "P1"
    assert {"wheat-market", "lithium-market"} <= {one["name"] for one in told["topics"]}
    assert {"EU", "Ukraine"} <= {one["name"] for one in told["names"] if one["aliases"]}
    assert "900,000 tonnes" in {one["text"] for one in told["figures"]}
    assert all(one["yaml"].startswith("# Derived") for one in told["drafts"])


def test_one_file_takes_the_heaviest_topic(tmp_path):
    """--out with a .yaml name writes one draft there."""
    out = tmp_path / "one.yaml"
    result = run(
        "derive",
        str(SAMPLES / "danube-wheat-lithium.md"),
        "--out",
        str(out),
        "--topic",
        "wheat-market",
    )
    assert result.exit_code == 0, result.output
    assert "watchlist: wheat-market" in out.read_text(encoding="utf-8")


def test_a_list_that_is_no_draft_is_never_written_over(tmp_path):
    """What somebody has worked on is only written over with --force, which also renews drafts."""
    seed = str(SAMPLES / "danube-wheat-lithium.md")
    target = tmp_path / "wheat-market.yaml"
    call = ("derive", seed, "--out", str(target), "--topic", "wheat-market")
    assert run(*call).exit_code == 0
    target.write_text("watchlist: mine\nstatus: live\n", encoding="utf-8")
    refused = run(*call)
    assert refused.exit_code == 2
    assert "D024" in refused.output
    assert target.read_text(encoding="utf-8").startswith("watchlist: mine")
    assert run(*call, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("derive", "nowhere.txt"), "U001", id="no such file"),
        pytest.param(
            ("derive", str(SAMPLES / "strait-insurance.txt"), "--topic", "bees"),
            "D021",
            id="no such topic",
        ),
    ],
)
def test_what_cannot_be_derived_is_told(words, code):
    """Exit code 2, with the code of the fault."""
    result = run(*words)
    assert result.exit_code == 2
    assert code in result.output


def test_an_item_of_the_store_is_a_seed(tmp_path):
    """item:1 derives from what was stored; an unknown number is told."""
    config = str(make_desk(tmp_path, ["https://example.org/f"]))
    fill(
        tmp_path / "news.db",
        [("Norway sells gas to Poland", "The gas market of Poland needs gas.")],
    )
    lists = str(ROOT / "watchlists")
    result = run("-c", config, "derive", "item:1", "--lists", lists)
    assert result.exit_code == 0, result.output
    assert "watchlist: gas-market" in result.stdout
    assert "in 1 of 1 items" in result.stdout
    assert "D006" in run("-c", config, "derive", "item:7", "--lists", lists).output


def fill(database, items):
    store = Store.writer(database)
    with store.transaction():
        store._db.write(
            "INSERT INTO feeds (url, title, outlet, language, country, state_affiliated, added_at)"
            " VALUES ('https://example.org/f', '', '', '', '', 0, '2026-03-01T00:00:00.000000Z')"
        )
        for title, text in items:
            store._db.write(
                "INSERT INTO items (feed_id, link, title, text, language, source, first_seen_at,"
                " fingerprint, backfill) VALUES (1, '', ?, ?, 'en', '', '2026-03-01T00:00:00.000000Z', '', 0)",
                (title, text),
            )
    store.close()
