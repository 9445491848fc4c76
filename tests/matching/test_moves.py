"""Market moves: number, direction, subject, price."""

from __future__ import annotations

import pytest

GAS = """a: {forms: [en, ru, de, pl, uk, fa, ar], any: [gas, LNG, TTF, "газ", Gaspreis, "gaz", "گاز", "الغاز", LPG]}"""


@pytest.mark.parametrize(
    ("item", "moves"),
    [
        pytest.param("Gas climbs 8%", ["+8"], id="a verb in front"),
        pytest.param("Gas is 8 percent higher", ["+8"], id="a comparative behind"),
        pytest.param("Gas down 4 per cent on the day", ["-4"], id="two words for per cent"),
        pytest.param("Gas slips 0.5 pct", ["-0.5"], id="an abbreviation"),
        pytest.param("Gas lost as much as 7.2%", ["-7.2"], id="as much as"),
        pytest.param("Gas up 1,740% since spring", ["+1740"], id="a thousands comma"),
        pytest.param("Gaspreise steigen um 8,5 Prozent", ["+8.5"], id="a decimal comma"),
        pytest.param(
            "Der Gaspreis ist im Mai um 12 Prozent gefallen", ["-12"], id="a German verb at the end"
        ),
        pytest.param("Газ подорожал на 8%", ["+8"], id="Russian"),
        pytest.param(
            "За неделю газ упал в цене на 3,4 процента", ["-3.4"], id="Russian with words between"
        ),
        pytest.param("Газ зріс на 5 відсотків", ["+5"], id="Ukrainian"),
        pytest.param("Gaz zdrożał o 6 procent", ["+6"], id="Polish"),
        pytest.param("Gaz spadł o 6,1 proc. w piątek", ["-6.1"], id="Polish, abbreviated"),
        pytest.param("بهای گاز ۸ درصد رشد کرد", ["+8"], id="Persian, the verb at the end"),
        pytest.param("افت ۱۲ درصدی بهای گاز", ["-12"], id="Persian, the noun in front"),
        pytest.param("ارتفع الغاز 5% اليوم", ["+5"], id="Arabic"),
        pytest.param("انخفاض الغاز بنسبة 3 بالمئة", ["-3"], id="Arabic with a word for per cent"),
        pytest.param("Gas sees an 8-12% rise", ["+8"], id="a range counts by its low end"),
        pytest.param("Gas may gain 8 to 12 percent", ["+8"], id="a range in words"),
        pytest.param(
            "Gas won 15% in June, then dropped 9% in July", ["-9"], id="won is no word of direction"
        ),
        pytest.param(
            "TTF gained 15% in June, dropped 9% in July",
            ["+15", "-9"],
            id="two moves of one subject",
        ),
        pytest.param("An 8% jump in gas", ["+8"], id="the subject behind a link"),
        pytest.param(
            "Analysts see a rise of 8% for gas", ["+8"], id="the subject behind another link"
        ),
        pytest.param("Oil and gas rise 4%", ["+4"], id="two subjects joined"),
        pytest.param("Gas not only rose 8%", ["+8"], id="not only"),
        pytest.param("Gas storage is 98% full", [], id="a share that is full"),
        pytest.param("Gas has not risen 8%", [], id="denied"),
        pytest.param("Gas never fell 8% before", [], id="never"),
        pytest.param("Газ не подорожал на 8%", [], id="denied in Russian"),
        pytest.param("بهای گاز ۸ درصد افزایش نیافت", [], id="denied in Persian, at the end"),
        pytest.param("Gas use rose to 8% of the mix", [], id="a level"),
        pytest.param(
            "Inflation of 8% lifts and pushes gas up", [], id="the number of another noun"
        ),
        pytest.param("Gas steady while oil slumps 5%", [], id="another subject"),
        pytest.param("Oil drops 5% as gas holds", [], id="another statement"),
        pytest.param("Gas tax cut by 5%", [], id="something of gas"),
        pytest.param("Gas firm sells 8% stake", [], id="a stake"),
        pytest.param(
            "Gas prices may rise up to 8%", ["+8"], id="up to is no direction but rise is"
        ),
        pytest.param("Gas burns. Wheat rose 9%", [], id="another sentence"),
        pytest.param("Gas at 30 euros", [], id="no per cent"),
        pytest.param("Gas rose from 5% to 8% of supply", [], id="from level to level"),
        pytest.param("Gas demand rose 2 percentage points", [], id="points"),
    ],
)
def test_moves_are_read(decide, item: str, moves: list[str]) -> None:
    """Direction and size of every move of the subject, and silence where there is none."""
    found = decide(item, GAS, "move(a)")
    read = [each.move for each in found.evidence if each.move] if found else []
    assert [f"{'+' if move.direction == 'rise' else '-'}{move.value:g}" for move in read] == moves


@pytest.mark.parametrize(
    ("condition", "item", "fires"),
    [
        pytest.param("move(a) >= 3%", "Gas climbs 3%", True, id="as much"),
        pytest.param("move(a) > 3%", "Gas climbs 3%", False, id="not more"),
        pytest.param("rise(a) >= 3%", "Gas drops 8%", False, id="the other way"),
        pytest.param("fall(a) >= 3%", "Gas drops 8%", True, id="this way"),
        pytest.param("rise(a)", "Gas surges", True, id="a direction without a number"),
        pytest.param("fall(a)", "Gas surges", False, id="the other direction"),
        pytest.param("move(a)", "Gas surges", False, id="a move needs a number"),
        pytest.param("rise(a)", "Surge in gas reported", True, id="the subject behind"),
        pytest.param("rise(a)", "Gas does not surge", False, id="denied"),
        pytest.param("rise(a)", "Prices surge / gas", False, id="another field"),
        pytest.param(
            "in-title move(a) >= 3%", "x / Gas climbs 3%", False, id="a move in the title"
        ),
    ],
)
def test_conditions_on_moves(decide, condition: str, item: str, fires: bool) -> None:
    """Size and direction are compared; rise and fall also take words alone."""
    assert bool(decide(item, GAS, condition)) == fires


@pytest.mark.parametrize(
    ("item", "price"),
    [
        pytest.param("TTF gains 8% to EUR 35/MWh", "EUR 35/MWh", id="a code in front"),
        pytest.param("Gas fell 4% to $3.10 per mmBtu", "$3.10 per mmBtu", id="a sign in front"),
        pytest.param(
            "Gas rose 4% to 35.5 euros a megawatt-hour", "35.5 euros a megawatt", id="a word behind"
        ),
        pytest.param(
            "Газ вырос на 8%, до 410 долларов за тысячу", "410 долларов за тысячу", id="Russian"
        ),
        pytest.param("Gas rose 4% on Monday", "", id="no price"),
    ],
)
def test_the_price_reached_is_kept_in_the_words_of_the_text(decide, item: str, price: str) -> None:
    """The level behind a move is shown as written."""
    (move,) = [each.move for each in decide(item, GAS, "move(a)").evidence if each.move]
    assert move.price == price


def test_evidence_of_a_move_is_subject_and_move(decide) -> None:
    """The subject is evidence, and the words from direction to number are."""
    subject, move = decide("x / Yesterday TTF prices fell by 7.2 %.", GAS, "move(a) > 1%").evidence
    assert (subject.text, move.text, move.kind, move.group) == ("TTF", "fell by 7.2 %", "move", "a")
