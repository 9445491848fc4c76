"""Why an item is here, as values for the renderers: its own words, with what matched marked.

Decides which 200 characters of an item show most of the evidence, and where to cut them. Cuts the
text as it was matched and cleans it afterwards, so that offsets stay true. Never adds markup.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.digests.phrases import short, spaced
from monitor.model import Evidence, Kind, Member, Move
from monitor.text import clean, fold

SNIPPET = 200  # characters, ellipses included
HEADLINE = 300
_CONTEXT = 40  # characters kept free around the evidence when choosing what fits
_TERMS = 8
_TERM = 60
_LONG = 2_000  # characters: nobody's headline, and too dear to compare
_NO_HEADLINE = "(no headline)"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of clean text; ``hit`` when it is what matched."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One surface text and the group it counts for."""

    group: str
    text: str
    meant: str = ""  #: the list's own writing, when the match is fuzzy


@dataclass(frozen=True, slots=True)
class Why:
    """All that a reader needs to see why a watchlist fired on an item."""

    headline: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]  #: of the item's text; empty when it only repeats the headline
    terms: tuple[Term, ...]
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    start: int
    end: int
    group: str = ""


def explain(member: Member, watchlist: str) -> Why:
    """Explain the hit of ``watchlist``, or the item's best other hit where it has none.

    Of a hit that was lost to an edit only the words that still stand are given as reasons.
    """
    title, text = member.item.title, member.item.text
    evidence = _evidence(member, watchlist)
    return Why(
        headline=mark(title, _spans(evidence, "title", title)) or (Piece(_stand_in(text)),),
        excerpt=() if _repeats(title, text) else snippet(text, _spans(evidence, "text", text)),
        terms=_terms(evidence),
        moves=tuple(dict.fromkeys(phrase(e.move) for e in evidence if e.move is not None)),
    )


def phrase(move: Move) -> str:
    """Return a market move as ``▲ 8 % → EUR 35/MWh``."""
    arrow = {"rise": "▲", "fall": "▼"}.get(move.direction, "◆")
    reached = f" → {short(move.price, _TERM)}" if clean(move.price) else ""
    return f"{arrow} {move.value:g} {short(move.unit, _TERM)}{reached}"


