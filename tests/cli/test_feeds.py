"""newsmonitor feeds: add, import, export, revive, as a person runs them."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner

from monitor.cli import main
from monitor.store import Lock
from tests.desk import make_desk
from tests.servers import Shown, ThreadedFeedServer

PAGE = """<!doctype html><html><head><title>Example</title>
<link rel="alternate" type="application/rss+xml" title="World" href="/world.xml">
<link rel="alternate" type="application/rss+xml" title="Dead" href="/dead.xml">
<link rel="alternate" type="application/atom+xml" title="Comments" href="/page">
</head><body><a href="/energy/feed">Energy</a></body></html>"""


@dataclass
class Told:
    """What a command said."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, cwd: Path) -> Told:
    """Run a command in this process: starting a new one would cost more than the command."""
    with contextlib.chdir(cwd):
        result = CliRunner(env={"COLUMNS": "200"}).invoke(main, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Told(result.exit_code, result.stdout, result.stderr)


def html(text: str):
    return lambda _: web.Response(text=text, content_type="text/html")


def moved(status: int, target: str):
    return lambda _: web.Response(status=status, headers={"Location": target})


@pytest.fixture(scope="module")
def server():
    with ThreadedFeedServer() as running:
        running.show("/rss", Shown("Drones reach Russia", "1"), Shown("Quiet", "2"))
        running.show("/world.xml", Shown("World", "3"))
        running.show("/energy/feed", Shown("Gas", "4"))
        running.show("/quiet/rss.xml", Shown("Quiet", "5"))
        running.show("/rss.xml", Shown("Guessed", "6"))
        running.specials["/page"] = html(PAGE)
        running.specials["/bare"] = html("<html><body>Nothing here</body></html>")
        running.specials["/for-good"] = moved(301, "/rss")
        running.specials["/for-now"] = moved(302, "/rss")
        running.specials["/shut"] = lambda _: web.Response(status=403)
        yield running


@pytest.fixture
def desk(tmp_path, server):
    make_desk(tmp_path, [server.base + "/known"])
    file = tmp_path / "feeds.yaml"
    file.write_text("# our feeds\n" + file.read_text("utf-8") + "  # the end\n", encoding="utf-8")
    return tmp_path


def added(desk: Path) -> str:
    """Return what stands in feeds.yaml after the text that the desk began with."""
    return (desk / "feeds.yaml").read_text("utf-8").partition("  # the end\n")[2]


def test_a_feed_is_added_with_its_settings_and_the_old_file_is_kept(desk, server):
    """Title from the feed, all else from the options; comments stay; a backup is there."""
    before = (desk / "feeds.yaml").read_text("utf-8")
    result = run(
        "feeds", "add", server.base + "/rss",
        "--language", "ru", "--country", "NO", "--tag", "drones", "--tag", "a: b", "--state-affiliated",
        cwd=desk,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert added(desk) == (
        f'  - url: {server.base}/rss\n    title: T\n    language: ru\n    country: "NO"\n'
        '    tags: [drones, "a: b"]\n    state_affiliated: true\n'
    )
    assert (desk / "feeds.yaml.bak").read_text("utf-8") == before
    assert "2 feeds" in run("check", cwd=desk).stdout


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        pytest.param("/for-good", "/rss", id="a permanent redirect is followed in the file"),
        pytest.param("/for-now", "/for-now", id="a temporary one is not"),
    ],
)
def test_a_redirected_feed_is_added(desk, server, path, kept):
    """The address in the file is the one that will last."""
    result = run("feeds", "add", server.base + path, "--title", "A", cwd=desk)
    assert result.returncode == 0, result.stderr
    assert added(desk) == f"  - url: {server.base}{kept}\n    title: A\n"
    assert ("moved for good" in result.stderr) is (path != kept)


def test_a_page_lists_the_feeds_that_can_be_read_and_adds_none(desk, server):
    """Dead links and pages are not in the list; without --pick nothing changes."""
    result = run("feeds", "add", server.base + "/page", "--json", cwd=desk)
    assert result.returncode == 2
    assert "F009" in result.stderr
    rows = json.loads(result.stdout)
    assert [(one["n"], one["url"], one["found"]) for one in rows] == [
        (1, server.base + "/world.xml", "declared"),
        (2, server.base + "/energy/feed", "linked"),
    ]
    assert rows[0]["kind"] == "rss20"
    assert added(desk) == ""
    assert not (desk / "feeds.yaml.bak").exists()


def test_one_of_a_pages_feeds_is_picked(desk, server):
    """--pick takes the number of the list."""
    result = run("feeds", "add", server.base + "/page", "--pick", "2", "--title", "E", cwd=desk)
    assert result.returncode == 0, result.stderr
    assert added(desk) == f"  - url: {server.base}/energy/feed\n    title: E\n"
    beyond = run("feeds", "add", server.base + "/page", "--pick", "9", cwd=desk)
    assert (beyond.returncode, "F008" in beyond.stderr) == (2, True)
    again = run("feeds", "add", server.base + "/page", "--pick", "2", cwd=desk)
    assert (again.returncode, "F005" in again.stderr) == (2, True)


