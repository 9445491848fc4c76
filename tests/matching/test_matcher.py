"""Decisions over items, and the evidence that is kept."""

from __future__ import annotations

import pickle
import time

import pytest

from monitor.matching import compile_watchlists, load_aliases
from monitor.model import Kind, Level

AB = "a: [alpha, alps]\nb: [beta]\nc: [gamma]\nd: [alpha delta]"


@pytest.mark.parametrize(
    ("condition", "item", "fires"),
    [
        pytest.param("a and b", "alpha / beta", True, id="and over title and body"),
        pytest.param("a and b", "alpha", False, id="and with one missing"),
        pytest.param("a or b", "beta", True, id="or"),
        pytest.param("a and not b", "alpha beta", False, id="not"),
        pytest.param("not a", "beta", True, id="a condition of absence"),
        pytest.param("a near/2 b", "alpha x x beta", True, id="near, just within"),
        pytest.param("a near/2 b", "alpha x x x beta", False, id="near, one too far"),
        pytest.param("a near/2 b", "beta x x alpha", True, id="near looks both ways"),
        pytest.param("a near/0 b", "alpha beta", True, id="near of neighbours"),
        pytest.param("a near/9 b", "alpha / beta", False, id="near does not cross title and body"),
        pytest.param("a near/9 b", "x / Alpha. Beta", True, id="near crosses sentences"),
        pytest.param("a near/0 d", "the alpha delta", True, id="overlapping hits are near"),
        pytest.param("a near/5 a", "alpha", False, id="a hit is not near itself"),
        pytest.param("a near/5 a", "alpha x alps", True, id="two hits of one group"),
        pytest.param("a before/2 b", "alpha x beta", True, id="before"),
        pytest.param("a before/2 b", "beta x alpha", False, id="before, in the wrong order"),
        pytest.param("(a or c) near/1 b", "x gamma beta", True, id="near of a choice"),
        pytest.param("a near/1 b near/1 c", "alpha x beta x gamma", True, id="a chain"),
        pytest.param(
            "a near/1 b near/1 c", "alpha x beta x x gamma", False, id="a chain that breaks"
        ),
        pytest.param(
            "a near/1 b near/1 c",
            "beta x alpha x gamma x beta",
            True,
            id="a chain on the other side",
        ),
        pytest.param("a same-sentence b", "x / Alpha in x beta. Gamma", True, id="one sentence"),
        pytest.param("a same-sentence b", "x / Alpha is. Beta is", False, id="two sentences"),
        pytest.param(
            "a same-sentence b same-sentence c",
            "x / beta gamma alpha.",
            True,
            id="three in a sentence",
        ),
        pytest.param("in-title a", "x / alpha", False, id="not in the title"),
        pytest.param("in-title a", "alpha / x", True, id="in the title"),
        pytest.param("in-lead/3 a", "x / one two alpha four", True, id="in the first words"),
        pytest.param("in-lead/2 a", "x / one two alpha four", False, id="behind the first words"),
        pytest.param("in-lead/2 a", "alpha / x", True, id="the title leads"),
        pytest.param("in-title (a and b)", "alpha / beta", False, id="both in the title"),
        pytest.param("in-title a near/3 b", "alpha beta / alpha", True, id="a place inside near"),
        pytest.param("in-title not b", "alpha / beta", True, id="absence from the title"),
        pytest.param("2 of a", "alpha alpha", False, id="one term twice is not two"),
        pytest.param("2 of a", "alpha alps", True, id="two terms"),
        pytest.param("a x3", "alpha alps / alpha", True, id="three hits"),
        pytest.param("a x3", "alpha alps", False, id="two of three hits"),
        pytest.param("a and (b or c)", "alpha gamma", True, id="parentheses"),
    ],
)
def test_conditions_decide(decide, condition: str, item: str, fires: bool) -> None:
    """Each operator holds where its definition says, and nowhere else."""
    assert bool(decide(item, AB, condition)) == fires


