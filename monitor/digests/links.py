"""Addresses that a reader may click: http and https only, and the host that they really open.

Never opens one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

_MAX_LENGTH = 2000  # longer ones are cut by mail programs, and then they lie
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
# What RFC 3986 lets stand; everything else, direction marks and brackets above all, is encoded.
_KEEP = "%!#$&'()*+,/:;=?@~-._"
_HOST = re.compile(r"[a-z0-9.\-]{1,253}|\[[0-9a-f:.]+\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """An address in ASCII and the host to show beside it."""

    url: str
    host: str


def link(url: str) -> Link | None:
    """Return a link that is safe to show, or None: other schemes, user names, broken hosts."""
    trimmed = url.strip()
    if not trimmed or len(trimmed) > _MAX_LENGTH or _FORBIDDEN.search(trimmed):
        return None
    try:
        parts = urlsplit(trimmed)
        host = _ascii_host(parts)
        shown = host if parts.port is None else f"{host}:{parts.port}"
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return None
    rest = quote(trimmed.partition("://")[2][len(parts.netloc) :], safe=_KEEP, errors="replace")
    return Link(f"{parts.scheme}://{shown}{rest}", shown)


def _ascii_host(parts: SplitResult) -> str:
    """Return the host as the resolver will see it; a user name in front of it is refused."""
    if "@" in parts.netloc:
        raise ValueError("an address with a user name hides its host")
    name = parts.hostname or ""
    if ":" in name:
        return f"[{name}]"
    return name if name.isascii() else name.encode("idna").decode("ascii")
