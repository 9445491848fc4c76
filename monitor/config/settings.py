"""newsmonitor.yaml to Settings: strict, every fault with its line. Reads no file and no secret.

Secrets are named here (a file, an environment variable, a systemd credential) and read elsewhere.
"""

from __future__ import annotations

from monitor.config.channels import (
    AppriseChannel,
    Channel,
    EmailChannel,
    SlackChannel,
    WebhookChannel,
)
from monitor.config.readers import AlertSettings, DigestSettings
from monitor.config.upkeep import (
    BackupSettings,
    HeartbeatSettings,
    HttpSettings,
    RetentionSettings,
)
from monitor.config.watching import FetchSettings, ParserSettings, PollingSettings
from monitor.documents import Document, Field, Tree, check, parse
from monitor.errors import InputError, Problem


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
    retention: RetentionSettings = Field(
        default_factory=RetentionSettings, description="how long things are kept"
    )
    backup: BackupSettings = Field(
        default_factory=BackupSettings, description="copies of the database"
    )
    http: HttpSettings = Field(
        default_factory=HttpSettings, description="health and metrics on this machine"
    )
    heartbeat: HeartbeatSettings = Field(
        default_factory=HeartbeatSettings, description="a call that stops when digests stop"
    )


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
    """Find channels that name no place for a secret they cannot do without."""
    found = []
    for name, channel in settings.channels.items():
        missing = _missing_secret(channel)
        if missing:
            what, key = missing
            hint = f"add {key}: a file that holds it, readable by the service only"
            found.append(
                tree.problem(("channels", name), "C002", f"'{name}' names no {what}", hint)
            )
    return found


def _missing_secret(channel: Channel) -> tuple[str, str] | None:
    if isinstance(channel, SlackChannel) and not (channel.webhook_file or channel.webhook_env):
        return "webhook", "webhook_file"
    if isinstance(channel, WebhookChannel | AppriseChannel):
        return None if channel.url_file or channel.url_env else ("address", "url_file")
    if isinstance(channel, EmailChannel) and channel.username:
        named = channel.password_file or channel.password_env
        return None if named else ("password", "password_file")
    return None


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
