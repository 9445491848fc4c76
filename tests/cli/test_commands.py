"""Commands as a person runs them: real processes, exit codes, words."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor.cli import main
from tests.desk import WATCHLIST, make_desk
from tests.servers import Shown, ThreadedFeedServer

HIT = Shown("Drones reach Russia", "hit", text="Shahed-136 drones were seen in Moscow.")
DULL = Shown("[bold]A quiet day[/bold]", "dull")


def run(*arguments: str, cwd: Path | None = None, stdin: str = "", **env: str):
    return subprocess.run(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=cwd, input=stdin, text=True, capture_output=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | env,
    )  # fmt: skip


@pytest.fixture
def server():
    with ThreadedFeedServer() as running:
        running.show("/a", HIT, DULL)
        running.show("/b", HIT)
        yield running


@pytest.fixture
def desk(tmp_path, server):
    make_desk(tmp_path, [server.base + "/a", server.base + "/b"])
    return tmp_path


def commands(group=main, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*one, id=" ".join(one[0])) for one in commands()]
)
def test_every_command_has_help(path, command):
    """--help says in a sentence what the command does, and what each option is for."""
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4
    assert all(one.help for one in command.params if isinstance(one, click.Option))


def test_one_round_stores_all_once_and_a_second_changes_nothing(desk, server):
    """Run --once twice: everything is there, nothing twice; a forced poll gets 304s."""
    first = run("run", "--once", cwd=desk)
    assert first.returncode == 0, first.stderr
    assert "2 feeds polled, 2 well, 0 not reached; 2 new items" in first.stdout
    second = run("run", "--once", cwd=desk)
    assert "no feed is due" in second.stdout
    left_alone = run("poll", cwd=desk)
    assert "2 feeds are not due yet" in left_alone.stdout
    forced = run("poll", "--force", cwd=desk)
    assert "0 new items, 0 edited, 0 hits" in forced.stdout
    assert (server.count(conditional=False), server.count(conditional=True)) == (2, 2)


def test_without_network_it_says_so_changes_nothing_and_exits_2(tmp_path):
    """Each feed that could not be reached is named; no feed is blamed."""
    make_desk(tmp_path, [f"http://127.0.0.1:9/{n}" for n in range(4)])
    result = run("run", "--once", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.count("not reached: Feed") == 4
    assert "The network is down" in result.stderr
    raw = sqlite3.connect(tmp_path / "news.db")
    assert raw.execute("SELECT count(*) FROM polls").fetchone() == (0,)
    assert raw.execute("SELECT count(*) FROM items").fetchone() == (0,)
    assert raw.execute("SELECT sum(failures) FROM feeds").fetchone() == (0,)


def test_the_daemon_ends_on_sigterm_and_refuses_a_second_one(desk):
    """Exit 0 within seconds; the second daemon exits 75 while the first runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "run"],
        cwd=desk, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    try:
        database = desk / "news.db"
        for _ in range(200):
            if database.exists() and _hits(database):
                break
            time.sleep(0.1)
        assert _hits(database) == 1
        assert run("run", "--once", cwd=desk).returncode == 75
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=30)
        assert process.returncode == 0
        assert time.monotonic() - begun < 10
    finally:
        process.kill()
        process.wait()
    records = [json.loads(line) for line in logged.splitlines()]
    assert records[0]["event"] == "watching"
    assert records[-1]["event"] == "stopped"
    assert any(one["event"] == "hit" and one["watchlist"] == "drones" for one in records)


def test_the_daemon_ends_in_time_although_a_server_holds_it(desk, server):
    """A request that never ends is let go; exit 0 all the same, well within systemd's patience."""

    async def hold(request):
        await asyncio.sleep(120)

    server.answers["/b"] = hold
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "run"],
        cwd=desk, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    try:
        for _ in range(200):
            if (desk / "news.db").exists() and _hits(desk / "news.db"):
                break
            time.sleep(0.1)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)
        assert process.returncode == 0
        assert time.monotonic() - begun < 25
    finally:
        process.kill()
        process.wait()


def _hits(database: Path) -> int:
    try:
        return int(sqlite3.connect(database).execute("SELECT count(*) FROM hits").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_a_newer_database_is_refused_with_78(desk):
    """Systemd must not try again in a loop."""
    run("run", "--once", cwd=desk)
    raw = sqlite3.connect(desk / "news.db")
    raw.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('newsmonitor', 'm9999', 'x')"
    )
    raw.commit()
    raw.close()
    assert run("run", "--once", cwd=desk).returncode == 78
    assert run("status", cwd=desk).returncode == 78


