"""Names, abbreviations, figures and dates in the passages of an article. Pure, English only.

Known words come first, the longest that fits; what is left in capitals is a new name. A name beside
a word for a site ("Hamadan Airbase", "the port of Constanta") is a place that one can watch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.seeds.english import Token, is_acronym, keys_of
from monitor.seeds.knowledge import MAX_WORDS, Concept, Kind, Knowledge

_FIGURE = re.compile(
    r"(?:(?:US)?[$€£]\s?)?\b\d[\d.,]*\s?(?:%|percent|per cent|million|billion|tonnes?|tons|barrels"
    r"|cubic metres|kilomet(?:re|er)s|km|miles|euros?|dollars|megawatts?|MWh)?"
    r"|\b(?:several|many|few)?\s?(?:dozens|hundreds?|thousands|millions|billions)\b(?: of \w+)?"
    r"|\b(?:largest|second-largest|third-largest|half of|a third of|a quarter of|twice as)\b",
    re.IGNORECASE,
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:\d{{1,2}} )?(?:{_MONTHS})(?: \d{{1,2}},?)?(?: (?:19|20)\d\d)?\b|\b(?:19|20)\d\d\b"
    r"|\blast (?:week|month|year)\b|\b(?:First|Second) World War\b"
)
_KNOWN_AS = re.compile(
    r"((?:[\w-]+ ){1,5}[\w-]+?),? (?:\(|known as |called |also known as |or the )"
    r"([A-Z][A-Za-z-]{1,9})\b"
)
_CALENDAR = frozenset(
    f"{_MONTHS}|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|World|War".split("|")
)
_JOINING = frozenset(["of", "the", "and", "al", "el", "de", "bin", "for"])
_SITE_LINKS = frozenset(["of", "at", "in", "near"])


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept in the text; tokens from ``first`` to before ``end`` of a sentence."""

    concept: Concept
    surface: str
    passage: int
    sentence: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Abbreviation:
    short: str
    long: str
    passage: int


def abbreviations(texts: Sequence[str]) -> tuple[Abbreviation, ...]:
    """Return short names that the text explains: "liquefied natural gas, known as LNG"."""
    found: dict[str, Abbreviation] = {}
    for passage, text in enumerate(texts):
        for match in _KNOWN_AS.finditer(text):
            words, short = match[1].split(), match[2]
            letters = short.removesuffix("s")
            if not is_acronym(short) or len(words) < len(letters):
                continue
            tail = words[-len(letters) :]
            if "".join(word[0] for word in tail).upper() == letters:
                found.setdefault(letters, Abbreviation(letters, " ".join(tail), passage))
    return tuple(found.values())


