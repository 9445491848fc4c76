"""What it costs to poll a thousand feeds, beside other programs on the same feeds.

Three phases: all is new; nothing is (304); one feed in twenty has two new items. Each program keeps
all items; the counts are checked. CPU is user and system time of the program and its children, of
the sweep alone for those that run on (ours, reader), and of the whole process for those that are
started for each sweep. The server is a process of its own. Ours matches the three shipped
watchlists, stores the hits and folds them into stories meanwhile.

``python bench/polling.py --peers-venv /tmp/peers`` takes half an hour; ``--memory 10000`` tells what
the daemon holds after one sweep of so many small feeds.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from polling_programs import HERE, SWEEP, Ours, Program, Took, at_hand
from polling_server import url

PEERS = "reader,newsboat,sfeed,rss2email"
#: How many times less than a peer: the goals by phase and the first word of its name.
GOALS = {
    ("cold", "reader"): 2.0,
    ("warm", "reader"): 4.0,
    ("5 % changed", "reader"): 5.0,
    ("warm", "newsboat"): 20.0,
    ("warm", "sfeed"): 20.0,
    ("warm", "rss2email"): 2.5,
}
STAGE = {"cold": 0, "warm": 0, "5 % changed": 1}
#: A cold sweep is long and its spread is small: so many rounds of it for ours, one for the others.
COLD_RUNS = 3


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    items: int
    mean_bytes: int

    def ask(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return bytes(answer.read())


@contextlib.contextmanager
def serving(feeds: int, least: int, most: int, words: int) -> Iterator[Server]:
    """Serve feeds of ``least`` to ``most`` items from a process of its own."""
    command = [
        sys.executable,
        str(HERE / "polling_server.py"),
        *map(str, (feeds, least, most, words)),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Server(told["port"], told["items"], told["bytes"])
        finally:
            process.terminate()


def measure(
    programs: Sequence[Program], server: Server, runs: int
) -> dict[tuple[str, str], list[Took]]:
    """Return each round by phase and program; the programs take turns, and who begins changes."""
    took: dict[tuple[str, str], list[Took]] = {}
    for number in range(runs):
        for phase, stage in STAGE.items():
            for program in programs if number % 2 else reversed(programs):
                if phase == "cold" and number >= (COLD_RUNS if program is programs[0] else 1):
                    continue
                if phase == "cold":
                    program.fresh()
                else:
                    program.restore()
                server.ask(f"/stage/{stage}")
                one = program.sweep()
                print(
                    f"  {phase}, {program.title}: {one}, {server.ask('/told').decode()}",
                    file=sys.stderr,
                )
                took.setdefault((phase, program.title), []).append(one)
                if phase == "cold" and number == 0:
                    program.keep()
    return took


def middle(rounds: Sequence[Took]) -> Took:
    """Return the median of each figure."""
    return Took(*(median(row) for row in zip(*rounds, strict=True)))


def print_table(
    took: dict[tuple[str, str], list[Took]], titles: Sequence[str], server: Server
) -> None:
    """Print a row for each phase and program, with its ratio to ours: medians, and the spread."""
    print("| phase | program | CPU s | least to most | whole process | wall s | items"
          " | ours is less by | goal |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for phase, stage in STAGE.items():
        for title in titles:
            rounds = took[phase, title]
            one = middle(rounds)
            spread = f"{min(r.cpu for r in rounds):.2f} to {max(r.cpu for r in rounds):.2f}"
            ratio = one.cpu / middle(took[phase, titles[0]]).cpu
            goal = GOALS.get((phase, title.split(",")[0].split()[0]))
            wanted = f"≥ {goal:g}" if goal else ""
            print(f"| {phase} | {title} | {one.cpu:.2f} | {spread} | {one.whole:.2f} | {one.wall:.1f} |"
                  f" {one.items:,.0f} | {ratio:.1f} | {wanted} |")  # fmt: skip
            told = one.items - server.items
            if stage == 0 and told:
                print(f"{title} keeps {told:+.0f} items other than served", file=sys.stderr)


def memory(feeds: int) -> None:
    """Print what one cold sweep of small feeds leaves in memory."""
    with serving(feeds, 8, 12, 30) as server, tempfile.TemporaryDirectory() as folder:
        ours = Ours(Path(folder), [url(number, server.port) for number in range(feeds)])
        ours.fresh()
        config = str(ours.folder / "newsmonitor.yaml")
        done = subprocess.run(
            [sys.executable, SWEEP, "ours", config], capture_output=True, text=True, check=True
        )
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        print(f"{feeds} feeds, {told['items']} items, {told['cpu']:.0f} s CPU, {told['failed']} failed:"
              f" {told['rss']:.0f} MB, {told['workers_rss']:.0f} MB in the parse workers and their"
              " server, shared pages counted in each")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", default=PEERS)
    parser.add_argument("--peers-venv", type=Path)
    parser.add_argument("--memory", type=int, metavar="FEEDS")
    given = parser.parse_args()
    if given.memory:
        memory(given.memory)
        return
    with serving(given.feeds, 20, 50, 113) as server, tempfile.TemporaryDirectory() as folder:
        print(f"{given.feeds} feeds, {server.items} items, {server.mean_bytes} bytes a feed")
        urls = [url(number, server.port) for number in range(given.feeds)]
        programs = at_hand(Path(folder), urls, given.peers_venv, set(given.peers.split(",")))
        took = measure(programs, server, given.runs)
        print_table(took, [one.title for one in programs], server)


if __name__ == "__main__":
    main()
