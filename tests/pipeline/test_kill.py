"""kill -9 at any moment: a crash is a refetch, never a loss and never a second copy."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.store import Store
from tests.desk import make_desk
from tests.servers import Shown, ThreadedFeedServer

ROUNDS = 20
FEEDS = 6


def entries(feed: int, upto: int) -> list[Shown]:
    """Forty newest entries of one feed after ``upto`` rounds; every fifth fires the list."""
    made = [
        Shown(
            f"Drones reach Russia {feed}-{n}" if n % 5 == 0 else f"Quiet {feed}-{n}",
            f"{feed}-{n}",
            f"https://news.example/{feed}/{n}",
        )
        for n in range(upto * 10 + 40)
    ]
    return made[-250:]


def publish(server: ThreadedFeedServer, upto: int) -> None:
    for feed in range(FEEDS):
        server.show(f"/{feed}", *entries(feed, upto))


def start(config: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "monitor", "poll", "--force", "-c", str(config)]
    return subprocess.Popen(  # its own group, so that its parser workers end with it
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def kill_after(config: Path, delay: float) -> float | None:
    """Run a poll, kill it after ``delay`` seconds; return how long it took if it ended before."""
    begun = time.monotonic()
    process = start(config)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None
    return time.monotonic() - begun


@pytest.mark.slow
def test_killed_twenty_times_it_loses_nothing_and_doubles_nothing(tmp_path):
    """Every entry published is an item once, every match a hit once, and the database is sound."""
    with ThreadedFeedServer() as server:
        config = make_desk(tmp_path, [f"{server.base}/{feed}" for feed in range(FEEDS)])
        publish(server, 0)
        begun = time.monotonic()
        assert start(config).wait() == 0
        whole = time.monotonic() - begun
        killed = 0
        for number in range(1, ROUNDS + 1):
            publish(server, number)
            took = kill_after(config, whole * (0.35 + 0.65 * number / ROUNDS))
            killed += took is None
            whole = min(whole, took or whole)  # the first one was slowed down by something
        process = start(config)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert killed >= ROUNDS // 2, "the kills came too late to tell anything"
    database = tmp_path / "news.db"
    store = Store.reader(database)
    per_feed = 40 + ROUNDS * 10
    assert store.items.count() == FEEDS * per_feed
    assert store.hits.count() == FEEDS * per_feed // 5
    assert all(hit.story_id for hit in store.hits.newest(10_000))
    raw = sqlite3.connect(database)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
