"""replay over files and the store: counts, differences, days, and the index that loses nothing."""

from __future__ import annotations

import gzip
import json
import lzma
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.cli.replay import chart
from monitor.matching import Matcher, load_watchlist
from monitor.pipeline.preselect import is_odd, query_for
from monitor.pipeline.replay import Plan, replay_file, replay_store
from monitor.store import Store
from tests.desk import WATCHLIST, make_desk

ARCHIVE = Path(__file__).resolve().parents[1] / "data" / "seeds" / "archive.jsonl"
OLD = load_watchlist("watchlist: o\ngroups:\n  a: {any: [gas, drones]}\nmatch: a\n", "o.yaml")
NEW = load_watchlist(
    "watchlist: n\ngroups:\n  a: {any: [gas, library]}\nmask: [tear gas]\nmatch: a\n", "n.yaml"
)


def insert(database, items, seen="2026-03-01T00:00:00.000000Z", *, indexed=True):
    store = Store.writer(database)
    with store.transaction():
        store._db.write(
            "INSERT INTO feeds (url, title, outlet, language, country, state_affiliated, added_at)"
            " VALUES ('https://example.org/f', '', '', '', '', 0, ?) ON CONFLICT DO NOTHING",
            (seen,),
        )
        for title, text in items:
            item = store._db.write(
                "INSERT INTO items (feed_id, link, title, text, language, source, first_seen_at,"
                " fingerprint, backfill) VALUES (1, '', ?, ?, 'en', '', ?, '', 0)",
                (title, text, seen),
            )
            if indexed:
                store._db.write(
                    "INSERT INTO items_fts (rowid, title, text) VALUES (?, ?, ?)",
                    (item, title, text),
                )
            else:
                store._db.write("INSERT INTO fts_pending (item_id) VALUES (?)", (item,))
    store.close()


@pytest.mark.parametrize("pack", [None, gzip.compress, lzma.compress], ids=["plain", "gz", "xz"])
def test_new_lost_and_same_are_counted(tmp_path, pack):
    """Against an older list each hit is new, lost or the same, whatever the file is packed with."""
    raw = ARCHIVE.read_bytes()
    suffix = {None: "", gzip.compress: ".gz", lzma.compress: ".xz"}[pack]
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(pack(raw) if pack else raw)
    found = replay_file(Plan(NEW, OLD, samples=1), path, processes=1)
    rows = [json.loads(line) for line in raw.splitlines()]
    new, old = Matcher([NEW]), Matcher([OLD])
    both = [
        (bool(new.fires(r["title"], r["text"])), bool(old.fires(r["title"], r["text"])))
        for r in rows
    ]
    assert found.items == len(rows)
    assert found.new.count == both.count((True, False)) > 0
    assert found.lost.count == both.count((False, True)) > 0
    assert found.same.count == both.count((True, True)) > 0
    assert len(found.lost.samples) == 1
    assert sum(found.same.days.values()) == found.same.count


def test_several_processes_say_the_same_as_one(tmp_path):
    """Batches come back in the order of the archive, so samples and counts are equal."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(ARCHIVE.read_bytes() * 100)
    told = []
    one = replay_file(Plan(NEW), path, processes=1)
    two = replay_file(Plan(NEW), path, processes=2, progress=lambda *now: told.append(now))
    assert one == two
    assert told[-1][0] == 2_600
    assert all(0 <= share <= 1 for _, share in told)


def test_a_broken_line_is_told_with_its_number(tmp_path):
    """Also from another process the fault names file and line."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "x"}\nnot json\n', encoding="utf-8")
    result = CliRunner().invoke(main, ["replay", "gas-market", "--input", str(path)])
    assert result.exit_code == 2
    assert f"{path}:2: E001" in result.output


def test_the_store_is_replayed_since_a_time(tmp_path):
    """Items seen earlier are left out."""
    insert(tmp_path / "n.db", [("old gas", "")], "2026-01-01T00:00:00.000000Z")
    insert(tmp_path / "n.db", [("new gas", "")], "2026-03-01T00:00:00.000000Z")
    since = datetime(2026, 2, 1, tzinfo=UTC)
    assert replay_store(Plan(NEW), tmp_path / "n.db", processes=1).hits == 2
    assert replay_store(Plan(NEW), tmp_path / "n.db", since, processes=1).hits == 1


