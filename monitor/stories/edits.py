"""How an item's wording was changed: a word diff, and whether the meaning changed with it.

Weighty is an edit that changes a figure, adds or removes a negation or a hedge, turns the direction
of what is said, or brings in or drops an actor. Case, marks, a publisher's suffix, a headline cut
short, a name written longer or shorter are cosmetic. Judged are headlines and leads by rule, not by
understanding: docs/measurements.md has the figures. Pure, bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise

from monitor.model import Change, Edit, Hit, Member
from monitor.stories.actors import actors_between
from monitor.stories.evidence import headline
from monitor.stories.figures import Figure, Seen, figures, worded
from monitor.stories.turns import turned
from monitor.text import clean, cut, fold, words

#: Tokens of each side that are compared; what is left after them is one cut and one addition.
MOST_TOKENS = 240
#: Characters of a text whose change can be weighty: its lead.
LEAD = 600
#: Edits of one story that are told, the newest.
MOST_EDITS = 200
_TOKEN = re.compile(r"\w+(?:[’'.,-]\w+)*|\s+|[^\w\s]")
#: What is left of an apostrophe that a site escaped twice.
_ENTITY = re.compile(r"&?#0?39;")
_BROKEN_OFF = re.compile(r"[\s.…]+\Z")
_SHOWN = 40

Diff = tuple[tuple[Change, str], ...]


@dataclass(frozen=True, slots=True)
class _Wording:
    title: str
    text: str


def edits(members: Iterable[Member]) -> tuple[Edit, ...]:
    """Return the edits of all members in the order of time, the newest MOST_EDITS of them."""
    steps = [step for member in members for step in _steps(member)]
    steps.sort(key=lambda step: (step.at, step.member.item.id, step.field != "title"))
    return tuple(_edit(step) for step in steps[-MOST_EDITS:])


def diff(before: str, after: str) -> Diff:
    """Return a word diff: SAME and ADDED joined give ``after``, SAME and CUT ``before``."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    runs = [(Change.SAME, "".join(old[:head]))]
    if max(len(old_middle), len(new_middle)) > MOST_TOKENS:
        runs += [(Change.CUT, "".join(old_middle)), (Change.ADDED, "".join(new_middle))]
    else:
        runs += _compared(old_middle, new_middle)
    runs.append((Change.SAME, "".join(old[len(old) - tail :])))
    return _tidy(runs)


def weighty(before: str, after: str, field: str = "title", context: str = "") -> tuple[str, ...]:
    """Return why the meaning changed; empty for a cosmetic edit.

    ``context`` is other text of the item, from which the writing of names is learned.
    """
    if field == "title":
        before, after = headline(headline(before)), headline(headline(after))
    else:
        before, after = before[:LEAD], after[:LEAD]
    before, after = _ENTITY.sub("'", before), _ENTITY.sub("'", after)
    if _cosmetic(before, after):
        return ()
    reasons = []
    if _figures_changed(before, after):
        reasons.append("number")
    reasons += turned(before, after)
    if actors_between(before, after, context):
        reasons.append("actor")
    return tuple(reasons)


@dataclass(frozen=True, slots=True)
class _Step:
    member: Member
    field: str
    before: str
    after: str
    at: datetime


def _steps(member: Member) -> Iterator[_Step]:
    """Return each change of a field from one wording to the next."""
    if not member.versions:
        return
    versions = sorted(member.versions, key=lambda one: one.until)
    wordings = [_Wording(one.title, one.text) for one in versions]
    wordings.append(_Wording(member.item.title, member.item.text))
    for version, (old, new) in zip(versions, pairwise(wordings), strict=True):
        for field, before, after in (
            ("title", old.title, new.title),
            ("text", old.text, new.text),
        ):
            if before != after:
                yield _Step(member, field, before, after, version.until)


def _edit(step: _Step) -> Edit:
    item = step.member.item
    reasons = weighty(
        step.before, step.after, step.field, item.text if step.field == "title" else ""
    )
    return Edit(
        item_id=item.id,
        field=step.field,
        before=step.before,
        after=step.after,
        at=step.at,
        diff=diff(step.before, step.after),
        weighty=(*reasons, *_lost(step)),
    )


def _lost(step: _Step) -> Iterator[str]:
    """Say which words a list fired on went with this edit, for lists that fire no more."""
    words_of = {"title": "headline", "text": "text"}[step.field]
    before, after = fold(step.before), fold(step.after)
    said: set[str] = set()
    for hit in step.member.hits:
        for surface in _lost_surfaces(hit, step):
            folded = fold(surface)
            if folded in before and folded not in after and folded not in said:
                said.add(folded)
                yield f"{words_of} no longer says {cut(clean(surface), _SHOWN)}"


def _lost_surfaces(hit: Hit, step: _Step) -> list[str]:
    if hit.lost_at is None or hit.lost_at < step.at:
        return []
    return [one.text for one in hit.evidence if one.field == step.field and one.text]


def _cosmetic(before: str, after: str) -> bool:
    """Tell whether only case, marks or the end of a headline that was cut short differ."""
    old, new = words(before), words(after)
    if old == new or "".join(old) == "".join(new):
        return True
    if not (old and new):
        return True
    (short, long), raw = sorted((old, new), key=len), min(before, after, key=len)
    broken = _BROKEN_OFF.search(raw) is not None and raw.rstrip().endswith(("..", "…"))
    if not (broken or len(raw) > 80) or len(short) < 4:
        return False
    return long[: len(short) - 1] == short[:-1] and long[len(short) - 1].startswith(short[-1])


def _figures_changed(before: str, after: str) -> bool:
    """Tell whether a figure came or went; "two" is "2", "$4.4bn" is "$4.4 billion"."""
    old, new = _counts(before), _counts(after)
    told, now = Seen((*old, *worded(before))), Seen((*new, *worded(after)))
    return any(one not in told for one in new) or any(one not in now for one in old)


def _counts(text: str) -> list[Figure]:
    """Return what must stand in the other wording too; "the second man" need not."""
    return [*figures(text), *(one for one in worded(text) if not one.ordinal)]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _compared(old: list[str], new: list[str]) -> list[tuple[Change, str]]:
    runs: list[tuple[Change, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append((Change.SAME, "".join(old[a:b])))
        else:
            runs += [(Change.CUT, "".join(old[a:b])), (Change.ADDED, "".join(new[c:d]))]
    return runs


def _tidy(runs: Iterable[tuple[Change, str]]) -> Diff:
    """Join what belongs together: a lone space between two changes is part of both."""
    found: list[tuple[Change, str]] = []
    gone, come = "", ""
    for change, text in runs:
        if change is Change.CUT:
            gone += text
        elif change is Change.ADDED:
            come += text
        elif (gone or come) and text.isspace():
            gone, come = gone + text, come + text
        elif text:
            found += [*_pieces(gone, come), (change, text)]
            gone, come = "", ""
    return (*found, *_pieces(gone, come))


def _pieces(gone: str, come: str) -> Iterator[tuple[Change, str]]:
    """Return a cut and an addition; the space that both end with is the same."""
    tail = gone[len(gone.rstrip()) :]
    same = tail if tail and come.endswith(tail) else ""
    gone, come = gone.removesuffix(same), come.removesuffix(same)
    pieces = ((Change.CUT, gone), (Change.ADDED, come), (Change.SAME, same))
    yield from (one for one in pieces if one[1])
