"""The mail channel against real and against broken loopback servers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from monitor.delivery import Security, SmtpChannel, SmtpSettings
from monitor.errors import DeliveryError
from tests.delivery.servers import (
    CANARY,
    DROP,
    HANG,
    Inbox,
    Script,
    closed_port,
    mail_message,
    smtp_server,
    tcp_server,
)


def settings(port: int, **changes) -> SmtpSettings:
    plain = SmtpSettings(
        "desk",
        "127.0.0.1",
        "Watch <watch@example.org>",
        port,
        Security.NONE,
        helo="client.example.org",
        timeout_s=2.0,
        total_s=5.0,
    )
    return replace(plain, **changes)


async def refusal(config: SmtpSettings, **message) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await SmtpChannel(config).send(mail_message(**message))
    return caught.value


async def test_sends_the_frozen_bytes_over_starttls_after_login(certificate):
    """What the server keeps is byte for byte what was frozen, dots and blanks included."""
    inbox = Inbox()
    body = b"Subject: x\r\n\r\n.a dot\r\n..two\r\n.\r\ntrailing \r\n\r\nend\r\n"
    async with smtp_server(inbox, certificate.server) as port:
        config = settings(
            port,
            security=Security.REQUIRED,
            ca_file=str(certificate.path),
            username="watch",
            password=CANARY,
        )
        await SmtpChannel(config).send(mail_message(body))
    assert inbox.received == [("watch@example.org", ["a@example.org"], body)]
    assert inbox.logins == [("PLAIN", CANARY)]


async def test_sends_over_implicit_tls(certificate):
    """A server that wants TLS from the first byte gets it."""
    inbox = Inbox()
    async with smtp_server(inbox, certificate.server, implicit=True, login=False) as port:
        config = settings(port, security=Security.IMPLICIT, ca_file=str(certificate.path))
        await SmtpChannel(config).send(mail_message())
    assert len(inbox.received) == 1


async def test_optional_starttls_is_used_where_offered(certificate):
    """A server that demands STARTTLS takes mail from an optional client."""
    inbox = Inbox()
    async with smtp_server(inbox, certificate.server) as port:
        config = settings(port, security=Security.OPTIONAL, ca_file=str(certificate.path))
        await SmtpChannel(config).send(mail_message())
    assert len(inbox.received) == 1


@pytest.mark.parametrize("security", [Security.REQUIRED, Security.IMPLICIT, Security.OPTIONAL])
async def test_an_untrusted_certificate_is_a_temporary_failure(certificate, security):
    """Nothing is sent to a server whose certificate nobody vouches for."""
    inbox = Inbox()
    implicit = security is Security.IMPLICIT
    async with smtp_server(inbox, certificate.server, implicit=implicit) as port:
        error = await refusal(settings(port, security=security))
    assert not error.permanent
    assert not error.uncertain
    assert "certificate" in str(error)
    assert inbox.received == []


async def test_a_certificate_for_another_host_is_refused(certificate):
    """The certificate must name the host of the settings."""
    inbox = Inbox()
    async with smtp_server(inbox, certificate.server) as port:
        config = settings(
            port, host="localhost", security=Security.REQUIRED, ca_file=str(certificate.path)
        )
        error = await refusal(config)
    assert not error.permanent
    assert "localhost" in str(error)
    assert inbox.received == []


async def test_nothing_is_sent_where_required_starttls_is_not_offered():
    """A server without STARTTLS gets neither the mail nor the password."""
    inbox = Inbox()
    async with smtp_server(inbox, login=True) as port:
        config = settings(port, security=Security.REQUIRED, username="watch", password=CANARY)
        error = await refusal(config)
    assert not error.permanent
    assert "STARTTLS" in str(error)
    assert (inbox.received, inbox.logins) == ([], [])


async def test_a_wrong_password_is_tried_once_and_is_permanent(certificate):
    """Repeating a refused login locks accounts; the dead letter is loud at once."""
    inbox = Inbox()
    async with smtp_server(inbox, certificate.server) as port:
        config = settings(
            port,
            security=Security.REQUIRED,
            ca_file=str(certificate.path),
            username="watch",
            password="wrong-secret",
        )
        error = await refusal(config)
    assert error.permanent
    assert "535" in str(error)
    assert "wrong-secret" not in str(error)
    assert len(inbox.logins) == 1


async def test_a_login_that_the_server_does_not_offer_is_permanent():
    """Without a known way to log in no mail goes out."""
    async with tcp_server(Script()) as port:
        error = await refusal(settings(port, username="watch", password=CANARY))
    assert error.permanent
    assert "login" in str(error)


async def test_one_refused_recipient_leaves_the_others_alone():
    """Each recipient has a connection and an outcome of its own."""
    inbox = Inbox(refuse={"b@example.org": "550 no such user"})
    async with smtp_server(inbox, login=False) as port:
        channel = SmtpChannel(settings(port))
        await channel.send(mail_message(to="a@example.org"))
        with pytest.raises(DeliveryError) as caught:
            await channel.send(mail_message(to="b@example.org"))
        await channel.send(mail_message(to="c@example.org"))
    assert caught.value.permanent
    assert [to for _, to, _ in inbox.received] == [["a@example.org"], ["c@example.org"]]


async def test_a_mail_too_large_is_refused_before_it_travels():
    """The size is announced, so that 552 comes before the body is sent."""
    inbox = Inbox()
    async with smtp_server(inbox, limit=100, login=False) as port:
        error = await refusal(settings(port), body=b"Subject: x\r\n\r\n" + b"y" * 200 + b"\r\n")
    assert error.permanent
    assert "552" in str(error)


@pytest.mark.parametrize(
    ("script", "permanent", "uncertain"),
    [
        pytest.param(Script(greeting=b"421 busy"), False, False, id="421 as a greeting"),
        pytest.param(Script(greeting=b"554 go away"), True, False, id="554 as a greeting"),
        pytest.param(Script(greeting=DROP), False, False, id="dropped before the greeting"),
        pytest.param(Script(greeting=b"SSH-2.0-x"), False, False, id="no SMTP server at all"),
        pytest.param(Script({"MAIL": b"451 later"}), False, False, id="451 to MAIL"),
        pytest.param(Script({"MAIL": HANG}), False, False, id="hangs at MAIL"),
        pytest.param(Script({"RCPT": b"450 greylisted"}), False, False, id="450 to RCPT"),
        pytest.param(Script({"RCPT": b"550 unknown"}), True, False, id="550 to RCPT"),
        pytest.param(Script({"RCPT": DROP}), False, False, id="dropped at RCPT"),
        pytest.param(Script({"DATA": b"451 later"}), False, False, id="451 to DATA"),
        pytest.param(Script({"DATA": DROP}), False, True, id="dropped at DATA"),
        pytest.param(Script(body=b"452 disk full"), False, False, id="452 after the body"),
        pytest.param(Script(body=b"552 too big"), True, False, id="552 after the body"),
        pytest.param(Script(body=DROP), False, True, id="dropped after the body"),
        pytest.param(Script(body=HANG), False, True, id="hangs after the body"),
        pytest.param(Script(body=b"kept!"), False, True, id="babbles after the body"),
        pytest.param(Script(body=b"250-" + b"x" * 50_000), False, True, id="endless answer"),
    ],
)
async def test_every_failure_has_its_class(script, permanent, uncertain):
    """4xx and lost connections are temporary, 5xx permanent, silence after DATA uncertain."""
    async with tcp_server(script) as port:
        error = await refusal(settings(port, timeout_s=0.3))
    assert (error.permanent, error.uncertain) == (permanent, uncertain)
    assert error.retry_after_s is None
    assert len(str(error)) < 300


async def test_a_server_that_answers_slowly_for_ever_is_left_at_the_total():
    """No conversation lasts longer than its total, whatever each single answer takes."""
    script = Script(body=HANG)
    async with tcp_server(script) as port, asyncio.timeout(3):
        error = await refusal(settings(port, timeout_s=60, total_s=0.3))
    assert error.uncertain
    assert str(error).endswith("TimeoutError")


async def test_a_refused_connection_is_temporary():
    """A mail server that is down is asked again later."""
    port = await closed_port()
    error = await refusal(settings(port))
    assert (error.permanent, error.uncertain) == (False, False)


async def test_a_failing_goodbye_does_not_undo_a_sent_mail():
    """The server took the mail; what it does at QUIT changes nothing."""
    script = Script({"QUIT": DROP})
    async with tcp_server(script) as port:
        await SmtpChannel(settings(port)).send(mail_message())
    assert script.verbs[-1] == "QUIT"
    assert len(script.bodies) == 1


async def test_a_cancelled_send_says_nothing_more_to_the_server():
    """A send cut short in the body ends the connection; no word may be taken for content."""
    script = Script(body=HANG)
    async with tcp_server(script) as port:
        task = asyncio.create_task(SmtpChannel(settings(port, timeout_s=20)).send(mail_message()))
        await script.has_body.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert "QUIT" not in script.verbs


@pytest.mark.parametrize(
    "recipient",
    [
        pytest.param("a@example.org\r\nRCPT TO:<x@example.net>", id="a line end"),
        pytest.param("a@example.org> SIZE=1 <x@example.net", id="a parameter"),
        pytest.param("", id="nothing"),
        pytest.param("пётр@example.org", id="letters that need SMTPUTF8"),
        pytest.param("a@" + "x" * 300 + ".org", id="a domain too long"),
    ],
)
async def test_an_address_that_is_none_never_reaches_the_server(recipient):
    """What could become a second command is refused for good."""
    script = Script()
    async with tcp_server(script) as port:
        error = await refusal(settings(port), to=recipient)
    assert error.permanent
    assert script.verbs == []


async def test_a_helo_name_that_is_none_is_told_at_the_start():
    """A bad setting shows when the channel is made, not at the first digest."""
    with pytest.raises(DeliveryError, match="helo"):
        SmtpChannel(settings(25, helo="a b\r\nMAIL"))