TRICKY = [
    "Drone2024 over the port", "2drone swarm", "A dro\u00adne", "ＤＲＯＮＥ in wide letters",
    "Dróne with an accent", "U.S. port closed", "US port", "Iran's port", "anti-drone port",
    "antidrone port", "дроны в порту", "ДРОН", "無人機 port", "پهپاد", "ﬁne drone", "dro ne",
    "foo_drone_bar", "drone/port", "Shahed136 drone", "Shahed 136", "Shahed-136", "Ёлка и дрон",
    "łódź drone", "e.g. drone.port", "DRONE", "the ports of Ødegård", "Ødegard", "it’s a drone’s port",
]  # fmt: skip
LISTS = [
    "{any: [drone], forms: en}", "{any: [port, US], forms: en}", "{any: [Shahed-136]}",
    "{any: [дрон], forms: ru}", "{any: [پهپاد, drone]}", "{any: [無人機]}", "{any: ['port*']}",
    "{any: ['~Shahed', drone]}", "{any: [anti-drone]}", "{any: [Ødegard]}", "{any: [Łódź]}",
    "{any: ['=Drone', elka, ёлка]}", "{any: [fine drone]}",
]  # fmt: skip


@pytest.mark.parametrize("group", LISTS)
def test_the_index_never_loses_a_hit(tmp_path, group):
    """With the index asked, every hit is found that is found without it, in tricky writing too."""
    watchlist = load_watchlist(f"watchlist: x\ngroups:\n  a: {group}\nmatch: a\n", "x.yaml")
    dice = Random(3)
    items = [(dice.choice(TRICKY), " ".join(dice.sample(TRICKY, 2))) for _ in range(60)]
    items += [(title, "") for title in TRICKY] + [("", text) for text in TRICKY]
    insert(tmp_path / "n.db", items)
    insert(tmp_path / "n.db", [("a late drone", "")], indexed=False)
    plain = replay_store(
        Plan(watchlist, samples=200), tmp_path / "n.db", processes=1, ask_index=False
    )
    asked = replay_store(Plan(watchlist, samples=200), tmp_path / "n.db", processes=1)
    assert asked.new == plain.new
    assert asked.items == plain.items


def test_the_index_rules_out_what_it_can(tmp_path):
    """Plain items without a word of the list are not judged at all."""
    watchlist = load_watchlist("watchlist: x\ngroups:\n  a: {any: [drone]}\nmatch: a\n", "x.yaml")
    insert(tmp_path / "n.db", [("A quiet day", "in the north")] * 50 + [("A drone", "")])
    found = replay_store(Plan(watchlist), tmp_path / "n.db", processes=1)
    assert (found.hits, found.skipped, found.items) == (1, 50, 51)


@pytest.mark.parametrize(
    ("match", "asked"),
    [
        pytest.param("a and b", True, id="required groups"),
        pytest.param("a or b", True, id="one of two"),
        pytest.param("not a", False, id="nothing is required"),
    ],
)
def test_only_lists_that_require_something_are_asked_for(match, asked):
    """Where nothing must stand in an item, every item is looked at."""
    text = f"watchlist: x\ngroups:\n  a: {{any: [gas]}}\n  b: {{any: [oil]}}\nmatch: {match}\n"
    assert (query_for(load_watchlist(text, "x.yaml")) is not None) is asked


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("plain text, it’s so", False),
        ("два слова", False),
        ("5th", True),
        ("U.S.", True),
        ("پهپاد", True),
    ],
)
def test_odd_items_are_those_that_the_index_reads_otherwise(text, odd):
    """Digits grown to letters, dotted capitals and other scripts are judged whatever it says."""
    assert is_odd(text, "") is odd


def test_days_become_bars():
    """The longest bar is forty wide, the newest day comes last, no date comes behind it."""
    lines = list(chart(Counter({"2026-03-02": 1, "2026-03-01": 4, "": 2})))
    assert [line.split()[0] for line in lines] == ["2026-03-01", "2026-03-02", "no"]
    assert lines[0].count("█") == 40
    days = Counter({f"2025-{month:02}-{day:02}": 1 for month in (1, 2, 3) for day in range(1, 29)})
    assert "22 earlier days" in next(chart(days))


def test_the_command_speaks_json_and_reads_the_settings(tmp_path):
    """-c replays the list of the desk over its store; --since must be a length of time."""
    config = str(make_desk(tmp_path, ["https://example.org/f"]))
    now = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    insert(tmp_path / "news.db", [("Drones reach Moscow", ""), ("Quiet", "")], now)
    call = ["-c", config, "replay", "drones", "--processes", "1", "--json"]
    result = CliRunner().invoke(main, [*call, "--since", "30d"])
    told = json.loads(result.stdout)
    assert (told["items"], told["hits"]) == (2, 1)
    assert told["new"]["samples"][0]["title"] == "Drones reach Moscow"
    old = tmp_path / "old.yaml"
    old.write_text(WATCHLIST.replace("Moscow", "Omsk"), encoding="utf-8")
    against = CliRunner().invoke(main, [*call, "--against", str(old)])
    assert json.loads(against.stdout)["new"]["count"] == 1
    assert "D022" in CliRunner().invoke(main, [*call, "--since", "soon"]).output
