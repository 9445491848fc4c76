"""How servers are asked, how often, and how their answers are read."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from monitor.config.values import Duration
from monitor.documents import Document, Field, field_validator

Network = IPv4Network | IPv6Network


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
    host_gap: Duration = Field(default=5.0, description="time between two requests to one host")
    timeout: Duration = Field(default=30.0, gt=0, description="time for one whole request")

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

    floor: Duration = Field(default=600.0, ge=1, description="least time between two polls")
    usual: Duration = Field(default=3600.0, ge=1, description="interval without other knowledge")
    fast: Duration = Field(default=900.0, ge=1, description="interval of a feed full of news")
    slow: Duration = Field(default=21_600.0, ge=1, description="interval of a feed without news")
    hosts_apart: tuple[str, ...] = Field(
        default=(),
        description="hosts of many sites: when one feed is told to wait, others need not",
    )


class ParserSettings(Document):
    """The cage in which feed documents are read."""

    workers: int = Field(default=2, ge=1, le=32, description="parser processes")
    deadline: Duration = Field(default=5.0, gt=0, description="time for one document")
    memory_mb: int = Field(default=512, ge=128, description="memory of one parser process, in MB")
