"""What a terminal or a pipe may hand in: an error with a code, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from monitor.cli import main
from monitor.files import shipped
from tests.desk import make_desk
from tests.store.test_backup import seeded

LIST = str(shipped() / "watchlists" / "gas-market.yaml")
HUGE = "9" * 25


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        pytest.param(["match", "-w", LIST], b"\xff\xfe\n", "E001 not UTF-8", id="no UTF-8"),
        pytest.param(
            ["match", "-w", LIST], b'{"id": 1e999, "title": NaN}\n', "no number", id="no number"
        ),
        pytest.param(["eval", "-", "-w", LIST], b"", "E004", id="nothing to score"),
        pytest.param(["group"], b"\xff\xfe\n", "E001 not UTF-8", id="no UTF-8 to group"),
        pytest.param(["hits", "list", "--limit", HUGE], b"", "range", id="a huge limit"),
        pytest.param(["stories", "show", HUGE], b"", "range", id="a huge story"),
    ],
)
def test_a_bad_input_is_told_and_ends_with_2(arguments, given, words) -> None:
    """Exit code 1 is for our own faults only."""
    result = CliRunner().invoke(main, arguments, input=given)
    assert (result.exit_code, words in result.output) == (2, True), result.output


def test_a_row_with_an_odd_number_names_its_line() -> None:
    """The place of the fault is the line of the file."""
    rows = json.dumps({"id": 1, "title": "gas", "text": ""}) + '\n{"id": Infinity}\n'
    result = CliRunner().invoke(main, ["match", "-w", LIST], input=rows)
    assert ":2: E001" in result.output


def test_a_terminal_that_cannot_show_a_letter_costs_no_traceback(tmp_path):
    """What it cannot show comes out as an escape."""
    config = make_desk(tmp_path, ["https://n.example/rss"])
    text = (tmp_path / "feeds.yaml").read_text("utf-8").replace("Feed 1", "Известия")
    (tmp_path / "feeds.yaml").write_text(text, encoding="utf-8")
    store = seeded(tmp_path / "news.db", "Известия")
    assert store.exists()
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "feeds", "list", "-c", str(config)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "200"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "\\u0418" in done.stdout
