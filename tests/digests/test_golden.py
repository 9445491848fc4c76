"""What readers get, letter by letter. ``GOLDEN=1 pytest tests/digests`` writes the files anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from monitor.digests import render_email, render_slack, render_text

GOLDEN = Path(__file__).parent.parent / "data" / "digests"
NAMES = ("full-day", "small-day", "empty-day", "quiet-day", "flood", "catch-up")
WORDS = {"version": "1.2.3", "contact": "watch@example.org"}


def rendered_text(digest):
    return render_text(digest, **WORDS)


def rendered_html(digest):
    mail = render_email(digest, **WORDS)
    return f"<!-- {mail.subject} -->\n{mail.html}"


def rendered_slack(digest):
    return json.dumps(render_slack(digest, **WORDS), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize(
    ("file", "render"),
    [("digest.txt", rendered_text), ("digest.html", rendered_html), ("slack.json", rendered_slack)],
)
@pytest.mark.parametrize("name", NAMES)
def test_golden(cases, name, file, render):
    """A rendering is the same as the one that was last looked at and found good."""
    path = GOLDEN / name / file
    text = render(cases[name]())
    if os.environ.get("GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


def test_all_cases_are_golden(cases):
    """Each case of the factories has its golden files."""
    assert set(NAMES) == set(cases)
