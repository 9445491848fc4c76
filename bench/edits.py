"""Measure edits of real headlines: one item or two, and which edits change the meaning.

python bench/edits.py --corpus DIR [--labels FILE]

DIR holds ``title_edits.dev.jsonl.xz``: one address and its successive wordings a row. Each row goes
the way of an item: identify, decide, place into a story, edits. FILE, if given, is JSON Lines
``{"id": "row/number of the edit", "weighty": true}`` from a person who judged some of them; the
flag is scored against it. Nothing of the corpus is printed but counts.
"""

from __future__ import annotations

import argparse
import json
import lzma
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.feeds.decide import decide
from monitor.feeds.identify import fingerprint, identify
from monitor.model import Edit, Entry, Item, Known, KnownEntry, Member, Novelty, Story, Version
from monitor.stories import place
from monitor.stories.edits import edits

FEED = "https://feed.example/rss"
START = datetime(2026, 1, 1, tzinfo=UTC)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def decisions(row: dict[str, Any], item_id: int) -> Iterator[Novelty]:
    """Yield what is decided of each wording behind the first, as polls would bring them."""
    memory: dict[str, KnownEntry] = {}
    for number, version in enumerate(row["versions"]):
        title, text = version["title"], version.get("text") or ""
        (entry,) = identify([Entry(None, row["url"], title, text)], FEED)
        known = Known(by_key=memory, by_url=memory)
        (decided,) = decide([entry], known, backfill=False)
        if number:
            yield decided.novelty
        state = KnownEntry(item_id, fingerprint(title, text), number, sighted_here=True)
        memory |= {entry.key: state} | ({entry.url: state} if entry.url else {})


def member(row: dict[str, Any], item_id: int, upto: int) -> Member:
    """Return the item as it stands after its wording number ``upto``."""
    said = [(one["title"], one.get("text") or "") for one in row["versions"][: upto + 1]]
    versions = tuple(
        Version(item_id, title, text, START + timedelta(hours=number + 1))
        for number, (title, text) in enumerate(said[:-1])
    )
    return Member(Item(item_id, *said[-1], first_seen_at=START), (), (), versions)


def second_stories(row: dict[str, Any], item_id: int) -> int:
    """Count wordings that would be put elsewhere than where the item is."""
    home = Story(7, (member(row, item_id, 0),))
    later = (member(row, item_id, upto) for upto in range(1, len(row["versions"])))
    return sum(place([one], [home])[0].story != home.id for one in later)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--labels", type=Path)
    given = parser.parse_args()
    decided: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    found: dict[str, Edit] = {}
    elsewhere, spent = 0, 0.0
    for item_id, row in enumerate(rows(given.corpus / "title_edits.dev.jsonl.xz"), 1):
        decided.update(map(str, decisions(row, item_id)))
        elsewhere += second_stories(row, item_id)
        begun = time.process_time()
        its = edits([member(row, item_id, len(row["versions"]) - 1)])
        spent += time.process_time() - begun
        titles = [edit for edit in its if edit.field == "title"]
        found |= {f"{row['id']}/{number}": edit for number, edit in enumerate(titles)}
    for edit in found.values():
        reasons.update(edit.weighty or ("cosmetic",))
    total = sum(decided.values())
    print(f"{total} edits of {item_id} items; decided: {dict(decided)}")
    print(f"put into a second story: {elsewhere}")
    weighty = sum(bool(edit.weighty) for edit in found.values())
    print(f"headline edits: {len(found)}, weighty {weighty} ({weighty / len(found):.0%})")
    print("  " + ", ".join(f"{why} {count}" for why, count in reasons.most_common()))
    print(f"{1000 * spent / total:.2f} ms CPU an edit")
    if given.labels:
        score(given.labels, found)


def score(path: Path, found: dict[str, Edit]) -> None:
    """Print precision and recall of the weighty flag against a person's judgement."""
    seen: Counter[tuple[bool, bool]] = Counter()
    for line in path.read_text("utf-8").splitlines():
        judged = json.loads(line)
        seen[bool(found[judged["id"]].weighty), judged["weighty"]] += 1
    right = seen[True, True]
    flagged, due = right + seen[True, False], right + seen[False, True]
    print(
        f"{sum(seen.values())} judged: precision {right / max(1, flagged):.2f},"
        f" recall {right / max(1, due):.2f}"
        f" ({right} right, {seen[True, False]} needless, {seen[False, True]} missed)"
    )


if __name__ == "__main__":
    main()
