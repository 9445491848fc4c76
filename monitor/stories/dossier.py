"""All that is known of a story beyond its members: origins, what each item added, its edits.

Made anew from the members whenever it is wanted and never stored, so it is as right as the rules of
today. Keep it for the length of a digest, not longer. A story of 500 items costs a few tenths of a
second of CPU at most. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.model import Dossier, Member, Story
from monitor.stories.edits import edits
from monitor.stories.novelty import parts
from monitor.stories.origins import outlets_of, sources, state_outlets

#: Members beyond so many are counted, but their words are not compared.
MOST_MEMBERS = 1_000


def dossier(story: Story, merged: Sequence[int] = ()) -> Dossier:
    """Return a story's dossier; ``merged`` are the ids of stories that became part of it.

    Members are read in the order of first sight, and of two seen at once the lower id is first.
    """
    members = sorted(story.members, key=_arrival)[:MOST_MEMBERS]
    if not members:
        return Dossier(merged=tuple(merged))
    found = sources(members)
    by_item = {part.item_id: part for part in parts(found)}
    outlets = tuple(dict.fromkeys(name for one in members for name in outlets_of(one)))
    return Dossier(
        origins=found.origins,
        parts=tuple(by_item[one.item.id] for one in story.members if one.item.id in by_item),
        edits=edits(members),
        first_outlet=outlets[0],
        merged=tuple(merged),
        outlets=outlets,
        state_outlets=state_outlets(members),
        languages=tuple(sorted({one.item.language for one in members if one.item.language})),
    )


def _arrival(member: Member) -> tuple[float, int]:
    seen = member.item.first_seen_at
    return (seen.timestamp() if seen else 0.0, member.item.id)
