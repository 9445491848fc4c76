"""The room of stories: the same event once, with every outlet that carries it. Pure."""

from monitor.stories.grouping import Placement, Reason, place

__all__ = ["Placement", "Reason", "place"]
