"""What a digest holds: the lead, the order, one place per story, and everything counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.digests import Caps, digest_id, stories_shown
from monitor.model import Level, WatchlistInfo


def ids(stories) -> list[int]:
    return [shown.story.id for shown in stories]


def section(digest, name: str):
    return next(s for s in digest.sections if s.watchlist.name == name)


def all_ids(digest) -> list[int]:
    return ids(digest.top) + [key for s in digest.sections for key in ids(s.stories)]


def test_lead_is_the_best_score_then_the_earliest(make):
    """Of items alike in all else the best leads, and of the best the first."""
    low = make.member(1, "low", score=1, outlets=(("A", 1),))
    late = make.member(2, "late", score=2, outlets=(("B", 9),))
    early = make.member(3, "early", score=2, outlets=(("C", 5),))
    shown = make.made([make.story(1, low, late, early)]).sections[0].stories[0]
    assert shown.lead.item.title == "early"


def test_lead_prefers_an_outlet_that_no_state_runs(make):
    """A state-affiliated outlet leads only where nobody else has the story."""
    state = make.member(1, "state", score=9, outlets=(("Sample State Agency", 1),))
    free = make.member(2, "free", score=1, outlets=(("A", 99),))
    assert make.made([make.story(1, state, free)]).sections[0].stories[0].lead is free
    assert make.made([make.story(1, state)]).sections[0].stories[0].lead is state


def test_lead_has_matched(make):
    """An item without a hit never leads, since nothing could be shown as its reason."""
    silent = make.member(1, "silent", hits={"elsewhere": []}, outlets=(("A", 1),), score=9)
    fires = make.member(2, "fires", outlets=(("Sample State Agency", 50),))
    assert make.made([make.story(1, silent, fires)]).sections[0].stories[0].lead is fires


def test_lead_is_new_to_the_reader(make):
    """In an update the headline is one that came inside the window."""
    old = make.member(1, "old", score=9, outlets=(("A", -600),))
    new = make.member(2, "new", outlets=(("B", 60),))
    digest = make.made([make.story(7, old, new)], before={7})
    shown = digest.sections[0].stories[0]
    assert (shown.lead, shown.is_update, digest.items) == (new, True, 1)


def test_story_is_judged(make):
    """Outlets come in the order seen, state-affiliated ones apart, and the level is the highest."""
    shown = make.made(make.drone_stories()[:1]).sections[0].stories[0]
    assert shown.outlets[:3] == ("Example Wire", "Northern Post", "Gulf Ledger")
    assert shown.state_outlets == ("Госканал Пример", "خبرگزاری نمونه دولتی")
    assert shown.languages == ("en", "ru", "fa")
    assert (shown.level, shown.score) == (Level.HIGH, 3)
    assert shown.watchlists == ("drones", "talks")
    assert shown.first_seen_at == make.START + timedelta(minutes=425)


def test_what_comes_while_the_digest_is_built_is_told(make):
    """An item seen between the slot and the building stands with its outlet, as new."""
    item = make.member(1, "x", outlets=(("Later", 24 * 60 + 1),))
    digest = make.made([make.story(1, item)])
    assert digest.sections[0].stories[0].outlets == ("Later",)
    assert digest.items == 1


def test_order_is_level_score_new_newest(make):
    """The order is by level, then score, then what is new to the reader, then the newest."""
    rows = {1: ("gas", 9, 50), 2: ("drones", 1, 10), 3: ("drones", 1, 20), 4: ("drones", 5, 1),
            5: ("base", 1, 1), 6: ("drones", 1, 90)}  # fmt: skip
    stories = [
        make.story(key, make.member(key, "x", hits={name: []}, score=score, outlets=(("A", at),)))
        for key, (name, score, at) in rows.items()
    ]
    digest = make.made(stories, before={6}, caps=Caps(top=6, top_from=1))
    assert ids(digest.top) == [5, 4, 3, 2, 6, 1]


@pytest.mark.parametrize(("number", "top"), [(0, 0), (7, 0), (8, 5), (30, 5)])
def test_top_only_where_it_helps(make, number, top):
    """A short digest has no top block; a long one has five stories there."""
    assert len(make.made(make.flood_stories(number)).top) == top


def test_every_story_stands_once(make, cases):
    """No story is shown twice, and none is lost."""
    digest = cases["full-day"]()
    assert len(all_ids(digest)) == len(set(all_ids(digest))) == 15 + 1 + 3


def test_sections_follow_the_configuration(make):
    """Sections stand in the order of the configuration, silent watchlists in a list of their own."""
    digest = make.made(make.gas_and_base_stories())
    assert [s.watchlist.name for s in digest.sections] == ["drones", "gas", "base"]
    assert [info.name for info in digest.quiet] == ["talks"]
    assert section(digest, "drones").stories == ()  # its one story stands under a stronger list


def test_hits_of_other_profiles_do_not_count(make):
    """A story that only another profile's watchlist matches is not in this digest."""
    digest = make.made(make.gas_and_base_stories(), lists=(make.GAS,))
    assert sorted(all_ids(digest)) == [6, 7, 8]


