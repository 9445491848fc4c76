"""Forms that are written out at compile time."""

from __future__ import annotations

import pytest

from monitor.matching.forms import LANGUAGES, forms

CASES = [
    ("en", "drone", "drones", "dron"),
    ("en", "supply", "supplies supplied supplying", "supplys"),
    ("en", "transfer", "transfers transferred transferring", "transference"),
    ("en", "sell", "sells sold selling", "selled"),
    ("en", "strike", "strikes struck striking", "striked"),
    ("en", "crisis", "crises", "crisiss"),
    ("en", "base", "bases", "based"),
    ("en", "accord", "accords", "according"),
    ("en", "woman", "women", "womans"),
    ("en", "Shahed", "shaheds", "shaheding"),
    ("ru", "Хамадан", "хамадана хамадану хамаданом хамадане", "хамаданский"),
    ("ru", "авиабаза", "авиабазы авиабазе авиабазу авиабазой авиабаз авиабазах", "авиабаза"),
    ("ru", "Герань", "герани геранью", "геран"),
    ("ru", "Россия", "россии россию россией", "россиянин"),
    ("ru", "поставка", "поставки поставку поставкой поставок", "поставщик"),
    ("ru", "военный", "военная военного военные военных", "воен"),
    ("ru", "российский", "российская российского российских", "россия"),
    ("ru", "передать", "передал передала передали передан", "перед"),
    ("ru", "поставить", "поставил поставили поставит", "постав"),
    ("ru", "соглашение", "соглашения соглашению соглашений", "соглас"),
    ("uk", "Київ", "києва києву києві", "київський"),
    ("uk", "ракета", "ракети ракету ракет", "ракетний"),
    ("uk", "Харків", "харкова харкову", "харків"),
    ("pl", "dron", "drona drony dronow dronami", "droga"),
    ("pl", "Moskwa", "moskwy moskwe moskwie", "moskit"),
    ("pl", "rosyjski", "rosyjskiego rosyjskich rosyjska", "rosja"),
    ("pl", "rakieta", "rakiety rakiecie rakiet", "raki"),
    ("de", "Drohne", "drohnen", "droh"),
    ("de", "liefern", "liefert lieferte geliefert", "lieferant"),
    ("de", "Preis", "preise preisen preises", "preislich"),
    ("fa", "پهپاد", "پهپادها پهپادهای پهپادی", "پهپا"),
    ("ar", "صاروخ", "الصاروخ بالصاروخ وصاروخ صاروخی", "صارو"),
    ("ar", "طائرة", "الطایره طایرات الطایرات", "طار"),
]


@pytest.mark.parametrize(
    ("language", "word", "wanted", "never"),
    [pytest.param(*case, id=f"{case[0]} {case[1]}") for case in CASES],
)
def test_a_word_has_its_forms(language: str, word: str, wanted: str, never: str) -> None:
    """The usual forms are there, and a word of another meaning is not."""
    (found,) = forms([word], [language])
    assert set(wanted.split()) <= found
    assert never not in found


@pytest.mark.parametrize(
    ("language", "phrase", "wanted"),
    [
        pytest.param(
            "en", "air base", [set(), {"bases"}], id="an English phrase changes at its end"
        ),
        pytest.param(
            "en", "hand over", [{"handed", "hands", "handing"}, set()], id="or before its particle"
        ),
        pytest.param(
            "ru", "Северный поток", [{"северного"}, {"потока"}], id="Russian changes every word"
        ),
        pytest.param("ru", "газ из России", [{"газа"}, set()], id="but no preposition"),
        pytest.param(
            "fa", "پایگاه هوایی", [{"پایگاههای"}, {"هواییها"}], id="Persian joins endings"
        ),
    ],
)
def test_a_phrase_changes_where_its_language_does(
    language: str, phrase: str, wanted: list[set[str]]
) -> None:
    """Forms are made for the words of a phrase that change."""
    found = forms(phrase.split(), [language])
    for row, expected in zip(found, wanted, strict=False):
        assert expected <= row
        if not expected:
            assert not row


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_no_language_touches_another_script(language: str) -> None:
    """Han words have no forms, and Latin words none in Cyrillic languages."""
    assert forms(["哈"], [language]) == [frozenset()]
    if language in {"ru", "uk", "fa", "ar", "none"}:
        assert forms(["drone"], [language]) == [frozenset()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_of_forms_is_bounded(language: str) -> None:
    """No word opens into a flood of forms."""
    for word in ("drone", "Иран", "российский", "طائرة", "Elektrizität", "поставка", "a", "ab"):
        assert len(forms([word], [language])[0]) < 300
