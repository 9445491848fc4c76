"""What is known before an article is read: things by domain, states, and the desk's alias sets.

A set of aliases belongs to a thing when both share a spelling, or when the set's title names the
thing ("Gas pipelines by name"); it stands for a state when its title says so ("People whose name
stands for the Iranian state"). Titles are the only place where a desk tells what a set is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.seeds.domains import Domain, Domains, Thing
from monitor.seeds.english import key_of, keys_of

_LATIN = re.compile(r"[A-Za-z0-9\u00c0-\u024f .'’/&-]+\Z")
_MAKERS = frozenset(key_of(word) for word in "company maker builder built buyer carrier".split())
_STATE_SETS = ("country-", "region-")
MAX_WORDS = 6  # of a spelling that is looked for
Keys = tuple[str, ...]


class Kind(StrEnum):
    """What a name in an article is."""

    THING = "thing"
    PLACE = "place"  #: a named base, port, mine: something that one can watch
    STATE = "state"
    NAME = "name"  #: a person, a body, a town
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class AliasSpellings:
    """One alias set of the desk: its name, its title and its spellings as they are written."""

    name: str
    title: str
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """What several words in the article mean alike."""

    key: str
    name: str
    kind: Kind
    domain: str = ""
    thing: Thing | None = None
    aliases: tuple[str, ...] = ()  #: sets that hold its spellings
    spellings: tuple[str, ...] = ()  #: for a state without a set


@dataclass(slots=True)
class Related:
    """Alias sets that a title ties to a thing or a state."""

    things: list[str] = field(default_factory=list)
    makers: list[str] = field(default_factory=list)


class Knowledge:
    """Looks up what words mean; built once for each derivation."""

    def __init__(self, domains: Domains, aliases: Iterable[AliasSpellings]) -> None:
        self.domains = domains
        self.sets = {one.name: one for one in aliases}
        self.concepts: dict[Keys, Concept] = {}
        self.related: dict[str, Related] = defaultdict(Related)
        self.actions: dict[Keys, list[tuple[str, str, str]]] = defaultdict(list)
        self.facilities: dict[Keys, tuple[str, str]] = {}
        for domain in domains.domains:
            self._read_domain(domain)
        self._read_states()
        for alias in self.sets.values():
            self._read_alias(alias)

    def _read_domain(self, domain: Domain) -> None:
        for thing in domain.things:
            held = self._sets_with(thing.names)
            concept = Concept(
                f"{domain.key}:{thing.name}", thing.name, Kind.THING, domain.key, thing, held
            )
            spelt = [*thing.names, *(one for name in held for one in _plain(self.sets[name]))]
            for spelling in spelt:
                self.concepts.setdefault(keys_of(spelling), concept)
        for word in domain.measures:
            measure = Concept(f"{domain.key}:{word}", word, Kind.MEASURE, domain.key)
            self.concepts.setdefault(keys_of(word), measure)
        for kind, words in domain.actions.items():
            for word in words:
                self.actions[keys_of(word)].append((domain.key, kind, word))
        for word in domain.facility:
            self.facilities.setdefault(keys_of(word), (word, domain.key))

    def _sets_with(self, names: Iterable[str]) -> tuple[str, ...]:
        wanted = {keys_of(name) for name in names}
        return tuple(
            one.name
            for one in self.sets.values()
            if wanted & {keys_of(spelling) for spelling in _plain(one)}
        )

    def _read_states(self) -> None:
        """A set named ``country-…`` or ``region-…`` comes before the table of states."""
        for alias in self.sets.values():
            if alias.name.startswith(_STATE_SETS):
                spelt = _plain(alias)
                concept = Concept(
                    f"@{alias.name}", spelt[0], Kind.STATE, "", None, (alias.name,), spelt
                )
                for spelling in spelt:
                    self.concepts.setdefault(keys_of(spelling), concept)
        for name, spellings in self.domains.states.items():
            if keys_of(name) not in self.concepts:
                concept = Concept(f"state:{name}", name, Kind.STATE, spellings=spellings)
                for spelling in spellings:
                    self.concepts.setdefault(keys_of(spelling), concept)

    def _read_alias(self, alias: AliasSpellings) -> None:
        spelt = _plain(alias)
        states = {
            found.key
            for one in spelt
            if (found := self.concepts.get(keys_of(one))) and found.kind is Kind.STATE
        }
        if alias.name.startswith(_STATE_SETS) or len(states) > 2 or not spelt:
            return  # a set of many states says what they have in common, not who they are
        title = [key_of(word) for word in re.findall(r"[\w’'-]+", alias.title)]
        self._relate(alias, title)
        concept = Concept(f"@{alias.name}", spelt[0], Kind.NAME, "", None, (alias.name,))
        for spelling in spelt:
            self.concepts.setdefault(keys_of(spelling), concept)

    def _relate(self, alias: AliasSpellings, title: list[str]) -> None:
        said = {tuple(title[at : at + size]) for size in (1, 2, 3) for at in range(len(title))}
        named = {self.concepts[keys].key: self.concepts[keys] for keys in said & set(self.concepts)}
        first = next((c.key for word in title if (c := self.concepts.get((word,)))
                      and c.kind is Kind.STATE), "")  # fmt: skip
        stands_in = key_of("stand") in title
        places = {self.facilities[keys][1] for keys in said & set(self.facilities)}
        for concept in named.values():
            if alias.name in concept.aliases:
                continue
            if concept.key == first and stands_in:
                self.related[concept.key].things.append(alias.name)
            elif concept.kind is Kind.THING and not _MAKERS.isdisjoint(title):
                self.related[concept.key].makers.append(alias.name)
            elif concept.kind is Kind.THING and places <= {concept.domain}:
                self.related[concept.key].things.append(alias.name)

    def beside(self, alias: str) -> tuple[str, ...]:
        """Return the sets whose title names a spelling of ``alias``: "the base near Hamadan"."""
        own = {one for one in _plain(self.sets[alias]) if one[:1].isupper()}
        return tuple(
            one.name
            for one in self.sets.values()
            if one.name != alias and own & set(re.findall(r"[\w’'-]+", one.title))
        )

    def host(self, alias: str) -> Concept | None:
        """Return the state that the title of a set names: "city and province in western Iran"."""
        for word in re.findall(r"[A-Z][\w’'-]+", self.sets[alias].title):
            found = self.concepts.get(keys_of(word))
            if found is not None and found.kind is Kind.STATE:
                return found
        return None


def _plain(alias: AliasSpellings) -> tuple[str, ...]:
    """Return the spellings that an English text may hold, without marks of style."""
    found = (one.removeprefix("=") for one in alias.spellings)
    return tuple(one for one in found if _LATIN.match(one) and len(keys_of(one)) <= MAX_WORDS)
