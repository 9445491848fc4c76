"""The unit files: what systemd thinks of them, and that every line has its reason."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "systemd"
SERVICES = ["newsmonitor.service", "newsmonitor-once.service"]
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def settings(name: str) -> list[tuple[str, str]]:
    lines = (UNITS / name).read_text("utf-8").splitlines()
    return [tuple(line.split("=", 1)) for line in lines if re.match(r"[A-Z]\w+=", line)]


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_the_exposure_is_low(name):
    """Systemd's own score, from 0 (locked up) to 10 (open), is at most 1.5."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(UNITS / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@needs_systemd
def test_systemd_reads_the_units_without_a_complaint(tmp_path):
    """But for the program, which is not installed here."""
    for unit in [*SERVICES, "newsmonitor-once.timer"]:
        text = (UNITS / unit).read_text("utf-8")
        program = "/opt/newsmonitor/bin/newsmonitor"
        (tmp_path / unit).write_text(text.replace(program, sys.executable), encoding="utf-8")
    drop_in = tmp_path / "newsmonitor.service.d"
    drop_in.mkdir()
    shutil.copyfile(UNITS / "newsmonitor.service.d" / "wall.conf.example", drop_in / "wall.conf")
    done = subprocess.run(
        ["systemd-analyze", "verify", *[str(tmp_path / one) for one in (*SERVICES, "newsmonitor-once.timer")]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "newsmonitor" in line]
    assert ours == []


def test_every_group_of_lines_says_why_it_is_there():
    """No directive of the daemon's unit stands without a comment above its group."""
    explained = False
    bare = []
    for line in (UNITS / "newsmonitor.service").read_text("utf-8").splitlines():
        if line.startswith("#"):
            explained = True
        elif not line.strip():
            explained = False
        elif re.match(r"[A-Z]\w+=", line) and not explained:
            bare.append(line)
    allowed = {"Description", "Documentation", "ExecStart", "WantedBy"}
    assert [line for line in bare if line.split("=")[0] not in allowed] == []


def test_both_services_live_behind_the_same_walls():
    """Who and what a round may touch is what the daemon may touch."""
    own = {"Type", "ExecStart", "TimeoutStartSec", "NotifyAccess", "ExecReload", "TimeoutStopSec",
           "WatchdogSec", "WatchdogSignal", "Restart", "RestartSec", "RestartPreventExitStatus",
           "Description", "StartLimitIntervalSec", "StartLimitBurst", "WantedBy", "Conflicts"}  # fmt: skip
    daemon, once = ([pair for pair in settings(name) if pair[0] not in own] for name in SERVICES)
    assert sorted(daemon) == sorted(once)


def test_exit_codes_that_want_a_person_are_not_tried_again():
    """They are those that the program documents."""
    from monitor.cli import exit_code
    from monitor.errors import AlreadyRunning, InputError, SchemaTooNew

    wanted = {str(exit_code(one)) for one in (InputError([]), AlreadyRunning(), SchemaTooNew())}
    assert set(dict(settings("newsmonitor.service"))["RestartPreventExitStatus"].split()) == wanted


def test_the_daemon_outlives_the_systemd_limits_that_it_is_given():
    """Its own stop is shorter than systemd's patience."""
    from monitor.daemon import STOP_S

    assert STOP_S < 30 <= int(dict(settings("newsmonitor.service"))["TimeoutStopSec"])


_NO_WX = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(65, 1, 0, 0, 0) != 0:
    sys.exit(77)
sys.argv = ["newsmonitor", *sys.argv[1:]]
from monitor.cli import main
main()
"""


def test_it_works_where_no_memory_may_be_made_executable(tmp_path):
    """MemoryDenyWriteExecute: the kernel's own switch is on, and a round of work succeeds."""
    from tests.desk import make_desk
    from tests.servers import Shown, ThreadedFeedServer

    with ThreadedFeedServer() as server:
        server.show("/a", Shown("Drones reach Russia", "d"))
        config = make_desk(tmp_path, [server.base + "/a"])
        done = subprocess.run(
            [sys.executable, "-c", _NO_WX, "run", "--once", "-c", str(config)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("this kernel has no PR_SET_MDWE")
    assert (done.returncode, "1 new items" in done.stdout) == (0, True), done.stderr
