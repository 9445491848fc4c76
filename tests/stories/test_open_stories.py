"""Stories in memory grow, merge and are forgotten, and answer as if they were read anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Item, Member
from monitor.stories import OpenStories, Placed, Reason
from monitor.stories.board import CANDIDATES, NEWEST, Board

Make = Callable[..., Member]
START = datetime(2026, 3, 10, 6, tzinfo=UTC)

SEA = (
    "Iran sends drones to Russia by sea, port watchers say",
    "A ship with 120 drones left Amirabad for Astrakhan at night.",
)
SEA_PL = (
    "Iran wysłał Rosji drony drogą morską",
    "Statek ze 120 dronami wypłynął z portu Amirabad do Astrachania.",
)
HALL = (
    "Third hall for drones finished at Alabuga plant, pictures show",
    "The factory in Tatarstan could build 350 Iranian drones a week for Russia.",
)


def write(stories: OpenStories, placed: Placed, now: datetime, number: int) -> dict[int, int]:
    """Do what the store would do: give new stories their ids, ``number`` first."""
    opened: dict[int, int] = {}
    for one in placed.placements:
        if one.story is None:
            opened.setdefault(one.opens, number + len(opened))
    stories.settle(placed, opened, now)
    return opened


def anew(members: Sequence[Member], grown: OpenStories, now: datetime) -> OpenStories:
    """Return open stories as a restart would fill them from the store."""
    stories = OpenStories()
    for member in members:
        if member.item.id in grown:
            stories.add(grown.home(member.item.id), member)
    stories.settle(Placed(), {}, now)
    return stories


WORDS = st.sampled_from(
    "Iran Russia Oslo Baku Nojeh Skarvoy drone ship sanctions gas plant LNG 8% 120 third denies".split()
)
NEWS = st.tuples(
    st.lists(WORDS, min_size=2, max_size=7).map(" ".join),
    st.lists(WORDS, max_size=8).map(" ".join),
    st.integers(0, 40),
)


@given(st.lists(st.lists(NEWS, min_size=1, max_size=4), min_size=2, max_size=5))
@settings(max_examples=60, deadline=None)
def test_grown_equals_read_anew(batches: list[list[tuple[str, str, int]]]) -> None:
    """A memory that grew batch by batch places the next batch exactly as one filled anew."""
    grown, seen, now = OpenStories(), [], START
    for batch in batches:
        fresh, before = [], now
        for title, text, hours in batch:
            now += timedelta(hours=hours)
            item = Item(len(seen) + len(fresh) + 1, title, text, first_seen_at=now)
            fresh.append(Member(item, ()))
        read = anew(seen, grown, before)
        wanted, found = read.place(fresh), grown.place(fresh)
        assert found == wanted
        write(grown, found, now, len(seen) + 1)
        seen += fresh


def test_a_bridge_merges_two_stories(make: Make) -> None:
    """Items that surely tell of two stories' event merge the younger id into the older."""
    stories = OpenStories()
    stories.add(4, make(*SEA_PL))
    stories.add(2, make(*SEA, hours=1))
    placed = stories.place([make(SEA[0] + " again", SEA[1], hours=2)])
    assert [(one.young, one.old) for one in placed.merges] == [(4, 2)]
    assert placed.merges[0].score > 0.5
    assert placed.placements[0].story == 2
    write(stories, placed, START, 5)
    assert [stories.home(item) for item in (1, 2, 3)] == [2, 2, 2]


def test_two_events_are_not_merged(make: Make) -> None:
    """An item that touches two events leaves both their ids alone."""
    stories = OpenStories()
    stories.add(1, make(*SEA))
    stories.add(2, make(*HALL, hours=1))
    bridge = make("Iranian drones: a ship for Russia and a hall at Alabuga", f"{SEA[1]} {HALL[1]}")
    assert stories.place([bridge]).merges == ()


def test_what_cannot_be_met_is_forgotten(make: Make) -> None:
    """Three days after it came an item leaves the memory; its story lives on in later ones."""
    stories = OpenStories()
    stories.add(1, make(*SEA))
    stories.add(1, make(*SEA, hours=60))
    stories.settle(Placed(), {}, START + timedelta(hours=80))
    assert len(stories) == 1
    (one,) = stories.place([make(*SEA_PL, hours=100)]).placements
    assert one.story == 1
    stories.settle(Placed(), {}, START + timedelta(hours=400))
    assert len(stories) == 0


@pytest.mark.parametrize(
    ("window", "hours", "joined"),
    [
        pytest.param(72, 71, True, id="inside the usual window"),
        pytest.param(72, 73, False, id="outside the usual window"),
        pytest.param(24, 30, False, id="outside a list's own short window"),
        pytest.param(168, 150, True, id="inside a list's own long window"),
    ],
)
def test_a_list_has_its_own_window(make: Make, window: int, hours: int, joined: bool) -> None:
    """How far apart two items of one story may be is a matter of the lists that found them."""
    stories = OpenStories({"list": timedelta(hours=window)})
    stories.add(1, make(*SEA, alias=("amirabad",)))
    later = make(SEA[0] + " - Harbour Herald", SEA[1], hours=hours, alias=("amirabad",))
    assert (stories.place([later]).placements[0].story == 1) is joined


def test_new_words_replace_the_old(make: Make) -> None:
    """An item that was edited is compared by its new wording, and is counted once."""
    stories = OpenStories()
    stories.add(1, make(*HALL, number=1))
    stories.add(1, make(*SEA, number=1))
    assert len(stories) == 1
    ship, hall = make(*SEA_PL, number=2), make(*HALL, number=3)
    assert stories.place([ship]).placements[0].reason is Reason.TRANSLATED
    assert OpenStories().place([hall]).placements[0].reason is Reason.FIRST


def test_a_flood_of_copies_stays_bounded(make: Make) -> None:
    """However many items say the same, a new one meets some of the newest, and only those."""
    board = Board()
    for _ in range(5 * NEWEST):
        board.add(make("Gas price at the hub moves again"))
    found = board.like(5 * NEWEST)
    assert len(found) == CANDIDATES
    assert min(found) > 3 * NEWEST


def test_taken_off_leaves_no_trace(make: Make) -> None:
    """A board from which everything was taken weighs as an empty one."""
    board, empty = Board(), Board()
    for number, news in enumerate((SEA, SEA_PL, HALL), 1):
        board.add(make(*news, number=number))
    for number in (1, 2, 3):
        board.remove(number)
    both = make(*SEA, number=7), make(*SEA_PL, number=8)
    for one in both:
        board.add(one)
        empty.add(one)
    assert board.score(7, 8) == empty.score(7, 8)
    assert board.like(8) == empty.like(8) == [7]