@pytest.mark.parametrize(
    ("group", "item", "surface"),
    [
        pytest.param(
            "[Shahed-136]", "a Shahed 1360", None, id="a number is not a part of a longer one"
        ),
        pytest.param("[Shahed-136]", "a Shahed 136 fell", "Shahed 136", id="space"),
        pytest.param(
            "[Shahed-136]",
            "two Shahed-136s",
            "Shahed-136",
            id="letters behind a number are another word",
        ),
        pytest.param("[Shahed-136]", "SHAHED136", "SHAHED136", id="joined"),
        pytest.param("[Shahed 136]", "a “Shahed”\u2011136", "Shahed”\u2011136", id="marks between"),
        pytest.param("[Geran-2]", "герань geran, 2 tips", None, id="a comma parts word and number"),
        pytest.param("[Geran-2]", "Geran-2.5", None, id="a decimal is another number"),
        pytest.param("[gas price]", "gas. Price", None, id="a phrase ends with its sentence"),
        pytest.param("[gas price]", "gas / price", None, id="a phrase ends with the title"),
        pytest.param("[gas price]", "the gas's price", "gas's price", id="a possessive inside"),
        pytest.param("[Iran]", "Iran's", "Iran", id="a possessive behind"),
        pytest.param("[gas]", "Vegas degassing", None, id="inside other words"),
        pytest.param("[US]", "the US said", "US", id="capitals"),
        pytest.param("[US]", "tell us", None, id="capitals are not the pronoun"),
        pytest.param("[US]", "the U.S. said", "U.S.", id="capitals with dots"),
        pytest.param("[U.S.]", "the US said", "US", id="dots in the list"),
        pytest.param("[US]", "TELL US / x", "US", id="an all-capitals title cannot tell"),
        pytest.param("{forms: en, any: [UAV]}", "two UAVs", "UAVs", id="the plural of capitals"),
        pytest.param(
            "{forms: en, any: [US]}", "USS SHIP SAILS", None, id="no plural of capitals in S"
        ),
        pytest.param("{forms: en, any: [UAV]}", "uavs", None, id="not in lower case"),
        pytest.param(
            "{forms: en, any: [UAV]}", "UAVS OVER CITY", "UAVS", id="but in an all-capitals title"
        ),
        pytest.param("[=Noje]", "at Noje", "Noje", id="exact"),
        pytest.param("[=Noje]", "at noje", None, id="exact wants its case"),
        pytest.param("[=Noje]", "AT NOJE NOW", "NOJE", id="exact in an all-capitals title"),
        pytest.param(
            "[=Noje]", "AT noje NOW", None, id="a title is not all capitals with one small word"
        ),
        pytest.param("[=Noje]", "x / AT NOJE NOW", None, id="only the title is trusted"),
        pytest.param("[=Jan Noje]", "Jan Noje", "Jan Noje", id="an exact phrase"),
        pytest.param("['dron*']", "drones", "drones", id="prefix"),
        pytest.param("['dron*']", "drop", None, id="not the prefix"),
        pytest.param("['air dron*']", "air dronami", "air dronami", id="a prefix in a phrase"),
        pytest.param(
            "{any: ['dron*'], except: [dronacharya]}", "Dronacharya drama", None, id="except a word"
        ),
        pytest.param("['~Hamadan']", "Hamedan", "Hamedan", id="one letter wrong"),
        pytest.param("['~Hamadan']", "Hamdan", "Hamdan", id="one letter missing"),
        pytest.param("['~Hamadan']", "Hamaadan", "Hamaadan", id="one letter too many"),
        pytest.param("['~Hamadan']", "Hemedan", None, id="two slips"),
        pytest.param("['~Hamadan']", "Hamdaan", "Hamdaan", id="two letters swapped"),
        pytest.param(
            "{any: ['~Hamadan'], except: [Ramadan, Hamdan]}",
            "Ramadan Hamdan",
            None,
            id="except the twins",
        ),
        pytest.param("['{Tu,Su}-22']", "a Su-22", "Su-22", id="braces"),
        pytest.param("[anti-ship]", "antiship", "antiship", id="a closed hyphen"),
        pytest.param("[ایران]", "ايران", "ايران", id="an Arabic yeh"),
        pytest.param("['گاز ها']", "گاز\u200cها", "گاز\u200cها", id="a non-joiner for a space"),
        pytest.param("['ان\u200cجی']", "ان جی", "ان جی", id="a space for a non-joiner"),
        pytest.param("[哈马丹]", "在哈马丹爆炸", "哈马丹", id="Han characters"),
        pytest.param("[gas]", "see https://x.test/gas/", None, id="inside an address"),
        pytest.param("[hamad]", "Hamad… more", "Hamad", id="a cut word is the word that is left"),
        pytest.param("[hamadan]", "Hamad…", None, id="a cut word is not completed"),
    ],
)
def test_terms_hit_what_they_promise(decide, group: str, item: str, surface: str | None) -> None:
    """The surface is the original text; None means silence."""
    found = decide(item, f"a: {group}")
    if surface is None:
        assert found is None
    else:
        assert [each.text for each in found.evidence] == [surface]


