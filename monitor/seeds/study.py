"""Read an article whole: names, abbreviations, phrases, relations, figures, dates, topics. Pure.

English only: another language is refused rather than read badly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from monitor.errors import InputError, Problem
from monitor.seeds.english import looks_english, read_tokens
from monitor.seeds.knowledge import Knowledge
from monitor.seeds.names import (
    Abbreviation,
    Finder,
    Mention,
    abbreviations,
    dates,
    figures,
)
from monitor.seeds.passages import Article
from monitor.seeds.phrases import Phrase, key_phrases
from monitor.seeds.relations import Action, Relation, actions_in, relations
from monitor.seeds.topics import Topic, TopicFinder

T = TypeVar("T", Mention, Action)
MAX_PHRASE_TOPICS = 5  # where nothing better was found


@dataclass(frozen=True, slots=True)
class Study:
    """All that was found in an article; passages are indexes into ``article.passages``."""

    article: Article
    abbreviations: tuple[Abbreviation, ...]
    mentions: tuple[Mention, ...]
    phrases: tuple[Phrase, ...]
    relations: tuple[Relation, ...]
    figures: tuple[tuple[str, int], ...]
    dates: tuple[tuple[str, int], ...]
    topics: tuple[Topic, ...]
    further: tuple[Topic, ...]

    def label(self, passage: int) -> str:
        return self.article.passages[passage].label


def study(article: Article, knowledge: Knowledge, source: str = "seed") -> Study:
    """Study an article; raises InputError (D020) when it is empty or not in English."""
    texts = [one.text for one in article.passages]
    if not looks_english(texts):
        what = "holds no English text" if texts else "holds no text"
        hint = "give an English article: text, Markdown or HTML"
        raise InputError([Problem(source, 1, "D020", what, hint)])
    sentences = read_tokens(texts)
    shorts = abbreviations(texts)
    mentions = Finder(knowledge, sentences, shorts).mentions()
    actions = tuple(actions_in(sentences, knowledge))
    found = relations(sentences, _by_sentence(mentions), _by_sentence(actions))
    finder = TopicFinder(knowledge, mentions, actions, found, len(texts))
    topics = finder.topics()
    further = finder.further(topics)
    phrases = key_phrases(sentences)
    return Study(
        article=article,
        abbreviations=shorts,
        mentions=mentions,
        phrases=phrases,
        relations=found,
        figures=figures(texts),
        dates=dates(texts),
        topics=topics,
        further=further or finder.of_phrases(phrases[:MAX_PHRASE_TOPICS]),
    )


def _by_sentence(found: Sequence[T]) -> dict[int, list[T]]:
    by: dict[int, list[T]] = defaultdict(list)
    for one in found:
        by[one.sentence].append(one)
    return by
