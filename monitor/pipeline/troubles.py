"""What the service must tell of itself in the next digest: crashes, a full disk, a missed copy."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.store import Store
from monitor.times import from_stamp


def troubles(store: Store, now: datetime) -> tuple[str, ...]:
    """Return what the next digest should say of the service itself."""
    said = []
    if crashes := store.upkeep.unclean_starts(now):
        times = "once" if crashes == 1 else f"{crashes} times"
        said.append(f"the program ended without notice {times} in the last 24 hours and was"
                    " started again")  # fmt: skip
    if full := moment(store, "disk_full_since"):
        said.append(f"the disk is full since {full:%Y-%m-%d %H:%M} UTC; nothing is polled")
    if told := store.upkeep.recall("backup_trouble"):
        said.append(f"no copy of the database was made: {told}")
    last = moment(store, "suspended_at")
    if last is not None and now - last < timedelta(days=1):
        said.append(store.upkeep.recall("suspended") or "")
    return tuple(said)


def moment(store: Store, key: str) -> datetime | None:
    """Return a moment that the daemon remembers, such as ``disk_full_since``."""
    told = store.upkeep.recall(key)
    return from_stamp(told) if told else None
