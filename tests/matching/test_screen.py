"""Many lists at once decide as each of them alone."""

from __future__ import annotations

from random import Random

import pytest

from monitor.matching import Group, Matcher, Watchlist, compile_watchlists
from monitor.matching import screen as room
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


@pytest.mark.parametrize("few", [0, 3, 1_000])
@pytest.mark.parametrize("seed", range(4))
def test_lists_in_company_decide_as_alone(monkeypatch, few, seed) -> None:
    """Whether strings keep their lists as bits, as numbers or as both, the answers are the same."""
    monkeypatch.setattr(room, "FEW_LISTS", few)
    dice = Random(seed)
    made = lists(dice, 80)
    together, alone = compile_watchlists(made), [Matcher([one]) for one in made]
    for _ in range(40):
        title, text = (" ".join(dice.choices(WORDS, k=dice.randint(0, 8))) for _ in range(2))
        told = together.fires(title, text)
        assert told == tuple(name for one in alone for name in one.fires(title, text))
        assert told == tuple(match.watchlist for match in together.match(title, text))
        assert told == together.fires(title, text)
