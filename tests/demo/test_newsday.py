"""The recorded day: what it holds, what a feed shows at a moment, and what the loader refuses."""

import io
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest

from monitor.demo.newsday import (
    DAY_END,
    DAY_START,
    SampleFeed,
    TroubleKind,
    feed_document,
    load_day,
    read_outlets,
)
from monitor.errors import InputError

DAY = load_day()
FEEDS = {feed.path: feed for feed in DAY.feeds}
OUTLET_OF = {id(item): outlet for outlet in DAY.outlets for item in outlet.items}
NOON = DAY_START + timedelta(hours=5)
READABLE = [
    feed for feed in DAY.feeds if feed.behaviour.trouble_at(DAY_END) != TroubleKind.PARSER_TRAP
]


def read(feed: SampleFeed, now=NOON):
    """Parse what the feed shows, as the program would ask feedparser to."""
    body = feed_document(feed, now)
    if feed.behaviour.charset_in == "http":
        body = body.decode(feed.behaviour.charset).encode()
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def items_of(event: str):
    return [item for item in DAY.items if item.event == event]


@pytest.mark.parametrize(
    ("found", "low", "high"),
    [
        pytest.param(len(DAY.outlets), 15, 18, id="about fifteen outlets"),
        pytest.param(len(DAY.feeds), 30, 36, id="about thirty feeds"),
        pytest.param(len(DAY.items), 400, 500, id="more than 400 items"),
        pytest.param(sum(bool(i.event) for i in DAY.items), 70, 100, id="a fifth is topical"),
        pytest.param(sum(bool(i.trap) for i in DAY.items), 60, 100, id="a sixth is bait"),
        pytest.param(sum(o.state_affiliated for o in DAY.outlets), 2, 2, id="two state outlets"),
        pytest.param(sum(len(i.edits) == 2 for i in DAY.items), 1, 1, id="one edited twice"),
        pytest.param(sum(i.withdrawn_at is not None for i in DAY.items), 1, 1, id="one withdrawn"),
    ],
)
def test_the_day_has_its_size(found, low, high):
    """The day is large and mixed enough to show the program at work."""
    assert low <= found <= high


def test_every_language_has_a_fair_share():
    """English, Russian, Persian, Arabic and Polish each carry thirty items or more."""
    counts = defaultdict(int)
    for feed in DAY.feeds:
        counts[feed.language] += len(feed.items)
    assert set(counts) == {"en", "ru", "fa", "ar", "pl"}
    assert min(counts.values()) >= 30


def test_nothing_can_be_taken_for_real():
    """Outlets say that they are samples and links live under a reserved name (RFC 2606)."""
    assert all(outlet.name.endswith(" (sample)") for outlet in DAY.outlets)
    assert all(item.link.split("/")[2].endswith(".example") for item in DAY.items)


def test_each_item_is_told_apart():
    """Identifiers are unique, and only a repeated item shares the link of another."""
    assert len({item.guid for item in DAY.items}) == len(DAY.items)
    assert len({item.link for item in DAY.items}) == len(DAY.items)
    headlines = {item.title for item in DAY.items if not item.wire and not item.source}
    plain = [item for item in DAY.items if not item.wire and not item.source]
    assert len(headlines) == len(plain)


def test_every_item_says_something():
    """Each item has a headline, a summary and at least one feed that carries it."""
    carried = {item.guid for feed in DAY.feeds for item in feed.items}
    assert carried == {item.guid for item in DAY.items}
    assert all(len(item.summary) >= 30 for item in DAY.items)


def test_no_item_is_topic_and_bait_at_once():
    """An annotation is either an event or a trap."""
    assert not [item.title for item in DAY.items if item.event and item.trap]


def test_events_are_told_by_several_outlets():
    """Every event is carried by three outlets or more, most in two languages or more."""
    languages = defaultdict(set)
    for feed in DAY.feeds:
        for item in feed.items:
            languages[item.event].add(feed.language)
    events = {item.event for item in DAY.items if item.event}
    assert all(len({OUTLET_OF[id(i)].name for i in items_of(e)}) >= 3 for e in events)
    assert sum(len(languages[event]) >= 2 for event in events) >= len(events) - 2


