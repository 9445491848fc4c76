"""The grammar of conditions."""

from __future__ import annotations

import pytest

from monitor.matching.conditions import groups_of, requirements, wording
from monitor.matching.language import SyntaxFault, read_condition


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("a", "a", id="one group"),
        pytest.param("a and b and c", "a and b and c", id="a row of and"),
        pytest.param("a or b or c", "a or b or c", id="a row of or"),
        pytest.param("not a and b", "not a and b", id="not binds one group"),
        pytest.param("not (a and b)", "not (a and b)", id="not before parentheses"),
        pytest.param("not not a", "not not a", id="double not"),
        pytest.param("a and b near/3 c", "a and (b near/3 c)", id="near binds closer than and"),
        pytest.param(
            "a near/3 b near/4 c", "(a near/3 b) near/4 c", id="near goes from left to right"
        ),
        pytest.param("a before/5 b", "a before/5 b", id="before"),
        pytest.param("a same-sentence b", "a same-sentence b", id="same-sentence"),
        pytest.param("(a or b) near/0 c", "(a or b) near/0 c", id="a choice has a place"),
        pytest.param(
            "in-title a near/3 b", "in-title a near/3 b", id="in-title binds closer than near"
        ),
        pytest.param("in-title (a and b)", "in-title (a and b)", id="in-title before parentheses"),
        pytest.param("in-title not a", "in-title not a", id="in-title of an absence"),
        pytest.param("in-lead a", "in-lead/40 a", id="in-lead has a size of its own"),
        pytest.param("in-lead/9 in-title a", "in-lead/9 in-title a", id="places nest"),
        pytest.param("2 of a", "2 of a", id="different terms"),
        pytest.param("a x3", "a x3", id="repeated hits"),
        pytest.param("move(a) >= 3%", "move(a) >= 3%", id="a move with a size"),
        pytest.param("move( a )>3.5 %", "move(a) > 3.5%", id="spaces are free"),
        pytest.param("rise(a) or fall(b) ≥ 2%", "rise(a) or fall(b) >= 2%", id="directions"),
        pytest.param(
            "(a and b) or (c AND d)", "(a and b) or (c and d)", id="both, with parentheses"
        ),
        pytest.param("a_1 and _past and b-c", "a_1 and _past and b-c", id="names"),
        pytest.param("a\n  and\n  b", "a and b", id="several lines"),
        pytest.param("((a))", "a", id="needless parentheses"),
    ],
)
def test_a_condition_reads_back_as_it_was_meant(text: str, wanted: str) -> None:
    """The wording of the tree shows the precedence, and reads into the same tree."""
    node = read_condition(text)
    assert wording(node) == wanted
    assert read_condition(wanted) == node


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        pytest.param("", "W030", "the condition is empty", id="nothing"),
        pytest.param(
            "a and b or c", "W031", "'and' and 'or' are mixed at 'or' at character 9", id="mixed"
        ),
        pytest.param(
            "a or b and c",
            "W031",
            "'and' and 'or' are mixed at 'and' at character 8",
            id="mixed the other way",
        ),
        pytest.param(
            "(a and b or c) and d",
            "W031",
            "'and' and 'or' are mixed at 'or' at character 10",
            id="mixed inside",
        ),
        pytest.param(
            "a b", "W030", "and, or, near/n is wanted before 'b' at character 3", id="no joint"
        ),
        pytest.param(
            "a and",
            "W030",
            "the name of a group is wanted instead of the end",
            id="nothing behind and",
        ),
        pytest.param(
            "(a", "W030", "a closing parenthesis is missing before the end", id="open parenthesis"
        ),
        pytest.param(
            "a)", "W030", "no parenthesis was opened for ')' at character 2", id="closed too often"
        ),
        pytest.param(
            "a near b",
            "W033",
            "a number of words is wanted in 'near' at character 3",
            id="near without number",
        ),
        pytest.param(
            "a near/x b",
            "W033",
            "a number of words is wanted in 'near/x' at character 3",
            id="near with a word",
        ),
        pytest.param(
            "a near/900 b",
            "W033",
            "a number of words is wanted in 'near/900' at character 3",
            id="near too far",
        ),
        pytest.param(
            "(a and b) near/5 c",
            "W032",
            "a side that has no place in the text stands at 'near/5' at character 11",
            id="and has no place",
        ),
        pytest.param(
            "a near/5 not b",
            "W032",
            "a side that has no place in the text stands at 'near/5' at character 3",
            id="not has no place",
        ),
        pytest.param(
            "a near/5 2 of b",
            "W032",
            "a side that has no place in the text stands at 'near/5' at character 3",
            id="a count has no place",
        ),
        pytest.param(
            "in-title/3 a",
            "W033",
            "no number belongs to 'in-title/3' at character 1",
            id="in-title with a number",
        ),
        pytest.param(
            "0 of a", "W033", "a number from 1 to 100 is wanted at '0' at character 1", id="none of"
        ),
        pytest.param(
            "a x0", "W033", "a number from 1 to 100 is wanted at 'x0' at character 3", id="no times"
        ),
        pytest.param(
            "move(a) >= x%",
            "W033",
            "a number is wanted instead of 'x' at character 12",
            id="a size that is none",
        ),
        pytest.param(
            "move(a) >= 3", "W033", "a % is wanted before the end", id="a size without per cent"
        ),
        pytest.param(
            "move(a or b)",
            "W030",
            "a closing parenthesis is missing before 'or' at character 8",
            id="a move of two",
        ),
        pytest.param(
            "a ? b",
            "W030",
            "and, or, near/n is wanted before '?' at character 3",
            id="a strange mark",
        ),
        pytest.param(
            "a < b", "W030", "'<' at character 3 means nothing in a condition", id="a strange sign"
        ),
        pytest.param(
            "² of a",
            "W030",
            "the name of a group is wanted instead of '²' at character 1",
            id="a digit that is no number",
        ),
        pytest.param(
            "or a",
            "W030",
            "the name of a group is wanted instead of 'or' at character 1",
            id="begins with or",
        ),
        pytest.param(
            "(" * 30 + "a" + ")" * 30,
            "W037",
            "parentheses nest deeper than 20 at '(' at character 22",
            id="too deep",
        ),
        pytest.param(
            "not " * 30 + "a",
            "W037",
            "'not' nests deeper than 20 at 'not' at character 85",
            id="too many nots",
        ),
        pytest.param(
            " and ".join(["a"] * 300),
            "W037",
            "the condition has more than 400 words",
            id="too long",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, code: str, message: str) -> None:
    """What cannot be read is refused with a stable code and the character where it stands."""
    with pytest.raises(SyntaxFault) as caught:
        read_condition(text)
    assert (caught.value.code, caught.value.what) == (code, message)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("a and b", [{"a"}, {"b"}], id="and needs each"),
        pytest.param("a or b", [{"a", "b"}], id="or needs one of both"),
        pytest.param("(a and b) or (a and c)", [{"a"}, {"b", "c"}], id="what both branches share"),
        pytest.param("a and not b", [{"a"}], id="not needs nothing"),
        pytest.param("a or not b", [], id="a way without any group"),
        pytest.param("in-title a near/3 b", [{"a"}, {"b"}], id="places need their parts"),
        pytest.param("2 of a and move(b) > 1%", [{"a"}, {"b"}], id="counts and moves"),
    ],
)
def test_what_a_condition_cannot_do_without(text: str, wanted: list[set[str]]) -> None:
    """Every matching item has a hit of each clause."""
    assert [set(clause) for clause in requirements(read_condition(text))] == wanted


def test_groups_are_named_in_order() -> None:
    """Every group that a condition names is found, wherever it stands."""
    node = read_condition("(a near/3 b or in-title c) and not (2 of d) and rise(e) and f x2")
    assert list(groups_of(node)) == ["a", "b", "c", "d", "e", "f"]
