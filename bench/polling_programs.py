"""The programs that ``bench/polling.py`` compares, each with its own way to keep what it read.

``newsboat``, ``sfeed`` and ``curl`` are the system's; ``reader`` and ``rss2email`` live in a virtual
environment made for this. What is not there is left out of the table.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
SWEEP = str(HERE / "polling_sweep.py")
PINNED = ("reader==3.26", "rss2email", "sgmllib3k")


class Took(NamedTuple):
    """What one run cost: seconds of CPU and wall for the sweep, and of CPU for the whole process."""

    cpu: float
    wall: float
    whole: float
    items: int


def make_venv(folder: Path) -> Path:
    """Return the interpreter of the peers' environment, made when it is not there yet."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PINNED], check=True)
    return python


def timed(command: Sequence[str], folder: Path, **more: str) -> tuple[Took, str]:
    """Run a command; the CPU is that of it and of all processes it waited for."""
    env = os.environ | {"HOME": str(folder)} | more
    begun = time.perf_counter()
    with (folder / "out").open("w+") as out:
        child = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if child.returncode:
        print(f"{command[0]} ended with {child.returncode}: {said[-500:]}", file=sys.stderr)
    cpu = used.ru_utime + used.ru_stime
    return Took(cpu, time.perf_counter() - begun, cpu, 0), said


class Program(ABC):
    """One program with its state in a folder."""

    title: str
    is_long_lived = False  #: its sweep is told without the start of the process

    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        self.folder = folder / self.title.replace(" ", "-").replace(",", "")
        self.urls = urls

    def fresh(self) -> None:
        """Forget everything and subscribe."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.subscribe()

    def keep(self) -> None:
        """Lay the present state aside."""
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.folder, self._kept, symlinks=True)

    def restore(self) -> None:
        """Return to what was laid aside, and let the disk come to rest: no sweep pays for the copy."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._kept, self.folder, symlinks=True)
        os.sync()

    @property
    def _kept(self) -> Path:
        return self.folder.with_name(self.folder.name + ".kept")

    @abstractmethod
    def subscribe(self) -> None: ...

    @abstractmethod
    def sweep(self) -> Took: ...


class Ours(Program):
    title = "newsmonitor"
    is_long_lived = True

    def subscribe(self) -> None:
        lists = json.dumps(str(HERE.parent / "watchlists"))
        (self.folder / "newsmonitor.yaml").write_text(
            f"database: n.db\nfeeds: feeds.yaml\nwatchlists: {lists}\n"
            "fetch: {contact: 'mailto:bench@example.org', allow_private: [127.0.0.0/8]}\n"
        )
        lines = [
            f"  - {{url: '{url}', title: Gazette {number}, language: en, country: GB}}\n"
            for number, url in enumerate(self.urls)
        ]
        (self.folder / "feeds.yaml").write_text("".join(["feeds:\n", *lines]))

    def sweep(self) -> Took:
        config = str(self.folder / "newsmonitor.yaml")
        return _told(timed([sys.executable, SWEEP, "ours", config], self.folder)[1])


class Reader(Program):
    is_long_lived = True

    def __init__(self, folder: Path, urls: Sequence[str], python: Path, workers: int) -> None:
        self.title = f"reader, {workers} at once"
        super().__init__(folder, urls)
        self._python, self._workers = python, workers

    def subscribe(self) -> None:
        (self.folder / "urls").write_text("\n".join(self.urls))

    def sweep(self) -> Took:
        command = [str(self._python), SWEEP, "reader", "r.db", "urls", str(self._workers)]
        return _told(timed(command, self.folder, PYTHONPATH="")[1])


def _told(said: str) -> Took:
    told = json.loads(said.splitlines()[-1])
    return Took(told["cpu"], told["wall"], told["whole"], told["items"])


class Newsboat(Program):
    title = "newsboat"

    def subscribe(self) -> None:
        (self.folder / "urls").write_text("\n".join(self.urls) + "\n")
        (self.folder / "config").write_text("max-items 0\nreload-threads 1\n")

    def sweep(self) -> Took:
        took, _ = timed(
            ["newsboat", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"],
            self.folder,
            TERM="dumb",
        )
        with sqlite3.connect(self.folder / "cache.db") as db:
            items = db.execute("SELECT count(*) FROM rss_item").fetchone()[0]
        return took._replace(items=items)


class Sfeed(Program):
    title = "sfeed"

    def subscribe(self) -> None:
        feeds = "\n".join(f'feed "g{n}" "{url}"' for n, url in enumerate(self.urls))
        text = f'sfeedpath="{self.folder}/feeds"\nmaxjobs=8\nfeeds() {{\n{feeds}\n}}\n'
        (self.folder / "sfeedrc").write_text(text)

    def sweep(self) -> Took:
        took, _ = timed(["sfeed_update", "sfeedrc"], self.folder)
        kept = (self.folder / "feeds").glob("g*")
        return took._replace(items=sum(one.read_bytes().count(b"\n") for one in kept))


class Rss2email(Program):
    """Puts each item into a mail folder on the disk, the cheapest of its ways."""

    title = "rss2email"

    def __init__(self, folder: Path, urls: Sequence[str], python: Path) -> None:
        super().__init__(folder, urls)
        self._command = str(python.parent / "r2e")

    def subscribe(self) -> None:
        head = (
            "[DEFAULT]\nfrom = a@example.org\nto = b@example.org\nemail-protocol = maildir\n"
            f"maildir-path = {self.folder}/mail\nmaildir-mailbox = inbox\nactive = True\n"
        )
        feeds = [f"[feed.g{number}]\nurl = {url}\n" for number, url in enumerate(self.urls)]
        (self.folder / "r2e.cfg").write_text("".join([head, *feeds]))
        for name in ("cur", "new", "tmp"):
            (self.folder / "mail" / "inbox" / name).mkdir(parents=True)

    def sweep(self) -> Took:
        took, _ = timed([self._command, "-c", "r2e.cfg", "-d", "r2e.json", "run"], self.folder)
        return took._replace(items=sum(1 for _ in (self.folder / "mail").rglob("new/*")))


def at_hand(
    folder: Path, urls: Sequence[str], venv: Path | None, wanted: set[str]
) -> list[Program]:
    """Return ours and those peers that are wanted and can be had."""
    found: list[Program] = [Ours(folder, urls)]
    python = make_venv(venv) if venv else None
    if python and "reader" in wanted:
        found += [Reader(folder, urls, python, workers) for workers in (1, 10, 20)]
    if python and "rss2email" in wanted:
        found.append(Rss2email(folder, urls, python))
    if "newsboat" in wanted and shutil.which("newsboat"):
        found.append(Newsboat(folder, urls))
    if "sfeed" in wanted and shutil.which("sfeed_update"):
        found.append(Sfeed(folder, urls))
    return found