def test_a_page_without_links_is_helped_by_guesses(desk, server):
    """Common paths are tried only where nothing better was found, and are marked."""
    result = run("feeds", "add", server.base + "/bare", "--json", cwd=desk)
    rows = json.loads(result.stdout)
    assert [(one["url"], one["found"]) for one in rows] == [
        (server.base + "/rss", "guessed"),
        (server.base + "/rss.xml", "guessed"),
    ]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param("{base}/known", "F005", id="it is there already"),
        pytest.param("{base}/known#x", "F005", id="it is there but for a fragment"),
        pytest.param("ftp://e.example/rss", "F001", id="no web address"),
        pytest.param("https://user:hunter2@e.example/rss", "F001", id="a password"),
        pytest.param("{base}/nothing", "F006", id="not found"),
        pytest.param("{base}/shut", "F006", id="refused"),
        pytest.param("http://127.0.0.1:9/rss", "F006", id="nobody there"),
        pytest.param("http://10.1.2.3/rss", "F006", id="behind the wall"),
    ],
)
def test_what_cannot_be_added_is_told_and_changes_nothing(desk, server, url, code):
    """Exit code 2, a code, and no password."""
    result = run("feeds", "add", url.format(base=server.base), cwd=desk)
    assert result.returncode == 2
    assert code in result.stderr
    assert "hunter2" not in result.stdout + result.stderr
    assert added(desk) == ""


def test_a_page_that_leads_to_no_feed_says_so(tmp_path):
    """No link, no guess that is there: F007."""
    with ThreadedFeedServer() as empty:
        empty.specials["/bare"] = html("<html><body>Nothing here</body></html>")
        make_desk(tmp_path, [empty.base + "/known"])
        result = run("feeds", "add", empty.base + "/bare", cwd=tmp_path)
    assert (result.returncode, "F007" in result.stderr) == (2, True)


def test_opml_goes_in_and_comes_out_whole(desk, tmp_path):
    """Import adds what is new with folders and --tag; export and import again change nothing."""
    (tmp_path / "in.opml").write_text(
        '<opml version="1.0"><body><outline text="World">'
        '<outline text="One" xmlUrl="https://one.example/rss"/>'
        '<outline text="Again" xmlUrl="http://one.example/rss"/>'
        '<outline text="Bad" xmlUrl="gopher://two.example"/></outline></body></opml>',
        encoding="utf-8",
    )
    dry = run("feeds", "import", "in.opml", "--dry-run", cwd=desk)
    assert "1 would be added, 1 already there, 1 left out" in dry.stdout
    assert added(desk) == ""
    real = run("feeds", "import", "in.opml", "--tag", "desk", "--json", cwd=desk)
    assert json.loads(real.stdout) == [
        {"title": "One", "url": "https://one.example/rss", "tags": ["World", "desk"]}
    ]
    assert "left out: in.opml:1: F001" in real.stderr
    assert (
        added(desk) == "  - url: https://one.example/rss\n    title: One\n    tags: [World, desk]\n"
    )
    out = run("feeds", "export", "--opml", "out.opml", cwd=desk)
    assert "2 feeds written to out.opml" in out.stdout
    assert run("feeds", "export", cwd=desk).stdout == (desk / "out.opml").read_text("utf-8")
    again = run("feeds", "import", "out.opml", cwd=desk)
    assert "0 added, 2 already there, 0 left out" in again.stdout


def test_a_file_that_is_no_opml_is_told_with_its_line(desk):
    """file:line: code, exit 2."""
    result = run("feeds", "import", "feeds.yaml", cwd=desk)
    assert (result.returncode, "feeds.yaml:1: F020" in result.stderr) == (2, True)


def test_a_folder_that_cannot_be_written_is_told(desk):
    """U007, and the feeds stay as they are."""
    result = run("feeds", "export", "--opml", "nowhere/out.opml", cwd=desk)
    assert (result.returncode, "U007" in result.stderr) == (2, True)


def test_a_feed_is_revived(desk):
    """Failures and the long pause are forgotten; the history of polls stays."""
    assert run("poll", "--force", cwd=desk).returncode in {0, 2}
    database = desk / "news.db"
    with sqlite3.connect(database) as raw:
        raw.execute(
            "UPDATE feeds SET gone = 1, failures = 9,"
            " next_poll_at = strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', '+6 days')"
        )
    assert "no feed is due" in run("run", "--once", cwd=desk).stdout
    result = run("feeds", "revive", "feed 1", cwd=desk)
    assert result.returncode == 0, result.stderr
    assert "9 failures are forgotten" in result.stdout
    with sqlite3.connect(database) as raw:
        row = raw.execute(
            "SELECT gone, failures, failing_since, next_poll_at FROM feeds"
        ).fetchone()
        assert row == (0, 0, None, None)
        assert raw.execute("SELECT count(*) FROM polls").fetchone() == (1,)
    assert "1 feeds polled" in run("run", "--once", cwd=desk).stdout


def test_nothing_is_revived_beside_a_running_daemon(desk):
    """Exit 75, as for every command that writes; an unknown name is F004."""
    with Lock(desk / "news.db"):
        assert run("feeds", "revive", "Feed 1", cwd=desk).returncode == 75
    unknown = run("feeds", "revive", "Nobody", cwd=desk)
    assert (unknown.returncode, "F004" in unknown.stderr) == (2, True)
