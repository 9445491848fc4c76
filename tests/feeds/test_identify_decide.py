"""By what an entry is recognised, and what is written for it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.feeds.decide import MAX_VERSIONS, decide
from monitor.feeds.identify import identify
from monitor.model import Entry, Known, KnownEntry, Novelty

FEED = "https://news.example/rss"


def entry(
    guid: str | None = "g",
    link: str | None = "https://news.example/a",
    title: str = "A",
    text: str = "x",
    at=None,
) -> Entry:
    return Entry(guid, link, title, text, at)


def one(**given) -> object:
    return identify([entry(**given)], FEED)[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"guid": "http://news.example/1"}, {"guid": "https://news.example/1"}, id="the guid turned to https"),
        pytest.param({"guid": "g", "title": "A"}, {"guid": "g", "title": "B"}, id="the headline was edited"),
        pytest.param({"guid": None, "link": "https://n.example/a?utm_source=x"}, {"guid": None, "link": "https://n.example/a"}, id="tracking was added to the link"),
        pytest.param({"guid": None, "link": None}, {"guid": None, "link": None}, id="neither guid nor link, same title and day"),
    ],
)  # fmt: skip
def test_the_same_entry_keeps_its_key(first, second):
    """What a reader would call the same entry has the same key."""
    assert one(**first).key == one(**second).key


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"guid": "1"}, {"guid": "2"}, id="other guids"),
        pytest.param(
            {"guid": None, "link": "https://n.example/?id=1"},
            {"guid": None, "link": "https://n.example/?id=2"},
            id="a query that means something",
        ),
        pytest.param(
            {"guid": None, "link": None, "at": datetime(2026, 3, 1, tzinfo=UTC)},
            {"guid": None, "link": None, "at": datetime(2026, 3, 2, tzinfo=UTC)},
            id="the daily bulletin of another day",
        ),
    ],
)
def test_different_entries_have_different_keys(first, second):
    """What a reader would tell apart is kept apart."""
    assert one(**first).key != one(**second).key


def test_a_guid_used_twice_in_a_document_is_joined_with_the_link():
    """A careless publisher's constant guid must not swallow entries."""
    document = identify(
        [entry("x", "https://n.example/1"), entry("x", "https://n.example/2", "B")], FEED
    )
    assert document[0].key != document[1].key


def test_a_link_under_many_headlines_identifies_nothing():
    """Feeds that link every entry to one page lose no entry."""
    document = identify([entry("1", title="A"), entry("2", title="B")], FEED)
    assert [found.url for found in document] == [None, None]
    assert [d.novelty for d in decide(document, Known(), backfill=False)] == [Novelty.NEW] * 2


def test_a_front_page_identifies_nothing():
    """The link to a site's front page is no address of an article."""
    assert one(link="https://news.example/").url is None


def test_a_link_that_cannot_be_shown_is_no_link():
    """javascript: and data: never become a link."""
    assert one(link="javascript:alert(1)").link == ""


def known(**given) -> KnownEntry:
    return KnownEntry(
        **(
            {"item_id": 7, "fingerprint": one().fingerprint, "versions": 1, "sighted_here": True}
            | given
        )
    )


@pytest.mark.parametrize(
    ("by_key", "by_url", "wanted"),
    [
        pytest.param(None, None, Novelty.NEW, id="never seen: new"),
        pytest.param(known(), None, Novelty.KNOWN, id="seen here with this wording: known"),
        pytest.param(
            known(fingerprint="old"),
            None,
            Novelty.EDITED,
            id="seen here with another wording: edited",
        ),
        pytest.param(
            known(fingerprint="old", own=False),
            None,
            Novelty.KNOWN,
            id="another feed's wording is no edit",
        ),
        pytest.param(
            known(fingerprint="old", versions=MAX_VERSIONS),
            None,
            Novelty.EDIT_LIMIT,
            id="a clock in the text",
        ),
        pytest.param(
            None,
            known(sighted_here=False),
            Novelty.SIGHTED,
            id="known address, new in this feed: sighted",
        ),
        pytest.param(
            None,
            known(sighted_here=True),
            Novelty.KNOWN,
            id="known address under another guid: no new alert",
        ),
    ],
)
def test_each_entry_is_decided_by_what_is_remembered(by_key, by_url, wanted):
    """Old state and new facts give one decision with its reason."""
    found = one()
    keys = {found.key: by_key} if by_key else {}
    urls = {found.url: by_url} if by_url else {}
    assert decide([found], Known(keys, urls), backfill=False)[0].novelty is wanted


def test_an_entry_that_stands_twice_in_a_document_is_written_once():
    """The second copy is a repetition."""
    document = identify([entry("1"), entry("1")], FEED)
    assert [d.novelty for d in decide(document, Known(), backfill=True)] == [
        Novelty.NEW,
        Novelty.REPEATED,
    ]


def test_what_a_new_feed_already_held_is_backfill():
    """Old items of a new feed must not come as news."""
    assert decide([one()], Known(), backfill=True)[0].backfill
    assert not decide([one()], Known(), backfill=False)[0].backfill


def reworded(n: int, text: str) -> list:
    """Entries under new guids and addresses, with words that the store knows."""
    document = identify(
        [entry(f"new-{i}", f"https://other.example/{i}", f"Title {i}", text) for i in range(n)],
        FEED,
    )
    return [document, {e.fingerprint: known(item_id=i) for i, e in enumerate(document)}]


def test_a_feed_that_changes_host_and_guids_gives_no_new_alert():
    """The whole document under other marks: the same entries."""
    document, words = reworded(4, "short")
    decisions = decide(document, Known(by_wording=words), backfill=False)
    assert [one.novelty for one in decisions] == [Novelty.REKEYED] * 4
    assert [one.item_id for one in decisions] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("then", "wanted"),
    [
        pytest.param(
            datetime(2026, 3, 5, tzinfo=UTC),
            Novelty.REKEYED,
            id="of the same moment: the same piece",
        ),
        pytest.param(
            datetime(2026, 2, 26, tzinfo=UTC), Novelty.NEW, id="of last week: this week's bulletin"
        ),
        pytest.param(None, Novelty.NEW, id="of no known date: news, rather than lost"),
    ],
)
def test_a_long_text_under_another_guid_is_the_same_piece_only_with_the_same_date(then, wanted):
    """Feeds that make new guids each day do not flood; weekly reports are not lost."""
    (said,) = identify(
        [
            entry(
                "new",
                "https://o.example/1",
                "Weekly",
                "A long text. " * 20,
                datetime(2026, 3, 5, tzinfo=UTC),
            )
        ],
        FEED,
    )
    words = {said.fingerprint: known(published_at=then)}
    assert decide([said], Known(by_wording=words), backfill=False)[0].novelty is wanted


def test_a_short_bulletin_with_the_same_words_is_news():
    """The market opens today as it did yesterday, and both are news."""
    document, words = reworded(1, "")
    assert decide(document, Known(by_wording=words), backfill=False)[0].novelty is Novelty.NEW


def test_what_a_new_feed_held_since_a_day_may_count_as_news():
    """since: in feeds.yaml."""
    at = datetime(2026, 3, 5, tzinfo=UTC)
    for day, old in ((date(2026, 3, 1), False), (date(2026, 3, 9), True)):
        (made,) = decide([one(at=at)], Known(), backfill=True, since=day)
        assert made.backfill is old
