"""The room of settings: newsmonitor.yaml to checked values, every fault with its line. Pure."""

from monitor.config.channels import (
    AppriseChannel,
    Channel,
    EmailChannel,
    FileChannel,
    SlackChannel,
    WebhookChannel,
)
from monitor.config.readers import AlertSettings, DigestSettings
from monitor.config.settings import Settings, load_settings
from monitor.config.upkeep import BackupSettings, HeartbeatSettings, RetentionSettings

__all__ = [
    "AlertSettings",
    "AppriseChannel",
    "BackupSettings",
    "Channel",
    "DigestSettings",
    "EmailChannel",
    "FileChannel",
    "HeartbeatSettings",
    "RetentionSettings",
    "Settings",
    "SlackChannel",
    "WebhookChannel",
    "load_settings",
]
