"""What several parts of the settings share: durations, wall times, zones. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from monitor.documents import BeforeValidator, Field
from monitor.times import parse_duration


def seconds(value: Any) -> Any:
    """Read ``90``, ``30m`` or ``4h``."""
    if isinstance(value, str):
        return parse_duration(value)
    return value


def wall_time(value: str) -> str:
    """Accept ``HH:MM``; raises ValueError."""
    try:
        datetime.strptime(value, "%H:%M")  # noqa: DTZ007 - a wall time has no zone
    except ValueError:
        raise ValueError(f"'{value}' is not a wall time; write it as \"07:00\"") from None
    return value


def zone(value: str) -> str:
    """Accept a name of the zone database; raises ValueError."""
    if value not in available_timezones():
        raise ValueError(f"'{value}' is no zone name; write one such as Europe/Berlin or UTC")
    return value


Duration = Annotated[float, BeforeValidator(seconds), Field(ge=0)]
