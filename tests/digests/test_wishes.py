"""What a reader has asked for: lists on trial apart, mutes, a least level, and alerts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.digests import (
    Caps,
    alert_id,
    headcount,
    render_alert_email,
    render_alert_slack,
    render_alert_text,
    render_email,
    render_text,
    subject,
)
from monitor.model import Hit, Level, Mute, MuteKind

WORDS = {"version": "1"}


def ids(stories):
    return [shown.story.id for shown in stories]


def mute(make, kind, target):
    return Mute(1, kind, target, "too much of it", make.START)


def test_trial_stories_stand_in_their_own_section(make, cases):
    """What only a list on trial finds is counted nowhere, leads nothing, and comes after the rest."""
    digest = cases["full-day"]()
    names = [section.watchlist.name for section in digest.sections]
    assert names == ["drones", "gas", "base", "talks", "ports", ""]
    assert ids(digest.sections[4].stories) == [40]
    assert digest.stories == 15
    assert all(not shown.on_trial for shown in digest.top)


def test_a_list_on_trial_changes_nothing_of_a_live_story(make):
    """A story that a live list has too keeps its place, level and score."""
    digest = make.made(make.trial_stories(), lists=(make.PORTS, make.DRONES))
    shared = next(s for section in digest.sections for s in section.stories if s.story.id == 4)
    assert (shared.watchlists, shared.level, shared.score) == (("drones", "ports"), Level.HIGH, 1)
    assert subject(digest) == "[Watch] 1 story, 1 high · Sat 22 Nov"


def test_many_trial_stories_never_fill_the_head(make):
    """However many a list on trial finds, the head and the subject know nothing of them."""
    stories = [make.story(n, make.member(n, "x", hits={"ports": []})) for n in range(400)]
    digest = make.made(stories, lists=(make.DRONES, make.PORTS))
    assert (digest.top, digest.stories, digest.flood) == ((), 0, None)
    assert headcount(digest) == "no matches"
    assert "ON TRIAL: PORTS" in render_text(digest, **WORDS)


def test_trial_is_marked_in_every_rendering(cases):
    """Section, story and other lists' tags say that a list is on trial."""
    digest = cases["full-day"]()
    text, html = render_text(digest, **WORDS), render_email(digest, **WORDS).html
    assert "[on trial] Ferry service" in text
    assert "not counted above and never alerts" in text
    assert "On trial: Ports on the Caspian Sea" in html
    assert "Ports on the Caspian Sea (on trial)" in html


@pytest.mark.parametrize(
    ("kind", "target", "left"),
    [
        pytest.param(MuteKind.WATCHLIST, "gas", [9], id="a watchlist"),
        pytest.param(MuteKind.WATCHLIST, "drones", [6, 7, 8, 9], id="a list that others back"),
        pytest.param(MuteKind.STORY, "7", [6, 8, 9], id="a story"),
        pytest.param(MuteKind.OUTLET, "Market Sample", [6, 8, 9], id="an outlet, alone with it"),
        pytest.param(MuteKind.OUTLET, "Nobody", [6, 7, 8, 9], id="nothing that is there"),
    ],
)
def test_mutes(make, kind, target, left):
    """What is muted is not told; what others say too is told without it, and it is counted."""
    digest = make.made(make.gas_and_base_stories(), mutes=(mute(make, kind, target),))
    told = [key for section in digest.sections for key in ids(section.stories)]
    assert sorted(told) == left
    outlets = {name for s in digest.sections for shown in s.stories for name in shown.outlets}
    assert target not in outlets
    silent = 4 - len(left)
    said = [line for line in digest.coverage.caps if "muted" in line]
    assert said == (
        [f"Stories not told because they are muted: {silent} (newsmonitor mute list)."]
        if silent
        else []
    )


def test_a_muted_list_is_not_among_the_quiet(make):
    """Silence by a mute does not look like no news."""
    digest = make.made([], mutes=(mute(make, MuteKind.WATCHLIST, "gas"),))
    assert make.GAS not in digest.quiet


def test_least_level(make):
    """Hits below a digest's level do not count, are no sections, and are counted."""
    digest = make.made(make.gas_and_base_stories(), least_level=Level.HIGH)
    assert [section.watchlist.name for section in digest.sections] == ["drones", "base"]
    assert make.GAS not in digest.quiet
    assert digest.coverage.caps == ("Stories below this digest's level high: 3, not told.",)


def test_title(make):
    """The operator's name for the digest stands in subject and heading, on one line."""
    digest = make.made([], title="Gulf\r\ndesk")
    assert subject(digest) == "[Gulf desk] no matches · Sat 22 Nov"
    assert render_text(digest, **WORDS).startswith("Gulf desk digest · Sat 22 Nov\n")


