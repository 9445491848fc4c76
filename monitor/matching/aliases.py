"""Named sets of spellings, shared by watchlists: read, joined, checked. Never opens a file.

An alias file holds ``aliases: {name: {title: ..., any: [...], forms: [...], except: [...]}}``.
A set may take in another with ``"@name"``. A set without ``forms`` takes those of the group that
names it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from monitor.documents import Document, Field, Tree, check, field_validator, parse
from monitor.errors import InputError, Problem
from monitor.matching.forms import LANGUAGES
from monitor.matching.language import GROUP_NAME
from monitor.matching.regexes import check_pattern
from monitor.matching.terms import Style, Term, TermError, barred_words, read_term

MAX_TERMS = 5_000  # one group or set, braces opened, sets joined


class TermsFile(Document):
    any: list[str | int | float]
    barred: list[str] = Field(default=[], alias="except")

    @field_validator("any", mode="before")
    @classmethod
    def _no_truth_values(cls, value: object) -> object:
        if isinstance(value, list) and any(isinstance(each, bool) for each in value):
            raise ValueError("a term is text; put quotes around 'true' and 'false'")
        return value


class AliasSetFile(TermsFile):
    title: str = ""
    forms: str | list[str] | None = None


class AliasFile(Document):
    aliases: dict[str, AliasSetFile]


@dataclass(frozen=True, slots=True)
class AliasSet:
    """Terms of one set, with those of the sets it takes in."""

    name: str
    title: str
    terms: tuple[Term, ...]
    languages: tuple[str, ...] | None  #: None: as the group that names the set


@dataclass(frozen=True, slots=True)
class Aliases:
    """Every set that watchlists may name."""

    sets: Mapping[str, AliasSet] = field(default_factory=dict)

    def terms(self, name: str, languages: tuple[str, ...]) -> tuple[Term, ...]:
        """Return the terms of a set as a group with ``languages`` sees them; raises KeyError."""
        return tuple(
            term if term.languages else replace(term, languages=languages)
            for term in self.sets[name].terms
        )


NO_ALIASES = Aliases()


@dataclass(frozen=True, slots=True)
class TermList:
    """What was read from a list of term strings: terms, and the sets that it names."""

    terms: tuple[Term, ...]
    includes: tuple[tuple[str, int], ...]  #: name and line


def load_aliases(texts: Mapping[str, str]) -> Aliases:
    """Read alias files, given as source name -> YAML text; raises InputError with all faults."""
    problems: list[Problem] = []
    own: dict[str, tuple[AliasSet, TermList, str, int]] = {}
    for source in sorted(texts):
        try:
            tree = parse(texts[source], source)
            file = check(AliasFile, tree)
        except InputError as error:
            problems += error.problems
            continue
        for name, entry in file.aliases.items():
            line = tree.line(("aliases", name))
            if name in own:
                what = f"the alias set '{name}' stands also in {own[name][2]}"
                problems.append(Problem(source, line, "W040", what, "rename one of them"))
            if not GROUP_NAME.match(name):
                what = f"'{name}' is no name for an alias set"
                problems.append(Problem(source, line, "W041", what, "use a-z, 0-9, - and _"))
            read = _read_set(tree, name, entry, problems)
            own[name] = (*read, source, line)
    sets = _join(own, problems)
    if problems:
        raise InputError(problems)
    return Aliases(sets)


def _read_set(
    tree: Tree, name: str, entry: AliasSetFile, problems: list[Problem]
) -> tuple[AliasSet, TermList]:
    path: tuple[str | int, ...] = ("aliases", name)
    languages = None
    if entry.forms is not None:
        languages = read_languages(tree, (*path, "forms"), entry.forms, problems)
    if not entry.any:
        problems.append(size_problem(tree.source, tree.line(path), f"the alias set '{name}'", 0))
    listed = read_terms(tree, (*path, "any"), entry.any, barred_words(entry.barred), problems)
    terms = tuple(replace(term, alias=name, languages=languages or ()) for term in listed.terms)
    return AliasSet(name, entry.title, terms, languages), listed


def _join(
    own: dict[str, tuple[AliasSet, TermList, str, int]], problems: list[Problem]
) -> dict[str, AliasSet]:
    """Take included sets in; a term keeps the name of the set where it stands."""
    done: dict[str, AliasSet] = {}

    def visit(name: str, path: tuple[str, ...]) -> AliasSet | None:
        if name in done:
            return done[name]
        found, listed, source, line = own[name]
        terms = list(found.terms)
        for included, at in listed.includes:
            if included in (*path, name):
                ring = " -> ".join((*path, name, included))
                what = f"alias sets take each other in: {ring}"
                problems.append(Problem(source, at, "W042", what, "break the ring"))
            elif included not in own:
                problems.append(unknown_alias(source, at, included, own))
            elif (inner := visit(included, (*path, name))) is not None:
                terms += inner.terms
        if len(terms) > MAX_TERMS:
            problems.append(size_problem(source, line, f"the alias set '{name}'", len(terms)))
        done[name] = replace(found, terms=tuple(terms[:MAX_TERMS]))
        return done[name]

    for name in own:
        visit(name, ())
    return done


def size_problem(source: str, line: int, who: str, count: int) -> Problem:
    if count == 0:
        return Problem(source, line, "W013", f"{who} holds no term", "add one, or remove it")
    return Problem(source, line, "W014", f"{who} holds more than {MAX_TERMS} terms", "split it")


def unknown_alias(source: str, line: int, name: str, known: Iterable[str]) -> Problem:
    close = difflib.get_close_matches(name, list(known), 1)
    hint = f"did you mean '@{close[0]}'?" if close else "alias sets stand in aliases/*.yaml"
    return Problem(source, line, "W015", f"there is no alias set '@{name}'", hint)


def read_languages(
    tree: Tree, path: tuple[str | int, ...], value: str | list[str], problems: list[Problem]
) -> tuple[str, ...]:
    """Return the languages of a ``forms:`` key; ``none`` alone means that none are made."""
    languages = [value] if isinstance(value, str) else value
    for language in languages:
        if language not in LANGUAGES:
            what = f"there are no forms for '{language}'"
            hint = f"use one or several of {', '.join(LANGUAGES)}"
            problems.append(tree.problem(path, "W016", what, hint))
    return tuple(dict.fromkeys(languages))


def read_terms(
    tree: Tree,
    path: tuple[str | int, ...],
    values: list[str | int | float],
    barred: frozenset[str],
    problems: list[Problem],
) -> TermList:
    """Read the strings of an ``any:`` list; faults are added to ``problems``."""
    terms: list[Term] = []
    includes: list[tuple[str, int]] = []
    for index, value in enumerate(values):
        line = tree.line((*path, index))
        written = str(value)
        if written.strip().startswith("@"):
            includes.append((written.strip()[1:], line))
            continue
        try:
            variants = read_term(written)
            for variant, style in variants:
                if style is Style.PATTERN:
                    check_pattern(variant, written)
        except TermError as error:
            problems.append(Problem(tree.source, line, error.code, error.what, error.hint))
            continue
        terms += [
            Term(written, variant, style, barred=barred, source=tree.source, line=line)
            for variant, style in variants
        ]
    return TermList(tuple(terms), tuple(includes))
