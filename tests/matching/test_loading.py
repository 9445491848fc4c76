"""Watchlist and alias files: what they mean, and every fault with its line."""

from __future__ import annotations

import pickle
from textwrap import dedent

import pytest

from monitor.errors import InputError
from monitor.matching import NO_ALIASES, Status, load_aliases, load_watchlist
from monitor.matching.conditions import wording
from monitor.model import Level

FULL = """
watchlist: gas-moves
title: Gas moves
description: Why we watch
seed: {brief: iran-russia-cooperation, facts: [F1, F2]}
level: critical
status: test
groups:
  gas: {forms: en, any: ["@fuel", gas price], except: [gasp]}
  _pump: [petrol, 95]
mask: {forms: en, any: [gas station]}
match: gas and not _pump
raise: {in-title gas: 1.5}
quiet: {same-story: 6h}
known_false: [bills are news too]
tests:
  - fires: "Gas price up / in Europe"
    shows: {gas: Gas price}
  - silent: {title: Petrol, text: a gas price}
    why: pumps
"""
ALIASES = {
    "a.yaml": "aliases:\n  fuel: {title: Fuel, any: [LNG, '@more']}\n  more: {forms: ru, any: [газ]}\n"
}


def test_a_full_list_is_read() -> None:
    """Every key of a watchlist lands in its place."""
    found = load_watchlist(FULL, "gas.yaml", load_aliases(ALIASES))
    assert (found.name, found.title, found.description) == (
        "gas-moves",
        "Gas moves",
        "Why we watch",
    )
    assert (found.level, found.status) == (Level.CRITICAL, Status.TEST)
    assert found.seed is not None
    assert found.seed.facts == ("F1", "F2")
    assert wording(found.condition) == "gas and not _pump"
    assert [(wording(each.condition), each.score) for each in found.raises] == [
        ("in-title gas", 1.5)
    ]
    assert found.quiet.same_story_s == 21_600
    assert found.known_false == ("bills are news too",)
    assert [term.written for term in found.masks] == ["gas station"]
    first, second = found.tests
    assert (first.fires, first.title, first.text, first.shows) == (
        True,
        "Gas price up",
        "in Europe",
        (("gas", "Gas price"),),
    )
    assert (second.fires, second.title, second.text, second.why) == (
        False,
        "Petrol",
        "a gas price",
        "pumps",
    )


def test_terms_know_where_they_come_from() -> None:
    """A term keeps its file, line, alias set and languages."""
    found = load_watchlist(FULL, "gas.yaml", load_aliases(ALIASES))
    rows = {
        term.written: (term.source, term.line, term.alias, term.languages)
        for term in found.groups[0].terms
    }
    assert rows == {
        "gas price": ("gas.yaml", 9, "", ("en",)),
        "LNG": ("a.yaml", 2, "fuel", ("en",)),
        "газ": ("a.yaml", 3, "more", ("ru",)),
    }
    assert [term.written for term in found.groups[1].terms] == ["petrol", "95"]


def test_the_smallest_list() -> None:
    """Without a condition, every group whose name does not begin with _ must hit."""
    found = load_watchlist("watchlist: w\ngroups: {a: [x1], b: [y1], _c: [z1]}\n", "w.yaml")
    assert wording(found.condition) == "a and b"
    assert (found.level, found.status, found.title) == (Level.MEDIUM, Status.DRAFT, "w")