ALIASES = load_aliases(
    {
        "a": "aliases:\n  city: {forms: ru, any: [Hamadan, 'Хамадан', '=Noje', 'hamad*']}\n  plain: {any: [drone]}\n  fixed: {forms: none, any: [plane]}"
    }
)


@pytest.mark.parametrize(
    ("item", "kind", "alias", "term"),
    [
        pytest.param("port city", Kind.EXACT, "", "port", id="as written"),
        pytest.param("two ports", Kind.FORM, "", "port", id="a form"),
        pytest.param("in HAMADAN", Kind.ALIAS, "city", "Hamadan", id="an alias"),
        pytest.param("в Хамадане", Kind.FORM, "city", "Хамадан", id="a form of an alias"),
        pytest.param("Hamadani", Kind.PREFIX, "city", "hamad*", id="a prefix of an alias"),
        pytest.param("Tehrann", Kind.FUZZY, "", "~Tehran", id="a slip"),
        pytest.param(
            "drones", Kind.FORM, "plain", "drone", id="a set without forms takes those of the group"
        ),
        pytest.param("Noje", Kind.ALIAS, "city", "=Noje", id="an exact alias"),
    ],
)
def test_evidence_says_how_it_was_found(
    decide, item: str, kind: Kind, alias: str, term: str
) -> None:
    """Kind, alias set and the term as the file writes it."""
    group = "a: {forms: en, any: [port, '~Tehran', '@city', '@plain', '@fixed']}"
    (found,) = decide(item, group, aliases=ALIASES).evidence
    assert (found.kind, found.alias, found.term, found.group) == (kind, alias, term, "a")
    assert decide("planes", group, aliases=ALIASES) is None


def test_evidence_points_into_the_text_as_given(decide) -> None:
    """Offsets count characters of the original, also behind letters that fold to two."""
    text = "İİ ﬁ — Hama\u00addān’s base"
    found = decide("x / " + text, "a: [Hamadan base]").evidence[0]
    assert (found.field, found.text, text[found.start : found.end]) == (
        "text",
        "Hama\u00addān’s base",
        found.text,
    )


def test_a_mask_takes_the_hit_and_not_the_item(decide) -> None:
    """Another hit of the same term still counts."""
    mask = "mask: {forms: en, any: [tear gas]}\n"
    assert decide("police use tear gas", "a: [gas]", more=mask) is None
    found = decide("police use tear gas at a gas plant", "a: [gas]", more=mask)
    assert [each.start for each in found.evidence] == [25]


def test_the_longer_hit_of_a_group_is_shown(decide) -> None:
    """A term inside a longer one of its group is one piece of evidence, and one term of two."""
    found = decide("Shahed-136 seen", "a: [Shahed, Shahed-136]")
    assert [each.text for each in found.evidence] == ["Shahed-136"]
    assert decide("Shahed-136 seen", "a: [Shahed, Shahed-136]", "2 of a") is None


