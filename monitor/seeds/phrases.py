"""Key phrases: words that hold an article together, joined where they stand together.

A word's weight is its rank in the graph of words that share a sentence (TextRank: Mihalcea and
Tarau 2004), times how often it comes and in how many passages; a phrase is its words, and how often
they stand together, less the more common words it holds (the idea of YAKE: Campos et al. 2020).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.seeds.english import Token

WINDOW = 5  # words that see one another
ROUNDS = 25
DAMPING = 0.85
MAX_LENGTH = 3  # words of a phrase


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in the words of the text, with its score (the best has 1) and its passages."""

    text: str
    score: float
    passages: tuple[int, ...]
    count: int


def key_phrases(sentences: Sequence[Sequence[Token]], limit: int = 40) -> tuple[Phrase, ...]:
    """Return the best phrases of one to three words, best first."""
    rank = _ranks(sentences)
    where: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for sentence in sentences:
        for at in range(len(sentence)):
            for size in range(1, MAX_LENGTH + 1):
                row = sentence[at : at + size]
                if len(row) < size or any(not _counts(token) for token in row):
                    break
                text = " ".join(token.surface for token in row)
                where[tuple(token.key for token in row)].append((text, row[0].passage))
    scored = [_phrase(keys, places, rank) for keys, places in where.items()]
    scored.sort(key=lambda one: (-one.score, one.text))
    best = _distinct(scored, limit)
    top = best[0].score if best else 1.0
    return tuple(
        Phrase(one.text, round(one.score / top, 3), one.passages, one.count) for one in best
    )


def _counts(token: Token) -> bool:
    return not token.stop and len(token.surface) > 2 and token.surface[0].isalpha()


def _ranks(sentences: Sequence[Sequence[Token]]) -> dict[str, float]:
    edges: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        row = [token.key for token in sentence if _counts(token)]
        for at, word in enumerate(row):
            for other in row[at + 1 : at + WINDOW]:
                if other != word:
                    edges[word][other] += 1
                    edges[other][word] += 1
    rank = dict.fromkeys(edges, 1.0)
    total = {word: sum(near.values()) for word, near in edges.items()}
    for _ in range(ROUNDS):
        rank = {
            word: (1 - DAMPING)
            + DAMPING * sum(rank[other] * times / total[other] for other, times in near.items())
            for word, near in edges.items()
        }
    return rank


def _phrase(keys: tuple[str, ...], places: list[tuple[str, int]], rank: dict[str, float]) -> Phrase:
    count, passages = len(places), tuple(sorted({passage for _, passage in places}))
    weight = sum(rank.get(key, 0.2) for key in keys) / math.sqrt(len(keys))
    together = math.log1p(count) * (1.0 if len(keys) == 1 else 1.6)
    text = Counter(text for text, _ in places).most_common(1)[0][0]
    return Phrase(text, weight * together * (1 + math.log(len(passages))), passages, count)


def _distinct(scored: Sequence[Phrase], limit: int) -> list[Phrase]:
    """Leave out a phrase whose words all stand in a better one."""
    kept: list[Phrase] = []
    for one in scored:
        words = set(one.text.lower().split())
        if not any(words <= set(other.text.lower().split()) for other in kept):
            kept.append(one)
        if len(kept) == limit:
            break
    return kept
