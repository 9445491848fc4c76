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
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from monitor.files import load_watchlists
from monitor.matching import Matcher, compile_watchlists
from monitor.model import Hit, Item, Member, Story
from monitor.stories import WINDOW, place
from monitor.stories.board import Board

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
    """Place items as they come; return item -> story."""
    stories: dict[int, list[Member]] = {}
    home: dict[int, int] = {}
    for each in sorted(members, key=lambda one: one.item.first_seen_at or START):
        now = each.item.first_seen_at or START
        recent = [
            Story(number, tuple(its))
            for number, its in stories.items()
            if now - max(one.item.first_seen_at or START for one in its) <= WINDOW
        ]
        placed = place([each], recent)[0]
        number = len(stories) + 1 if placed.story is None else placed.story
        stories.setdefault(number, []).append(each)
        home[each.item.id] = number
    return home


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


def measure_pairs(path: Path, matcher: Matcher | None) -> None:
    right = total = 0
    for number, row in enumerate(read(path)):
        pair = [member(number * 2 + i, row[side], START, matcher) for i, side in enumerate("ab")]
        same = len({placed.opens for placed in place(pair, ())}) == 1
        right += same == (row["label"] == "OK")
        total += 1
    print(f"pairs: accuracy {right / total:.3f} of {total}")


def measure_scale(stories: int) -> None:
    dice = Random(3)
    words = ["".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(3))
             for _ in range(30_000)]  # fmt: skip
    weights = [1 / (rank + 3) for rank in range(len(words))]

    def item(number: int) -> Member:
        drawn = dice.choices(words, weights, k=60)
        row = {"title": " ".join(drawn[:10]).title(), "text": " ".join(drawn[10:])}
        return member(number, row, START + timedelta(seconds=number), None)

    board = Board()
    for number in range(stories):
        board.add(item(number))
    fresh = [item(stories + i) for i in range(200)]
    begin = time.process_time()
    for each in fresh:
        number = board.add(each)
        for other in board.like(number):
            board.score(number, other)
    print(f"{stories} stories: {(time.process_time() - begin) / len(fresh) * 1e3:.2f} ms an item")


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
    for stories in given.scale:
        measure_scale(stories)


if __name__ == "__main__":
    main()
