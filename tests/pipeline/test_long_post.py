"""Fault 96: two hundred items to a room: split within Slack's limits, in order, resumed where it failed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web

from monitor.clock import SteppedClock
from monitor.delivery import SlackChannel, SlackSettings, dispatch
from monitor.digests import render_slack
from monitor.model import DeliveryState, Message
from monitor.store import Store
from tests.conftest import NOON
from tests.digests.cases import made
from tests.digests.newsday import flood_stories


@dataclass
class Room:
    """Takes posts; says what the script says of the n-th one, otherwise ``ok``."""

    script: dict[int, int] = field(default_factory=dict)
    asked: int = 0
    taken: list[dict] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        said = await request.json()
        self.asked += 1
        if status := self.script.get(self.asked):
            return web.Response(status=status, text="later")
        self.taken.append(said)
        return web.Response(text="ok")

    async def start(self) -> tuple[web.AppRunner, str]:
        application = web.Application()
        application.router.add_post("/hook", self.answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"


@pytest.fixture(scope="module")
def parts() -> list[bytes]:
    digest = made(flood_stories(200))
    return [json.dumps(one).encode() for one in render_slack(digest, version="1")]


def put(store: Store, parts: list[bytes]) -> None:
    posts = [
        Message("room", "room", n, len(parts), f"d-{n}", body, "application/json")
        for n, body in enumerate(parts, 1)
    ]
    store.ledger.add("d", posts, NOON)


async def run(path, hook: str, clock: SteppedClock) -> list[DeliveryState]:
    """Start anew, send what is due, end; as a restart does."""
    store = Store.writer(path)
    store.ledger.recover(clock.now())
    settings = SlackSettings("room", hook, allow_http=True, gap_s=0.0)
    await dispatch(store.ledger, {"room": SlackChannel(settings, clock)}, clock)
    states = [one.state for one in store.ledger.of_digest("d")]
    store.close()
    return states


@pytest.mark.parametrize("failing", [1, 2, 3])
async def test_a_long_digest_goes_on_at_the_part_that_failed(tmp_path, clock, parts, failing):
    """What is in the room is not posted again after a restart; nothing overtakes."""
    assert len(parts) >= 3
    store = Store.writer(tmp_path / "a.db")
    put(store, parts)
    store.close()
    room = Room({failing: 503})
    runner, hook = await room.start()
    states = await run(tmp_path / "a.db", hook, clock)
    sent = [DeliveryState.SENT] * (failing - 1)
    rest = [DeliveryState.PENDING] * (len(parts) - failing)
    assert states == [*sent, DeliveryState.RETRY, *rest]
    clock.set(clock.now() + timedelta(seconds=30))
    assert await run(tmp_path / "a.db", hook, clock) == states, "not before its time"
    clock.set(clock.now() + timedelta(minutes=3))
    assert await run(tmp_path / "a.db", hook, clock) == [DeliveryState.SENT] * len(parts)
    await runner.cleanup()
    assert room.taken == [json.loads(one) for one in parts]


def test_every_part_is_within_what_slack_takes(parts):
    """At most 45 blocks, 2,900 characters in a section, 10,000 in all, and a text to notify with."""
    for one in map(json.loads, parts):
        texts = [block["text"]["text"] for block in one["blocks"] if "text" in block]
        texts += [
            element["text"] for block in one["blocks"] for element in block.get("elements", ())
        ]
        assert 0 < len(one["blocks"]) <= 45
        assert max(map(len, texts)) <= 2_900
        assert sum(map(len, texts)) <= 10_000
        assert one["text"]
