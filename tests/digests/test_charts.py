"""Small bars: how high, how many, and what they say to somebody who cannot see them."""

from __future__ import annotations

import pytest

from monitor.digests.charts import caption, chart, heights, sparkline
from monitor.model import Trend


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        pytest.param((0, 1, 2, 8), ".▁▂█", id="up to eight a step is one article"),
        pytest.param((0, 1, 0), ".▁.", id="one in a fortnight is a low bar, no tower"),
        pytest.param((0, 1, 50, 100), ".▁▄█", id="above eight the most is the full height"),
        pytest.param((1, 10_000), "▁█", id="one beside very many is still seen"),
        pytest.param((0, 0), "..", id="none"),
        pytest.param((), "", id="no day at all"),
        pytest.param((-3, 1), ".▁", id="a count below zero is none"),
    ],
)
def test_sparkline(counts, line):
    """One character a day; none, one and many look different."""
    assert sparkline(counts) == line


def test_bars_have_the_same_shape():
    """The bars of HTML rise with the same steps; none is one pixel, one is three."""
    assert heights((0, 1, 4, 8)) == (1, 3, 11, 22)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 3, 12, 0), "4 days, peak 12 a day; yesterday 12, today so far 0"),
        ((1_204,), "1 day, peak 1,204 a day"),
    ],
)
def test_caption(counts, words):
    """The caption says in words what the bars show."""
    assert caption(counts) == words


def test_nothing_is_drawn_of_nothing():
    """A list that found nothing in all its days has no chart."""
    assert chart(Trend("a", (0,) * 14)) is None
    assert chart(Trend("a", ())) is None


def test_chart_in_every_rendering(cases):
    """Text and Slack have the line, HTML the bars with the line and the words as its label."""
    from monitor.digests import render_email, render_slack, render_text

    digest, words = cases["small-day"](), {"version": "1"}
    line, said = ".▁.▂..▁▂▂.▃█▆▅", "14 days, peak 12 a day; yesterday 9, today so far 7"
    assert f"{line}  {said}" in render_text(digest, **words)
    assert f"`{line}` {said}" in str(render_slack(digest, **words))
    html = render_email(digest, **words).html
    assert f'aria-label="{line} {said}"' in html
    assert html.count("height:22px") == 2  # one full bar in each of the two charts
