"""Measure the grouping of stories.

python bench/stories.py [--corpus DIR] [--watchlists DIR] [--scale N ...]

DIR holds ``clusters.dev.jsonl`` (items with the event they tell of) and
``same_story_pairs.dev.jsonl`` (pairs judged by people). Prints B-cubed and pairwise figures, in
one batch and item by item, and the accuracy on the pairs. ``--scale`` adds generated items to so
many open stories and prints the CPU time of one.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, combinations
from pathlib import Path
from random import Random
from typing import Any

from monitor.files import load_watchlists
from monitor.matching import Matcher, compile_watchlists
from monitor.model import Hit, Item, Member
from monitor.stories import OpenStories, place
from monitor.stories.lexicon import ACTS, PLACES

START = datetime(2020, 1, 1, tzinfo=UTC)


def member(number: int, row: dict[str, Any], seen: datetime, matcher: Matcher | None) -> Member:
    item = Item(number, row["title"], row["text"], language=row.get("lang", ""), first_seen_at=seen)
    found = matcher.match(item.title, item.text) if matcher else ()
    hits = [
        Hit(number * 100 + i, number, each.watchlist, each.level, each.score, each.evidence, seen)
        for i, each in enumerate(found)
    ]
    return Member(item, tuple(hits))


def read(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, path.read_text("utf-8").splitlines())


def one_by_one(members: Sequence[Member]) -> dict[int, int]:
    """Place items as they come, merges included; return item -> story."""
    return _placed(sorted(members, key=_seen), forget=True)


def _placed(members: Sequence[Member], *, forget: bool) -> dict[int, int]:
    stories = OpenStories()
    home: dict[int, int] = {}
    for number, each in enumerate(members, 1):
        placed = stories.place([each])
        (one,) = placed.placements
        home[each.item.id] = number if one.story is None else one.story
        stories.settle(placed, {one.opens: number}, _seen(each) if forget else START)
        for merge in placed.merges:
            home |= {item: merge.old for item, its in home.items() if its == merge.young}
    return home


def _seen(member: Member) -> datetime:
    return member.item.first_seen_at or START


def measure_orders(members: Sequence[Member], hours: float | None) -> None:
    """Print how alike the stories of six arrival orders are (B-cubed F1 between each two).

    Items come up to ``hours`` late, each by its own die; None shuffles them wholly.
    """
    found = []
    for seed in range(6):
        dice = Random(seed)
        late = {one.item.id: dice.random() * (hours or 0.0) * 3_600 for one in members}
        if hours is None:
            order = dice.sample(list(members), len(members))
        else:
            order = sorted(members, key=lambda one: _seen(one).timestamp() + late[one.item.id])
        found.append(_arriving(order))
    alike = [
        b_cubed(one, {item: str(story) for item, story in other.items()})[2]
        for one, other in combinations(found, 2)
    ]
    what = "in any order" if hours is None else f"up to {hours:g} h late"
    print(f"arrival {what}: least {min(alike):.3f}, mean {sum(alike) / len(alike):.3f}")


def _arriving(order: Sequence[Member]) -> dict[int, int]:
    """Place items in this order, under ids that grow with it; return item -> story."""
    renumbered = [
        replace(one, item=replace(one.item, id=number)) for number, one in enumerate(order)
    ]
    home = _placed(renumbered, forget=False)
    return {one.item.id: home[number] for number, one in enumerate(order)}


def at_once(members: Sequence[Member]) -> dict[int, int]:
    return {placed.member.item.id: placed.opens for placed in place(members, ())}


def b_cubed(found: dict[int, int], truth: dict[int, str]) -> tuple[float, float, float]:
    """Return precision, recall and F1, averaged over items (Bagga and Baldwin 1998)."""
    precision = recall = 0.0
    for one, label in truth.items():
        story = {other for other in truth if found[other] == found[one]}
        event = {other for other, its in truth.items() if its == label}
        precision += len(story & event) / len(story) / len(truth)
        recall += len(story & event) / len(event) / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def pairwise(found: dict[int, int], truth: dict[int, str]) -> tuple[float, float]:
    """Return precision and recall over pairs of items."""
    ids = sorted(truth)
    seen = Counter(
        (found[one] == found[two], truth[one] == truth[two])
        for i, one in enumerate(ids)
        for two in ids[:i]
    )
    both = seen[True, True]
    return both / max(1, both + seen[True, False]), both / max(1, both + seen[False, True])


def report(name: str, found: dict[int, int], truth: dict[int, str], tongue: dict[int, str]) -> None:
    precision, recall, f1 = b_cubed(found, truth)
    sizes = Counter(tongue[one] for one in truth)
    within = sum(
        count * b_cubed(found, {i: event for i, event in truth.items() if tongue[i] == name})[2]
        for name, count in sizes.items()
    ) / len(truth)
    pair_precision, pair_recall = pairwise(found, truth)
    print(
        f"{name:<24} B3 P {precision:.3f} R {recall:.3f} F1 {f1:.3f}  one language F1 {within:.3f}"
        f"  pairs P {pair_precision:.3f} R {pair_recall:.3f}"
        f"  stories {len({found[i] for i in truth})} of {len(set(truth.values()))}"
    )


def measure_clusters(path: Path, matcher: Matcher | None) -> None:
    rows = list(read(path))
    members = [
        member(i, row, datetime.fromisoformat(row["date"]), matcher) for i, row in enumerate(rows)
    ]
    truth = {i: row["cluster"] for i, row in enumerate(rows)}
    tongue = {i: row["lang"] for i, row in enumerate(rows)}
    events = sorted(set(truth.values()))
    Random(7).shuffle(events)
    half = set(events[::2])
    for name, found in (("at once", at_once(members)), ("one by one", one_by_one(members))):
        report(name, found, truth, tongue)
        for label, part in (("half A", half), ("half B", set(events) - half)):
            some = {i: event for i, event in truth.items() if event in part}
            report(f"  {label}", found, some, tongue)
    for hours in (1, 6, None):
        measure_orders(members, hours)


def measure_pairs(path: Path, matcher: Matcher | None) -> None:
    right = total = 0
    for number, row in enumerate(read(path)):
        pair = [member(number * 2 + i, row[side], START, matcher) for i, side in enumerate("ab")]
        same = len({placed.opens for placed in place(pair, ())}) == 1
        right += same == (row["label"] == "OK")
        total += 1
    print(f"pairs: accuracy {right / total:.3f} of {total}")


class Newsroom:
    """Invented news: many events, each told in its own words among the common ones (Zipf)."""

    def __init__(self) -> None:
        self._dice = Random(3)
        self._common = [self._word() for _ in range(30_000)]
        self._often = list(accumulate(1 / (rank + 3) for rank in range(len(self._common))))
        meant = [entry.split()[1].strip("*") for entry in (PLACES + ACTS).splitlines()
                 if ":" in entry and len(entry.split()) > 1]  # fmt: skip
        self._meant = [word for word in meant if word.isascii() and word.isalpha()]
        self._events: list[tuple[list[str], list[str]]] = []
        self._number = 0

    def report(self, event: int) -> Member:
        """Return one more item; ``event`` counts from 0, and a new one must be the next."""
        if event == len(self._events):
            self._events.append(self._event())
        names, acts = self._events[event]
        dice, self._number = self._dice, self._number + 1
        common = dice.choices(self._common, cum_weights=self._often, k=40)
        head = [*dice.sample(names, 3), *acts, *common[:4]]
        lead = [*names, *acts, *common[4:], str(dice.randrange(10_000))]
        dice.shuffle(head)
        dice.shuffle(lead)
        row = {"title": " ".join(head), "text": " ".join(lead)}
        return member(self._number, row, START + timedelta(seconds=self._number), None)

    def _event(self) -> tuple[list[str], list[str]]:
        names = [self._word().title() for _ in range(6)]
        return names, self._dice.sample(self._meant, 3)

    def _word(self) -> str:
        letters = (self._dice.choice("bdfgklmnprst") + self._dice.choice("aeiou") for _ in "abc")
        return "".join(letters) + self._dice.choice("nrst")


def measure_scale(sizes: Sequence[int]) -> None:
    """Print the CPU time of one item at so many live stories, and the memory they take."""
    room, stories, dice = Newsroom(), OpenStories(), Random(5)
    live, empty = 0, resident()
    for size in sorted(sizes):
        while live < size:
            for _ in range(1 + (dice.random() < 0.3)):
                stories.add(live + 1, room.report(live))
            live += 1
        held = resident() - empty
        spent, right = [], 0
        for _ in range(300):
            event = dice.randrange(live) if dice.random() < 0.5 else live
            fresh = room.report(event)
            begin = time.process_time()
            placed = stories.place([fresh])
            opened = {placed.placements[0].opens: live + 1}
            stories.settle(placed, opened, START)
            spent.append(time.process_time() - begin)
            right += (placed.placements[0].story or live + 1) == event + 1
            live += event == live
        spent.sort()
        print(
            f"{size:>7} stories, {len(stories)} items: {spent[150] * 1e3:.2f} ms CPU an item"
            f" (median), {spent[285] * 1e3:.2f} ms (95 %); {right} of 300 placed right;"
            f" {held / 2**20:.0f} MB, {held / len(stories) / 1024:.1f} kB an item",
            flush=True,
        )


def resident() -> int:
    """Return the bytes of memory that this process holds (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--watchlists", type=Path)
    parser.add_argument("--scale", type=int, nargs="*", default=[])
    given = parser.parse_args()
    lists = load_watchlists([given.watchlists]) if given.watchlists else ()
    matcher = compile_watchlists(lists) if lists else None
    if given.corpus:
        measure_clusters(given.corpus / "clusters.dev.jsonl", matcher)
        measure_pairs(given.corpus / "same_story_pairs.dev.jsonl", matcher)
    if given.scale:
        measure_scale(given.scale)


if __name__ == "__main__":
    main()
