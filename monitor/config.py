"""newsmonitor.yaml to Settings: strict, every fault with its line. Reads no file and no secret.

Secrets are named here (a file, an environment variable, a systemd credential) and read elsewhere.
"""

from __future__ import annotations

from datetime import datetime, time
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from monitor.documents import Document, Field, Tree, check, field_validator, parse
from monitor.errors import InputError, Problem
from monitor.times import parse_duration

Network = IPv4Network | IPv6Network
Seconds = Annotated[float, Field(ge=0)]


def _seconds(value: Any) -> Any:
    """Read ``90``, ``30m`` or ``4h``."""
    if isinstance(value, str):
        return parse_duration(value)
    return value


class FetchSettings(Document):
    """How servers are asked."""

    contact: str = Field(
        min_length=3, description="address a publisher can write to; sent in the User-Agent"
    )
    allow_private: tuple[Network, ...] = Field(
        default=(), description="networks of your own that may be dialled, such as 127.0.0.0/8"
    )
    concurrency: int = Field(default=50, ge=1, le=500, description="requests in flight at once")
    per_host: int = Field(default=2, ge=1, le=10, description="requests in flight per host")
    host_gap: Seconds = Field(default=5.0, description="time between two requests to one host")
    timeout: Seconds = Field(default=30.0, gt=0, description="time for one whole request")

    _durations = field_validator("host_gap", "timeout", mode="before")(_seconds)

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable():
            raise ValueError("the contact travels in a header: plain ASCII only")
        if not value.startswith(("mailto:", "https://", "http://")):
            raise ValueError("write the contact as mailto:name@example.org or https://...")
        return value

    @field_validator("allow_private", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError("a list of networks is wanted, such as [127.0.0.0/8]")  # noqa: TRY004
        return tuple(ip_network(str(one), strict=False) for one in value)


class PollingSettings(Document):
    """How often feeds are polled; servers may ask for longer pauses and get them."""

    floor: Seconds = Field(default=600.0, ge=1, description="least time between two polls")
    usual: Seconds = Field(default=3600.0, ge=1, description="interval without other knowledge")
    fast: Seconds = Field(default=900.0, ge=1, description="interval of a feed full of news")
    slow: Seconds = Field(default=21_600.0, ge=1, description="interval of a feed without news")

    _durations = field_validator("floor", "usual", "fast", "slow", mode="before")(_seconds)


class ParserSettings(Document):
    """The cage in which feed documents are read."""

    workers: int = Field(default=2, ge=1, le=32, description="parser processes")
    deadline: Seconds = Field(default=5.0, gt=0, description="time for one document")
    memory_mb: int = Field(default=512, ge=128, description="memory of one parser process, in MB")

    _durations = field_validator("deadline", mode="before")(_seconds)


class EmailChannel(Document):
    """Mail over SMTP, one message per recipient."""

    type: Literal["email"]
    host: str = Field(min_length=1, description="mail server")
    port: int = Field(default=587, ge=1, le=65_535, description="its port")
    starttls: Literal["required", "none"] = Field(
        default="required", description="encryption by STARTTLS; 'none' sends in clear"
    )
    tls: bool = Field(default=False, description="encryption from the first byte (port 465)")
    sender: str = Field(alias="from", min_length=3, description="From: name and address")
    to: tuple[str, ...] = Field(min_length=1, description="recipients, each gets a mail of his own")
    username: str = Field(default="", description="user name for the mail server")
    password_file: str = Field(default="", description="file with the password, or a credential")
    password_env: str = Field(default="", description="environment variable with the password")
    ca_file: str = Field(default="", description="certificates to trust instead of the system's")

    @field_validator("to", "sender")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        for one in [value] if isinstance(value, str) else value:
            if "@" not in one or any(c in one for c in "\r\n\0"):
                raise ValueError(f"'{one[:60]!s}' is not a mail address")
        return value


class SlackChannel(Document):
    """A Slack incoming webhook."""

    type: Literal["slack"]
    webhook_file: str = Field(default="", description="file with the webhook address")
    webhook_env: str = Field(default="", description="environment variable with the address")


class FileChannel(Document):
    """A folder into which digests are written."""

    type: Literal["file"]
    path: str = Field(min_length=1, description="the folder; made when missing")
    formats: tuple[Literal["html", "text", "slack"], ...] = Field(
        default=("html", "text", "slack"), description="which forms of the digest to write"
    )


Channel = Annotated[EmailChannel | SlackChannel | FileChannel, Field(discriminator="type")]


class DigestSettings(Document):
    """One reader's digest."""

    channels: tuple[str, ...] = Field(min_length=1, description="names of channels")
    at: str = Field(default="07:00", description="wall time in the reader's zone, HH:MM")
    timezone: str = Field(default="UTC", description="zone name, such as Europe/Berlin")
    watchlists: Literal["all"] | tuple[str, ...] = Field(
        default="all", description="all, or names of watchlists"
    )
    language: str = Field(
        default="en", description="the language headlines are shown in where a story has several"
    )
    when_empty: Literal["always", "never"] = Field(
        default="always", description="whether a digest without a story is sent"
    )

    @field_validator("at")
    @classmethod
    def _wall_time(cls, value: str) -> str:
        try:
            datetime.strptime(value, "%H:%M")  # noqa: DTZ007 - a wall time has no zone
        except ValueError:
            raise ValueError(f"'{value}' is not a wall time; write it as \"07:00\"") from None
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"'{value}' is no zone name; write one such as Europe/Berlin or UTC")
        return value

    @property
    def wall_time(self) -> time:
        return time.fromisoformat(self.at)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class AlertSettings(Document):
    """Stories sent at once; read and checked now, sent by a later release."""

    channels: tuple[str, ...] = Field(min_length=1, description="names of channels")
    level: Literal["info", "low", "medium", "high", "critical"] = Field(
        default="high", description="the least level that alerts"
    )
    cool_down: Seconds = Field(default=14_400.0, description="time before a story alerts again")

    _durations = field_validator("cool_down", mode="before")(_seconds)


