"""The shipped units under a real systemd as the first process: nothing of it is played."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import SETTINGS, WATCHLIST, make_desk
from tests.servers import Shown, ThreadedFeedServer
from tests.service.machine import Machine, booted

pytestmark = [pytest.mark.slow, pytest.mark.clocked]

SERVICE = "newsmonitor.service"
ONCE = "newsmonitor-once.service"
#: The same unit with shorter waits.
WAITS = """\
[Unit]
StartLimitIntervalSec=0
[Service]
WatchdogSec=6
RestartSec=1
"""
#: As the page of operations says.
SECRET = "LoadCredential=mail-password:/etc/newsmonitor/secrets/mail-password\n"
STATE = "/var/lib/newsmonitor"
CHANNEL = f"""\
  folder: {{type: file, path: {STATE}/digests/}}
  desk:
    type: email
    host: 127.0.0.1
    port: 9
    from: Watch <watch@example.org>
    to: [reader@example.org]
    username: watch
    password_file: mail-password
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Iterator[Machine]:
    with booted(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.fixture
def feed() -> Iterator[ThreadedFeedServer]:
    with ThreadedFeedServer() as server:
        server.show("/a", Shown("Drones reach Russia", "d"))
        yield server


@pytest.fixture
def service(machine, feed) -> Iterator[Machine]:
    """A machine on which the service has never run, its settings in /etc/newsmonitor."""
    configured(machine, feed, "/a")
    secret = machine.root / "etc/newsmonitor/secrets/mail-password"
    secret.parent.mkdir(mode=0o700, exist_ok=True)
    secret.write_text("not for you\n", encoding="utf-8")
    secret.chmod(0o600)
    for unit, lines in ((SERVICE, WAITS + SECRET), (ONCE, "[Service]\n" + SECRET)):
        drop_in = machine.root / f"etc/systemd/system/{unit}.d/test.conf"
        drop_in.parent.mkdir(exist_ok=True)
        drop_in.write_text(lines, encoding="utf-8")
    machine.systemctl("daemon-reload")
    yield machine
    machine.systemctl("stop", SERVICE)
    machine.systemctl("reset-failed", SERVICE)
    machine.run("rm", "-rf", STATE, "/var/lib/private/newsmonitor")


def configured(machine: Machine, feed: ThreadedFeedServer, *paths: str) -> Path:
    """Write the settings for some feeds; return where the watchlist lies."""
    text = SETTINGS.replace("database: news.db", f"database: {STATE}/newsmonitor.db")
    text = text.replace("  folder: {type: file, path: digests/}\n", CHANNEL)
    home = machine.root / "etc/newsmonitor"
    make_desk(home, [feed.base + path for path in paths], text)
    return home / "watchlists" / "drones.yaml"


def started(machine: Machine) -> int:
    """Start the service and return its process number; systemd waits for READY."""
    done = machine.systemctl("start", SERVICE)
    assert done.returncode == 0, done.stderr + machine.journal()
    return int(machine.shows("MainPID"))


def hits(machine: Machine) -> list[str]:
    """Return the headlines of the stored hits."""
    path = machine.root / "var/lib/private/newsmonitor/newsmonitor.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT title FROM hits JOIN items ON items.id = item_id")
        return [row[0] for row in rows]


def wait_for_hits(machine: Machine, count: int) -> list[str]:
    end = time.monotonic() + 30
    while len(found := hits(machine)) < count:
        assert time.monotonic() < end, machine.journal()
        time.sleep(0.2)
    return found


def wait_for_word(machine: Machine, words: str) -> None:
    end = time.monotonic() + 15
    while words not in machine.journal():
        assert time.monotonic() < end, machine.journal()
        time.sleep(0.2)


def test_the_service_starts_polls_matches_and_says_how_it_is(service):
    """READY, a status line, a hit on disk; as a user that exists only now."""
    process = started(service)
    assert wait_for_hits(service, 1) == ["Drones reach Russia"]
    status = service.shows("StatusText")
    assert status.startswith("1 of 1 feeds well, next digest"), status
    owner = service.run("stat", "-c", "%U", f"/proc/{process}").stdout.strip()
    assert owner == "newsmonitor"
    assert service.run("ls", f"{STATE}/newsmonitor.db").returncode == 0
    assert service.shows("NRestarts") == "0"
    assert "Traceback" not in service.journal()


def test_a_stop_is_clean_and_quick(service):
    """Within 30 seconds, and systemd calls it a success."""
    started(service)
    wait_for_hits(service, 1)
    begun = time.monotonic()
    assert service.systemctl("stop", SERVICE).returncode == 0
    assert time.monotonic() - begun < 30
    assert service.shows("Result") == "success"
    assert service.shows("ExecMainStatus") == "0"


def test_after_kill_9_it_is_back_and_nothing_is_lost(service):
    """A new process, the same hits, and the log tells of the crash."""
    process = started(service)
    wait_for_hits(service, 1)
    service.run("kill", "-9", str(process))
    service.wait_for("NRestarts", "1")
    service.wait_for("ActiveState", "active")
    assert int(service.shows("MainPID")) != process
    assert hits(service) == ["Drones reach Russia"]
    assert "the last run ended without notice" in service.journal()


def test_the_watchdog_starts_a_daemon_anew_that_stands_still(service):
    """A process that is stopped feeds no watchdog."""
    process = started(service)
    wait_for_hits(service, 1)
    service.run("kill", "-STOP", str(process))
    service.wait_for("NRestarts", "1", limit_s=120)
    service.wait_for("ActiveState", "active")
    assert "Watchdog timeout" in service.journal() + service.run("journalctl", "-o", "cat").stdout


def test_a_reload_takes_lists_and_feeds_into_force_without_a_new_process(service, feed):
    """And broken ones leave the old in force: the reload ends well, the log says why."""
    process = started(service)
    wait_for_hits(service, 1)
    feed.show("/b", Shown("Balloons over Russia", "b"))
    path = configured(service, feed, "/a", "/b")
    path.write_text(WATCHLIST.replace("[drone, Shahed-136]", "[drone, balloon]"), "utf-8")
    assert service.systemctl("reload", SERVICE).returncode == 0
    assert "Balloons over Russia" in wait_for_hits(service, 2)
    path.write_text("watchlist: [", "utf-8")
    assert service.systemctl("reload", SERVICE).returncode == 0
    wait_for_word(service, "the last good version stays in force")
    assert service.shows("ActiveState") == "active"
    assert int(service.shows("MainPID")) == process


def test_a_fault_that_a_person_must_mend_is_not_tried_in_a_loop(service):
    """Exit code 2: failed, visible, and started once only."""
    (service.root / "etc/newsmonitor/newsmonitor.yaml").write_text("feeds: 7\n", "utf-8")
    assert service.systemctl("start", SERVICE).returncode != 0
    service.wait_for("ActiveState", "failed")
    time.sleep(3)
    assert service.shows("NRestarts") == "0"
    assert service.shows("ExecMainStatus") == "2"
    assert "newsmonitor.yaml:1" in service.journal()


def test_a_round_by_the_timers_service_does_the_same_work(service):
    """The same walls, the same state, and it ends by itself."""
    done = service.systemctl("start", ONCE)
    assert done.returncode == 0, service.journal()
    assert hits(service) == ["Drones reach Russia"]
