"""What each item did for its story when it came: first, update, report in own words, or copy.

An item is an update when it states what no earlier one did, or when it is a source that makes a
difference: an agency that was not heard yet, the first report that does not come from the first
source, or the first that is not state-affiliated. A tenth outlet with its own words is a report.
A copy adds nothing, whatever it says. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.model import Part, Role
from monitor.stories.facts import Facts, Told
from monitor.stories.origins import SAME_RUNS, Sources, share

#: So many new things of one item are told.
MOST_NEW = 6


def parts(found: Sources) -> tuple[Part, ...]:
    """Return the part of each member, in their order."""
    told = Told()
    result: list[Part] = []
    for number, reading in enumerate(found.readings):
        added = told.beyond(reading.facts)
        role, new = _judge(found, number, added)
        # A copy may be the first to carry a paragraph that was cut: later it is no news.
        told.add(reading.facts)
        origin = found.origin[number]
        item = reading.member.item
        result.append(Part(item.id, role, origin, new[:MOST_NEW], item.first_seen_at))
    return tuple(result)


def _judge(found: Sources, number: int, added: Facts) -> tuple[Role, tuple[str, ...]]:
    if number == 0:
        return Role.FIRST, ()
    if _is_copy(found, number):
        return Role.COPY, ()
    new = (*_new_source(found, number), *added.phrases())
    if new:
        return Role.UPDATE, new
    return (Role.COPY if _text_was_there(found, number) else Role.REPORT), ()


def _text_was_there(found: Sources, number: int) -> bool:
    return found.text[number] in found.text[:number]


def _is_copy(found: Sources, number: int) -> bool:
    """Tell whether an item has the words of an earlier one and little beside them."""
    if not _text_was_there(found, number):
        return False
    reading, first = found.readings[number], found.readings[found.text.index(found.text[number])]
    return reading.short or share(reading, first) >= SAME_RUNS


def _new_source(found: Sources, number: int) -> Sequence[str]:
    at, earlier = found.origin[number], set(found.origin[:number])
    if at in earlier:
        return ()
    origin = found.origins[at]
    of_state = all(found.origins[one].state_affiliated for one in earlier)
    weighty = at in found.agencies or len(earlier) == 1
    if weighty or (of_state and not origin.state_affiliated):
        return (f"origin: {origin.name}",)
    return ()
