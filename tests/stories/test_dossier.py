"""A dossier as a whole: its head, its order, its cost."""

from __future__ import annotations

import time
from random import Random

from monitor.model import Dossier, Role, Story
from monitor.stories.dossier import dossier
from tests.stories.told import START, story, told


def test_the_head_counts_outlets_states_and_languages():
    """In the order of first sight; the first outlet is whose feed brought it first."""
    found = dossier(
        story(
            told(2, "Zwei Schiffe sind da", language="de", outlet="B", state=True),
            told(1, "Two ships are here", outlet="A"),
        ),
        merged=[7],
    )
    assert (found.first_outlet, found.outlets, found.state_outlets) == ("A", ("A", "B"), ("B",))
    assert found.languages == ("de", "en")
    assert found.merged == (7,)


def test_parts_stand_in_the_order_of_the_members():
    """Roles follow the time of first sight, places follow the story."""
    found = dossier(story(told(2, "Later words of some length here"), told(1, "Earlier words")))
    assert [(one.item_id, one.role) for one in found.parts] == [(2, Role.UPDATE), (1, Role.FIRST)]
    assert found.parts[1].seen_at > START


def test_a_story_without_members_has_an_empty_dossier():
    """A story whose items were purged is no error."""
    assert dossier(Story(1, ())) == Dossier()


def test_a_story_of_500_members_costs_seconds_at_most():
    """Own words, figures and edits in every one of them: the worst there is."""
    dice = Random(1)
    words = [f"w{n}" for n in range(3_000)]

    def text(size: int) -> str:
        return " ".join(dice.choices(words, k=size)) + f" {dice.randrange(10**7)}"

    members = [told(n, text(8), text(300), before=[(text(9), text(300))]) for n in range(1, 501)]
    begun = time.process_time()
    found = dossier(story(*members))
    assert time.process_time() - begun < 10
    assert len(found.parts) == 500
    assert len(found.origins) == 500
