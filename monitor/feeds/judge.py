"""What an HTTP answer means for a feed: read it, leave it, or name the trouble. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.model import Answer, PollOutcome
from monitor.text import clean

_PERMANENT = {301, 308}
_CHALLENGE = re.compile(
    rb"challenge-platform|cf-chl|captcha|datadome|just a moment|enable javascript and cookies",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``outcome`` OK means: hand the body to the parser."""

    outcome: PollOutcome
    reason: str
    moved_to: str | None = None  #: where every hop said permanently


def judge(answer: Answer) -> Verdict:
    """Tell what ``answer`` is worth."""
    moved_to = _moved_to(answer)
    if answer.status == 304:
        return Verdict(PollOutcome.NOT_MODIFIED, "nothing new", moved_to)
    if 200 <= answer.status < 300:
        if challenge := _challenge(answer):
            return Verdict(PollOutcome.BLOCKED, challenge)
        return Verdict(PollOutcome.OK, "", moved_to)
    outcome, words = _trouble(answer)
    return Verdict(outcome, f"HTTP {answer.status}{words}")


def _moved_to(answer: Answer) -> str | None:
    if answer.hops and all(status in _PERMANENT for status, _ in answer.hops):
        return answer.hops[-1][1]
    return None


def _trouble(answer: Answer) -> tuple[PollOutcome, str]:
    status = answer.status
    if challenge := _challenge(answer):
        return PollOutcome.BLOCKED, f": {challenge}"
    if status in {401, 403, 451}:
        return PollOutcome.BLOCKED, ": the server refuses us"
    if status in {429, 503}:
        limited = status == 429
        words = "too many requests" if limited else "unavailable"
        outcome = PollOutcome.RATE_LIMITED if limited else PollOutcome.SERVER_ERROR
        asked = clean(answer.header("retry-after") or "")[:40]
        return outcome, f": {words}" + (f", asks to wait {asked}" if asked else "")
    simple = {
        404: (PollOutcome.NOT_FOUND, ": not found"),
        410: (PollOutcome.GONE, ": gone for good, says the server"),
    }
    if status in simple:
        return simple[status]
    if status >= 500:
        return PollOutcome.SERVER_ERROR, ": the server failed"
    return PollOutcome.CLIENT_ERROR, ": the server refuses the request"


def _challenge(answer: Answer) -> str:
    """Name a bot wall; its page looks like an answer and is none."""
    if "challenge" in (answer.header("cf-mitigated") or ""):
        return "a challenge page (Cloudflare) stands before the feed"
    if answer.header("x-datadome"):
        return "a challenge page (DataDome) stands before the feed"
    is_html = "html" in (answer.header("content-type") or "")
    if is_html and answer.status in {403, 429, 503} and _CHALLENGE.search(answer.body[:20_000]):
        return "a challenge page stands before the feed"
    return ""
