"""Reads addresses and judges where a redirect may lead.

Whether a host may be dialled is not asked here but by the wall, at the moment of dialling.
"""

from __future__ import annotations

from collections.abc import Sequence

from yarl import URL

from monitor import urls
from monitor.errors import FetchError
from monitor.model.feeds import PollOutcome

#: 300, 304 and the retired 305 and 306 are answers, not ways to go on (RFC 9110, 15.4).
STATUSES = frozenset({301, 302, 303, 307, 308})

_UNREADABLE = "the address is no http or https address; correct it in feeds.yaml"


def start(url: str) -> URL:
    """Return the address of a feed, ready to be asked. Raises FetchError."""
    if urls.is_plain(url):
        return URL(url, encoded=True)  # as most are: there is nothing to quote or to refuse
    try:
        address = URL(url.strip()).with_fragment(None)
    except ValueError as exc:
        raise FetchError(PollOutcome.REFUSED, _UNREADABLE) from exc
    if address.user is not None or address.password is not None:
        raise FetchError(
            PollOutcome.REFUSED,
            f"{address.host}: the address holds a user name or password, "
            "which would be stored and shown; take it out in feeds.yaml",
        )
    if not urls.host(str(address)):
        raise FetchError(PollOutcome.REFUSED, _UNREADABLE)
    return address


def follow(seen: Sequence[URL], status: int, location: str | None, most: int) -> URL:
    """Return where a redirect leads. Raises FetchError where no client should go.

    ``seen`` are the addresses asked so far, ``most`` is how many redirects may be followed.
    """
    here = seen[-1]
    said = f"{here.host}: answered {status}"
    if location is None:
        raise FetchError(PollOutcome.REDIRECT, f"{said} without saying where to go")
    target = _target(here, location, said)
    if target in seen:
        cookies = "some sites do so to clients that send no cookies"
        raise FetchError(PollOutcome.REDIRECT, f"{said}, redirecting in a circle; {cookies}")
    if len(seen) > most:
        raise FetchError(PollOutcome.REDIRECT, f"{said}, more than {most} redirects")
    return target


def _target(here: URL, location: str, said: str) -> URL:
    try:
        target = here.join(URL(_as_utf8(location))).with_fragment(None)
    except ValueError as exc:
        raise FetchError(PollOutcome.REDIRECT, f"{said} with a target that cannot be read") from exc
    if target.scheme not in {"http", "https"}:
        scheme = target.scheme[:20]
        raise FetchError(PollOutcome.REFUSED, f"{said} with a target of the scheme {scheme!r}")
    if target.user is not None or target.password is not None:
        raise FetchError(PollOutcome.REDIRECT, f"{said} with a user name in the target")
    if not urls.host(str(target)):
        raise FetchError(PollOutcome.REDIRECT, f"{said} with a target that cannot be read")
    if (here.scheme, target.scheme) == ("https", "http"):
        raise FetchError(
            PollOutcome.REDIRECT,
            f"{said}, leading from https to plain http on {target.host}; "
            "give that address in feeds.yaml if you accept it",
        )
    return target


def _as_utf8(location: str) -> str:
    """Return a header as text: many servers put raw UTF-8 there, which no standard allows."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location