def test_init_writes_a_desk_that_check_accepts(tmp_path):
    """The shipped feeds and watchlists are right as they come; nothing is overwritten."""
    first = run("init", str(tmp_path / "desk"))
    assert first.returncode == 0
    (tmp_path / "desk" / "feeds.yaml").write_text("feeds: []\n", encoding="utf-8")
    second = run("init", str(tmp_path / "desk"))
    assert second.stdout.count("kept") == first.stdout.count("written")
    assert (tmp_path / "desk" / "feeds.yaml").read_text("utf-8") == "feeds: []\n"
    (tmp_path / "desk" / "feeds.yaml").unlink()
    run("init", str(tmp_path / "desk"))
    checked = run("check", cwd=tmp_path / "desk")
    assert checked.returncode == 0, checked.stderr
    assert "well." in checked.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        pytest.param(
            "newsmonitor.yaml",
            "feeds: feeds.yaml",
            "feedz: feeds.yaml",
            "newsmonitor.yaml:2: Y011 unknown key 'feedz'; did you mean 'feeds'?",
            id="settings",
        ),
        pytest.param(
            "feeds.yaml", "title: Feed 1", "titel: Feed 1", "did you mean 'title'?", id="feeds"
        ),
        pytest.param(
            "watchlists/drones.yaml",
            "match: drone and russia",
            "match: drone and rusia",
            "drones.yaml:8:",
            id="watchlist",
        ),
        pytest.param(
            "watchlists/drones.yaml",
            'silent: "Drones reach the moon"',
            'silent: "Drones reach Russia"',
            "W900",
            id="a test that fails",
        ),
    ],
)
def test_check_tells_faults_with_file_and_line_and_exits_2(tmp_path, file, old, new, words):
    """Whatever file is wrong, the place and the next step are said."""
    make_desk(tmp_path, ["https://news.example/rss"])
    path = tmp_path / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    result = run("check", cwd=tmp_path)
    assert result.returncode == 2
    assert words in result.stderr


def test_check_of_a_list_alone_needs_no_settings(tmp_path):
    """While a list is written: its faults, its doubtful lines, its tests."""
    path = tmp_path / "drones.yaml"
    path.write_text(WATCHLIST, encoding="utf-8")
    result = run("check", str(path), cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "well. 1 watchlist with 2 tests\n")
    path.write_text(WATCHLIST.replace("reach the moon", "leave Moscow"), encoding="utf-8")
    result = run("check", str(path), cwd=tmp_path)
    assert result.returncode == 2
    assert "drones.yaml:11: W900 a test of 'drones' fails" in result.stderr


def test_without_settings_the_message_says_what_to_do(tmp_path):
    """A stranger's first command."""
    result = run("run", "--once", "-c", str(tmp_path / "none.yaml"))
    assert result.returncode == 2
    assert "newsmonitor init" in result.stderr


def test_a_missing_secret_is_named_and_never_shown(tmp_path):
    """The place of the secret, not the secret."""
    config = make_desk(tmp_path, ["https://news.example/rss"])
    text = config.read_text("utf-8").replace(
        "channels:\n", "channels:\n  room: {type: slack, webhook_file: hook}\n", 1
    )
    config.write_text(text, encoding="utf-8")
    missing = run("check", cwd=tmp_path)
    assert missing.returncode == 2
    assert "S001" in missing.stderr
    (tmp_path / "hook").write_text("ftp://canary-4711.example/secret\n", encoding="utf-8")
    bad = run("check", cwd=tmp_path)
    assert bad.returncode == 2
    assert "canary-4711" not in bad.stderr + bad.stdout


def test_listings_and_status_after_a_round(desk):
    """Each listing as a table, JSON and CSV; markup in a headline stays text."""
    run("run", "--once", cwd=desk)
    items = json.loads(run("items", "list", "--json", cwd=desk).stdout)
    assert {one["title"] for one in items} == {HIT.title, DULL.title}
    assert "[bold]A quiet day[/bold]" in run("items", "list", cwd=desk).stdout
    assert "A quiet day" in run("items", "list", "--search", "quiet", "--csv", cwd=desk).stdout
    (hit,) = json.loads(run("hits", "list", "--json", cwd=desk).stdout)
    assert hit["watchlist"] == "drones"
    (story,) = json.loads(run("stories", "list", "--json", cwd=desk).stdout)
    members = json.loads(run("stories", "show", str(story["id"]), "--json", cwd=desk).stdout)
    assert {one["outlet"] for one in members} == {"Outlet 1", "Outlet 2"}
    feeds = json.loads(run("feeds", "list", "--json", cwd=desk).stdout)
    assert [one["state"] for one in feeds] == ["ok", "ok"]
    assert "unconditional" not in run("feeds", "show", "Feed 1", cwd=desk).stdout
    status = run("status", "--json", cwd=desk)
    assert status.returncode == 0
    assert json.loads(status.stdout)["hits"] == 1


def test_preview_shows_the_digest_without_storing_it(desk):
    """Text, HTML and Slack; the list of digests stays empty."""
    run("run", "--once", cwd=desk)
    assert HIT.title in run("digest", "preview", cwd=desk).stdout
    assert "<html" in run("digest", "preview", "--format", "html", cwd=desk).stdout
    assert json.loads(run("digest", "preview", "--format", "slack", cwd=desk).stdout)
    assert run("digest", "list", "--json", cwd=desk).stdout.strip() == "[]"


