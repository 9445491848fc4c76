"""The tree of a condition: what each node says, which groups it names, how it is written.

Data only. Reading it from text is ``language``, deciding it over an item is ``judge``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Name:
    """At least one hit of the group."""

    group: str


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class Near:
    """A hit of each, at most ``words`` words between them; ``ordered``: left before right.

    Hits that overlap are near, the same words are not near themselves. Sentences are crossed, the
    border between title and text is not.
    """

    left: Node
    right: Node
    words: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class SameSentence:
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Within:
    """The part holds inside the title, or with ``lead`` in title and first words of the text."""

    part: Node
    lead: int | None = None


@dataclass(frozen=True, slots=True)
class Distinct:
    """Hits of so many different terms of the group."""

    group: str
    count: int


@dataclass(frozen=True, slots=True)
class Times:
    """So many separate hits of the group."""

    group: str
    count: int


@dataclass(frozen=True, slots=True)
class Moves:
    """A market move of the group; ``direction`` is ``rise``, ``fall`` or empty for either."""

    group: str
    direction: str = ""
    minimum: float | None = None  #: per cent
    strict: bool = False  #: more than the minimum, not as much


Node = Name | And | Or | Not | Near | SameSentence | Within | Distinct | Times | Moves


def groups_of(node: Node) -> Iterator[str]:
    """Yield the groups that the condition names, in its order, repeated as it repeats them."""
    match node:
        case Name(group) | Distinct(group) | Times(group) | Moves(group):
            yield group
        case Not(part) | Within(part):
            yield from groups_of(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from groups_of(part)
        case Near(left, right) | SameSentence(left, right):
            yield from groups_of(left)
            yield from groups_of(right)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case And(parts) | Or(parts):
            return parts
        case Not(part) | Within(part):
            return (part,)
        case Near(left, right) | SameSentence(left, right):
            return (left, right)
    return ()


def has_place(node: Node) -> bool:
    """Tell whether the node says *where* something stands, as ``near`` needs of its sides."""
    match node:
        case Or(parts):
            return all(has_place(part) for part in parts)
        case Within(part):
            return has_place(part)
        case Name() | Near() | SameSentence() | Moves():
            return True
    return False


def wording(node: Node) -> str:
    """Write the condition as a user would."""
    match node:
        case Not(part):
            return f"not {_inner(part)}"
        case And(parts):
            return " and ".join(_inner(part) for part in parts)
        case Or(parts):
            return " or ".join(_inner(part) for part in parts)
        case Within(part, lead):
            return f"{'in-title' if lead is None else f'in-lead/{lead}'} {_inner(part)}"
        case _:
            return _leaf_wording(node)


def _leaf_wording(node: Name | Near | SameSentence | Distinct | Times | Moves) -> str:
    match node:
        case Name(group):
            return group
        case Near(left, right, words, ordered):
            return f"{_inner(left)} {'before' if ordered else 'near'}/{words} {_inner(right)}"
        case SameSentence(left, right):
            return f"{_inner(left)} same-sentence {_inner(right)}"
        case Distinct(group, count):
            return f"{count} of {group}"
        case Times(group, count):
            return f"{group} x{count}"
        case Moves():
            return _move_wording(node)


def _inner(node: Node) -> str:
    return (
        f"({wording(node)})" if isinstance(node, And | Or | Near | SameSentence) else wording(node)
    )


def _move_wording(node: Moves) -> str:
    head = f"{node.direction or 'move'}({node.group})"
    if node.minimum is None:
        return head
    return f"{head} {'>' if node.strict else '>='} {node.minimum:g}%"


#: Tells from bits of the groups that may have hits, anywhere and in the title, if it may hold.
Gate = Callable[[int, int], bool]


def gate(node: Node, bits: Mapping[str, int]) -> Gate:
    """Build the quick question whether the condition could hold; its answer is never wrongly no."""
    match node:
        case Within(part, lead):
            inner = gate(part, bits)
            return inner if lead is not None else lambda _, title: inner(title, title)
        case Or(parts):
            return _any_gate([gate(part, bits) for part in parts])
        case And() | Near() | SameSentence() | Not():
            parts = () if isinstance(node, Not) else children(node)
            return _every_gate([gate(part, bits) for part in parts if not isinstance(part, Not)])
        case Name(group) | Distinct(group) | Times(group) | Moves(group):
            bit = bits[group]
            return lambda found, _: found & bit != 0


def _every_gate(gates: list[Gate]) -> Gate:
    def every(found: int, title: int) -> bool:
        for each in gates:  # noqa: SIM110 - a generator costs as much as the whole question
            if not each(found, title):
                return False
        return True

    return gates[0] if len(gates) == 1 else every


def _any_gate(gates: list[Gate]) -> Gate:
    def some(found: int, title: int) -> bool:
        for each in gates:  # noqa: SIM110 - as above
            if each(found, title):
                return True
        return False

    return some


#: A requirement: no hit of any of these groups, no match.
Clause = frozenset[str]
_MAX_CLAUSES = 8


@lru_cache(1 << 10)  # many lists are written after one pattern
def requirements(node: Node) -> tuple[Clause, ...]:
    """Return clauses that every matching item fulfils; none means: must look at every item."""
    match node:
        case Name(group) | Distinct(group) | Times(group) | Moves(group):
            return (frozenset((group,)),)
        case Within(part):
            return requirements(part)
        case Near(left, right) | SameSentence(left, right):
            return _all((left, right))
        case And(parts):
            return _all(parts)
        case Or(parts):
            return _any(parts)
    return ()


def _all(parts: tuple[Node, ...]) -> tuple[Clause, ...]:
    found = {clause for part in parts for clause in requirements(part)}
    minimal = [clause for clause in found if not any(other < clause for other in found)]
    return tuple(sorted(minimal, key=lambda clause: (len(clause), sorted(clause))))


def _any(parts: tuple[Node, ...]) -> tuple[Clause, ...]:
    """Distribute or over and; too many combinations fall back to the narrowest clause of each."""
    clauses: set[Clause] = {frozenset()}
    for part in parts:
        wanted = requirements(part)
        if len(clauses) * len(wanted) > _MAX_CLAUSES:
            wanted = wanted[:1]
        clauses = {have | more for have in clauses for more in wanted}
    minimal = [clause for clause in clauses if not any(other < clause for other in clauses)]
    return tuple(sorted(minimal, key=lambda clause: (len(clause), sorted(clause))))


def plain(node: Node) -> tuple[tuple[Clause, ...], Clause] | None:
    """Return clauses that all must have a hit, and groups none of which may; None if there is more.

    A condition of ``and``, ``or``, ``not`` over names is so; one that looks at places is not.
    """
    match node:
        case Name(group):
            return (frozenset((group,)),), frozenset()
        case Or(parts) if all(isinstance(part, Name) for part in parts):
            return (frozenset(part.group for part in parts if isinstance(part, Name)),), frozenset()
        case Not(part):
            inner = plain(part)
            return ((), inner[0][0]) if inner and len(inner[0]) == 1 and not inner[1] else None
        case And(parts):
            found = [plain(part) for part in parts]
            told = [one for one in found if one is not None]
            if len(told) < len(found):
                return None
            wanted = tuple(clause for clauses, _ in told for clause in clauses)
            return wanted, frozenset(group for _, barred in told for group in barred)
    return None
