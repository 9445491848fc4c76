"""Decide a condition over the hits of one item, and keep what made it true.

Pure and bounded: distances are found among neighbours in order, so an item that repeats a word a
hundred thousand times still costs no more than its length.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from monitor.matching.conditions import (
    And,
    Distinct,
    Moves,
    Name,
    Near,
    Node,
    Not,
    Or,
    SameSentence,
    Times,
    Within,
)
from monitor.matching.terms import Term
from monitor.matching.tokens import BODY
from monitor.model import Kind, Move

#: How many partners on either side a span is joined with; more only matter to nested nears.
PARTNERS = 16
#: No more joined spans are kept: only rubbish holds so many.
MAX_SPANS = 5_000


class Occurrence(NamedTuple):
    """A term, or a move, at a place of the item."""

    group: str
    term: Term
    kind: Kind
    first: int  #: position of its first word
    last: int
    sentence: int
    start: int  #: offset in its field
    end: int
    in_title: bool
    move: Move | None = None


class Span(NamedTuple):
    """A stretch of words, with the occurrences it rests on."""

    first: int
    last: int
    sentence: int
    last_sentence: int
    rests_on: tuple[Occurrence, ...]


Hits = Mapping[str, tuple[Occurrence, ...]]
#: reads market moves out of the item: each with the occurrence whose move it is
MovePairs = tuple[tuple[Occurrence, Occurrence], ...]
MoveReader = Callable[[tuple[Occurrence, ...]], MovePairs]


class Verdict(NamedTuple):
    """Whether a node holds; where, and on what it rests."""

    holds: bool
    spans: tuple[Span, ...] = ()
    rests_on: tuple[Occurrence, ...] = ()


_NO = Verdict(holds=False)


@dataclass(frozen=True, slots=True)
class View:
    """The part of an item that a node may look at."""

    hits: Hits
    moves: MoveReader
    end: int | None = None  #: words from this position on are not seen

    def of(self, group: str) -> tuple[Occurrence, ...]:
        found = self.hits.get(group, ())
        return found if self.end is None else tuple(o for o in found if o.last < self.end)

    def within(self, lead: int | None) -> View:
        end = BODY if lead is None else BODY + lead
        return View(self.hits, self.moves, end if self.end is None else min(end, self.end))


def judge(node: Node, view: View) -> Verdict:
    """Return whether ``node`` holds in ``view``."""
    match node:
        case And(parts):
            return _every(judge(part, view) for part in parts)
        case Or(parts):
            return _some([judge(part, view) for part in parts])
        case Not(part):
            return Verdict(holds=not judge(part, view).holds)
        case Within(part, lead):
            return judge(part, view.within(lead))
        case _:
            return _judge_leaf(node, view)


def _judge_leaf(node: Name | Near | SameSentence | Distinct | Times | Moves, view: View) -> Verdict:
    match node:
        case Name(group):
            return _found(view.of(group))
        case Near(left, right):
            return _pairs(_near(node), left, right, view)
        case SameSentence(left, right):
            return _pairs(_same_sentence, left, right, view)
        case Distinct(group, count):
            return _count(view.of(group), count, _distinct)
        case Times(group, count):
            return _count(view.of(group), count, len)
        case Moves():
            return _moves(node, view)


def _found(occurrences: Iterable[Occurrence]) -> Verdict:
    occurrences = tuple(occurrences)
    if not occurrences:
        return _NO
    return Verdict(True, tuple(map(_span, occurrences)), occurrences)


def _span(occurrence: Occurrence) -> Span:
    sentence = occurrence.sentence
    return Span(occurrence.first, occurrence.last, sentence, sentence, (occurrence,))


def _every(verdicts: Iterable[Verdict]) -> Verdict:
    rests_on: list[Occurrence] = []
    for verdict in verdicts:
        if not verdict.holds:
            return _NO
        rests_on += verdict.rests_on
    return Verdict(True, (), tuple(rests_on))


def _some(verdicts: list[Verdict]) -> Verdict:
    true = [verdict for verdict in verdicts if verdict.holds]
    if not true:
        return _NO
    spans = tuple(span for verdict in true for span in verdict.spans)
    return Verdict(True, spans, tuple(o for verdict in true for o in verdict.rests_on))


def _count(
    occurrences: tuple[Occurrence, ...],
    wanted: int,
    measure: Callable[[tuple[Occurrence, ...]], int],
) -> Verdict:
    if measure(occurrences) < wanted:
        return _NO
    return Verdict(True, (), occurrences)


def _distinct(occurrences: tuple[Occurrence, ...]) -> int:
    return len({occurrence.term.variant.casefold() for occurrence in occurrences})


Partners = Callable[[list[Span], list[int], Span], Iterable[Span]]


def _pairs(partners: Partners, left_node: Node, right_node: Node, view: View) -> Verdict:
    """Join every span on the left with its partners on the right."""
    left = judge(left_node, view)
    right = judge(right_node, view) if left.holds else _NO
    if not right.holds:
        return _NO
    others = sorted(right.spans, key=attrgetter("first", "last"))
    firsts = [span.first for span in others]
    hulls = (
        _hull(span, other)
        for span in left.spans
        for other in partners(others, firsts, span)
        if (other.first, other.last) != (span.first, span.last)
    )
    joined = {(hull.first, hull.last): hull for hull in islice(hulls, MAX_SPANS)}
    if not joined:
        return _NO
    spans = tuple(joined.values())
    return Verdict(True, spans, tuple(o for span in spans for o in span.rests_on))


def _hull(a: Span, b: Span) -> Span:
    return Span(
        min(a.first, b.first),
        max(a.last, b.last),
        min(a.sentence, b.sentence),
        max(a.last_sentence, b.last_sentence),
        a.rests_on + b.rests_on,
    )


def _near(node: Near) -> Partners:
    def partners(others: list[Span], firsts: list[int], span: Span) -> list[Span]:
        furthest = bisect_right(firsts, span.last + node.words + 1)
        begin = bisect_right(firsts, span.last)
        after = others[begin : min(furthest, begin + PARTNERS)]
        if node.ordered:
            return after
        before = [
            other
            for other in others[max(0, begin - PARTNERS) : begin]
            if other.last >= span.first - node.words - 1
        ]
        return before + after

    return partners


def _same_sentence(others: list[Span], firsts: list[int], span: Span) -> list[Span]:
    if span.sentence != span.last_sentence:
        return []
    at = bisect_left(firsts, span.first)
    around = others[max(0, at - PARTNERS) : at + PARTNERS]
    return [other for other in around if other.sentence == span.sentence == other.last_sentence]


def _moves(node: Moves, view: View) -> Verdict:
    found = [
        pair
        for pair in view.moves(view.of(node.group))
        if pair[1].move is not None and holds_move(node, pair[1].move)
    ]
    if not found:
        return _NO
    spans = tuple(_span(move) for _, move in found)
    return Verdict(True, spans, tuple(occurrence for pair in found for occurrence in pair))


def holds_move(node: Moves, move: Move) -> bool:
    """Tell whether a move is in the direction and of the size that the node asks for."""
    if node.direction and move.direction != node.direction:
        return False
    if node.minimum is None:
        return move.unit == "%" or bool(node.direction)
    if move.unit != "%":
        return False
    return move.value > node.minimum if node.strict else move.value >= node.minimum
