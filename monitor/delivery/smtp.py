"""Sends one frozen mail to one recipient by SMTP; the home of aiosmtplib.

The bytes go out as they are. The password goes over an encrypted connection only, or to this very
machine, and never into a message or a log. Nothing is repeated here: that is dispatch's work.
"""

from __future__ import annotations

import asyncio
import ipaddress
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

import aiosmtplib

from monitor.delivery.mail import mailbox
from monitor.delivery.redaction import Redaction
from monitor.errors import DeliveryError
from monitor.model import Message

# One way to log in, the first that the server offers: trying all of them with a wrong password
# counts as several failures there, and locks accounts.
_LOGINS = ("plain", "login", "cram-md5")


class Security(StrEnum):
    """How the connection is protected; the words of the settings file."""

    REQUIRED = "required"  #: STARTTLS, or nothing is sent
    OPTIONAL = "optional"  #: STARTTLS where offered: whoever sits between can prevent it
    NONE = "none"
    IMPLICIT = "implicit"  #: TLS from the first byte, port 465


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail server and how to use it."""

    name: str
    host: str
    sender: str  #: for the envelope; may bear a display name
    port: int = 587
    security: Security = Security.REQUIRED
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""  #: certificates trusted beside the system's
    helo: str = ""  #: by default this machine's name
    timeout_s: float = 60.0  #: for each answer
    total_s: float = 300.0  #: for the whole conversation
    holds: bool = False  #: what may have arrived waits for a person


class SmtpChannel:
    """One mail server; each message has its own connection."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.name = settings.name
        self.holds = settings.holds
        self._settings = settings
        self._sender = mailbox(settings.sender)
        self._quote = Redaction(*_secrets(settings))
        try:
            _Conversation(settings, self._sender)
        except ValueError as error:
            raise DeliveryError(
                f"channel {self.name}: {self._quote(error)}; look at host and helo", permanent=True
            ) from None

    async def send(self, message: Message, *, repeat: bool = False) -> None:  # noqa: ARG002
        """Send ``message`` as it is; a repeat shows itself by its Message-ID.

        Temporary: no connection, no TLS, a 4xx answer. Permanent: a 5xx answer, a refused login
        too, since repeating it locks accounts. Uncertain: no answer once DATA was begun.
        """
        recipient = mailbox(message.recipient)
        talk = _Conversation(self._settings, self._sender)
        try:
            async with asyncio.timeout(self._settings.total_s):
                await talk.open()
                await talk.deliver(recipient, message.body)
        except aiosmtplib.SMTPResponseException as error:
            await talk.say_goodbye()
            raise self._judge(error, recipient, uncertain=talk.begun) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise self._judge(error, recipient, uncertain=talk.begun) from None
        else:
            await talk.say_goodbye()
        finally:
            talk.close()

    def _judge(self, error: Exception, recipient: str, *, uncertain: bool) -> DeliveryError:
        settings = self._settings
        where = f"channel {self.name}: {settings.host}:{settings.port}"
        if isinstance(error, aiosmtplib.SMTPResponseException) and 400 <= error.code < 600:
            said = f"{where} answered {error.code} for {recipient}: {self._quote(error.message)}"
            return DeliveryError(said, permanent=error.code >= 500)
        if isinstance(error, _LoginImpossible):
            return DeliveryError(f"{where}: {error}", permanent=True)
        said = self._quote(error) or type(error).__name__
        if uncertain:
            said = f"no clear answer after DATA, {recipient} may have it all the same: {said}"
        return DeliveryError(f"{where}: {said}", uncertain=uncertain)


class _LoginImpossible(aiosmtplib.SMTPException):
    """The settings ask for a login that cannot be made here."""


class _Conversation:
    """One connection; ``begun`` turns true when the server may have taken the message."""

    def __init__(self, settings: SmtpSettings, sender: str) -> None:
        self._settings = settings
        self._sender = sender
        self._client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.timeout_s,
            use_tls=settings.security is Security.IMPLICIT,
            start_tls=False,  # done below: the library would send in clear where it is not offered
            validate_certs=True,
            cert_bundle=settings.ca_file or None,
            local_hostname=settings.helo or None,
        )
        self.begun = False

    async def open(self) -> None:
        await self._client.connect()
        if self._settings.security in (Security.REQUIRED, Security.OPTIONAL):
            await self._encrypt()
        if self._settings.username:
            await self._log_in()

    async def deliver(self, recipient: str, body: bytes) -> None:
        client = self._client
        # RFC 1870: a message too large is refused before it travels.
        size = [f"size={len(body)}"] if client.supports_extension("size") else []
        await client.mail(self._sender, options=size)
        await client.rcpt(recipient)
        self.begun = True
        await client.data(body)

    async def say_goodbye(self) -> None:
        """End in good manners; the outcome is known and what comes now does not change it."""
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit(timeout=2.0)

    def close(self) -> None:
        self._client.close()

    async def _encrypt(self) -> None:
        await self._client.ehlo()
        if self._client.supports_extension("starttls"):
            await self._client.starttls()
            await self._client.ehlo()
        elif self._settings.security is Security.REQUIRED:
            raise aiosmtplib.SMTPException(
                "the server offers no STARTTLS, so nothing was sent; "
                "set tls: true with port 465 if it wants TLS from the start"
            )

    async def _log_in(self) -> None:
        client, settings = self._client, self._settings
        encrypted = client.get_transport_info("sslcontext") is not None
        peer = client.get_transport_info("peername") or ("",)
        if not may_carry_password(encrypted=encrypted, peer=str(peer[0])):
            raise _LoginImpossible(
                "the password is not sent over a connection without TLS; set starttls: required"
            )
        if client.last_ehlo_response is None:
            await client.ehlo()
        offered = client.supported_auth_methods
        method = next((name for name in _LOGINS if name in offered), None)
        if method is None:
            raise _LoginImpossible(
                f"the server offers no login that we know ({', '.join(_LOGINS)}); "
                "remove username, or ask for another port"
            )
        log_in = {
            "plain": client.auth_plain,
            "login": client.auth_login,
            "cram-md5": client.auth_crammd5,
        }[method]
        await log_in(settings.username, settings.password)


def may_carry_password(*, encrypted: bool, peer: str) -> bool:
    """Whether nobody else can read along: TLS, or the address ``peer`` is this machine's own."""
    try:
        return encrypted or ipaddress.ip_address(peer.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _secrets(settings: SmtpSettings) -> list[str]:
    """Return the password in each shape that a server could read back to us."""
    if not settings.password:
        return []
    pair = f"\0{settings.username}\0{settings.password}"
    raw = [one.encode("utf-8", "replace") for one in (settings.password, pair)]
    return [settings.password, *(b64encode(one).decode("ascii") for one in raw)]
