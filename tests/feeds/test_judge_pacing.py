"""What an answer means, which validators are remembered, and when the feed is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds.freshness import asked_delay, validators_of
from monitor.feeds.judge import judge
from monitor.feeds.pacing import Pace, earned, is_due, plan_next, share
from monitor.model import Answer, Feed, FeedState, PollOutcome, PollRecord, Validators

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://news.example/rss"
FEED = Feed(URL, "News", "news.example")


def answer(status: int = 200, body: bytes = b"", hops=(), **headers: str) -> Answer:
    return Answer(URL, status, {k.replace("_", "-"): v for k, v in headers.items()}, body, hops)


@pytest.mark.parametrize(
    ("given", "wanted", "words"),
    [
        pytest.param(answer(200), PollOutcome.OK, "", id="200"),
        pytest.param(answer(304), PollOutcome.NOT_MODIFIED, "nothing new", id="304"),
        pytest.param(answer(404), PollOutcome.NOT_FOUND, "404", id="404 may come back"),
        pytest.param(answer(410), PollOutcome.GONE, "gone", id="410"),
        pytest.param(
            answer(403, cf_mitigated="challenge"),
            PollOutcome.BLOCKED,
            "Cloudflare",
            id="a Cloudflare wall",
        ),
        pytest.param(
            answer(200, cf_mitigated="challenge"),
            PollOutcome.BLOCKED,
            "Cloudflare",
            id="a wall that says 200",
        ),
        pytest.param(
            answer(403, x_datadome="protected"),
            PollOutcome.BLOCKED,
            "DataDome",
            id="a DataDome wall",
        ),
        pytest.param(
            answer(403, b"<title>Just a moment...</title>", content_type="text/html"),
            PollOutcome.BLOCKED,
            "challenge",
            id="a wall known by its page",
        ),
        pytest.param(answer(403), PollOutcome.BLOCKED, "refuses us", id="a plain 403"),
        pytest.param(
            answer(429),
            PollOutcome.RATE_LIMITED,
            "too many",
            id="429 with an empty body is no parse error",
        ),
        pytest.param(
            answer(503, retry_after="120"),
            PollOutcome.SERVER_ERROR,
            "wait 120",
            id="503 with Retry-After",
        ),
        pytest.param(answer(500), PollOutcome.SERVER_ERROR, "failed", id="500"),
        pytest.param(answer(400), PollOutcome.CLIENT_ERROR, "400", id="400"),
    ],
)
def test_an_answer_is_judged_with_its_reason(given, wanted, words):
    """Each status has its class and says in words what happened."""
    verdict = judge(given)
    assert verdict.outcome is wanted
    assert words in verdict.reason


@pytest.mark.parametrize(
    ("hops", "wanted"),
    [
        pytest.param((), None, id="no redirect"),
        pytest.param(((301, "https://b.example/"),), "https://b.example/", id="301 moves"),
        pytest.param(((308, "https://b.example/"),), "https://b.example/", id="308 moves"),
        pytest.param(((302, "https://b.example/"),), None, id="302 never moves"),
        pytest.param(
            ((301, "https://b.example/"), (302, "https://c.example/")),
            None,
            id="a mixed chain is temporary",
        ),
    ],
)
def test_only_a_wholly_permanent_redirect_moves_a_feed(hops, wanted):
    """One temporary hop makes the whole chain temporary."""
    assert judge(answer(200, hops=hops)).moved_to == wanted


OLD = Validators('"old"', "Mon, 09 Mar 2026 00:00:00 GMT")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param(
            answer(200, etag='W/"n"', last_modified="x y"),
            Validators('W/"n"', "x y"),
            id="a 200 replaces both, byte for byte",
        ),
        pytest.param(
            answer(200, etag='"n"'),
            Validators('"n"', None),
            id="a 200 without Last-Modified clears it",
        ),
        pytest.param(
            answer(200), Validators(None, None), id="a 200 without validators clears both"
        ),
        pytest.param(
            answer(304, etag='"n"'),
            Validators('"n"', OLD.last_modified),
            id="a 304 refreshes what it carries",
        ),
        pytest.param(answer(304), OLD, id="a bare 304 keeps both"),
    ],
)
def test_validators_are_never_latched(given, wanted):
    """An old validator kept too long would mean full downloads for ever."""
    assert validators_of(given, OLD) == wanted


DATE = "Tue, 10 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("given", "ttl", "wanted"),
    [
        pytest.param(
            answer(200, cache_control="public, max-age=7200"), None, 7200, id="max-age on 200"
        ),
        pytest.param(answer(304, cache_control="max-age=7200"), None, 7200, id="max-age on 304"),
        pytest.param(
            answer(200, cache_control="no-cache, max-age=7200"),
            None,
            None,
            id="no-cache: our own interval",
        ),
        pytest.param(
            answer(200, cache_control="max-age=0"), None, None, id="max-age=0: our own interval"
        ),
        pytest.param(
            answer(
                200, date="Wed, 11 Mar 2026 12:00:00 GMT", expires="Wed, 11 Mar 2026 14:00:00 GMT"
            ),
            None,
            7200,
            id="Expires counts from the server's own Date",
        ),
        pytest.param(answer(200, expires="0"), None, None, id="Expires: 0"),
        pytest.param(answer(200), 5400, 5400, id="ttl of the feed"),
        pytest.param(
            answer(200, cache_control="max-age=60"), 5400, 5400, id="the longer wish counts"
        ),
        pytest.param(answer(429, retry_after="3600"), None, 3600, id="Retry-After in seconds"),
        pytest.param(
            answer(503, date=DATE, retry_after="Tue, 10 Mar 2026 13:00:00 GMT"),
            None,
            3600,
            id="Retry-After as a date",
        ),
        pytest.param(answer(429, retry_after="soon"), None, None, id="garbage: back-off decides"),
        pytest.param(answer(429, retry_after="-5"), None, None, id="negative: back-off decides"),
        pytest.param(
            answer(500, cache_control="max-age=99999"),
            None,
            None,
            id="an error's max-age is no wish",
        ),
    ],
)
def test_a_server_is_asked_again_when_it_wishes(given, ttl, wanted):
    """Retry-After, max-age, Expires and ttl, in the order of the rules."""
    assert asked_delay(given, NOW, ttl) == wanted


def record(outcome=PollOutcome.OK, **given) -> PollRecord:
    return PollRecord(URL, NOW, outcome, 200, "", conditional=True, **given)


def delay(state=None, asked=None, feed=FEED, pace=None, **given) -> float:
    plan = plan_next(feed, state or FeedState(URL), record(**given), asked, pace or Pace(jitter=0))
    return (plan.at - NOW).total_seconds()


def test_the_floor_holds_against_every_wish():
    """No feed is polled more often than the floor, whatever feeds.yaml or the feed says."""
    eager = Feed(URL, "News", "n", interval_s=1)
    assert delay(feed=eager) == Pace().floor_s


def test_a_server_may_ask_for_a_week_and_no_more():
    """Ten years of Retry-After are a mistake."""
    assert delay(asked=10 * 365 * 86_400) == Pace().longest_s


def test_a_server_cannot_ask_for_more_polls_than_usual():
    """max-age shortens nothing."""
    assert delay(asked=30) == Pace().usual_s


def test_a_feed_earns_its_pace():
    """Busy: at once the fast end. Silent: the slow end in five polls. A gap: half."""
    pace, at = Pace(), 3600.0
    assert earned(FeedState(URL, interval_s=20_000), record(found=9, new=3), pace)[0] == pace.fast_s
    assert (
        earned(FeedState(URL, interval_s=at), record(found=9, possible_gap=True), pace)[0] == at / 2
    )
    assert earned(FeedState(URL, interval_s=at), record(found=9, new=1), pace)[0] == at
    for _ in range(5):
        at = earned(FeedState(URL, interval_s=at), record(found=9), pace)[0]
    assert at == pace.slow_s


def test_back_off_grows_and_never_gives_up():
    """Each failure doubles the pause up to a day, after a week of them up to a week."""
    pauses = [
        delay(FeedState(URL, failures=n, failing_since=NOW), outcome=PollOutcome.TIMEOUT)
        for n in range(1, 40)
    ]
    assert pauses[:3] == [1800, 3600, 7200]
    assert max(pauses) == 86_400
    long_ago = FeedState(URL, failures=60, failing_since=NOW - timedelta(days=8))
    assert delay(long_ago, outcome=PollOutcome.TIMEOUT) == Pace().longest_s


def test_jitter_is_stable_and_spreads_feeds():
    """The same feed always waits the same; many feeds do not come at once."""
    shares = [share(f"https://n.example/{n}") for n in range(200)]
    assert shares == [share(f"https://n.example/{n}") for n in range(200)]
    assert all(0 <= one < 1 for one in shares)
    assert len({int(one * 10) for one in shares}) == 10


def test_a_feed_is_due_when_its_time_has_come():
    """Never polled, or past its time."""
    assert is_due(FeedState(URL), NOW)
    assert is_due(FeedState(URL, next_poll_at=NOW), NOW)
    assert not is_due(FeedState(URL, next_poll_at=NOW + timedelta(seconds=1)), NOW)


def test_a_time_written_under_a_wrong_clock_does_not_silence_a_feed():
    """Nothing is planned ten years ahead."""
    assert is_due(FeedState(URL, next_poll_at=NOW + timedelta(days=3650)), NOW)
    assert not is_due(FeedState(URL, next_poll_at=NOW + timedelta(days=7)), NOW)
