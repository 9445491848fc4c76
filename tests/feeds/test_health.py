"""What is remembered of a feed: failures, silence, lies, moves, and what is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.feeds.freshness import USELESS_AFTER, is_full_look_due, to_send
from monitor.feeds.health import (
    MOVED_AFTER,
    Fresh,
    address,
    after_failure,
    after_truncated,
    after_well,
    condition,
    notices,
)
from monitor.feeds.pacing import Pace, plan_next
from monitor.model import Feed, FeedState, PollOutcome, PollRecord, Validators, Window

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://news.example/rss"
FEED = Feed(URL, "News", "news.example")
BOTH = Validators('"tag"', "Mon, 09 Mar 2026 00:00:00 GMT")


def record(outcome=PollOutcome.OK, at=NOW, conditional=True, **given) -> PollRecord:
    return PollRecord(URL, at, outcome, 200, "said so", conditional=conditional, **given)


def fresh(validators=BOTH, sent=BOTH, **given) -> Fresh:
    return Fresh(validators, sent, **given)


def test_success_forgets_the_failures_and_failure_keeps_the_validators():
    """A failed poll must not cost the server a full download later."""
    failing = after_failure(FeedState(URL, BOTH), record(PollOutcome.TIMEOUT))
    assert (failing.failures, failing.validators, failing.failing_since) == (1, BOTH, NOW)
    well = after_well(failing, record(new=1), fresh(Validators('"n"')))
    assert (well.failures, well.failing_since, well.last_new_at) == (0, None, NOW)
    assert well.validators == Validators('"n"')


def test_a_feed_is_gone_only_after_two_410_a_day_apart():
    """One 410 may be a mistake; later it is asked once a week, never given up."""
    first = after_failure(FeedState(URL), record(PollOutcome.GONE))
    assert not first.gone
    later = record(PollOutcome.GONE, NOW + timedelta(days=1))
    gone = after_failure(first, later)
    assert gone.gone
    plan = plan_next(FEED, gone, later, None, Pace(jitter=0))
    assert plan.at - later.at == timedelta(seconds=Pace().longest_s)
    assert after_well(gone, record(), fresh()).gone is False


def test_a_lasting_trouble_is_told_once_and_so_is_the_recovery():
    """Six failures over a day: one notice; then silence until it is back."""
    state = FeedState(URL)
    told = []
    for n in range(10):
        at = NOW + timedelta(hours=6 * n)
        state = after_failure(state, record(PollOutcome.SERVER_ERROR, at))
        window = Window(at - timedelta(hours=5), at + timedelta(hours=1))
        told += notices("News", state, window)
    assert len(told) == 1
    assert "fails since" in told[0]
    back = after_well(state, record(at=NOW + timedelta(days=4)), fresh())
    window = Window(NOW + timedelta(days=3), NOW + timedelta(days=5))
    assert notices("News", back, window) == ["News is back"]


def test_a_short_trouble_is_never_told():
    """Three failures and well again."""
    state = FeedState(URL)
    for n in range(3):
        state = after_failure(state, record(PollOutcome.TIMEOUT, NOW + timedelta(hours=n)))
    state = after_well(state, record(at=NOW + timedelta(hours=4)), fresh())
    assert notices("News", state, Window(NOW, NOW + timedelta(days=1))) == []


def test_a_feed_without_news_for_four_rhythms_is_silent():
    """At least three days; a rhythm told by the user counts instead."""
    slow = FeedState(URL, outcome=PollOutcome.OK, last_new_at=NOW, rhythm_s=86_400 * 2)
    assert condition(slow, NOW + timedelta(days=7)).word == ""
    assert condition(slow, NOW + timedelta(days=9)).word == "silent"
    assert condition(slow, NOW + timedelta(days=2), expected_s=86_400).word == "silent"
    quick = replace(slow, rhythm_s=3600)
    assert condition(quick, NOW + timedelta(days=2)).word == ""
    assert condition(quick, NOW + timedelta(days=4)).word == "silent"


def test_two_documents_without_any_entry_are_silence():
    """200 and nothing in it, twice."""
    state = FeedState(URL, last_new_at=NOW)
    for _ in range(2):
        state = after_well(state, record(), fresh(empty=True))
    assert condition(state, NOW).word == "silent"
    assert condition(after_well(state, record(new=1), fresh()), NOW).word == ""


def test_a_useless_etag_is_left_out_after_three_full_answers():
    """Apache's compressed ETag never matches; Last-Modified alone may."""
    state = FeedState(URL, BOTH, last_new_at=NOW, last_full_at=NOW)
    for _ in range(USELESS_AFTER):
        assert to_send(state, NOW) == BOTH
        state = after_well(state, record(), fresh(same_body=True))
    alone = Validators(None, BOTH.last_modified)
    assert to_send(state, NOW) == alone
    quiet = after_well(state, record(PollOutcome.NOT_MODIFIED), fresh(sent=alone))
    assert to_send(quiet, NOW) == alone