def test_a_watchlist_can_travel() -> None:
    """A list and an alias table survive pickling."""
    aliases = load_aliases(ALIASES)
    found = load_watchlist(FULL, "gas.yaml", aliases)
    assert pickle.loads(pickle.dumps((found, aliases))) == (found, aliases)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "groups: {a: [x]}",
            "w.yaml:1: Y012 the key 'watchlist' is missing; add it",
            id="no name",
        ),
        pytest.param(
            "watchlist: w", "w.yaml:1: Y012 the key 'groups' is missing; add it", id="no groups"
        ),
        pytest.param(
            "watchlist: w\ngroup: {a: [x]}\ngroups: {a: [x]}",
            "w.yaml:2: Y011 unknown key 'group'; did you mean 'groups'?",
            id="a wrong key",
        ),
        pytest.param(
            "watchlist: My List\ngroups: {a: [x]}",
            "w.yaml:1: W001 'My List' is no name for a watchlist; use a-z, 0-9, - and _, at most 60 characters",
            id="a wrong name",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\nlevel: hihg",
            "w.yaml:3: W002 there is no level 'hihg'; did you mean 'high'?",
            id="a wrong level",
        ),
        pytest.param(
            "watchlist: w\nstatus: on\ngroups: {a: [x]}",
            "w.yaml:2: W002 there is no status 'on'; use one of draft, test, live, retired",
            id="a wrong status",
        ),
        pytest.param(
            "watchlist: w\ngroups: {}",
            "w.yaml:2: W010 a watchlist has 1 to 60 groups, not 0",
            id="no group",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  near: [x]",
            "w.yaml:3: W011 'near' is no name for a group; use a-z, 0-9, - and _, and no word of the language",
            id="a word of the language",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  _a: [x]",
            "w.yaml:2: W012 no group is left for the condition, since every name begins with _; write match:",
            id="only helpers",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  a: []",
            "w.yaml:3: W013 the group 'a' holds no term; add one, or remove it",
            id="an empty group",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  a:\n    any:\n      - x\n      - '@nobody'",
            "w.yaml:6: W015 there is no alias set '@nobody'; alias sets stand in aliases/*.yaml",
            id="an unknown alias",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  a:\n    any: ['@feul']",
            "w.yaml:4: W015 there is no alias set '@feul'; did you mean '@fuel'?",
            id="a misspelt alias",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  a:\n    forms: [en, xx]\n    any: [x]",
            "w.yaml:4: W016 there are no forms for 'xx'; use one or several of en, ru, pl, uk, de, fa, ar, none",
            id="an unknown language",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  a:\n    - fine\n    - dro*",
            "w.yaml:5: W025 the prefix 'dro*' has less than 4 letters; write the words out",
            id="a faulty term",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\nmask:\n  - '{'",
            "w.yaml:4: W021 the braces of '{' do not fit; write {a,b}, one level",
            id="a faulty mask",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x], b: [y]}\nmatch: a and b or a",
            "w.yaml:3: W031 'and' and 'or' are mixed at 'or' at character 9; put parentheses around one of the two, as in (a or b) and c",
            id="a mixed condition",
        ),
        pytest.param(
            "watchlist: w\ngroups: {iran: [x]}\nmatch: irna",
            "w.yaml:3: W034 there is no group 'irna'; did you mean 'iran'?",
            id="an unknown group",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\nraise:\n  a: .inf",
            "w.yaml:4: Y013 'raise.a': input should be a valid number, unable to parse string as a number",
            id="a score that is no number",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\nraise:\n  a: 500",
            "w.yaml:4: W035 a score lies between -100 and 100",
            id="a wild score",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\nraise:\n  b x2: 1",
            "w.yaml:4: W034 there is no group 'b'; add it under groups:",
            id="an unknown group in raise",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\nquiet: {same-story: often}",
            "w.yaml:3: Y013 'quiet.same-story': a duration is wanted, such as 30m, 6h or 2d",
            id="a wrong duration",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\ntests:\n  - why: x",
            "w.yaml:4: W050 a test has either 'fires' or 'silent'; keep one of them",
            id="a test of nothing",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\ntests:\n  - {fires: x, silent: y}",
            "w.yaml:4: W050 a test has either 'fires' or 'silent'; keep one of them",
            id="a test of both",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\ntests:\n  - {fires: x, shows: {b: x}}",
            "w.yaml:4: W051 'shows' names no group 'b'; or write move:",
            id="a test shows a stranger",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\ntests:\n  - {silent: x, shows: {a: x}}",
            "w.yaml:4: W051 a silent test shows nothing; remove 'shows'",
            id="a silent test shows",
        ),
        pytest.param(
            "watchlist: w\ngroups: {a: [x]}\ntests:\n  - fires: {tilte: x}",
            "w.yaml:4: W052 an item of a test has 'title' and 'text' only",
            id="a wrong item",
        ),
        pytest.param(
            "watchlist: w\ngroups:\n  a: [x, true]",
            "w.yaml:3: Y013 'groups.a': a term is text; put quotes around 'true' and 'false'",
            id="a truth value",
        ),
        pytest.param(
            "- a",
            "w.yaml:1: Y010 a mapping of keys to values is wanted here; write 'key: value' lines",
            id="no mapping",
        ),
        pytest.param(
            "watchlist: w\ngroups: [a]",
            "w.yaml:2: Y013 'groups': input should be a valid dictionary",
            id="groups as a list",
        ),
    ],
)
def test_each_fault_of_a_list_is_told_with_its_line(text: str, message: str) -> None:
    """One fault, one message: file, line, code, what, what next."""
    with pytest.raises(InputError) as caught:
        load_watchlist(text, "w.yaml", load_aliases(ALIASES))
    assert str(caught.value).splitlines()[0] == message


