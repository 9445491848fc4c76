"""Fault 97: kill -9 before every single step of a delivery, and before every pair of steps.

A step is a statement sent to SQLite, the begin or the end of a send, or the moment at which the
server has the whole message and has not answered yet.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest

from monitor.model import DeliveryState, Message
from monitor.store import Store
from tests.desk import SETTINGS, make_desk
from tests.pipeline.killed import NEVER, NOW, Life, Outside, events_of, put, run
from tests.servers import Shown, ThreadedFeedServer

#: Stands for "when the server has it": no event of the sender's.
AT_THE_SERVER = -1
MAIL = b"Message-ID: <one@example.org>\r\nSubject: x\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def outside():
    with Outside() as servers:
        yield servers


def one_mail(store: Store) -> None:
    store.ledger.add("d", [Message("desk", "a@example.org", 1, 1, "<one@>", MAIL, "t/x")], NOW)


def two_posts(store: Store) -> None:
    bodies = [json.dumps({"text": f"part {part}"}).encode() for part in (1, 2)]
    store.ledger.add(
        "d",
        [Message("room", "room", n, 2, f"n{n}", b, "a/j") for n, b in enumerate(bodies, 1)],
        NOW,
    )


def survive(tmp_path: Path, outside: Outside, freeze, kills, *, hold: bool = False) -> int:
    """Live once for each of ``kills`` and once undisturbed; return how many kills struck."""
    outside.forget()
    database = tmp_path / f"{'-'.join(map(str, kills))}.db"
    shutil.copyfile(template(tmp_path, freeze), database)
    struck = 0
    for kill in (*kills, NEVER):
        life = Life(database, outside.mail_port, outside.hook, hold=hold,
                    until=NEVER if kill == AT_THE_SERVER else kill)  # fmt: skip
        struck += run(life, outside if kill == AT_THE_SERVER else None)
    return struck


def template(tmp_path: Path, freeze) -> Path:
    """Make the database that every round begins with, once."""
    path = tmp_path / f"{freeze.__name__}.db"
    if not path.exists():
        put(path, freeze)
    return path


def final(tmp_path: Path, kills) -> list[DeliveryState]:
    store = Store.reader(tmp_path / f"{'-'.join(map(str, kills))}.db")
    states = [one.state for one in store.ledger.of_digest("d")]
    store.close()
    return states


def steps(tmp_path: Path, outside: Outside, freeze) -> list[int]:
    """Return every moment of an undisturbed life at which it can be killed."""
    shutil.copyfile(template(tmp_path, freeze), tmp_path / "count.db")
    count = events_of(Life(tmp_path / "count.db", outside.mail_port, outside.hook))
    store = Store.reader(tmp_path / "count.db")
    assert not store.ledger.unsent()
    store.close()
    return [AT_THE_SERVER, *range(count)]


def posted(outside: Outside) -> list[str]:
    return [json.loads(one)["text"] for one in outside.posts]


@pytest.mark.slow
def test_killed_before_any_step_a_mail_arrives_and_its_repeat_is_the_same_mail(tmp_path, outside):
    """One kill at each step: lost never, twice only after an interrupted send, byte for byte."""
    twice = 0
    for step in steps(tmp_path, outside, one_mail):
        struck = survive(tmp_path, outside, one_mail, (step,))
        bodies = [body for _, _, body in outside.inbox.received]
        assert 1 <= len(bodies) <= 1 + struck, step
        assert set(bodies) == {MAIL}
        assert final(tmp_path, (step,)) == [DeliveryState.SENT]
        twice += len(bodies) - 1
    assert twice >= 2, "no kill fell between the server's word and the ledger's"


@pytest.mark.slow
def test_killed_before_any_step_the_parts_arrive_in_order_and_a_repeat_says_so(tmp_path, outside):
    """One kill at each step of two parts: the second never overtakes, what is there stays there."""
    for step in steps(tmp_path, outside, two_posts):
        struck = survive(tmp_path, outside, two_posts, (step,))
        texts = posted(outside)
        plain = [text for text in texts if "repeat" not in text]
        assert len(texts) <= 2 + struck, step
        assert {text[-6:] for text in texts} == {"part 1", "part 2"}
        assert [text[-6:] for text in texts] == sorted(text[-6:] for text in texts), step
        assert len(plain) == len(set(plain)), "a second copy bears no notice"
        assert final(tmp_path, (step,)) == [DeliveryState.SENT] * 2


@pytest.mark.slow
def test_where_the_channel_holds_no_kill_makes_a_second_copy(tmp_path, outside):
    """One kill at each step with ``hold``: at most once, and what is unclear waits for a person."""
    held = 0
    for step in steps(tmp_path, outside, one_mail):
        survive(tmp_path, outside, one_mail, (step,), hold=True)
        (state,) = final(tmp_path, (step,))
        assert state in {DeliveryState.SENT, DeliveryState.UNCERTAIN}, step
        assert len(outside.inbox.received) <= 1
        assert state is DeliveryState.UNCERTAIN or len(outside.inbox.received) == 1
        held += state is DeliveryState.UNCERTAIN
    assert held >= 3


def drawn(pairs: list[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """Return so many pairs, the same at each run; all of them where ``KILL_PAIRS=all``."""
    if os.environ.get("KILL_PAIRS") == "all":
        return pairs
    return random.Random(97).sample(pairs, count)


@pytest.mark.slow
@pytest.mark.parametrize("half", [0, 1])
def test_killed_before_any_pair_of_steps_a_mail_is_not_lost(tmp_path, outside, half):
    """Two kills in a row, at any steps: P1 and P5, counted."""
    early = [step for step in steps(tmp_path, outside, one_mail) if step < 30]
    pairs = [pair for pair in product(early, early) if pair[0] % 2 == half]
    assert len(pairs) >= 100
    copies = 0
    for kills in drawn(pairs, 30):
        struck = survive(tmp_path, outside, one_mail, kills)
        bodies = [body for _, _, body in outside.inbox.received]
        assert 1 <= len(bodies) <= 1 + struck, kills
        assert set(bodies) == {MAIL}
        assert final(tmp_path, kills) == [DeliveryState.SENT]
        copies += len(bodies) - 1
    print(f"0 lost, {copies} repeats")


@pytest.mark.slow
@pytest.mark.parametrize("half", [0, 1])
def test_killed_before_any_pair_of_steps_no_part_is_lost(tmp_path, outside, half):
    """The same for two parts: each there, in order."""
    pairs = [
        pair
        for pair in product(steps(tmp_path, outside, two_posts), repeat=2)
        if pair[0] % 2 == half
    ]
    for kills in drawn(pairs, 20):
        struck = survive(tmp_path, outside, two_posts, kills)
        texts = [text[-6:] for text in posted(outside)]
        assert texts == sorted(texts), kills
        assert set(texts) == {"part 1", "part 2"}
        assert len(texts) <= 2 + struck


@pytest.mark.slow
def test_a_stop_during_a_send_ends_in_time_and_the_message_goes_at_the_next_start(tmp_path):
    """98 SIGTERM while the room says nothing: exit 0 soon, *sending*, then a marked repeat."""
    with Outside() as outside, ThreadedFeedServer() as feeds:
        feeds.show("/a", Shown("A quiet day", "q"))
        (tmp_path / "hook").write_text(outside.hook, encoding="utf-8")
        text = SETTINGS.replace(
            "channels:\n", "channels:\n  room: {type: slack, webhook_file: hook}\n"
        )
        config = make_desk(tmp_path, [feeds.base + "/a"], text)
        put(tmp_path / "news.db", two_posts)
        outside.hanging = True
        process = start(config)
        wait_for(lambda: outside.posts)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert time.monotonic() - begun < 20
        assert [one.value for one in rows(tmp_path)] == ["sending", "pending"]
        outside.hanging = False
        process = start(config)
        wait_for(lambda: len(outside.posts) == 3)
        wait_for(lambda: set(rows(tmp_path)) == {DeliveryState.SENT})
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert [text[-6:] for text in posted(outside)] == ["part 1", "part 1", "part 2"]
    assert "repeat" in posted(outside)[1]


def start(config: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "monitor", "run", "-c", str(config)]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    )


def rows(tmp_path: Path) -> list[DeliveryState]:
    store = Store.reader(tmp_path / "news.db")
    states = [one.state for one in store.ledger.of_digest("d")]
    store.close()
    return states


def wait_for(told, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.05)
