"""Who carries a story: outlets and independent origins counted apart, state-affiliated ones named.

Forty outlets with one agency's words are one origin; the reader sees both numbers. Words only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.digests.phrases import count, isolated, name
from monitor.model import DigestStory, Origin

_OUTLETS = 8
_ORIGINS = 4
_EACH = 3  # outlets named with their origin


def carriers(story: DigestStory) -> str:
    """Return ``9 outlets (of them 1 state-affiliated), 2 origins: Reuters (A, B, +5), IRNA``.

    Where nothing is known of origins, the outlets are named.
    """
    origins = origins_of(story)
    if not story.outlets:
        return "outlet unknown"
    if len(story.outlets) == 1:
        return _alone(story, origins)
    return _by_origin(story, origins) if origins else _by_outlet(story)


def origins_of(story: DigestStory) -> tuple[Origin, ...]:
    """Return the origins that have an outlet in the story; one may have been silenced."""
    heard = set(story.outlets)
    return tuple(
        one for one in story.dossier.origins if not one.outlets or heard & set(one.outlets)
    )


def _alone(story: DigestStory, origins: Sequence[Origin]) -> str:
    state = " (state-affiliated)" if story.state_outlets else ""
    named = [one for one in origins if one.name not in story.outlets]
    source = f", origin: {_names(one.name for one in named[:_ORIGINS])}" if named else ""
    return f"{_names(story.outlets)}{state}{source}"


def _by_outlet(story: DigestStory) -> str:
    state = story.state_outlets
    free = [outlet for outlet in story.outlets if outlet not in state]
    number = f"{len(story.outlets):,} outlets"
    if not state:
        return f"{number}: {_few(free)}"
    if not free:
        return f"{number}, all state-affiliated: {_few(state)}"
    return (
        f"{number} (of them {len(state):,} state-affiliated): {_few(free)}; "
        f"state-affiliated: {_few(state)}"
    )


def _by_origin(story: DigestStory, origins: Sequence[Origin]) -> str:
    outlets, state = len(story.outlets), len(story.state_outlets)
    ours = [one for one in origins if not one.state_affiliated]
    theirs = [one for one in origins if one.state_affiliated]
    whose = f" (of them {state:,} state-affiliated)" if state and ours else ""
    head = f"{outlets:,} outlets{whose}, {count(len(origins), 'origin')}"
    if not theirs:
        return f"{head}: {_sources(ours)}"
    if not ours:
        return f"{head}, all state-affiliated: {_sources(theirs)}"
    return f"{head}: {_sources(ours)}; state-affiliated: {_sources(theirs)}"


def _sources(origins: Sequence[Origin]) -> str:
    more = " …" if len(origins) > _ORIGINS else ""
    return ", ".join(map(_source, origins[:_ORIGINS])) + more


def _source(origin: Origin) -> str:
    """Return ``Reuters (A, B, C, +5)``; an outlet's own text has the outlet's name alone."""
    others = [outlet for outlet in origin.outlets if outlet != origin.name]
    if not others:
        return _names([origin.name])
    rest = f", +{len(others) - _EACH:,}" if len(others) > _EACH else ""
    return f"{_names([origin.name])} ({_names(others[:_EACH])}{rest})"


def _few(outlets: Sequence[str]) -> str:
    return _names(outlets[:_OUTLETS]) + (" …" if len(outlets) > _OUTLETS else "")


def _names(names: Iterable[str]) -> str:
    return ", ".join(isolated(name(one)) for one in names)
