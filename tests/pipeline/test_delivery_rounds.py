"""From the digest to the reader: a real mail server, a room that answers like Slack, the ledger."""

from __future__ import annotations

import email
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from email import policy

from aiohttp import web

from monitor.daemon import Service
from monitor.files import load
from monitor.model import DeliveryState
from tests.delivery.conftest import certificate as _certificate
from tests.delivery.servers import Inbox, smtp_server
from tests.desk import SETTINGS, make_desk
from tests.servers import FeedServer, Shown

certificate = _certificate


@asynccontextmanager
async def room(answers):
    """A webhook that says what the test scripts, and keeps what it was told."""
    told: list[dict] = []

    async def handle(request):
        told.append(await request.json())
        status, text = answers.pop(0) if answers else (200, "ok")
        return web.Response(
            status=status, text=text, headers={"Retry-After": "120"} if status == 429 else {}
        )

    application = web.Application()
    application.router.add_post("/hook", handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", told
    finally:
        await runner.cleanup()


def settings(tmp_path, port: int, hook: str, certificate) -> str:
    (tmp_path / "hook").write_text(hook + "\n", encoding="utf-8")
    channels = (
        f"  desk: {{type: email, host: 127.0.0.1, port: {port}, starttls: required, ca_file: {certificate.path},"
        " from: Watch <watch@example.org>, to: [a@example.org, b@example.org]}\n"
        "  room: {type: slack, webhook_file: hook}\n"
    )
    text = SETTINGS.replace("channels:\n", "channels:\n" + channels, 1)
    return text.replace("[folder], at", "[desk, room, folder], at")


async def morning(clock, server, service):
    server.show("/a", Shown("A quiet day", "q"))
    await service.once()
    clock.set(clock.now() + timedelta(hours=2))
    server.show("/a", Shown("Drones reach Russia", "d"))
    await service.once()
    clock.set(clock.now() + timedelta(hours=18))
    return await service.once()


async def test_a_digest_reaches_every_reader_on_every_channel_once(tmp_path, clock, certificate):
    """One mail per recipient over STARTTLS, one post, three files; the ledger says sent."""
    inbox, server = Inbox(), FeedServer()
    runner = await server.start()
    async with smtp_server(inbox, certificate.server) as port, room([]) as (hook, told):
        config = make_desk(
            tmp_path, [server.base + "/a"], settings(tmp_path, port, hook, certificate)
        )
        async with Service(load(config), clock=clock) as service:
            done = await morning(clock, server, service)
            states = {one.state for one in service.store.ledger.of_digest(done.digests[0].id)}
            clock.set(clock.now() + timedelta(hours=1))
            await service.once()
    await runner.cleanup()
    assert states == {DeliveryState.SENT}
    assert sorted(to for _, tos, _ in inbox.received for to in tos) == [
        "a@example.org",
        "b@example.org",
    ]
    mail = email.message_from_bytes(inbox.received[0][2], policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    assert "Drones reach Russia" in mail.get_body(("plain",)).get_content()
    assert len(told) == 1
    assert "Drones reach Russia" in json.dumps(told[0])


async def test_a_room_that_is_busy_delays_nobody_and_gets_its_post_later(
    tmp_path, clock, certificate
):
    """429: the mail is out at once, the post goes when the room allows it, once."""
    inbox, server = Inbox(), FeedServer()
    runner = await server.start()
    async with (
        smtp_server(inbox, certificate.server) as port,
        room([(429, "slow down")]) as (hook, told),
    ):
        config = make_desk(
            tmp_path, [server.base + "/a"], settings(tmp_path, port, hook, certificate)
        )
        async with Service(load(config), clock=clock) as service:
            await morning(clock, server, service)
            assert (len(inbox.received), len(told)) == (2, 1)
            clock.set(clock.now() + timedelta(seconds=60))
            await service.desk()
            assert len(told) == 1
            clock.set(clock.now() + timedelta(minutes=5))
            await service.desk()
            assert len(told) == 2
            assert service.store.ledger.unsent() == ()
    await runner.cleanup()


async def test_a_room_that_is_gone_leaves_a_dead_letter_that_the_next_digest_names(
    tmp_path, clock, certificate
):
    """404 is final: visible in the ledger and in the next digest's health."""
    inbox, server = Inbox(), FeedServer()
    runner = await server.start()
    async with (
        smtp_server(inbox, certificate.server) as port,
        room([(404, "no_service")]) as (hook, _),
    ):
        config = make_desk(
            tmp_path, [server.base + "/a"], settings(tmp_path, port, hook, certificate)
        )
        async with Service(load(config), clock=clock) as service:
            done = await morning(clock, server, service)
            assert len(done.dispatched.dead) == 1
            clock.set(clock.now() + timedelta(days=1))
            (tomorrow,) = (await service.once()).digests
            assert any(
                "not delivered" in one and "room" in one for one in tomorrow.coverage.notices
            )
            assert hook not in json.dumps(tomorrow.coverage.notices)
    await runner.cleanup()


async def test_a_send_that_a_crash_interrupted_goes_again_with_the_same_bytes(
    tmp_path, clock, certificate
):
    """The same Message-ID, so that the reader's program can tell."""
    inbox, server = Inbox(), FeedServer()
    runner = await server.start()
    async with smtp_server(inbox, certificate.server) as port, room([]) as (hook, told):
        config = make_desk(
            tmp_path, [server.base + "/a"], settings(tmp_path, port, hook, certificate)
        )
        async with Service(load(config), clock=clock) as service:
            await morning(clock, server, service)
            with service.store.transaction():  # as if killed after the server took it
                service.store._db.change("UPDATE deliveries SET state = 'sending'")
        async with Service(load(config), clock=clock) as service:
            await service.desk()
    await runner.cleanup()
    assert len(inbox.received) == 4
    assert len({body for _, _, body in inbox.received}) == 2
    assert len(told) == 2
    assert "repeat" in json.dumps(told[1]).casefold()
