"""One term string: its style, its braces, its spellings, its faults."""

from __future__ import annotations

import pytest

from monitor.matching.terms import Style, TermError, read_term, spellings


@pytest.mark.parametrize(
    ("written", "variants", "style"),
    [
        pytest.param("natural gas", ["natural gas"], Style.PLAIN, id="plain words"),
        pytest.param("TTF", ["TTF"], Style.CAPS, id="short capitals keep their case"),
        pytest.param("БПЛА", ["БПЛА"], Style.CAPS, id="Cyrillic capitals too"),
        pytest.param("U.S.", ["U.S."], Style.CAPS, id="dotted capitals"),
        pytest.param("NATION", ["NATION"], Style.PLAIN, id="six capitals are shouting"),
        pytest.param("A", ["A"], Style.PLAIN, id="one capital is none"),
        pytest.param("MQ-9", ["MQ-9"], Style.PLAIN, id="capitals with a number"),
        pytest.param("LNG plant", ["LNG plant"], Style.PLAIN, id="capitals among other words"),
        pytest.param("ایران", ["ایران"], Style.PLAIN, id="a script without case"),
        pytest.param("=Noje", ["Noje"], Style.EXACT, id="exact"),
        pytest.param("~Hamadan", ["Hamadan"], Style.FUZZY, id="fuzzy"),
        pytest.param("drone*", ["drone*"], Style.PLAIN, id="prefix"),
        pytest.param("S-{1,2}", ["S-1", "S-2"], Style.PLAIN, id="braces"),
        pytest.param("{a b,c}{1,2}", ["a b1", "a b2", "c1", "c2"], Style.PLAIN, id="two braces"),
        pytest.param(
            "شاهد {۱،۲}", ["شاهد ۱", "شاهد ۲"], Style.PLAIN, id="the Arabic comma parts too"
        ),
        pytest.param("Shahed{-136,}", ["Shahed-136", "Shahed"], Style.PLAIN, id="an empty choice"),
    ],
)
def test_a_term_opens_into_variants(written: str, variants: list[str], style: Style) -> None:
    """Braces are opened, marks of style are read and removed."""
    assert read_term(written) == [(variant, style) for variant in variants]


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        pytest.param("", "W023", "the term '' holds no word", id="nothing"),
        pytest.param("—!", "W023", "the term '—!' holds no word", id="marks only"),
        pytest.param("=", "W023", "the term '=' holds no word", id="a style of nothing"),
        pytest.param("a{b", "W021", "the braces of 'a{b' do not fit", id="an open brace"),
        pytest.param("a{b{c}}", "W021", "the braces of 'a{b{c}}' do not fit", id="nested braces"),
        pytest.param(
            "{1,2,3,4,5,6}{1,2,3,4,5,6}{1,2,3,4,5,6}",
            "W022",
            "the braces of '{1,2,3,4,5,6}{1,2,3,4,5,6}{1,2,3,4,5,6}' open into 216 terms, more than 200",
            id="too many variants",
        ),
        pytest.param(
            "dro*", "W025", "the prefix 'dro*' has less than 4 letters", id="a short prefix"
        ),
        pytest.param("*drone", "W025", "a * in '*drone' does not end a word", id="a star in front"),
        pytest.param("dron*e", "W025", "a * in 'dron*e' does not end a word", id="a star inside"),
        pytest.param("=drone*", "W025", "'=drone*' mixes * with = or ~", id="two styles"),
        pytest.param(
            "~Iran",
            "W026",
            "the fuzzy term '~Iran' must be one word of 6 letters or more",
            id="a short fuzzy word",
        ),
        pytest.param(
            "~Hamadan base",
            "W026",
            "the fuzzy term '~Hamadan base' must be one word of 6 letters or more",
            id="a fuzzy phrase",
        ),
        pytest.param(
            "~1234567",
            "W026",
            "the fuzzy term '~1234567' must be one word of 6 letters or more",
            id="a fuzzy number",
        ),
        pytest.param(
            "a " * 13, "W024", f"the term '{'a ' * 13}' has more than 12 words", id="too many words"
        ),
        pytest.param("x" * 201, "W020", "the term is longer than 200 characters", id="too long"),
    ],
)
def test_a_faulty_term_is_refused(written: str, code: str, message: str) -> None:
    """Each fault has its code and says what is wrong."""
    with pytest.raises(TermError) as caught:
        read_term(written)
    assert (caught.value.code, caught.value.what) == (code, message)


@pytest.mark.parametrize(
    ("variant", "wanted"),
    [
        pytest.param("natural gas", ["natural gas"], id="spaces are not closed up"),
        pytest.param("anti-ship", ["anti-ship", "antiship"], id="a hyphen between letters is"),
        pytest.param("Tu-22", ["Tu-22"], id="numbers part by themselves"),
        pytest.param("ان\u200cجی", ["ان\u200cجی", "ان جی", "انجی"], id="the non-joiner both ways"),
        pytest.param("گاز ها", ["گاز ها", "گازها"], id="open Persian is closed up"),
    ],
)
def test_spellings_of_one_term(variant: str, wanted: list[str]) -> None:
    """The same words may be set closed or open."""
    assert spellings(variant) == wanted
