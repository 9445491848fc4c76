"""Whether a list may go live: each thing that is missing is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.seeds.promotion import Mark, Standing, counted, missing, with_status

NOW = datetime(2026, 3, 10, tzinfo=UTC)
GOOD = Standing("test", fires=2, silent=2, failing=0, relevant=9, noise=1)


def test_a_good_list_lacks_nothing():
    """Tests of both kinds, ten marks, nine of them relevant."""
    assert missing(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"status": "draft"}, "status is draft", id="a draft"),
        pytest.param({"status": "live"}, "status is live", id="already live"),
        pytest.param({"fires": 1}, "1 tests that fire", id="one test that fires"),
        pytest.param({"silent": 0}, "0 tests that stay silent", id="no silent test"),
        pytest.param({"failing": 1}, "1 of its tests fail", id="a failing test"),
        pytest.param({"relevant": 8}, "9 hits marked", id="too few marks"),
        pytest.param({"relevant": 7, "noise": 3}, "7 of 10 marked", id="too much noise"),
        pytest.param({"late_noise": 1}, "last 7 days", id="noise of late"),
    ],
)
def test_what_is_missing_is_told(change, told):
    """Each condition of going live speaks for itself."""
    found = missing(replace(GOOD, **change))
    assert len(found) == 1
    assert told in found[0]


def test_marks_count_for_thirty_days_and_noise_of_seven_is_late():
    """Older marks are forgotten; a mark on the edge still counts."""
    ages = [(True, 1), (False, 6), (False, 20), (True, 30), (False, 31)]
    marks = [Mark(good, NOW - timedelta(days=days)) for good, days in ages]
    assert counted(marks, NOW) == (2, 2, 1)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(
            "a: 1\nstatus: test  # since May\nb: 2\n",
            "a: 1\nstatus: live  # since May\nb: 2\n",
            id="a comment stays",
        ),
        pytest.param("status: test\r\nx: 1\r\n", "status: live\r\nx: 1\r\n", id="line ends stay"),
        pytest.param("x: 1\n", None, id="no status"),
        pytest.param("groups:\n  status: test\n", None, id="another status"),
        pytest.param("status: test\nstatus: test\n", None, id="twice"),
    ],
)
def test_only_the_line_of_the_status_changes(text, wanted):
    """The file keeps every other byte; where the line is not clear there is no new text."""
    assert with_status(text, "live") == wanted