def test_the_score_counts_raises_and_groups(decide) -> None:
    """One, plus what raise adds while it holds, plus a tenth for each further group shown."""
    more = "raise: {in-title a: 2, b: -0.5}\n"
    assert decide("alpha", AB, "a or b", more).score == 3
    assert decide("x / alpha", AB, "a or b", more).score == 1
    assert decide("x / alpha beta", AB, "a or b", more).score == pytest.approx(0.6)
    assert decide("beta", AB, "a or b", "raise: {b: -9}\n").score == 0


def test_a_match_names_list_and_level(decide) -> None:
    """What a match says of its list."""
    found = decide("alpha", "a: [alpha]", more="level: high\n")
    assert (found.watchlist, found.level) == ("probe", Level.HIGH)


def test_evidence_is_capped_but_shows_every_group(decide) -> None:
    """A text of repetitions gives forty pieces at most, none of the groups missing."""
    found = decide("x / " + "alpha " * 500 + "beta", AB, "a and b")
    assert len(found.evidence) == 40
    assert {each.group for each in found.evidence} == {"a", "b"}


def test_a_retired_list_is_silent(make) -> None:
    """Draft, test and live lists are compiled; retired ones are not."""
    lists = [
        make("a: [alpha]", more=f"status: {s}\n") for s in ("draft", "test", "live", "retired")
    ]
    assert len(compile_watchlists(lists).match("alpha", "")) == 3


def test_no_list_and_no_text_are_no_fault(make) -> None:
    """The empty matcher and the empty item give nothing."""
    assert compile_watchlists([]).match("alpha", "beta") == ()
    assert compile_watchlists([make("a: [alpha]")]).match("", "") == ()


def test_a_matcher_can_travel(make) -> None:
    """A pickled matcher decides as the one it came from."""
    matcher = compile_watchlists([make("a: {forms: en, any: [drone, '~Hamadan']}")])
    again = pickle.loads(pickle.dumps(matcher))
    for item in ("drones", "Hamedan", "nothing"):
        assert again.match(item, "") == matcher.match(item, "")
    assert pickle.loads(pickle.dumps(compile_watchlists([]))).match("drones", "") == ()


def test_many_lists_keep_their_order(make) -> None:
    """Matches come in the order of the lists, whatever bit they have."""
    lists = [make(f"a: [word{'x' * n}]\nb: [beta]") for n in range(70)]
    found = compile_watchlists(lists).match("beta word wordx", "")
    assert len(found) == 2
    assert [each.evidence[1].text for each in found] == ["word", "wordx"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 1_000_000, id="one word"),
        pytest.param("a\u0301" * 300_000, id="accents"),
        pytest.param("1." * 300_000, id="numbers and stops"),
        pytest.param("a." * 300_000, id="an endless abbreviation"),
        pytest.param('."' * 150_000, id="stops and quotes"),
        pytest.param("\n " * 300_000, id="empty lines"),
        pytest.param("哈马" * 50_000, id="no spaces"),
        pytest.param("alpha beta gamma 8% rise " * 8_000, id="hits everywhere"),
        pytest.param("\ud800\udfff\x00 alpha", id="broken characters"),
    ],
)
def test_a_hostile_text_costs_no_more_than_its_length(make, text: str) -> None:
    """A megabyte is read in seconds, whatever it is made of."""
    matcher = compile_watchlists(
        [make(AB, "(a near/50 b near/50 c near/50 a) or (rise(a) and not a)")]
    )
    begin = time.process_time()
    matcher.match(text, text)
    assert time.process_time() - begin < 60


def test_a_move_that_raises_the_score_is_shown(make) -> None:
    """A reader wants the market move, also where other words made the list fire."""
    one = make("gas: [gas]\nhub: [TTF]", match="hub", more='raise: {"move(gas) >= 1%": 1}')
    (found,) = compile_watchlists([one]).match("TTF: gas prices jump 8% to EUR 35/MWh", "")
    (move,) = [each.move for each in found.evidence if each.move]
    assert (move.value, move.direction) == (8.0, "rise")
    (quiet,) = compile_watchlists([one]).match("TTF: gas prices little changed", "")
    assert found.score > quiet.score
