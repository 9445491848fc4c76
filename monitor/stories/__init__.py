"""The room of stories: the same event once, with every outlet that carries it. Pure."""

from monitor.stories.grouping import (
    WINDOW,
    Bridge,
    OpenStories,
    Placed,
    Placement,
    Reason,
    place,
)

__all__ = ["WINDOW", "Bridge", "OpenStories", "Placed", "Placement", "Reason", "place"]
