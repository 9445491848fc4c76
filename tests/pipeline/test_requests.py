"""The spool: wishes of commands, fulfilled by whoever holds the database, bad files set aside."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from monitor.errors import StoreError
from monitor.files import load
from monitor.model import DeliveryState, Message, MuteKind, Verdict
from monitor.pipeline import Silent
from monitor.pipeline.requests import absorb, submit
from monitor.store import BadRequest, Lock, Request, Spool
from monitor.store.marks import Tally
from monitor.store.requests import (
    MAX_BAD,
    MAX_BYTES,
    MAX_WAITING,
    BeginMute,
    Drop,
    EndMute,
    Mark,
    Resend,
    Revive,
    SendNow,
    Unmark,
)
from tests.books import FEED, make_book
from tests.conftest import NOON
from tests.desk import make_desk


class Ear(Silent):
    """Remembers incidents and what was asked."""

    def __init__(self) -> None:
        self.incidents: list[str] = []
        self.done: list[tuple[str, str, str]] = []

    def incident(self, what) -> None:
        self.incidents.append(what)

    def asked(self, kind, by, told) -> None:
        self.done.append((kind, by, told))


@pytest.fixture
def setup(tmp_path):
    return load(make_desk(tmp_path, [FEED]))


@pytest.fixture
def spool(setup):
    return Spool(setup.database)


@pytest.fixture
def ear():
    return Ear()


@pytest.fixture
def book(setup):
    opened = make_book(setup)
    yield opened
    opened.close()


def left(spool) -> list[str]:
    """The names of what still lies in the spool."""
    return sorted(one.name for one in spool.folder.iterdir())


def put(spool, wish, by="person", at=NOON):
    return spool.put(Request(wish, at, by))


def mute(kind=MuteKind.WATCHLIST, target="drones", until=None) -> BeginMute:
    return BeginMute(what=kind, target=target, reason="a reason", until=until)


def test_marks_are_kept_and_counted_per_list_and_term(setup, book, spool, ear):
    """A later mark takes the place of an earlier; precision is what was relevant of the marked."""
    put(spool, Mark(hits=(1, 2), verdict=Verdict.RELEVANT))
    later = NOON + timedelta(seconds=1)
    put(spool, Mark(hits=(2, 3), verdict=Verdict.NOISE, note="a race"), at=later)
    absorb(setup, book, later, ear)
    tally = book.marks.counts(NOON - timedelta(days=30))["drones"]
    assert (tally, tally.precision) == (Tally(relevant=1, noise=2), 1 / 3)
    assert book.marks.by_term("drones") == {
        ("drone", "term 0"): Tally(0, 1),
        ("drone", "term 1"): Tally(1, 1),
    }
    assert [(one.item_id, one.verdict, one.note) for one in book.marks.listed("drones")] == [
        (1, Verdict.RELEVANT, ""),
        (2, Verdict.NOISE, "a race"),
        (3, Verdict.NOISE, "a race"),
    ]
    assert book.marks.counts(NOON + timedelta(days=1)) == {}
    put(spool, Unmark(hits=(1, 2, 3)))
    absorb(setup, book, NOON, ear)
    assert book.marks.listed() == ()


def test_what_is_done_is_told_with_who_asked_and_the_spool_is_empty(setup, book, spool, ear):
    """One line in the log per wish; nothing is left behind."""
    put(spool, mute(until=NOON + timedelta(days=7)))
    assert [one.refused for one in absorb(setup, book, NOON, ear)] == [""]
    assert ear.done == [("mute", "person", "mute 1 is in force")]
    assert left(spool) == []
    assert absorb(setup, book, NOON, ear) == []


def test_a_wish_that_is_fulfilled_twice_comes_to_the_same(setup, book, spool, ear):
    """As after a crash between the commit and the removal of the file."""
    for wish in (
        mute(),
        Mark(hits=(1,), verdict=Verdict.NOISE),
        SendNow(profile="daily"),
    ):
        name = put(spool, wish)
        kept = (spool.folder / name).read_bytes()
        absorb(setup, book, NOON, ear)
        (spool.folder / name).write_bytes(kept)
        absorb(setup, book, NOON + timedelta(minutes=1), ear)
    assert len(book.mutes.listed()) == 1
    assert len(book.marks.listed()) == 1
    assert len({one.digest_id for one in book.ledger.listed()}) == 1
    assert len(book.ledger.listed()) == 3  # html, text and slack, once each


def test_a_dead_letter_goes_again_or_is_dropped(setup, book, spool, ear):
    """Resend makes it due, drop settles it."""
    for name in ("one", "two"):
        book.ledger.add(name, [Message("folder", "folder", 1, 1, name, b"x", "text/plain")], NOON)
    for one in book.ledger.unsent():
        book.ledger.claim(one.id, NOON)
        book.ledger.dead(one.id, "refused", NOON)
    put(spool, Resend(delivery=1))
    put(spool, Drop(delivery=2))
    absorb(setup, book, NOON, ear)
    states = [book.ledger.get(number).state for number in (1, 2)]
    assert states == [DeliveryState.RETRY, DeliveryState.DROPPED]


def test_a_feed_is_revived(setup, book, spool, ear):
    """It is due at once; the plan says who wanted it."""
    put(spool, Revive(url=FEED))
    absorb(setup, book, NOON, ear)
    assert book.feeds.states()[FEED].why_then == "revived by hand"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        pytest.param(Mark(hits=(1, 99), verdict=Verdict.NOISE), "no hit 99", id="a hit unknown"),
        pytest.param(mute(target="gone"), "no watchlist 'gone'", id="a list unknown"),
        pytest.param(mute(MuteKind.STORY, "99"), "no story '99'", id="a story unknown"),
        pytest.param(mute(MuteKind.STORY, "1 OR 1"), "no story", id="a story that is no number"),
        pytest.param(mute(until=NOON), "ended already", id="a mute that has ended"),
        pytest.param(EndMute(mute=9), "no mute 9", id="a mute unknown"),
        pytest.param(Revive(url="https://x.example/"), "no feed", id="a feed unknown"),
        pytest.param(Resend(delivery=9), "no delivery 9", id="a delivery unknown"),
        pytest.param(Drop(delivery=9), "no delivery 9", id="one to drop unknown"),
        pytest.param(SendNow(profile="weekly"), "'weekly'", id="a digest unknown"),
        pytest.param(SendNow(profile="daily", to="attic"), "'attic'", id="a channel unknown"),
        pytest.param(SendNow(profile="daily", to="a@example.org"), "email", id="no mail channel"),
        pytest.param(SendNow(profile="daily", to="a@b\r\nBcc: c@d"), "mail", id="a forged address"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_dropped_and_told(setup, book, spool, ear, wish, why):
    """It would fail at every round, and nothing is half done."""
    put(spool, wish)
    (answer,) = absorb(setup, book, NOON, ear)
    assert why in answer.refused
    assert len(ear.incidents) == 1
    assert left(spool) == []
    assert (book.marks.listed(), book.mutes.listed(), book.ledger.listed()) == ((), (), ())


def test_a_digest_wanted_days_ago_is_not_sent_now(setup, book, spool, ear):
    """After a long downtime nobody waits for it any more."""
    put(spool, SendNow(profile="daily"))
    (answer,) = absorb(setup, book, NOON + timedelta(days=2), ear)
    assert "more than a day ago" in answer.refused


def test_an_extra_copy_changes_nothing_for_the_next_digest(setup, book, spool, ear):
    """It goes to the named channel, and no digest counts as told."""
    put(spool, SendNow(profile="daily", to="folder"))
    absorb(setup, book, NOON, ear)
    assert {one.message.channel for one in book.ledger.listed()} == {"folder"}
    assert book.digests.last("daily") is None
    assert any(b"Title" in one.message.body for one in book.ledger.listed())


BAD = {
    "no JSON": b"{",
    "no mapping": b"[1, 2]",
    "no UTF-8": b'{"kind": "\xff"}',
    "an unknown kind": b'{"kind": "rm", "arguments": {}, "at": "2026-03-10T12:00:00Z"}',
    "an unknown key": b'{"kind": "unmute", "arguments": {"mute": 1, "x": 2},'
    b' "at": "2026-03-10T12:00:00Z"}',
    "a key missing": b'{"kind": "mark", "arguments": {"hits": [1]}, "at": "2026-03-10T12:00:00Z"}',
    "no hits": b'{"kind": "unmark", "arguments": {"hits": []}, "at": "2026-03-10T12:00:00Z"}',
    "a number too large": b'{"kind": "unmute", "arguments": {"mute": 1' + b"0" * 30 + b"},"
    b' "at": "2026-03-10T12:00:00Z"}',
    "a moment without a zone": b'{"kind": "unmute", "arguments": {"mute": 1}, "at": "yesterday"}',
    "nested too deep": b"[" * 30_000,
    "too large": b" " * (MAX_BYTES + 1),
    "empty": b"",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_a_file_that_is_no_request_is_moved_aside_and_told(setup, book, spool, ear, body):
    """Once, in one line; a good request behind it is fulfilled all the same."""
    spool.folder.mkdir()
    (spool.folder / "0.json").write_bytes(body)
    put(spool, mute())
    absorb(setup, book, NOON, ear)
    absorb(setup, book, NOON, ear)
    assert left(spool) == ["0.json.bad"]
    (told,) = ear.incidents
    assert "moved aside" in told
    assert "\n" not in told
    assert len(told) < 400
    assert len(book.mutes.listed()) == 1


@pytest.mark.parametrize("kind", ["a link", "a pipe", "a folder"])
def test_only_plain_files_are_read(setup, book, spool, ear, tmp_path, kind):
    """A link could point anywhere, a pipe could hold the daemon up for ever."""
    spool.folder.mkdir()
    trap = spool.folder / "0.json"
    if kind == "a link":
        trap.symlink_to(tmp_path / "newsmonitor.yaml")
    elif kind == "a pipe":
        os.mkfifo(trap)
    else:
        trap.mkdir()
    absorb(setup, book, NOON, ear)
    assert left(spool) == ["0.json.bad"]
    assert (tmp_path / "newsmonitor.yaml").exists()
    assert "moved aside" in ear.incidents[0]


def test_half_a_file_is_never_read_and_order_is_kept(spool):
    """What is still being written has another name; names sort by the time of the wish."""
    late = spool.put(Request(EndMute(mute=2), NOON + timedelta(seconds=1)))
    early = spool.put(Request(EndMute(mute=1), NOON))
    (spool.folder / ".2026.json.new").write_bytes(b"{")
    assert spool.waiting() == (early, late)
    assert spool.read(early).wish == EndMute(mute=1)
    assert (spool.folder.stat().st_mode & 0o777, (spool.folder / early).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


def test_the_spool_is_bounded(spool):
    """Where nobody takes requests up, commands say so; of the bad ones the newest stay."""
    spool.folder.mkdir()
    for number in range(MAX_WAITING):
        (spool.folder / f"{number:05}.json").write_bytes(b"{")
    with pytest.raises(StoreError, match="wait already"):
        put(spool, EndMute(mute=1))
    for name in spool.waiting(MAX_BAD + 5):
        spool.set_aside(name)
    bad = [name for name in left(spool) if name.endswith(".bad")]
    assert len(bad) == MAX_BAD
    assert "00000.json.bad" not in bad


def test_a_request_too_large_is_refused_when_it_is_left(spool):
    """A thousand hits fit; what does not is told to the person, not to the log."""
    put(spool, Mark(hits=tuple(range(1, 1_001)), verdict=Verdict.NOISE, note="я" * 500))
    with pytest.raises(StoreError, match="bytes"):
        put(spool, Mark(hits=tuple(2**62 + n for n in range(1_000)), verdict=Verdict.NOISE,
                        note="\U0001f600" * 500).model_copy(update={"note": "x" * MAX_BYTES}))  # fmt: skip
    with pytest.raises(BadRequest):
        spool.read("none.json")


def test_what_the_database_refuses_stays_for_the_next_round(setup, book, spool, ear):
    """As with a full disk: told, kept, and done later."""
    put(spool, mute())
    book._db.raw.execute("PRAGMA query_only=ON")
    assert absorb(setup, book, NOON, ear) == []
    assert "not fulfilled yet" in ear.incidents[0]
    book._db.raw.execute("PRAGMA query_only=OFF")
    assert [one.refused for one in absorb(setup, book, NOON, ear)] == [""]


def test_a_folder_that_cannot_be_read_holds_up_nothing(setup, book, spool, ear):
    """Told as an incident; the rest of the daemon's round goes on."""
    spool.folder.write_bytes(b"a file where a folder belongs")
    assert absorb(setup, book, NOON, ear) == []
    assert "cannot be read" in ear.incidents[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_leaves_belongs_to_the_daemon(setup, book, spool):
    """Else a mark given with sudo could never be read by the service's own user."""
    os.chown(setup.database, 12345, 12345)
    name = put(spool, mute())
    assert {one.stat().st_uid for one in (spool.folder, spool.folder / name)} == {12345}


def test_a_command_does_it_itself_or_hands_it_to_whoever_holds_the_lock(setup, book, spool):
    """None means that the daemon will do it; the wish of before is done along the way."""
    with Lock(setup.database):
        assert submit(setup, mute(), NOON, "person") is None
        assert len(spool.waiting()) == 1
    done = submit(setup, EndMute(mute=1), NOON + timedelta(minutes=1), "person")
    assert (done.told, done.refused) == ("mute 1 has ended", "")
    assert spool.waiting() == ()
