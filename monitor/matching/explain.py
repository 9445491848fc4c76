"""Say why a list fired, or why not and what was one step short. For people, not for speed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    children,
    groups_of,
    wording,
)
from monitor.matching.evidence import evidence_of, moves_of, score
from monitor.matching.finding import Found, Item
from monitor.matching.judge import Occurrence, View, judge
from monitor.matching.matcher import Matcher
from monitor.matching.patterns import patterns_of
from monitor.matching.tokens import BODY
from monitor.matching.trials import move_text
from monitor.matching.watchlist import Watchlist
from monitor.model import Match

_SHOWN = 6  # hits named in one note
_KINDS: dict[type[Node], str] = {And: "and", Or: "or", Not: "not"}


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the condition, decided."""

    wording: str
    holds: bool
    note: str
    parts: tuple[Step, ...] = ()
    kind: str = ""  #: how the parts are joined: ``and``, ``or``, ``not``; else empty


@dataclass(frozen=True, slots=True)
class Removed:
    """A hit that a mask took away."""

    group: str
    text: str
    mask: str  #: the words of the item that the mask lies over


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with its reasons."""

    watchlist: str
    fires: bool
    match: Match | None
    root: Step
    raises: tuple[Step, ...]
    removed: tuple[Removed, ...]
    short: tuple[str, ...]  #: each alone would have made the list fire


def explain(watchlist: Watchlist, title: str, text: str) -> Explanation:
    """Decide one item by one list, whatever the list's status, and give the reasons."""
    item, found = Matcher([watchlist]).find_in(0, title, text)
    teller = _Teller(watchlist, item, found)
    verdict = judge(watchlist.condition, teller.view)
    match = None
    if verdict.holds:
        evidence = evidence_of(verdict, item.glance, moves_of(watchlist, teller.view))
        points = score(watchlist, teller.view, evidence)
        match = Match(watchlist.name, watchlist.level, points, evidence)
    return Explanation(
        watchlist=watchlist.name,
        fires=verdict.holds,
        match=match,
        root=teller.step(watchlist.condition, teller.view),
        raises=tuple(teller.step(each.condition, teller.view) for each in watchlist.raises),
        removed=tuple(teller.removed()),
        short=() if verdict.holds else tuple(teller.short(watchlist.condition)),
    )


