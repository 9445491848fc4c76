"""A draft as YAML text that ``newsmonitor check`` reads, each term with where it came from.

A comment beside a term tells the passages of the seed, the reason where it is not the article's own
word, and how many stored items hold it: a rare term is worth more than a common one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.seeds.drafts import Draft, DraftGroup
from monitor.seeds.gathering import DraftTerm
from monitor.seeds.study import Study

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .'/&-]*[A-Za-z0-9]")
_YAML_WORDS = frozenset("true false null yes no on off y n".split())
_COLUMN = 34  # where comments begin


@dataclass(frozen=True, slots=True)
class TermNote:
    """In how many of so many stored items a term stands."""

    items: int
    of: int

    def __str__(self) -> str:
        return f"in {self.items:,} of {self.of:,} items"


#: Tells how often a term stands in the archive; None where there is no archive.
Counted = Mapping[str, TermNote]


def write_draft(draft: Draft, found: Study, counted: Counted | None = None) -> str:
    """Return the YAML of a draft; ``counted`` is by the term as it is written."""
    notes = counted or {}
    return "\n".join(
        [
            f"# Derived from the seed '{draft.seed}'. P3 or F3 is a passage of it.",
            *(f"# {note}" for note in draft.notes),
            f"watchlist: {draft.name}",
            f"title: {_quoted(draft.title)}",
            f"description: {_quoted(draft.description)}",
            f"seed: {{brief: {_quoted(draft.seed)}, facts: [{', '.join(draft.facts)}]}}",
            "level: medium",
            "status: draft",
            "groups:",
            *_groups(draft.groups, found, notes),
            "match: >-",
            f"  {draft.match}",
            *_masks(draft.masks, found, notes),
            "tests:",
            *_tests(draft),
            "",
        ]
    )


def _groups(groups: Sequence[DraftGroup], found: Study, notes: Counted) -> Iterator[str]:
    for group in groups:
        yield f"  {group.name}:  # {group.about}"
        if group.forms:
            yield "    forms: en"
        yield "    any:"
        yield from (_line("      - ", term, found.label, notes) for term in group.terms)


def _masks(masks: Sequence[DraftTerm], found: Study, notes: Counted) -> Iterator[str]:
    if masks:
        yield "mask:"
        yield from (_line("  - ", term, found.label, notes) for term in masks)


def _line(lead: str, term: DraftTerm, label: Callable[[int], str], notes: Counted) -> str:
    said = [" ".join(map(label, term.passages[:6]))] if term.passages else []
    said += [term.why] if term.why else []
    said += [str(notes[term.written])] if term.written in notes else []
    entry = f"{lead}{_quoted(term.written)}"
    return f"{entry:<{_COLUMN}} # {'; '.join(said)}" if said else entry


def _tests(draft: Draft) -> Iterator[str]:
    for test in draft.tests:
        wanted = "fires" if test.fires else "silent"
        yield f"  - {wanted}: {json.dumps(test.text, ensure_ascii=False)}"
        if test.why:
            yield f"    why: {_quoted(test.why)}"


def _quoted(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS and ": " not in text
    return text if plain else json.dumps(text, ensure_ascii=False)
