"""A day under the eyes of a server that scores its readers as the strictest owners do."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from monitor.clock import SteppedClock
from monitor.daemon import Service
from monitor.files import load
from tests.conftest import NOON
from tests.desk import make_desk
from tests.servers import Shown, rss

DAY = timedelta(hours=24)


@dataclass
class Score:
    """Everything that a strict owner counts."""

    clock: SteppedClock
    last: dict[str, datetime] = field(default_factory=dict)
    allowed: dict[str, datetime] = field(default_factory=dict)
    issued: dict[str, tuple[str, str]] = field(default_factory=dict)
    full: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)
    requests: int = 0

    def judge(self, request: web.Request) -> None:
        path, now, headers = f"{request.host}{request.path_qs}", self.clock.now(), request.headers
        self.requests += 1
        if path in self.last and now - self.last[path] < timedelta(minutes=10):
            self.faults.append(f"{path}: again after {now - self.last[path]}")
        if now < self.allowed.get(path, now):
            self.faults.append(f"{path}: before the time that was asked for")
        for name in ("Cookie", "Referer"):
            if name in headers:
                self.faults.append(f"{path}: sends {name}")
        if "?" in path or "gzip" not in headers.get("Accept-Encoding", ""):
            self.faults.append(f"{path}: query junk or no gzip")
        if "+mailto:" not in headers.get("User-Agent", ""):
            self.faults.append(f"{path}: nobody to write to")
        sent = (headers.get("If-None-Match", ""), headers.get("If-Modified-Since", ""))
        if sent == ("", ""):
            self.full[path].append(now)
        elif sent != self.issued[path]:
            self.faults.append(f"{path}: sends {sent}, was given {self.issued[path]}")
        self.last[path] = now


def serve(score: Score, start: datetime):
    """Feeds of every rhythm; ETag and Last-Modified roll with the content, some ask for patience."""

    async def answer(request: web.Request) -> web.Response:
        score.judge(request)
        number = int(request.path.strip("/"))
        path, now = f"{request.host}{request.path_qs}", score.clock.now()
        if number % 10 == 9 and (now - start) % timedelta(hours=6) < timedelta(hours=1):
            score.allowed[path] = now + timedelta(minutes=90)
            return web.Response(status=503, headers={"Retry-After": "5400"})
        age = int((now - start).total_seconds() // (600 * (1 + number % 50)))
        body = rss([Shown(f"News {number}-{n}", f"{number}-{n}") for n in range(age + 12)][-12:])
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:8]}"'
        stamp = (start + timedelta(seconds=age)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        score.issued[path] = (tag, stamp)
        headers = {"ETag": tag, "Last-Modified": stamp, "Set-Cookie": "track=1"}
        if number % 7 == 0:
            headers["Cache-Control"] = "max-age=7200"
            score.allowed[path] = now + timedelta(hours=2)
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)

    return answer


async def a_day(tmp_path, feeds: int, hosts: int) -> Score:
    clock = SteppedClock(NOON)
    score = Score(clock)
    application = web.Application()
    application.router.add_get("/{path:.*}", serve(score, NOON))
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    port = 0
    for number in range(hosts):
        await web.TCPSite(runner, f"127.0.{number}.1", port).start()
        port = runner.addresses[0][1]
    urls = [f"http://127.0.{n % hosts}.1:{port}/{n}" for n in range(feeds)]
    config = make_desk(tmp_path, urls)
    now = NOON
    try:
        for _ in range(2):  # the second half after a restart
            async with Service(load(config), clock=clock, longest_pause_s=1e6) as service:
                for _ in range(72):
                    clock.set(now)
                    await service.once()
                    now += timedelta(minutes=10)
    finally:
        await runner.cleanup()
    return score


@pytest.mark.parametrize(
    ("feeds", "hosts"),
    [
        pytest.param(50, 10, id="fifty feeds on ten hosts"),
        pytest.param(300, 60, id="three hundred feeds on sixty hosts", marks=pytest.mark.slow),
    ],
)
async def test_a_strict_owner_finds_nothing_to_complain_of(tmp_path, feeds, hosts):
    """No early poll, no stale or invented validator, no excess full request, no cookie, no junk."""
    score = await a_day(tmp_path, feeds, hosts)
    assert score.faults == []
    assert score.requests > 10 * feeds
    for path, times in score.full.items():
        # A feed that begins with 503 has no validators to send until it has been answered once.
        first_answer = 1 if path.endswith("9") else 0
        later = times[first_answer:]
        assert all(after - before >= DAY for before, after in pairwise(later)), path
