"""Channels from settings: the secrets are read here, once, and go nowhere else."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.clock import Clock
from monitor.config import Channel as ChannelSettings
from monitor.config import EmailChannel, FileChannel, SlackChannel
from monitor.delivery import (
    Channel,
    FileSettings,
    Security,
    SlackSettings,
    SmtpChannel,
    SmtpSettings,
    mailbox,
)
from monitor.delivery import FileChannel as Folder
from monitor.delivery import SlackChannel as Room
from monitor.errors import DeliveryError, InputError, Problem
from monitor.files import Setup, secret


def open_channels(setup: Setup, clock: Clock) -> dict[str, Channel]:
    """Return every channel by name; raises InputError for what cannot be opened."""
    opened: dict[str, Channel] = {}
    problems: list[Problem] = []
    for name, settings in setup.settings.channels.items():
        try:
            opened[name] = _open(setup, name, settings, clock)
        except InputError as error:
            problems += error.problems
        except DeliveryError as error:
            problems.append(Problem(str(setup.path), 1, "C005", str(error), "mend the channel"))
    if problems:
        raise InputError(problems)
    return opened


def _open(setup: Setup, name: str, settings: ChannelSettings, clock: Clock) -> Channel:
    if isinstance(settings, FileChannel):
        return Folder(FileSettings(name, setup.resolve(settings.path)))
    if isinstance(settings, SlackChannel):
        webhook = secret(
            setup,
            f"the webhook of channel '{name}'",
            file=settings.webhook_file,
            env=settings.webhook_env,
        )
        return Room(SlackSettings(name, webhook, allow_http=_on_this_machine(webhook)), clock)
    if not isinstance(settings, EmailChannel):
        raise DeliveryError(f"channel {name}: {settings.type} cannot be opened yet", permanent=True)
    for recipient in settings.to:
        mailbox(recipient)  # one bad address, found only when sending, would cost all their mail
    return SmtpChannel(_smtp(setup, name, settings))


def _smtp(setup: Setup, name: str, settings: EmailChannel) -> SmtpSettings:
    password = ""
    if settings.username:
        password = secret(
            setup,
            f"the password of channel '{name}'",
            file=settings.password_file,
            env=settings.password_env,
        )
    security = Security.IMPLICIT if settings.tls else Security(settings.starttls)
    return SmtpSettings(
        name=name,
        host=settings.host,
        sender=settings.sender,
        port=settings.port,
        security=security,
        username=settings.username,
        password=password,
        ca_file=str(setup.resolve(settings.ca_file)) if settings.ca_file else "",
    )


def _on_this_machine(webhook: str) -> bool:
    """Plain http is allowed to a loopback address only: a relay or a test on this machine."""
    try:
        return ip_address(urlsplit(webhook).hostname or "").is_loopback
    except ValueError:
        return False
