"""Search feeds compiled from a list's terms: Google News, Bing News and GDELT, within their limits.

A search engine knows no ``near`` and no forms, so a query is made of the groups that a list
requires: the first terms of each in the language of the edition, groups joined by AND. What it
finds is judged by the list itself afterwards; the query only has to be wide.

Google News, https://news.google.com/rss/search?q=…&hl=…&gl=…&ceid=…: quotes make a phrase, OR
joins, space is AND; the publisher documents nothing
(https://newscatcherapi.com/blog/google-news-rss-search- parameters-the-missing-documentaiton),
words beyond 32 are ignored. Bing News, https://www.bing.com/news/search?q=…&format=rss: OR and NOT
in capitals, OR binds least, and only the first 10 terms are used
(https://help.bing.microsoft.com/apex/index/18/en-US/10002). GDELT DOC 2.0,
https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/: OR only inside parentheses, sourcelang:,
format=rss, at most 250 records, three months, one request in 5 s for an address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

GOOGLE_WORDS = 32
BING_TERMS = 10
GDELT_CHARACTERS = 250  # of a query; longer ones are refused as too long now and then
MAX_URL = 2_000

#: Language -> (Google hl, gl, ceid; Bing mkt; GDELT name).
EDITIONS = {
    "en": ("en-US", "US", "US:en", "en-US", "english"),
    "ru": ("ru", "RU", "RU:ru", "ru-RU", "russian"),
    "uk": ("uk", "UA", "UA:uk", "uk-UA", "ukrainian"),
    "pl": ("pl", "PL", "PL:pl", "pl-PL", "polish"),
    "de": ("de", "DE", "DE:de", "de-DE", "german"),
    "fr": ("fr", "FR", "FR:fr", "fr-FR", "french"),
    "ar": ("ar", "EG", "EG:ar", "ar-EG", "arabic"),
    "fa": ("fa", "IR", "IR:fa", "fa-IR", "persian"),
    "hi": ("hi", "IN", "IN:hi", "hi-IN", "hindi"),
    "zh": ("zh-CN", "CN", "CN:zh-Hans", "zh-CN", "chinese"),
}
_RANGES = {
    "en": ("a", "z"), "de": ("a", "z"), "fr": ("a", "z"), "pl": ("a", "z"),
    "ru": ("\u0400", "\u052f"), "uk": ("\u0400", "\u052f"), "ar": ("\u0600", "\u06ff"),
    "fa": ("\u0600", "\u06ff"), "hi": ("\u0900", "\u097f"), "zh": ("\u4e00", "\u9fff"),
}  # fmt: skip
#: Letters that only one of two languages of a script has.
_ONLY = {"uk": "іїєґ", "fa": "پچژگک", "ru": "ыэъё", "ar": "ةىكي"}
_RIVAL = {"uk": "ru", "ru": "uk", "fa": "ar", "ar": "fa"}


@dataclass(frozen=True, slots=True)
class SearchFeed:
    """An address that answers with a feed of what a search engine finds."""

    engine: str
    language: str
    url: str
    query: str
    title: str


def search_feeds(
    name: str, required: Sequence[Sequence[str]], languages: Iterable[str]
) -> tuple[SearchFeed, ...]:
    """Return feeds for each edition in which two required groups have a term, or the only one.

    ``required`` holds, for each group of which one term must stand, its terms as they are written,
    the most telling first.
    """
    found = []
    for language in languages:
        groups = [fit for terms in required if (fit := list(_fitting(terms, language)))]
        # one clause alone, such as the name of a state, would bring all the news there is
        if language in EDITIONS and len(groups) >= min(2, len(required)) > 0:
            found += [feed for make in _ENGINES for feed in make(name, groups, language)]
    return tuple(one for one in found if len(one.url) <= MAX_URL)


def _fitting(terms: Sequence[str], language: str) -> Iterator[str]:
    """Yield the terms that the edition's readers write, without marks of style."""
    first, last = _RANGES.get(language, ("a", "z"))
    barred = _ONLY.get(_RIVAL.get(language, ""), "")
    for term in terms:
        plain = term.lstrip("=~")
        if "{" in plain or "*" in plain or plain.startswith("@"):
            continue
        letters = [c for c in plain.lower() if c.isalpha()]
        if letters and all(first <= c <= last for c in letters) and not set(letters) & set(barred):
            yield plain


