"""Faults 78 to 95: what each does to a delivery, against real servers of this machine.

Every row runs through dispatch and the real ledger: what is tried again, what is final, what may
have arrived, and that one attempt is one message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from monitor.clock import SteppedClock
from monitor.delivery import (
    Channel,
    SlackChannel,
    SlackSettings,
    SmtpChannel,
    SmtpSettings,
    WebhookChannel,
    WebhookSettings,
    compose,
    dispatch,
)
from monitor.delivery.smtp import Security
from monitor.model import Delivery, DeliveryState, Message
from monitor.store import Store
from tests.delivery.conftest import NOW
from tests.delivery.servers import (
    DROP,
    HANG,
    Inbox,
    Raw,
    Script,
    closed_port,
    smtp_server,
    tcp_server,
)

SENT, RETRY, DEAD = DeliveryState.SENT, DeliveryState.RETRY, DeliveryState.DEAD
LOGIN = b"250-c.example.org\r\n250 AUTH PLAIN"
MAIL_OF_EIGHT_BITS = compose(
    digest_id="daily/2026-11-21", profile="daily", channel="it", sender="w@example.org",
    recipient="a@example.org", subject="Дроны · پهپاد", text="Дроны\n" + "پهپاد " * 400,
    html="<p dir=rtl>پهپاد</p>", date=NOW,
)  # fmt: skip


@dataclass
class Row:
    """One fault: who misbehaves, and what must become of the delivery."""

    channel: str
    double: Script | Raw | None
    state: DeliveryState
    uncertain: bool = False
    wait_s: tuple[float, float] = (60, 120)
    said: str = ""
    changes: dict[str, object] | None = None


def http(status: int, text: str = "", *more: str) -> Raw:
    head = "".join(f"{line}\r\n" for line in (*more, f"Content-Length: {len(text)}"))
    return Raw(f"HTTP/1.1 {status} X\r\n{head}\r\n{text}".encode())


def row(name: str, *args: object, **more: object) -> object:
    return pytest.param(Row(*args, **more), id=name)  # type: ignore[arg-type]


REFUSED = Security.REQUIRED
SMTP_FAULTS = [
    row("78 SMTP refused", "mail", None, RETRY),
    row("79 no STARTTLS while required", "mail", Script(), RETRY, said="STARTTLS",
        changes={"security": REFUSED}),
    row("81 421 at the door", "mail", Script(greeting=b"421 busy"), RETRY, said="421"),
    row("81 421 after MAIL", "mail", Script({"MAIL": b"421 going down"}), RETRY, said="421"),
    row("81 451 after RCPT: greylisted", "mail", Script({"RCPT": b"451 later"}), RETRY, said="451"),
    row("81 451 after the dot: surely not kept", "mail", Script(body=b"451 no"), RETRY, said="451"),
    row("82 550 for the recipient", "mail", Script({"RCPT": b"550 nobody"}), DEAD, said="550"),
    row("83 552 too big, at MAIL", "mail", Script({"MAIL": b"552 too big"}), DEAD, said="552"),
    row("83 552 too big, after the dot", "mail", Script(body=b"552 too big"), DEAD, said="552"),
    row("84 drop after DATA", "mail", Script(body=DROP), RETRY, True),
    row("85 hang after DATA", "mail", Script(body=HANG), RETRY, True),
    row("86 AUTH fails", "mail", Script({"EHLO": LOGIN, "AUTH": b"535 no"}), DEAD, said="535",
        changes={"username": "watch", "password": "wrong"}),
    row("86 AUTH fails for now", "mail", Script({"EHLO": LOGIN, "AUTH": b"454 later"}), RETRY,
        said="454", changes={"username": "watch", "password": "wrong"}),
    row("87 8BITMIME absent", "mail", Script({"EHLO": b"250 c.example.org"}), SENT),
]  # fmt: skip
HTTP_FAULTS = [
    row("88 Slack 429, Retry-After 2", "slack", http(429, "slow", "Retry-After: 2"), RETRY,
        wait_s=(2, 2)),
    row("88 Slack 429, Retry-After 3,600", "slack", http(429, "slow", "Retry-After: 3600"), RETRY,
        wait_s=(3600, 3600)),
    row("89 Slack 500", "slack", http(500, "rollup_error"), RETRY, said="rollup_error"),
    row("90 Slack 400", "slack", http(400, "invalid_blocks"), DEAD, said="invalid_blocks"),
    row("91 Slack 404", "slack", http(404, "no_service"), DEAD, said="no_service"),
    row("92 Slack 410", "slack", http(410, "channel_is_archived"), DEAD, said="archived"),
    row("93 Slack 200 with another body than ok", "slack", http(200, "<html>login"), DEAD),
    row("94 Slack disconnects after the POST", "slack", Raw(), RETRY, True),
    row("94 Slack hangs after the POST", "slack", Raw(hang=True), RETRY, True),
    row("94 Slack breaks off in its answer", "slack",
        Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\no"), RETRY, True),
    row("95 Slack redirects", "slack", http(302, "", "Location: /other"), DEAD, said="redirect"),
    row("95 Slack redirects for good", "slack", http(308, "", "Location: /other"), DEAD,
        said="redirect"),
    row("88 webhook 429", "hook", http(429, "slow", "Retry-After: 7"), RETRY, wait_s=(7, 7)),
    row("89 webhook 503", "hook", http(503, "", "Retry-After: 60"), RETRY, wait_s=(60, 60)),
    row("90 webhook 400", "hook", http(400, "what?"), DEAD, said="what?"),
    row("90 webhook 401", "hook", http(401), DEAD, said="token"),
    row("92 webhook 410", "hook", http(410), DEAD),
    row("93 webhook 204", "hook", Raw(b"HTTP/1.1 204 X\r\n\r\n"), SENT),
    row("94 webhook disconnects after the POST", "hook", Raw(), RETRY, True),
    row("94 webhook hangs after the POST", "hook", Raw(hang=True), RETRY, True),
    row("95 webhook redirects", "hook", http(307, "", "Location: /x"), DEAD, said="redirect"),
    row("nobody listens at the webhook", "hook", None, RETRY),
]  # fmt: skip


def mail(port: int, **changes: object) -> Channel:
    given: dict[str, object] = {"security": Security.NONE, "timeout_s": 0.3, "helo": "c.example"}
    return SmtpChannel(
        SmtpSettings("it", "127.0.0.1", "w@example.org", port, **{**given, **changes})  # type: ignore[arg-type]
    )


def slack(port: int, **changes: object) -> Channel:
    url = f"http://127.0.0.1:{port}/services/T1/B1/xyz"
    given: dict[str, object] = {"allow_http": True, "timeout_s": 0.3, "gap_s": 0.0}
    return SlackChannel(SlackSettings("it", url, **{**given, **changes}), SteppedClock(NOW))  # type: ignore[arg-type]


def hook(port: int, **changes: object) -> Channel:
    given: dict[str, object] = {"allow_http": True, "timeout_s": 0.3, "token": "t0ken"}
    url = f"http://127.0.0.1:{port}/news"
    return WebhookChannel(WebhookSettings("it", url, **{**given, **changes}), SteppedClock(NOW))  # type: ignore[arg-type]


MAKERS: dict[str, Callable[..., Channel]] = {"mail": mail, "slack": slack, "hook": hook}


@asynccontextmanager
async def door(double: Script | Raw | None) -> AsyncIterator[int]:
    if double is None:
        yield await closed_port()
    else:
        async with tcp_server(double) as port:
            yield port


def message(channel: str, to: str = "a@example.org") -> Message:
    if channel == "mail":
        return Message("it", to, 1, 1, f"<{to}>", MAIL_OF_EIGHT_BITS, "message/rfc822")
    return Message("it", to, 1, 1, "n", b'{"text": "2 stories"}', "application/json")


def arrived(double: Script | Raw | None) -> list[bytes]:
    """Return what came through whole: mails after the dot, requests with their bodies."""
    if double is None:
        return []
    return double.bodies if isinstance(double, Script) else double.requests


def only(store: Store) -> Delivery:
    (row,) = store.ledger.listed()
    return row


@pytest.mark.parametrize("fault", [*SMTP_FAULTS, *HTTP_FAULTS])
async def test_a_fault_has_its_class(store, fault):
    """Tried again in its time, or final, or marked as a possible repeat; never more than one."""
    clock = SteppedClock(NOW)
    store.ledger.add("daily/2026-11-21", [message(fault.channel)], NOW)
    if fault.double is not None:
        arrived(fault.double).clear()
    async with door(fault.double) as port:
        channel = MAKERS[fault.channel](port, **(fault.changes or {}))
        report = await dispatch(store.ledger, {"it": channel}, clock)
    now = only(store)
    assert (now.state, now.attempts) == (fault.state, 1)
    assert now.repeat is fault.uncertain
    assert fault.said in now.error
    assert len(arrived(fault.double)) <= 1
    if fault.state is RETRY:
        wait = (now.due_at - NOW).total_seconds()
        assert fault.wait_s[0] <= wait <= fault.wait_s[1]
    assert bool(report.dead) is (fault.state is DEAD)


HELD = [
    pytest.param("mail", lambda: Script(body=DROP), id="84 drop after DATA"),
    pytest.param("mail", lambda: Script(body=HANG), id="85 hang after DATA"),
    pytest.param("slack", Raw, id="94 Slack disconnects after the POST"),
    pytest.param("hook", Raw, id="94 webhook disconnects after the POST"),
]


@pytest.mark.parametrize(("kind", "make"), HELD)
@pytest.mark.parametrize("holds", [False, True], ids=["resend", "hold"])
async def test_what_may_have_arrived_obeys_on_uncertain(store, kind, make, holds):
    """With resend it goes once more, the same bytes or marked; with hold it waits for a person."""
    clock, double = SteppedClock(NOW), make()
    store.ledger.add("daily/2026-11-21", [message(kind)], NOW)
    async with tcp_server(double) as port:
        channel = MAKERS[kind](port, holds=holds)
        await dispatch(store.ledger, {"it": channel}, clock)
        assert only(store).state is (DeliveryState.UNCERTAIN if holds else RETRY)
        clock.set(NOW + timedelta(minutes=3))
        await dispatch(store.ledger, {"it": channel}, clock)
        assert len(arrived(double)) == (1 if holds else 2)
        if holds:
            assert store.ledger.resend(only(store).id, clock.now()) is not None
            await dispatch(store.ledger, {"it": channel}, clock)
            assert len(arrived(double)) == 2
    first, second = arrived(double)
    if kind == "slack":
        assert b"repeat" not in first
        assert b"Possibly a repeat" in second
    else:
        assert first.replace(b"\r\n", b"\n") == second.replace(b"\r\n", b"\n")


async def test_80_a_certificate_that_nobody_vouches_for_gets_nothing(store, certificate):
    """80 self-signed: no mail and no password leaves; it is tried again, since it can be mended."""
    inbox, clock = Inbox(), SteppedClock(NOW)
    store.ledger.add("d", [message("mail")], NOW)
    async with smtp_server(inbox, certificate.server) as port:
        channel = mail(port, security=Security.REQUIRED, username="u", password="p", timeout_s=2.0)
        await dispatch(store.ledger, {"it": channel}, clock)
    assert only(store).state is RETRY
    assert "certificate" in only(store).error.lower()
    assert (inbox.received, inbox.logins) == ([], [])


async def test_82_one_refused_recipient_of_three_costs_the_others_nothing(store):
    """82 550 for one of three: two have their mail, one is a dead letter, nobody gets it twice."""
    inbox, clock = Inbox({"b@example.org": "550 nobody"}), SteppedClock(NOW)
    people = [f"{one}@example.org" for one in "abc"]
    store.ledger.add("d", [message("mail", to) for to in people], NOW)
    async with smtp_server(inbox) as port:
        channel = mail(port, timeout_s=2.0)
        for hours in (0, 1, 5):
            clock.set(NOW + timedelta(hours=hours))
            await dispatch(store.ledger, {"it": channel}, clock)
    assert [to for _, tos, _ in inbox.received for to in tos] == ["a@example.org", "c@example.org"]
    assert [one.state for one in store.ledger.of_digest("d")] == [SENT, DEAD, SENT]


async def test_83_a_server_that_names_its_limit_is_not_sent_what_exceeds_it(store):
    """83 552: with SIZE on offer the mail is refused before it travels."""
    inbox, clock = Inbox(), SteppedClock(NOW)
    store.ledger.add("d", [message("mail")], NOW)
    async with smtp_server(inbox, limit=500) as port:
        await dispatch(store.ledger, {"it": mail(port, timeout_s=2.0)}, clock)
    assert only(store).state is DEAD
    assert inbox.received == []


def test_87_a_mail_needs_no_eight_bit_server():
    """87 8BITMIME absent: Cyrillic and Persian travel as ASCII, in lines of an allowed length."""
    assert MAIL_OF_EIGHT_BITS.isascii()
    assert max(len(line) for line in MAIL_OF_EIGHT_BITS.split(b"\r\n")) <= 998
    assert MAIL_OF_EIGHT_BITS.replace(b"\r\n", b"").count(b"\n") == 0


async def test_88_a_wait_of_an_hour_outlives_a_restart(tmp_path):
    """88 429 with 3,600: a program that starts again asks not a second earlier."""
    clock, double = SteppedClock(NOW), http(429, "slow", "Retry-After: 3600")
    async with tcp_server(double) as port:
        store = Store.writer(tmp_path / "a.db")
        store.ledger.add("d", [message("slack")], NOW)
        await dispatch(store.ledger, {"it": slack(port)}, clock)
        store.close()
        store = Store.writer(tmp_path / "a.db")
        store.ledger.recover(clock.now())
        for seconds in (20, 1800, 3599):
            clock.set(NOW + timedelta(seconds=seconds))
            await dispatch(store.ledger, {"it": slack(port)}, clock)
        assert len(double.requests) == 1
        clock.set(NOW + timedelta(seconds=3600))
        await dispatch(store.ledger, {"it": slack(port)}, clock)
        store.close()
    assert len(double.requests) == 2