def test_the_wire_story_runs_in_nine_outlets():
    """One text, nine outlets, nine minutes, and headlines that name the publisher."""
    copies = [item for item in DAY.items if item.wire == "caspian-cargo"]
    original = min(copies, key=lambda item: item.published_at)
    assert len({OUTLET_OF[id(item)].name for item in copies}) == len(copies) == 9
    assert len({item.published_at for item in copies}) == 9
    assert all(item.summary.startswith(original.summary) for item in copies)
    assert all(item.title.startswith(original.title) for item in copies)
    assert len({item.title for item in copies}) >= 4
    assert {item.event for item in copies} == {"uav-shipment"}


def test_one_edit_brings_the_topic_in():
    """The headline edited twice names drones only from its last wording on."""
    (item,) = (item for item in DAY.items if len(item.edits) == 2)
    first, last = item.edits
    assert "drone" not in (item.title + item.summary + first.title).lower()
    assert "drone" in last.title
    assert [item.title_at(edit.at) for edit in item.edits] == [first.title, last.title]
    assert item.title_at(first.at - timedelta(minutes=1)) == item.title


def test_a_repeated_item_differs_by_its_tracking_query_only():
    """One outlet carries another's item under the same link with utm parameters."""
    (copy,) = (item for item in DAY.items if "utm_" in item.link)
    (original,) = (item for item in DAY.items if item.link == copy.link.split("?")[0])
    assert copy.title == original.title
    assert OUTLET_OF[id(copy)] is not OUTLET_OF[id(original)]
    assert copy.source == OUTLET_OF[id(original)].name


def test_one_outlet_shows_an_item_in_two_feeds():
    """Top stories of the agency stand in its world feed too, with the same link."""
    world = {item.link for item in FEEDS["/meridian/world.xml"].items}
    top = {item.link for item in FEEDS["/meridian/top.xml"].items}
    assert top
    assert top < world


@pytest.mark.parametrize("feed", [pytest.param(feed, id=feed.path) for feed in READABLE])
def test_documents_read_back_as_they_were_written(feed):
    """Feedparser finds the same headlines, links and summaries in the same order."""
    parsed = read(feed, DAY_END)
    shown = feed.shown_at(DAY_END)
    assert not parsed.bozo
    assert [entry.title for entry in parsed.entries] == [item.title_at(DAY_END) for item in shown]
    assert [entry.link for entry in parsed.entries] == [item.link for item in shown]
    for entry, item in zip(parsed.entries, shown, strict=True):
        assert item.summary in entry.summary


@pytest.mark.parametrize(
    ("path", "key"),
    [
        pytest.param("/argus/business.rss", "id", id="a feed without guid"),
        pytest.param("/derzhava/en.xml", "published", id="a feed without date"),
    ],
)
def test_some_feeds_leave_out_what_others_give(path, key):
    """No entry of the feed has the element."""
    entries = read(FEEDS[path]).entries
    assert entries
    assert not [entry for entry in entries if key in entry]


def test_annotations_are_never_served():
    """A document is the same whatever its items' events and traps are called."""
    for feed in DAY.feeds:
        renamed = tuple(replace(item, event="sentinel", trap="sentinel") for item in feed.items)
        assert feed_document(replace(feed, items=renamed), NOON) == feed_document(feed, NOON)


def test_a_feed_shows_the_newest_of_the_past():
    """Nothing from the future, newest first, no more than the feed's size, never withdrawn."""
    hours = [DAY_START + timedelta(hours=hour) for hour in range(0, 25, 3)]
    for feed in DAY.feeds:
        for now in hours:
            times = [item.published_at for item in feed.shown_at(now)]
            assert times == sorted(times, reverse=True)
            assert len(times) <= feed.size
            assert all(time <= now for time in times)
    (withdrawn,) = (item for item in DAY.items if item.withdrawn_at)
    assert withdrawn.is_out(withdrawn.withdrawn_at - timedelta(minutes=1))
    assert not withdrawn.is_out(withdrawn.withdrawn_at)


def test_the_world_feed_forgets_its_oldest_items():
    """A full feed drops what is oldest, so that a sleepy poller would have a gap."""
    feed = FEEDS["/meridian/world.xml"]
    assert len(feed.items) > len(feed.shown_at(DAY_END)) == feed.size


