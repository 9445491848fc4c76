"""The inner life of stories, made anew whenever it is wanted: origins, updates, edits, merges."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.model import Dossier, Story
from monitor.store import Store
from monitor.stories.dossier import dossier


def read_dossiers(store: Store, stories: Sequence[Story]) -> dict[int, Dossier]:
    """Return what is known of each story beyond its members, by the story's number."""
    merged = store.stories.merged(story.id for story in stories)
    return {
        story.id: dossier(story, [one.id for one in merged.get(story.id, ())]) for story in stories
    }
