"""The topics of an article: what in it one can watch, and what else it offers.

A topic is anchored in a *thing* (goods, weapons) or a *place* (a named base, port, mine): only
these make a standing query that stays on its subject. Things that share most of their sentences are
one topic. States and bodies alone, and measures such as sanctions, are further topics: they are
told, and a draft is written for them when asked.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from monitor.seeds.domains import Shape
from monitor.seeds.english import is_acronym, key_of, keys_of, singular
from monitor.seeds.knowledge import Concept, Kind, Knowledge
from monitor.seeds.names import Mention
from monitor.seeds.phrases import Phrase
from monitor.seeds.relations import Action, Relation
from monitor.text import fold

#: A place is rarer than a thing, and a thing with a name of its own than a word for it.
_WEIGHT = {Kind.PLACE: 4.0, Kind.THING: 1.0}
SHARED = 0.6  # of the sentences of a thing: then it belongs to the greater one
FRAME = 0.4  # of the passages: a state in so many is what the whole article is about
MAX_TOPICS, MAX_FURTHER = 12, 16
_REVERSED = frozenset(["take"])  # kinds of action whose subject receives


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that the article speaks of, with where and how."""

    name: str  #: fit for a file: iran-russia-drone
    title: str
    shape: Shape
    domain: str
    concepts: tuple[Concept, ...]
    passages: tuple[int, ...]  #: indexes, from 0
    score: float
    main: bool  #: anchored in a thing or a place
    giver: Concept | None = None
    taker: Concept | None = None
    states: tuple[Concept, ...] = ()  #: named in its sentences, the most often named first
    actions: tuple[tuple[str, str, int], ...] = ()  #: kind, word, passage
    surfaces: tuple[tuple[str, int], ...] = ()  #: how the article writes its things, and where
    relations: tuple[Relation, ...] = ()


@dataclass(slots=True)
class _Anchor:
    concepts: list[Concept]
    mentions: list[Mention] = field(default_factory=list)

    @property
    def sentences(self) -> set[int]:
        return {one.sentence for one in self.mentions}

    @property
    def head(self) -> Concept:
        return self.concepts[0]

    def score(self) -> float:
        spread = len({one.passage for one in self.mentions})
        return _WEIGHT[self.head.kind] * (len(self.sentences) + 0.5 * spread)


