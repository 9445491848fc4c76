"""The book: small writes in company, and nothing told before it is on disk."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import Feed, FeedState, PollOutcome, PollRecord
from monitor.pipeline.book import LONGEST_S, Book

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


def document(book: Book, store, url: str, entries: int = 1, *, told: list, broken: bool = False):
    """Hand in a document that writes the poll of ``url``, and perhaps fails behind that."""
    state, record = poll(url)

    def write() -> PollRecord:
        store.feeds.save(state, record)
        if broken:
            raise LookupError(url)
        return record

    return book.document(entries, write, lambda: told.append(url))


async def test_documents_share_a_commit_and_the_failure_of_one_is_its_own(book, store):
    """What the failed one had written is taken back; only whoever brought it hears of it."""
    told = []
    ends = await asyncio.gather(
        *(document(book, store, url, broken=url == URLS[1], told=told) for url in URLS[:3]),
        return_exceptions=True,
    )
    assert [type(end).__name__ for end in ends] == ["PollRecord", "LookupError", "PollRecord"]
    assert told == [URLS[0], URLS[2]]
    assert [len(store.feeds.polls(url)) for url in URLS[:3]] == [1, 0, 1]


async def test_a_document_that_nobody_waits_for_any_more_is_written_and_told(book, store):
    """Whoever was cancelled loses nothing that came."""
    told = []
    waiting = asyncio.ensure_future(document(book, store, URLS[0], told=told))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    book.flush()
    assert (told, len(store.feeds.polls(URLS[0]))) == ([URLS[0]], 1)


async def test_many_entries_wait_for_nobody(book, store):
    """A transaction that is long enough begins at once, and a long one takes no others along."""
    told = []
    first = asyncio.ensure_future(document(book, store, URLS[0], 150, told=told))
    await asyncio.sleep(0)
    assert told == []
    second = asyncio.ensure_future(document(book, store, URLS[1], 2_000, told=told))
    await asyncio.sleep(0)
    assert told == [URLS[0]]
    await asyncio.sleep(0)
    assert told == URLS[:2]
    await asyncio.gather(first, second)


async def test_a_database_that_fails_fails_every_document_that_waits(book, store):
    """No poll is taken for written when the transaction was not."""
    store._db.raw.execute("CREATE TRIGGER full BEFORE INSERT ON polls BEGIN"
                          " SELECT raise(ABORT, 'disk full'); END")  # fmt: skip
    told = []
    ends = await asyncio.gather(
        *(document(book, store, url, told=told) for url in URLS[:2]), return_exceptions=True
    )
    assert [str(end).count("disk full") for end in ends] == [1, 1]
    assert told == []
    with pytest.raises(StoreError, match="disk full"):
        book.flush()


async def test_who_is_alone_waits_for_nobody(store):
    """A single poll is claimed, and its document written, at once."""
    store.feeds.sync([Feed(URLS[0], URLS[0], "O")], NOW)
    book, told = Book(store, alone=lambda: True), []
    for step in (book.claim(URLS[0], LATER, None), document(book, store, URLS[0], told=told)):
        under_way = asyncio.ensure_future(step)
        await asyncio.sleep(0)
        assert under_way.done()
    assert told == [URLS[0]]


async def test_a_listener_that_fails_holds_up_no_other_document(book, store):
    """What was told in vain is on disk; its owner hears of the failure, the others of theirs."""
    state, record = poll(URLS[0])

    def write() -> PollRecord:
        store.feeds.save(state, record)
        return record

    def deaf() -> None:
        raise OSError("nobody listens")

    told = []
    ends = await asyncio.gather(
        book.document(1, write, deaf), document(book, store, URLS[1], told=told),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(end).__name__ for end in ends] == ["OSError", "PollRecord"]
    assert (told, len(store.feeds.polls(URLS[0]))) == ([URLS[1]], 1)


async def test_a_long_transaction_leaves_the_rest_to_the_next(book, store):
    """Documents that take long are written one by one, and the loop has its turns between them."""
    turns, told = [], []

    def slow(url: str):
        def write() -> PollRecord:
            time.sleep(LONGEST_S * 1.2)
            turns.append(loop_turns)
            return poll(url)[1]

        return book.document(1, write, lambda: told.append(url))

    loop_turns = 0
    writing = [asyncio.ensure_future(slow(url)) for url in URLS[:3]]
    while not all(one.done() for one in writing):
        loop_turns += 1
        await asyncio.sleep(0)
    assert told == URLS[:3]
    assert len(set(turns)) == 3


async def test_a_database_that_is_held_fails_those_who_wait_and_is_not_asked_for_ever(book, store):
    """Whoever holds it costs one attempt, not one after the other."""
    stranger = sqlite3.connect(store._db.path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    store._db.raw.execute("PRAGMA busy_timeout=0")
    ends = await asyncio.gather(
        *(document(book, store, url, told=[]) for url in URLS[:2]), return_exceptions=True
    )
    stranger.close()
    assert ["locked" in str(end) for end in ends] == [True, True]
    with pytest.raises(StoreError, match="locked"):
        book.flush()
    book.flush()


async def test_a_fault_of_our_own_leaves_nobody_waiting(book):
    """A claim that cannot be written, for whatever reason, fails those who share its transaction."""
    naive = LATER.replace(tzinfo=None)
    ends = await asyncio.gather(
        book.claim(URLS[0], LATER, None), book.claim(URLS[1], naive, None), return_exceptions=True
    )
    assert [type(end) for end in ends] == [ValueError, ValueError]