class Settings(Document):
    """The whole of newsmonitor.yaml."""

    database: str = Field(default="newsmonitor.db", description="the SQLite file")
    feeds: str = Field(default="feeds.yaml", description="the feeds to poll")
    watchlists: str = Field(default="watchlists/", description="folder of watchlists")
    fetch: FetchSettings = Field(description="how servers are asked")
    polling: PollingSettings = Field(
        default_factory=PollingSettings, description="how often feeds are polled"
    )
    parser: ParserSettings = Field(
        default_factory=ParserSettings, description="the cage of the feed parser"
    )
    channels: dict[str, Channel] = Field(default={}, description="where digests go, by name")
    digests: dict[str, DigestSettings] = Field(default={}, description="digests, by name")
    alerts: dict[str, AlertSettings] = Field(default={}, description="alerts, by name")


def load_settings(text: str, source: str) -> Settings:
    """Read newsmonitor.yaml; raises InputError (Y0xx, C001 channel, C002 secret, C003 name)."""
    tree = parse(text, source)
    settings = check(Settings, tree)
    problems = [*_unknown_channels(tree, settings), *_secrets(tree, settings)]
    problems += _bad_names(tree, settings)
    if problems:
        raise InputError(problems)
    return settings


def _unknown_channels(tree: Tree, settings: Settings) -> list[Problem]:
    found = []
    for section, plans in (("digests", settings.digests), ("alerts", settings.alerts)):
        for name, plan in plans.items():
            for wanted in plan.channels:
                if wanted not in settings.channels:
                    have = ", ".join(settings.channels) or "none"
                    found.append(
                        tree.problem(
                            (section, name, "channels"),
                            "C001",
                            f"there is no channel '{wanted}'",
                            f"channels defined: {have}",
                        )
                    )
    return found


def _secrets(tree: Tree, settings: Settings) -> list[Problem]:
    found = []
    for name, channel in settings.channels.items():
        path = ("channels", name)
        if isinstance(channel, SlackChannel) and not (channel.webhook_file or channel.webhook_env):
            hint = "add webhook_file: a file that holds the address, readable by the service only"
            found.append(tree.problem(path, "C002", f"'{name}' names no webhook", hint))
        if isinstance(channel, EmailChannel) and channel.username:
            if channel.password_file or channel.password_env:
                continue
            hint = "add password_file: a file that holds it, readable by the service only"
            found.append(tree.problem(path, "C002", f"'{name}' names no password", hint))
    return found


def _bad_names(tree: Tree, settings: Settings) -> list[Problem]:
    """Names become parts of file names and message ids, so they are plain words."""
    found = []
    for section in ("channels", "digests", "alerts"):
        for name in getattr(settings, section):
            if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
                what = f"'{name[:40]}' is no name"
                hint = "use letters, digits, - and _"
                found.append(tree.problem((section, name), "C003", what, hint))
    return found
