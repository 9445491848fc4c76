"""What is found in an article: names, short names, relations, phrases, topics."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.seeds import read_article, study
from monitor.seeds.english import key_of, looks_english, sentences, singular
from monitor.seeds.names import abbreviations, dates, figures

ROOT = Path(__file__).resolve().parents[2]
BRIEF = ROOT / "seeds" / "iran-russia-cooperation.md"
SAMPLES = ROOT / "tests" / "data" / "seeds"


def studied(knowledge, text):
    return study(read_article(text), knowledge)


def of_file(knowledge, path):
    kind = "markdown" if path.suffix == ".md" else "text"
    return study(read_article(path.read_text(encoding="utf-8"), kind), knowledge)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        pytest.param("supplies", "supplied", True, id="forms of a verb in y"),
        pytest.param("providing", "provide", True, id="a mute e"),
        pytest.param("sold", "selling", True, id="an irregular verb"),
        pytest.param("UAVs", "UAV", True, id="the plural of capitals"),
        pytest.param("Iran’s", "Iran", True, id="a possessive"),
        pytest.param("U.S.", "US", True, id="dotted capitals"),
        pytest.param("US", "us", False, id="capitals are not the pronoun"),
        pytest.param("plane", "planning", False, id="words that only look alike"),
    ],
)
def test_forms_of_a_word_share_a_key(left, right, same):
    """The key joins the forms of a word and keeps other words apart."""
    assert (key_of(left) == key_of(right)) is same


def test_sentences_end_where_a_reader_sees_it():
    """An abbreviation ends no sentence, a question mark does."""
    text = "Dr. Gray spoke. Was it late? Yes."
    assert [one.strip() for _, one in sentences(text)] == [
        "Dr. Gray spoke.",
        "Was it late?",
        "Yes.",
    ]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        pytest.param(
            "liquefied natural gas, known as LNG, came",
            "LNG",
            "liquefied natural gas",
            id="known as",
        ),
        pytest.param(
            "the Grain Trade Council (GTC) met", "GTC", "Grain Trade Council", id="in brackets"
        ),
    ],
)
def test_the_texts_own_abbreviations_are_read(text, short, long):
    """A short name in capitals is tied to the words whose first letters it has."""
    found = abbreviations([text])
    assert [(one.short, one.long) for one in found] == [(short, long)]


def test_brackets_that_explain_nothing_are_no_abbreviation():
    """Letters that do not fit the words before them are left alone."""
    assert abbreviations(["the ministry of ports (USA) met"]) == ()


def test_figures_and_dates_are_told_apart():
    """A year is a date and no amount."""
    texts = ["In May 2016 the price rose by 8% to 35 euros, for several hundred buyers."]
    assert [one for one, _ in figures(texts)] == ["8%", "35 euros", "several hundred"]
    assert [one for one, _ in dates(texts)] == ["May 2016"]


def test_metonyms_and_short_names_mean_what_they_stand_for(knowledge):
    """Tehran is Iran, the Kremlin is Russia, and LNG is what the text explains."""
    text = "Tehran may sell the Kremlin liquefied natural gas, known as LNG, and Moscow wants it."
    by_surface = {one.surface: one.concept for one in studied(knowledge, text).mentions}
    assert by_surface["Tehran"].aliases == ("country-iran",)
    assert by_surface["Kremlin"] == by_surface["Moscow"]
    assert by_surface["LNG"] == by_surface["liquefied natural gas"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(
            "France sold tanks to Greece and it was good.",
            ("France", "sell", "Greece", False),
            id="active",
        ),
        pytest.param(
            "The tanks were for Greece and were delivered by France to it.",
            ("Greece", "deliver", "France", True),
            id="passive",
        ),
    ],
)
def test_a_relation_is_a_verb_between_two_actors(knowledge, text, wanted):
    """Who does what to whom, and whether the text turns it round."""
    one = studied(knowledge, text).relations[0]
    assert (one.subject.name, one.verb, one.target.name, one.turned) == wanted


@pytest.mark.parametrize(
    ("path", "names"),
    [
        pytest.param(BRIEF, {"iran-russia-drone", "hamadan-air-base", "gas-market"}, id="the seed"),
        pytest.param(
            SAMPLES / "strait-insurance.txt",
            {"bab-el-mandeb-strait", "premium-market"},
            id="insurance at a strait",
        ),
        pytest.param(
            SAMPLES / "danube-wheat-lithium.md",
            {"wheat-market", "lithium-market", "jadar-mine"},
            id="wheat and lithium",
        ),
    ],
)
def test_topics_are_found_without_being_told(knowledge, path, names):
    """The things and places that one can watch become topics of their own."""
    assert names <= {one.name for one in of_file(knowledge, path).topics}


def test_the_seed_offers_further_topics(knowledge):
    """Sanctions, Syria, the Guards and the constitution are told, with their passages."""
    found = of_file(knowledge, BRIEF)
    further = {one.name: [found.label(p) for p in one.passages] for one in found.further}
    assert {"sanctions", "syria", "irgc", "law-constitution"} <= set(further)
    assert further["sanctions"] == ["F26", "F27", "F28"]
    assert "Hamadan" in next(one.title for one in found.further if one.name == "law-constitution")


def test_an_article_beside_all_domains_is_told_by_its_phrases(knowledge):
    """Where no domain knows the things, key phrases are offered as topics."""
    text = (
        "The violin maker glued the violin. A violin of this maker is heard in the old town.\n\n"
        * 3
    )
    found = studied(knowledge, text)
    assert found.topics == ()
    assert any("violin" in one.name for one in found.further)


@pytest.mark.parametrize(
    "text", [pytest.param("", id="nothing"), pytest.param("Иран поставил дроны.", id="Russian")]
)
def test_what_is_no_english_text_is_refused(knowledge, text):
    """Another language is refused rather than read badly."""
    with pytest.raises(InputError, match="D020"):
        studied(knowledge, text)


def test_german_does_not_look_english():
    """The share of function words tells the languages apart."""
    assert not looks_english(["Der Hafen wurde gestern geschlossen, weil Arbeiter streikten."])
    assert looks_english(["The port was closed because of a strike."])


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("reserves", "reserve"),
        ("UAVs", "UAV"),
        ("policies", "policy"),
        ("gas", "gas"),
        ("crisis", "crisis"),
    ],
    ids=["plural", "capitals", "y", "a word in s", "a word in is"],
)
def test_terms_are_written_in_the_singular(word, wanted):
    """Forms bring the plural back, so a draft writes the plain word."""
    assert singular(word) == wanted
