"""What runs inside a parse worker: read a document, answer, wait for the next.

Answers travel as JSON, not as pickles: a worker that a document has taken over can then say
nothing that the daemon would execute.
"""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from multiprocessing.connection import Connection
from operator import attrgetter
from pathlib import Path
from typing import Any

from monitor.errors import ParseError
from monitor.feeds.entries import read
from monitor.model import Entry, ParsedFeed, PollOutcome

READY = b"ready"
#: Entries travel as bare rows of values: their names, a hundred times over, say nothing.
_OF_ENTRY = tuple(field.name for field in fields(Entry))
_OF_FEED = tuple(field.name for field in fields(ParsedFeed) if field.name != "entries")
_values = attrgetter(*_OF_ENTRY)
_WHEN = _OF_ENTRY.index("published_at")


def serve(jobs: Connection, memory: int) -> None:
    """Answer jobs until the pipe closes; ``memory`` bytes may be taken beside the program's own.

    The first message, before any job, says that the worker is ready.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    limit = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    jobs.send_bytes(READY)
    while True:
        try:
            head = json.loads(jobs.recv_bytes())
            body = jobs.recv_bytes()
        except (EOFError, OSError):
            return
        known = frozenset(head["known"])
        jobs.send_bytes(answer(body, head["content_type"], head["language"], known))


def _address_space() -> int:
    """Return the bytes of address space in use; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()


def answer(
    body: bytes, content_type: str | None, language: str, known: Collection[str] = ()
) -> bytes:
    """Return the parsed feed, or why there is none, as JSON."""
    try:
        parsed = read(body, content_type, language, known)
    except ParseError as error:
        return _encode({"error": str(error), "kind": error.kind})
    except MemoryError:
        what = "reading the document took more memory than is allowed"
        return _encode({"error": what, "kind": PollOutcome.PARSER_KILLED})
    except RecursionError:
        return _encode({"error": "nested too deeply", "kind": PollOutcome.NOT_A_FEED})
    told = {name: getattr(parsed, name) for name in _OF_FEED}
    return _encode({"parsed": told, "entries": list(map(_values, parsed.entries))})


def decode_answer(raw: bytes, known: Collection[str] = ()) -> ParsedFeed:
    """Turn a worker's answer back into values; raises ParseError with the worker's own words.

    Also raised when the answer does not say of each entry what became of it.
    """
    told = json.loads(raw)
    if "error" in told:
        raise ParseError(told["kind"], told["error"])
    try:
        parsed: dict[str, Any] = {
            name: tuple(one) if isinstance(one, list) else one
            for name, one in told["parsed"].items()
        }
        feed = ParsedFeed(**parsed, entries=tuple(map(_entry, told["entries"])))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        what = "the parser's answer cannot be read"
        raise ParseError(PollOutcome.PARSER_KILLED, what) from error
    left = sum(key not in known for key in feed.raw_keys)
    if feed.skipped and (left, feed.skipped) != (len(feed.entries), len(feed.raw_keys) - left):
        what = "the parser's answer does not account for every entry"
        raise ParseError(PollOutcome.PARSER_KILLED, what)
    return feed


def _entry(values: list[Any]) -> Entry:
    when = values[_WHEN]
    if when is not None:
        values[_WHEN] = datetime.fromisoformat(when)
    return Entry(*values)


def _encode(value: dict[str, Any]) -> bytes:
    return json.dumps(value, default=datetime.isoformat, ensure_ascii=True).encode("ascii")