def test_a_document_changes_only_when_the_feed_does():
    """The bytes are the same until an item appears or a headline is edited."""
    feed = FEEDS["/meridian/top.xml"]
    (item,) = (item for item in feed.items if item.edits)
    at = item.edits[0].at
    before = feed_document(feed, at - timedelta(minutes=1))
    assert before == feed_document(feed, at - timedelta(seconds=1))
    assert before != feed_document(feed, at)
    assert feed.changed_at(at) == at


def test_a_restless_feed_changes_every_second():
    """Its document carries the time of the request, though its news are the same."""
    feed = FEEDS["/northgate/sport.rss"]
    assert feed_document(feed, NOON) != feed_document(feed, NOON + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("path", "declared"),
    [
        pytest.param("/volga/rss.xml", True, id="declared in the document"),
        pytest.param("/caspian/ru.xml", False, id="declared by HTTP only"),
    ],
)
def test_two_feeds_are_written_in_windows_1251(path, declared):
    """The Russian text decodes as windows-1251 and not as UTF-8."""
    body = feed_document(FEEDS[path], NOON)
    assert FEEDS[path].shown_at(NOON)[0].title in body.decode("windows-1251")
    assert (b'encoding="windows-1251"' in body) is declared
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_the_bad_byte_is_one_byte():
    """The spoilt UTF-8 document differs from a sound one by a single byte."""
    body = feed_document(FEEDS["/derzhava/ru.xml"], NOON)
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert body.decode("utf-8", "replace").count("\ufffd") == 1


def test_the_truncated_document_breaks_off_inside_an_item():
    """The end of the document is missing, and with it the end of its last item."""
    feed = FEEDS["/mihan/en.xml"]
    body = feed_document(feed, DAY_START + timedelta(hours=9))
    assert b"</rss>" not in body
    assert body.count(b"<item>") == body.count(b"</item>") + 1


def test_the_parser_trap_holds_feedparser():
    """The small document keeps feedparser busy; without the long author it is read at once."""
    trapped = feed_document(FEEDS["/northgate/audio.rss"], NOON)
    code = (
        "import feedparser, io, sys; feedparser.parse(io.BytesIO(sys.stdin.buffer.read()),"
        " sanitize_html=False, resolve_relative_uris=False)"
    )
    command = [sys.executable, "-c", code]
    assert len(trapped) < 120_000
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(command, input=trapped, timeout=4, check=True)
    sound = trapped.replace(b"a" * 100_000, b"a")
    subprocess.run(command, input=sound, timeout=30, check=True)


OUTLET = """\
outlet: Test Outlet (sample)
domain: test.example
country: GB
language: en
feeds:
  - {{path: /a.xml, section: news, title: A, tags: []}}
items: |
  07:12 news | A headline
    A summary.
  {line}
"""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("no time, no section", "N001", id="a line that is no item"),
        pytest.param("  - event slug", "N002", id="a note without a colon"),
        pytest.param("  - edit: New headline", "N002", id="an edit without a time"),
        pytest.param("  - mood: good", "N002", id="an unknown note"),
        pytest.param("25:12 news | A headline", "N003", id="an hour that does not exist"),
        pytest.param("08:12 sport | A headline", "N004", id="a section without a feed"),
    ],
)
def test_a_faulty_line_is_named(line, code):
    """The loader says in which file and line, and what is wrong."""
    with pytest.raises(InputError) as caught:
        read_outlets([("test.yaml", OUTLET.format(line=line))])
    (problem,) = caught.value.problems
    assert (problem.source, problem.line, problem.code) == ("test.yaml", 10, code)


def test_times_are_berlin_wall_time():
    """Hours before seven belong to the next morning, those with a tilde to the time before."""
    text = OUTLET.format(line="~23:00 news | Late\n    x\n  06:59 news | Last\n    y")
    first, eve, last = read_outlets([("test.yaml", text)]).items
    assert first.published_at - DAY_START == timedelta(minutes=12)
    assert DAY_START - eve.published_at == timedelta(hours=8)
    assert DAY_END - last.published_at == timedelta(minutes=1)
