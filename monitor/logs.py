"""The log: one record per event, JSON lines for the journal, readable lines on a terminal.

Home of structlog. Hostile text cannot forge a line: JSON escapes it, and on a terminal every value
passes :func:`monitor.text.clean` first. Secrets never reach a record.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from monitor.model import Digest, Feed, Item, Match, PollRecord
from monitor.text import clean, cut

MAX_VALUE = 2_000  #: characters of one field


def set_up(*, verbose: bool = False, stream: Any = None) -> None:
    """Log to ``stream`` (standard error by default); ``verbose`` adds what is routine."""
    out = stream or sys.stderr
    on_terminal = bool(getattr(out, "isatty", bool)())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(sort_keys=False)
        if on_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _harmless,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if verbose else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the daemon reports failed ticks


def get() -> Any:
    """Return the logger."""
    return structlog.get_logger()


class LogObserver:
    """Writes every event into the log."""

    def __init__(self) -> None:
        self._log = get()

    def polled(self, feed: Feed, record: PollRecord) -> None:
        tell = self._log.debug if record.outcome.well and not record.new else self._log.info
        tell("polled", feed=feed.title, outcome=record.outcome.value, reason=record.reason,
             new=record.new, edited=record.edited, hits=record.hits)  # fmt: skip

    def hit(self, feed: Feed, item: Item, match: Match) -> None:
        self._log.info("hit", watchlist=match.watchlist, item=item.id, title=item.title,
                       feed=feed.title, why=[one.text for one in match.evidence][:6])  # fmt: skip

    def folded(self, hits: int, opened: int) -> None:
        self._log.debug("folded", hits=hits, stories_opened=opened)

    def digest_built(self, digest: Digest, messages: int) -> None:
        self._log.info("digest built", digest=digest.id, stories=digest.stories, parts=messages)

    def delivered(self, channel: str, name: str, state: str, error: str) -> None:
        self._log.info("delivery", channel=channel, message=name, state=str(state), error=error)

    def incident(self, what: str) -> None:
        self._log.warning("incident", what=what)


def _harmless(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {
        key: cut(_one_line(key, value), MAX_VALUE) if isinstance(value, str) else value
        for key, value in event.items()
    }


def _one_line(key: str, value: str) -> str:
    """A traceback keeps its lines; JSON escapes them, and on a terminal they are ours."""
    return value if key == "exception" else clean(value)
