"""A small desk on disk for tests: settings, feeds, one watchlist."""

from __future__ import annotations

from pathlib import Path

SETTINGS = """\
database: news.db
feeds: feeds.yaml
watchlists: watchlists/
fetch:
  contact: mailto:desk@example.org
  allow_private: [127.0.0.0/8]
  host_gap: 0s
  per_host: 10
parser: {workers: 1, deadline: 5s}
channels:
  folder: {type: file, path: digests/}
digests:
  daily: {channels: [folder], at: "07:00", timezone: Europe/Berlin}
"""

WATCHLIST = """\
watchlist: drones
title: Drones for Russia
level: high
status: live
groups:
  drone: {forms: en, any: [drone, Shahed-136]}
  russia: {forms: en, any: [Russia, Moscow]}
match: drone and russia
tests:
  - fires: "Drones reach Russia"
  - silent: "Drones reach the moon"
"""


def make_desk(folder: Path, urls: list[str], settings: str = SETTINGS) -> Path:
    """Write the desk into ``folder`` and return the settings file."""
    (folder / "watchlists").mkdir(parents=True, exist_ok=True)
    (folder / "watchlists" / "drones.yaml").write_text(WATCHLIST, encoding="utf-8")
    entries = "".join(
        f"  - url: {url}\n    title: Feed {n}\n    outlet: Outlet {n}\n    language: en\n"
        for n, url in enumerate(urls, 1)
    )
    (folder / "feeds.yaml").write_text("feeds:\n" + entries, encoding="utf-8")
    (folder / "newsmonitor.yaml").write_text(settings, encoding="utf-8")
    return folder / "newsmonitor.yaml"
