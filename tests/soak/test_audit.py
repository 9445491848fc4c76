"""The auditor of the soak sees what it is there to see: each breach is made, and named."""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.files import load
from monitor.model import Message
from tests.books import make_book
from tests.conftest import NOON
from tests.desk import make_desk

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from soak_audit import Report, audit_items, audit_ledger, audit_stories, audit_told, read
from soak_clock import FakeClock
from soak_feeds import Request
from soak_inboxes import Inboxes
from soak_manners import audit_arrivals, audit_politeness
from soak_process import Process
from soak_world import World


@pytest.fixture
def world():
    """Five feeds with one matching event that was seen by the daemon."""
    made = World(random.Random(3), ["127.0.0.2"], 5)
    made.publish(NOON, matching=True)
    for source in made.sources:
        source.acknowledged = source.revision
    return made


@pytest.fixture
def book(tmp_path):
    """A database with three hits in one story that nobody was told of."""
    setup = load(make_desk(tmp_path, ["https://news.example/rss"]))
    store = make_book(setup)
    mail = b"Message-ID: <one@example.org>\r\nSubject: x\r\n\r\nhello\r\n"
    store.ledger.add("d", [Message("desk", "a@x.org", 1, 1, "<one@example.org>", mail, "t")], NOON)
    store.ledger.sent(1, NOON)
    store.close()
    return read(setup.database)


def breaches(audit) -> str:
    report = Report()
    audit(report)
    return "\n".join(report.breaches)


def test_an_item_that_is_not_stored_is_lost(world, book):
    """Published, acknowledged by its ETag, and in no row."""
    assert "items lost: https://outlet-" in breaches(lambda r: audit_items(world, book, r))


def test_an_item_that_nobody_could_have_seen_is_not_owed(world, book):
    """Its revision was never acknowledged: the feed was in its pause."""
    for source in world.sources:
        source.acknowledged = -1
    assert breaches(lambda r: audit_items(world, book, r)) == ""


def test_an_edit_a_hit_and_a_story_that_are_missing_are_named(world, book):
    """The item is there with other words, without a hit."""
    piece = world.pieces[0]
    row = dict(next(iter(book.items.values()))[0]) | {"title": "other words", "id": 99}
    book.items[piece.link] = [row]
    assert "edits lost" in breaches(lambda r: audit_items(world, book, r))
    assert "without their hit" in breaches(lambda r: audit_stories([piece], book, r))


def test_a_story_that_no_digest_tells_is_named(book):
    """There is a story, and the closing digest was never built."""
    assert "'closing' was never built" in breaches(lambda r: audit_told(book, "closing", r))


def test_a_sent_that_never_came_is_named(book):
    """The ledger says sent; the mailbox is empty."""
    empty = Inboxes(random.Random(1))
    assert "is 'sent' and never came" in breaches(lambda r: audit_arrivals(book, empty, r))


def test_a_second_copy_needs_a_mark(book):
    """The same mail twice, and no attempt in the ledger explains it."""
    body = b"Message-ID: <one@example.org>\nSubject: x\n\nhello\n"
    inboxes = Inboxes(random.Random(1), mails=[("a@x.org", body)] * 2)
    assert "d by desk: 2 copies" in breaches(lambda r: audit_arrivals(book, inboxes, r))


def test_a_message_left_open_is_named(book):
    """What waits after the clock went past every retry was forgotten."""
    book.deliveries = [dict(book.deliveries[0]) | {"state": "retry"}]
    assert "d by desk: retry" in breaches(lambda r: audit_ledger(book, r, all_due=True))


@pytest.mark.parametrize(
    ("gap_s", "conditional", "named"),
    [
        pytest.param(1.0, True, "early polls", id="a poll before the floor"),
        pytest.param(60.0, False, "unconditional requests", id="validators known and not sent"),
        pytest.param(60.0, True, "", id="a polite one"),
    ],
)
def test_manners_are_judged_by_what_the_server_saw(tmp_path, gap_s, conditional, named):
    """Two requests of one feed, the first of them with a validator."""
    told = NOON.timestamp()
    second = told + timedelta(seconds=gap_s).total_seconds()
    asked = [
        Request("/feed-1", told - 100, told - 100, conditional=False, status=200, complete=True),
        Request("/feed-1", told, told, conditional=True, status=304, complete=True),
        Request("/feed-1", second, second, conditional=conditional, status=304, complete=True),
    ]
    process = Process(tmp_path / "x", FakeClock.make(tmp_path), tmp_path / "log", 2.0)
    said = breaches(lambda r: audit_politeness(asked, process, r))
    assert said.startswith(named) if named else said == ""
