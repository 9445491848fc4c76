"""YAML text of a watchlist in, a checked Watchlist out, every fault with its line and a code.

Codes Y0xx come from the YAML reader, W0xx from here; docs/errors.md lists them. Opens no file.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import replace

from monitor.documents import Document, Field, Tree, check, field_validator, parse
from monitor.errors import InputError, Problem
from monitor.matching.aliases import (
    MAX_TERMS,
    NO_ALIASES,
    Aliases,
    TermsFile,
    read_languages,
    read_terms,
    size_problem,
    unknown_alias,
)
from monitor.matching.conditions import And, Name, Node, groups_of
from monitor.matching.language import GROUP_NAME, SyntaxFault, is_reserved, read_condition
from monitor.matching.terms import Style, Term, barred_words
from monitor.matching.watchlist import (
    Group,
    Quiet,
    Raise,
    Seed,
    Status,
    Watchlist,
    WatchlistTest,
)
from monitor.model import Level

MAX_GROUPS = 60
MAX_PATTERNS = 20  # of one list: each may cost its whole budget in an item
MAX_TEST = 20_000  # characters
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}\Z")
_DURATION = re.compile(r"(\d{1,5})\s?(s|min|m|h|d)\Z")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
Path = tuple[str | int, ...]
Scalar = str | int | float


class GroupFile(TermsFile):
    forms: str | list[str] = Field(default=[])


class SeedFile(Document):
    brief: str
    facts: list[str] = Field(default=[])


def _duration(value: str | None) -> str | None:
    if value is not None and not _DURATION.match(value):
        raise ValueError("a duration is wanted, such as 30m, 6h or 2d")
    return value


class QuietFile(Document):
    same_story: str | None = Field(default=None, alias="same-story")

    _same_story_is_duration = field_validator("same_story")(_duration)


class TestFile(Document):
    fires: str | dict[str, str] | None = None
    silent: str | dict[str, str] | None = None
    shows: dict[str, Scalar] = Field(default={})
    why: str = ""


class WatchlistFile(Document):
    watchlist: str
    groups: dict[str, GroupFile]
    title: str = ""
    description: str = ""
    seed: SeedFile | None = None
    level: str = "medium"
    status: str = "draft"
    mask: GroupFile | None = None
    match: str | None = None
    raise_: dict[str, float] = Field(default={}, alias="raise")
    quiet: QuietFile = QuietFile()
    known_false: list[str] = Field(default=[])
    tests: list[TestFile] = Field(default=[])
    expect: str | None = None
    window: str | None = None

    _expect_is_duration = field_validator("expect", "window")(_duration)


def load_watchlist(text: str, source: str, aliases: Aliases = NO_ALIASES) -> Watchlist:
    """Read one watchlist; raises InputError with all its faults."""
    tree = parse(text, source)
    bare = _open_shorthand(tree)
    file = check(WatchlistFile, tree)
    reader = _Reader(tree, file, aliases, bare)
    watchlist = reader.read()
    if reader.problems:
        raise InputError(reader.problems)
    return watchlist


def _open_shorthand(tree: Tree) -> frozenset[Path]:
    """Turn a group or mask written as ``[a, b]`` into ``{any: [a, b]}``; return their paths."""
    bare: set[Path] = set()
    if not isinstance(tree.data, dict):
        return frozenset()
    if isinstance(tree.data.get("mask"), list):
        tree.data["mask"] = {"any": tree.data["mask"]}
        bare.add(("mask",))
    groups = tree.data.get("groups")
    if not isinstance(groups, dict):
        return frozenset(bare)
    for name, value in groups.items():
        if isinstance(value, list):
            groups[name] = {"any": value}
            bare.add(("groups", name))
    return frozenset(bare)


class _Reader:
    """Reads the parts of one file and gathers their faults."""

    def __init__(
        self, tree: Tree, file: WatchlistFile, aliases: Aliases, bare: frozenset[Path]
    ) -> None:
        self._tree, self._file, self._aliases, self._bare = tree, file, aliases, bare
        self.problems: list[Problem] = []

    def read(self) -> Watchlist:
        file = self._file
        self._check_name()
        groups = self._groups()
        masks = self._terms(("mask",), "the mask", file.mask) if file.mask else ()
        self._check_patterns([*masks, *(term for group in groups for term in group.terms)])
        seed = Seed(file.seed.brief, tuple(file.seed.facts)) if file.seed else None
        return Watchlist(
            name=file.watchlist,
            groups=groups,
            condition=self._condition(),
            title=file.title or file.watchlist,
            description=file.description,
            level=Level[self._choice("level", [level.word for level in Level], "medium").upper()],
            status=Status(self._choice("status", [str(status) for status in Status], "draft")),
            masks=masks,
            raises=self._raises(),
            tests=tuple(self._test(index, test) for index, test in enumerate(file.tests)),
            seed=seed,
            quiet=Quiet(_seconds(file.quiet.same_story)),
            expect_s=_seconds(file.expect),
            window_s=_seconds(file.window),
            known_false=tuple(file.known_false),
            source=self._tree.source,
            condition_line=self._tree.line(("match",)),
        )

    def _fault(self, path: Path, code: str, what: str, hint: str = "") -> None:
        self.problems.append(self._tree.problem(path, code, what, hint))

    def _check_name(self) -> None:
        if not _NAME.match(self._file.watchlist):
            what = f"'{self._file.watchlist}' is no name for a watchlist"
            self._fault(
                ("watchlist",), "W001", what, "use a-z, 0-9, - and _, at most 60 characters"
            )

    def _check_patterns(self, terms: list[Term]) -> None:
        count = sum(term.style is Style.PATTERN for term in terms)
        if count > MAX_PATTERNS:
            what = f"the list has {count} patterns, more than {MAX_PATTERNS}"
            self._fault(("groups",), "W029", what, "write terms, or join patterns by |")

    def _choice(self, key: str, allowed: list[str], fallback: str) -> str:
        value = str(getattr(self._file, key))
        if value in allowed:
            return value
        close = difflib.get_close_matches(value, allowed, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(allowed)}"
        self._fault((key,), "W002", f"there is no {key} '{value}'", hint)
        return fallback

    def _groups(self) -> tuple[Group, ...]:
        found = []
        if not self._file.groups or len(self._file.groups) > MAX_GROUPS:
            what = f"a watchlist has 1 to {MAX_GROUPS} groups, not {len(self._file.groups)}"
            self._fault(("groups",), "W010", what)
        for name, entry in self._file.groups.items():
            path: Path = ("groups", name)
            if is_reserved(name) or not GROUP_NAME.match(name):
                what = f"'{name}' is no name for a group"
                self._fault(
                    path, "W011", what, "use a-z, 0-9, - and _, and no word of the language"
                )
            terms = self._terms(path, f"the group '{name}'", entry)
            found.append(Group(name, terms, self._tree.line(path)))
        return tuple(found)

    def _terms(self, path: Path, who: str, entry: GroupFile) -> tuple[Term, ...]:
        before = len(self.problems)
        languages = read_languages(self._tree, (*path, "forms"), entry.forms, self.problems)
        barred = barred_words(entry.barred)
        where = (*path, "any") if path not in self._bare else path
        listed = read_terms(self._tree, where, entry.any, barred, self.problems)
        terms = [_with(term, languages, barred) for term in listed.terms]
        for name, line in listed.includes:
            if name in self._aliases.sets:
                terms += [_with(t, languages, barred) for t in self._aliases.terms(name, languages)]
            else:
                known = self._aliases.sets
                self.problems.append(unknown_alias(self._tree.source, line, name, known))
        if len(terms) > MAX_TERMS or (not terms and len(self.problems) == before):
            line = self._tree.line(path)
            self.problems.append(size_problem(self._tree.source, line, who, len(terms)))
        return tuple(terms)

    def _condition(self) -> Node:
        if self._file.match is not None:
            return self._read_condition(self._file.match, ("match",))
        names = [name for name in self._file.groups if not name.startswith("_")]
        if not names:
            what = "no group is left for the condition, since every name begins with _"
            self._fault(("groups",), "W012", what, "write match:")
            return And(())
        return And(tuple(Name(name) for name in names)) if len(names) > 1 else Name(names[0])

    def _read_condition(self, text: str, path: Path) -> Node:
        try:
            node = read_condition(text)
        except SyntaxFault as fault:
            self._fault(path, fault.code, fault.what, fault.hint)
            return And(())
        for name in dict.fromkeys(groups_of(node)):
            if name not in self._file.groups:
                close = difflib.get_close_matches(name, list(self._file.groups), 1)
                hint = f"did you mean '{close[0]}'?" if close else "add it under groups:"
                self._fault(path, "W034", f"there is no group '{name}'", hint)
        return node

    def _raises(self) -> tuple[Raise, ...]:
        found = []
        for text, score in self._file.raise_.items():
            path: Path = ("raise", text)
            if not math.isfinite(score) or abs(score) > 100:
                self._fault(path, "W035", "a score lies between -100 and 100")
            found.append(Raise(self._read_condition(text, path), score))
        return tuple(found)

    def _test(self, index: int, test: TestFile) -> WatchlistTest:
        path: Path = ("tests", index)
        if (test.fires is None) == (test.silent is None):
            self._fault(path, "W050", "a test has either 'fires' or 'silent'", "keep one of them")
        text = test.fires if test.fires is not None else test.silent
        title, body = self._item(path, text if text is not None else "")
        for group in test.shows:
            if group not in self._file.groups and group != "move":
                self._fault(path, "W051", f"'shows' names no group '{group}'", "or write move:")
        if test.shows and test.fires is None:
            self._fault(path, "W051", "a silent test shows nothing", "remove 'shows'")
        shows = tuple((group, str(surface)) for group, surface in test.shows.items())
        fires = test.fires is not None
        return WatchlistTest(fires, title, body, shows, test.why, self._tree.line(path))

    def _item(self, path: Path, value: str | dict[str, str]) -> tuple[str, str]:
        if isinstance(value, str):
            title, _, body = value.partition(" / ")
        else:
            title, body = value.get("title", ""), value.get("text", "")
            if set(value) - {"title", "text"}:
                self._fault(path, "W052", "an item of a test has 'title' and 'text' only")
        if not (title + body).strip() or len(title) + len(body) > MAX_TEST:
            self._fault(path, "W052", f"the text of a test has 1 to {MAX_TEST} characters")
        return title, body


def _with(term: Term, languages: tuple[str, ...], barred: frozenset[str]) -> Term:
    return replace(term, languages=term.languages or languages, barred=term.barred | barred)


def _seconds(value: str | None) -> float | None:
    match = _DURATION.match(value) if value else None
    return float(match[1]) * _SECONDS[match[2]] if match else None
