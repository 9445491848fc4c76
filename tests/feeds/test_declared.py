"""What a document says about its own rhythm, and what of it is believed."""

from __future__ import annotations

import time

import pytest

from monitor.feeds.declared import Declared, declared

DAY = 86_400.0


@pytest.mark.parametrize(
    ("channel", "least_s"),
    [
        pytest.param({}, None, id="nothing said"),
        pytest.param({"ttl": "90"}, 5_400, id="ttl in minutes"),
        pytest.param({"ttl": "an hour"}, None, id="ttl in words"),
        pytest.param({"ttl": "-5"}, None, id="a negative ttl"),
        pytest.param({"ttl": "99999999999"}, None, id="an endless ttl"),
        pytest.param({"sy_updateperiod": "hourly"}, 3_600, id="hourly"),
        pytest.param({"sy_updateperiod": "Weekly"}, 7 * DAY, id="weekly, capitalised"),
        pytest.param({"sy_updatefrequency": "2"}, DAY / 2, id="frequency alone: of a day"),
        pytest.param(
            {"sy_updateperiod": "daily", "sy_updatefrequency": "0"}, DAY, id="frequency of zero"
        ),
        pytest.param({"sy_updateperiod": "now and then"}, None, id="an unknown period"),
        pytest.param({"ttl": "60", "sy_updateperiod": "daily"}, DAY, id="the longer of both"),
    ],
)
def test_the_least_time_between_two_polls(channel, least_s):
    """From ttl and Syndication, in seconds; what makes no sense is as if it were not there."""
    assert declared(channel, "").least_s == least_s


SKIPS = "<skipHours><hour>1</hour> <hour> 24</hour><hour>25</hour></skipHours>"
DAYS = "<skipDays><day>Sunday</day><day>SATURDAY</day><day>Caturday</day></skipDays>"
ITEM = "<item><title>x</title></item>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(f"<rss>{SKIPS}{DAYS}{ITEM}", ((0, 1), (5, 6)), id="before the entries"),
        pytest.param(f"<rss>{ITEM}{SKIPS}</rss>", ((0, 1), ()), id="behind the entries"),
        pytest.param(f"<rss>{DAYS.lower()}</rss>", ((), (5, 6)), id="in lower case, no entry"),
        pytest.param(f"<rss><item>{SKIPS}</item></rss>", ((), ()), id="inside an entry"),
        pytest.param(f"<rss><!-- {SKIPS} -->{ITEM}</rss>", ((), ()), id="in a comment"),
        pytest.param("<rss><skipHours><hour>1</hour>" + ITEM, ((), ()), id="never closed"),
    ],
)
def test_hours_and_days_to_skip(text, wanted):
    """24 is midnight; unknown hours and days are left out; entries say nothing about the feed."""
    assert declared({}, text) == Declared(None, *wanted)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<skipHours>" * 200_000, id="opened for ever"),
        pytest.param("<skipHours>" + "<hour>1" * 300_000 + "</skipHours>", id="half-open hours"),
        pytest.param("<!--" * 400_000 + "<skipdays>", id="comments in comments"),
    ],
)
def test_a_hostile_document_costs_a_moment(text):
    """Bounded by the length of the document."""
    begun = time.process_time()
    declared({}, text)
    assert time.process_time() - begun < 3
