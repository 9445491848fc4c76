"""The live view of the demo: the day's progress, hits as they come, how the feeds fare."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from monitor.model import Digest, Feed, Item, Level, Match, PollRecord
from monitor.pipeline import Silent
from monitor.text import clean, cut

_STYLES = {Level.CRITICAL: "bold red", Level.HIGH: "red", Level.MEDIUM: "yellow"}
_LINES = 12


class Show(Silent):
    """Draws on a terminal; prints plain lines where there is none."""

    def __init__(self, console: Console, start: datetime, end: datetime, zone: ZoneInfo) -> None:
        self._console = console
        self._zone = zone
        self._start = start
        self._hits: deque[tuple[datetime, str, Level, str, str]] = deque(maxlen=_LINES)
        self._health: dict[str, tuple[str, PollRecord]] = {}
        self.counts: Counter[str] = Counter()
        self._progress = Progress(
            TextColumn("[bold]{task.description}"), BarColumn(None), console=console
        )
        minutes = (end - start).total_seconds() / 60
        self._task = self._progress.add_task(self._clock(start), total=minutes)
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._draw)
        self._now = start

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def at(self, now: datetime) -> None:
        """Move the day's hand."""
        self._now = now
        done = (now - self._start).total_seconds() / 60
        self._progress.update(self._task, completed=done, description=self._clock(now))

    def polled(self, feed: Feed, record: PollRecord) -> None:
        self.counts.update(polls=1, items=record.new, unchanged=record.status == 304)
        before = self._health.get(feed.url)
        self._health[feed.url] = (feed.title, record)
        turned = before is None or before[1].outcome is not record.outcome
        if turned and not record.outcome.well and not self._console.is_terminal:
            self._plain(f"feed {feed.title}: {record.outcome} ({record.reason})")

    def hit(self, feed: Feed, item: Item, match: Match) -> None:
        self.counts.update(hits=1)
        line = (self._now, match.watchlist, match.level, clean(item.title), feed.outlet)
        self._hits.append(line)
        if not self._console.is_terminal:
            self._plain(f"hit  {match.watchlist:<18} {line[3]} ({feed.outlet})")

    def folded(self, hits: int, opened: int) -> None:  # noqa: ARG002 - an event's shape
        self.counts.update(stories=opened)

    def digest_built(self, digest: Digest, messages: int) -> None:  # noqa: ARG002 - as above
        self.counts.update(digests=1)

    def _plain(self, line: str) -> None:
        self._console.print(
            f"{self._clock(self._now)}  {line}", markup=False, highlight=False, soft_wrap=True
        )

    def _clock(self, now: datetime) -> str:
        return f"{now.astimezone(self._zone):%a %d %b %H:%M}"

    def _draw(self) -> RenderableType:
        counts = self.counts
        summary = Text(
            f"{counts['polls']} polls, {counts['unchanged']} answered 304 · {counts['items']} items"
            f" · {counts['hits']} hits · {counts['stories']} stories",
            style="dim",
        )
        return Group(
            self._progress,
            summary,
            Panel(self._hit_table(), title="hits as they come", border_style="dim"),
            Panel(self._health_table(), title="feeds in trouble", border_style="dim"),
        )

    def _hit_table(self) -> Table:
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(width=5)
        table.add_column(width=17)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(width=26, no_wrap=True, overflow="ellipsis")
        for at, watchlist, level, title, outlet in self._hits:
            table.add_row(
                f"{at.astimezone(self._zone):%H:%M}",
                Text(watchlist, style=_STYLES.get(level, "")),
                Text(title),
                Text(outlet, style="dim"),
            )
        return table

    def _health_table(self) -> RenderableType:
        bad = [pair for pair in self._health.values() if not pair[1].outcome.well]
        if not bad:
            return Text("none", style="green")
        table = Table.grid(padding=(0, 1))
        for title, record in sorted(bad, key=lambda pair: pair[0])[:10]:
            table.add_row(
                Text(cut(title, 40)), Text(record.outcome.value, style="yellow"),
                Text(cut(record.reason, 60), style="dim"),
            )  # fmt: skip
        return table
