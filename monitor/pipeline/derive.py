"""Derive drafts from a seed: files and archive in, checked YAML out. Wiring of seeds and matching.

The room of seeds proposes; here each draft is loaded as ``check`` would load it, its tests are run,
its terms are counted in the archive. A test that a draft fails is taken out and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.errors import InputError, Problem
from monitor.files import read_text, shipped
from monitor.matching import (
    Aliases,
    Group,
    Matcher,
    Watchlist,
    load_aliases,
    load_watchlist,
    run_tests,
)
from monitor.matching.conditions import Name
from monitor.matching.terms import Style, Term, read_term
from monitor.pipeline.archives import Pair
from monitor.seeds import (
    AliasSpellings,
    Article,
    Draft,
    DraftTerm,
    Knowledge,
    Study,
    TermNote,
    Topic,
    draft_of,
    load_domains,
    read_article,
    study,
    write_draft,
)
from monitor.seeds.neighbours import PairCount

ARCHIVE_ITEMS = 20_000  # so many are counted
_KINDS = {".md": "markdown", ".markdown": "markdown", ".htm": "html", ".html": "html"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a derivation knows: domains and aliases, and the aliases as the matcher reads them."""

    knowledge: Knowledge
    aliases: Aliases


@dataclass(frozen=True, slots=True)
class Derived:
    """A draft that loads, with the tests that it failed and that were taken out."""

    topic: Topic
    draft: Draft
    text: str
    watchlist: Watchlist
    left_out: tuple[str, ...] = ()


def known_in(lists: Path, domains: Path | None = None) -> Known:
    """Load the alias sets beside the lists of a folder, and the domains; raises InputError."""
    folder = lists / "aliases"
    aliases = load_aliases({str(one): read_text(one) for one in sorted(folder.glob("*.yaml"))})
    path = domains or shipped() / "seeds" / "domains.yaml"
    return Known(
        Knowledge(load_domains(read_text(path), str(path)), spellings_of(aliases)), aliases
    )


def spellings_of(aliases: Aliases) -> Iterator[AliasSpellings]:
    """Yield alias sets as plain spellings, as the room of seeds takes them."""
    for one in aliases.sets.values():
        variants = (term.variant for term in one.terms if term.style is not Style.PATTERN)
        yield AliasSpellings(one.name, one.title, tuple(dict.fromkeys(variants)))


def article_of(path: Path) -> Article:
    """Read a seed file by its ending: Markdown, HTML, else text; raises InputError."""
    return read_article(read_text(path), _KINDS.get(path.suffix.lower(), "text"))


def derive(
    article: Article, known: Known, seed: str, *, wanted: Sequence[str] = ()
) -> tuple[Study, tuple[Derived, ...]]:
    """Study an article and draft its main topics, or the topics ``wanted`` by name.

    ``all`` among them means every topic. Raises InputError: D020 no English, D021 no such topic.
    """
    found = study(article, known.knowledge, seed)
    drafts = [
        _checked(topic, draft_of(topic, found, known.knowledge, seed), found, known)
        for topic in _chosen(found, wanted, seed)
    ]
    return found, tuple(drafts)


def _chosen(found: Study, wanted: Sequence[str], seed: str) -> tuple[Topic, ...]:
    every = (*found.topics, *found.further)
    if not wanted:
        return found.topics
    if "all" in wanted:
        return every
    names = {one.name: one for one in every}
    for name in wanted:
        if name not in names:
            hint = f"topics here: {', '.join(names) or 'none'}"
            raise InputError([Problem(seed, 1, "D021", f"no topic '{name}'", hint)])
    return tuple(names[name] for name in wanted)


def _checked(topic: Topic, draft: Draft, found: Study, known: Known) -> Derived:
    text = write_draft(draft, found)
    watchlist = load_watchlist(text, f"{draft.name}.yaml", known.aliases)
    outcomes = run_tests(watchlist)
    kept = tuple(
        test for test, outcome in zip(draft.tests, outcomes, strict=True) if outcome.passed
    )
    left_out = tuple(
        f"{test.text} (wanted {outcome.wanted}, came {outcome.came})"
        for test, outcome in zip(draft.tests, outcomes, strict=True)
        if not outcome.passed
    )
    if left_out:
        draft = replace(draft, tests=kept)
        text = write_draft(draft, found)
        watchlist = load_watchlist(text, f"{draft.name}.yaml", known.aliases)
    return Derived(topic, draft, text, watchlist, left_out)


def with_archive(
    found: Study, drafts: Sequence[Derived], known: Known, items: Iterable[Pair]
) -> tuple[Derived, ...]:
    """Return the drafts with the frequency of each term, and with masks seen in the archive."""
    terms = _distinct(drafts)
    counter = Matcher([_single(number, term, known.aliases) for number, term in enumerate(terms)])
    judges = [Matcher([one.watchlist]) for one in drafts]
    pairs = [PairCount(_words(one.topic)) for one in drafts]
    counts: Counter[int] = Counter()
    total = 0
    for title, text in items:
        total += 1
        counts.update(int(name) for name in counter.fires(title, text))
        for judge, pair in zip(judges, pairs, strict=True):
            pair.see(title, text, fires=bool(judge.fires(title, text)))
    notes = {term: TermNote(counts[number], total) for number, (term, _) in enumerate(terms)}
    return tuple(
        _again(one, pair, found, known, notes) for one, pair in zip(drafts, pairs, strict=True)
    )


def _again(
    one: Derived, pairs: PairCount, found: Study, known: Known, notes: dict[str, TermNote]
) -> Derived:
    own = [term.written for group in one.draft.groups for term in group.terms]
    have = {mask.written for mask in one.draft.masks}
    masks = tuple(
        DraftTerm(pair.phrase, (), f"archive: {pair.noise} items, {pair.wanted} that fire")
        for pair in pairs.proposals(own)
        if pair.phrase not in have
    )
    if masks:
        more = replace(one.draft, masks=(*one.draft.masks, *masks))
        one = replace(_checked(one.topic, more, found, known), left_out=one.left_out)
    return replace(one, text=write_draft(one.draft, found, notes))


def _words(topic: Topic) -> tuple[str, ...]:
    """Return the single words of a topic's things: only those have neighbours worth a mask."""
    names = [
        name
        for concept in topic.concepts[:1]
        if concept.thing is not None
        for name in concept.thing.names
    ]
    return tuple(name for name in names if " " not in name)


def _distinct(drafts: Sequence[Derived]) -> list[tuple[str, bool]]:
    found: dict[str, bool] = {}
    for one in drafts:
        for group in one.draft.groups:
            for term in group.terms:
                found.setdefault(term.written, group.forms)
    return list(found.items())


def _single(number: int, term: tuple[str, bool], aliases: Aliases) -> Watchlist:
    """Return a list that fires wherever one written term stands."""
    written, forms = term
    languages = ("en",) if forms else ()
    if written.startswith("@"):
        terms = aliases.terms(written[1:], languages)
    else:
        terms = tuple(
            Term(written, variant, style, languages) for variant, style in read_term(written)
        )
    return Watchlist(str(number), (Group("term", terms),), Name("term"))