def figures(texts: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return amounts with the index of their passage; years are dates."""
    return tuple(
        dict.fromkeys(
            (one[0].strip(" .,"), passage)
            for passage, text in enumerate(texts)
            for one in _FIGURE.finditer(text)
            if not _DATE.fullmatch(one[0].strip(" .,"))
        )
    )


def dates(texts: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return dates with the index of their passage."""
    return tuple(
        dict.fromkeys(
            (one[0], passage) for passage, text in enumerate(texts) for one in _DATE.finditer(text)
        )
    )


class Finder:
    """Finds the mentions of one article."""

    def __init__(
        self,
        knowledge: Knowledge,
        sentences: Sequence[Sequence[Token]],
        shorts: Sequence[Abbreviation],
    ) -> None:
        self._known = dict(knowledge.concepts)
        self._knowledge = knowledge
        self._sentences = sentences
        for one in shorts:
            if (concept := self._known.get(keys_of(one.long))) is not None:
                self._known.setdefault(keys_of(one.short), concept)
        self._inner = {
            token.surface
            for sentence in sentences
            for token in sentence
            if token.capital and not token.first and not token.stop
        }

    def mentions(self) -> tuple[Mention, ...]:
        """Return all mentions in the order of the text; new names get concepts of their own."""
        found = [
            self._as_place(mention, sentence)
            for sentence in self._sentences
            for mention in self._in_sentence(sentence)
        ]
        return tuple(_with_places(found))

    def _in_sentence(self, sentence: Sequence[Token]) -> Iterator[Mention]:
        at = 0
        while at < len(sentence):
            end = at + 1
            concept = None
            for size in range(min(MAX_WORDS, len(sentence) - at), 0, -1):
                concept = self._known.get(tuple(one.key for one in sentence[at : at + size]))
                if concept is not None and self._fits(concept, sentence[at]):
                    end = at + size
                    break
                concept = None
            if concept is None and (end := self._name_end(sentence, at)) > at:
                concept = self._new_name(sentence[at:end])
            if concept is not None:
                yield _mention(concept, sentence, at, end)
            at = max(end, at + 1)

    @staticmethod
    def _fits(concept: Concept, token: Token) -> bool:
        proper = concept.kind in {Kind.STATE, Kind.NAME}
        return token.capital or not proper

    def _name_end(self, sentence: Sequence[Token], at: int) -> int:
        """Return where a row of capitalised words ends that begins at ``at``; ``at`` for none."""
        token = sentence[at]
        if not token.capital or token.stop or token.surface in _CALENDAR:
            return at
        if (token.key,) in self._knowledge.facilities:  # "Strait of ...": the name comes behind
            return at
        if token.first and token.surface not in self._inner:
            return at
        end = at + 1
        while end < len(sentence):
            word = sentence[end]
            known = self._known.get((word.key,))
            if known is not None and known.kind is Kind.STATE:
                break
            if word.capital and not word.stop and (word.key,) not in self._knowledge.facilities:
                end += 1
            elif word.surface in _JOINING and end + 1 < len(sentence) and end > at:
                follows = sentence[end + 1]
                if word.surface == "and" or not follows.capital or follows.stop:
                    break
                end += 1
            else:
                break
        return end

    def _new_name(self, tokens: Sequence[Token]) -> Concept:
        words = [token.surface.replace("’", "'") for token in tokens]
        name = " ".join(words).removesuffix("'s")
        return Concept(f"name:{name}", name, Kind.NAME)

    def _as_place(self, mention: Mention, sentence: Sequence[Token]) -> Mention:
        """Make a place of a name that stands beside a word for a site."""
        if mention.concept.kind is not Kind.NAME:
            return mention
        site = self._site_after(sentence, mention.end) or self._site_before(sentence, mention.first)
        if site is None:
            return mention
        old, (word, domain) = mention.concept, site
        name = f"{old.name} {word}"
        place = Concept(
            f"place:{old.key}", name, Kind.PLACE, domain, None, old.aliases, (old.name, word)
        )
        return replace(mention, concept=place)

    def _site_after(self, sentence: Sequence[Token], end: int) -> tuple[str, str] | None:
        for size in (3, 2, 1):
            keys = tuple(token.key for token in sentence[end : end + size])
            if len(keys) == size and keys in self._knowledge.facilities:
                return self._knowledge.facilities[keys]
        return None

    def _site_before(self, sentence: Sequence[Token], first: int) -> tuple[str, str] | None:
        at = first - 1
        if at >= 0 and sentence[at].surface == "the":
            at -= 1
        if at < 1 or sentence[at].surface not in _SITE_LINKS:
            return None
        for size in (3, 2, 1):
            keys = tuple(token.key for token in sentence[max(0, at - size) : at])
            if len(keys) == size and keys in self._knowledge.facilities:
                return self._knowledge.facilities[keys]
        return None


def _with_places(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Let a name that is a place once be that place everywhere."""
    places = {
        one.concept.key.removeprefix("place:"): one.concept
        for one in reversed(mentions)
        if one.concept.kind is Kind.PLACE
    }
    for one in mentions:
        place = places.get(one.concept.key.removeprefix("place:"))
        yield one if place is None else replace(one, concept=place)


def _mention(concept: Concept, sentence: Sequence[Token], first: int, end: int) -> Mention:
    head = sentence[first]
    surface = " ".join(token.surface for token in sentence[first:end])
    return Mention(concept, surface, head.passage, head.sentence, first, end)
