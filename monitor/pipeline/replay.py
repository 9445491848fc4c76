"""Replay a list over an archive: what it would have said; against an older list, new, lost, same.

Batches go to a few processes, each with its own matcher; a bounded number is on the way, answers
are joined in the order of the archive, so memory does not grow and every run says the same. The
result holds counts and samples, never all hits.
"""

from __future__ import annotations

import multiprocessing as mp
import os
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from monitor.errors import InputError, Problem
from monitor.matching import Matcher, Watchlist
from monitor.model import Match
from monitor.pipeline.archives import Position, line_batches, read_row
from monitor.pipeline.preselect import is_odd, query_for
from monitor.store.archive import ArchiveRow, batches, candidates, last_id

W = TypeVar("W")

BATCH_LINES = 1_000
AHEAD = 4  # batches on the way for each process
MAX_SAMPLES = 1_000
MAX_DAYS = 4_000
#: Told after each batch: items judged so far, and the share of the archive that was read.
Progress = Callable[[int, float], None]


class Sample(NamedTuple):
    """A hit to look at."""

    item: str
    day: str
    title: str
    why: tuple[str, ...]


@dataclass(slots=True)
class Outcome:
    """Hits of one kind: how many, on which days, and the first few."""

    count: int = 0
    days: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample, limit: int) -> None:
        self.count += 1
        self.days[sample.day] += 1
        if len(self.samples) < limit:
            self.samples.append(sample)

    def join(self, other: Outcome, limit: int) -> None:
        self.count += other.count
        self.days += other.days
        self.samples += other.samples[: max(0, limit - len(self.samples))]


@dataclass(slots=True)
class Replay:
    """What a list says of an archive: ``same`` and ``lost`` speak of the older list."""

    items: int = 0
    skipped: int = 0  #: items that the index ruled out
    new: Outcome = field(default_factory=Outcome)
    same: Outcome = field(default_factory=Outcome)
    lost: Outcome = field(default_factory=Outcome)

    @property
    def hits(self) -> int:
        return self.new.count + self.same.count

    def join(self, other: Replay, limit: int) -> None:
        self.items += other.items
        for mine, theirs in (
            (self.new, other.new),
            (self.same, other.same),
            (self.lost, other.lost),
        ):
            mine.join(theirs, limit)


Rows = Sequence[ArchiveRow]
Answer = Replay | tuple[Problem, ...]
Lines = tuple[str, int, list[bytes]]  #: source, number of the first line, lines


@dataclass(frozen=True, slots=True)
class Plan:
    """The lists to compare and how many samples are wanted of each kind."""

    new: Watchlist
    old: Watchlist | None = None
    samples: int = 5


