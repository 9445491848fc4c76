"""What is said of one story: who has it, what is new, what was edited, what it no longer says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.digests import render_email, render_slack, render_text
from monitor.digests.carriers import carriers
from monitor.digests.changes import redlines
from monitor.digests.page import lay_out
from monitor.model import Change, Dossier, Edit, Origin, Part, Role

WORDS = {"version": "1"}


def shown(make, *members, dossier=None, **extra):
    digest = make.made([make.story(1, *members)], dossiers={1: dossier or Dossier()}, **extra)
    return digest.sections[0].stories[0]


def entry(make, *members, dossier=None, **extra):
    digest = make.made([make.story(1, *members)], dossiers={1: dossier or Dossier()}, **extra)
    return lay_out(digest, version="1").blocks[0].stories[0]


def carried(make, *outlets):
    return make.member(1, "x", outlets=tuple((name, n) for n, name in enumerate(outlets)))


@pytest.mark.parametrize(
    ("outlets", "origins", "said"),
    [
        pytest.param(("A", "B", "C"), [("Agency", "ABC")],
            "3 outlets, 1 origin: Agency (A, B, C)", id="one text that all carry"),
        pytest.param(("A", "B", "C"), [("A", "A"), ("B", "BC")],
            "3 outlets, 2 origins: A, B (C)", id="an outlet's own words bear its name"),
        pytest.param(tuple("ABCDEF"), [("Agency", "ABCDEF")],
            "6 outlets, 1 origin: Agency (A, B, C, +3)", id="many outlets are counted"),
        pytest.param(("A",), [("Agency", "A")], "A, origin: Agency", id="one outlet, another's words"),
        pytest.param(("A",), [("A", "A")], "A", id="one outlet, its own words"),
        pytest.param(("A", "Sample State Agency"), [("A", "A"), ("Sample State Agency", ("Sample State Agency",))],
            "2 outlets (of them 1 state-affiliated), 2 origins: A; state-affiliated: Sample State Agency",
            id="a state's origin stands apart"),
        pytest.param(("Sample State Agency",), [("Sample State Agency", ("Sample State Agency",))],
            "Sample State Agency (state-affiliated)", id="only a state has it"),
        pytest.param(("A", "B"), [("Gone", "Z")], "2 outlets: A, B", id="an origin that is silenced"),
        pytest.param(("A", "B"), [], "2 outlets: A, B", id="nothing known of origins"),
        pytest.param(tuple("ABCDEF"), [(c, c) for c in "ABCDEF"],
            "6 outlets, 6 origins: A, B, C, D …", id="many origins"),
    ],
)  # fmt: skip
def test_outlets_and_origins_are_counted_apart(make, outlets, origins, said):
    """The reader sees how many print it and how many have written it."""
    made = tuple(Origin(name, tuple(by), (1,), None, name in make.STATE) for name, by in origins)
    assert carriers(shown(make, carried(make, *outlets), dossier=Dossier(origins=made))) == said


def update(make, minutes, *new, item=1):
    return Part(item, Role.UPDATE, 0, new, make.moment(minutes))


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        pytest.param([(60, "number: 6,000")], ("number: 6,000 (Wire, 08:00)",), id="inside the window"),
        pytest.param([(-60, "number: 1")], (), id="told the day before"),
        pytest.param([(n, f"number: {n}") for n in range(6)],
            (*(f"number: {n} (Wire, 07:0{n})" for n in range(2, 6)), "and 2 earlier updates"),
            id="more than fit are counted"),
    ],
)  # fmt: skip
def test_news_since_the_last_digest(make, parts, lines):
    """An update tells what was added inside the window, by whom and when."""
    dossier = Dossier(parts=tuple(update(make, at, fact) for at, fact in parts))
    item = make.member(1, "x", outlets=(("Wire", 0),))
    new = entry(make, item, dossier=dossier, before={1}).new
    assert tuple(line.replace("21 Nov ", "") for line in new) == lines
    assert entry(make, item, dossier=dossier).new == ()  # all of a new story is new


def test_news_since_the_alert(make):
    """A story that was alerted and stood in no digest tells what came after the alert."""
    dossier = Dossier(parts=(update(make, 10, "number: 1"), update(make, 50, "number: 2")))
    item = make.member(1, "x", outlets=(("Wire", 0),))
    made = entry(make, item, dossier=dossier, alerted={1: make.moment(30)})
    assert [line.partition(" (")[0] for line in made.new] == ["number: 2"]
    assert made.alerted == "already alerted 21 Nov 07:30"


def test_alert_of_today_needs_no_date(make):
    """An alert on the morning of the digest is told with its hour alone."""
    made = entry(make, make.member(1, "x"), alerted={1: make.END - timedelta(minutes=65)})
    assert made.alerted == "already alerted 05:55"


SPLIT = ((Change.SAME, "Ten "), (Change.CUT, "were "), (Change.ADDED, "are said to be "),
         (Change.SAME, "dead"))  # fmt: skip


def edited(make, **changes):
    edit = Edit(
        1, "title", "Ten were dead", "Ten are said to be dead", make.moment(90), SPLIT, ("hedge",)
    )
    return Dossier(edits=(replace(edit, **changes),))


def test_edited_headline_in_every_rendering(make):
    """Cut words are struck through, added ones underlined, bold or in brackets."""
    item = make.member(1, "Ten are said to be dead", hits={"drones": [("x", "dead")]})
    digest = make.made([make.story(1, item)], dossiers={1: edited(make)})
    text = " ".join(render_text(digest, **WORDS).split())
    assert "Headline edited 21 Nov 08:30 (hedge): Ten [-were-] {+are said to be+} dead" in text
    html = render_email(digest, **WORDS).html
    assert ">were</del>" in html
    assert ">are said to be</ins>" in html
    assert "Ten ~were~ *are said to be* dead" in str(render_slack(digest, **WORDS))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({}, 1, id="inside the window"),
        pytest.param({"at": None}, 1, id="nobody knows when"),
        pytest.param({"field": "text"}, 1, id="a text whose meaning changed"),
        pytest.param({"field": "text", "weighty": ()}, 0, id="a text that was polished"),
        pytest.param({"item_id": 7}, 0, id="of an item that is no member"),
        pytest.param({"weighty": ("headline no longer says x",)}, 1, id="a loss, told by the hit"),
    ],
)
def test_which_edits_are_told(make, changes, told):
    """Every edited headline is told, a text only where its meaning changed."""
    lines = redlines(shown(make, make.member(1, "x"), dossier=edited(make, **changes)), make.START)
    assert len(lines) == told
    assert all("no longer" not in reason for line in lines for reason in line.reasons)


def test_edits_of_the_day_before_are_old(make):
    """An edit before the window was told by the digest before."""
    dossier = edited(make, at=make.moment(-5))
    assert redlines(shown(make, make.member(1, "x"), dossier=dossier), make.START) == ()


def test_lost_words_are_told_and_are_no_reason(make, cases):
    """A headline that no longer fires says which words went; they are not given as why."""
    block = lay_out(cases["full-day"](), version="1").blocks[0]
    lost = next(one for one in block.stories if one.lost)
    assert lost.lost == ("headline no longer says “Shahed-136” (since 21 Nov 21:20)",)
    assert [term.text for term in lost.why.terms] == ["depot"]


def test_lost_without_a_lost_word(make):
    """A hit can be lost though each word still stands: what they meant together has gone."""
    one = make.member(1, "Shahed in the depot", hits={"drones": [("named", "Shahed")]})
    hit = replace(one.hits[0], lost_at=make.moment(90))
    made = entry(make, replace(one, hits=(hit,)))
    assert made.lost == ("wording no longer matches (since 21 Nov 08:30)",)


def test_what_still_matches_leads(make):
    """An item that still fires leads before one whose hit was lost, whatever its score."""
    gone = make.member(1, "gone", score=9, outlets=(("A", 1),))
    gone = replace(gone, hits=tuple(replace(h, lost_at=make.moment(9)) for h in gone.hits))
    still = make.member(2, "still", score=1, outlets=(("B", 50),))
    story = shown(make, gone, still)
    assert (story.lead.item.title, story.score) == ("still", 1)
