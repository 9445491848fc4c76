"""What takes long of a document is done before its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from monitor.feeds.health import Fresh
from monitor.model import Answer, Entry, Feed, Match, ParsedFeed, PollOutcome, Validators
from monitor.pipeline.foresight import PIECE, foresee
from monitor.pipeline.harvest import Harvest


class CountingMatcher:
    """Fires on nothing, and keeps how many texts it was asked about at a time."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def match_all(self, texts: Sequence[tuple[str, str]]) -> list[tuple[Match, ...]]:
        self.asked.append(len(texts))
        return [()] * len(texts)


def harvest(count: int) -> Harvest:
    entries = tuple(
        Entry(guid=str(n), link=None, title=f"Title {n}", summary="", published_at=None)
        for n in range(count)
    )
    parsed = ParsedFeed(kind="rss20", title="T", entries=entries)
    answer = Answer("https://e.example/feed", 200)
    return Harvest(answer, PollOutcome.OK, "", Fresh(Validators(), Validators(), ""), parsed)


@pytest.mark.parametrize(
    ("count", "is_first", "ahead"),
    [
        pytest.param(3, True, [3], id="the first document of a feed"),
        pytest.param(3, False, [], id="a later one"),
        pytest.param(PIECE + 3, False, [PIECE, 3], id="a long one, in pieces"),
    ],
)
async def test_a_first_or_long_document_is_matched_before_anybody_writes_it(count, is_first, ahead):
    """Whoever asks within the transaction gets what is there, and the loop is not held up."""
    matcher, brought = CountingMatcher(), harvest(count)
    feed = Feed("https://e.example/feed", "Feed", "Outlet")
    seen = await foresee(cast(Any, matcher), feed, brought, is_first=is_first)
    assert matcher.asked == ahead
    texts = [(one.title, one.summary) for one in seen.entries]
    assert seen.match_all(texts) == [()] * count
    assert sum(matcher.asked) == count
