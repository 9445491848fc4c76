"""What the service keeps, copies and shows of itself."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from monitor.config.values import Duration
from monitor.documents import Document, Field, field_validator

DAY = 86_400.0


class RetentionSettings(Document):
    """How long things are kept; what a story or a digest holds outlives the rest."""

    items: Duration = Field(
        default=180 * DAY, description="age at which an item without a hit loses its text"
    )
    hits: Duration = Field(
        default=730 * DAY, description="age at which items with hits, and their stories, go"
    )
    polls: Duration = Field(default=35 * DAY, description="age at which rows of polls go")
    most_items: int = Field(
        default=5_000_000, ge=1_000, description="items with text; beyond, the oldest lose theirs"
    )


class BackupSettings(Document):
    """Copies of the database, checked when they are made."""

    folder: str = Field(default="backups/", description="where copies go; '' makes none")
    every: Duration = Field(default=DAY, gt=0, description="time between two copies")
    keep: int = Field(default=7, ge=1, le=1_000, description="how many copies are kept")


class HttpSettings(Document):
    """A small server on this machine for health checks and metrics; off without an address."""

    listen: str = Field(default="", description="loopback address and port, as 127.0.0.1:9464")

    @field_validator("listen")
    @classmethod
    def _loopback(cls, value: Any) -> Any:
        if value:
            host, colon, port = str(value).rpartition(":")
            if not colon or not port.isdigit() or not 0 <= int(port) < 65_536:
                raise ValueError(f"'{value}' is no address; write it as 127.0.0.1:9464")
            if not ip_address(host.strip("[]")).is_loopback:
                raise ValueError("only loopback: metrics name feeds, and nobody logs in here")
        return value


class HeartbeatSettings(Document):
    """An address that is asked while all is well, so that its silence raises an alarm."""

    url_file: str = Field(default="", description="file with the address")
    url_env: str = Field(default="", description="environment variable with the address")
    every: Duration = Field(default=3_600.0, gt=0, description="time between two calls")
