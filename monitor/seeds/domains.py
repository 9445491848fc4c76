"""General knowledge of what news speaks of, read from ``seeds/domains.yaml``. Opens no file.

A domain names things one can watch, what is done with them, and what the same words mean elsewhere.
It is a file, not code, so that a desk can teach the derivation its own trade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from monitor.documents import Document, Field, check, parse

Shape = Literal["transfer", "place", "market", "general"]


class ThingFile(Document):
    any: list[str] = Field(min_length=1)
    broad: list[str] = Field(default=[])


class DomainFile(Document):
    title: str
    shape: Shape
    things: list[ThingFile] = Field(default=[])
    facility: list[str] = Field(default=[])
    measures: list[str] = Field(default=[])
    setting: list[str] = Field(default=[])
    actions: dict[str, list[str]] = Field(default={})
    noise: list[str] = Field(default=[])
    elsewhere: list[str] = Field(default=[])


class DomainsFile(Document):
    domains: dict[str, DomainFile]
    states: dict[str, list[str]] = Field(default={})


@dataclass(frozen=True, slots=True)
class Thing:
    """Something one can watch, by its names; ``broad`` names mean other things, too."""

    sure: tuple[str, ...]
    broad: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return (self.broad or self.sure)[0]

    @property
    def names(self) -> tuple[str, ...]:
        return self.broad + self.sure


@dataclass(frozen=True, slots=True)
class Domain:
    """A field of news."""

    key: str
    title: str
    shape: Shape
    things: tuple[Thing, ...] = ()
    facility: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    noise: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    def all_actions(self) -> frozenset[str]:
        return frozenset(word for words in self.actions.values() for word in words)


@dataclass(frozen=True, slots=True)
class Domains:
    """All domains, and states by their name."""

    domains: tuple[Domain, ...]
    states: Mapping[str, tuple[str, ...]]

    def of(self, key: str) -> Domain | None:
        return next((one for one in self.domains if one.key == key), None)


def load_domains(text: str, source: str) -> Domains:
    """Read the file; raises InputError with all its faults."""
    file = check(DomainsFile, parse(text, source))
    domains = tuple(_domain(key, one) for key, one in file.domains.items())
    return Domains(domains, {name: (name, *more) for name, more in file.states.items()})


def _domain(key: str, file: DomainFile) -> Domain:
    return Domain(
        key=key,
        title=file.title,
        shape=file.shape,
        things=tuple(Thing(tuple(one.any), tuple(one.broad)) for one in file.things),
        facility=tuple(file.facility),
        measures=tuple(file.measures),
        setting=tuple(file.setting),
        actions={name: tuple(words) for name, words in file.actions.items()},
        noise=tuple(file.noise),
        elsewhere=tuple(file.elsewhere),
    )
