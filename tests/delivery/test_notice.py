"""Who is told of a dead letter: another channel, once, and never by a loop."""

from __future__ import annotations

import pytest

from monitor.delivery import is_notice, notice_for
from monitor.model import Delivery, DeliveryState, Message
from tests.delivery.conftest import NOW

KINDS = {"desk": "email", "room": "slack", "folder": "file", "hook": "webhook", "any": "apprise"}


def lost(
    channel: str,
    key: int = 1,
    owner: str = "daily/2026-11-21",
    state: DeliveryState = DeliveryState.DEAD,
    error: str = "channel x: answered 404",
) -> Delivery:
    message = Message(channel, "a@example.org", 1, 1, "n", b"", "text/plain")
    return Delivery(key, owner, message, state, 3, NOW, error=error)


@pytest.mark.parametrize(
    ("dead", "channels", "by"),
    [
        pytest.param(["room"], KINDS, "desk", id="mail is read first"),
        pytest.param(["desk"], KINDS, "room", id="then a room"),
        pytest.param(["desk", "room"], KINDS, "any", id="then what Apprise knows"),
        pytest.param(["desk", "room", "any"], KINDS, "hook", id="then a webhook"),
        pytest.param(["desk", "room", "any", "hook"], KINDS, "folder", id="at last a folder"),
        pytest.param(list(KINDS), KINDS, None, id="all failed: nobody left"),
        pytest.param(["room"], {"room": "slack"}, None, id="the only channel failed"),
        pytest.param(["gone"], {"b": "email", "a": "email"}, "a", id="of two alike, by name"),
    ],
)
def test_a_notice_goes_by_the_best_channel_that_did_not_fail(dead, channels, by):
    """Never by the one that is broken; None when there is no other."""
    notice = notice_for([lost(name, key) for key, name in enumerate(dead, 1)], channels)
    assert (notice.channel if notice else None) == by


def test_a_notice_that_dies_makes_no_notice():
    """Two broken channels do not keep telling of each other."""
    first = notice_for([lost("room")], KINDS)
    assert is_notice(first.id)
    assert notice_for([lost("desk", 2, owner=first.id)], KINDS) is None


def test_a_channel_on_which_a_notice_died_brings_no_other():
    """What failed a moment ago, with a notice too, is not asked to tell."""
    both = [lost("room"), lost("desk", 2, owner="notice-1")]
    assert notice_for(both, KINDS).channel == "any"


def test_the_words_name_what_where_and_what_next():
    """A reader learns which digest, who missed it, why, and what to type."""
    notice = notice_for([lost("room"), lost("room", 7, state=DeliveryState.UNCERTAIN)], KINDS)
    assert notice.subject == "[Watch] 2 messages were not delivered by room"
    assert "daily/2026-11-21 to a@example.org: given up: channel x: answered 404" in notice.text
    assert "- 7: daily/2026-11-21 to a@example.org: may have arrived" in notice.text
    assert "newsmonitor digest resend ID" in notice.text


def test_many_dead_letters_make_one_short_notice():
    """Ten are named, the rest is counted."""
    notice = notice_for([lost("room", key) for key in range(300)], KINDS)
    assert notice.text.count("given up") == 10
    assert "- and 290 more" in notice.text


def test_what_a_server_said_cannot_forge_a_line():
    """The error of a hostile server stays on its line and is cut."""
    notice = notice_for([lost("room", error="x\r\nBcc: y\x1b[2J" + "z" * 5000)], KINDS)
    lines = notice.text.splitlines()
    assert not any(line.startswith("Bcc") for line in lines)
    assert "\x1b" not in notice.text
    assert max(map(len, lines)) < 500


def test_one_event_has_one_id_and_a_second_death_another():
    """The id follows delivery and attempts, so that a revived letter can be told of again."""
    first, again = lost("room"), lost("room")
    second = Delivery(1, again.digest_id, again.message, again.state, 4, NOW)
    assert notice_for([first], KINDS).id == notice_for([again], KINDS).id
    assert notice_for([second], KINDS).id != notice_for([first], KINDS).id
