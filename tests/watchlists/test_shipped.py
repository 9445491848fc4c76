"""The watchlists, alias files and seed briefs that come with the project hold together."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from monitor.documents import parse
from monitor.matching import load_aliases, load_watchlist, run_tests
from monitor.matching.aliases import Aliases
from monitor.matching.lint import lint
from monitor.matching.watchlist import Status, Watchlist

ROOT = Path(__file__).resolve().parents[2]
LISTS = sorted((ROOT / "watchlists").glob("*.yaml"))
ALIAS_FILES = sorted((ROOT / "watchlists" / "aliases").glob("*.yaml"))
BRIEFS = sorted((ROOT / "seeds").glob("*.md"))
KEYS = ("statement kind by actors places dates figures paragraph topics").split()
KINDS = {"fact", "claim", "opinion", "forecast"}
FROM_THE_SEED = {"iran-uav-russia", "hamadan-airbase", "gas-market"}

every_list = pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
every_brief = pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def aliases() -> Aliases:
    return load_aliases({path.name: path.read_text("utf-8") for path in ALIAS_FILES})


def load(path: Path, aliases: Aliases) -> Watchlist:
    return load_watchlist(path.read_text("utf-8"), path.name, aliases)


def facts_of(brief: Path) -> dict[str, dict[str, str]]:
    """Return every fact of a brief as key -> value."""
    parts = re.split(r"^## (F\d+)$", brief.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        name: dict(re.findall(r"^- (\w+): (.+)$", body, flags=re.MULTILINE))
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def topics_of(brief: Path) -> list[tuple[str, list[str], str]]:
    """Return the rows of the table that ends a brief: topic, facts, file."""
    rows = re.findall(
        r"^\| ([a-z-]+) \| ((?:F\d+ ?)+) \| (\S+) \|$", brief.read_text("utf-8"), re.MULTILINE
    )
    return [(topic, facts.split(), file) for topic, facts, file in rows]


def test_the_three_lists_of_the_seed_are_shipped() -> None:
    """The first article gave drones, the air base and the gas market."""
    assert {path.stem for path in LISTS} >= FROM_THE_SEED


def test_every_alias_file_loads(aliases: Aliases) -> None:
    """All alias files load together, and every set has a title and terms."""
    bare = [name for name, each in aliases.sets.items() if not (each.title and each.terms)]
    assert aliases.sets
    assert bare == []


@pytest.mark.parametrize("path", ALIAS_FILES, ids=lambda path: path.stem)
def test_alias_files_stay_short(path: Path) -> None:
    """An alias file is one screen or few, so that a person may read it."""
    assert len(path.read_text("utf-8").splitlines()) <= 250


@every_list
def test_a_list_loads_under_its_own_name(path: Path, aliases: Aliases) -> None:
    """File name and list name agree; title and description are given; the list is in use."""
    watchlist = load(path, aliases)
    assert watchlist.name == path.stem
    assert watchlist.title != watchlist.name
    assert watchlist.description
    assert watchlist.status is Status.LIVE


@every_list
def test_the_tests_of_a_list_pass(path: Path, aliases: Aliases) -> None:
    """Every test that stands in a list comes out as its author wants."""
    failed = [
        f"{path.name}:{each.line}: wanted {each.wanted}, came {each.came}"
        for each in run_tests(load(path, aliases))
        if not each.passed
    ]
    assert failed == []


@every_list
def test_a_list_is_tested_both_ways(path: Path, aliases: Aliases) -> None:
    """A list has eight tests or more, and at least three of each sort."""
    sorts = Counter(test.fires for test in load(path, aliases).tests)
    assert sorts.total() >= 8
    assert min(sorts[True], sorts[False]) >= 3


@every_list
def test_a_list_raises_no_warning(path: Path, aliases: Aliases) -> None:
    """The project's own lists are clean by the project's own advice."""
    assert [str(problem) for problem in lint(load(path, aliases))] == []


@every_list
def test_a_list_names_facts_that_exist(path: Path, aliases: Aliases) -> None:
    """The seed of a list is a shipped brief, and each fact number stands in it."""
    seed = load(path, aliases).seed
    assert seed is not None
    brief = ROOT / "seeds" / f"{seed.brief}.md"
    assert seed.facts
    assert set(seed.facts) <= set(facts_of(brief))


@every_list
def test_list_and_brief_trace_each_other(path: Path, aliases: Aliases) -> None:
    """The table of the brief gives a list just the facts that the list names."""
    seed = load(path, aliases).seed
    assert seed is not None
    file = f"watchlists/{path.name}"
    rows = topics_of(ROOT / "seeds" / f"{seed.brief}.md")
    assert [facts for _, facts, where in rows if where == file] == [list(seed.facts)]


@every_brief
def test_facts_are_numbered_without_a_gap(path: Path) -> None:
    """Facts run F1, F2, ... as they stand in the brief."""
    names = list(facts_of(path))
    assert names == [f"F{number}" for number in range(1, len(names) + 1)]
    assert names


@every_brief
def test_every_fact_has_every_key(path: Path) -> None:
    """Each fact states what, of which kind, by whom, who, where, when, how much and from where."""
    for name, fact in facts_of(path).items():
        assert list(fact) == KEYS, name
        assert fact["kind"] in KINDS, name
        assert re.fullmatch(r"P\d+", fact["paragraph"]), name


@every_brief
def test_topics_agree_with_facts(path: Path) -> None:
    """Front matter, facts and table name the same topics, and each file of the table exists."""
    head = parse(path.read_text("utf-8").split("---\n")[1], path.name).data
    table = topics_of(path)
    by_fact = {
        topic: [
            name for name, fact in facts_of(path).items() if topic in fact["topics"].split("; ")
        ]
        for topic in head["topics"]
    }
    assert head["brief"] == path.stem
    assert {topic: facts for topic, facts, _ in table} == by_fact
    assert all(file == "-" or (ROOT / file).is_file() for _, _, file in table)
