"""Who a story comes from: copies of one text put together, and each text given to its source.

Two things are kept apart. A *text* is one wording, whoever prints it. An *origin* is a source:
an agency with all its texts, or an outlet with its own words. So five copies of an agency's text
are one origin, and so is the report that only passes on what the agency said. Doubt leaves texts
apart. Each item meets the first item of earlier texts that share its words: the cost grows with
the items, not with their pairs. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from monitor.model import Member, Origin, Sighting
from monitor.stories.credits import Agency, Credit, agency_of, credit
from monitor.stories.evidence import headline
from monitor.stories.facts import Facts, Told, concepts, facts, models
from monitor.stories.figures import figures
from monitor.text import words
from monitor.urls import outlet_of

#: Words of a text that are compared, in runs of so many.
WORDS, RUN = 300, 5
#: A text with fewer runs is short: its headline must agree as well.
SHORT = 8
#: Share of the shorter text's runs that stand in the other one; likeness of headlines and of texts.
SAME_RUNS, SAME_TITLE, SAME_BODY = 0.6, 90, 80
#: Headlines with fewer words are too common to prove a copy.
LEAST_WORDS = 4
#: A run that begins so many texts is boilerplate and looked up no more.
COMMON = 32
#: So many of the newest short texts are compared by their headlines.
NEWEST_SHORT = 150


@dataclass(frozen=True, slots=True)
class Reading:
    """What is compared of one item."""

    member: Member
    head: str
    body: str
    runs: frozenset[tuple[str, ...]]
    figures: frozenset[str]  #: of the headline
    credit: Credit | None
    facts: Facts
    outlets: tuple[str, ...]
    state: bool  #: every outlet that carries it is state-affiliated

    @property
    def short(self) -> bool:
        return len(self.runs) < SHORT


@dataclass(slots=True)
class Text:
    """One wording and the items that carry it; the first of them speaks for it."""

    items: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sources:
    """A story's texts and origins; ``text`` and ``origin`` give each member's index."""

    origins: tuple[Origin, ...]
    agencies: frozenset[int]  #: origins that are agencies
    text: tuple[int, ...]
    origin: tuple[int, ...]
    readings: tuple[Reading, ...]


def sources(members: Sequence[Member]) -> Sources:
    """Find the texts and origins of members that stand in the order of first sight."""
    common, numbered = concepts(members), models(members)
    readings = tuple(_reading(one, facts(one, common, numbered)) for one in members)
    texts = _texts(readings)
    names = _names(texts, readings)
    order = list(dict.fromkeys(name for name, _ in names))
    text_of = {item: number for number, text in enumerate(texts) for item in text.items}
    origin_of = {number: order.index(names[text_of[number]][0]) for number in text_of}
    agencies = {name: agency for name, agency in names if agency is not None}
    return Sources(
        tuple(
            _origin(name, [readings[i] for i in sorted(origin_of) if origin_of[i] == at], agencies)
            for at, name in enumerate(order)
        ),
        frozenset(at for at, name in enumerate(order) if name in agencies),
        tuple(text_of[number] for number in range(len(readings))),
        tuple(origin_of[number] for number in range(len(readings))),
        readings,
    )


def outlets_of(member: Member) -> tuple[str, ...]:
    """Return who carries an item, the first one first; its host where no feed says more."""
    seen = sorted(member.sightings, key=_when)
    found = tuple(dict.fromkeys(one.outlet for one in seen if one.outlet))
    return found or (outlet_of(member.item.url) or "unknown",)


def state_outlets(members: Iterable[Member]) -> tuple[str, ...]:
    seen = [one for member in members for one in member.sightings if one.state_affiliated]
    return tuple(dict.fromkeys(one.outlet for one in sorted(seen, key=_when)))


def share(one: Reading, other: Reading) -> float:
    """Return the share of the first text's runs that the other has."""
    return len(one.runs & other.runs) / len(one.runs) if one.runs else 0.0


def _when(sighting: Sighting) -> tuple[float, str]:
    return sighting.seen_at.timestamp(), sighting.feed_url


