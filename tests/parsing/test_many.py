"""A document with more entries than are taken: the first are read, the rest is counted, cut or whole."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from monitor.feeds.entries import read
from monitor.feeds.fields import MAX_ENTRIES

BEYOND = 300


def document(closing: str = "") -> bytes:
    entries = "".join(
        f"<item><guid>g{n}</guid><title>News {n}</title>{closing}</item>"
        for n in range(MAX_ENTRIES + BEYOND)
    )
    return f"<rss version='2.0'><channel><title>T</title>{entries}</channel></rss>".encode()


@pytest.mark.parametrize(
    "closing",
    [pytest.param("", id="well-formed"), pytest.param("&nbsp;", id="read by the lenient parser")],
)
def test_the_first_are_read_and_the_rest_is_counted(closing):
    """The document's order decides, however the document is read."""
    found = read(document(closing), None)
    assert (found.entries[0].guid, found.entries[-1].guid) == ("g0", f"g{MAX_ENTRIES - 1}")
    assert (len(found.entries), found.left_out) == (MAX_ENTRIES, BEYOND)


def test_in_part_it_is_the_same_as_whole():
    """Known entries are left out, those beyond the cap stay counted."""
    body, dice = document(), random.Random(17)
    whole = read(body, None)
    assert len(whole.raw_keys) == MAX_ENTRIES
    known = {key for key in whole.raw_keys if dice.random() < 0.9}
    pairs = zip(whole.raw_keys, whole.entries, strict=True)
    left = tuple(entry for key, entry in pairs if key not in known)
    wanted = replace(whole, entries=left, skipped=MAX_ENTRIES - len(left))
    assert read(body, None, "", known) == wanted
