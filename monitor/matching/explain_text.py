"""An explanation as plain text, one node a line, indented as the condition nests.

A condition of hundreds of nodes is told in brief: what made it hold, or what kept it from holding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from monitor.matching.explain import Explanation, Step

#: A larger condition is told in brief, and no wording is longer than this where its parts follow.
MOST_NODES, MOST_LETTERS = 40, 90
_LETTERS_ALONE = 2 * MOST_LETTERS


def render(explanation: Explanation, *, whole: bool = False) -> str:
    """Write an explanation; ``whole`` shows every node, however many there are."""
    match = explanation.match
    head = f"fires, score {match.score:g}" if match else "silent"
    brief = not whole and _nodes(explanation.root) > MOST_NODES
    root = _brief(explanation.root) if brief else explanation.root
    lines = [f"{explanation.watchlist}: {head}", *_lines(root, 1)]
    for step in explanation.raises:
        lines += ["  raise:", *_lines(step, 2)]
    lines += [
        f"  mask: '{each.text}' of {each.group} was removed by '{each.mask}'"
        for each in explanation.removed
    ]
    lines += [f"  one step short: {each}" for each in explanation.short]
    if brief:
        lines.append("  told in brief: what decided; --all shows every node")
    return "\n".join(lines)


def _nodes(step: Step) -> int:
    return 1 + sum(map(_nodes, step.parts))


def _brief(step: Step) -> Step:
    """Return a node with the parts alone on which its answer rests.

    Of an ``or`` that holds those that hold, of an ``and`` that does not those that do not; of an
    ``or`` that does not hold and of a ``not`` that holds nothing: all of it is absent.
    """
    if step.kind == "not" and step.holds:
        return _short(replace(step, parts=()))
    if step.kind == "or" and not step.holds:
        left = len(step.parts)
        return _short(replace(step, parts=(), note=f"none of its {left} parts holds"))
    if step.kind not in {"and", "or"}:
        return _short(replace(step, parts=tuple(map(_brief, step.parts))))
    telling = tuple(_brief(part) for part in step.parts if part.holds == step.holds)
    left = len(step.parts) - len(telling)
    note = _others(left, hold=not step.holds) if left else step.note
    return _short(replace(step, parts=telling, note=note))


def _others(count: int, *, hold: bool) -> str:
    if count == 1:
        return "1 other holds" if hold else "1 other does not hold"
    return f"{count} others {'hold' if hold else 'do not hold'}"


def _short(step: Step) -> Step:
    most = MOST_LETTERS if step.parts else _LETTERS_ALONE
    if len(step.wording) <= most:
        return step
    return replace(step, wording=f"{step.wording[:most].rstrip()} …")


def _lines(step: Step, depth: int) -> Iterator[str]:
    note = f"  [{step.note}]" if step.note else ""
    yield f"{'  ' * depth}{'yes' if step.holds else 'no '} {step.wording}{note}"
    for part in step.parts:
        yield from _lines(part, depth + 1)
