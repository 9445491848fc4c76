"""What changed in a story since its reader last heard of it: added facts, edited words, lost hits.

Decides what is worth a line: what updates brought, every edited headline, a text only where its
meaning changed. Values are clean and without markup. Never compares texts: the diff comes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from monitor.digests.phrases import name, short, spaced
from monitor.model import Change, DigestStory, Edit, Hit, Member, Role
from monitor.text import cut, fold

_ADDITIONS = 4
_REDLINES = 3
_LOSSES = 3
_PHRASE = 80
_DIFF = 300  # characters of a redline
_AROUND = 30  # characters of unchanged text kept beside a change
_NO_LONGER = " no longer says "  # how an edit names a lost hit; the hit itself is told apart


@dataclass(frozen=True, slots=True)
class Addition:
    """What one item added to its story."""

    facts: tuple[str, ...]  #: ``number: 6,000``
    outlet: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Redline:
    """One edit: unchanged, cut and added pieces in reading order."""

    field: str  #: ``headline`` or ``text``
    outlet: str  #: empty for the item whose headline stands for the story
    at: datetime | None
    pieces: tuple[tuple[Change, str], ...]
    reasons: tuple[str, ...] = ()  #: how the meaning changed

    @property
    def is_diff(self) -> bool:
        """Tell whether it is known what changed; else the pieces are the earlier words."""
        return any(change is not Change.SAME for change, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class Loss:
    """Words on which a list fired and which an edit took away."""

    field: str  #: ``headline``, ``text``, or ``wording`` where each word still stands
    words: tuple[str, ...]
    outlet: str
    at: datetime


def additions(shown: DigestStory, since: datetime) -> tuple[tuple[Addition, ...], int]:
    """Return what updates have added from ``since`` on, the newest few, and how many more."""
    members = {member.item.id: member for member in shown.story.members}
    found = [
        Addition(tuple(filter(None, (short(fact, _PHRASE) for fact in part.new))), outlet, at)
        for part in shown.dossier.parts
        if part.role is Role.UPDATE and part.new
        if (at := part.seen_at) is None or at >= since
        if (outlet := _outlet(members.get(part.item_id))) is not None
    ]
    newest = found[-_ADDITIONS:]
    return tuple(newest), len(found) - len(newest)


def redlines(shown: DigestStory, since: datetime) -> tuple[Redline, ...]:
    """Return the edits from ``since`` on, those of the lead's headline first."""
    members = {member.item.id: member for member in shown.story.members}
    lead = shown.lead.item.id
    told = [
        edit
        for edit in shown.dossier.edits
        if edit.item_id in members and (edit.at is None or edit.at >= since)
        if edit.field == "title" or edit.weighty
    ]
    told.sort(key=lambda edit: (edit.item_id != lead, edit.field != "title", not edit.weighty))
    lines = [_redline(edit, members[edit.item_id], edit.item_id == lead) for edit in told]
    if not any(edit.item_id == lead and edit.field == "title" for edit in told):
        lines = [*_earlier(shown.lead, since), *lines]
    return tuple(line for line in lines if line.pieces)[:_REDLINES]


def losses(shown: DigestStory) -> tuple[Loss, ...]:
    """Return what no longer matches in items that the story's watchlists fired on."""
    others = [member for member in shown.story.members if member is not shown.lead]
    found = (
        _loss(member, hit, "" if member is shown.lead else _outlet(member) or "")
        for member in (shown.lead, *others)
        for hit in member.hits
        if hit.lost_at is not None and hit.watchlist in shown.watchlists
    )
    return tuple(dict.fromkeys(found))[:_LOSSES]


def _loss(member: Member, hit: Hit, outlet: str) -> Loss:
    gone = [one for one in hit.evidence if one.text not in _said(member, one.field)]
    field = "title" if any(one.field == "title" for one in gone) else "text"
    words: dict[str, str] = {}
    for one in gone:
        if one.field == field and (shown := short(one.text, _PHRASE)):
            words.setdefault(fold(shown), shown)
    assert hit.lost_at is not None
    told = _called(field) if words else "wording"
    return Loss(told, tuple(words.values())[:_LOSSES], outlet, hit.lost_at)


def _redline(edit: Edit, member: Member, leads: bool) -> Redline:
    pieces = edit.diff or ((Change.SAME, edit.before),)
    if edit.field != "title":
        pieces = tuple(_near_changes(pieces))
    reasons = tuple(short(why, _PHRASE) for why in edit.weighty if _NO_LONGER not in why)
    outlet = "" if leads else _outlet(member) or ""
    return Redline(_called(edit.field), outlet, edit.at, tuple(_bounded(pieces)), reasons)


def _earlier(lead: Member, since: datetime) -> Iterator[Redline]:
    """Yield the last wording of the headline that differs, where no edit says more."""
    present = short(lead.item.title, _DIFF)
    for version in sorted(lead.versions, key=lambda one: one.until, reverse=True):
        if version.until >= since and short(version.title, _DIFF) not in {present, ""}:
            pieces = tuple(_bounded(((Change.SAME, version.title),)))
            yield Redline("headline", "", version.until, pieces)
            return


def _bounded(pieces: Iterable[tuple[Change, str]]) -> Iterator[tuple[Change, str]]:
    """Yield clean pieces up to the limit of a redline, spaces around a change outside of it."""
    room = _DIFF
    for change, text in pieces:
        shown = spaced(text[: room * 4])
        if len(shown) >= room:
            yield change, cut(shown.strip(), max(room, 2))
            return
        room -= len(shown)
        yield from _parted(change, shown)


def _parted(change: Change, text: str) -> Iterator[tuple[Change, str]]:
    """Yield a change with the spaces before and after it as unchanged pieces."""
    inner = text.strip()
    left, _, right = text.partition(inner) if inner else (text, "", "")
    for kind, piece in ((Change.SAME, left), (change, inner), (Change.SAME, right)):
        if piece:
            yield kind, piece


def _near_changes(pieces: Iterable[tuple[Change, str]]) -> Iterator[tuple[Change, str]]:
    """Yield the changes of a long text with a few words around each."""
    listed = list(pieces)
    for place, (change, text) in enumerate(listed):
        if change is not Change.SAME or len(text) <= 2 * _AROUND:
            yield change, text
        elif place == 0:
            yield change, f"…{text[-_AROUND:]}"
        elif place == len(listed) - 1:
            yield change, f"{text[:_AROUND]}…"
        else:
            yield change, f"{text[:_AROUND]} … {text[-_AROUND:]}"


def _said(member: Member, field: str) -> str:
    return member.item.title if field == "title" else member.item.text


def _called(field: str) -> str:
    return "headline" if field == "title" else "text"


def _outlet(member: Member | None) -> str | None:
    """Return who had an item first; None when the story no longer shows the item."""
    if member is None:
        return None
    first = min(member.sightings, key=lambda one: one.seen_at, default=None)
    return name(first.outlet) if first else ""
