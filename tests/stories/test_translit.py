"""Names meet across alphabets."""

from __future__ import annotations

import pytest

from monitor.stories.translit import skeleton


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(["Skarvoy", "Скарвой", "سكارفوي"], id="an invented plant"),
        pytest.param(
            ["Astrakhan", "Астрахань", "Astrachania", "آستراخان", "أستراخان"],
            id="a port and its case",
        ),
        pytest.param(["Amirabad", "Амирабад", "امیرآباد"], id="a harbour"),
        pytest.param(["Hamadan", "Хамадан", "همدان"], id="a province"),
        pytest.param(["Isfahan", "Isfahanie", "Исфахан", "اصفهان"], id="a city"),
    ],
)
def test_spellings_meet(spellings: list[str]) -> None:
    """All spellings of one name have one skeleton of at least three letters."""
    found = {skeleton(one) for one in spellings}
    assert len(found) == 1
    assert len(found.pop()) >= 3


@pytest.mark.parametrize(
    ("one", "other"), [("Skarvoy", "Slavyansk"), ("Hamadan", "Ramadan"), ("Baku", "Oslo")]
)
def test_other_names_do_not_meet(one: str, other: str) -> None:
    """Different names have different skeletons."""
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("word", ["", "136", "哈马丹", "MQ9"])
def test_nothing_comparable(word: str) -> None:
    """What is no word of a known alphabet has no skeleton."""
    assert skeleton(word) == ""
