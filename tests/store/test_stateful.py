"""Store and ledger under any order of polls, folds, digests, sends, crashes, restores and retention.

Hypothesis plays the daemon on the real SQLite and keeps a simple memory of its own beside it; after
every step the two must agree on what was told, what waits, and what was sent.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from copy import deepcopy
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor.digests import build
from monitor.model import (
    Alert,
    Coverage,
    DeliveryState,
    Due,
    Judgement,
    MuteKind,
    Verdict,
    Window,
)
from monitor.pipeline.fold import read_stories
from monitor.store import Limits, Store, copy_database, restore
from tests.conftest import NOON
from tests.store.play import (
    FEEDS,
    INFOS,
    LISTS,
    PROFILES,
    RULE,
    SETTLED,
    Memory,
    messages,
    write,
)


class Desk(RuleBasedStateMachine):
    """The daemon as far as its database goes."""

    template: Path

    @initialize()
    def open(self):
        self.folder = Path(tempfile.mkdtemp(prefix="stateful-"))
        self.path = self.folder / "news.db"
        shutil.copyfile(self.template, self.path)
        self.store = Store.writer(self.path)
        self.now, self.memory, self.lives = NOON, Memory(), 0
        self.copy: tuple[Path, Memory] | None = None

    def teardown(self):
        if hasattr(self, "store"):
            self.the_index_says_what_the_items_say()
            self.store.close()
            shutil.rmtree(self.folder)

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule(feed=st.sampled_from(FEEDS), names=st.lists(st.integers(0, 8), min_size=1, max_size=4),
          wording=st.integers(0, 2), fires=st.lists(st.sampled_from(LISTS), unique=True))  # fmt: skip
    def a_poll_is_recorded(self, feed, names, wording, fires):
        with self.store.transaction():
            write(self.store, feed, names, wording, fires, self.now)
        self._take_in_new_hits()

    @rule(names=st.lists(st.integers(0, 8), min_size=1, max_size=3))
    def a_poll_is_cut_off_by_a_crash(self, names):
        """The transaction was open when the process died; the next one opens what is on the disk."""
        with contextlib.suppress(InterruptedError), self.store.transaction():
            write(self.store, FEEDS[0], names, 7, LISTS, self.now)
            self._die()
            raise InterruptedError
        self._rise()

    @rule()
    def a_crash_between_two_commits(self):
        self._die()
        self._rise()

    @rule(data=st.data(), many=st.integers(1, 5))
    def hits_are_folded(self, data, many):
        with self.store.transaction():
            for hit in self.store.hits.unfolded(many):
                open_ones = [0, *self.store.hits.newest_stories(4)]
                story = data.draw(st.sampled_from(open_ones)) or self.store.stories.open(self.now)
                self.store.stories.fold([hit], story, "like it", self.now)
        self._take_in_new_stories()

    @rule(data=st.data())
    def two_stories_are_found_to_be_one(self, data):
        stories = sorted(self.store.hits.newest_stories(4))
        if len(stories) > 1:
            young = data.draw(st.sampled_from(stories[1:]))
            with self.store.transaction():
                self.store.stories.merge(young, stories[0], "a bridge", self.now)

    @rule(profile=st.sampled_from(PROFILES))
    def a_digest_is_frozen(self, profile):
        last = self.store.digests.last(profile)
        day = max(self.now.date(), last.local_date + timedelta(days=1) if last else self.now.date())
        after, upto = last.hits_upto if last else 0, self.store.hits.last_folded()
        start = last.window.end if last else NOON - timedelta(days=1)
        due = Due(profile, day, Window(start, max(self.now, start)))
        stories = read_stories(self.store, self.store.hits.stories_between(after, upto))
        digest = build(due, "UTC", stories, Coverage(), INFOS, shown_before=())
        self.store.digests.freeze(digest, due, messages(digest.id), upto, self.now)
        fresh = {hit for hit in self.memory.hits if after < hit <= upto}
        assert not fresh & self.memory.told[profile], "a hit is told twice"
        told = {hit.id for one in stories for member in one.members for hit in member.hits}
        assert fresh <= told, "a hit of the window is in none of its stories"
        self.memory.told[profile] |= fresh
        self._see_messages(digest.id)

    @rule()
    def an_alert_rule_looks(self):
        upto = self.store.hits.last_folded()
        cursor = self.store.alerts.cursor(RULE) or 0
        fresh = [hit.id for hit in self.store.hits.between(cursor, upto)]
        self.store.alerts.advance(RULE, max(upto, cursor), fresh, self.now)
        assert not set(fresh) & self.memory.wanted, "a hit alerts twice"
        self.memory.wanted |= set(fresh)

    @rule(many=st.integers(1, 3))
    def an_alert_is_frozen(self, many):
        told = sorted(self.store.alerts.waiting(RULE))[:many]
        name = f"{RULE}-{self.now:%d%H}"
        if told and self.store.alerts.get(name) is None:
            alert = Alert(name, RULE, self.now, "UTC", (), ())
            self.store.alerts.freeze(alert, told, messages(name), self.now)
            self.memory.alerted |= set(told)
            self._see_messages(name)

    @rule(data=st.data(), end=st.sampled_from(["sent", "retry", "dead", "uncertain", "sending"]))
    def a_message_is_claimed_and_tried(self, data, end):
        pending = self.store.ledger.pending(self.now)
        if not pending:
            return
        one = data.draw(st.sampled_from(pending))
        before = [
            row for row in self.store.ledger.of_digest(one.digest_id)
            if (row.message.channel, row.message.recipient) == (one.message.channel, one.message.recipient)
            and row.message.part < one.message.part
        ]  # fmt: skip
        assert all(row.state in {"sent", "dropped"} for row in before), "a part overtakes another"
        assert self.store.ledger.claim(one.id, self.now) is not None
        assert self.store.ledger.claim(one.id, self.now) is None, "two claims of one message"
        if end == "sent":
            self.store.ledger.sent(one.id, self.now)
        elif end == "retry":
            self.store.ledger.retry(one.id, self.now + timedelta(hours=1), "busy", self.now)
        elif end == "dead":
            self.store.ledger.dead(one.id, "refused", self.now)
        elif end == "uncertain":
            self.store.ledger.hold(one.id, "no answer", self.now)

    @rule(data=st.data(), again=st.booleans())
    def a_person_sends_again_or_drops(self, data, again):
        rows = self.store.ledger.listed()
        if not rows:
            return
        one = data.draw(st.sampled_from(rows))
        if again:
            allowed = one.state in {"uncertain", "dead", "dropped"}
            assert (self.store.ledger.resend(one.id, self.now) is not None) is allowed
        else:
            allowed = one.state in {"pending", "retry", "uncertain", "dead"}
            assert (self.store.ledger.drop(one.id, "old", self.now) is not None) is allowed

    @rule(steps=st.integers(1, 12), age=st.integers(1, 6))
    def retention_takes_some_steps(self, steps, age):
        before = self.now - timedelta(days=age)
        upto = self.store.upkeep.told_upto(PROFILES)
        work = self.store.retention.steps(Limits(before, before, before, upto), lambda: 7)
        for _ in islice(work, steps):
            pass
        work.close()
        left = {row["id"] for row in self.store._db.rows("SELECT id FROM hits")}
        waits = self.memory.wanted - self.memory.alerted
        for gone in self.memory.hits.keys() - left:
            assert all(gone in told for told in self.memory.told.values()), "an untold hit went"
            assert gone not in waits, "a hit went that an alert rule holds"
            del self.memory.hits[gone]
        self.memory.stories = self._story_ids()
        kept = {row["id"] for row in self.store._db.rows("SELECT id FROM deliveries")}
        for gone in self.memory.states.keys() - kept:
            assert self.memory.states[gone] in SETTLED, "an open message went"
            del self.memory.states[gone]

    @rule()
    def a_quiet_month_passes(self):
        """All is folded, told and sent; then nothing new comes until what was there is too old."""
        with self.store.transaction():
            while hits := self.store.hits.unfolded():
                self.store.stories.fold(hits, self.store.stories.open(self.now), "", self.now)
        self._take_in_new_stories()
        self.an_alert_rule_looks()
        self.an_alert_is_frozen(1_000)
        for profile in PROFILES:
            self.a_digest_is_frozen(profile)
        self.now += timedelta(days=30)
        while pending := self.store.ledger.pending(self.now):
            for one in pending:
                self.store.ledger.claim(one.id, self.now)
                self.store.ledger.sent(one.id, self.now)
        self.what_is_sent_stays_sent()
        self.retention_takes_some_steps(1_000, 6)

    @rule()
    def a_backup_is_made(self):
        target = self.folder / f"copy-{self.lives}.db"
        self.lives += 1
        copy_database(self.path, target)
        self.copy = (target, deepcopy(self.memory))

    @precondition(lambda self: self.copy is not None)
    @rule()
    def the_backup_is_restored(self):
        self.store.close()
        target, memory = self.copy
        restore(self.path, target, self.now + timedelta(seconds=self.lives))
        self.lives += 1
        self.memory = deepcopy(memory)
        self._rise()

    @rule(data=st.data(), verdict=st.sampled_from(Verdict))
    def a_reader_marks(self, data, verdict):
        if hits := self.store.hits.newest(6):
            hit = data.draw(st.sampled_from(hits))
            self.store.marks.save([Judgement(hit.item_id, hit.watchlist, verdict, self.now, "")])
            self.memory.marks.add((hit.item_id, hit.watchlist))

    @rule(data=st.data())
    def a_person_mutes_a_story(self, data):
        if stories := self.store.hits.newest_stories(6):
            story, until = str(data.draw(st.sampled_from(stories))), self.now + timedelta(days=1)
            self.store.mutes.begin(MuteKind.STORY, story, "enough", until, self.now)
            assert story in {one.target for one in self.store.mutes.active(self.now)}

    @rule()
    def the_index_follows(self):
        self.store.upkeep.index()

    @rule()
    def the_index_says_what_the_items_say(self):
        while self.store.upkeep.index():
            pass
        with self.store.transaction():
            sql = "INSERT INTO items_fts (items_fts, rank) VALUES ('integrity-check', 1)"
            self.store._db.write(sql)

    @invariant()
    def a_hit_is_told_in_one_window_or_waits(self):
        for profile in PROFILES:
            last = self.store.digests.last(profile)
            upto = last.hits_upto if last else 0
            passed = {hit for hit in self.memory.hits if hit <= upto}
            missed = passed - self.memory.told[profile]
            assert not missed, f"{profile}: hits {missed} lie in a window that is over, untold"

    @invariant()
    def an_alert_rule_passes_no_hit_over(self):
        cursor = self.store.alerts.cursor(RULE) or 0
        missed = {hit for hit in self.memory.hits if hit <= cursor} - self.memory.wanted
        assert not missed, f"hits {missed} were never looked at"
        waits = {hit for hit in self.memory.wanted - self.memory.alerted if hit in self.memory.hits}
        assert waits == set(self.store.alerts.waiting(RULE))

    @invariant()
    def stories_lose_no_hit(self):
        rows = self.store._db.rows("SELECT id, story_id FROM hits")
        assert {row["id"] for row in rows} == self.memory.hits.keys()
        homes = {row["story_id"] for row in rows} - {None}
        roots = self.store.stories.follow(homes)
        assert set(roots) == homes, "a hit is in a story that is not there"
        assert set(roots.values()) == homes, "a hit stayed behind in a story that was merged"

    @invariant()
    def what_is_sent_stays_sent(self):
        states = {
            row["id"]: row["state"] for row in self.store._db.rows("SELECT * FROM deliveries")
        }
        assert states.keys() == self.memory.states.keys()
        for one, before in self.memory.states.items():
            assert before != "sent" or states[one] == "sent"
        self.memory.states = states

    @invariant()
    def marks_stay(self):
        rows = self.store._db.rows("SELECT item_id, watchlist FROM marks")
        assert {(row["item_id"], row["watchlist"]) for row in rows} == self.memory.marks

    def _die(self):
        """Take what is on the disk at this moment, as a killed process leaves it."""
        self.lives += 1
        fresh = self.folder / f"life-{self.lives}" / "news.db"
        fresh.parent.mkdir()
        for suffix in ("", "-wal"):
            if (part := Path(f"{self.path}{suffix}")).exists():
                shutil.copyfile(part, f"{fresh}{suffix}")
        self.left, self.path = self.store, fresh

    def _rise(self):
        if getattr(self, "left", None) is not None:
            self.left.close()
            self.left = None
        self.store = Store.writer(self.path)
        self.store.ledger.recover(self.now, ["room"])
        states = {row["state"] for row in self.store._db.rows("SELECT state FROM deliveries")}
        assert DeliveryState.SENDING not in states

    def _take_in_new_hits(self):
        rows = self.store._db.rows("SELECT id, item_id, watchlist FROM hits")
        self._number("hits", self.memory.hits.keys(), {row["id"] for row in rows})
        for row in rows:
            told = (row["item_id"], row["watchlist"])
            assert self.memory.hits.setdefault(row["id"], told) == told

    def _take_in_new_stories(self):
        ids = self._story_ids()
        self._number("stories", self.memory.stories, ids)
        self.memory.stories = ids

    def _number(self, table, before, now):
        """A number that was given once is never given again, also when its row has gone."""
        fresh, highest = now - before, self.memory.highest[table]
        assert not fresh or min(fresh) > highest, f"{table}: {fresh} come after {highest}"
        self.memory.highest[table] = max([highest, *now])

    def _story_ids(self):
        return {row["id"] for row in self.store._db.rows("SELECT id FROM stories")}

    def _see_messages(self, owner):
        for one in self.store.ledger.of_digest(owner):
            self.memory.states[one.id] = one.state


@pytest.fixture(scope="module", autouse=True)
def _template(tmp_path_factory):
    """Make the empty database once; migrations take longer than a whole example."""
    Desk.template = tmp_path_factory.mktemp("template") / "news.db"
    store = Store.writer(Desk.template)
    store.feeds.sync(FEEDS, NOON)
    store.close()
    with contextlib.closing(sqlite3.connect(Desk.template)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


QUICK = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class TestDesk(Desk.TestCase):
    """Fifteen lives of forty steps, the same ones in every run."""

    settings = QUICK


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("HYPOTHESIS_PROFILE") != "search", reason="other lives each time: make search"
)
class TestDeskForLong(Desk.TestCase):
    """Many more lives, others in every run."""

    settings = settings(QUICK, max_examples=400, stateful_step_count=60, derandomize=False)


def test_after_a_quiet_month_a_new_hit_gets_a_new_number_and_is_told():
    """Retention took the highest rows; a number that came again would lie in a window long over."""
    desk = Desk()
    desk.open()
    for name in (0, 2):
        desk.a_poll_is_recorded(FEEDS[0], [name], 0, ["drones"])
        desk.a_hit_is_told_in_one_window_or_waits()
        desk.a_quiet_month_passes()
    assert not desk.memory.hits
    desk.teardown()
