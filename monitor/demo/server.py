"""Serves the recorded day on loopback, with the good and the bad manners of real servers.

Listens on 127.0.0.1 at a free port, nowhere else, and reads no clock but the one it is given, so
that a day may pass in seconds. Knows nothing of the poller that asks.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from aiohttp import web

from monitor.clock import Clock
from monitor.demo.feed_documents import feed_document
from monitor.demo.sample import NewsDay, SampleFeed, TroubleKind

_CONTENT_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
}
_CHALLENGE = "<!doctype html><title>Just a moment</title><p>Checking that you are no robot.</p>"
_NEW_PAGE = "<!doctype html><title>Our new pages</title><p>Welcome. The old feeds have moved.</p>"


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request, as the server saw it."""

    at: datetime  #: simulated
    path: str
    status: int
    conditional: bool
    bytes: int  #: of the answer's body, as sent
    user_agent: str


@dataclass(slots=True)
class SampleServer:
    """The running server: where it is, and what it was asked."""

    base: str
    day: NewsDay
    requests: list[LoggedRequest] = field(default_factory=list)

    def feeds_yaml(self) -> str:
        """Return a feeds.yaml for the served feeds, in the order of the day."""
        blocks = [_feed_yaml(self.base, feed) for feed in self.day.feeds]
        return "feeds:\n" + "".join(blocks)


@asynccontextmanager
async def serve(day: NewsDay, clock: Clock) -> AsyncIterator[SampleServer]:
    """Serve ``day`` until the block ends; port 0, so that two may run side by side."""
    server = SampleServer("", day)
    runner = web.AppRunner(_application(server, clock), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        server.base = f"http://127.0.0.1:{port}"
        yield server
    finally:
        await runner.cleanup()


def _application(server: SampleServer, clock: Clock) -> web.Application:
    feeds = {feed.path: feed for feed in server.day.feeds}
    targets = {feed.behaviour.moved_to: feed for feed in feeds.values() if feed.behaviour.moved_to}

    async def handle(request: web.Request) -> web.Response:
        now = clock.now()
        answer = _answer(request, feeds.get(request.path), targets.get(request.path), now)
        server.requests.append(_logged(request, answer, now))
        return answer

    application = web.Application()
    application.router.add_get("/{path:.*}", handle)
    return application


def _logged(request: web.Request, answer: web.Response, now: datetime) -> LoggedRequest:
    asked = request.headers
    conditional = "If-None-Match" in asked or "If-Modified-Since" in asked
    size = len(answer.body) if isinstance(answer.body, bytes) else 0
    agent = asked.get("User-Agent", "")
    return LoggedRequest(now, request.path, answer.status, conditional, size, agent)


def _answer(
    request: web.Request, feed: SampleFeed | None, moved: SampleFeed | None, now: datetime
) -> web.Response:
    if feed is not None and feed.behaviour.moved_to:
        status = HTTPStatus.MOVED_PERMANENTLY
        return web.Response(status=status, headers={"Location": feed.behaviour.moved_to})
    found = feed or moved
    if found is None:
        return _page(HTTPStatus.NOT_FOUND, "<!doctype html><title>Not found</title>")
    return _refusal(found, now) or _document(request, found, now)


def _refusal(feed: SampleFeed, now: datetime) -> web.Response | None:
    """Return the answer of a server in trouble, None when it serves a document."""
    match feed.behaviour.trouble_at(now):
        case TroubleKind.GONE:
            return _page(HTTPStatus.GONE, "<!doctype html><title>Gone</title>")
        case TroubleKind.NOT_FOUND:
            return _page(HTTPStatus.NOT_FOUND, "<!doctype html><title>Not found</title>")
        case TroubleKind.CHALLENGE:
            return _page(HTTPStatus.FORBIDDEN, _CHALLENGE, {"cf-mitigated": "challenge"})
        case TroubleKind.UNAVAILABLE:
            wait = {"Retry-After": str(feed.behaviour.retry_after_s)}
            return _page(HTTPStatus.SERVICE_UNAVAILABLE, "<!doctype html><title>Busy", wait)
        case TroubleKind.WEB_PAGE:
            return _page(HTTPStatus.OK, _NEW_PAGE)
        case _:
            return None


def _page(status: HTTPStatus, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


def _document(request: web.Request, feed: SampleFeed, now: datetime) -> web.Response:
    body = feed_document(feed, now)
    changed = feed.changed_at(now)
    headers = _headers(feed, body, changed)
    if _unchanged(request, headers.get("ETag"), changed if feed.behaviour.last_modified else None):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    body, coding = _encode(feed, body, request.headers.get("Accept-Encoding", ""))
    if coding:
        headers["Content-Encoding"] = coding
    headers["Content-Type"] = _content_type(feed)
    return web.Response(body=body, headers=headers)


def _headers(feed: SampleFeed, body: bytes, changed: datetime) -> dict[str, str]:
    behaviour, headers = feed.behaviour, {}
    if behaviour.etag:
        mark = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers["ETag"] = mark if behaviour.etag == "strong" else f"W/{mark}"
    if behaviour.last_modified:
        headers["Last-Modified"] = format_datetime(changed, usegmt=True)
    if behaviour.max_age_s:
        headers["Cache-Control"] = f"public, max-age={behaviour.max_age_s}"
    if behaviour.coding:
        headers["Vary"] = "Accept-Encoding"
    return headers


def _content_type(feed: SampleFeed) -> str:
    behaviour = feed.behaviour
    kind = _CONTENT_TYPES[feed.kind]
    return f"{kind}; charset={behaviour.charset}" if behaviour.charset_in == "http" else kind


def _unchanged(request: web.Request, etag: str | None, changed: datetime | None) -> bool:
    """Judge a conditional request: If-None-Match rules when present (RFC 9110, 13.2.2)."""
    wanted = request.headers.get("If-None-Match")
    if wanted is not None:
        known = {mark.strip().removeprefix("W/") for mark in wanted.split(",")}
        return etag is not None and etag.removeprefix("W/") in known
    since = request.headers.get("If-Modified-Since")
    if since is None or changed is None:
        return False
    try:
        return changed <= parsedate_to_datetime(since).astimezone(UTC)
    except ValueError:
        return False


def _encode(feed: SampleFeed, body: bytes, accepted: str) -> tuple[bytes, str]:
    coding = feed.behaviour.coding
    if not coding or coding not in accepted:
        return body, ""
    return gzip.compress(body, mtime=0), coding


def _feed_yaml(base: str, feed: SampleFeed) -> str:
    # A JSON string is a YAML string, whatever the script.
    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = [
        f"  - url: {base}{feed.path}",
        f"    title: {text(feed.title)}",
        f"    outlet: {text(feed.outlet)}",
        f"    language: {text(feed.language)}",
        f"    country: {text(feed.country)}",
        f"    tags: [{', '.join(text(tag) for tag in feed.tags)}]",
        f"    state_affiliated: {'true' if feed.state_affiliated else 'false'}",
    ]
    return "\n".join(lines) + "\n"
