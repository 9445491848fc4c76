"""backup, restore and schema as commands."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.store import verify
from tests.desk import SETTINGS, make_desk
from tests.store.test_backup import seeded, titles, undo_last_step


def call(config, *words):
    return CliRunner().invoke(main, ["-c", str(config), *words])


@pytest.fixture
def config(tmp_path):
    """A desk with a database that has one feed."""
    seeded(tmp_path / "news.db", "Before")
    return make_desk(tmp_path, ["https://n.example/rss"])


def test_a_copy_goes_where_it_is_wanted_and_never_over_a_file(config, tmp_path):
    """--to makes a sound copy once; the second time the name is taken (U020)."""
    target = tmp_path / "elsewhere" / "copy.db"
    done = call(config, "backup", "--to", str(target), "--json")
    assert (done.exit_code, json.loads(done.output)["copy"]) == (0, str(target))
    verify(target)
    again = call(config, "backup", "--to", str(target))
    assert (again.exit_code, "U020" in again.output) == (2, True)


def test_copies_in_the_folder_are_listed_and_put_back(config, tmp_path):
    """backup, then backup --list, then restore: the database is what it was."""
    assert call(config, "backup").exit_code == 0
    (listed,) = json.loads(call(config, "backup", "--list", "--json").output)
    seeded(tmp_path / "news.db", "After")
    done = call(config, "restore", listed["copy"])
    assert (done.exit_code, "the replaced database is" in done.output) == (0, True)
    assert titles(tmp_path / "news.db") == ["Before"]


def test_without_a_folder_a_copy_wants_a_name(tmp_path):
    """U021 says so."""
    seeded(tmp_path / "news.db")
    config = make_desk(tmp_path, ["https://n.example/rss"], SETTINGS + "backup: {folder: ''}\n")
    done = call(config, "backup")
    assert (done.exit_code, "U021" in done.output) == (2, True)


def test_a_damaged_copy_is_refused_with_exit_code_3(config, tmp_path):
    """And the database stays."""
    (tmp_path / "bad.db").write_bytes(b"x" * 9_000)
    done = call(config, "restore", str(tmp_path / "bad.db"))
    assert done.exit_code == 3
    assert titles(tmp_path / "news.db") == ["Before"]


def test_the_steps_of_the_tables_are_shown(config, tmp_path):
    """What was taken with its time, and what the next start will take."""
    undo_last_step(tmp_path / "news.db")
    rows = json.loads(call(config, "schema", "--json").output)
    assert [row["state"] for row in rows] == ["done"] * (len(rows) - 1) + ["pending"]
    assert rows[0]["at"]
