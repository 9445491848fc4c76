"""What could not be delivered is told by another channel, once; what is held waits for a person."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from monitor.delivery import holding, is_notice
from monitor.errors import InputError
from monitor.files import exposed_secrets, load
from monitor.model import DeliveryState, Message
from monitor.pipeline.channels import open_channels
from monitor.pipeline.notices import deliver, tell_of_lost
from tests.conftest import NOON
from tests.delivery.servers import Inbox, Raw, smtp_server, tcp_server
from tests.desk import SETTINGS, make_desk

GONE = b"HTTP/1.1 404 X\r\nContent-Length: 10\r\n\r\nno_service"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MAIL = "{type: email, host: 127.0.0.1, port: %d, starttls: none, from: w@example.org, to: [a@example.org, b@example.org]}"


def desk(tmp_path, **channels: str):
    """Load settings with these channels and no other."""
    lines = "".join(f"  {name}: {text}\n" for name, text in channels.items())
    text = SETTINGS.replace("  folder: {type: file, path: digests/}\n", lines)
    text = text.replace("[folder]", f"[{', '.join(channels)}]")
    return load(make_desk(tmp_path, ["http://127.0.0.1:9/a"], text))


@asynccontextmanager
async def room(tmp_path, answer: bytes, name: str = "hook"):
    raw = Raw(answer)
    async with tcp_server(raw) as port:
        path = tmp_path / name
        path.write_text(f"http://127.0.0.1:{port}/services/x\n", encoding="utf-8")
        path.chmod(0o600)
        yield raw


def post(channel: str = "room", to: str = "room") -> Message:
    return Message(channel, to, 1, 1, "n", b'{"text": "2 stories"}', "application/json")


def texts(raw: Raw) -> list[str]:
    return [json.loads(one.partition(b"\r\n\r\n")[2]).get("text", "") for one in raw.requests]


async def test_a_dead_letter_is_told_by_mail_once_and_in_the_same_run(tmp_path, clock, store):
    """The room is gone: both readers of the mail hear why, and nobody hears it twice."""
    inbox = Inbox()
    async with smtp_server(inbox) as port, room(tmp_path, GONE):
        setup = desk(tmp_path, room="{type: slack, webhook_file: hook}", desk=MAIL % port)
        channels = open_channels(setup, clock)
        store.ledger.add("daily/1", [post()], NOON)
        report = await deliver(setup, store, channels, clock)
        assert len(report.dead) == 1
        assert report.count(DeliveryState.SENT) == 2
        clock.set(NOON + timedelta(hours=1))
        assert (await deliver(setup, store, channels, clock)).outcomes == ()
    assert [tos for _, tos, _ in inbox.received] == [["a@example.org"], ["b@example.org"]]
    body = inbox.received[0][2].decode()
    assert "not delivered by room" in body
    assert "no_service" in body
    assert "/services/x" not in body


async def test_two_broken_channels_do_not_keep_telling_of_each_other(tmp_path, clock, store):
    """A notice that dies is a dead letter like any other, and makes none of its own."""
    inbox = Inbox(dict.fromkeys(("a@example.org", "b@example.org"), "550 nobody"))
    async with smtp_server(inbox) as port, room(tmp_path, GONE) as raw:
        setup = desk(tmp_path, room="{type: slack, webhook_file: hook}", desk=MAIL % port)
        channels = open_channels(setup, clock)
        store.ledger.add("daily/1", [post()], NOON)
        for hours in range(5):
            clock.set(NOON + timedelta(hours=hours))
            await deliver(setup, store, channels, clock)
    rows = store.ledger.listed()
    assert [is_notice(one.digest_id) for one in rows] == [True, True, False]
    assert {one.state for one in rows} == {DeliveryState.DEAD}
    assert len(raw.requests) == 1


@pytest.mark.parametrize(
    ("teller", "wanted"),
    [
        pytest.param("{type: slack, webhook_file: other}", "[Watch] 1 message was not delivered",
                     id="Slack"),
        pytest.param("{type: webhook, url_file: other}", "1: daily/1 to room: given up",
                     id="webhook"),
    ],
)  # fmt: skip
async def test_a_notice_has_the_form_of_its_channel(tmp_path, clock, store, teller, wanted):
    """Slack gets a payload of plain text, a webhook a JSON object that says what it is."""
    async with room(tmp_path, GONE), room(tmp_path, OK, "other") as other:
        setup = desk(tmp_path, room="{type: slack, webhook_file: hook}", other=teller)
        store.ledger.add("daily/1", [post()], NOON)
        await deliver(setup, store, open_channels(setup, clock), clock)
    (said,) = texts(other)
    assert wanted in said
    assert "mrkdwn" not in other.requests[0].decode()


async def test_a_notice_in_a_folder_is_a_file_that_people_can_read(tmp_path, clock, store):
    """Where nothing else is left, the folder has it."""
    async with room(tmp_path, GONE):
        setup = desk(tmp_path, room="{type: slack, webhook_file: hook}",
                     folder="{type: file, path: out/, formats: [text]}")  # fmt: skip
        store.ledger.add("daily/1", [post()], NOON)
        await deliver(setup, store, open_channels(setup, clock), clock)
    (file,) = (tmp_path / "out").iterdir()
    assert "newsmonitor digest resend" in file.read_text(encoding="utf-8")


async def test_with_no_other_channel_nobody_is_told_and_nothing_is_asked_again(
    tmp_path, clock, store
):
    """The dead letter stays for ``status``; the ledger does not look for a teller for ever."""
    async with room(tmp_path, GONE):
        setup = desk(tmp_path, room="{type: slack, webhook_file: hook}")
        store.ledger.add("daily/1", [post()], NOON)
        await deliver(setup, store, open_channels(setup, clock), clock)
    assert store.ledger.untold() == ()
    assert [one.state for one in store.ledger.unsent()] == [DeliveryState.DEAD]


async def test_what_is_held_is_told_of_and_goes_by_a_persons_word(tmp_path, clock, store):
    """``on_uncertain: hold``: a notice says that it waits; ``resend`` sends it once, marked."""
    inbox = Inbox()
    async with smtp_server(inbox) as port, room(tmp_path, b"") as raw:
        setup = desk(tmp_path, room="{type: slack, webhook_file: hook, on_uncertain: hold}",
                     desk=MAIL % port)  # fmt: skip
        channels = open_channels(setup, clock)
        assert holding(channels) == {"room"}
        store.ledger.add("daily/1", [post()], NOON)
        await deliver(setup, store, channels, clock)
        (held,) = store.ledger.unsent()
        assert held.state is DeliveryState.UNCERTAIN
        assert "may have arrived, waits for" in inbox.received[0][2].decode()
        clock.set(NOON + timedelta(days=3))
        await deliver(setup, store, channels, clock)
        assert len(raw.requests) == 1
        raw.answer = OK
        store.ledger.resend(held.id, clock.now())
        await deliver(setup, store, channels, clock)
    assert store.ledger.unsent() == ()
    assert ["repeat" in one for one in texts(raw)] == [False, True]


def test_notice_and_note_are_one(tmp_path, clock, store):
    """If the notice cannot be written, the dead letter stays untold and is told of next time."""
    setup = desk(tmp_path, room="{type: slack, webhook_file: hook}", desk=MAIL % 9)
    store.ledger.add("daily/1", [post()], NOON)
    store.ledger.dead(store.ledger.pending(NOON)[0].id, "refused", NOON)
    store._db.raw.execute("CREATE TRIGGER full BEFORE INSERT ON deliveries"
                          " BEGIN SELECT RAISE(ABORT, 'full'); END")  # fmt: skip
    with pytest.raises(Exception, match="full"):
        tell_of_lost(setup, store, NOON)
    assert len(store.ledger.untold()) == 1
    store._db.raw.execute("DROP TRIGGER full")
    assert tell_of_lost(setup, store, NOON).channel == "desk"
    assert store.ledger.untold() == ()


SECRETS = [
    pytest.param(None, "S001", id="125 missing"),
    pytest.param(b"", "S002", id="125 empty"),
    pytest.param(b" \r\n\t\n", "S002", id="125 nothing but white space"),
    pytest.param(b"https://a.example/canary\nhttps://b.example/canary\n", "S004", id="two lines"),
    pytest.param(b"https://a.example/canary\0", "S004", id="a NUL"),
    pytest.param(b"https://a.example/canary\xff", "S004", id="no UTF-8"),
    pytest.param(b"https://a.example/canary" * 400, "S004", id="far too long"),
    pytest.param(b"http://a.example/canary", "C005", id="an address in clear"),
    pytest.param(b"canary", "C005", id="no address"),
]


@pytest.mark.parametrize(
    "kind", ["{type: slack, webhook_file: hook}", "{type: webhook, url_file: hook}"]
)
@pytest.mark.parametrize(("content", "code"), SECRETS)
def test_a_secret_that_cannot_be_one_is_refused_and_not_shown(tmp_path, clock, kind, content, code):
    """A code, the place, what to do; never what stands in the file."""
    if content is not None:
        (tmp_path / "hook").write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_channels(desk(tmp_path, room=kind), clock)
    assert [one.code for one in caught.value.problems] == [code]
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b" \n\n"])
def test_125_a_last_line_end_is_no_part_of_a_secret(tmp_path, clock, end):
    """What an editor adds does no harm."""
    (tmp_path / "hook").write_bytes(b"https://hooks.example.org/x" + end)
    assert open_channels(desk(tmp_path, room="{type: slack, webhook_file: hook}"), clock)


@pytest.mark.parametrize(
    ("mode", "warned"),
    [
        pytest.param(0o600, False, id="the owner alone"),
        pytest.param(0o640, False, id="a group may: a service's own"),
        pytest.param(0o644, True, id="125 everybody"),
        pytest.param(0o604, True, id="everybody but the group"),
    ],
)
def test_125_a_file_that_everybody_can_read_is_warned_of(tmp_path, mode, warned):
    """A warning with what to type, not a refusal; it names the file and not its content."""
    (tmp_path / "hook").write_text("canary", encoding="utf-8")
    (tmp_path / "hook").chmod(mode)
    setup = desk(tmp_path, room="{type: slack, webhook_file: hook}")
    problems = exposed_secrets(setup)
    assert [one.code for one in problems] == (["S003"] if warned else [])
    assert "canary" not in "".join(map(str, problems))
    assert all("channels.room.webhook_file" in str(one) for one in problems)
    assert all("chmod o-rwx" in str(one) for one in problems)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        pytest.param("{type: email, host: h, from: w@example.org,"
                     " to: [a@example.org], unsubscribe: 'http://e.org/'}", "unsubscribe",
                     id="a page in clear to unsubscribe at"),
        pytest.param("{type: slack, webhook_file: hook, mention: '@here'}", "mention",
                     id="a mention that Slack does not know"),
        pytest.param("{type: apprise, url_file: hook}", "Apprise", id="nothing Apprise knows"),
    ],
)  # fmt: skip
def test_a_channel_that_could_only_fail_is_refused_at_the_start(tmp_path, clock, channel, said):
    """Found when the settings are loaded, not at seven in the morning."""
    (tmp_path / "hook").write_text("https://hooks.example.org/x", encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        open_channels(desk(tmp_path, it=channel), clock)
    assert caught.value.problems[0].code == "C005"
