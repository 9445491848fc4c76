"""The log: one record per event, whatever a feed put into it."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from monitor import logs
from monitor.metrics import Metrics
from tests.test_docs import table_under

EVIL = 'x\n{"event": "forged"}\r\x1b[2J\x1b]0;owned\x07\u202e\u2028y\x85z\x00'


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def log():
    """Set the log up on a stream; put it back to standard error afterwards."""

    def set_up(stream):
        logs.set_up(verbose=True, stream=stream)
        return logs.get()

    yield set_up
    logs.set_up()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(EVIL, id="in a text"),
        pytest.param([EVIL, EVIL], id="in a list"),
        pytest.param({EVIL: [EVIL]}, id="in a mapping"),
        pytest.param(Path(EVIL.replace("\x00", "")), id="in something else"),
    ],
)
@pytest.mark.parametrize("stream", [io.StringIO, Terminal], ids=["json", "terminal"])
def test_76_hostile_text_stays_on_its_line(log, monkeypatch, value, stream):
    """No line end, escape sequence or turned direction leaves a record."""
    monkeypatch.setenv("NO_COLOR", "1")
    out = stream()
    log(out).info("hit", title=value)
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    assert not set(lines[0]) & set("\x1b\x07\u202e\x00")
    if stream is io.StringIO:
        assert json.loads(lines[0])["event"] == "hit"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a" * 2_000_000, id="two megabytes of text"),
        pytest.param(["a" * 100_000] * 1_000, id="a long list of long texts"),
    ],
)
def test_77_a_field_of_two_megabytes_is_cut(log, value):
    """A record stays small, whatever is in it."""
    out = io.StringIO()
    log(out).info("hit", title=value)
    assert len(out.getvalue()) < 120_000


def test_a_traceback_keeps_its_lines_inside_one_record(log):
    """JSON escapes them; its end, which tells the most, is kept."""
    out = io.StringIO()
    told = log(out)
    try:
        int("\x1b[2J" + "a" * 100)
    except ValueError as error:
        told.error("a tick failed", exc_info=error)
    (line,) = out.getvalue().splitlines()
    trace = json.loads(line)["exception"]
    assert trace.startswith("Traceback")
    assert trace.splitlines()[-1].startswith("ValueError: invalid literal")
    assert "\x1b" not in trace


def test_the_journal_hears_how_grave_a_record_is(log, tmp_path, monkeypatch):
    """A line for the journal begins with its priority; any other stream gets plain JSON."""
    with (tmp_path / "journal").open("w+", encoding="utf-8") as stream:
        told = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{told.st_dev}:{told.st_ino}")
        said = log(stream)
        said.warning("incident", what="x")
        said.info("polled")
        stream.flush()
        stream.seek(0)
        lines = stream.read().splitlines()
    assert [line[:3] for line in lines] == ["<4>", "<6>"]
    assert json.loads(lines[0][3:])["what"] == "x"


def test_every_figure_stands_in_the_table_and_no_other():
    """docs/operations.md has each name that /metrics gives."""
    text = Metrics("1").text().decode()
    kinds = dict(
        line.removeprefix("# TYPE ").split()
        for line in text.splitlines()
        if line.startswith("# TYPE newsmonitor")
    )
    names = {name for name in kinds if not name.endswith("_created")}
    page = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
    assert set(table_under(page, "figure")) == names


def test_names_of_figures_follow_the_conventions():
    """Counters end in _total, times and sizes in their base unit."""
    text = Metrics("1").text().decode()
    for line in text.splitlines():
        if line.startswith("# TYPE newsmonitor"):
            name, kind = line.removeprefix("# TYPE ").split()
            assert (kind == "counter") == name.endswith("_total"), line
            assert not name.endswith(("_ms", "_minutes", "_kb", "_mb")), line
