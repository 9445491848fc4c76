"""Whose words a story's items are: copies, credits, independent origins."""

from __future__ import annotations

import pytest

from monitor.stories.credits import agency_of, credit
from monitor.stories.dossier import dossier
from tests.stories.told import story, told

LONG = (
    "The ministry said on Tuesday that a ship with crates for a plant on the Volga had left the "
    "port in the night and was expected to arrive within a week, according to two port workers."
)
OTHER = (
    "Satellite pictures bought by this paper show a vessel of the same length at the northern "
    "quay, while the harbour's own list of departures has no entry for that night at all."
)


def origins(*members):
    return [(one.name, one.items) for one in dossier(story(*members)).origins]


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        pytest.param("A", "KYIV, March 5 (Reuters) - Drones were seen.", "Reuters", id="English dateline in brackets"),
        pytest.param("A", "MOSCOW, March 5. /TASS/. Drones were seen.", "TASS", id="dateline between slashes"),
        pytest.param("A", "Berlin (dpa) - Drohnen wurden gesehen.", "dpa", id="German dateline"),
        pytest.param("Drones were seen - AFP", "", "AFP", id="end of a headline"),
        pytest.param("A", "به گزارش ایرنا، پهپادها دیده شدند.", "IRNA", id="Persian opening"),
        pytest.param("A", "КИЕВ, 5 мар - РИА Новости. Дроны замечены.", "RIA Novosti", id="Russian dateline"),
        pytest.param("A", "新华社莫斯科3月5日电 无人机", "Xinhua", id="Chinese dateline"),
    ],
)  # fmt: skip
def test_a_dateline_makes_the_text_the_agencys_own(title, text, name):
    """Where the trade puts its credit, the text is that agency's."""
    found = credit(title, text)
    assert found is not None
    assert (found.agency.name, found.own) == (name, True)


@pytest.mark.parametrize(
    ("text", "name", "state"),
    [
        pytest.param("The plant grows, Reuters reported on Monday.", "Reuters", False, id="English verb behind"),
        pytest.param("The plant grows, the minister told AFP.", "AFP", False, id="told to an agency"),
        pytest.param("Как сообщает ТАСС, завод растёт.", "TASS", True, id="Russian verb"),
        pytest.param("Завод растёт, по данным агентства «Интерфакс».", "Interfax", False, id="Russian, in quotes"),
        pytest.param("Завод зростає, повідомляє Укрінформ.", "Ukrinform", True, id="Ukrainian verb"),
        pytest.param("Zakład rośnie, podaje Agencja Reuters.", "Reuters", False, id="Polish verb"),
        pytest.param("وذكرت وكالة رويترز أن المصنع يتوسع", "Reuters", False, id="Arabic verb with its and"),
        pytest.param("وفقا لرويترز فإن المصنع يتوسع", "Reuters", False, id="Arabic name with its particle"),
        pytest.param("据新华社报道，工厂扩建", "Xinhua", True, id="Chinese verb"),
    ],
)  # fmt: skip
def test_a_report_about_an_agencys_report_is_a_citation(text, name, state):
    """A verb of report beside the name cites; the text stays somebody's own."""
    found = credit("A headline", text)
    assert found is not None
    assert (found.agency.name, found.agency.state, found.own) == (name, state, False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The Reuters building was evacuated.", id="a name that merely occurs"),
        pytest.param("Officials in Fars province said nothing.", id="a province of the same name"),
        pytest.param(
            "Nie padł ani jeden strzał, podaje ani.", id="a small word like a name in capitals"
        ),
        pytest.param("", id="no text"),
    ],
)
def test_a_name_without_a_frame_is_no_credit(text):
    """What is not where credits stand credits nobody."""
    assert credit("A headline", text) is None


def test_an_outlet_may_be_an_agency():
    """Its feed is its own text, in any script."""
    assert agency_of("ТАСС").name == "TASS"
    assert agency_of("Some Herald") is None


def test_five_copies_of_one_text_are_one_origin_of_five_outlets():
    """The same words, with another headline or cut short, count once."""
    cuts = [LONG, LONG + " More was not known.", LONG[:150], LONG.upper(), LONG]
    found = dossier(story(*(told(n, f"Headline number {n}", t) for n, t in enumerate(cuts, 1))))
    (only,) = found.origins
    assert only.items == (1, 2, 3, 4, 5)
    assert len(only.outlets) == len(found.outlets) == 5
    assert only.name == "Outlet 1"


def test_other_words_are_another_origin():
    """Two outlets with texts of their own are two origins, also under one headline."""
    assert (
        len(origins(told(1, "A ship left the port", LONG), told(2, "A ship left the port", OTHER)))
        == 2
    )


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        pytest.param(("A ship with crates left the port", ""), ("A ship with crates left the port - Herald", ""), 1, id="equal headlines, no text"),
        pytest.param(("A ship with crates left the port", ""), ("A ship with 12 crates left the port", ""), 2, id="a figure differs"),
        pytest.param(("Ship leaves", ""), ("Ship leaves", ""), 2, id="too few words to prove a copy"),
        pytest.param(("A ship with crates left the port", "It sailed at night under a flag."), ("A ship with crates left the port", "Dockers went on strike this week."), 2, id="equal headlines, other summaries"),
        pytest.param(("A ship with crates left the port", "It sailed at night under a flag of"), ("A ship with crates left the port", "It sailed at night under a flag of convenience."), 1, id="a summary that breaks off"),
    ],
)  # fmt: skip
def test_short_items_need_headline_and_summary_to_agree(first, second, count):
    """Where there is little text, doubt leaves items apart."""
    assert len(origins(told(1, *first), told(2, *second))) == count


def test_the_credit_names_the_origin_of_all_its_copies():
    """A copy without the credit line belongs to the agency that another copy credits."""
    found = origins(told(1, "First", LONG), told(2, "Second", f"PORT (Reuters) - {LONG}"))
    assert found == [("Reuters", (1, 2))]


def test_two_reports_that_only_pass_on_an_agency_are_one_origin():
    """Other words, the same credit and nothing of their own: the source is the agency."""
    one = told(1, "Ship left, agency says", "A ship left the port, Reuters reported.")
    two = told(2, "Crates on their way", "As reported by Reuters, crates are under way by sea now.")
    assert origins(one, two) == [("Reuters", (1, 2))]


def test_a_report_that_adds_to_its_agency_is_the_outlets_own():
    """Who cites an agency and brings a figure that it had not is an origin too."""
    one = told(1, "Ship left", "A ship left the port, Reuters reported.")
    two = told(
        2, "Ship had 400 crates aboard", "Reuters reported the departure; our count is higher."
    )
    assert origins(one, two) == [("Reuters", (1,)), ("Outlet 2", (2,))]


def test_state_affiliation_is_of_the_agency_or_of_every_outlet():
    """One free outlet among the carriers is enough for an outlet's own text."""
    found = dossier(
        story(
            told(1, "First", f"به گزارش ایرنا، {LONG}"),
            told(2, "Second", OTHER, state=True),
            told(3, "A third headline of five words", ""),
        )
    )
    assert [one.state_affiliated for one in found.origins] == [True, True, False]
    assert found.state_outlets == ("Outlet 2",)


def test_two_texts_of_one_outlet_are_one_origin():
    """Who reports twice is not two sources."""
    assert origins(
        told(1, "First", LONG, outlet="Herald"), told(2, "Second", OTHER, outlet="Herald")
    ) == [("Herald", (1, 2))]
