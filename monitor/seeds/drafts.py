"""From a topic to a draft watchlist: groups, condition, masks and tests. Pure.

Four shapes, because four kinds of news: things that pass from one state to another, a place and
what happens there, a good and its market, and all else. Every term keeps where it came from: a
passage, an alias set, or the domain that brought it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.seeds.english import key_of
from monitor.seeds.gathering import DraftTerm, Terms
from monitor.seeds.knowledge import Concept, Kind, Knowledge
from monitor.seeds.study import Study
from monitor.seeds.topics import Topic, slug
from monitor.seeds.trials import VERBS, DraftTest, Turned, Wording, tests_of
from monitor.text import fold


@dataclass(frozen=True, slots=True)
class DraftGroup:
    name: str
    terms: tuple[DraftTerm, ...]
    about: str = ""
    forms: bool = True  #: English forms are wanted


@dataclass(frozen=True, slots=True)
class Draft:
    """A watchlist before it is written."""

    name: str
    title: str
    description: str
    seed: str
    facts: tuple[str, ...]
    groups: tuple[DraftGroup, ...]
    match: str
    masks: tuple[DraftTerm, ...]
    tests: tuple[DraftTest, ...]
    notes: tuple[str, ...] = ()


def draft_of(topic: Topic, found: Study, knowledge: Knowledge, seed: str) -> Draft:
    """Return the draft of a topic; ``seed`` is the name of the brief."""
    return _Drafter(topic, found, knowledge, seed).draft()


class _Drafter:
    """Gathers the groups of one topic."""

    def __init__(self, topic: Topic, found: Study, knowledge: Knowledge, seed: str) -> None:
        self._topic, self._study, self._seed = topic, found, seed
        self._terms = Terms(topic, found, knowledge)
        self._domain = knowledge.domains.of(topic.domain)
        self._things = [one for one in topic.concepts if one.kind is Kind.THING]

    def draft(self) -> Draft:
        shape = getattr(self, f"_{self._topic.shape}")
        groups, match = shape()
        groups = tuple(one for one in groups if one.terms and _speaks_of(match, one.name))
        masks = tuple(self._terms.masks(term for group in groups for term in group.terms))
        return Draft(
            name=self._topic.name,
            title=self._topic.title[:1].upper() + self._topic.title[1:],
            description="A draft derived from the seed; read each term before it goes live.",
            seed=self._seed,
            facts=tuple(self._study.label(one) for one in self._topic.passages),
            groups=groups,
            match=match,
            masks=masks,
            tests=tests_of(self._wording(groups, masks)),
            notes=tuple(self._relations()),
        )

    # the four shapes

    def _transfer(self) -> tuple[list[DraftGroup], str]:
        topic = self._topic
        head = topic.concepts[0]
        thing = DraftGroup(
            _group_name(head.name), self._terms.thing_terms(self._things), "what passes"
        )
        makers = DraftGroup(
            "maker", self._terms.set_terms(self._terms.makers()), "who builds or carries it"
        )
        deed = DraftGroup("deed", self._terms.deeds(), "what is done with it")
        watched = thing.name if not makers.terms else f"({thing.name} or maker)"
        parts = [f"{watched} near/12 deed"]
        groups = [thing, makers, deed]
        if topic.giver and topic.taker:
            giver, taker = self._state("giver", topic.giver), self._state("taker", topic.taker)
            groups = [giver, taker, *groups]
            parts = ["giver", "taker", *parts]
        return groups, " and ".join(parts)

    def _place(self) -> tuple[list[DraftGroup], str]:
        head = self._topic.concepts[0]
        place = DraftGroup("place", self._terms.place_terms(head), "by its name")
        site = DraftGroup(
            "site", self._terms.site_terms(head), "what kind of place it is", forms=False
        )
        deed = DraftGroup("deed", self._terms.deeds(), "what happens there")
        host, guests = self._terms.host_and_guests(head)
        groups = [place, site, deed]
        match = "place near/8 site"
        wider = self._terms.own_word_for(head)
        if host is not None and guests and wider:
            guest = tuple(term for one in guests for term in self._terms.state_terms(one))
            foreign = DraftTerm("foreign", self._topic.passages, "the plain word for guests")
            groups += [
                self._state("host", host),
                DraftGroup("guest", (*guest, foreign), "strangers"),
            ]
            match = "(place near/8 site) or (host near/6 site near/15 guest and deed)"
        traffic = self._terms.traffic(head)
        if traffic:
            groups.append(DraftGroup("traffic", traffic, "what goes through or comes out"))
            match += " or (place near/12 traffic)"
        return groups, match

    def _market(self) -> tuple[list[DraftGroup], str]:
        head = self._topic.concepts[0]
        sure = DraftGroup(
            _group_name(head.name), self._terms.thing_terms(self._things), "the good by clear names"
        )
        broad = DraftGroup(
            "broad", tuple(self._terms.broad_terms()), "a name that means more", forms=False
        )
        makers = DraftGroup(
            "company", self._terms.set_terms(self._terms.makers()), "who trades in it"
        )
        deed = DraftGroup("deed", self._terms.deeds(), "what a market does")
        elsewhere = DraftGroup(
            "_elsewhere", self._terms.elsewhere(), "where the words mean other things"
        )
        ways = [f"in-title {sure.name}", f"({sure.name} near/6 deed and {sure.name} x2)"]
        if broad.terms:
            ways.insert(1, "in-title (broad near/6 deed)")
        states = tuple(t for one in self._topic.states[:4] for t in self._terms.state_terms(one))
        state = DraftGroup("state", states, "who sells and buys in the article")
        if makers.terms:
            ways.append("in-title (company near/8 deed)")
        if broad.terms and states:
            ways.append("in-title (broad near/3 state)")
        either = " or ".join(ways)
        match = f"not in-title _elsewhere and ({either})" if elsewhere.terms else either
        return [sure, broad, makers, deed, state, elsewhere], match

    def _general(self) -> tuple[list[DraftGroup], str]:
        topic = self._topic
        words = tuple(self._terms.own_words())
        subject = DraftGroup("subject", words, "what it is about")
        deed = DraftGroup("deed", self._terms.deeds(), "what is done")
        states = topic.states[:2]
        groups = [subject, deed]
        parts = ["subject near/10 deed" if deed.terms else "subject"]
        if states and topic.concepts[0].kind is Kind.MEASURE:
            terms = tuple(term for one in states for term in self._terms.state_terms(one))
            groups.append(DraftGroup("state", terms, "who is concerned"))
            parts.append("state")
        return groups, " and ".join(parts)

    def _state(self, name: str, state: Concept) -> DraftGroup:
        return DraftGroup(name, tuple(self._terms.state_terms(state)), state.name)

    def _relations(self) -> Iterator[str]:
        for one in self._topic.relations:
            thing = f" ({one.thing.name})" if one.thing else ""
            yield (
                f"{self._study.label(one.passage)}: {one.subject.name} {one.verb}"
                f" {'from/by ' if one.turned else ''}{one.target.name}{thing}"
            )

    def _wording(self, groups: Sequence[DraftGroup], masks: Sequence[DraftTerm]) -> Wording:
        topic, head = self._topic, self._topic.concepts[0]
        host, guests = self._terms.host_and_guests(head)
        if topic.shape == "general":
            host = topic.states[0] if topic.states else None
        deeds = next((one.terms for one in groups if one.name == "deed"), ())
        site = head.spellings[1] if len(head.spellings) > 1 else ""
        return Wording(
            shape=topic.shape,
            thing=head.name,
            place=head.spellings[0] if head.kind is Kind.PLACE else "",
            site=site,
            giver=self._spellings(topic.giver),
            taker=self._spellings(topic.taker),
            host=self._spellings(host),
            guest=self._spellings(guests[0] if guests else None),
            mask=masks[0].written if masks else "",
            turned=tuple(self._turned()),
            facts=tuple(self._study.label(one) for one in topic.passages),
            deeds=tuple(one.written for one in deeds),
        )

    def _turned(self) -> Iterator[Turned]:
        """Yield the article's relations with another verb of the same kind, to be turned round."""
        actions = self._domain.actions if self._domain else {}
        for one in self._topic.relations:
            kinds = [kind for kind, words in actions.items() if one.verb in words]
            if not kinds or one.thing is None or one.target.kind is not Kind.STATE:
                continue
            verbs = [w for w in actions[kinds[0]] if w in VERBS and key_of(w) != key_of(one.verb)]
            if verbs and one.subject.kind is Kind.STATE:
                yield Turned(
                    self._spellings(one.subject), verbs[0], self._spellings(one.target),
                    kinds[0], self._study.label(one.passage),
                )  # fmt: skip

    def _spellings(self, state: Concept | None) -> tuple[str, ...]:
        """Return name, adjective and capital of a state, as far as they are known."""
        if state is None:
            return ()
        known = [one for one in state.spellings or (state.name,) if one.isascii()]
        root = fold(state.name)[:4]
        seat = [one for one in known if fold(one)[:4] != root and " " not in one]
        return (*known[:2], *seat[:1])


def _speaks_of(match: str, group: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(group)}(?![\w-])", match) is not None


def _group_name(name: str) -> str:
    """Return a name for a group that is no word of the language."""
    found = slug(name).replace("-", "_")[:30]
    return found if found[:1].isalpha() and found not in _TAKEN else f"the_{found}"


_TAKEN = frozenset("and or not near before of move rise fall all any none deed broad".split())
