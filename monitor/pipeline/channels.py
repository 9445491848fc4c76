"""Channels from settings: the secrets are read here, once, and go nowhere else."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.clock import Clock
from monitor.config import (
    AppriseChannel,
    EmailChannel,
    FileChannel,
    SlackChannel,
    WebhookChannel,
)
from monitor.config import Channel as ChannelSettings
from monitor.delivery import AppriseChannel as Service
from monitor.delivery import (
    AppriseSettings,
    Channel,
    FileSettings,
    Security,
    SlackSettings,
    SmtpChannel,
    SmtpSettings,
    WebhookSettings,
    check_mention,
    mailbox,
    unsubscribe_headers,
)
from monitor.delivery import FileChannel as Folder
from monitor.delivery import SlackChannel as Room
from monitor.delivery import WebhookChannel as Webhook
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
        return _room(setup, name, settings, clock)
    if isinstance(settings, WebhookChannel):
        return _webhook(setup, name, settings, clock)
    if isinstance(settings, AppriseChannel):
        url = _address(setup, name, settings)
        return Service(AppriseSettings(name, url, holds=_holds(settings)))
    for recipient in settings.to:
        mailbox(recipient)  # one bad address, found only when sending, would cost all their mail
    unsubscribe_headers(settings.unsubscribe or settings.sender, name, settings.to[0])
    return SmtpChannel(_smtp(setup, name, settings))


def _room(setup: Setup, name: str, settings: SlackChannel, clock: Clock) -> Channel:
    check_mention(settings.mention)
    webhook = secret(
        setup,
        f"the webhook of channel '{name}'",
        file=settings.webhook_file,
        env=settings.webhook_env,
    )
    allow_http = _on_this_machine(webhook)
    return Room(SlackSettings(name, webhook, allow_http=allow_http, holds=_holds(settings)), clock)


def _webhook(setup: Setup, name: str, settings: WebhookChannel, clock: Clock) -> Channel:
    url, token = _address(setup, name, settings), ""
    if settings.token_file or settings.token_env:
        token = secret(
            setup,
            f"the token of channel '{name}'",
            file=settings.token_file,
            env=settings.token_env,
        )
    allow_http = _on_this_machine(url)
    return Webhook(
        WebhookSettings(name, url, token, allow_http=allow_http, holds=_holds(settings)), clock
    )


def _address(setup: Setup, name: str, settings: WebhookChannel | AppriseChannel) -> str:
    what = f"the address of channel '{name}'"
    return secret(setup, what, file=settings.url_file, env=settings.url_env)


def _holds(settings: EmailChannel | SlackChannel | WebhookChannel | AppriseChannel) -> bool:
    return settings.on_uncertain == "hold"


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
        holds=_holds(settings),
    )


def _on_this_machine(address: str) -> bool:
    """Plain http is allowed to a loopback address only: a relay or a test on this machine."""
    try:
        return ip_address(urlsplit(address).hostname or "").is_loopback
    except ValueError:
        return False
