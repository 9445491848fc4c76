"""Many lists at once decide as each of them alone."""

from __future__ import annotations

from random import Random

import pytest

from monitor.matching import Group, Matcher, Watchlist
from monitor.matching.language import read_condition
from monitor.matching.terms import Style, Term

WORDS = [f"{a}{b}" for a in ("ka", "mo", "ri", "tu", "ze") for b in ("lan", "mer", "nok", "pis")]
CONDITIONS = (
    "a and b and not c",
    "a and b",
    "a or b",
    "a and not c",
    "a near/3 b",
    "in-title a",
    "a and not (b and c)",
    "a x2",
)


def lists(dice: Random, count: int) -> list[Watchlist]:
    """Make lists whose first words are common to nearly all, and whose last are rare."""

    def terms() -> tuple[Term, ...]:
        ranks = [int(len(WORDS) * dice.random() ** 3) for _ in range(dice.randint(1, 3))]
        phrases = [WORDS[rank] for rank in ranks] + [" ".join(dice.sample(WORDS, 2))]
        return tuple(Term(phrase, phrase, Style.PLAIN) for phrase in phrases[: dice.randint(1, 4)])

    return [
        Watchlist(
            name=str(number),
            groups=tuple(Group(name, terms()) for name in "abc"),
            condition=read_condition(dice.choice(CONDITIONS)),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("few", [pytest.param(0, id="in bulk"), pytest.param(99, id="one by one")])
@pytest.mark.parametrize("seed", range(4))
def test_lists_in_company_decide_as_alone(few, seed) -> None:
    """Whether many lists are asked of one item or of many, each says what it says alone."""
    dice = Random(seed)
    made = lists(dice, 80)
    together, alone = Matcher(made, few=few), [Matcher([one]) for one in made]
    items = [
        (" ".join(dice.choices(WORDS, k=dice.randint(0, 8))), " ".join(dice.choices(WORDS, k=8)))
        for _ in range(40)
    ]
    wanted = [tuple(name for one in alone for name in one.fires(*item)) for item in items]
    assert together.fires_all(items) == wanted
    assert [together.fires(*item) for item in items] == wanted
    shown = [tuple(match for one in alone for match in one.match(*item)) for item in items]
    assert together.match_all(items) == shown
    assert [together.match(*item) for item in items] == shown
