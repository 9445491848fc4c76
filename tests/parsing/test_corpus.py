"""Real documents, where they lie beside the project: NEWSMONITOR_CORPUS names the folder."""

from __future__ import annotations

import os
import random
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.feeds.decode import decode
from monitor.feeds.entries import _PREFIXES, _entry, _feedparser, _read_regular, _regular, read
from monitor.feeds.split import split
from monitor.model import ParsedFeed
from tests.pipeline.twins import Twins

CORPUS = Path(os.environ.get("NEWSMONITOR_CORPUS", "corpus"))
#: Snapshots of each newsroom that are replayed, spread over all there are; 0 for all.
SNAPSHOTS = int(os.environ.get("NEWSMONITOR_SNAPSHOTS", "150"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (CORPUS / "feeds.dev.tar.xz").exists(), reason=f"no real material in {CORPUS}"
    ),
]


def documents(archive: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(CORPUS / archive) as tar:
        for member in tar:
            handle = tar.extractfile(member)
            if handle is not None:
                yield member.name, handle.read()


def test_real_documents_are_parsed_the_same_in_part_and_whole():
    """For every document and any set of known entries: the rest of the whole parse, value by value."""
    dice = random.Random(20260310)
    seen: Counter[str] = Counter()
    for name, body in documents("feeds.dev.tar.xz"):
        try:
            whole = read(body, None)
        except ParseError:
            seen["refused"] += 1
            continue
        seen["read"] += 1
        seen["with entries"] += bool(whole.entries)
        seen["cut"] += bool(whole.raw_keys)
        for share in (1.0, dice.random(), dice.random(), 0.0):
            known = {key for key in whole.raw_keys if key and dice.random() < share}
            if len(known) < 2 and share == 0.0 and whole.raw_keys:
                known = {dice.choice(whole.raw_keys)} - {""}
            assert read(body, None, "", known) == rest(whole, known), name
            seen["cuts"] += bool(known)
            seen["entries left out"] += sum(key in known for key in whole.raw_keys)
    print(dict(seen))
    assert seen["cuts"] > 2_000
    assert seen["cut"] > 0.8 * seen["with entries"]


def test_regular_entries_of_real_documents_have_the_values_that_feedparser_gives():
    """Four fifths of them are read by the short way, and none otherwise than by feedparser."""
    seen: Counter[str] = Counter()
    for name, body in documents("feeds.dev.tar.xz"):
        try:
            data = decode(body, None).text.encode()
            cut = split(data, _PREFIXES)
            if cut is None or not cut.spans:
                continue
            raw = _feedparser(data).entries
        except ParseError:
            continue
        found = _read_regular(cut, range(len(cut.keys)))
        seen["entries"] += len(cut.keys)
        for number, one in enumerate(raw):
            if (fields := found.get(number)) is not None:
                seen["regular"] += 1
                assert _regular(fields) == _entry(one), name
    print(dict(seen))
    assert seen["regular"] > 0.75 * seen["entries"]


def rest(whole: ParsedFeed, known: set[str]) -> ParsedFeed:
    """Return what is to come of a document of which the entries ``known`` are known."""
    pairs = zip(whole.raw_keys, whole.entries, strict=False)
    left = tuple(entry for key, entry in pairs if key not in known)
    if not known:
        return whole
    return replace(whole, entries=left, skipped=len(whole.entries) - len(left))


@pytest.mark.parametrize("feed", ["economist", "ft-home", "wsj_econ"])
async def test_months_of_a_newsroom_are_stored_the_same(tmp_path, feed):
    """Snapshot after snapshot, both pollers hold the same items, sightings, versions and polls."""
    snapshots: dict[int, bytes] = defaultdict(bytes)
    for name, body in documents("timeline.dev.tar.xz"):
        folder, _, file = name.removeprefix("./").rpartition("/")
        if folder.endswith(feed) and file.endswith(".xml"):
            snapshots[int(file.removesuffix(".xml"))] = body
    times = sorted(snapshots)
    step = max(1, len(times) // SNAPSHOTS) if SNAPSHOTS else 1
    twins = Twins(tmp_path, datetime.fromtimestamp(times[0], UTC))
    for moment in times[::step]:
        await twins.show_at(snapshots[moment], datetime.fromtimestamp(moment, UTC))
    twins.assert_equal()
    items = twins.quick.store.items.count()
    print(f"{feed}: {len(times[::step])} snapshots, {items} items; entries parsed"
          f" {twins.quick.parser.parsed} of {twins.whole.parser.parsed}")  # fmt: skip
    assert items > 100
    twins.close()
