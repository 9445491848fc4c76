"""The words of a digest: dates, windows, counts and the state of the watch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.digests import Caps, health, phrases
from monitor.digests.carriers import carriers
from monitor.model import Coverage, FeedTrouble, Window

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "zone", "shown"),
    [
        ("2025-11-21T06:00", "2025-11-22T06:00", "Europe/Berlin",
         "21 Nov 07:00 – 22 Nov 07:00 CET (24 h), Europe/Berlin"),
        ("2025-03-29T06:00", "2025-03-30T05:00", "Europe/Berlin",
         "29 Mar 07:00 CET – 30 Mar 07:00 CEST (23 h), Europe/Berlin"),
        ("2025-11-21T03:30", "2025-11-22T03:30", "Asia/Tehran",
         "21 Nov 07:00 – 22 Nov 07:00 +0330 (24 h), Asia/Tehran"),
    ],
)  # fmt: skip
def test_window(start, end, zone, shown):
    """A window names its zone, and both zones' names on the night when clocks change."""
    assert phrases.window(Window(at(start), at(end)), ZoneInfo(zone)) == shown


@pytest.mark.parametrize(
    ("hours", "warns"),
    [(24, ""), (22, "covers 22 h, not one day"), (26, "covers 26 h"), (72, "covers 3 d")],
)
def test_warning_of_odd_windows(make, hours, warns):
    """A window that is not one day is said; a whole day is not."""
    when = make.due(start=make.END - timedelta(hours=hours))
    found = phrases.warning(make.made([], when=when))
    assert (warns in found) if warns else found == ""


def test_no_warning_on_the_nights_when_clocks_change(make):
    """From seven to seven by the wall is one day, though it has 23 hours."""
    when = make.due(start=at("2025-03-29T06:00"), end=at("2025-03-30T05:00"))
    assert phrases.warning(make.made([], when=when)) == ""


def test_counts_of_level_stay_true_beyond_a_cap(make):
    """Stories that a cap leaves out are counted under their level all the same."""
    digest = make.made(make.flood_stories(90), caps=Caps(per_watchlist=10))
    assert phrases.headcount(digest) == "90 stories, 30 high"


def test_single_story(make):
    """One story is not many."""
    assert phrases.headcount(make.made(make.gas_and_base_stories()[:1])) == "1 story"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, ("6 outlets (of them 2 state-affiliated): Example Wire, Northern Post, Gulf Ledger, "
            "Пример-Новости; state-affiliated: Госканал Пример, \u2068خبرگزاری نمونه دولتی\u2069")),
        (3, "Пример-Новости"),
    ],
)  # fmt: skip
def test_outlets(make, number, shown):
    """Outlets stand in the order seen, state-affiliated ones named apart."""
    digest = make.made([make.drone_stories()[number]])
    assert carriers(digest.sections[0].stories[0]) == shown


@pytest.mark.parametrize(
    ("outlets", "shown"),
    [
        ((), "outlet unknown"),
        (("Sample State Agency",), "Sample State Agency (state-affiliated)"),
        (("Sample State Agency", "Госканал Пример"),
         "2 outlets, all state-affiliated: Sample State Agency, Госканал Пример"),
        (tuple(f"O{n}" for n in range(12)), "12 outlets: O0, O1, O2, O3, O4, O5, O6, O7 …"),
    ],
)  # fmt: skip
def test_outlets_at_the_edges(make, outlets, shown):
    """None, only state-affiliated ones, and very many are said in their own way."""
    item = make.member(1, "x", outlets=tuple((name, n) for n, name in enumerate(outlets)))
    digest = make.made([make.story(1, item)])
    assert carriers(digest.sections[0].stories[0]) == shown


def test_languages():
    """Codes become names once each; what is no code is left out."""
    assert phrases.languages(["fa", "fa-IR", "EN", "xx", '"><', ""]) == "Persian, English, xx"


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [([], ""), ([3], "3"), ([1, 2, 3, 5, 8, 9], "1–3, 5, 8–9")],
)
def test_ranges(numbers, shown):
    """Runs of numbers are written from first to last."""
    assert phrases.ranges(numbers) == shown


