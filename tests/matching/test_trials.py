"""The tests that stand in a watchlist."""

from __future__ import annotations

import pytest

from monitor.matching import describe, move_text, run_tests
from monitor.model import Evidence, Kind, Move

GAS = "gas: {forms: en, any: [gas, LNG]}"


@pytest.mark.parametrize(
    ("test", "passed", "came"),
    [
        pytest.param("fires: LNG ship", True, "fires on gas: LNG", id="fires as wanted"),
        pytest.param("fires: a ship", False, "silent", id="silent, unwanted"),
        pytest.param("silent: a ship", True, "silent", id="silent as wanted"),
        pytest.param("silent: LNG ship", False, "fires on gas: LNG", id="fires, unwanted"),
        pytest.param(
            "{fires: x / two LNG ships, shows: {gas: LNG}}",
            True,
            "fires on gas: LNG",
            id="shows the surface",
        ),
        pytest.param(
            "{fires: two LNG ships, shows: {gas: lng}}",
            False,
            "fires on gas: LNG",
            id="shows another surface",
        ),
    ],
)
def test_a_test_is_run(make, test: str, passed: bool, came: str) -> None:
    """The outcome says whether it passed and what came."""
    written = test if test.startswith("{") else "{" + test + "}"
    (outcome,) = run_tests(make(GAS, more=f"tests:\n  - {written}\n"))
    assert (outcome.passed, outcome.came, outcome.line) == (passed, came, 5)


@pytest.mark.parametrize(
    ("shows", "passed"),
    [
        pytest.param("+8 %", True, id="as it is written"),
        pytest.param("+8%", True, id="without the space"),
        pytest.param("-8 %", False, id="the other direction"),
        pytest.param("+9 %", False, id="another size"),
    ],
)
def test_a_test_may_show_a_move(make, shows: str, passed: bool) -> None:
    """The key move compares direction and size."""
    tests = f"tests:\n  - {{fires: LNG rose 8% to $9, shows: {{move: '{shows}'}}}}\n"
    (outcome,) = run_tests(make(GAS, "move(gas) > 1%", tests))
    assert outcome.passed == passed
    assert outcome.came == "fires on gas: LNG, gas: rose 8% (+8 % to $9)"
    assert outcome.wanted == f"fires, showing move: {shows}"


def test_a_retired_list_is_tested_all_the_same(make) -> None:
    """The status of a list does not silence its tests."""
    (outcome,) = run_tests(
        make(GAS, more="status: retired\ntests: [{fires: LNG, why: base case}]\n")
    )
    assert outcome.passed
    assert outcome.why == "base case"


@pytest.mark.parametrize(
    ("move", "wanted"),
    [
        pytest.param(Move(8, "%", "rise"), "+8 %", id="a rise"),
        pytest.param(Move(7.25, "%", "fall"), "-7.25 %", id="a fall"),
        pytest.param(Move(8, "%", "rise", "EUR 35/MWh"), "+8 % to EUR 35/MWh", id="with a price"),
        pytest.param(Move(0, "", "fall"), "fall", id="a direction alone"),
    ],
)
def test_moves_are_written_for_people(move: Move, wanted: str) -> None:
    """Sign, size, and the price reached."""
    assert move_text(move) == wanted


def test_evidence_is_written_for_people() -> None:
    """Group, surface, and the move if there is one."""
    evidence = Evidence("gas", "LNG", "up 3%", "title", 0, 5, Kind.MOVE, move=Move(3, "%", "rise"))
    assert describe(evidence) == "gas: up 3% (+3 %)"