def test_all_faults_are_told_at_once() -> None:
    """A list with three faults is mended in one go."""
    text = "watchlist: W!\nlevel: no\ngroups:\n  a: [dro*]\n  b: ['~x']\nmatch: a and c\n"
    with pytest.raises(InputError) as caught:
        load_watchlist(text, "w.yaml")
    assert [problem.code for problem in caught.value.problems] == [
        "W001",
        "W002",
        "W025",
        "W026",
        "W034",
    ]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        pytest.param(
            ["aliases: {a: {any: ['@b']}, b: {any: ['@a']}}"],
            "0.yaml:1: W042 alias sets take each other in: a -> b -> a; break the ring",
            id="a ring",
        ),
        pytest.param(
            ["aliases:\n  a: {any: ['@a', x]}"],
            "0.yaml:2: W042 alias sets take each other in: a -> a; break the ring",
            id="a set in itself",
        ),
        pytest.param(
            ["aliases:\n  a: {any: ['@c']}\n  cc: {any: [x]}"],
            "0.yaml:2: W015 there is no alias set '@c'; did you mean '@cc'?",
            id="an unknown set",
        ),
        pytest.param(
            ["aliases: {a: {any: [x]}}", "aliases: {a: {any: [y]}}"],
            "1.yaml:1: W040 the alias set 'a' stands also in 0.yaml; rename one of them",
            id="a name twice",
        ),
        pytest.param(
            ["aliases: {A b: {any: [x]}}"],
            "0.yaml:1: W041 'A b' is no name for an alias set; use a-z, 0-9, - and _",
            id="a wrong name",
        ),
        pytest.param(
            ["aliases: {a: {any: []}}"],
            "0.yaml:1: W013 the alias set 'a' holds no term; add one, or remove it",
            id="an empty set",
        ),
        pytest.param(
            ["aliases:\n  a:\n    any:\n    - x\n    - '~x'"],
            "0.yaml:5: W026 the fuzzy term '~x' must be one word of 6 letters or more; write it without ~, or list its spellings",
            id="a faulty term",
        ),
        pytest.param(
            ["aliases: {a: {any: [x], form: en}}"],
            "0.yaml:1: Y011 unknown key 'aliases.a.form'; did you mean 'forms'?",
            id="a wrong key",
        ),
    ],
)
def test_each_fault_of_an_alias_file_is_told(texts: list[str], message: str) -> None:
    """Alias files are as strict as watchlists."""
    with pytest.raises(InputError) as caught:
        load_aliases({f"{number}.yaml": text for number, text in enumerate(texts)})
    assert str(caught.value).splitlines()[0] == message


def test_no_aliases_is_empty() -> None:
    """The default table has no set."""
    assert dict(NO_ALIASES.sets) == {}


def test_a_term_flood_is_refused() -> None:
    """A list cannot open into more terms than can be compiled."""
    many = "{a,b,c,d,e,f,g,h,i,j} {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20}"
    terms = "\n".join(f"    - 'x{n} {many}'" for n in range(26))
    with pytest.raises(InputError, match="W014 the group 'a' holds more than 5000 terms"):
        load_watchlist(f"watchlist: w\ngroups:\n  a:\n{terms}\n", "w.yaml")


def test_dedented_multiline_conditions_load() -> None:
    """A condition may run over several lines."""
    text = dedent(
        """
        watchlist: w
        groups: {a: [x1], b: [y1]}
        match: >
          a
          and b
        """
    )
    assert wording(load_watchlist(text, "w.yaml").condition) == "a and b"


def test_a_list_may_say_how_long_its_stories_stay_open() -> None:
    """``window:`` and ``expect:`` are lengths of time; without them the usual holds."""
    source = "watchlist: w\ngroups:\n  a: [gas]\n"
    told = load_watchlist(source + "window: 12h\nexpect: 1d\n", "w.yaml")
    assert (told.window_s, told.expect_s) == (12 * 3600, 24 * 3600)
    silent = load_watchlist(source, "w.yaml")
    assert (silent.window_s, silent.expect_s) == (None, None)