class TopicFinder:
    """Finds the topics of one article."""

    def __init__(
        self,
        knowledge: Knowledge,
        mentions: Sequence[Mention],
        actions: Sequence[Action],
        relations: Sequence[Relation],
        passages: int,
    ) -> None:
        self._knowledge, self._mentions = knowledge, mentions
        self._relations = relations
        self._passages = passages
        self._actions: dict[int, list[Action]] = defaultdict(list)
        for action in actions:
            self._actions[action.sentence].append(action)
        self._frame = self._frame_states()

    def topics(self) -> tuple[Topic, ...]:
        """Return the main topics, the heaviest first."""
        found = [self._topic(anchor) for anchor in self._anchors()]
        found.sort(key=lambda one: (-one.score, one.name))
        return tuple(found[:MAX_TOPICS])

    def further(self, main: Sequence[Topic]) -> tuple[Topic, ...]:
        """Return what else the article offers: measures by domain, then bodies and states."""
        told = {concept.key for topic in main for concept in topic.concepts}
        measures = [self._measure(key, found) for key, found in self._by_domain().items()]
        names = [
            self._named(found, main)
            for key, found in self._by_concept(Kind.NAME, Kind.STATE).items()
            if key not in told and key not in self._frame
        ]
        both = [*measures, *(one for one in names if one is not None)]
        both.sort(key=lambda one: (-one.score, one.name))
        return tuple(both[:MAX_FURTHER])

    def of_phrases(self, phrases: Iterable[Phrase]) -> tuple[Topic, ...]:
        """Return topics of key phrases, for an article of which no domain knows the things."""
        return tuple(
            Topic(
                name=slug(one.text),
                title=one.text,
                shape="general",
                domain="",
                concepts=(Concept(f"phrase:{one.text}", one.text, Kind.MEASURE),),
                passages=one.passages,
                score=one.score,
                main=False,
                surfaces=tuple((one.text, passage) for passage in one.passages),
            )
            for one in phrases
        )

    def _by_concept(self, *kinds: Kind) -> dict[str, list[Mention]]:
        found: dict[str, list[Mention]] = defaultdict(list)
        for one in self._mentions:
            if one.concept.kind in kinds:
                found[one.concept.key].append(one)
        return found

    def _by_domain(self) -> dict[str, list[Mention]]:
        found: dict[str, list[Mention]] = defaultdict(list)
        for one in self._mentions:
            if one.concept.kind is Kind.MEASURE:
                found[one.concept.domain].append(one)
        return found

    def _frame_states(self) -> frozenset[str]:
        """Return the states that the whole article speaks of."""
        found = {}
        for key, mentions in self._by_concept(Kind.STATE).items():
            found[key] = len({one.passage for one in mentions})
        return frozenset(
            key for key, spread in found.items() if spread >= FRAME * self._passages and spread > 1
        )

    def _anchors(self) -> list[_Anchor]:
        groups = self._by_concept(Kind.THING, Kind.PLACE)
        anchors = [_Anchor([found[0].concept], found) for found in groups.values()]
        anchors.sort(key=lambda one: (one.head.kind is not Kind.PLACE, -one.score(), one.head.key))
        kept: list[_Anchor] = []
        for one in anchors:
            greater = next((other for other in kept if self._belongs(one, other)), None)
            if greater is None:
                kept.append(one)
            else:
                greater.concepts += one.concepts
                greater.mentions += one.mentions
        return [one for one in kept if one.head.kind is Kind.PLACE or len(one.sentences) > 1]

    def _belongs(self, one: _Anchor, other: _Anchor) -> bool:
        """Tell whether a lesser anchor is part of a greater one.

        The plain word for a kind of place ("a foreign base") belongs to the named place of its
        passage.
        """
        if other.head.kind is Kind.PLACE and self._is_kind_of_place(one.head, other.head.domain):
            own = {m.passage for m in other.mentions if m.concept.key == other.head.key}
            return not own.isdisjoint(m.passage for m in one.mentions)
        shared = len(one.sentences & other.sentences)
        same_kind = one.head.kind is other.head.kind
        return same_kind and shared >= SHARED * len(one.sentences)

    def _is_kind_of_place(self, one: Concept, domain: str) -> bool:
        names = one.thing.names if one.thing is not None else ()
        return one.domain == domain and any(keys_of(n) in self._knowledge.facilities for n in names)

    def _topic(self, anchor: _Anchor) -> Topic:
        head = _called(anchor)
        domain = self._knowledge.domains.of(head.domain)
        assert domain is not None
        shape: Shape = "place" if head.kind is Kind.PLACE else domain.shape
        passages = tuple(sorted({one.passage for one in anchor.mentions}))
        states = self._states(anchor.sentences, passages)
        inside = tuple(one for one in self._relations if one.sentence in anchor.sentences)
        giver, taker = _direction(inside, states) if shape == "transfer" else (None, None)
        acted = _acted(self._actions, anchor.sentences)
        return Topic(
            name=_name(head, shape, domain.key, giver, taker),
            title=_title(head, shape, giver, taker),
            shape=shape,
            domain=domain.key,
            concepts=(head, *anchor.concepts[1:]),
            passages=passages,
            score=round(anchor.score(), 2),
            main=True,
            giver=giver,
            taker=taker,
            states=states,
            actions=acted,
            surfaces=tuple(dict.fromkeys((one.surface, one.passage) for one in anchor.mentions)),
            relations=inside,
        )

    def _states(self, sentences: set[int], passages: Iterable[int]) -> tuple[Concept, ...]:
        """Return states of the sentences by how often they stand there, then of the passages."""
        near: Counter[str] = Counter()
        by_key: dict[str, Concept] = {}
        for one in self._mentions:
            if one.concept.kind is Kind.STATE and one.passage in set(passages):
                by_key[one.concept.key] = one.concept
                near[one.concept.key] += 10 if one.sentence in sentences else 1
        return tuple(by_key[key] for key, _ in near.most_common())

    def _measure(self, domain: str, found: Sequence[Mention]) -> Topic:
        sentences = {one.sentence for one in found}
        passages = tuple(sorted({one.passage for one in found}))
        words = list(dict.fromkeys(one.surface for one in found))
        beside = self._beside(passages)
        known = self._knowledge.domains.of(domain)
        assert known is not None
        acted = _acted(self._actions, sentences)
        done = list(dict.fromkeys(w for _, w, _ in acted if w in known.all_actions()))
        title = f"{known.title}: {', '.join(words[:4])}" + (
            f" ({', '.join(done[:4])})" if done else ""
        )
        return Topic(
            name=slug(f"{domain}-{words[0]}" if domain not in words[0] else words[0]),
            title=title + (f"; beside {', '.join(beside)}" if beside else ""),
            shape="general",
            domain=domain,
            concepts=tuple(dict.fromkeys(one.concept for one in found)),
            passages=passages,
            score=round(len(sentences) + 0.5 * len(passages), 2),
            main=False,
            states=self._states(sentences, passages),
            actions=acted,
            surfaces=tuple(dict.fromkeys((one.surface, one.passage) for one in found)),
        )

    def _beside(self, passages: Iterable[int]) -> list[str]:
        """Return the things and places of its passages, which say what a measure is about."""
        inside = set(passages)
        names = [
            one.concept.name
            for one in self._mentions
            if one.passage in inside and one.concept.kind in {Kind.THING, Kind.PLACE}
        ]
        return list(dict.fromkeys(names))[:2]

    def _named(self, found: Sequence[Mention], main: Sequence[Topic]) -> Topic | None:
        concept = found[0].concept
        places = {alias for topic in main for one in topic.concepts for alias in one.aliases}
        known = bool(concept.aliases) and not places & set(concept.aliases)
        sentences = {one.sentence for one in found}
        if len(sentences) < 2 and (not known or concept.kind is Kind.STATE):
            return None
        passages = tuple(sorted({one.passage for one in found}))
        return Topic(
            name=slug(concept.name),
            title=f"{concept.name} as such",
            shape="general",
            domain="",
            concepts=(concept,),
            passages=passages,
            score=round(0.7 * len(sentences), 2),
            main=False,
            states=self._states(sentences, passages),
            actions=_acted(self._actions, sentences),
            surfaces=tuple(dict.fromkeys((one.surface, one.passage) for one in found)),
        )


