"""The book: small writes in company, and nothing told before it is on disk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import Feed, FeedState, PollOutcome, PollRecord
from monitor.pipeline.book import Book

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
URLS = [f"https://n.example/{n}" for n in range(5)]


@pytest.fixture
def book(store):
    store.feeds.sync([Feed(url, url, "O") for url in URLS], NOW)
    return Book(store)


def poll(url: str) -> tuple[FeedState, PollRecord]:
    record = PollRecord(url, NOW, PollOutcome.NOT_MODIFIED, 304, "", conditional=True)
    return FeedState(url, next_poll_at=LATER, outcome=PollOutcome.NOT_MODIFIED), record


async def test_claims_are_on_disk_when_they_return(book, store):
    """Several at once share one commit; the time of a full look is kept with them."""
    await asyncio.gather(*(book.claim(url, LATER, NOW) for url in URLS[:3]))
    states = store.feeds.states()
    assert [states[url].next_poll_at for url in URLS] == [LATER] * 3 + [None] * 2
    assert states[URLS[0]].last_full_at == NOW


async def test_polls_wait_for_company_and_are_told_when_they_are_written(book, store):
    """Before long by themselves, at once on demand."""
    told = []
    book.add(*poll(URLS[0]), lambda: told.append("first"))
    assert (told, store.feeds.polls(URLS[0])) == ([], ())
    await asyncio.sleep(0.4)
    assert told == ["first"]
    book.add(*poll(URLS[1]), lambda: told.append("second"))
    book.flush()
    assert told == ["first", "second"]
    assert len(store.feeds.polls(URLS[1])) == 1


async def test_a_claim_takes_the_waiting_polls_along(book, store):
    """One commit for both: who asks next pays for who was asked."""
    told = []
    book.add(*poll(URLS[0]), lambda: told.append("written"))
    await book.claim(URLS[1], LATER, None)
    assert told == ["written"]


async def test_a_write_that_fails_is_loud_and_tells_nobody(book, store):
    """Whoever waits for a claim hears of it, and so does the next flush."""
    store._db.raw.execute("CREATE TRIGGER full BEFORE UPDATE ON feeds BEGIN"
                          " SELECT raise(ABORT, 'disk full'); END")  # fmt: skip
    told = []
    book.add(*poll(URLS[0]), lambda: told.append("never"))
    with pytest.raises(StoreError, match="disk full"):
        await book.claim(URLS[1], LATER, None)
    with pytest.raises(StoreError, match="disk full"):
        book.flush()
    book.flush()
    assert told == []
