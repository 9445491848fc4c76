"""What drafts are worth before a person touches them: one table.

Derives drafts from the seed article, from our brief of it and from two sample articles, and scores
each draft on labelled items: English rows, without those marked borderline. ``--corpus`` names the
folder of real labelled items (``labels/uav.dev.jsonl``, ``labels/gas.dev.jsonl``, and
``background.dev.jsonl.xz`` for false alarms), ``--seed`` the article; without them only the samples
are scored. Coverage: of the English terms of a shipped list that the seed can support, how many its
draft holds. A term is supportable when all its content words stand in one passage of the seed; an
alias set counts as one term, supportable when one of its spellings stands in the seed; held means
that the draft's groups, without its condition, find the term (for a set: the draft names the set or
finds the spelling of the seed). Passages are those of the facts that the list itself names under
``seed:``; groups that begin with _ say what is not wanted, which no seed can tell, and do not count.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from monitor.files import load_watchlists
from monitor.matching import Matcher, Watchlist
from monitor.matching.conditions import Name, Or
from monitor.pipeline.archives import file_items
from monitor.pipeline.derive import Derived, Known, article_of, derive, known_in
from monitor.seeds import Article
from monitor.seeds.english import STOPWORDS, keys_of

ROOT = Path(__file__).resolve().parents[1]
BRIEF = ROOT / "seeds" / "iran-russia-cooperation.md"
SAMPLES = ROOT / "tests" / "data" / "seeds"
#: Shipped list -> the word that names its topic in the seed's drafts.
PAIRS = {
    "iran-uav-russia": ("uav", "drone"),
    "gas-market": ("gas",),
    "hamadan-airbase": ("hamadan",),
}
GOALS = {"uav": (0.75, 0.80), "gas": (0.70, 0.70)}
_LATIN = re.compile(r"[A-Za-z0-9 .'-]+\Z")


def rows_of(path: Path, topic: str = "") -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("lang") == "en" and not row.get("borderline") and row.get("topic", "") == topic:
            yield row


def score(watchlist: Watchlist, rows: Iterable[dict[str, Any]]) -> tuple[float, float, int]:
    matcher = Matcher([watchlist])
    hits = false = missed = 0
    for row in rows:
        fired = bool(matcher.fires(row["title"], row["text"]))
        hits += fired and row["label"]
        false += fired and not row["label"]
        missed += not fired and row["label"]
    return hits / max(1, hits + false), hits / max(1, hits + missed), hits + false + missed


def pick(drafts: Iterable[Derived], words: tuple[str, ...]) -> Derived | None:
    return next((one for one in drafts if any(word in one.draft.name for word in words)), None)


def scored(article: Path, known: Known, labels: Path, words: tuple[str, ...]) -> str:
    _, drafts = derive(article_of(article), known, article.stem)
    draft = pick(drafts, words)
    if draft is None:
        return "no such draft"
    precision, recall, _ = score(draft.watchlist, rows_of(labels))
    return f"{draft.draft.name:<20} P {precision:.3f}  R {recall:.3f}"


def paragraphs_of() -> dict[str, str]:
    """Return fact -> paragraph of the article, as the brief tells it."""
    text = BRIEF.read_text(encoding="utf-8")
    return dict(re.findall(r"^## (F\d+)\n(?:- .*\n)*?- paragraph: (P\d+)", text, re.MULTILINE))


def coverage(shipped: Watchlist, draft: Watchlist, article: Article) -> tuple[int, int, list[str]]:
    """Return held, supportable, and what is lacking."""
    facts = set(shipped.seed.facts) if shipped.seed else set()
    labels = facts | {paragraph for fact, paragraph in paragraphs_of().items() if fact in facts}
    passages = [set(keys_of(one.text)) for one in article.passages if one.label in labels]
    groups = [group.name for group in draft.groups]
    every = replace(draft, masks=(), condition=Or(tuple(map(Name, groups))))
    finder = Matcher([every])
    sets = {term.alias for group in draft.groups for term in group.terms if term.alias}
    held, wanted, lacking = 0, 0, []
    for name, spelling in supportable(shipped, passages):
        wanted += 1
        if name in sets or finder.fires(spelling, ""):
            held += 1
        else:
            lacking.append(spelling)
    return held, wanted, lacking


def supportable(shipped: Watchlist, passages: list[set[str]]) -> Iterator[tuple[str, str]]:
    """Yield alias set (or "") and spelling of each term that one passage can speak for."""
    told: set[str] = set()
    for group in (one for one in shipped.groups if not one.name.startswith("_")):
        for term in group.terms:
            mark = term.alias or term.variant
            if mark in told or not _LATIN.match(term.variant):
                continue
            keys = [
                k for w in term.variant.split() if w.lower() not in STOPWORDS for k in keys_of(w)
            ]
            if keys and any(passage.issuperset(keys) for passage in passages):
                told.add(mark)
                yield term.alias, term.variant


def samples(known: Known) -> None:
    for file, topics in (
        ("strait-insurance.txt", ["premium-market"]),
        ("danube-wheat-lithium.md", ["wheat-market", "lithium-market"]),
    ):
        _, drafts = derive(article_of(SAMPLES / file), known, file.partition(".")[0])
        print(f"{file}: drafts {', '.join(one.draft.name for one in drafts)}")
        for topic in topics:
            draft = pick(drafts, (topic,))
            if draft is None:
                print(f"  {topic:<20} no draft")
                continue
            precision, recall, rows = score(
                draft.watchlist, rows_of(SAMPLES / "labels.jsonl", topic)
            )
            print(f"  {topic:<20} P {precision:.3f}  R {recall:.3f}  ({rows} decided, own sample)")


def alarms(drafts: Sequence[Derived], background: Path, limit: int) -> None:
    matcher = Matcher([one.watchlist for one in drafts])
    counts: dict[str, int] = {}
    total = 0
    for title, text in islice(file_items(background, limit), limit):
        total += 1
        for name in matcher.fires(title, text):
            counts[name] = counts.get(name, 0) + 1
    told = ", ".join(f"{one.draft.name} {counts.get(one.draft.name, 0)}" for one in drafts)
    print(f"fired on {total:,} background items: {told}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--seed", type=Path, help="the seed article, a text")
    parser.add_argument("--items", type=int, default=20_000, help="of the background")
    given = parser.parse_args()
    known = known_in(ROOT / "watchlists")
    for article in [one for one in (given.seed, BRIEF) if one]:
        found, drafts = derive(article_of(article), known, "seed")
        print(
            f"\n{'brief' if article == BRIEF else 'article'}: {len(found.article.passages)} passages"
        )
        print(f"  drafts:  {', '.join(one.draft.name for one in drafts)}")
        print(f"  further: {', '.join(one.name for one in found.further)}")
        if given.corpus:
            for label, words in (("uav", PAIRS["iran-uav-russia"]), ("gas", PAIRS["gas-market"])):
                told = scored(article, known, given.corpus / "labels" / f"{label}.dev.jsonl", words)
                print(f"  {told}  (goal P {GOALS[label][0]}, R {GOALS[label][1]})")
        total_held = total_wanted = 0
        for shipped in load_watchlists([ROOT / "watchlists"]):
            draft = pick(drafts, PAIRS.get(shipped.name, ()))
            if draft is None:
                continue
            held, wanted, lacking = coverage(shipped, draft.watchlist, article_of(article))
            total_held, total_wanted = total_held + held, total_wanted + wanted
            print(
                f"  {shipped.name}: {held} of {wanted} supportable terms; not: {', '.join(lacking)}"
            )
        print(
            f"  together {total_held} of {total_wanted} = {total_held / max(1, total_wanted):.0%}"
        )
        if given.corpus:
            alarms(drafts, given.corpus / "background.dev.jsonl.xz", given.items)
    print()
    samples(known)


if __name__ == "__main__":
    main()