class _Teller:
    """Finds words for the nodes of one decision."""

    def __init__(self, watchlist: Watchlist, item: Item, found: Found) -> None:
        self._watchlist, self._item, self._found = watchlist, item, found
        self.view = View(found.hits, item.moves_of)

    def step(self, node: Node, view: View) -> Step:
        inner = view.within(node.lead) if isinstance(node, Within) else view
        parts = tuple(self.step(part, inner) for part in children(node))
        holds, note = judge(node, view).holds, self._note(node, view)
        return Step(wording(node), holds, note, parts, _KINDS.get(type(node), ""))

    def removed(self) -> Iterator[Removed]:
        for each in self._found.masked:
            mask = next(
                m for m in self._found.masks if m.first <= each.last and each.first <= m.last
            )
            yield Removed(each.group, self._surface(each), self._surface(mask))

    def short(self, root: Node) -> Iterator[str]:
        for atom in dict.fromkeys(_atoms(root)):
            if self._truth(root, flipped=atom):
                note = self._note(atom, self.view)
                wanted = "must not hold" if judge(atom, self.view).holds else "does not hold"
                yield f"{wording(atom)} {wanted}" + (f": {note}" if note else "")
        yield from self._without_masks(root)

    def _without_masks(self, root: Node) -> Iterator[str]:
        if not self._found.masked:
            return
        hits = {name: list(each) for name, each in self._found.hits.items()}
        for each in self._found.masked:
            hits.setdefault(each.group, []).append(each)
        view = View({name: tuple(each) for name, each in hits.items()}, self._item.moves_of)
        if judge(root, view).holds:
            masks = ", ".join(dict.fromkeys(f"'{self._surface(m)}'" for m in self._found.masks))
            yield f"without the mask over {masks} it would have fired"

    def _truth(self, node: Node, flipped: Node) -> bool:
        match node:
            case And(parts):
                return all(self._truth(part, flipped) for part in parts)
            case Or(parts):
                return any(self._truth(part, flipped) for part in parts)
            case Not(part):
                return not self._truth(part, flipped)
        return judge(node, self.view).holds != (node == flipped)

    def _surface(self, occurrence: Occurrence) -> str:
        reading = self._item.reading
        source = reading.title if occurrence.in_title else reading.text
        return source[occurrence.start : occurrence.end]

    def _note(self, node: Node, view: View) -> str:
        match node:
            case Name(group):
                return self._hits_note(group, view)
            case Near(left, right):
                return self._near_note(left, right, view)
            case SameSentence(left, right):
                return self._missing_note((left, right), view)
            case Within(part):
                return self._within_note(node, part, view)
            case Moves():
                return self._moves_note(node, view)
        return self._count_note(node, view)

    def _within_note(self, node: Within, part: Node, view: View) -> str:
        if judge(node, view).holds or not judge(part, view).holds:
            return ""
        where = "title" if node.lead is None else f"title and first {node.lead} words"
        return f"holds only outside the {where}"

    def _count_note(self, node: Node, view: View) -> str:
        match node:
            case Distinct(group):
                terms = {each.term.variant.casefold() for each in view.of(group)}
                return f"{len(terms)} different terms found"
            case Times(group):
                return f"found {len(view.of(group))} times"
        return ""

    def _hits_note(self, group: str, view: View) -> str:
        hits = view.of(group)
        if hits:
            shown = ", ".join(self._hit(each) for each in hits[:_SHOWN])
            more = f" and {len(hits) - _SHOWN} more" if len(hits) > _SHOWN else ""
            return shown + more
        masked = [each for each in self._found.masked if each.group == group]
        if masked:
            return f"'{self._surface(masked[0])}' was removed by a mask"
        if self._found.hits.get(group):
            return "found, but not in this part of the item"
        return self._case_note(group) or "not found"

    def _hit(self, each: Occurrence) -> str:
        field = "title" if each.in_title else "text"
        surface, written = self._surface(each), each.term.written
        origin = f" @{each.term.alias}" if each.term.alias else ""
        how = "" if surface == written else f" for '{written}'"
        return f"'{surface}' ({each.kind}{how}{origin}, {field} {each.start}-{each.end})"

    def _case_note(self, group: str) -> str:
        """Name a word that was refused for its case alone."""
        terms = next(each.terms for each in self._watchlist.groups if each.name == group)
        exact = {
            pattern.symbols[0].base: term.written
            for term in terms
            for pattern in patterns_of(term)
            if len(pattern.symbols) == 1 and pattern.symbols[0].surfaces
        }
        for word in self._item.reading.cells:
            if word is not None and word.fold in exact:
                return f"'{word.clean}' stands there, but '{exact[word.fold]}' wants its own case"
        return ""

    def _near_note(self, left: Node, right: Node, view: View) -> str:
        missing = self._missing_note((left, right), view)
        if missing:
            return missing
        spans = [judge(side, view).spans for side in (left, right)]
        gaps = [
            max(b.first - a.last, a.first - b.last) - 1
            for a in spans[0][:200]
            for b in spans[1][:200]
            if (a.first, a.last) != (b.first, b.last)
        ]
        if not gaps:
            return "both sides are the same words"
        closest = max(0, min(gaps))
        if closest > BODY // 2:
            return "one side stands only in the title, the other only in the text"
        return f"closest: {closest} words between"

    def _missing_note(self, sides: tuple[Node, ...], view: View) -> str:
        missing = [wording(side) for side in sides if not judge(side, view).holds]
        return f"nothing found of {' and '.join(missing)}" if missing else ""

    def _moves_note(self, node: Moves, view: View) -> str:
        if not view.of(node.group):
            return f"nothing found of {node.group}"
        found = [move for _, move in view.moves(view.of(node.group)) if move.move is not None]
        told = [f"{move_text(each.move)} ('{self._surface(each)}')" for each in found if each.move]
        return ", ".join(told[:_SHOWN]) if told else "no move of it found"


def _atoms(node: Node) -> Iterator[Node]:
    if isinstance(node, And | Or | Not):
        for part in children(node):
            yield from _atoms(part)
    elif any(True for _ in groups_of(node)):
        yield node
