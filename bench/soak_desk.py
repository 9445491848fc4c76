"""The desk of the soak on disk: settings, feeds and watchlists, good ones and broken ones.

Where it may mount one, the database lives on a small disk of its own that can be filled.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from soak_feeds import Publishers
from soak_inboxes import Inboxes
from soak_world import TOPICS

DISK_MB = 160
FLOOR_S = 4.0

_SETTINGS = """\
database: {database}
feeds: feeds.yaml
watchlists: watchlists/
fetch:
  contact: mailto:desk@example.org
  allow_private: [127.0.0.0/8]
  host_gap: 0s
  per_host: 10
  timeout: 4s
polling: {{floor: {floor}s, usual: {floor}s, fast: {floor}s, slow: {slow}s}}
parser: {{workers: 2, deadline: 8s, memory_mb: 160}}
channels:
  desk: {{type: email, host: 127.0.0.1, port: {mail}, starttls: none, from: Watch <watch@example.org>, to: [a@example.org, b@example.org]}}
  room: {{type: slack, webhook_file: hook}}
  wire: {{type: webhook, url_file: wire}}
alerts:
  urgent: {{channels: [room, desk], level: high, cool_down: 5s, wait: 1s}}
backup: {{folder: backups/, every: 6h, keep: 2}}
digests:
{digests}"""

_WATCHLIST = """\
watchlist: on-{topic}
title: News of the {topic}
level: high
status: live
groups:
  thing: {{any: [{topic}]}}
match: thing
tests:
  - fires: "The {topic} was sold"
  - silent: "The cinema was sold"
"""

#: What an editor's slip may look like: file and the text that is added to it.
SLIPS = (
    ("newsmonitor.yaml", "colour: red\n"),
    ("feeds.yaml", "  - uri: nonsense\n"),
    ("watchlists/on-ferry.yaml", "match: (thing and\n"),
)


@dataclass
class Desk:
    """Files that the daemon reads; ``folder`` holds them, ``disk`` the database."""

    folder: Path
    publishers: Publishers
    inboxes: Inboxes
    zone: str
    began: datetime
    profiles: dict[str, str] = field(default_factory=dict)  #: name → wall time
    disk: Path = Path()
    mounted: bool = False
    slip: str = ""

    @property
    def settings(self) -> Path:
        return self.folder / "newsmonitor.yaml"

    @property
    def database(self) -> Path:
        return self.disk / "news.db"

    def lay_out(self, *, far: bool) -> None:
        """Write everything; ``far`` plans digests for hours to come, for a clock that is moved."""
        self._mount()
        (self.folder / "watchlists").mkdir(parents=True)
        for name, secret in (("hook", self.inboxes.hook), ("wire", self.inboxes.wire)):
            (self.folder / name).write_text(secret, encoding="utf-8")
            (self.folder / name).chmod(0o600)
        local = self.began.astimezone(UTC) + timedelta(hours=zone_hours(self.zone))
        minutes = [1, 2, 3, 4, *(range(30, 360, 45) if far else ())]
        for minute in minutes:
            self.profiles[f"after-{minute}"] = f"{local + timedelta(minutes=minute):%H:%M}"
        self.write()

    def write(self) -> None:
        """Write good files."""
        self.slip = ""
        digests = "".join(
            f"  {name}: {{channels: [{'desk, wire' if name == 'closing' or n % 3 else 'room'}],"
            f' at: "{at}", timezone: {self.zone}}}\n'
            for n, (name, at) in enumerate(self.profiles.items(), 1)
        )
        text = _SETTINGS.format(
            database=self.database,
            floor=FLOOR_S,
            slow=FLOOR_S * 2,
            mail=self.inboxes.mail_port,
            digests=digests,
        )
        self.settings.write_text(text, encoding="utf-8")
        port = self.publishers.port
        feeds = "".join(
            f"  - {{url: 'http://{one.host}:{port}{one.path}', title: Feed {one.path},"
            f" outlet: Outlet {one.path.strip('/')}, language: en}}\n"
            for one in self.publishers.world.sources
        )
        (self.folder / "feeds.yaml").write_text("feeds:\n" + feeds, encoding="utf-8")
        for topic in TOPICS:
            path = self.folder / "watchlists" / f"on-{topic}.yaml"
            path.write_text(_WATCHLIST.format(topic=topic), encoding="utf-8")

    def spoil(self, number: int) -> str:
        """Break one file; return which."""
        self.slip, text = SLIPS[number % len(SLIPS)]
        with (self.folder / self.slip).open("a", encoding="utf-8") as file:
            file.write(text)
        return self.slip

    def fill_disk(self) -> bool:
        """Write until there is no room; False where the disk is not ours to fill."""
        if not self.mounted:
            return False
        with contextlib.suppress(OSError), (self.disk / "filler").open("wb") as file:
            while True:
                file.write(b"\0" * 65_536)
                file.flush()
        return True

    def free_disk(self) -> None:
        (self.disk / "filler").unlink(missing_ok=True)

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.disk)], check=False)

    def _mount(self) -> None:
        self.disk = self.folder / "disk"
        self.disk.mkdir(parents=True)
        mount = shutil.which("mount")
        if mount is not None:
            size = ["-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(self.disk)]
            done = subprocess.run([mount, *size], capture_output=True, check=False)
            self.mounted = done.returncode == 0


def zone_at_noon(now: datetime) -> str:
    """Return a zone in which it is about noon, so that a run meets no midnight by chance."""
    ahead = 12 - now.astimezone(UTC).hour
    # The names have their sign the other way round: Etc/GMT-3 is three hours ahead of UTC.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def zone_hours(zone: str) -> int:
    """Return how many hours ``zone`` is ahead of UTC."""
    return -int(zone.removeprefix("Etc/GMT") or 0)