@pytest.mark.parametrize(
    ("since", "shown"),
    [
        (None, "Post — silent: 9 d"),
        ("2026-03-10T08:10", "Post — silent: 9 d, since Tue 10 Mar 09:10"),
        ("2025-12-31T08:10", "Post — silent: 9 d, since Wed 31 Dec 2025 09:10"),
    ],
)
def test_troubles(since, shown):
    """A trouble is one line, with the year where it is not this one."""
    trouble = FeedTrouble("Post", "u", "o", "silent", "9 d", at(since) if since else None)
    covered = Coverage(troubles=(trouble,))
    assert health.troubles(covered, BERLIN, at("2026-03-12T06:00")) == (shown,)


def test_very_many_troubles_are_counted():
    """A digest names the first feeds in trouble and counts the rest."""
    covered = Coverage(troubles=tuple(FeedTrouble(f"F{n}", "", "", "dns", "") for n in range(40)))
    lines = health.troubles(covered, BERLIN, at("2026-03-12T06:00"))
    assert len(lines) == 26
    assert lines[-1] == "and 15 more feeds: newsmonitor feeds list"


@pytest.mark.parametrize(
    ("covered", "well"),
    [
        (Coverage(feeds=2, polled=2, well=2), True),
        (Coverage(feeds=2, polled=2, well=2, caps=("cut",)), True),
        (Coverage(feeds=2, polled=1, well=2), False),
        (Coverage(feeds=2, polled=2, well=1), False),
        (Coverage(feeds=2, polled=2, well=2, gaps=("hole",)), False),
        (Coverage(feeds=2, polled=2, well=2, notices=("loud",)), False),
        (Coverage(), False),
    ],
)
def test_all_is_well_only_when_it_is(covered, well):
    """Green means: every feed polled and well, no gap, no notice."""
    assert health.is_well(covered) is well
    assert health.health(covered).startswith("All ") is well


def test_stacked_marks_are_cut():
    """Three combining marks on a letter stay, a tower of them does not."""
    assert phrases.tidy("a" + "\u0301" * 50 + "b") == "a\u0301\u0301\u0301b"


def test_only_old_stories_are_no_new_matches(make):
    """A first digest that holds nothing but what was there before says that nothing is new."""
    assert health.empty(make.made(make.old_stories(1))).startswith("No new matches in 24 h. 120 of")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("اخبار: items", "\u2068اخبار\u2069: items"),
        ("the اخبار ۱۲ and שלום.", "the \u2068اخبار ۱۲\u2069 and \u2068שלום\u2069."),
        ("اخبار 403, two", "\u2068اخبار\u2069 403, two"),
        ("دو خبر، سه", "\u2068دو خبر، سه\u2069"),
    ],
)
def test_runs_from_right_to_left_are_isolated(text, shown):
    """Right-to-left words inside a sentence keep their order, and the sentence keeps its own."""
    assert phrases.isolated_runs(text) == shown


def test_a_cut_closes_what_it_opened():
    """A line that is cut inside an isolate ends it, so that the next words are not drawn in."""
    assert phrases.clipped("a \u2068شاهد شاهد\u2069 b", 6).count("\u2069") == 1


def test_only_the_head_of_a_long_text_is_looked_at():
    """A text that is cut says so, also when its head is nothing but marks."""
    assert phrases.short("a" + "\u0301" * 10_000, 10) == "a\u0301\u0301\u0301…"
    assert phrases.short("word " * 10_000, 12) == "word word…"
    assert phrases.short("word", 12) == "word"


@pytest.mark.parametrize(
    ("number", "shown"), [(0.44, "0.4"), (3.0, "3"), (2.54, "2.5"), (12.7, "13"), (1204, "1,204")]
)
def test_figures(number, shown):
    """Small figures have one place, large ones none."""
    assert phrases.figure(number) == shown
