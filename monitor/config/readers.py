"""Who is told what and when: digests on a schedule, alerts at once."""

from __future__ import annotations

from datetime import time
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from monitor.config.values import Duration, wall_time, zone
from monitor.documents import Document, Field, field_validator
from monitor.model import Level

LevelWord = Literal["info", "low", "medium", "high", "critical"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class DigestSettings(Document):
    """One reader's digest."""

    channels: tuple[str, ...] = Field(min_length=1, description="names of channels")
    title: str = Field(
        default="Watch", max_length=60, description="what subject and heading call it"
    )
    at: str = Field(default="07:00", description="wall time in the reader's zone, HH:MM")
    timezone: str = Field(default="UTC", description="zone name, such as Europe/Berlin")
    weekdays: tuple[Weekday, ...] = Field(
        default=WEEKDAYS, min_length=1, description="days on which it is sent, such as [mon, thu]"
    )
    watchlists: Literal["all"] | tuple[str, ...] = Field(
        default="all", description="all, or names of watchlists"
    )
    level: LevelWord = Field(default="info", description="the least level that is told")
    language: str = Field(
        default="en", description="the language headlines are shown in where a story has several"
    )
    when_empty: Literal["always", "weekly", "never"] = Field(
        default="always", description="whether a digest without a story is sent"
    )

    _wall_time = field_validator("at")(wall_time)
    _zone = field_validator("timezone")(zone)

    @property
    def wall_time(self) -> time:
        return time.fromisoformat(self.at)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def days(self) -> frozenset[int]:
        """The weekdays, counted from Monday = 0."""
        return frozenset(WEEKDAYS.index(one) for one in self.weekdays)

    @property
    def least_level(self) -> Level:
        return Level[self.level.upper()]


class AlertSettings(Document):
    """Stories sent at once."""

    channels: tuple[str, ...] = Field(min_length=1, description="names of channels")
    level: LevelWord = Field(default="high", description="the least level that alerts")
    watchlists: Literal["all"] | tuple[str, ...] = Field(
        default="all", description="all, or names of watchlists"
    )
    cool_down: Duration = Field(default=14_400.0, description="time before a story alerts again")
    wait: Duration = Field(default=60.0, description="time in which stories are gathered")
    quiet_hours: str = Field(
        default="", description="wall times without alerts, such as 22:00-07:00; told afterwards"
    )
    timezone: str = Field(default="UTC", description="zone of the quiet hours and times shown")
    language: str = Field(default="en", description="the language headlines are shown in")

    _zone = field_validator("timezone")(zone)

    @field_validator("quiet_hours")
    @classmethod
    def _two_times(cls, value: Any) -> Any:
        if value:
            start, dash, end = str(value).partition("-")
            if not dash or wall_time(start) == wall_time(end):
                raise ValueError(f"'{value}' is no span; write it as 22:00-07:00")
        return value

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Start and end of the quiet hours, or None."""
        start, dash, end = self.quiet_hours.partition("-")
        return (time.fromisoformat(start), time.fromisoformat(end)) if dash else None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def least_level(self) -> Level:
        return Level[self.level.upper()]
