"""What one fetch may cost at most. Only numbers with their reasons; whoever reads enforces them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch, all redirects included."""

    total_s: float = 30.0  #: slow honest feeds take 10; only a total ends a drip of single bytes
    connect_s: float = 10.0  #: name, TCP and TLS of one hop; a dead host must not take the total
    body_bytes: int = 10 * 2**20  #: after decoding; the largest newsroom feeds have 2 to 4 MiB
    error_body_bytes: int = 256 * 2**10  #: of an answer that is no success: challenge pages fit
    error_body_s: float = 5.0  #: its status is known already and the rest is rarely worth waiting
    hops: int = 5  #: the longest honest chain seen is 3 (scheme, host, path)
    headers: int = 1_000  #: some newsrooms send several hundred
    header_bytes: int = 16 * 2**10  #: of one header: content security policies reach 10 KiB
