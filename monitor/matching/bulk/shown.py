"""Say on what pairs rest that fire for sure: their evidence straight from the arrays.

Gives the same as looking at the words of each item would; here a place is a pair of cells, and a
word is only looked at where a string of a firing list stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from monitor.matching.bulk.cells import Stream
from monitor.matching.bulk.lists import Told
from monitor.matching.bulk.strings import Hits
from monitor.matching.bulk.tables import Numbers
from monitor.matching.bulk.texts import HOW
from monitor.matching.evidence import MAX_EVIDENCE, shortened
from monitor.matching.finding import RANK, Spelling
from monitor.matching.screen import Owners
from monitor.matching.tokens import Piece, pieces
from monitor.model import Evidence, Kind

Text = tuple[str, str]  #: title and text
Shown = dict[int, dict[int, tuple[Evidence, ...]]]  #: by item and list
Spell = Callable[[int], Spelling]  #: the spelling that an owner stands for


class Seen(NamedTuple):
    """What stands where a string does; offsets point into its own field."""

    in_text: int  #: 0 is the title, 1 the text
    start: int
    end: int
    folds: tuple[str, ...]


Place = tuple[int, int, str, Spelling, Kind, Seen]  #: first cell, end, group; so they are shown


def evidence(
    items: Sequence[Text], stream: Stream, hits: Hits, told: Told, owners: Owners, spell: Spell
) -> Shown:
    """Return by item and list what every list that fires for sure rests on."""
    keys, owned, on = map(np.concatenate, zip(*told.shares(), strict=True))
    used, which = np.unique(on, return_inverse=True)
    seen = list(_seen(stream, hits, used))
    first, ends = hits.cells[on], hits.ends[on]
    groups = np.frombuffer(owners.groups, np.int16)[owned]
    terms = np.frombuffer(owners.terms, np.uint16)[owned]
    order = np.lexsort((owned, terms, -ends, first, groups, keys))
    columns = (column[order].tolist() for column in (keys, groups, first, ends, owned, which))
    found: Shown = {}
    for key, rows in groupby(zip(*columns, strict=True), itemgetter(0)):
        number, index = divmod(key, told.lists)
        places = _places(rows, seen, spell)
        if len(places) > MAX_EVIDENCE:
            places = shortened(places, itemgetter(2))
        found.setdefault(number, {})[index] = tuple(_written(items[number], places))
    return found


def _seen(stream: Stream, hits: Hits, used: Numbers) -> Iterator[Seen]:
    """Look at the words of some hits."""
    chunks = stream.chunks
    data = chunks.data
    cells, sizes = hits.covered(used), hits.ends[used] - hits.cells[used]
    chunk = np.searchsorted(stream.begins, cells, "right") - 1
    starts, ends = chunks.starts[chunk], chunks.ends[chunk]
    text = np.searchsorted(stream.closes, cells)
    fields = np.concatenate(([0], chunks.ends[chunks.closes[:-1]] + 1))[text]
    columns = (
        starts,
        ends,
        cells - stream.begins[chunk],
        chunks.characters(fields, starts),
        text & 1,
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    words = [
        (_word(data[start:end], piece), offset, in_text)
        for start, end, piece, offset, in_text in rows
    ]
    at = 0
    for size in sizes.tolist():
        (head, offset, in_text), (tail, later, _) = words[at], words[at + size - 1]
        folds = (
            (head.fold,) if size == 1 else tuple([one.fold for one, *_ in words[at : at + size]])
        )
        yield Seen(in_text, offset + head.start, later + tail.end, folds)
        at += size


def _word(chunk: bytes, number: int) -> Piece:
    # Bytes that are letters are ASCII's, and a word by themselves. The words of names are rare, so
    # that the cache of pieces, which is for common words, has few of them.
    if chunk.isalpha():
        surface = chunk.decode()
        return Piece(0, len(chunk), surface.lower(), surface)
    found = pieces(chunk.decode(*HOW))[number]
    assert found is not None, "no string goes beyond a border"
    return found


Row = tuple[int, int, int, int, int, int]  #: pair, group, first cell, end, owner, seen


def _places(rows: Iterator[Row], seen: Sequence[Seen], spell: Spell) -> list[Place]:
    """Return the places of one pair: of each group the longest, of several readings the best."""
    found: list[Place] = []
    last = reached = -1
    for _, group, first, end, owner, which in rows:
        if group != last:
            last, reached = group, -1
        if end < reached or (end == reached and first != found[-1][0]):
            continue
        spelling, here = spell(owner), seen[which]
        kind = spelling.kind_of(here.folds)
        place = first, end, spelling.group, spelling, kind, here
        if end > reached:
            found.append(place)
            reached = end
        elif RANK[kind] < RANK[found[-1][4]]:
            found[-1] = place
    if len(found) > 1:
        found.sort(key=itemgetter(0, 1, 2))
    return found


def _written(item: Text, places: Sequence[Place]) -> Iterator[Evidence]:
    for _, _, group, spelling, kind, (in_text, start, end, _) in places:
        term, source = spelling.term, item[in_text]
        field = "text" if in_text else "title"
        yield Evidence(group, term.written, source[start:end], field, start, end, kind, term.alias)