class _Judge:
    """Both lists in one matcher; one for each process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._new = Matcher([plan.new])
        self._old = Matcher([plan.old]) if plan.old is not None else None

    def rows(self, rows: Rows) -> Replay:
        found = Replay(items=len(rows))
        for row in rows:
            self._judge(found, str(row.id), row.day, row.title, row.text)
        return found

    def lines(self, lines: Lines) -> Replay:
        source, first, raw = lines
        found = Replay()
        for number, line in enumerate(raw, first):
            if line.strip():
                row = read_row(line, source, number)
                found.items += 1
                day = str(row.get("date") or "")[:10]
                title, text = str(row.get("title") or ""), str(row.get("text") or "")
                self._judge(found, str(row.get("id", number)), day, title, text)
        return found

    def _judge(self, found: Replay, item: str, day: str, title: str, text: str) -> None:
        now = self._new.match(title, text)
        before = self._old.match(title, text) if self._old is not None else ()
        if not now and not before:
            return
        outcome = found.same if now and before else found.new if now else found.lost
        outcome.add(Sample(item, day, title, _why((now or before)[0])), self._plan.samples)


def _why(match: Match) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{one.group}: {one.text}" for one in match.evidence))[:6]


_judge: _Judge | None = None


def _start(plan: Plan) -> None:
    global _judge  # noqa: PLW0603 - the process is the object: a pool starts it with its plan
    _judge = _Judge(plan)


def _rows(rows: Rows) -> Replay:
    assert _judge is not None
    return _judge.rows(rows)


def _lines(lines: Lines) -> Answer:
    """Judge lines; a fault goes home as a value, since an exception would lose it on the way."""
    assert _judge is not None
    try:
        return _judge.lines(lines)
    except InputError as error:
        return error.problems


def replay_file(
    plan: Plan, path: Path, *, processes: int = 0, progress: Progress | None = None
) -> Replay:
    """Replay over a JSON-Lines file; ``processes`` 0 means one for each core, 1 means none."""
    at = Position()
    work = ((str(path), first, lines) for first, lines in line_batches(path, BATCH_LINES, at))
    return _run(plan, work, _Judge.lines, _lines, processes, _telling(progress, at))


def replay_store(
    plan: Plan,
    path: Path,
    since: datetime | None = None,
    *,
    processes: int = 0,
    progress: Progress | None = None,
    ask_index: bool = True,
) -> Replay:
    """Replay over the stored items; the index preselects where that loses nothing."""
    query = query_for(plan.new, *([plan.old] if plan.old else [])) if ask_index else None
    at, last = Position(), max(1, last_id(path))
    pages = batches(path, since)
    skip = _Skipping(candidates(path, query)) if query else None
    work = _watched(pages if skip is None else skip.over(pages), at, last)
    found = _run(plan, work, _Judge.rows, _rows, processes, _telling(progress, at))
    if skip is not None:
        found.skipped = skip.skipped
        found.items += skip.skipped
    return found


class _Skipping:
    """Leaves out plain items that the index ruled out."""

    def __init__(self, kept: array[int]) -> None:
        self._kept = kept
        self.skipped = 0

    def over(self, pages: Iterator[list[ArchiveRow]]) -> Iterator[list[ArchiveRow]]:
        kept, at = self._kept, 0
        for page in pages:
            wanted = []
            for row in page:
                while at < len(kept) and kept[at] < row.id:
                    at += 1
                if (at < len(kept) and kept[at] == row.id) or is_odd(row.title, row.text):
                    wanted.append(row)
            self.skipped += len(page) - len(wanted)
            if wanted:
                yield wanted


def _watched(pages: Iterator[list[ArchiveRow]], at: Position, last: int) -> Iterator[Rows]:
    for page in pages:
        at.share = page[-1].id / last
        yield page


def _telling(progress: Progress | None, at: Position) -> Callable[[int], None] | None:
    return None if progress is None else lambda items: progress(items, at.share)


def _run(
    plan: Plan,
    work: Iterator[W],
    alone: Callable[[_Judge, W], Replay],
    pooled: Callable[[W], Answer],
    processes: int,
    progress: Callable[[int], None] | None,
) -> Replay:
    total = Replay()
    wanted = processes or len(os.sched_getaffinity(0))
    answers = _alone(plan, work, alone) if wanted == 1 else _pooled(plan, work, pooled, wanted)
    for answer in answers:
        total.join(answer, plan.samples)
        if progress is not None:
            progress(total.items)
    return total


def _alone(plan: Plan, work: Iterator[W], alone: Callable[[_Judge, W], Replay]) -> Iterator[Replay]:
    judge = _Judge(plan)
    for one in work:
        yield alone(judge, one)


def _well(answer: Answer) -> Replay:
    if isinstance(answer, tuple):
        raise InputError(answer)
    return answer


def _pooled(
    plan: Plan, work: Iterator[W], pooled: Callable[[W], Answer], processes: int
) -> Iterator[Replay]:
    context = mp.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "monitor.pipeline.replay"])
    with ProcessPoolExecutor(processes, context, _start, (plan,)) as pool:
        waiting: deque[Future[Answer]] = deque()
        try:
            for one in work:
                waiting.append(pool.submit(pooled, one))
                if len(waiting) >= AHEAD * processes:
                    yield _well(waiting.popleft().result())
            while waiting:
                yield _well(waiting.popleft().result())
        finally:
            for one_waiting in waiting:
                one_waiting.cancel()
