"""What an item adds to its story: roles, and the facts that are named."""

from __future__ import annotations

import pytest

from monitor.model import Move, Role
from monitor.stories.dossier import dossier
from monitor.stories.figures import Seen, figures, worded
from tests.stories.told import story, told, word

LONG = (
    "The ministry said on Tuesday that a ship with crates for a plant on the Volga had left the "
    "port in the night and was expected to arrive within a week, according to two port workers."
)


def parts(*members):
    return dossier(story(*members)).parts


def test_first_copy_report_update():
    """The first is first; its words again are a copy; a third outlet's own words a report."""
    found = parts(
        told(1, "A ship left", LONG),
        told(2, "A ship left", LONG),
        told(3, "Departure of a vessel was seen by night watchmen"),
        told(4, "Harbour confirms what was rumoured all week long"),
        told(5, "Ship carries 6,000 crates, harbour master reveals to all"),
    )
    assert [one.role for one in found] == [
        Role.FIRST,
        Role.COPY,
        Role.UPDATE,
        Role.REPORT,
        Role.UPDATE,
    ]
    assert [one.new for one in found[:4]] == [(), (), ("origin: Outlet 3",), ()]
    assert found[4].new == ("number: 6,000 crates",)


def test_a_copy_adds_nothing_whatever_it_says():
    """A copy with another figure in its headline is still a copy."""
    found = parts(told(1, "A ship left", LONG), told(2, "A ship left, 900 crates aboard", LONG))
    assert (found[1].role, found[1].new) == (Role.COPY, ())


def test_a_longer_text_around_the_same_words_can_be_an_update():
    """A flash and the full report share words; what the report adds is named."""
    more = f"{LONG} " + " ".join(f"word{n}" for n in range(60))
    found = parts(told(1, "Flash", LONG), told(2, "Ship left with 900 crates", more))
    assert (found[1].role, found[1].new) == (Role.UPDATE, ("number: 900 crates",))


@pytest.mark.parametrize(
    ("first", "second", "new"),
    [
        pytest.param([word("place", "Alabuga", alias="alabuga")], [word("place", "Алабуге", alias="alabuga")], (), id="the same alias set in another script"),
        pytest.param([], [word("place", "Alabuga", alias="alabuga")], ("place: Alabuga",), id="a place that was not named yet"),
        pytest.param([word("named", "Geran-2")], [word("named", "Герань-2")], (), id="a name with the same consonants and digits"),
        pytest.param([word("move", "rises", term="rise", move=Move(8.0, "%", "rise"))], [word("move", "up", term="up", move=Move(8.2, "%", "rise"))], (), id="nearly the same move"),
        pytest.param([word("move", "rises", term="rise", move=Move(8.0, "%", "rise"))], [word("move", "falls", term="fall", move=Move(8.0, "%", "fall"))], ("move: −8 %",), id="the other direction"),
        pytest.param([], [word("russia", "Russian", alias="country-russia")], (), id="a state is the scene, not the news"),
        pytest.param([], [word("handover", "delivers", term="deliver")], (), id="a common word of a list"),
        pytest.param([], [word("who", "IRGC")], ("who: IRGC",), id="a name that the list writes in capitals"),
    ],
)  # fmt: skip
def test_matched_things_are_news_when_no_earlier_item_had_them(first, second, new):
    """Compared by alias set, consonants or value, never by words; the outlet is the same."""
    found = parts(
        told(1, "A vessel is on its way", LONG, outlet="Herald", evidence=first),
        told(2, "Night departure was seen from shore", outlet="Herald", evidence=second),
    )
    assert found[1].new == new


def test_a_name_that_an_earlier_text_had_without_firing_is_not_new():
    """What readers have read already is known, also in another script."""
    found = parts(
        told(1, "Ship heads for Астрахань at night", LONG, outlet="Herald"),
        told(
            2,
            "Docks are full",
            outlet="Herald",
            evidence=[word("port", "Astrakhan", alias="astrakhan")],
        ),
    )
    assert found[1].new == ()


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("Ship left on 14 March 2026", id="a date"),
        pytest.param("Ship left on March 14 at 07:30", id="a date in English order, and an hour"),
        pytest.param("Ship left after 48 hours in port", id="a length of time"),
        pytest.param("Ship with Shahed-136 parts left", id="a model"),
        pytest.param("The 13th ship left", id="an ordinal"),
        pytest.param("Exactly 900 crates left", id="a figure that was told"),
        pytest.param("Some 0.9 thousand crates left", id="a told figure in other words"),
    ],
)
def test_such_numbers_are_no_news(title):
    """Dates, hours, lengths, models and what was told add nothing."""
    found = parts(
        told(1, "Ship left with 900 crates", LONG, outlet="Herald"),
        told(2, title, "Another text of this outlet.", outlet="Herald"),
    )
    assert found[1].new == ()


def test_origins_make_news_only_while_they_change_the_picture():
    """The second origin confirms; an agency and the first free outlet count; a tenth paper not."""
    found = parts(
        told(1, "Ship left, says ministry today", state=True),
        told(2, "Vessel departs as planned, officials told us", state=True),
        told(3, "Watchmen saw the freighter go before dawn"),
        told(4, "Nothing else is known of that cargo yet"),
        told(5, "Cargo gone", "PORT (Reuters) - It left."),
    )
    assert [one.new for one in found] == [
        (),
        ("origin: Outlet 2",),
        ("origin: Outlet 3",),
        (),
        ("origin: Reuters",),
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("6,000 drones", {"6000"}, id="a comma groups"),
        pytest.param("6 thousand, 6 тыс., ۶ هزار", {"6000"}, id="multipliers of three languages"),
        pytest.param("$4.4B and $4.4 billion", {"4400000000"}, id="short and long billions"),
        pytest.param("2,000 MW", {"2000"}, id="a grouped number is no year"),
        pytest.param("in 2026, at 07:00, on 3 May, 2026-03-10", set(), id="years, hours and dates"),
        pytest.param("5G and Q4", set(), id="digits inside a word"),
    ],
)
def test_figures_are_read_by_value(text, values):
    """The same amount has one value, however it is written."""
    assert {f"{one.value.normalize():f}" for one in figures(text)} == values


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("5,987", "6,000", True, id="rounded"),
        pytest.param("8.2 %", "8 percent", True, id="a rounded share"),
        pytest.param("75", "80", False, id="small counts are exact"),
        pytest.param("8 %", "8", False, id="a share is no count"),
        pytest.param("12th", "13th", False, id="ordinals"),
    ],
)
def test_a_rounded_figure_is_the_same_figure(one, other, same):
    """Asked in both orders."""
    first, second = figures(one)[0], figures(other)[0]
    assert (second in Seen([first])) is same
    assert (first in Seen([second])) is same


def test_numbers_in_words_are_read_on_request():
    """Two and dwa are 2."""
    assert [str(one.value) for one in worded("two, dwa and a half")] == ["2", "2"]