def _reading(member: Member, stated: Facts) -> Reading:
    item = member.item
    title = headline(item.title)
    head = words(title)
    body = _body(head, words(item.text[: WORDS * 12])[:WORDS])
    carried = member.sightings
    return Reading(
        member,
        " ".join(head),
        " ".join(body),
        frozenset(tuple(body[i : i + RUN]) for i in range(len(body) - RUN + 1)),
        frozenset(f"{one.value.normalize()}" for one in figures(title)),
        credit(item.title, item.text),
        stated,
        outlets_of(member),
        bool(carried) and all(one.state_affiliated for one in carried),
    )


def _body(head: list[str], text: list[str]) -> list[str]:
    """Return a text without the headline that some feeds repeat in front of it."""
    return text[len(head) :] if head and text[: len(head)] == head else text


def _texts(readings: Sequence[Reading]) -> list[Text]:
    texts: list[Text] = []
    index: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, reading in enumerate(readings):
        first = [readings[text.items[0]] for text in texts]
        near = _candidates(reading, index, first)
        at = next((at for at in near if _copied(reading, first[at])), None)
        if at is None:
            at = len(texts)
            texts.append(Text())
            for run in reading.runs:
                if len(index[run]) < COMMON:
                    index[run].append(at)
        texts[at].items.append(number)
    return texts


def _candidates(
    reading: Reading, index: dict[tuple[str, ...], list[int]], first: Sequence[Reading]
) -> list[int]:
    """Return texts worth comparing: those that share runs, then those with a short text."""
    shared = Counter(at for run in reading.runs if run in index for at in index[run])
    newest = range(max(0, len(first) - NEWEST_SHORT), len(first))
    by_head = (at for at in newest if reading.short or first[at].short)
    return list(dict.fromkeys([*(at for at, _ in shared.most_common(8)), *by_head]))


def _copied(one: Reading, other: Reading) -> bool:
    if not (one.short or other.short):
        fewer = min(len(one.runs), len(other.runs))
        return len(one.runs & other.runs) >= SAME_RUNS * fewer
    return _same_head(one, other) and _same_body(one, other)


def _same_head(one: Reading, other: Reading) -> bool:
    if one.figures != other.figures:
        return False
    if min(len(one.head.split()), len(other.head.split())) < LEAST_WORDS:
        return False
    alike = fuzz.token_sort_ratio(one.head, other.head, score_cutoff=SAME_TITLE)
    return alike > 0


def _same_body(one: Reading, other: Reading) -> bool:
    """Compare short texts; one that is not there, or breaks off, speaks against nothing."""
    if min(len(one.body.split()), len(other.body.split())) < LEAST_WORDS:
        return True
    return fuzz.partial_ratio(one.body, other.body, score_cutoff=SAME_BODY) > 0


def _names(texts: Sequence[Text], readings: Sequence[Reading]) -> list[tuple[str, Agency | None]]:
    """Return whose each text is; a report that adds to what its agency said is the outlet's own."""
    names: list[tuple[str, Agency | None]] = []
    told: dict[str, Told] = {}
    for text in texts:
        its = [readings[number] for number in text.items]
        agency = _own(its)
        cited = next((one.credit.agency for one in its if one.credit), None)
        if agency is None and cited is not None:
            known = told.get(cited.name)
            agency = None if known and known.beyond(its[0].facts) else cited
        if agency is not None:
            for one in its:
                told.setdefault(agency.name, Told()).add(one.facts)
        names.append((agency.name if agency else its[0].outlets[0], agency))
    return names


def _own(its: Sequence[Reading]) -> Agency | None:
    """Return the agency whose text this is by its dateline, or because it printed it itself."""
    dated = (one.credit.agency for one in its if one.credit and one.credit.own)
    printed = (agency_of(outlet) for one in its for outlet in one.outlets)
    return next(dated, None) or next(filter(None, printed), None)


def _origin(name: str, its: Sequence[Reading], agencies: dict[str, Agency]) -> Origin:
    agency = agencies.get(name)
    return Origin(
        name=name,
        outlets=tuple(dict.fromkeys(outlet for one in its for outlet in one.outlets)),
        items=tuple(one.member.item.id for one in its),
        first_seen_at=its[0].member.item.first_seen_at,
        state_affiliated=bool(agency and agency.state) or all(one.state for one in its),
    )
