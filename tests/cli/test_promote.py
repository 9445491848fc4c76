"""promote: from test to live, or what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.model import Judgement, Verdict
from monitor.store import Store
from tests.cli.test_replay import insert
from tests.desk import WATCHLIST, make_desk

READY = WATCHLIST.replace("status: live", "status: test  # since spring") + (
    '  - fires: "Moscow gets drones"\n  - silent: "Moscow gets rain"\n'
)


@pytest.fixture
def desk(tmp_path):
    config = make_desk(tmp_path, ["https://example.org/f"])
    (tmp_path / "watchlists" / "drones.yaml").write_text(READY, encoding="utf-8")
    insert(tmp_path / "news.db", [(f"Drone {n} in Russia", "") for n in range(12)])
    return config


def mark(desk, relevant, noise, days=10):
    store = Store.writer(desk.parent / "news.db")
    at = datetime.now(UTC) - timedelta(days=days)
    verdicts = [Verdict.RELEVANT] * relevant + [Verdict.NOISE] * noise
    store.marks.save([Judgement(n, "drones", v, at) for n, v in enumerate(verdicts, 1)])
    store.close()


def promote(desk, *more):
    return CliRunner().invoke(main, ["-c", str(desk), "promote", "drones", *more])


def text_of(desk):
    return (desk.parent / "watchlists" / "drones.yaml").read_text(encoding="utf-8")


def test_a_list_that_has_all_goes_live(desk):
    """Only the word of the status changes; the comment behind it stays."""
    mark(desk, 9, 1)
    assert promote(desk, "--dry-run").exit_code == 0
    assert text_of(desk) == READY
    result = promote(desk)
    assert result.exit_code == 0, result.output
    assert text_of(desk) == READY.replace("status: test", "status: live")


@pytest.mark.parametrize(
    ("relevant", "noise", "days", "told"),
    [
        pytest.param(0, 0, 1, "0 hits marked", id="no marks"),
        pytest.param(7, 5, 10, "7 of 12 marked hits", id="much noise"),
        pytest.param(11, 1, 2, "1 hits of the last 7 days", id="noise of late"),
        pytest.param(12, 0, 40, "0 hits marked", id="old marks"),
    ],
)
def test_what_is_missing_is_told_and_nothing_changes(desk, relevant, noise, days, told):
    """Exit code 2, and the file is as it was."""
    mark(desk, relevant, noise, days)
    result = promote(desk)
    assert result.exit_code == 2
    assert told in result.output
    assert text_of(desk) == READY


def test_a_status_in_an_unusual_place_is_left_alone(desk):
    """A file whose line cannot be changed safely is told, not guessed at."""
    path = desk.parent / "watchlists" / "drones.yaml"
    path.write_text(
        READY.replace("status: test  # since spring", '"status": test'), encoding="utf-8"
    )
    mark(desk, 12, 0)
    result = promote(desk)
    assert result.exit_code == 2
    assert "D023" in result.output
