"""Drafts: they load, pass their tests, tell their sources, and copy nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.matching import Matcher, lint, load_watchlist, run_tests
from monitor.pipeline.derive import article_of, derive, with_archive
from monitor.seeds import load_domains, read_article

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "data" / "seeds"
ARTICLES = [
    pytest.param(ROOT / "seeds" / "iran-russia-cooperation.md", id="the seed"),
    pytest.param(SAMPLES / "strait-insurance.txt", id="insurance at a strait"),
    pytest.param(SAMPLES / "danube-wheat-lithium.md", id="wheat and lithium"),
]


@pytest.fixture(scope="module")
def all_drafts(known):
    return {
        path.values[0]: derive(article_of(path.values[0]), known, "sample") for path in ARTICLES
    }


def list_of(draft, known):
    return load_watchlist(draft.text, f"{draft.draft.name}.yaml", known.aliases)


@pytest.mark.parametrize("path", ARTICLES)
def test_every_draft_loads_and_passes_its_own_tests(all_drafts, known, path):
    """What derive writes is what check accepts, and no test had to be taken out."""
    _, drafts = all_drafts[path]
    for one in drafts:
        watchlist = list_of(one, known)
        assert str(watchlist.status) == "draft"
        assert [o.title for o in run_tests(watchlist) if not o.passed] == [], one.draft.name
        assert one.left_out == ()
        assert {test.fires for test in watchlist.tests} == {True, False}


@pytest.mark.parametrize("path", ARTICLES)
def test_no_group_of_a_draft_is_idle(all_drafts, known, path):
    """Each group is spoken of by the condition, which always requires something."""
    _, drafts = all_drafts[path]
    codes = {p.code for one in drafts for p in lint(list_of(one, known))}
    assert not codes & {"W101", "W102", "W105", "W106"}


@pytest.mark.parametrize("path", ARTICLES)
def test_tests_are_in_new_words(all_drafts, path):
    """No test shares six words in a row with the article."""
    found, drafts = all_drafts[path]
    text = " ".join(one.text for one in found.article.passages)
    words = re.findall(r"\w+", text.lower())
    rows = {tuple(words[at : at + 6]) for at in range(len(words) - 5)}
    for one in drafts:
        for test in one.draft.tests:
            said = re.findall(r"\w+", test.text.lower())
            assert not rows & {tuple(said[at : at + 6]) for at in range(len(said) - 5)}, test.text


def test_every_term_bears_its_source(all_drafts):
    """A term of a group tells its passages, or that it is a word of another sense."""
    _, drafts = all_drafts[ARTICLES[0].values[0]]
    for one in drafts:
        terms = re.findall(r"^      - .*$", one.text, re.MULTILINE)
        assert terms
        assert [line for line in terms if not re.search(r"# (F\d+|other sense)", line)] == []


def test_the_seeds_transfer_draft_judges_news(all_drafts, known):
    """The draft alone tells supply and denial from other news of the same states."""
    _, drafts = all_drafts[ARTICLES[0].values[0]]
    draft = next(one for one in drafts if one.draft.name == "iran-russia-drone")
    matcher = Matcher([list_of(draft, known)])
    assert matcher.fires("Moscow said to order more Iranian drones", "")
    assert matcher.fires("Iran denies arming Russia with UAVs", "")
    assert matcher.fires("Kyiv shows a wreck", "Iran supplied the Shahed drone to Russia, it says.")
    assert not matcher.fires("Iran and Russia plan a railway", "Trains are to run from 2030.")
    assert not matcher.fires("Drone show in Moscow", "Guests from Iran came.")


@pytest.mark.parametrize("name", ["sanctions", "irgc", "law-constitution"])
def test_a_further_topic_makes_a_draft_too(known, name):
    """Measures and bodies alone give a draft of the general shape that passes its tests."""
    _, (one,) = derive(article_of(ARTICLES[0].values[0]), known, "x", wanted=[name])
    assert one.left_out == ()
    assert {test.fires for test in one.draft.tests} == {True, False}


def test_only_wanted_topics_are_drafted(known):
    """--topic chooses, and an unknown name is refused with those that are there."""
    article = article_of(ARTICLES[0].values[0])
    _, drafts = derive(article, known, "x", wanted=["sanctions"])
    assert [one.draft.name for one in drafts] == ["sanctions"]
    with pytest.raises(InputError, match=r"D021.*gas-market"):
        derive(article, known, "x", wanted=["bicycles"])


def test_the_archive_counts_terms_and_proposes_masks(known):
    """A term's comment tells how many items hold it; a pair that never fires becomes a mask."""
    text = (
        "Norway sold gas to Poland and gas prices rose.\n\nThe gas market of Poland wants more gas."
    )
    found, drafts = derive(read_article(text), known, "x")
    noise = [("Hot gas grill wins award", "Cooks like it.")] * 6
    items = [*noise, ("Gas prices rise in Poland", ""), ("Quiet day", "Nothing.")]
    (draft,) = [one for one in with_archive(found, drafts, known, items) if "gas" in one.draft.name]
    assert re.search(r"- gas price .*in 1 of 8 items", draft.text)
    assert re.search(r"- gas grill .*archive: 6 items, 0 that fire", draft.text)
    list_of(draft, known)


def test_domains_are_read_strictly():
    """An unknown key or shape in the file of domains is told with its line."""
    text = "domains:\n  x:\n    title: X\n    shape: round\n    colour: red\n"
    with pytest.raises(InputError) as caught:
        load_domains(text, "domains.yaml")
    assert {problem.line for problem in caught.value.problems} == {4, 5}