def test_caps_are_counted_and_said(make):
    """What a cap leaves out is a number in the section and a sentence in the coverage."""
    digest = make.made(make.flood_stories(90), caps=Caps(per_watchlist=10))
    assert [(len(s.stories), s.left_out) for s in digest.sections] == [(10, 17), (10, 18), (10, 20)]
    assert len(digest.coverage.caps) == 3
    assert "17 stories beyond the cap of 10" in digest.coverage.caps[0]
    assert digest.stories == 90


def test_what_is_shown_is_all_that_must_be_looked_into(make):
    """The head first, then the sections; what a cap leaves out is not named."""
    digest = make.made(make.flood_stories(90), caps=Caps(per_watchlist=10))
    told = stories_shown(digest)
    assert told[: len(digest.top)] == tuple(one.story.id for one in digest.top)
    listed = sum(len(section.stories) for section in digest.sections)
    assert len(set(told)) == len(told) == len(digest.top) + listed
    assert len(told) < 90


def test_caps_of_other_rooms_are_kept(make):
    """Sentences about caps that the coverage brings along stay in front."""
    import dataclasses

    given = dataclasses.replace(make.WELL, caps=("A feed was cut.",))
    assert make.made([], coverage=given).coverage.caps == ("A feed was cut.",)


def test_backfill_stands_apart(make):
    """What the feeds held when watching began comes last, is capped, and is not counted as new."""
    digest = make.made([*make.old_stories(5), *make.drone_stories()[:1]], caps=Caps(backfill=3))
    last = digest.sections[-1]
    assert (last.watchlist.title, last.watchlist.name) == ("Already there when watching began", "")
    assert (len(last.stories), last.left_out) == (3, 2)
    assert (digest.stories, digest.items) == (1, 3)


def test_one_new_member_makes_a_story_new(make):
    """A story with one item from after the beginning is news."""
    old = make.member(1, "old", backfill=True)
    new = make.member(2, "new")
    assert make.made([make.story(1, old, new)]).stories == 1


def test_only_backfill_leaves_the_watchlist_quiet(make):
    """A watchlist that only old items match has no match in this window."""
    assert make.DRONES in make.made(make.old_stories(2)).quiet


def test_counts(make):
    """Stories, new articles and distinct outlets are counted over the whole digest."""
    digest = make.made(make.drone_stories()[:2])
    assert (digest.stories, digest.items, digest.outlets) == (2, 4, 7)


def test_digest_id_is_profile_and_date(make):
    """The key of a digest is its profile and local date."""
    assert make.made([]).id == digest_id("daily", make.due().local_date) == "daily-2025-11-22"


def test_many_watchlists(make):
    """A story of the last of a thousand watchlists finds its section; the others are quiet."""
    lists = tuple(WatchlistInfo(f"w{n}", f"List {n}") for n in range(1000))
    item = make.member(1, "x", hits={"w999": []})
    digest = make.made([make.story(1, item)], lists=lists)
    assert [s.watchlist.name for s in digest.sections] == ["w999"]
    assert len(digest.quiet) == 999


@pytest.mark.parametrize(
    ("language", "lead"),
    [
        pytest.param("", 1, id="no wish: the best score"),
        pytest.param("pl", 2, id="the reader's language before the score"),
        pytest.param("de", 1, id="a language that no member has changes nothing"),
    ],
)
def test_the_headline_is_in_the_reader_s_language_where_there_is_one(make, language, lead):
    """A story told in several languages is shown in the reader's, else by the usual order."""
    ours = make.member(1, "ours", score=2, outlets=(("A", 1),))
    theirs = make.member(2, "po polsku", score=1, outlets=(("B", 2),), lang="pl")
    shown = make.made([make.story(1, ours, theirs)], language=language).sections[0].stories[0]
    assert shown.lead.item.id == lead


def test_no_list_fills_the_head_while_another_has_stories(make):
    """Three critical stories at most stand before the first of another list."""
    digest = make.made(make.flood_stories(90))
    heads = [shown.watchlists[0] for shown in digest.top]
    assert len(heads) == 5
    assert max(heads.count(name) for name in heads) == 3