def mark(text: str, spans: Iterable[_Span] = (), limit: int = HEADLINE) -> tuple[Piece, ...]:
    """Return ``text`` from its beginning, cut at ``limit``, with the spans marked."""
    if len(text) <= limit:
        return _pieces(text, 0, len(text), spans)
    return _pieces(text, 0, _border_before(text, limit - 1, limit // 2), spans)


def snippet(text: str, spans: Sequence[_Span] = (), limit: int = SNIPPET) -> tuple[Piece, ...]:
    """Return the ``limit`` characters of ``text`` that show the most groups of the evidence."""
    if not spans:
        return mark(text, (), limit)
    first, last = _densest(spans, limit)
    start, end = _widen(text, first, min(last, first + limit - 2), limit)
    return _pieces(text, start, end, spans)


def _evidence(member: Member, watchlist: str) -> tuple[Evidence, ...]:
    own = [hit for hit in member.hits if hit.watchlist == watchlist] or sorted(
        member.hits, key=lambda hit: (-hit.level, -hit.score)
    )
    if not own or own[0].lost_at is None:
        return own[0].evidence if own else ()
    said = {"title": member.item.title, "text": member.item.text}
    return tuple(one for one in own[0].evidence if one.text and one.text in said[one.field])


def _spans(evidence: Iterable[Evidence], field: str, text: str) -> list[_Span]:
    """Return the places of the evidence, looked up again where the item was edited since."""
    spans = []
    for found in evidence:
        if found.field != field or not found.text:
            continue
        start = found.start
        if text[start : found.end] != found.text:
            start = text.find(found.text)
        if start >= 0:
            spans.append(_Span(start, start + len(found.text), found.group))
    return sorted(spans)


def _terms(evidence: Iterable[Evidence]) -> tuple[Term, ...]:
    """Name each surface text once per group, in the order in which groups first appear."""
    terms: dict[tuple[str, str], Term] = {}
    for found in evidence:
        if found.kind is Kind.MOVE:
            continue
        meant = short(found.term, _TERM) if found.kind is Kind.FUZZY else ""
        group = clean(found.group.replace("_", " "))
        term = Term(group, short(found.text, _TERM), meant)
        terms.setdefault((term.group, fold(term.text)), term)
    groups = list(dict.fromkeys(term.group for term in terms.values()))
    return tuple(sorted(terms.values(), key=lambda term: groups.index(term.group))[:_TERMS])


def _stand_in(text: str) -> str:
    return short(text[: HEADLINE * 2], 100) or _NO_HEADLINE


def _repeats(title: str, text: str) -> bool:
    """Tell whether the text says no more than the headline."""
    if len(text) > 2 * len(title) + 40:
        return False
    if len(title) > _LONG:
        return False
    said, headline = fold(clean(text)).rstrip(" .…"), fold(clean(title)).rstrip(" .…")
    return not said or not headline or said in headline


def _densest(spans: Sequence[_Span], limit: int) -> tuple[int, int]:
    """Return start and end of the run of spans that shows the most groups, the first such run."""
    best, best_score = (spans[0].start, spans[0].end), (0, 0)
    for place, head in enumerate(spans):
        run = [s for s in spans[place : place + 20] if s.end - head.start <= limit - _CONTEXT]
        score = (len({s.group for s in run}), len(run))
        if score > best_score:
            best, best_score = (head.start, max(s.end for s in run)), score
    return best


def _widen(text: str, first: int, last: int, limit: int) -> tuple[int, int]:
    """Give the free characters to both sides, a third before and the rest after."""
    room = limit - 2 - (last - first)
    before = min(first, max(room // 3, room - (len(text) - last)))
    after = min(len(text) - last, room - before)
    start, end = first - before, last + after
    if start > 0:
        start = _border_after(text, start, first)
    if end < len(text):
        end = _border_before(text, end, last)
    return start, end


def _border_after(text: str, at: int, latest: int) -> int:
    """Return the first word's start from ``at`` on; scripts without spaces break anywhere."""
    for place in range(at, latest):
        if text[place - 1].isspace():
            return place
    while at < latest and _clings(text[at]):
        at += 1
    return at


def _border_before(text: str, at: int, earliest: int) -> int:
    for place in range(at, earliest, -1):
        if text[place].isspace():
            return place
    while at > earliest and _clings(text[at]):
        at -= 1
    return at


def _clings(char: str) -> bool:
    """Tell whether a character belongs to the one before it: marks, joiners, skin tones."""
    return unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf", "Sk"}


def _pieces(text: str, start: int, end: int, spans: Iterable[_Span]) -> tuple[Piece, ...]:
    """Cut ``text[start:end]`` at the spans, clean the pieces, and show where it was cut."""
    pieces, at = [], start
    for span in spans:
        if at < span.end and span.start < end and span.end > start:
            head, tail = max(span.start, at), min(span.end, end)
            pieces += [Piece(spaced(text[at:head])), Piece(spaced(text[head:tail]), hit=True)]
            at = tail
    pieces.append(Piece(spaced(text[at:end])))
    shown = [piece for piece in pieces if piece.text]
    return _trimmed(shown, "…" if start > 0 else "", "…" if end < len(text) else "")


def _trimmed(pieces: list[Piece], before: str, after: str) -> tuple[Piece, ...]:
    while pieces and not pieces[0].text.strip():
        del pieces[0]
    while pieces and not pieces[-1].text.strip():
        del pieces[-1]
    if not pieces:
        return ()
    pieces[0] = Piece(pieces[0].text.lstrip(), pieces[0].hit)
    pieces[-1] = Piece(pieces[-1].text.rstrip(), pieces[-1].hit)
    framed = [Piece(before), *pieces, Piece(after)]
    return tuple(piece for piece in framed if piece.text)
