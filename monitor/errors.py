"""The exception tree: the class tells who must act, attributes tell about what.

Foreign exceptions are chained where their library lives and never pass that door.
"""

from __future__ import annotations

from dataclasses import dataclass


class MonitorError(Exception):
    """Root of all errors that this project raises on purpose."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a file that a user edits, with the place where to mend it."""

    source: str
    line: int
    code: str  #: stable, such as ``C003``; listed in docs/errors.md
    what: str
    hint: str = ""

    def __str__(self) -> str:
        tail = f"; {self.hint}" if self.hint else ""
        return f"{self.source}:{self.line}: {self.code} {self.what}{tail}"


class InputError(MonitorError):
    """The user must mend a file: settings, feeds, a watchlist. Exit code 2."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FeedError(MonitorError):
    """One feed failed; a result to record, never a reason to stop the others."""


class FetchError(FeedError):
    """No HTTP answer came, or none that may be read.

    ``kind`` is a value of :class:`monitor.model.PollOutcome`. ``whole_host`` says that no
    connection could be made, so that another address of the same host would fare no better.
    """

    def __init__(self, kind: str, message: str, *, whole_host: bool = False) -> None:
        self.kind = kind
        self.whole_host = whole_host
        super().__init__(message)


class ParseError(FeedError):
    """The body is no feed, or reading it cost more than is allowed."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class StoreError(MonitorError):
    """The database cannot be used as it is."""


class DiskFull(StoreError):  # noqa: N818 - reads as a sentence: raise DiskFull
    """There is no room to write; what was being written was taken back whole."""


class Damaged(StoreError):  # noqa: N818 - as above
    """The database's file is broken, gone or replaced; only a person can mend that."""


class SchemaTooNew(StoreError):  # noqa: N818 - reads as a sentence: raise SchemaTooNew
    """The database was written by a newer program. Exit code 78."""


class AlreadyRunning(StoreError):  # noqa: N818 - as above
    """Another daemon holds this database. Exit code 75."""


class DeliveryError(MonitorError):
    """A channel refused or was out of reach.

    ``uncertain`` is true when the message may have arrived all the same (RFC 1047).
    ``retry_after_s`` is what the other side asked for, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        uncertain: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        self.permanent = permanent
        self.uncertain = uncertain
        self.retry_after_s = retry_after_s
        super().__init__(message)
