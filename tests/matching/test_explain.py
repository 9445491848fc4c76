"""Why a list fired, why not, and what was one step short."""

from __future__ import annotations

import pytest

from monitor.matching import explain, render
from monitor.matching.lint import lint

AB = "a: [alpha, TTF]\nb: {forms: en, any: [beta]}\n_c: [gamma]"


def test_a_fired_list_shows_its_tree(make) -> None:
    """Each node says whether it holds, and each group what was found where."""
    found = explain(
        make(AB, "a near/3 b and not _c", "raise: {in-title a: 1}\n"), "Alpha meets betas", ""
    )
    assert found.fires
    assert found.match is not None
    wanted = """\
probe: fires, score 2.1
  yes (a near/3 b) and not _c
    yes a near/3 b  [closest: 1 words between]
      yes a  ['Alpha' (exact for 'alpha', title 0-5)]
      yes b  ['betas' (form for 'beta', title 12-17)]
    yes not _c
      no  _c  [not found]
  raise:
    yes in-title a
      yes a  ['Alpha' (exact for 'alpha', title 0-5)]"""
    assert render(found) == wanted


@pytest.mark.parametrize(
    ("condition", "item", "short"),
    [
        pytest.param("a and b", "alpha", ["b does not hold: not found"], id="a missing group"),
        pytest.param("a and b and _c", "alpha", [], id="two missing groups are two steps"),
        pytest.param(
            "a near/1 b",
            "alpha x x beta",
            ["a near/1 b does not hold: closest: 2 words between"],
            id="too far",
        ),
        pytest.param(
            "a near/1 b",
            "alpha / beta",
            [
                "a near/1 b does not hold: one side stands only in the title, the other only in the text"
            ],
            id="apart",
        ),
        pytest.param(
            "a near/1 b", "alpha", ["a near/1 b does not hold: nothing found of b"], id="no partner"
        ),
        pytest.param(
            "a and not _c",
            "alpha gamma",
            ["_c must not hold: 'gamma' (exact, title 6-11)"],
            id="a forbidden group",
        ),
        pytest.param(
            "in-title a",
            "x / alpha",
            ["in-title a does not hold: holds only outside the title"],
            id="outside the title",
        ),
        pytest.param(
            "2 of a", "alpha", ["2 of a does not hold: 1 different terms found"], id="too few terms"
        ),
        pytest.param("a x2", "alpha", ["a x2 does not hold: found 1 times"], id="too few hits"),
        pytest.param(
            "a",
            "ttf",
            ["a does not hold: 'ttf' stands there, but 'TTF' wants its own case"],
            id="another case",
        ),
        pytest.param(
            "move(a) >= 3%",
            "alpha rose 2%",
            ["move(a) >= 3% does not hold: +2 % ('rose 2%')"],
            id="too small a move",
        ),
        pytest.param(
            "move(a) >= 3%",
            "alpha",
            ["move(a) >= 3% does not hold: no move of it found"],
            id="no move",
        ),
        pytest.param(
            "b",
            "beta test",
            [
                "b does not hold: 'beta' was removed by a mask",
                "without the mask over 'beta test' it would have fired",
            ],
            id="masked",
        ),
    ],
)
def test_a_silent_list_says_what_was_missing(
    make, condition: str, item: str, short: list[str]
) -> None:
    """Each single change that would have made the list fire is named with its reason."""
    title, _, text = item.partition(" / ")
    found = explain(make(AB, condition, "mask: [beta test]\n"), title, text)
    assert not found.fires
    assert list(found.short) == short


def test_what_a_mask_removed_is_told(make) -> None:
    """The hit and the words of the mask are shown as the item has them."""
    found = explain(make(AB, "b", "mask: [beta test]\n"), "A Beta Test", "")
    assert [(each.group, each.text, each.mask) for each in found.removed] == [
        ("b", "Beta", "Beta Test")
    ]
    assert "  mask: 'Beta' of b was removed by 'Beta Test'" in render(found).splitlines()


def test_explain_agrees_with_match(make, decide) -> None:
    """The explanation's match is the matcher's match, evidence and all."""
    for item in ("alpha beta", "alpha", "gamma beta alpha"):
        found = explain(make(AB, "a near/3 b"), item, "")
        assert found.match == decide(item, AB, "a near/3 b")