def _called(anchor: _Anchor) -> Concept:
    """Return the head under the name that the article gives it: UAV, gas, wheat."""
    head = anchor.head
    if head.thing is None:
        return head
    said = [one.surface for one in anchor.mentions if one.concept.key == head.key]
    words = [word for surface in said for word in surface.split()]
    names = {keys_of(name) for name in head.thing.names}
    by_key = Counter(keys_of(word) for word in words if keys_of(word) in names)
    by_key = by_key or Counter(keys_of(surface) for surface in said)
    most = by_key.most_common(1)[0][0]
    told = next(one for one in (*words, *said) if keys_of(one) == most)
    return replace(head, name=singular(told if is_acronym(told) else told.lower()))


def _acted(
    actions: dict[int, list[Action]], sentences: Iterable[int]
) -> tuple[tuple[str, str, int], ...]:
    """Return kind, word and passage of every action of some sentences, for every domain."""
    found: dict[tuple[str, str, int], None] = {}
    for number in sorted(sentences):
        for action in actions[number]:
            for domain, kind in action.meanings:
                found[f"{domain}:{kind}", action.word, action.passage] = None
    return tuple(found)


def _direction(
    inside: Iterable[Relation], states: Sequence[Concept]
) -> tuple[Concept | None, Concept | None]:
    """Return who gives and who takes, by the verbs between two states."""
    votes: Counter[tuple[str, str]] = Counter()
    by_key: dict[str, Concept] = {}
    for one in inside:
        ends = (one.subject, one.target)
        if any(end.kind is not Kind.STATE for end in ends):
            continue
        by_key |= {end.key: end for end in ends}
        receives = _receives(one.verb)
        pair = (ends[1].key, ends[0].key) if receives else (ends[0].key, ends[1].key)
        votes[pair] += 1
    if votes:
        giver, taker = votes.most_common(1)[0][0]
        return by_key[giver], by_key[taker]
    return (states[0], states[1]) if len(states) > 1 else (None, None)


_TAKING = frozenset(
    key_of(word)
    for word in "buy purchase acquire obtain receive procure order import get seek want examine"
    " inspect visit view".split()
)


def _receives(verb: str) -> bool:
    return key_of(verb.split(maxsplit=1)[0]) in _TAKING


def _title(head: Concept, shape: Shape, giver: Concept | None, taker: Concept | None) -> str:
    if shape == "transfer" and giver and taker:
        return f"{head.name}s from {giver.name} to {taker.name}"
    if shape == "place":
        return f"{head.name}: what happens there, and who uses it"
    return f"{head.name}: prices, supply and deals"


def _name(
    head: Concept, shape: Shape, domain: str, giver: Concept | None, taker: Concept | None
) -> str:
    if shape == "transfer" and giver and taker:
        return slug(f"{giver.name}-{taker.name}-{head.name}")
    if shape == "market":
        return slug(f"{head.name}-market" if "market" not in head.name else head.name)
    return slug(head.name if shape == "place" else f"{head.name}-{domain}")


def slug(name: str) -> str:
    """Return a name fit for a watchlist: a-z, 0-9 and -, at most 50 characters."""
    return (
        re.sub(r"[^a-z0-9]+", "-", fold(name).replace("ı", "i")).strip("-")[:50].strip("-") or "x"
    )
