"""The sieve turns away what cannot fire, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.files import load_watchlists, shipped
from monitor.matching import Matcher, compile_watchlists, load_watchlist
from monitor.matching import sieve as room

LISTS = compile_watchlists(load_watchlists([shipped() / "watchlists"]))
ALL = compile_watchlists(LISTS.watchlists)
ALL._sieve = None

WORDS = """Iran Russia Shahed-136 drones delivered Хамадан авиабаза Иран поставил беспилотники همدان
پایگاه هوایی پهپاد‌های ايران روسيه gas prices TTF jump 8% 哈马丹空军基地 Gaspreise steigen um 8,5 Prozent
S-300 s٣٠٠ B-52 Ｂ５２ ۱۳۶ Hamadán’s air-base U.S. US us й й ё ё gáz łódź ＴＴＦ ﬁrst \ud800 𝕀ran ß Σίσυφος""".split()


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=20), st.integers(0, 20))
@settings(max_examples=300, deadline=None)
def test_what_it_turns_away_fires_nothing(parts, cut) -> None:
    """Decisions over all scripts, odd marks and broken characters are those without a sieve."""
    title, text = " ".join(parts[:cut]), " ".join(parts[cut:])
    assert LISTS.fires(title, text) == ALL.fires(title, text)


@pytest.mark.parametrize(
    ("groups", "text"),
    [
        pytest.param("a: [~Hamadan]", "an explosion in Hamadam today", id="a slip is no substring"),
        pytest.param("a: ['136']", "type ۱۳۶ was seen", id="digits of another script"),
        pytest.param("a: [S-300]", "two S–３００ here", id="wide digits"),
        pytest.param("a: [S-300]", "two s٣٠٠ here", id="Arabic digits, joined"),
        pytest.param("a: [S-300]", "क़ S 𝟑𝟎𝟎", id="digits beyond the first plane"),
        pytest.param(
            "a: [S-300]", "S \U0001e953\U0001e950\U0001e950", id="digits that fold to none"
        ),
        pytest.param("a: ['8.5']", "um ۸٫۵ Prozent", id="a point of another script"),
        pytest.param("a: ['droit*']", "les droits de l’homme", id="a prefix goes on"),
        pytest.param("a: [=IT]", "the IT desk", id="a word in its case"),
        pytest.param("a: [U.S.]", "the U.S said", id="an abbreviation without its last stop"),
        pytest.param("a: [Shahed-136]", "Shahed136 seen", id="letters and digits joined"),
        pytest.param("a: [لانه]", "لا\u200cنه", id="an invisible joiner inside"),
        pytest.param("a: [Кий]", "\u041a\u0438\u0438\u0306", id="a letter in two parts"),
    ],
)
def test_what_is_no_plain_substring_is_found_all_the_same(groups, text) -> None:
    """Terms that the raw text does not show as they are written pass the sieve."""
    matcher = compile_watchlists([load_watchlist(f"watchlist: p\ngroups:\n  {groups}\n", "p")])
    assert matcher.fires("", text) == ("p",)


def test_it_rests_where_it_turns_nothing_away(monkeypatch) -> None:
    """A sieve that lets everything pass is not asked for a while, then asked again."""
    monkeypatch.setattr(room, "TRIAL", 3)
    monkeypatch.setattr(room, "REST", 2)
    matcher = compile_watchlists([load_watchlist("watchlist: p\ngroups:\n  a: [gas]\n", "p")])
    sieve = matcher._sieve
    assert sieve is not None
    told = [sieve.passes("", text) for text in ("gas", "gas", "gas", "oil", "oil", "oil")]
    assert told == [True, True, True, True, True, False]


def test_many_lists_have_no_sieve() -> None:
    """Where nearly every item has a word of some list, looking twice only costs."""
    one = "watchlist: p{n}\ngroups:\n  a: [word{n}]\n"
    lists = [load_watchlist(one.format(n=n), "p") for n in range(3)]
    assert Matcher(lists, few=2)._sieve is None
    assert Matcher(lists[1:], few=2)._sieve is not None