@pytest.mark.parametrize(
    ("groups", "condition", "more", "codes"),
    [
        pytest.param("a: [alpha]", "a", "", [], id="nothing to say"),
        pytest.param("a: [alpha]\nb: [beta]", "a", "", ["W101"], id="an unused group"),
        pytest.param("a: [alpha]\nb: [beta]", "a", "raise: {b: 1}\n", [], id="used by raise"),
        pytest.param("a: [alpha]", "not a", "", ["W102"], id="always run"),
        pytest.param("a: ['alph*']", "a", "", ["W103"], id="a short prefix"),
        pytest.param("a: ['alpha*']", "a", "", [], id="a prefix of five"),
        pytest.param("a: [136]", "a", "", ["W104"], id="a bare number"),
        pytest.param("a: [x]", "a", "", ["W104"], id="a single letter"),
        pytest.param("a: ['哈']", "a", "", [], id="a single sign is a word"),
        pytest.param("a: [alpha]\nb: [beta]", "a near/80 b", "", ["W105"], id="a wide near"),
        pytest.param(
            "a: [alpha, alpha test run]",
            "a",
            "mask: [alpha test]\n",
            ["W106"],
            id="a term under a mask",
        ),
        pytest.param("a: [alpha]", "a", "status: live\n", ["W107"], id="live without tests"),
        pytest.param(
            "a: [alpha]",
            "a",
            "status: live\ntests: [{fires: alpha}]\n",
            ["W107"],
            id="live without silent tests",
        ),
        pytest.param(
            "a: [alpha]",
            "a",
            "status: live\ntests: [{fires: alpha}, {silent: x}]\n",
            [],
            id="live and tested",
        ),
        pytest.param("a: [alpha, Alpha]", "a", "", ["W108"], id="a term twice"),
        pytest.param("a: [alpha]", "a near/3 a", "", ["W109"], id="near itself"),
        pytest.param(
            "a: [alpha, x1]\nb: [alpha]", "a near/3 b", "", ["W109"], id="near with the same term"
        ),
    ],
)
def test_lint_points_at_what_is_surely_not_meant(make, groups, condition, more, codes) -> None:
    """Each rule speaks where it should, and only there."""
    assert [problem.code for problem in lint(make(groups, condition, more))] == codes


def test_lint_gives_the_line(make) -> None:
    """A warning stands where the fault stands."""
    (problem,) = lint(make("a: [alpha]\nb:\n  - beta\n  - 'gamm*'", "a and b"))
    assert str(problem) == (
        "probe.yaml:6: W103 the prefix 'gamm*' is short and may take many words; add letters, or except:"
    )


MANY = "\n".join(f"g{n}: [word{n}]" for n in range(43))
LARGE = f"({' or '.join(f'g{n}' for n in range(40))}) and not (g41 or g42) and in-title g40"
HEAD = "g0 or g1 or g2 or g3 or g4 or g5 or g6 or g7 or g8 or g9 or g10 or g11 or g12 or g13 or g1"


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        pytest.param(
            "word3 and word40",
            [
                "probe: fires, score 1.1",
                f"  yes ({HEAD[:-1]} …",
                f"    yes {HEAD} …  [39 others do not hold]",
                "      yes g3  ['word3' (exact, title 0-5)]",
                "    yes not (g41 or g42)",
                "    yes in-title g40",
                "      yes g40  ['word40' (exact, title 10-16)]",
            ],
            id="what made it hold",
        ),
        pytest.param(
            "word3 and word40 and word42",
            [
                "probe: silent",
                f"  no  ({HEAD[:-1]} …  [2 others hold]",
                "    no  not (g41 or g42)",
                "      yes g41 or g42  [1 other does not hold]",
                "        yes g42  ['word42' (exact, title 21-27)]",
                "  one step short: g42 must not hold: 'word42' (exact, title 21-27)",
            ],
            id="what kept it from holding",
        ),
    ],
)
def test_a_large_condition_is_told_in_brief(make, item, lines) -> None:
    """The parts alone on which the answer rests; every node for whoever wants them."""
    found = explain(make(MANY, LARGE), item, "")
    brief = "  told in brief: what decided; --all shows every node"
    assert render(found).splitlines() == [*lines, brief]
    assert len(render(found, whole=True).splitlines()) > 40