@pytest.mark.parametrize(
    ("number", "usual", "floods"),
    [
        pytest.param(300, None, False, id="three hundred can be read"),
        pytest.param(301, None, True, id="more cannot"),
        pytest.param(301, 400.0, True, id="more cannot, though they are usual"),
        pytest.param(60, 11.0, True, id="five times the usual"),
        pytest.param(60, 12.0, False, id="not quite five times"),
        pytest.param(49, 1.0, False, id="few are no flood"),
        pytest.param(60, 0.0, True, id="nothing is usual"),
    ],
)
def test_flood(make, number, usual, floods):
    """More than 300 hits, or than five times the usual, are a flood."""
    assert (make.made(make.flood_stories(number), usual=usual).flood is not None) is floods


def test_flood_holds_back_and_counts(make, cases):
    """A flood shows ten stories and five of each list; all others are counted."""
    digest = cases["flood"]()
    assert len(digest.top) == 10
    assert all(len(section.stories) <= 5 for section in digest.sections)
    listed = len(digest.top) + sum(len(s.stories) + s.left_out for s in digest.sections)
    assert listed == digest.stories == 424
    assert digest.flood.terms == (("drone", 420), ("pipeline", 420))
    assert digest.flood.sources[0] == ("Outlet 0", 11)
    assert "! Flood: 425 matches, where 61 are usual." in render_text(digest, **WORDS)


def test_a_flood_keeps_smaller_caps(make):
    """Caps that are narrower than a flood's stay in force."""
    digest = make.made(make.flood_stories(400), caps=Caps(per_watchlist=2))
    assert {len(section.stories) for section in digest.sections} == {2}


def alert(make, stories, **extra):
    return make.build_alert("urgent", make.END, "Europe/Berlin", stories, (*make.LISTS, make.PORTS),
                            **{"reasons": {}, **extra})  # fmt: skip


def test_alert_key(make):
    """The key of an alert is its rule and moment in UTC."""
    assert alert_id("urgent", make.END) == "urgent-20251122T060000Z"


def test_alert_is_ordered_and_capped(make):
    """The weightiest story leads, each with its reason, and what is beyond the cap is counted."""
    made = alert(make, make.gas_and_base_stories(), reasons={6: "update: number: 3"}, cap=2)
    assert ids(made.stories) == [9, 6]
    assert made.reasons == ("new story", "update: number: 3")
    assert made.left_out == 2
    assert [info.name for info in made.watchlists] == ["drones", "gas", "base"]


def test_lists_on_trial_never_alert(make):
    """A story that only a list on trial has found is in no alert."""
    assert ids(alert(make, make.trial_stories()).stories) == [4]
    assert alert(make, make.trial_stories()).stories[0].watchlists == ("drones",)


def test_alert_leads_with_what_is_new(make):
    """After a story was told, an alert shows an item that came later."""
    old = make.member(1, "old", score=9, outlets=(("A", 1),))
    new = make.member(2, "new", outlets=(("B", 60),))
    made = alert(make, [make.story(1, old, new)], told_at={1: make.moment(30)})
    assert (made.stories[0].lead.item.title, made.stories[0].is_update) == ("new", True)


def test_alert_of_nothing(make):
    """Stories without a counting hit are left out; the alert may be empty."""
    made = alert(make, make.gas_and_base_stories()[:1], least_level=Level.HIGH)
    assert made.stories == ()


@pytest.mark.parametrize(
    ("stories", "said"),
    [
        ([3], "[Watch] critical: Satellite pictures show new shelters at Hamedan air base"),
        ([0, 3], "[Watch] critical, 2 stories: Satellite pictures show new shelters at Hamedan air base"),
    ],
)  # fmt: skip
def test_alert_subject(make, stories, said):
    """The subject of an alert says level, number and the first headline."""
    made = alert(make, [make.gas_and_base_stories()[n] for n in stories])
    assert render_alert_email(made, **WORDS).subject == said


def test_alert_says_why_now(make):
    """Each story of an alert says in every rendering why it is told now."""
    made = alert(make, make.gas_and_base_stories()[3:], reasons={9: "update: number: 6,000"})
    mail = render_alert_email(made, **WORDS)
    assert "Told now: update: number: 6,000" in mail.text
    assert "update: number: 6,000</span>" in mail.html
    assert "_told now_ update: number: 6,000" in str(render_alert_slack(made, **WORDS))
    assert "The air base near Hamadan" in render_alert_text(made, **WORDS)


def test_long_alerts_fit(make):
    """Very many stories stay within 90 kB; both halves count the same rest."""
    made = alert(make, make.flood_stories(200), cap=200)
    mail = render_alert_email(made, **WORDS)
    assert len(mail.html.encode()) <= 90_000
    assert "and 180 more stories: newsmonitor stories list" in mail.text
    assert "and 180 more stories: newsmonitor stories list" in mail.html


def test_hits_of_a_story_in_a_flood_count_once_per_list(make):
    """The flood counts hits, not stories: one item in two lists is two."""
    story = make.flood_stories(1)[0]
    hit = replace(story.members[0].hits[0], id=9, watchlist="talks")
    both = replace(story, members=(replace(story.members[0], hits=(*story.members[0].hits, hit)),))
    assert isinstance(hit, Hit)
    stories = [replace(both, id=n) for n in range(151)]
    assert make.made(stories).flood.hits == 302
