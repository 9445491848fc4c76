"""Edits of headlines and texts: the diff, and what changes the meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Change
from monitor.stories.actors import actors_between, title_cased
from monitor.stories.edits import MOST_EDITS, diff, edits, weighty
from tests.stories.told import told, word


def marked(pieces):
    shape = {Change.SAME: "{}", Change.CUT: "[-{}-]", Change.ADDED: "{{+{}+}}"}
    return "".join(shape[change].format(text) for change, text in pieces)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        pytest.param("Iran ships drones", "Iran denies it ships drones", "Iran {+denies it +}ships drones", id="words added"),
        pytest.param("3 dead in blast", "9 dead in blast", "[-3-]{+9+} dead in blast", id="a word replaced"),
        pytest.param("a b c d", "a x y d", "a [-b c-]{+x y+} d", id="neighbours are one change"),
        pytest.param("same", "same", "same", id="nothing changed"),
        pytest.param("", "new text", "{+new text+}", id="from nothing"),
    ],
)  # fmt: skip
def test_the_diff_is_of_words(before, after, shown):
    """A reader sees whole words cut and added, not letters."""
    assert marked(diff(before, after)) == shown


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_diff_gives_back_both_wordings(before, after):
    """SAME and CUT joined are the old wording, SAME and ADDED the new one."""
    pieces = diff(before, after)
    assert "".join(text for change, text in pieces if change is not Change.ADDED) == before
    assert "".join(text for change, text in pieces if change is not Change.CUT) == after


def test_a_long_change_is_one_cut_and_one_addition():
    """The cost of a diff is bounded: beyond the limit nothing is compared word by word."""
    pieces = diff("start " + "a b " * 3_000, "start " + "c d " * 3_000)
    assert [change for change, _ in pieces][:3] == [Change.SAME, Change.CUT, Change.ADDED]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param("Iran will ship drones", "Iran will not ship drones", "negation", id="English"),
        pytest.param("Officials can confirm the deal", "Officials can't confirm the deal", "negation", id="English, short"),
        pytest.param("Иран поставит дроны", "Иран не поставит дроны", "negation", id="Russian"),
        pytest.param("Іран поставить дрони", "Іран не поставить дрони", "negation", id="Ukrainian"),
        pytest.param("Iran wyśle drony", "Iran nie wyśle dronów", "negation", id="Polish"),
        pytest.param("Iran liefert Drohnen", "Iran liefert keine Drohnen", "negation", id="German"),
        pytest.param("L'Iran livre des drones", "L'Iran ne livre pas de drones", "negation", id="French"),
        pytest.param("ایران پهپاد می‌فرستد", "ایران پهپاد نمی‌فرستد", "negation", id="Persian"),
        pytest.param("إيران ترسل الطائرات", "إيران لن ترسل الطائرات", "negation", id="Arabic"),
        pytest.param("ईरान ड्रोन भेजेगा", "ईरान ड्रोन नहीं भेजेगा", "negation", id="Hindi"),
        pytest.param("伊朗提供无人机", "伊朗不提供无人机", "negation", id="Chinese"),
        pytest.param("Blast kills 3 at the port", "Blast kills 9 at the port", "number", id="a count"),
        pytest.param("Gas rises 8 % in a day", "Gas rises 3 % in a day", "number", id="a share"),
        pytest.param("Blast at the port", "Blast at the port kills three", "number", id="a number in words"),
        pytest.param("12th package agreed", "13th package agreed", "number", id="an ordinal"),
        pytest.param("Firm may close plant", "Firm closes plant", "hedge", id="a hedge dropped"),
        pytest.param("Ministry comments on drone report", "Ministry denies drone report", "denial", id="a denial"),
        pytest.param("Gas rises at noon", "Gas falls at noon", "direction", id="the other direction"),
        pytest.param("Ministers meet in the capital today", "Ministers meet Orsolya Varga in the capital today", "actor", id="an actor came in"),
        pytest.param("Blast hits plant in Norway", "Blast hits plant in Sweden", "actor", id="another state"),
    ],
)  # fmt: skip
def test_what_changes_the_meaning_is_weighty(before, after, reason):
    """In both directions, since taking a word out matters as much as putting it in."""
    assert reason in weighty(before, after)
    assert reason in weighty(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Iran ships drones", "IRAN SHIPS DRONES!", id="case and marks"),
        pytest.param("Iran ships drones to the front - Reuters", "Iran ships drones to the front | The Herald", id="a publisher's suffix"),
        pytest.param("Iran's “drones” reach port", "Iran's 'drones' reach port", id="quotes"),
        pytest.param("Iran ships a new batch of drones to the...", "Iran ships a new batch of drones to the front line", id="a headline that was cut short"),
        pytest.param("Two ships leave the port", "2 ships leave the port", id="a number in digits"),
        pytest.param("Deal of $4.4bn agreed", "Deal of $4.4 billion agreed", id="a multiplier written out"),
        pytest.param("talks with Orsolya Varga end", "talks with Varga end", id="a surname alone"),
        pytest.param("the United Nations meets on ships", "the UN meets on ships", id="initials"),
        pytest.param("Ships Leave The Port In Great Hurry", "Ships leave port in great hurry", id="capitals of a headline"),
        pytest.param("Plant is to be openned", "Plant is to be opened", id="a slip of the pen"),
        pytest.param("", "Iran ships drones", id="from nothing"),
    ],
)  # fmt: skip
def test_what_leaves_the_meaning_is_cosmetic(before, after):
    """In both directions."""
    assert weighty(before, after) == ()
    assert weighty(after, before) == ()


def test_capitals_of_a_title_cased_headline_name_nobody_by_themselves():
    """A name in it is one when the text writes it with a capital too."""
    before, after = "Minister Opens New Great Plant Today", "Minister Opens New Skarvoy Plant Today"
    assert title_cased(before)
    assert actors_between(before, after) == ()
    assert actors_between(before, after, "It stands in Skarvoy by the sea.") == ("Skarvoy",)


def test_each_wording_is_compared_with_the_next():
    """Versions in order of time, then the present wording; title and text apart."""
    member = told(
        1, "Three dead in blast", "Now with more.",
        before=[("Blast", ""), ("Two dead in blast", "Now with more.")],
    )  # fmt: skip
    found = edits([member])
    assert [(one.field, one.before, one.after) for one in found] == [
        ("title", "Blast", "Two dead in blast"),
        ("text", "", "Now with more."),
        ("title", "Two dead in blast", "Three dead in blast"),
    ]
    assert found[2].weighty == ("number",)
    assert found[0].at == member.versions[0].until


@pytest.mark.parametrize(
    ("lost", "told_so"),
    [
        pytest.param(1.0, ("headline no longer says Shahed",), id="the list fires no more"),
        pytest.param(None, (), id="the list still fires"),
    ],
)
def test_an_edit_that_takes_the_match_away_says_what_went(lost, told_so):
    """Only for lists that the item's present wording no longer fires."""
    member = told(
        1, "Report on drones corrected", before=[("Report on Shahed drones corrected", "")],
        evidence=[word("named", "Shahed"), word("drone", "drones")], lost=lost,
    )  # fmt: skip
    (edit,) = edits([member])
    assert tuple(one for one in edit.weighty if one.startswith("headline")) == told_so


def test_the_newest_edits_are_told():
    """A story with a clock in its headlines cannot grow a dossier without end."""
    clocks = [told(n, "now", before=[(f"at {m}", "") for m in range(24)]) for n in range(20)]
    found = edits(clocks)
    assert len(found) == MOST_EDITS
    assert found == tuple(sorted(found, key=lambda one: one.at))