def test_match_reads_lines_and_writes_evidence(tmp_path):
    """The contract's fields, offsets into the text as given."""
    make_desk(tmp_path, ["https://news.example/rss"])
    line = json.dumps({"id": "x1", "title": HIT.title, "text": HIT.text})
    quiet = json.dumps({"id": "x2", "title": "A quiet day", "text": ""})
    result = run("match", "-w", str(tmp_path / "watchlists"), stdin=f"{line}\n{quiet}\n")
    (found,) = [json.loads(one) for one in result.stdout.splitlines()]
    assert (found["id"], found["watchlist"], found["level"]) == ("x1", "drones", "high")
    for one in found["evidence"]:
        source = {"title": HIT.title, "text": HIT.text}[one["field"]]
        assert source[one["start"] : one["end"]] == one["text"]
        assert {"group", "term", "text", "field", "start", "end", "kind"} <= set(one)


def test_match_tells_the_line_that_is_no_json(tmp_path):
    """file:line for data, too."""
    make_desk(tmp_path, ["https://news.example/rss"])
    result = run("match", "-w", str(tmp_path / "watchlists"), stdin='{"id": 1}\n{oops\n')
    assert result.returncode == 2
    assert ":2: E001" in result.stderr


def test_eval_scores_and_lists_each_wrong_decision(tmp_path):
    """Precision, recall and the rows that went wrong, with a reason."""
    make_desk(tmp_path, ["https://news.example/rss"])
    rows = [
        {"id": 1, "title": "Drones reach Russia", "text": "", "label": 1},
        {"id": 2, "title": "Drones over Russia again", "text": "", "label": 0},
        {"id": 3, "title": "Unmanned craft in Moscow", "text": "", "label": 1},
        {"id": 4, "title": "Drones in Moscow", "text": "", "label": 0, "borderline": True},
    ]
    labels = tmp_path / "labels.jsonl"
    labels.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    result = run("eval", str(labels), "-w", str(tmp_path / "watchlists"), "--json")
    told = json.loads(result.stdout)
    assert (told["rows"], told["precision"], told["recall"]) == (3, 0.5, 0.5)
    assert [one["id"] for one in told["false_alarms"]] == [2]
    assert [one["id"] for one in told["missed"]] == [3]
    assert all(one["why"] for one in told["false_alarms"] + told["missed"])


def test_explain_shows_the_condition(tmp_path):
    """A tree with what held and what did not."""
    make_desk(tmp_path, ["https://news.example/rss"])
    result = run(
        "explain", "drones", "--text", "Drones reach the moon", "-w", str(tmp_path / "watchlists")
    )
    assert result.returncode == 0
    assert "russia" in result.stdout


def test_demo_plays_the_whole_day(tmp_path):
    """One digest with all three watchlists, several languages, and the broken feeds named."""
    result = run("demo", "--out", str(tmp_path / "out"))
    assert result.returncode == 0, result.stderr
    digest = (tmp_path / "out" / "digests" / "daily-2026-03-11.txt").read_text("utf-8")
    for title in ("natural gas and LNG", "Hamadan", "drone technology"):
        assert title.casefold() in digest.casefold()
    for trouble in ("blocked", "gone", "not found", "parser killed", "not a feed"):
        assert trouble in digest
    stories = json.loads(
        run(
            "-c",
            str(tmp_path / "out" / "newsmonitor.yaml"),
            "stories",
            "list",
            "--json",
            "--limit",
            "500",
        ).stdout
    )
    assert {"iran-uav-russia", "hamadan-airbase", "gas-market"} == {
        w for one in stories for w in one["watchlists"]
    }
    assert {"en", "ru", "fa", "ar", "pl"} == {code for one in stories for code in one["languages"]}
    wire = [
        one for one in stories if one["outlets"] >= 9 and "iran-uav-russia" in one["watchlists"]
    ]
    assert len(wire) == 1
    again = run("demo", "--out", str(tmp_path / "out" / "digests"))
    assert again.returncode == 2
    assert "U006" in again.stderr


def test_group_gives_each_item_its_story(tmp_path):
    """Copies share a story, other events do not; the output keeps the input's order."""
    make_desk(tmp_path, ["https://news.example/rss"])
    rows = [
        {
            "id": "a",
            "title": "Drones for Russia leave Bandar Anzali, shipping monitors say",
            "date": "2026-03-10T08:00:00Z",
        },
        {
            "id": "b",
            "title": "Chess club wins the cup after a long final",
            "date": "2026-03-10T08:00:00Z",
        },
        {
            "id": "c",
            "title": "Drones for Russia leave Bandar Anzali, shipping monitors say - Gulf Post",
            "date": "2026-03-10T09:00:00Z",
        },
    ]
    told = run("group", "-w", str(tmp_path / "watchlists"), stdin="\n".join(map(json.dumps, rows)))
    stories = {one["id"]: one["story"] for one in map(json.loads, told.stdout.splitlines())}
    assert list(stories) == ["a", "b", "c"]
    assert stories["a"] == stories["c"] != stories["b"]
