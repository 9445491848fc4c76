"""Terms that are regular expressions: what they take, what is refused, and that none stalls."""

from __future__ import annotations

import pickle
import time

import pytest

from monitor.errors import InputError
from monitor.matching import compile_watchlists, explain, lint, load_aliases, load_watchlist, render
from monitor.model import Kind

GREEDY = "a" * 4_000 + "!"
COMMAS = "1,2,3,4,5,6,7,8,9,10,11,12,13," * 400


@pytest.mark.parametrize(
    ("groups", "match", "item", "shown"),
    [
        pytest.param("a: ['/F-?1[46]s?/']", "a", "Two F-14s seen", "F-14s", id="in the headline"),
        pytest.param("a: ['/F-?1[46]s?/']", "a", "Jets / Two f16s seen", "f16s", id="any case"),
        pytest.param("a: ['/(?-i)Noje/']", "a", "noje Noje", "Noje", id="its own case"),
        pytest.param(
            "a: ['/(?<=base )Nojeh/']", "a", "nojeh, base Nojeh", "Nojeh", id="looks back"
        ),
        pytest.param(
            r"a: ['/\bГАЗ\b/']", "a", "Дегазация; газ дорог", "газ", id="Cyrillic borders"
        ),
        pytest.param(r"a: ['/\bگاز\b/']", "a", "قیمت گاز بالا", "گاز", id="Persian borders"),
        pytest.param(
            r"a: ['/\p{Han}{2}基地/']", "a", "在空军基地爆炸", "空军基地", id="Chinese signs"
        ),
        pytest.param(r"a: ['/\p{Lu}{2}-\d+/']", "a", "ab SU-27", "SU-27", id="Unicode classes"),
        pytest.param("a: ['/STRASSE/']", "a", "auf der Straße", "Straße", id="full case folding"),
        pytest.param(
            "a: ['/[[a-z]--[aeiou]]{4}/']", "a", "in Brno, Krks", "Krks", id="set minus set"
        ),
        pytest.param("a: ['/€ ?\\d+/']", "a", "für € 35 je MWh", "€ 35", id="a sign and a number"),
        pytest.param("a: ['/€€+/']", "a", "much €€€ here", "€€€", id="signs alone"),
        pytest.param("a: ['/€€+/']", "a", "much €€€", "€€€", id="signs at the end"),
        pytest.param(
            "a: ['/gas \\w+ rise/']", "a", "if gas prices rise", "gas prices rise", id="words"
        ),
        pytest.param("a: ['/hama/']", "a", "Hamadan", "Hama", id="a part of a word"),
        pytest.param("a: ['/F-?14/']; b: [base]", "a near/1 b", "base of F-14", "F-14", id="near"),
        pytest.param("a: ['/F-?14/']; b: [base]", "b before/0 a", "base F-14", "F-14", id="before"),
        pytest.param("a: ['/F-?14/']", "in-title a", "F-14 / x", "F-14", id="in the headline only"),
        pytest.param("a: ['/F-?14/']", "in-lead/3 a", "x / an F-14", "F-14", id="in the lead"),
        pytest.param("a: ['/F-?1\\d/']", "a x2", "F-14, F-16", "F-14", id="counted"),
        pytest.param(
            "a: ['/F-?14/', '/Su-?27/']", "2 of a", "F-14, Su27", "F-14", id="two patterns"
        ),
        pytest.param(
            "a: ['/F-?14/']; b: [jets]",
            "a same-sentence b",
            "Hm. F-14 jets",
            "F-14",
            id="one sentence",
        ),
        pytest.param("a: ['/F-?14/', gas]", "a", "gas only", "gas", id="beside a term"),
        pytest.param(
            "a: ['/TTF|Dutch gas/']",
            "move(a) >= 3%",
            "Dutch gas jumps 8%",
            "Dutch gas",
            id="a market move",
        ),
        pytest.param("a: [base]; b: ['/F-?14/']", "a and not b", "a base", "base", id="not there"),
        pytest.param(
            "a: ['/n.t/']", "a", "\u0130\u0130 nat", "nat", id="behind letters that fold long"
        ),
        pytest.param("a: [' /x[yz]/ ']", "a", "xz", "xz", id="blanks around"),
        pytest.param("a: ['//etc/']", "a", "see /etc now", "/etc", id="a slash inside"),
    ],
)
def test_what_a_pattern_takes(decide, groups, match, item, shown) -> None:
    """A pattern is a term like others: it fires, and shows its own stretch of the text."""
    found = decide(item, groups.replace("; ", "\n"), match)
    assert found is not None
    assert shown in [each.text for each in found.evidence]
    for each in found.evidence:
        title, _, text = item.partition(" / ")
        assert (title if each.field == "title" else text)[each.start : each.end] == each.text


