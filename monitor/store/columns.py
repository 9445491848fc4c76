"""How values look in columns: times as text, evidence as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from monitor.model import Evidence, Kind, Move
from monitor.times import from_stamp, stamp

_EVIDENCE = tuple(field.name for field in fields(Evidence))
_values = attrgetter(*_EVIDENCE)


def maybe_time(text: str | None) -> datetime | None:
    return from_stamp(text) if text else None


def maybe_stamp(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None


def pack_evidence(evidence: tuple[Evidence, ...]) -> str:
    # Not by asdict alone: it copies deeply, and thousands of hits may come at once.
    rows = [dict(zip(_EVIDENCE, _values(one), strict=True)) for one in evidence]
    return json.dumps(rows, ensure_ascii=False, default=asdict)


def unpack_evidence(text: str) -> tuple[Evidence, ...]:
    return tuple(_evidence(raw) for raw in json.loads(text))


def _evidence(raw: dict[str, Any]) -> Evidence:
    move = raw.pop("move")
    kind = Kind(raw.pop("kind"))
    return Evidence(**raw, kind=kind, move=Move(**move) if move else None)
