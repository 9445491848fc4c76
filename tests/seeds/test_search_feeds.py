"""Search feeds: within the limits of the engines, in the language of the edition."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.feeds.catalogue import load_feeds
from monitor.matching import load_watchlist
from monitor.pipeline.suggest import feeds
from monitor.seeds.search_feeds import as_yaml, search_feeds

NAMES = [f"Name{chr(97 + n)}" for n in range(26)]
REQUIRED = [[*NAMES, "unmanned aerial vehicle"], ["deliver", "Россия", "Росія", "روسیه"]]


def made(engine, language="en", required=REQUIRED):
    return next(f for f in search_feeds("x", required, [language]) if f.engine == engine)


def test_google_gets_at_most_32_words():
    """OR and when: count as words; every group keeps a term."""
    query = made("Google News").query
    words = query.replace("(", "").replace(")", "").replace('"', "").split()
    assert len(words) <= 32
    assert query.startswith("(Namea OR Nameb")
    assert query.endswith(" deliver when:7d")


def test_bing_gets_at_most_ten_terms():
    """Bing uses the first ten terms, so no more are sent."""
    query = made("Bing News").query
    terms = [w for w in query.replace("(", "").replace(")", "").split() if w != "OR"]
    assert len(terms) <= 10
    assert "deliver" in terms


def test_gdelt_gets_a_short_query_with_its_language():
    """OR stands inside parentheses only, and the query has at most 250 characters."""
    feed = made("GDELT")
    asked = parse_qs(urlsplit(feed.url).query)
    assert asked["format"] == ["rss"]
    assert int(asked["maxrecords"][0]) <= 250
    assert len(feed.query) <= 250
    assert feed.query.endswith("sourcelang:english")


@pytest.mark.parametrize(
    ("language", "wanted", "barred"),
    [
        pytest.param("ru", "Россия", "Росія", id="Russian is not Ukrainian"),
        pytest.param("uk", "Росія", "deliver", id="Ukrainian"),
        pytest.param("fa", "روسیه", "Россия", id="Persian"),
    ],
)
def test_an_edition_gets_terms_of_its_script(language, wanted, barred):
    """Terms of another script or language do not enter a query."""
    required = [["Россия", "Росія", "روسیه", "Russia"], ["дрон", "дрони", "پهپاد", "drone"]]
    if language == "uk":
        required[1] = ["дрони", "дрон"]
    query = made("Google News", language, required).query
    assert wanted in query
    assert barred not in query


def test_an_edition_without_terms_gets_no_feed():
    """A list without Chinese terms is not searched for in Chinese."""
    assert search_feeds("x", REQUIRED, ["zh"]) == ()
    assert search_feeds("x", [], ["en"]) == ()


def test_the_output_can_be_pasted():
    """What is printed loads under feeds: as it stands."""
    text = "feeds:\n" + as_yaml(search_feeds('a "b"', REQUIRED, ["en", "ru"]))
    loaded = load_feeds(text, "feeds.yaml")
    assert len(loaded) == 3
    assert {one.language for one in loaded} == {"en"}


def test_a_list_gives_its_required_groups():
    """Groups of the condition become the query; what is only barred stays out."""
    watchlist = load_watchlist(
        "watchlist: x\ngroups:\n  who: {any: [Iran, =Irans]}\n  what: {any: [drone]}\n"
        "  _no: {any: [show]}\nmatch: who and what and not _no\n", "x.yaml",
    )  # fmt: skip
    query = feeds(watchlist, ["en"])[0].query
    assert query == "(Iran OR Irans) drone when:7d"
