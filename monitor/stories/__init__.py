"""The room of stories: the same event once, with every outlet that carries it. Pure."""

from monitor.stories.grouping import WINDOW, Placement, Reason, place

__all__ = ["WINDOW", "Placement", "Reason", "place"]
