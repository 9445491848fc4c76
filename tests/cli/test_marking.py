"""mute, hits mark, digest send and alerts, as a person runs them, with and without a daemon."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.files import load
from monitor.model import Alert, MuteKind, Verdict
from monitor.store import Lock, Spool, Store
from monitor.store.requests import BeginMute, Mark
from tests.books import FEED, make_book
from tests.conftest import NOON
from tests.desk import make_desk


@pytest.fixture
def desk(tmp_path):
    """A desk whose database holds three hits of one story, seen an hour ago."""
    setup = load(make_desk(tmp_path, [FEED]))
    make_book(setup, datetime.now(UTC) - timedelta(hours=1)).close()
    return setup


def run(desk, *arguments: str):
    return CliRunner().invoke(main, ["-c", str(desk.path), *arguments])


def done(desk, *arguments: str) -> str:
    result = run(desk, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def rows(desk, *arguments: str) -> list[dict]:
    return json.loads(done(desk, *arguments, "--json"))


def test_marks_are_shown_filtered_counted_and_exported_as_labels(desk, tmp_path):
    """From a mark to a label file that eval reads, and to the precision in status."""
    assert "2 marked as relevant" in done(desk, "hits", "mark", "1", "3", "relevant")
    done(desk, "hits", "mark", "2", "noise", "--note", "a race")
    assert {one["id"]: one["mark"] for one in rows(desk, "hits", "list")} == {
        1: "relevant",
        2: "noise",
        3: "relevant",
    }
    assert [one["id"] for one in rows(desk, "hits", "list", "--noise")] == [2]
    assert [one["id"] for one in rows(desk, "hits", "list", "--relevant")] == [3, 1]
    assert rows(desk, "hits", "list", "--unmarked") == []
    status = json.loads(run(desk, "status", "--json").output)
    assert status["precision"] == [{"watchlist": "drones", "marked": 3, "precision": 0.667}]
    assert "drones 0.67 of 3" in run(desk, "status").output
    labels = [
        json.loads(line) for line in done(desk, "hits", "export", "-w", "drones").splitlines()
    ]
    assert [(one["title"], one["label"], one["note"]) for one in labels] == [
        ("Title 1", 1, ""),
        ("Title 2", 0, "a race"),
        ("Title 3", 1, ""),
    ]
    file = tmp_path / "labels.jsonl"
    file.write_text(done(desk, "hits", "export"), encoding="utf-8")
    scored = done(desk, "eval", str(file), "-w", str(tmp_path / "watchlists" / "drones.yaml"))
    assert "on 3 rows" in scored
    assert done(desk, "hits", "export", "--csv").splitlines()[0].startswith("id,watchlist,label")
    done(desk, "hits", "unmark", "1", "2", "3")
    assert len(rows(desk, "hits", "list", "--unmarked")) == 3


def test_a_mute_is_listed_until_it_ends(desk):
    """By its length, by a date on the reader's clock, or until a person ends it."""
    done(desk, "mute", "watchlist", "DRONES", "--reason", "holidays", "--for", "7d")
    done(desk, "mute", "story", "1", "--reason", "we know", "--until", "2030-01-02")
    done(desk, "mute", "outlet", "outlet 1", "--reason", "reprints")
    listed = rows(desk, "mute", "list")
    assert [(one["kind"], one["target"], one["reason"]) for one in listed] == [
        ("watchlist", "drones", "holidays"),
        ("story", "1", "we know"),
        ("outlet", "Outlet 1", "reprints"),
    ]
    assert [one["until"] for one in listed][1:] == ["2030-01-01 23:00", ""]
    assert "mute 3 has ended" in done(desk, "mute", "end", "3")
    assert [one["id"] for one in rows(desk, "mute", "list")] == [1, 2]
    assert [one["id"] for one in rows(desk, "mute", "list", "--all")] == [3, 2, 1]