def test_a_full_look_is_due_when_304s_outlast_the_rhythm_and_once_a_day_at_most():
    """Doubt has its price, and its limit."""
    state = FeedState(URL, BOTH, last_new_at=NOW, last_full_at=NOW, rhythm_s=3600)
    assert not is_full_look_due(state, NOW + timedelta(hours=20))
    assert is_full_look_due(state, NOW + timedelta(hours=25))
    assert to_send(state, NOW + timedelta(hours=25)) == Validators()
    looked = replace(state, last_full_at=NOW + timedelta(hours=25))
    assert not is_full_look_due(looked, NOW + timedelta(hours=48))
    slow = replace(state, rhythm_s=86_400)
    assert not is_full_look_due(slow, NOW + timedelta(days=3))


def test_news_under_unchanged_validators_proves_a_lie():
    """The feed is flagged and looked at in full once a day, until it answers truly again."""
    quiet = FeedState(URL, BOTH, outcome=PollOutcome.NOT_MODIFIED, last_new_at=NOW)
    look = record(at=NOW + timedelta(days=2), conditional=False, new=3, found=9)
    lying = after_well(quiet, look, fresh(sent=Validators()))
    assert lying.lying
    assert condition(lying, look.at).word == "lying"
    plan = plan_next(FEED, lying, look, None, Pace(jitter=0))
    assert plan.at - look.at == timedelta(days=1)
    assert to_send(lying, look.at + timedelta(days=1)) == Validators()
    honest = after_well(lying, record(new=1), fresh())
    assert not honest.lying
    changed = after_well(quiet, look, fresh(Validators('"new"'), Validators()))
    assert not changed.lying


def test_a_feed_moves_after_three_polls_that_say_so_and_comes_back_when_that_fails():
    """The new address is fetched; the old one stays the feed's name."""
    there = "https://new.example/rss"
    state = FeedState(URL)
    for n in range(MOVED_AFTER):
        assert address(URL, state) == URL
        state = after_well(state, record(), fresh(moved_to=there))
        assert state.moves == n + 1
    assert address(URL, state) == there
    assert "change its address" in notices("News", state, Window(NOW, NOW))[0]
    steady = after_well(state, record(), fresh())
    assert address(URL, steady) == there
    assert address(URL, after_failure(steady, record(PollOutcome.NOT_FOUND))) == URL


def test_a_temporary_redirect_in_between_starts_the_count_again():
    """Only polls in a row count."""
    state = after_well(FeedState(URL), record(), fresh(moved_to="https://new.example/"))
    state = after_well(state, record(), fresh())
    assert state.moves == 0


def test_a_truncated_document_keeps_validators_and_counts_no_failure():
    """Its items are news; the whole of it will be asked for again."""
    state = after_truncated(FeedState(URL, BOTH), record(PollOutcome.TRUNCATED, new=2))
    assert (state.validators, state.failures, state.last_new_at) == (BOTH, 0, NOW)
    assert condition(state, NOW).word == "truncated"


def test_the_rhythm_follows_the_gaps_between_news():
    """Smoothed, so that one quiet night changes little."""
    state = after_well(FeedState(URL), record(new=1), fresh())
    assert state.rhythm_s is None
    state = after_well(state, record(at=NOW + timedelta(hours=1), new=1), fresh())
    assert state.rhythm_s == 3600
    state = after_well(state, record(at=NOW + timedelta(hours=3), new=1), fresh())
    assert 3600 < (state.rhythm_s or 0) < 7200
