"""The matcher beside what one would use instead: ``make bench-matching``, one table.

Generated items and lists, the same for every engine: 120 words drawn by Zipf's law; a list is
"any of 8 terms and any of 8 terms and none of 4", a third of the terms are of two words. Two kinds
of lists: *selective* ones of rare words, as names are, and *busy* ones of commoner words. Engines
take turns in one process, rounds of CPU time, medians; all decisions are compared. ``--corpus PATH``
also runs the whole command over ``background.dev.jsonl`` or its ``.xz``.
"""

from __future__ import annotations

import argparse
import gc
import lzma
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from peers import BATCH, PEERS, Asked, Decisions

from monitor import memory
from monitor.matching import Group, Matcher, Status, Watchlist, compile_watchlists
from monitor.matching.conditions import And, Name, Not
from monitor.matching.terms import Style, Term
from monitor.model import Match

WORDS, VOCABULARY = 120, 60_000
#: The rank of the commonest word that a list watches: about 0.1 and 1.6 matches per item and 1,000.
KINDS = {"selective": 1_500, "busy": 390}
#: Lists, items of ours in a round; the peers take fewer items where they are slow.
SIZES = {10: 2_000, 1_000: 2_000, 10_000: 2_000}
WARM_UP = 30_000  # items before the first round: a watch runs for months
LARGEST = max(SIZES)
GOALS = {
    ("tantivy, 500 items", 1_000): 2.0,
    ("tantivy, 500 items", 10_000): 6.0,
    ("SQLite FTS5, 500 items", 1_000): 5.0,
    ("SQLite FTS5, 500 items", 10_000): 15.0,
    ("one re per list", 1_000): 100.0,
}
EVIDENCE_GOAL, GROWTH_GOAL, BUILD_GOAL, MEMORY_GOAL = 1.25, 5.0, 3.0, 120.0
HOSTILE = 1_200_000  # characters


