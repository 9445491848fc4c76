"""What readers get, letter by letter. ``GOLDEN=1 pytest tests/digests`` writes the files anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from monitor.digests import (
    render_alert_email,
    render_alert_json,
    render_alert_slack,
    render_alert_text,
    render_email,
    render_json,
    render_slack,
    render_text,
)
from tests.digests.cases import ALERTS, DIGESTS

GOLDEN = Path(__file__).parent.parent / "data" / "digests"
CONTACT = {"contact": "watch@example.org"}
WORDS = {"version": "1.2.3"}


def _html(mail):
    return f"<!-- {mail.subject} -->\n{mail.html}"


def _data(value):
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


OF_DIGESTS = {
    "digest.txt": lambda digest: render_text(digest, **WORDS, **CONTACT),
    "digest.html": lambda digest: _html(render_email(digest, **WORDS, **CONTACT)),
    "slack.json": lambda digest: _data(render_slack(digest, **WORDS, **CONTACT)),
    "digest.json": lambda digest: _data(render_json(digest, **WORDS)),
}
OF_ALERTS = {
    "alert.txt": lambda alert: render_alert_text(alert, **WORDS, **CONTACT),
    "alert.html": lambda alert: _html(render_alert_email(alert, **WORDS, **CONTACT)),
    "slack.json": lambda alert: _data(
        render_alert_slack(alert, **WORDS, **CONTACT, mention="<!here>")
    ),
    "alert.json": lambda alert: _data(render_alert_json(alert, **WORDS)),
}
ROWS = [(name, file) for name in DIGESTS for file in OF_DIGESTS]
ROWS += [(name, file) for name in ALERTS for file in OF_ALERTS]


@pytest.mark.parametrize(("name", "file"), ROWS)
def test_golden(name, file):
    """A rendering is the same as the one that was last looked at and found good."""
    path = GOLDEN / name / file
    text = OF_DIGESTS[file](DIGESTS[name]()) if name in DIGESTS else OF_ALERTS[file](ALERTS[name]())
    if os.environ.get("GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over():
    """Each kept file is one that a case still makes."""
    kept = {(path.parent.name, path.name) for path in GOLDEN.glob("*/*")}
    assert kept == set(ROWS)