@pytest.mark.parametrize(
    ("groups", "match", "item"),
    [
        pytest.param("a: ['/(?-i)Noje/']", "a", "noje", id="another case"),
        pytest.param(r"a: ['/\bгаз\b/']", "a", "Дегазация газон", id="inside Cyrillic words"),
        pytest.param("a: ['/(?<!tear )gas/']", "a", "tear gas", id="barred by what stands before"),
        pytest.param(
            "a: ['/F-?14/']; b: [base]", "a near/1 b", "base F / 14 F-14", id="headline and body"
        ),
        pytest.param("a: ['/one two/']", "a", "one / two", id="over the border"),
        pytest.param("a: ['/F-?14/']", "in-title a", "x / F-14", id="body only"),
        pytest.param("a: ['/F-?14/']", "in-lead/1 a", "x / an F-14", id="behind the lead"),
        pytest.param("a: ['/F-?14/']", "2 of a", "F-14 and F14", id="one pattern twice"),
        pytest.param("a: [base]; b: ['/F-?14/']", "a and not b", "base of F-14", id="a bar"),
        pytest.param("a: ['/F-?14/']", "a", "", id="nothing at all"),
        pytest.param("a: ['/€+/']", "a", "€€€", id="no word in the item"),
    ],
)
def test_what_a_pattern_leaves(decide, groups, match, item) -> None:
    """Where the condition does not hold with the words that a pattern touches, nothing fires."""
    assert decide(item, groups.replace("; ", "\n"), match) is None


def test_evidence_of_a_pattern_says_so(decide) -> None:
    """Kind, term and place tell that a regular expression hit, and where."""
    found = decide("Jets / Two f16s seen", "a: ['/F-?1[46]s/']")
    (each,) = found.evidence
    assert (each.kind, each.term, each.field, each.start, each.end) == (
        Kind.PATTERN,
        "/F-?1[46]s/",
        "text",
        4,
        8,
    )


def test_a_mask_takes_a_pattern_away_and_may_be_one(decide) -> None:
    """Masks lie over patterns, and a pattern may be a mask."""
    assert decide("tear gas", "a: ['/ga[sz]/']", more="mask: [tear gas]\n") is None
    assert decide("tear gas", "a: [gas]", more="mask: ['/tear \\w+/']\n") is None
    assert decide("tear gas; gas", "a: [gas]", more="mask: ['/tear \\w+/']\n") is not None


def test_a_pattern_may_come_from_an_alias_set(decide) -> None:
    """Alias sets share patterns as they share terms."""
    aliases = load_aliases({"a.yaml": "aliases: {jets: {any: ['/F-?1[46]/']}}"})
    found = decide("an F14", "a: ['@jets']", aliases=aliases)
    assert [(each.kind, each.alias) for each in found.evidence] == [(Kind.PATTERN, "jets")]


@pytest.mark.parametrize(
    ("term", "message"),
    [
        pytest.param(
            "//", "p.yaml:4: W028 the pattern '//' is empty or fits every text", id="empty"
        ),
        pytest.param(
            "/x*/", "W028 the pattern '/x*/' is empty or fits every text", id="fits nothing"
        ),
        pytest.param("/.*/", "W028", id="fits everything"),
        pytest.param("/.+/", "W028", id="fits everything but nothing"),
        pytest.param(r"/\w/", "W028", id="fits every word"),
        pytest.param("/a|/", "W028", id="an empty branch"),
        pytest.param("/^/", "W028", id="a place, not a text"),
        pytest.param(
            "/(/", "p.yaml:4: W027 the pattern '/(/' cannot be read: missing )", id="open"
        ),
        pytest.param("/[a/", "W027", id="an open class"),
        pytest.param("/a{3,1}/", "W027", id="a number turned round"),
        pytest.param(r"/\p{Nope}/", "W027", id="no such property"),
        pytest.param(r"/\L<names>/", "W027", id="a named list"),
        pytest.param(
            "/gas/i", "W027 letters stand behind the last / of '/gas/i'", id="flags behind"
        ),
        pytest.param("/" + "a" * 250 + "/", "W020", id="too long"),
    ],
)
def test_a_pattern_that_says_nothing_is_refused(term, message) -> None:
    """The loader refuses it with file, line and code."""
    with pytest.raises(InputError) as caught:
        load_watchlist(f"watchlist: p\ngroups:\n  a:\n    - '{term}'\n", "p.yaml")
    assert message in str(caught.value)
    assert "p.yaml:4:" in str(caught.value)


def test_too_many_patterns_are_refused() -> None:
    """Each may cost its budget, so their number is bounded over all groups and the mask."""
    rows = ", ".join(f"'/a{n}b/'" for n in range(11))
    with pytest.raises(InputError, match="W029 the list has 22 patterns"):
        load_watchlist(f"watchlist: p\ngroups:\n  a: [{rows}]\nmask: [{rows}]\n", "p.yaml")


