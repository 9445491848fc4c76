"""What one answer is worth: judged, and parsed where there is something new in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Protocol

from monitor.errors import ParseError
from monitor.feeds.freshness import validators_of
from monitor.feeds.health import Fresh
from monitor.feeds.judge import judge
from monitor.model import Answer, Feed, FeedState, Marks, ParsedFeed, PollOutcome, Validators
from monitor.text import clean, cut


class Parser(Protocol):
    """What polling needs from the parsing door."""

    async def parse(
        self,
        body: bytes,
        content_type: str | None,
        language: str = "",
        known: Collection[str] = (),
    ) -> ParsedFeed: ...


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a poll brought in, before it is written."""

    answer: Answer
    outcome: PollOutcome
    reason: str
    fresh: Fresh
    parsed: ParsedFeed | None = None
    known: Mapping[str, Marks] = field(default_factory=dict)  #: entries that need not be parsed


async def read(
    parser: Parser,
    feed: Feed,
    state: FeedState,
    answer: Answer,
    sent: Validators,
    recall: Callable[[], Mapping[str, Marks]] = dict,
) -> Harvest:
    """Return what ``answer`` to a request with ``sent`` brought; a bad document is a result.

    ``recall`` tells what is known of the feed's entries; it is asked only before parsing.
    """
    verdict = judge(answer)
    kept = Fresh(state.validators, sent, state.body_hash)
    if not verdict.outcome.well:
        return Harvest(answer, verdict.outcome, verdict.reason, kept)
    told = validators_of(answer, state.validators)
    fresh = Fresh(told, sent, state.body_hash, verdict.moved_to)
    if verdict.outcome is PollOutcome.NOT_MODIFIED:
        return Harvest(answer, verdict.outcome, verdict.reason, fresh)
    body_hash = blake2b(answer.body, digest_size=16).hexdigest()
    if body_hash == state.body_hash:
        why = "the same document as before"
        return Harvest(answer, PollOutcome.OK, why, replace(fresh, same_body=True))
    known = recall()
    try:
        parsed = await parser.parse(
            answer.body, answer.header("content-type"), feed.language, known.keys()
        )
    except ParseError as error:
        return Harvest(answer, PollOutcome(error.kind), cut(clean(str(error)), 300), kept)
    if parsed.truncated:  # the next poll must get the body again, so nothing new is kept
        reason = "the document broke off; its last entry was left out"
        return Harvest(answer, PollOutcome.TRUNCATED, reason, kept, parsed)
    empty = not (parsed.entries or parsed.skipped)
    fresh = replace(fresh, body_hash=body_hash, empty=empty, parsed=parsed)
    return Harvest(answer, PollOutcome.OK, "; ".join(parsed.warnings), fresh, parsed, known)
