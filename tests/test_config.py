"""Settings and feeds: what is accepted, and how each fault is told."""

from __future__ import annotations

import pytest

from monitor.config import load_settings
from monitor.errors import InputError
from monitor.feeds.catalogue import load_feeds
from tests.desk import SETTINGS

FULL = """\
database: newsmonitor.db
feeds: feeds.yaml
watchlists: watchlists/
fetch:
  contact: mailto:desk@example.org
  allow_private: []
channels:
  desk:   {type: email, host: mail.example.org, port: 587, starttls: required, from: Watch <watch@example.org>, to: [a@example.org], username: watch, password_file: mail-password}
  room:   {type: slack, webhook_file: slack-webhook}
  folder: {type: file, path: digests/}
digests:
  daily:  {channels: [desk, room, folder], at: "07:00", timezone: Europe/Berlin, watchlists: all, when_empty: always}
alerts:
  urgent: {channels: [room], level: high, cool_down: 4h}
"""


def test_the_contract_s_example_is_accepted():
    """The smallest useful file of the design loads with every key."""
    settings = load_settings(FULL, "newsmonitor.yaml")
    assert list(settings.channels) == ["desk", "room", "folder"]
    assert settings.digests["daily"].wall_time.hour == 7
    assert settings.alerts["urgent"].cool_down == 4 * 3600


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param('at: "07:00"', "at: 7am", "'7am' is not a wall time", id="a wall time"),
        pytest.param("Europe/Berlin", "Berlin", "is no zone name", id="a zone"),
        pytest.param(
            "[folder], at",
            "[fodler], at",
            "C001 there is no channel 'fodler'; channels defined: folder",
            id="an unknown channel",
        ),
        pytest.param("type: file", "type: fax", "'fax'", id="an unknown type of channel"),
        pytest.param(
            "path: digests/",
            "paht: digests/",
            "did you mean 'path'",
            id="a misspelt key of a channel",
        ),
        pytest.param("host_gap: 0s", "host_gap: soon", "fetch.host_gap", id="a duration"),
        pytest.param("[127.0.0.0/8]", "[everything]", "fetch.allow_private", id="a network"),
        pytest.param("mailto:desk@example.org", "me", "fetch.contact", id="no address to write to"),
        pytest.param(
            "mailto:desk@example.org",
            "mailto:désk@example.org",
            "plain ASCII",
            id="a contact that fits no header",
        ),
        pytest.param(
            "  folder: {", "  ../x: {", "C003", id="a channel's name that would leave its folder"
        ),
    ],
)
def test_a_fault_in_the_settings_is_told(old, new, words):
    """What, where, what next."""
    assert old in SETTINGS
    with pytest.raises(InputError) as caught:
        load_settings(SETTINGS.replace(old, new), "newsmonitor.yaml")
    assert words in str(caught.value)
    assert str(caught.value).startswith("newsmonitor.yaml:")


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        pytest.param(
            "{type: slack}", "C002 'x' names no webhook", id="a Slack room without webhook"
        ),
        pytest.param(
            "{type: email, host: h, from: a@b.example, to: [c@d.example], username: u}",
            "C002 'x' names no password",
            id="a user without password",
        ),
        pytest.param(
            "{type: email, host: h, from: a@b.example, to: []}",
            "at least 1 item",
            id="a mail to nobody",
        ),
        pytest.param(
            "{type: email, host: h, from: nobody, to: [c@d.example]}",
            "is not a mail address",
            id="a sender without @",
        ),
    ],
)
def test_a_channel_that_cannot_work_is_refused(channel, words):
    """Better at the check than at seven in the morning."""
    text = SETTINGS.replace("channels:\n", f"channels:\n  x: {channel}\n", 1)
    with pytest.raises(InputError) as caught:
        load_settings(text, "f")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "feeds:\n  - {url: ftp://x.example/, title: A}", "f.yaml:2: F001", id="another scheme"
        ),
        pytest.param(
            "feeds:\n  - {url: https://u:secret@x.example/, title: A}",
            "F001 the address of this feed holds a user name",
            id="a password in the address",
        ),
        pytest.param(
            "feeds:\n  - {url: https://x.example/, title: A}\n  - {url: https://x.example/, title: B}",
            "f.yaml:3: F002",
            id="a feed that stands twice",
        ),
        pytest.param(
            "feeds:\n  - {url: https://x.example/, title: A, interval: often}",
            "F003",
            id="an interval",
        ),
        pytest.param("feeds:\n  - {url: https://x.example/, title: ''}", "Y013", id="no title"),
    ],
)
def test_a_fault_in_the_feeds_is_told_and_no_secret_with_it(text, words):
    """What, where, what next; a password is never shown."""
    with pytest.raises(InputError) as caught:
        load_feeds(text, "f.yaml")
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_feed_s_outlet_is_its_host_unless_it_says_otherwise():
    """Several feeds of one site are one outlet."""
    text = "feeds:\n  - {url: https://www.bbc.example/a, title: A}\n  - {url: https://x.example/b, title: B, outlet: Else}\n"
    assert [feed.outlet for feed in load_feeds(text, "f")] == ["bbc.example", "Else"]
