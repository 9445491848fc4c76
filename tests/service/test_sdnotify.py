"""The protocol of sd_notify(3), spoken into a real socket."""

from __future__ import annotations

import os
import socket

import pytest

from monitor.sdnotify import Notifier, watchdog_s
from tests.service.systemd import NotifySocket


def test_every_word_reaches_the_socket(tmp_path):
    """Ready, status, watchdog, reloading with its moment, stopping."""
    with NotifySocket(tmp_path / "notify") as told:
        notifier = Notifier.of({"NOTIFY_SOCKET": told.path})
        notifier.ready()
        notifier.status("41 of 44 feeds\nREADY=1\x1b[2J")
        notifier.alive()
        notifier.reloading()
        notifier.stopping()
        lines = told.drain(1)
        notifier.close()
    assert lines[:4] == ["READY=1", "STATUS=41 of 44 feeds READY=1[2J", "WATCHDOG=1", "RELOADING=1"]
    assert lines[4].removeprefix("MONOTONIC_USEC=").isdigit()
    assert lines[5:] == ["STOPPING=1"]


def test_an_abstract_socket_is_found():
    """A name that begins with @ has no file."""
    name = f"newsmonitor-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + name)
        heard.settimeout(1)
        Notifier("@" + name).ready()
        assert heard.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="nobody listens"),
        pytest.param("/nowhere/at/all", id="the socket is not there"),
        pytest.param("vsock:2:1234", id="a kind that we do not speak"),
        pytest.param("/" + "x" * 300, id="a name that is too long"),
    ],
)
def test_without_a_listener_nothing_is_said_and_nothing_fails(address):
    """The service runs as well without systemd."""
    notifier = Notifier(address)
    notifier.ready()
    notifier.close()


def test_a_listener_that_goes_away_or_does_not_read_holds_nobody_up(tmp_path):
    """What cannot be said is dropped."""
    told = NotifySocket(tmp_path / "notify")
    notifier = Notifier(told.path)
    for _ in range(5_000):
        notifier.alive()
    told._socket.close()
    notifier.alive()
    notifier.close()


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        pytest.param({}, None, id="not watched"),
        pytest.param({"WATCHDOG_USEC": "120000000"}, 120.0, id="watched"),
        pytest.param({"WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}, None, id="another process is"),
        pytest.param({"WATCHDOG_USEC": "0"}, None, id="never"),
        pytest.param({"WATCHDOG_USEC": "-5"}, None, id="nonsense"),
        pytest.param(
            {"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5, id="we are"
        ),
    ],
)
def test_how_long_systemd_waits_is_read_from_the_environment(environment, wanted):
    """WATCHDOG_USEC, for this process only."""
    assert watchdog_s(environment) == wanted