@pytest.mark.parametrize(
    ("pattern", "title", "text"),
    [
        pytest.param("(a+)+$", "gas", GREEDY, id="nested repeats, in the body"),
        pytest.param("(a+)+$", GREEDY, "gas", id="nested repeats, in the headline"),
        pytest.param("(.*?,){11}P", "gas", COMMAS, id="many ways to part a row"),
        pytest.param("(a|aa)+$", "gas", GREEDY, id="two ways for each letter"),
        pytest.param(r"(\w+\s?)+\d$", "gas", "word " * 5_000 + "!", id="words in any number"),
    ],
)
def test_a_pattern_that_never_ends_is_left_out_of_the_item(pattern, title, text) -> None:
    """It costs its budget, is counted for its list, and the rest of the list is judged."""
    source = f"watchlist: p\ngroups:\n  a: [gas]\n  b: ['/{pattern}/']\nmatch: a or b\n"
    matcher = compile_watchlists([load_watchlist(source, "p")])
    begin = time.process_time()
    assert matcher.fires(title, text) == ("p",)
    assert time.process_time() - begin < 0.5
    assert matcher.suspended == {("p", f"/{pattern}/"): 1}
    matcher.match("", "gas " + GREEDY)
    matcher.suspended.clear()
    assert matcher.fires("short", "gas") == ("p",)
    assert not matcher.suspended


def test_one_endless_pattern_does_not_silence_another() -> None:
    """Only the pattern that overdraws is left out."""
    source = "watchlist: p\ngroups:\n  a: ['/(a+)+$/', '/g[ao]s/']\n"
    matcher = compile_watchlists([load_watchlist(source, "p")])
    (found,) = matcher.match("gos", GREEDY)
    assert [each.term for each in found.evidence] == ["/g[ao]s/"]
    assert list(matcher.suspended) == [("p", "/(a+)+$/")]


def test_patterns_run_on_candidates_only() -> None:
    """A pattern beside a required group of terms costs nothing where no term stands."""
    source = "watchlist: p\ngroups:\n  a: [gas]\n  b: ['/(a+)+$/']\nmatch: a and b\n"
    lists = [
        load_watchlist(source, "p"),
        load_watchlist("watchlist: q\ngroups:\n  c: [oil]\n", "q"),
    ]
    matcher = compile_watchlists(lists)
    assert matcher.fires("oil", GREEDY) == ("q",)
    assert not matcher.suspended
    assert matcher.fires("gas and oil", GREEDY) == ("q",)
    assert matcher.suspended


def test_hits_of_one_pattern_are_bounded() -> None:
    """A pattern that hits a hundred thousand times still costs little, and counts."""
    source = "watchlist: p\ngroups:\n  a: ['/[aeiou]/']\nmatch: a x100\n"
    matcher = compile_watchlists([load_watchlist(source, "p")])
    begin = time.process_time()
    assert matcher.fires("", "ba ce di " * 20_000) == ("p",)
    assert time.process_time() - begin < 5


def test_many_lists_with_patterns_decide_as_each_alone() -> None:
    """The screen before the words never turns away what only a pattern can tell."""
    rows = {
        "p1": "a: ['/F-?1[46]/']\n  b: [base]\nmatch: a and b",
        "p2": "a: ['/F-?1[46]/']\n  b: [base]\nmatch: a or b",
        "p3": "a: ['/F-?1[46]/']\n  b: [base]\nmatch: b and not a",
        "p4": "a: ['/F-?1[46]/', jet]\n  b: [base]\nmatch: in-title a",
        "p5": "a: [jet]\n  b: [base]\nmatch: a and b",
    }
    lists = [load_watchlist(f"watchlist: {k}\ngroups:\n  {v}\n", k) for k, v in rows.items()]
    extra = [load_watchlist(f"watchlist: x{n}\ngroups:\n  a: [word{n}]\n", "x") for n in range(60)]
    for item in (
        "F-14 base",
        "base",
        "F14",
        "x / F14 base",
        "jet base",
        "word7",
        "",
        "F-16 / base",
    ):
        title, _, text = item.partition(" / ")
        alone = [n for one in lists for n in compile_watchlists([one]).fires(title, text)]
        for together in (lists, [*lists, *extra]):
            told = compile_watchlists(together).fires(title, text)
            assert [name for name in told if name[0] == "p"] == alone


def test_a_list_of_patterns_alone_is_warned_of() -> None:
    """A list all of whose clauses rest on patterns runs on every item."""

    def codes(match: str) -> list[str]:
        groups = "groups:\n  a: ['/F-?1[46]/']\n  b: [base]\n"
        return [one.code for one in lint(load_watchlist(f"watchlist: p\n{groups}{match}", "p"))]

    assert codes("match: a or b") == ["W110"]
    assert codes("match: a and b") == []
    assert codes("match: b and not a") == []


def test_a_pattern_is_explained_and_travels() -> None:
    """The explanation names a pattern as it names a term; a matcher with patterns can be pickled."""
    one = load_watchlist("watchlist: p\ngroups:\n  a: ['/F-?1[46]/']\n", "p")
    told = render(explain(one, "an F14", ""))
    assert "'F14' (pattern for '/F-?1[46]/', title 3-6)" in told
    assert pickle.loads(pickle.dumps(compile_watchlists([one]))).fires("an F14", "") == ("p",)
