"""Who does what to whom: an action word between two actors of one sentence. Pure, English only.

No parser: the nearest action after the first actor counts, "by" and "from" turn the direction
round. Good enough to see which states stand at the two ends of a transfer, and worth a ``near``
condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.seeds.english import Token
from monitor.seeds.knowledge import Concept, Kind, Knowledge
from monitor.seeds.names import Mention

REACH = 16  # words between the two actors
_ACTORS = (Kind.STATE, Kind.NAME)


@dataclass(frozen=True, slots=True)
class Action:
    """An action word in the text, with the meanings that domains give it."""

    word: str  #: as the domains write it
    surface: str
    meanings: tuple[tuple[str, str], ...]  #: domain and kind
    passage: int
    sentence: int
    first: int


@dataclass(frozen=True, slots=True)
class Relation:
    """``subject`` does ``verb`` to ``target``; turned where the text says by or from."""

    subject: Concept
    verb: str
    target: Concept
    thing: Concept | None
    passage: int
    sentence: int
    turned: bool


def actions_in(sentences: Sequence[Sequence[Token]], knowledge: Knowledge) -> Iterator[Action]:
    """Yield action words, the longest that fits at each place."""
    for sentence in sentences:
        at = 0
        while at < len(sentence):
            size, found = _longest(sentence, at, knowledge)
            if found:
                token = sentence[at]
                yield Action(
                    found[0][2],
                    " ".join(one.surface for one in sentence[at : at + size]),
                    tuple((domain, kind) for domain, kind, _ in found),
                    token.passage,
                    token.sentence,
                    at,
                )
            at += size


def _longest(
    sentence: Sequence[Token], at: int, knowledge: Knowledge
) -> tuple[int, list[tuple[str, str, str]]]:
    for size in (4, 3, 2, 1):
        keys = tuple(token.key for token in sentence[at : at + size])
        if len(keys) == size and keys in knowledge.actions:
            return size, knowledge.actions[keys]
    return 1, []


def relations(
    sentences: Sequence[Sequence[Token]],
    mentions: Mapping[int, Sequence[Mention]],
    actions: Mapping[int, Sequence[Action]],
) -> tuple[Relation, ...]:
    """Return the relations of every sentence, in the order of the text."""
    found: dict[tuple[str, str, str, int], Relation] = {}
    for number, sentence in enumerate(sentences):
        here = [one for one in mentions.get(number, ()) if one.concept.kind in _ACTORS]
        things = [one for one in mentions.get(number, ()) if one.concept.kind is Kind.THING]
        for left, right in pairwise(here):
            verb = _between(actions.get(number, ()), left, right)
            if verb is None or left.concept.key == right.concept.key:
                continue
            near = [one for one in things if abs(one.first - verb.first) <= REACH]
            before = {
                sentence[at].surface.lower() for at in range(max(0, right.first - 3), right.first)
            }
            one = Relation(
                left.concept, verb.word, right.concept, near[0].concept if near else None,
                left.passage, number, not before.isdisjoint({"by", "from"}),
            )  # fmt: skip
            found.setdefault((one.subject.key, one.verb, one.target.key, number), one)
    return tuple(found.values())


def _between(actions: Sequence[Action], left: Mention, right: Mention) -> Action | None:
    if right.first - left.end > REACH:
        return None
    return next((one for one in actions if left.end <= one.first < right.first), None)