def test_the_preview_says_what_is_muted(desk):
    """The digest's health names the mute, its reason and its end, in every form."""
    assert "Title" in done(desk, "digest", "preview", "daily")
    done(desk, "mute", "story", "1", "--reason", "we know", "--until", "2030-01-02")
    shown = done(desk, "digest", "preview", "daily")
    assert "Title" not in shown
    assert "we know" in shown
    told = json.loads(done(desk, "digest", "preview", "daily", "--format", "json"))
    assert "we know" in json.dumps(told)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["hits", "mark", "9", "noise"], "D010 there is no hit 9", id="a hit unknown"),
        pytest.param(["hits", "mark", "1", "good"], "is not one of", id="a verdict unknown"),
        pytest.param(["mute", "watchlist", "x", "--reason", "r"], "D004", id="a list unknown"),
        pytest.param(["mute", "story", "x", "--reason", "r"], "D003", id="a story unknown"),
        pytest.param(["mute", "outlet", "x", "--reason", "r"], "D009", id="an outlet unknown"),
        pytest.param(["mute", "story", "1"], "--reason", id="no reason"),
        pytest.param(["mute", "story", "1", "--reason", " "], "why", id="an empty reason"),
        pytest.param(
            ["mute", "story", "1", "--reason", "r", "--for", "a while"], "--for", id="no length"
        ),
        pytest.param(
            ["mute", "story", "1", "--reason", "r", "--for", "999999999w"], "--for", id="too long"
        ),
        pytest.param(
            ["mute", "story", "1", "--reason", "r", "--until", "2001-01-01"], "future", id="the past"
        ),
        pytest.param(
            ["mute", "story", "1", "--reason", "r", "--until", "2030-01-01", "--for", "1d"],
            "not both",
            id="two ends",
        ),
        pytest.param(["mute", "end", "9"], "no mute 9", id="a mute unknown"),
        pytest.param(["digest", "send", "weekly"], "D002", id="a digest unknown"),
        pytest.param(["digest", "send", "daily", "--to", "attic"], "D010", id="a channel unknown"),
        pytest.param(["digest", "send", "--to", "folder"], "needs the name", id="no digest named"),
        pytest.param(["digest", "resend", "9"], "D011", id="a delivery unknown"),
        pytest.param(["digest", "drop", "daily-2026-01-01"], "D011", id="a digest not built"),
        pytest.param(["digest", "show", "none"], "D001", id="nothing to show"),
        pytest.param(["alerts", "show", "none"], "D008", id="an alert unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_with_exit_code_2(desk, arguments, says):
    """Nothing is changed and nothing is left in the spool."""
    result = run(desk, *arguments)
    assert result.exit_code == 2
    assert says in result.output
    assert Spool(desk.database).waiting() == ()


def test_beside_a_daemon_the_wish_is_handed_over(desk):
    """The command writes nothing into the database; the file is there for the daemon."""
    with Lock(desk.database):
        told = done(desk, "hits", "mark", "1", "noise")
        muted = done(desk, "mute", "story", "1", "--reason", "r", "--for", "1h")
    assert "handed to the running daemon" in told
    assert "handed to the running daemon" in muted
    spool = Spool(desk.database)
    first, second = (spool.read(name).wish for name in spool.waiting())
    assert first == Mark(hits=(1,), verdict=Verdict.NOISE)
    assert isinstance(second, BeginMute)
    assert (second.what, second.target) == (MuteKind.STORY, "1")


def test_an_extra_copy_is_sent_at_once_and_shown(desk):
    """Without a daemon the command sends it; the ledger has it, and its bytes can be printed."""
    told = done(desk, "digest", "send", "daily", "--to", "folder")
    assert "sent folder" in told
    listed = rows(desk, "digest", "deliveries")
    assert {one["state"] for one in listed} == {"sent"}
    owner = next(one["digest"] for one in listed if "extra" in one["digest"])
    assert "Title 1" in done(desk, "digest", "show", owner)


def test_a_preview_goes_to_a_file_or_says_why_not(desk, tmp_path):
    """--out writes the form that was asked for."""
    page = tmp_path / "page.html"
    done(desk, "digest", "preview", "--format", "html", "--out", str(page))
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html")
    refused = run(desk, "digest", "preview", "--out", str(tmp_path / "none" / "page.html"))
    assert (refused.exit_code, "U007" in refused.output) == (2, True)


def test_dead_letters_are_listed_resent_and_dropped(desk):
    """By the number of the delivery, or by the digest for all of them."""
    done(desk, "digest", "send", "daily")
    store = Store.writer(desk.database)
    with store.transaction():
        store._db.change("UPDATE deliveries SET state = 'dead', error = 'refused'")
    store.close()
    listed = rows(desk, "digest", "deliveries")
    assert {one["reason"] for one in listed} == {"refused"}
    first = listed[0]
    assert f"delivery {first['id']} goes again" in done(desk, "digest", "resend", str(first["id"]))
    same = {one["id"] for one in listed if one["digest"] == first["digest"]}
    done(desk, "digest", "drop", first["digest"])
    states = {one["id"]: one["state"] for one in rows(desk, "digest", "deliveries")}
    assert {states[number] for number in same} == {"dropped"}


def test_alerts_are_listed_and_shown_with_their_reasons(desk):
    """What was told, why, and how its deliveries stand."""
    store = Store.writer(desk.database)
    alert = Alert("urgent-1", "urgent", NOON, "UTC", (), ())
    with store.transaction():
        store.alerts.freeze(alert, (), (), NOON)
        store._db.write("INSERT INTO alert_stories VALUES ('urgent-1', 1, 3, 'new story')")
        store.alerts.advance("urgent", 3, [3], NOON)
    store.close()
    (listed,) = rows(desk, "alerts", "list")
    assert (listed["id"], listed["reason"]) == ("urgent-1", ["new story"])
    assert "urgent: 1 hits are held" in done(desk, "alerts", "list")
    assert rows(desk, "alerts", "show", "urgent-1") == [
        {"story": 1, "level": "high", "reason": "new story", "title": "Title 1"}
    ]