class World:
    """Words, items and lists; the same on every run."""

    def __init__(self, first_rank: int) -> None:
        self._dice, self._first_rank = Random(7), first_rank
        letters = [c + v for c in "bcdfglmnprstvz" for v in "aeiou"]
        words = {"".join(self._dice.choices(letters, k=3)) for _ in range(3 * VOCABULARY)}
        self._words = sorted(words)[:VOCABULARY]
        self._dice.shuffle(self._words)
        self._weights = [1 / (rank + 3) ** 1.1 for rank in range(VOCABULARY)]

    def items(self, count: int) -> list[str]:
        drawn = self._dice.choices(self._words, self._weights, k=count * WORDS)
        return [" ".join(drawn[at : at + WORDS]) for at in range(0, len(drawn), WORDS)]

    def lists(self, count: int) -> list[Asked]:
        return [Asked(self._terms(8), self._terms(8), self._terms(4)) for _ in range(count)]

    def _terms(self, count: int) -> list[str]:
        """Draw terms from the rarer words, as names are, in pairs now and then."""
        first, spread = self._first_rank, VOCABULARY / self._first_rank
        ranks = [int(first * spread ** self._dice.random()) for _ in range(count)]
        often = self._words[: first // 5]
        pairs = [" ".join(self._dice.choices(often, k=2)) for _ in range(count // 3)]
        return pairs + [self._words[rank] for rank in ranks[len(pairs) :]]


def watchlists(asked: Sequence[Asked]) -> list[Watchlist]:
    condition = And((Name("a"), Name("b"), Not(Name("c"))))

    def group(name: str, phrases: Sequence[str]) -> Group:
        return Group(name, tuple(Term(phrase, phrase, Style.PLAIN) for phrase in phrases))

    return [
        Watchlist(
            name=str(number),
            groups=(group("a", each.first), group("b", each.second), group("c", each.barred)),
            condition=condition,
            status=Status.LIVE,
        )
        for number, each in enumerate(asked)
    ]


def cpu(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def resident() -> float:
    """Return the resident memory of this process in MB."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


Text = tuple[str, str]  #: title and text


def batches(items: Sequence[str]) -> list[list[Text]]:
    """Cut items into batches as large as those that the peers take."""
    texts = [("", text) for text in items]
    return [texts[begin : begin + BATCH] for begin in range(0, len(texts), BATCH)]


def decided(told: Sequence[Sequence[str]]) -> Decisions:
    return {(at, int(name)) for at, names in enumerate(told) for name in names}


class Contest:
    """The matcher and its peers over one number of lists of one kind."""

    def __init__(self, kind: str, size: int) -> None:
        self.kind, self.size, self.world = kind, size, World(KINDS[kind])
        asked = self.world.lists(size)
        lists = watchlists(asked)
        before = resident()
        built: list[Matcher] = []
        self.build = cpu(lambda: built.append(compile_watchlists(lists)))
        self.matcher = built[0]
        for batch in batches(self.world.items(WARM_UP)):
            self.matcher.match_all(batch)
        self.grown = resident() - before
        memory.settle()  # as the daemon does
        self.peers = [(peer, peer(asked)) for peer in PEERS]
        self.spent: defaultdict[str, list[float]] = defaultdict(list)
        self.hits = self.differ = self.seen = 0

    def round(self) -> None:
        """Let every engine decide the same new items."""
        items = self.world.items(SIZES[self.size])
        cut = batches(items)
        own = self._ours("ours", cut)
        self.hits, self.seen = self.hits + len(own), self.seen + len(items)
        self._ours("bare", cut)  # again, with warm caches as the next, so that evidence is compared
        told: list[tuple[Match, ...]] = []
        work = lambda: [told.extend(self.matcher.match_all(batch)) for batch in cut]  # noqa: E731
        self.spent["ours, with evidence"].append(cpu(work) / len(items))
        self.differ += len(own ^ decided([[match.watchlist for match in each] for each in told]))
        for peer, engine in self.peers:
            part = items[: peer.sample(self.size)]
            told = self._timed(peer.title, partial(engine.decide, part), len(part))
            self.differ += len(told ^ {pair for pair in own if pair[0] < len(part)})

    def _ours(self, name: str, cut: Sequence[Sequence[Text]]) -> Decisions:
        """Time our decisions, as names of lists for each item."""
        told: list[tuple[str, ...]] = []
        spent = cpu(lambda: [told.extend(self.matcher.fires_all(batch)) for batch in cut])
        self.spent[name].append(spent / len(told))
        return decided(told)

    def _timed(self, name: str, work: Callable[[], Decisions], items: int) -> Decisions:
        found: list[Decisions] = []
        self.spent[name].append(cpu(lambda: found.append(work())) / items)
        return found[0]

    def report(self) -> float:
        """Print the rows; return items per CPU second of the matcher."""
        rates = {name: 1 / median(times) for name, times in self.spent.items()}
        bare = rates.pop("bare")
        for name, rate in rates.items():
            print(row(self.kind, self.size, name, rate, rates["ours"]))
        evidence = bare / rates["ours, with evidence"]
        of_build = f" ({told(self.build, BUILD_GOAL)})" if self.size == LARGEST else ""
        of_memory = f" ({told(self.grown, MEMORY_GOAL)})" if self.size == LARGEST else ""
        rate = self.hits / self.seen
        of_evidence = f" ({told(evidence, EVIDENCE_GOAL)})" if 0.05 < rate < 0.2 else ""
        print(
            f"| {self.kind} | {self.size:,} | *build {self.build:.2f} CPU s{of_build}, {self.grown:.0f}"
            f" MB with cache{of_memory}; {rate:.2f} matches per item; evidence costs"
            f" {evidence:.2f}x{of_evidence}; {self.differ} decisions differ* | | | |"
        )
        return rates["ours"]


def told(value: float, most: float) -> str:
    return f"<= {most:g} {'met' if value <= most else 'MISSED'}"


def row(kind: str, size: int, name: str, rate: float, own: float) -> str:
    goal = GOALS.get((name, size))
    wanted = "" if goal is None else f">= {goal:g} {'met' if own / rate >= goal else 'MISSED'}"
    digits = 0 if rate >= 100 else 1
    return f"| {kind} | {size:,} | {name} | {rate:,.{digits}f} | {own / rate:,.2f} | {wanted} |"


def compare(kind: str, sizes: Sequence[int], rounds: int) -> float:
    """Print the table of one kind; return how much dearer an item is with the most lists."""
    rates = []
    for size in sizes:
        contest = Contest(kind, size)
        for _ in range(rounds):
            contest.round()
        rates.append(contest.report())
    return rates[0] / rates[-1]


def hostile(lists: Sequence[Watchlist]) -> None:
    matcher = compile_watchlists(lists)
    text = "gas rise 8% " * (HOSTILE // 12)
    spent = cpu(lambda: matcher.match("TTF gas price rises 8%", text))
    print(f"\n{len(text) / 1e6:.1f} million characters of 'gas rise 8%': {spent:.2f} CPU s")


def corpus(path: Path, rounds: int) -> None:
    """Run ``newsmonitor match`` over real items, as a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        plain = path
        if path.suffix == ".xz":
            plain = Path(folder) / "items.jsonl"
            with lzma.open(path) as packed, plain.open("wb") as target:
                shutil.copyfileobj(packed, target)
        count = sum(1 for _ in plain.open("rb"))
        command = [sys.executable, "-m", "monitor", "match", str(plain), "-w", "watchlists"]
        times = []
        for _ in range(rounds):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    spent = median(times)
    print(
        f"\nnewsmonitor match, {count:,} items, shipped lists: {spent:.1f} CPU s,"
        f" {count / spent:,.0f} items/s with start-up, {peak:.0f} MB at most"
    )


def shipped() -> tuple[Watchlist, ...]:
    from monitor.files import load_watchlists

    return load_watchlists([Path("watchlists")])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="background.dev.jsonl or its .xz")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lists", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    options = parser.parse_args()
    if options.corpus:
        corpus(options.corpus, 3)
    hostile(shipped())
    print("\n| kind | lists | engine | items per CPU s | ours is x faster | goal |")
    print("|---|---:|---|---:|---:|---|")
    grown = {kind: compare(kind, options.lists, options.rounds) for kind in options.kinds}
    for kind, times in grown.items() if len(options.lists) > 1 else ():
        first, last = options.lists[0], options.lists[-1]
        print(
            f"\n{kind}, from {first:,} to {last:,} lists: {times:.1f}x dearer ({told(times, GROWTH_GOAL)})"
        )


if __name__ == "__main__":
    main()
