"""P18: no secret in database, backups, log, ``status`` or error, after every kind of failure."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import traceback
from base64 import b64encode
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from monitor import logs
from monitor.daemon import Service
from monitor.errors import InputError
from monitor.files import load
from monitor.heartbeat import Heartbeat
from monitor.logs import LogObserver
from monitor.pipeline.channels import open_channels
from tests.delivery.servers import DROP, Raw, Script, closed_port, tcp_server
from tests.desk import SETTINGS, make_desk
from tests.servers import FeedServer, Shown

PASSWORD, ADDRESS, TOKEN, BEAT = (
    f"canary-{what}-0b9c/42" for what in ("password", "address", "token", "beat")
)
PAIR = b64encode(f"\0watch\0{PASSWORD}".encode()).decode()
#: What hostile servers send back of what they were told.
MAIL_ECHO = f"you said {PASSWORD} {b64encode(PASSWORD.encode()).decode()} {PAIR}"
ROOM_ECHO = f"you asked for /{ADDRESS} {ADDRESS} {quote(ADDRESS, safe='')}"
LOGIN = b"250-c.example.org\r\n250 AUTH PLAIN"


def http(echo: str, status: int, *headers: str) -> Raw:
    head = "".join(f"{one}\r\n" for one in (*headers, f"Content-Length: {len(echo)}"))
    return Raw(f"HTTP/1.1 {status} {echo[:40]}\r\n{head}\r\n{echo}".encode())


MAILS = {
    "mail-refused": Script({"EHLO": LOGIN, "AUTH": b"535 " + MAIL_ECHO.encode()}),
    "mail-later": Script({"EHLO": LOGIN, "AUTH": b"454 " + MAIL_ECHO.encode()}),
    "mail-unknown": Script(
        {"EHLO": LOGIN, "AUTH": b"235 in", "RCPT": b"550 " + MAIL_ECHO.encode()}
    ),
    "mail-dropped": Script({"EHLO": LOGIN, "AUTH": b"235 in"}, body=DROP),
    "mail-nonsense": Script(greeting=MAIL_ECHO.encode()),
}


def posts(echo: str) -> dict[str, Raw | None]:
    """Return a server for every way in which a POST can fail."""
    return {
        "gone": http(echo, 404),
        "busy": http(echo, 429, "Retry-After: 600"),
        "ill": http(echo, 500),
        "elsewhere": http(echo, 302, f"Location: https://example.org/{ADDRESS}"),
        "not-ok": http(echo, 200 if echo == ROOM_ECHO else 401),
        "dropped": Raw(),
        "nonsense": Raw(echo.encode() + b"\r\n\r\n"),
        "nobody": None,
    }


ROOMS, HOOKS = posts(ROOM_ECHO), posts(f"{ROOM_ECHO} Bearer {TOKEN}")


async def settings(folder: Path, stack: AsyncExitStack) -> str:
    """Write the secrets; return settings with a channel for every kind of failure."""
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    (secrets / "token").write_text(TOKEN + "\n", encoding="utf-8")
    lines = []
    for name, script in MAILS.items():
        port = await stack.enter_async_context(tcp_server(script))
        lines.append(
            f"  {name}: {{type: email, host: 127.0.0.1, port: {port}, starttls: none, username:"
            " watch, password_file: secrets/password, from: w@example.org, to: [a@example.org]}"
        )
    kinds = {
        "room": (ROOMS, "{type: slack, webhook_file: secrets/%s}"),
        "hook": (HOOKS, "{type: webhook, url_file: secrets/%s, token_file: secrets/token}"),
    }
    for kind, (doubles, channel) in kinds.items():
        for name, raw in doubles.items():
            port = await (stack.enter_async_context(tcp_server(raw)) if raw else closed_port())
            file = secrets / f"{kind}-{name}"
            file.write_text(f"http://127.0.0.1:{port}/{ADDRESS}\n", encoding="utf-8")
            lines.append(f"  {file.name}: {channel % file.name}")
    lines.append("  held: {type: slack, webhook_file: secrets/room-dropped, on_uncertain: hold}")
    names = ", ".join(line.split(":")[0].strip() for line in lines)
    text = SETTINGS.replace("channels:\n", "channels:\n" + "\n".join(lines) + "\n", 1)
    return text.replace("[folder], at", f"[{names}, folder], at")


async def rounds(config: Path, clock, feeds: FeedServer) -> None:
    """Two days of digests that nobody takes."""
    async with Service(load(config), clock=clock, observer=LogObserver()) as service:
        for hours in (0, 2, 18, 27):
            clock.set(clock.now() + timedelta(hours=hours))
            feeds.show("/a", Shown(f"Drones reach Russia {hours}", f"d{hours}"))
            await service.once()
        assert len(service.store.ledger.unsent()) > len(ROOMS)


def said_by_commands(config: Path) -> str:
    said = ""
    for words in (["status"], ["digest", "list"]):
        command = [sys.executable, "-m", "monitor", *words, "-c", str(config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
    return said


def refusals(config: Path, clock) -> str:
    """Return what is said when no secret fits its channel, with the whole traceback."""
    secrets = config.parent / "secrets"
    for name in ROOMS:
        (secrets / f"room-{name}").write_text(f"ftp://example.org/{ADDRESS}", encoding="utf-8")
    (secrets / "token").write_text(f"{TOKEN}\nsecond line {TOKEN}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        open_channels(load(config), clock)
    return "".join(traceback.format_exception(caught.value))


async def beats() -> str:
    said = []
    for raw in ROOMS.values():
        async with AsyncExitStack() as stack:
            port = await (stack.enter_async_context(tcp_server(raw)) if raw else closed_port())
            said.append(await Heartbeat(f"http://127.0.0.1:{port}/{BEAT}").beat())
    return "\n".join(said)


SHAPES = [
    shape
    for secret in (PASSWORD, ADDRESS, TOKEN, BEAT)
    for shape in (secret, quote(secret, safe=""), b64encode(secret.encode()).decode(), secret[7:])
] + [PAIR]


def leaks(text: str) -> list[str]:
    return [shape for shape in SHAPES if shape in text]


async def test_after_every_failure_no_secret_stands_anywhere(tmp_path, clock, caplog):
    """Not in a file that we wrote, not in the log at its finest, not in what commands say."""
    caplog.set_level(logging.DEBUG)
    log = io.StringIO()
    logs.set_up(verbose=True, stream=log)
    feeds = FeedServer()
    runner = await feeds.start()
    async with AsyncExitStack() as stack:
        text = await settings(tmp_path, stack)
        config = make_desk(tmp_path, [feeds.base + "/a"], text)
        await rounds(config, clock, feeds)
        heard = await beats()
    await runner.cleanup()
    written = [one for one in tmp_path.rglob("*") if one.is_file() and "secrets" not in one.parts]
    assert any(one.name == "news.db" for one in written)
    assert any("backups" in one.parts for one in written), "no backup was made to look into"
    for file in written:
        raw = file.read_bytes().decode("utf-8", "replace")
        assert leaks(raw) == [], file
    commands = said_by_commands(config)
    assert "room-gone" in commands or "not delivered" in commands
    for place, said in {
        "log": log.getvalue(),
        "foreign loggers": caplog.text,
        "commands": commands,
        "heartbeat": heard,
        "refusals": refusals(config, clock),
    }.items():
        assert said or place == "foreign loggers", place
        assert leaks(said) == [], place
    assert "[hidden]" in log.getvalue(), "no server echoed anything: the test tests nothing"
    assert all(json.loads(line) for line in log.getvalue().splitlines())
