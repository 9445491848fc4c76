"""The attic's first floor: strings rooms and doors together, one module per stage of the flow.

``poll`` due feeds, asked politely · ``harvest`` what an answer is worth · ``record`` items, hits
and validators in one transaction · ``fold`` hits to stories · ``compose`` stories to a digest and
frozen messages. Each stage reads, lets a room decide, and writes in one transaction.
"""

from monitor.pipeline.compose import compose_due
from monitor.pipeline.fold import Folder, fold, read_stories
from monitor.pipeline.observer import Observer, Silent
from monitor.pipeline.poll import Poller, SweepReport

__all__ = [
    "Folder",
    "Observer",
    "Poller",
    "Silent",
    "SweepReport",
    "compose_due",
    "fold",
    "read_stories",
]
