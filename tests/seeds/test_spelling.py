"""Spellings of a name in other alphabets, and those that an archive holds."""

from __future__ import annotations

import pytest

from monitor.seeds.spelling import SpellingCount, guesses, latin


@pytest.mark.parametrize(
    ("name", "script", "spelling"),
    [
        pytest.param("Hamadan", "Cyrillic", "Хамадан", id="Cyrillic"),
        pytest.param("Hamadan", "Persian", "همدان", id="Persian leaves vowels out"),
        pytest.param("Kashan", "Persian", "کاشان", id="two letters for one"),
        pytest.param("Panjgur", "Arabic", "بانجغور", id="Arabic has no p and no g"),
        pytest.param("Kharkiv", "Cyrillic", "Харкив", id="kh is one letter"),
    ],
)
def test_the_table_spells_a_name(name, script, spelling):
    """Among the guesses of a script is the spelling that is really used."""
    assert (script, spelling) in guesses(name)


def test_the_table_makes_few_guesses_of_latin_names_only():
    """A long name makes no flood, and a name in another script none at all."""
    assert len(guesses("Shahediyehabad Hormozgan")) <= 3 * 64
    assert guesses("Хамадан") == ()


@pytest.mark.parametrize(
    ("word", "wanted"),
    [("Хамадан", "khamadan"), ("همدان", "hmdan"), ("الحديدة", "hdidh"), ("Hamedán", "hamedan")],
    ids=["Cyrillic", "Persian", "Arabic article", "accent"],
)
def test_words_are_read_back_into_latin(word, wanted):
    """Any spelling becomes Latin letters that can be compared."""
    assert latin(word) == wanted


def test_an_archive_shows_spellings_and_names_beside():
    """Near spellings and companions come with counts and a sample; common words do not lead."""
    count = SpellingCount(("Hamadan",))
    for _ in range(3):
        count.see("Jets land at Hamadan", "The Nojeh field lies near. Monday was quiet.")
    count.see("Base at Hamedan", "")
    count.see("База Хамадан", "")
    count.see("پایگاه همدان", "")
    for _ in range(50):
        count.see("Monday", "A Monday without news")
    near = {one.text: one.items for one in count.near()}
    assert near == {"Hamedan": 1, "Хамадан": 1, "همدان": 1}
    beside = [one.text for one in count.beside()]
    assert beside.index("Nojeh") < beside.index("Monday")
    assert all(one.sample for one in count.near())


def test_a_twin_is_told_with_its_distance():
    """Ramadan is one letter away and another word: the reason lets a person see it."""
    count = SpellingCount(("Hamadan",))
    count.see("Hamdan spoke; Ramadan begins", "")
    assert {one.text: one.why for one in count.near()} == {"Hamdan": "1 letters from hamadan"}