def _phrase(term: str) -> str:
    return f'"{term}"' if " " in term or "-" in term else term


def _either(terms: Sequence[str]) -> str:
    shown = [_phrase(one) for one in terms]
    return shown[0] if len(shown) == 1 else f"({' OR '.join(shown)})"


def _bounded(
    groups: Sequence[Sequence[str]], fits: Callable[[Sequence[Sequence[str]]], bool]
) -> list[list[str]] | None:
    """Return as many terms of each group as fit, one more of each in turn; None: none do."""
    taken: list[list[str]] = [[terms[0]] for terms in groups]
    if not fits(taken):
        return None
    for depth in range(1, max(map(len, groups))):
        for number, terms in enumerate(groups):
            if depth < len(terms):
                taken[number].append(terms[depth])
                if not fits(taken):
                    taken[number].pop()
    return taken


def _words(groups: Sequence[Sequence[str]]) -> int:
    """Count the words of a query; OR counts as one."""
    return sum(
        sum(len(term.replace("-", " ").split()) for term in terms) + len(terms) - 1
        for terms in groups
    )


def _google(name: str, groups: Sequence[Sequence[str]], language: str) -> Iterator[SearchFeed]:
    chosen = _bounded(groups, lambda taken: _words(taken) + 1 <= GOOGLE_WORDS)
    if chosen is None:
        return
    hl, gl, ceid, _, _ = EDITIONS[language]
    query = " ".join(map(_either, chosen)) + " when:7d"
    asked = urlencode({"q": query, "hl": hl, "gl": gl, "ceid": ceid})
    url = f"https://news.google.com/rss/search?{asked}"
    yield SearchFeed("Google News", language, url, query, f"Google News {language}: {name}")


def _bing(name: str, groups: Sequence[Sequence[str]], language: str) -> Iterator[SearchFeed]:
    def fits(taken: Sequence[Sequence[str]]) -> bool:
        return sum(len(term.split()) for terms in taken for term in terms) <= BING_TERMS

    chosen = _bounded(groups, fits)
    if chosen is None:
        return
    query = " ".join(map(_either, chosen))
    asked = urlencode({"q": query, "format": "rss", "mkt": EDITIONS[language][3]})
    url = f"https://www.bing.com/news/search?{asked}"
    yield SearchFeed("Bing News", language, url, query, f"Bing News {language}: {name}")


def _gdelt(name: str, groups: Sequence[Sequence[str]], language: str) -> Iterator[SearchFeed]:
    tail = f" sourcelang:{EDITIONS[language][4]}"

    def fits(taken: Sequence[Sequence[str]]) -> bool:
        return len(" ".join(map(_either, taken)) + tail) <= GDELT_CHARACTERS

    chosen = _bounded([[one for one in terms if len(one) > 2] for terms in groups], fits) if all(
        any(len(one) > 2 for one in terms) for terms in groups
    ) else None  # fmt: skip
    if chosen is None:
        return
    query = " ".join(map(_either, chosen)) + tail
    asked = urlencode(
        {"query": query, "mode": "artlist", "format": "rss", "maxrecords": 75, "timespan": "3d",
         "sort": "datedesc"}
    )  # fmt: skip
    url = f"https://api.gdeltproject.org/api/v2/doc/doc?{asked}"
    yield SearchFeed("GDELT", language, url, query, f"GDELT {language}: {name}")


_ENGINES = (_google, _bing, _gdelt)


def as_yaml(feeds: Iterable[SearchFeed]) -> str:
    """Return entries to be pasted under ``feeds:`` of feeds.yaml."""
    lines = []
    for one in feeds:
        lines += [
            f"  - url: {json.dumps(one.url)}",
            f"    title: {json.dumps(one.title, ensure_ascii=False)}",
            f"    outlet: {one.engine}",
            f"    language: {one.language}",
            "    tags: [search]",
            "    interval: 1h",
        ]
    return "\n".join(lines) + ("\n" if lines else "")
