"""The matcher beside what one would use instead: ``make bench-matching``, one table.

Generated items and lists, the same for every engine: 120 words drawn by Zipf's law; a list is
"any of 8 terms and any of 8 terms and none of 4", a third of the terms are of two words. Engines
take turns in one process, rounds of CPU time, medians; decisions are compared. ``--corpus PATH``
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
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median

from peers import PEERS, Asked, Decisions

from monitor.matching import Group, Matcher, Status, Watchlist, compile_watchlists
from monitor.matching.conditions import And, Name, Not
from monitor.matching.terms import Style, Term

WORDS, VOCABULARY = 120, 60_000
FIRST_RANK = 1_500  # the commonest word that a list watches: about 0.1 matches per item and 1,000
#: Lists, items of ours in a round; the peers take fewer items where they are slow.
SIZES = {10: 2_000, 1_000: 2_000, 10_000: 2_000}
GOALS = {
    ("tantivy, 500 items", 1_000): 2.0,
    ("tantivy, 500 items", 10_000): 6.0,
    ("SQLite FTS5, 500 items", 1_000): 5.0,
    ("SQLite FTS5, 500 items", 10_000): 15.0,
    ("one re per list", 1_000): 100.0,
}
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


def ours(matcher: Matcher, items: Sequence[str]) -> Decisions:
    return {
        (at, int(match.watchlist))
        for at, text in enumerate(items)
        for match in matcher.match("", text)
    }


def compare(size: int, world: World, rounds: int) -> float:
    """Print the rows of one number of lists; return items per CPU second of the matcher."""
    asked = world.lists(size)
    lists = watchlists(asked)
    before = resident()
    built: list[Matcher] = []
    build = cpu(lambda: built.append(compile_watchlists(lists)))
    matcher = built[0]
    peers = [(peer, peer(asked)) for peer in PEERS]
    ours(matcher, world.items(3_000))
    grown = resident() - before
    spent: dict[str, list[float]] = {}
    bare: list[float] = []  # with warm caches, as the next
    told_why: list[float] = []
    hits = differ = seen = 0
    for _ in range(rounds):
        items = world.items(SIZES[size])
        found: list[Decisions] = []
        spent.setdefault("ours", []).append(
            cpu(lambda: found.append(ours(matcher, items))) / len(items)
        )
        hits, seen = hits + len(found[0]), seen + len(items)
        bare.append(cpu(lambda: [matcher.fires("", text) for text in items]))
        told_why.append(cpu(lambda: [matcher.match("", text) for text in items]))
        for peer, engine in peers:
            part = items[: peer.sample(size)]
            told: list[Decisions] = []
            spent.setdefault(peer.title, []).append(
                cpu(lambda: told.append(engine.decide(part))) / len(part)
            )
            differ += len(told[0] ^ {pair for pair in found[0] if pair[0] < len(part)})
    rates = {name: 1 / median(times) for name, times in spent.items()}
    for name, rate in rates.items():
        print(row(size, name, rate, rates["ours"]))
    share = median(told_why) / median(bare)
    print(
        f"| {size:,} | *build {build:.2f} CPU s, {grown:.0f} MB with cache; {hits / seen:.2f} matches"
        f" per item; evidence costs {share:.2f}x; {differ} decisions differ* | | | |"
    )
    return rates["ours"]


def row(size: int, name: str, rate: float, own: float) -> str:
    goal = GOALS.get((name, size))
    wanted = "" if goal is None else f">= {goal:g} {'met' if own / rate >= goal else 'MISSED'}"
    digits = 0 if rate >= 100 else 1
    return f"| {size:,} | {name} | {rate:,.{digits}f} | {own / rate:,.2f} | {wanted} |"


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
    parser.add_argument("--first-rank", type=int, default=FIRST_RANK, help="300: busy lists")
    options = parser.parse_args()
    if options.corpus:
        corpus(options.corpus, 3)
    hostile(shipped())
    print("\n| lists | engine | items per CPU s | ours is x faster | goal |")
    print("|---:|---|---:|---:|---|")
    rates = [compare(size, World(options.first_rank), options.rounds) for size in options.lists]
    if len(rates) > 1:
        print(
            f"\ngrowth from {options.lists[0]:,} to {options.lists[-1]:,} lists:"
            f" {rates[0] / rates[-1]:.1f}x dearer"
        )


if __name__ == "__main__":
    main()
