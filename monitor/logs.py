"""The log: one record per event, JSON lines for the journal, readable lines on a terminal.

Home of structlog. Hostile text cannot forge a line: every value passes :func:`monitor.text.clean`,
whatever it is nested in, and is cut to a length that no log drops. Secrets never reach a record.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from monitor.model import Alert, Digest, Feed, Item, Match, PollRecord
from monitor.text import clean, cut

MAX_VALUE = 2_000  #: characters of one field
MAX_TRACE = 20_000  #: characters of a traceback; the journal cuts a line at 48 kB
_MAX_PARTS = 50  #: values of a list or mapping
#: What the journal wants before a line to know how grave it is (sd-daemon(3)).
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}


def set_up(*, verbose: bool = False, stream: Any = None) -> None:
    """Log to ``stream`` (standard error by default); ``verbose`` adds what is routine."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _harmless,
            _renderer(out),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if verbose else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the daemon reports failed ticks


def _renderer(out: Any) -> Any:
    """Choose the form: for a person at a terminal, for the journal, for any other reader."""
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    if _is_journal(out):
        return lambda logger, method, event: (
            f"<{_PRIORITIES.get(method, 6)}>" + str(as_json(logger, method, event))
        )
    if bool(getattr(out, "isatty", bool)()):
        return structlog.dev.ConsoleRenderer(sort_keys=False, colors="NO_COLOR" not in os.environ)
    return as_json


def _is_journal(out: Any) -> bool:
    """Tell whether ``out`` is the stream that systemd named: ``device:inode``."""
    try:
        told = os.fstat(out.fileno())
    except (AttributeError, OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{told.st_dev}:{told.st_ino}"


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

    def alert_built(self, alert: Alert, messages: int) -> None:
        self._log.info("alert built", alert=alert.id, stories=len(alert.stories), parts=messages,
                       why=list(alert.reasons))  # fmt: skip

    def not_alerted(self, rule: str, story: int, reason: str, why: str) -> None:
        self._log.debug("not alerted", rule=rule, story=story, reason=str(reason), why=why)

    def asked(self, kind: str, by: str, told: str) -> None:
        self._log.info("asked", kind=kind, by=by, done=told)

    def delivered(self, channel: str, name: str, state: str, error: str) -> None:
        self._log.info("delivery", channel=channel, message=name, state=str(state), error=error)

    def incident(self, what: str) -> None:
        self._log.warning("incident", what=what)


def _harmless(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {
        cut(clean(str(key)), 100): _trace(value) if key == "exception" else _plain(value)
        for key, value in event.items()
    }


def _plain(value: Any) -> Any:
    """Return a value that is one line and short, whatever it is nested in."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        some = list(value.items())[:_MAX_PARTS]
        return {cut(clean(str(key)), 100): _plain(one) for key, one in some}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in list(value)[:_MAX_PARTS]]
    return cut(clean(str(value)[: 4 * MAX_VALUE]), MAX_VALUE)


def _trace(value: Any) -> str:
    """A traceback keeps its lines, each of them clean; its end tells the most."""
    lines = str(value)[-MAX_TRACE:].splitlines()
    return "\n".join(line[: len(line) - len(line.lstrip())] + clean(line) for line in lines)
