"""The terms of a draft, each with the passages that speak for it and the reason. Pure.

First come alias sets and the article's own words, then what a domain knows beside them: other names
of a thing, other verbs of the same kind, words for the same kind of site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.seeds.english import is_acronym, keys_of, singular
from monitor.seeds.knowledge import Concept, Kind, Knowledge
from monitor.seeds.study import Study
from monitor.seeds.topics import Topic

MAX_MASKS = 60


#: Whose object is the guest: "allowed Russia to use".
_LETTING = frozenset(["allow", "let", "permit", "open", "grant", "host", "lease"])
#: Kinds of action that belong to all news of a domain, whatever one article speaks of.
_ALWAYS = frozenset(["answer", "make", "give", "take", "move", "stop", "stock", "rule"])


@dataclass(frozen=True, slots=True)
class DraftTerm:
    """A term as the list writes it, with the passages that speak for it and the reason."""

    written: str
    passages: tuple[int, ...] = ()
    why: str = ""  #: empty: the article's own word


class Terms:
    """Gathers the terms of one topic."""

    def __init__(self, topic: Topic, found: Study, knowledge: Knowledge) -> None:
        self._topic, self._study, self._knowledge = topic, found, knowledge
        self._domain = knowledge.domains.of(topic.domain)
        self._things = [one for one in topic.concepts if one.kind is Kind.THING]

    def state_terms(self, state: Concept) -> Iterator[DraftTerm]:
        where = self._where(state)
        for alias in state.aliases:
            yield DraftTerm(f"@{alias}", where)
        for spelling in state.spellings if not state.aliases else ():
            yield DraftTerm(spelling, where)
        for alias in self._knowledge.related[state.key].things:
            yield DraftTerm(f"@{alias}", where, f"stands for {state.name}")

    def _where(self, concept: Concept) -> tuple[int, ...]:
        inside = set(self._topic.passages)
        seen = {one.passage for one in self._study.mentions if one.concept.key == concept.key}
        return tuple(sorted(seen & inside or seen))

    def thing_terms(self, things: Sequence[Concept]) -> tuple[DraftTerm, ...]:
        """Return alias sets, the article's own words, then the domain's other names."""
        found: dict[tuple[str, ...], DraftTerm] = {}
        for one in things[:1] if self._topic.shape != "general" else things:
            where = self._where(one)
            for alias in (*one.aliases, *self._knowledge.related[one.key].things):
                why = "" if alias in one.aliases else f"its title names {one.name}"
                found[(f"@{alias}",)] = DraftTerm(f"@{alias}", where, why)
            assert one.thing is not None
            broad = {keys_of(name) for name in one.thing.broad}
            for term in self._texts_own(one):
                if keys_of(term.written) not in broad:
                    found.setdefault(keys_of(term.written), term)
            for name in one.thing.sure:
                term = DraftTerm(name, where, f"domain {one.domain}")
                found.setdefault(keys_of(name), term)
        return tuple(one for one in found.values() if not self._held(one, found.values()))

    def _held(self, term: DraftTerm, terms: Iterable[DraftTerm]) -> bool:
        """Tell whether a set of the group already holds the term, so that it would stand twice."""
        if term.written.startswith("@"):
            return False
        sets = [one.written[1:] for one in terms if one.written.startswith("@")]
        held = {
            key_of_term(spelling)
            for name in sets
            if name in self._knowledge.sets
            for spelling in self._knowledge.sets[name].spellings
        }
        return key_of_term(term.written) in held

    def _texts_own(self, concept: Concept) -> Iterator[DraftTerm]:
        """Yield the article's words for a thing, with compounds such as "gas market"."""
        where: dict[str, set[int]] = {}
        for one in self._study.mentions:
            if one.concept.key == concept.key:
                plain = one.surface if is_acronym(one.surface) else one.surface.lower()
                where.setdefault(singular(plain), set()).add(one.passage)
        for word, passages in where.items():
            yield DraftTerm(word, tuple(sorted(passages)))

    def broad_terms(self) -> Iterator[DraftTerm]:
        for one in self._things[:1]:
            assert one.thing is not None
            for name in one.thing.broad:
                yield DraftTerm(name, self._where(one), "also means other things")

    def makers(self) -> list[str]:
        return [alias for one in self._things for alias in self._knowledge.related[one.key].makers]

    def set_terms(self, names: Iterable[str]) -> tuple[DraftTerm, ...]:
        thing = self._things[0].name if self._things else ""
        return tuple(
            DraftTerm(f"@{name}", self._topic.passages, f"its title names {thing}")
            for name in dict.fromkeys(names)
        )

    def deeds(self) -> tuple[DraftTerm, ...]:
        """Return the actions of the article, then those of the same kinds of its domain."""
        found: dict[tuple[str, ...], DraftTerm] = {}
        kinds: dict[str, set[str]] = {}
        first: dict[str, str] = {}
        named = {keys for one in self._topic.concepts for keys in [keys_of(one.name)]}
        for meaning, word, passage in self._topic.actions:
            domain, _, kind = meaning.partition(":")
            if domain == self._topic.domain:
                kinds.setdefault(kind, set()).add(word)
                first.setdefault(kind, f"beside '{word}' of {self._study.label(passage)}")
                self._add(found, word, passage)
        if self._domain is not None:
            for kind, words in self._domain.actions.items():
                if kind == "core" or kind in kinds or kind in _ALWAYS:
                    why = first.get(kind, f"domain {self._domain.key}, {kind}")
                    for word in words:
                        term = DraftTerm(word, self._topic.passages, why)
                        found.setdefault(keys_of(word), term)
        return tuple(one for keys, one in found.items() if keys not in named)

    @staticmethod
    def _add(found: dict[tuple[str, ...], DraftTerm], word: str, passage: int) -> None:
        have = found.get(keys_of(word))
        passages = (*(have.passages if have else ()), passage)
        found[keys_of(word)] = DraftTerm(word, tuple(dict.fromkeys(passages)))

    def place_terms(self, head: Concept) -> tuple[DraftTerm, ...]:
        where = self._where(head)
        terms = [DraftTerm(f"@{alias}", where) for alias in head.aliases]
        if not head.aliases and head.spellings:
            terms.append(DraftTerm(head.spellings[0], where))
        why = f"its title names {head.spellings[0]}" if head.spellings else ""
        for alias in head.aliases:
            beside = self._knowledge.beside(alias)
            terms.extend(DraftTerm(f"@{other}", where, why) for other in beside)
        return tuple(terms)

    def site_terms(self, head: Concept) -> tuple[DraftTerm, ...]:
        """Return words for the site: the article's, then the domain's of the same kind."""
        found: dict[tuple[str, ...], DraftTerm] = {}
        where = self._where(head)
        own = [head.spellings[1]] if len(head.spellings) > 1 else []
        things = [one for one in self._things if one.domain == head.domain and self.is_site(one)]
        for one in things:
            for term in self._texts_own(one):
                found.setdefault(keys_of(term.written), term)
            assert one.thing is not None
            own += [*one.thing.names]
        for word in own:
            found.setdefault(keys_of(word), DraftTerm(word, where, f"domain {head.domain}"))
        words = list(found.values())
        plural = [DraftTerm(_plural(one.written), one.passages, "plural") for one in words]
        return tuple(dict.fromkeys([*words, *(one for one in plural if one.written not in own)]))

    def host_and_guests(self, head: Concept) -> tuple[Concept | None, tuple[Concept, ...]]:
        """Return whose the place is, by the title of its set or by the article, and who comes."""
        states = self._topic.states
        told = next((s for a in head.aliases if (s := self._knowledge.host(a)) is not None), None)
        host = told or (states[0] if states else None)
        acting = {one.subject.key for one in self._topic.relations} | {
            one.target.key for one in self._topic.relations if one.verb in _LETTING
        }
        guests = tuple(one for one in states if host and one.key != host.key and one.key in acting)
        return host, guests[:2]

    def own_word_for(self, head: Concept) -> bool:
        """Tell whether the article speaks of such places in general, too ("foreign base")."""
        return any(one.domain == head.domain and self.is_site(one) for one in self._things)

    def is_site(self, thing: Concept) -> bool:
        """Tell whether a thing is the plain word for a kind of place."""
        names = thing.thing.names if thing.thing is not None else ()
        return any(keys_of(name) in self._knowledge.facilities for name in names)

    def traffic(self, head: Concept) -> tuple[DraftTerm, ...]:
        """Return the things of a place's domain of which the article speaks anywhere."""
        found = {
            one.concept.key: one.concept
            for one in self._study.mentions
            if one.concept.kind is Kind.THING and one.concept.domain == head.domain
        }
        return tuple(
            DraftTerm(name, self._where(one), f"domain {one.domain}")
            for one in found.values()
            if one.thing is not None and not self.is_site(one)
            for name in one.thing.names
        )

    def elsewhere(self) -> tuple[DraftTerm, ...]:
        words = self._domain.elsewhere if self._domain else ()
        return tuple(DraftTerm(one, (), "other sense") for one in words)

    def own_words(self) -> Iterator[DraftTerm]:
        for one in self._topic.concepts:
            if one.aliases:
                for alias in one.aliases:
                    yield DraftTerm(f"@{alias}", self._where(one))
            else:
                yield DraftTerm(one.name, self._where(one))

    def masks(self, terms: Iterable[DraftTerm]) -> Iterator[DraftTerm]:
        """Yield the domain's noise phrases in which a watched word stands."""
        names = [term.written for term in terms if not term.written.startswith("@")]
        names += [name for one in self._things if one.thing for name in one.thing.names]
        watched = {key for name in names for key in keys_of(name)}
        noise = self._domain.noise if self._domain else ()
        fitting = [phrase for phrase in noise if watched & set(keys_of(phrase))]
        for phrase in fitting[:MAX_MASKS]:
            yield DraftTerm(phrase, (), "domain")


def key_of_term(written: str) -> str:
    return " ".join(keys_of(written.strip("=~*")))


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")
