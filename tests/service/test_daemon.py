"""The daemon as a process: started, fed, reloaded, stopped, killed, as systemd would do it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from monitor.store import Store
from tests.desk import SETTINGS, make_desk
from tests.servers import Shown, ThreadedFeedServer
from tests.service.systemd import NotifySocket, Running


@pytest.fixture
def told(tmp_path):
    """The socket that the service reports to."""
    with NotifySocket(tmp_path / "notify") as socket:
        yield socket


def run(config, *words) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor", *words, "-c", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def page(port: int, name: str, wanted: str) -> str:
    """Ask until ``wanted`` is in the page."""
    text = ""
    for _ in range(100):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}") as answer:
            text = answer.read().decode()
        if wanted in text:
            return text
        time.sleep(0.1)
    raise AssertionError(text)


def test_the_whole_life_of_a_daemon(tmp_path, told):
    """READY, STATUS, WATCHDOG, pages; frozen and thawed; HUP: RELOADING, READY; TERM: STOPPING, 0."""
    with ThreadedFeedServer() as server:
        server.show("/a", Shown("Drones reach Russia", "d"))
        port = free_port()
        listen = f'http: {{listen: "127.0.0.1:{port}"}}\n'
        config = make_desk(tmp_path, [server.base + "/a"], SETTINGS + listen)
        with Running(config, told, watchdog_s=0.8) as daemon:
            told.wait_for("READY=1")
            assert "1 of 1 feeds well, next digest" in told.wait_for("STATUS=")
            told.wait_for("WATCHDOG=1")
            os.kill(daemon.process.pid, signal.SIGSTOP)
            told.drain(0.1)
            time.sleep(0.6)
            assert told.drain() == []
            os.kill(daemon.process.pid, signal.SIGCONT)
            told.wait_for("WATCHDOG=1")
            os.kill(daemon.process.pid, signal.SIGHUP)
            told.wait_for("RELOADING=1")
            told.wait_for("READY=1")
            second = run(config, "poll")
            assert (second.returncode, "another newsmonitor" in second.stderr) == (75, True)
            figures = page(port, "metrics", 'newsmonitor_polls_total{outcome="ok"} 1.0')
            assert 'newsmonitor_items_total{novelty="new"} 1.0' in figures
            assert page(port, "healthz", "alive") == '{"alive": true, "reasons": []}'
            told.drain()
            begun = time.monotonic()
            os.kill(daemon.process.pid, signal.SIGTERM)
            told.wait_for("STOPPING=1")
            assert daemon.process.wait(30) == 0
            assert time.monotonic() - begun < 30
            records = [json.loads(line) for line in daemon.said().splitlines()]
    assert records[0]["event"] == "watching"
    assert records[-1]["event"] == "stopped"
    assert any(one["event"] == "hit" for one in records)


@pytest.mark.slow
@pytest.mark.clocked
def test_a_stop_does_not_wait_for_a_server_that_hangs(tmp_path, told):
    """SIGTERM during a poll that never ends: 0 within 30 seconds, and no item is lost."""
    with ThreadedFeedServer() as server:
        asked = []

        async def hang(request):
            asked.append(request.path)
            await asyncio.sleep(60)

        server.answers["/a"] = hang
        config = make_desk(tmp_path, [server.base + "/a"])
        with Running(config, told) as daemon:
            told.wait_for("READY=1")
            while not asked:
                time.sleep(0.05)
            begun = time.monotonic()
            os.kill(daemon.process.pid, signal.SIGTERM)
            assert daemon.process.wait(30) == 0
            assert time.monotonic() - begun < 20


def test_an_end_by_the_watchdog_leaves_a_traceback_and_the_next_start_tells_of_it(tmp_path, told):
    """SIGABRT, as systemd sends it: where the program stood is in the log, the exit no success."""
    config = make_desk(tmp_path, ["http://127.0.0.1:9/a"])
    with Running(config, told) as daemon:
        told.wait_for("READY=1")
        os.kill(daemon.process.pid, signal.SIGABRT)
        assert daemon.process.wait(10) == -signal.SIGABRT
        assert "Fatal Python error: Aborted" in daemon.said()
    with Running(config, told) as daemon:
        told.wait_for("READY=1")
        assert "ended without notice; that happened once in 24 hours" in daemon.said()


def test_settings_that_do_not_load_are_never_ready(tmp_path, told):
    """Exit 2 with file and line, and systemd heard no READY."""
    config = make_desk(tmp_path, ["http://127.0.0.1:9/a"], SETTINGS + "colour: red\n")
    with Running(config, told) as daemon:
        assert daemon.process.wait(20) == 2
        assert "newsmonitor.yaml" in daemon.said()
    assert told.drain() == []


def test_a_newer_database_is_refused_with_78_and_is_never_ready(tmp_path, told):
    """So that systemd does not start it again in a loop."""
    config = make_desk(tmp_path, ["http://127.0.0.1:9/a"])
    store = Store.writer(tmp_path / "news.db")
    with store.transaction():
        store._db.write(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('newsmonitor', 'm9999_future', 'x')"
        )
    store.close()
    with Running(config, told) as daemon:
        assert daemon.process.wait(20) == 78
        assert "newer newsmonitor" in daemon.said()
    assert told.drain() == []
