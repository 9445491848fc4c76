"""Decides who is told that messages were given up, and in which words. Pure.

A notice goes by another channel than the one that failed. What is itself a notice makes none, so
that two broken channels cannot keep telling of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.model import Delivery, DeliveryState
from monitor.text import clean, cut, digest

_PREFIX = "notice-"
_SHOWN = 10
#: What is likeliest to be read comes first; a folder is better than nothing.
_BEST = ("email", "slack", "apprise", "webhook", "file")
_NEXT = """\
'newsmonitor digest deliveries' lists them, 'newsmonitor digest resend ID' sends one again,
'newsmonitor digest drop ID' lets it go. Until then 'newsmonitor status' says so.
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A short message to people who can mend a channel."""

    id: str  #: its owner in the ledger
    channel: str  #: by which it goes
    subject: str
    text: str


def is_notice(owner: str) -> bool:
    """Whether a delivery's ``digest_id`` is that of a notice."""
    return owner.startswith(_PREFIX)


def notice_for(lost: Sequence[Delivery], channels: Mapping[str, str]) -> Notice | None:
    """Return the notice of ``lost`` (dead, or held as uncertain), None when there is none to give.

    ``channels`` are the configured ones with their types. None too when every channel is among
    those that failed; the next digest and ``status`` tell of it all the same.
    """
    told = [one for one in lost if not is_notice(one.digest_id)]
    failed = {one.message.channel for one in lost}
    teller = _teller({name: kind for name, kind in channels.items() if name not in failed})
    if not told or teller is None:
        return None
    marks = [f"{one.id}:{one.attempts}" for one in told]
    names = ", ".join(dict.fromkeys(one.message.channel for one in told))
    return Notice(
        _PREFIX + digest("notice", *marks, length=16),
        teller,
        f"[Watch] {_count(len(told))} not delivered by {cut(names, 80)}",
        "\n".join([*(_line(one) for one in told[:_SHOWN]), *_rest(len(told)), "", _NEXT]),
    )


def _teller(channels: Mapping[str, str]) -> str | None:
    return min(channels, key=lambda name: (_BEST.index(channels[name]), name), default=None)


def _line(one: Delivery) -> str:
    held = one.state is DeliveryState.UNCERTAIN
    what = "may have arrived, waits for your word" if held else "given up"
    message = one.message
    part = f", part {message.part} of {message.parts}" if message.parts > 1 else ""
    said = cut(clean(one.error), 300)
    return f"- {one.id}: {one.digest_id} to {message.recipient}{part}: {what}: {said}"


def _rest(count: int) -> list[str]:
    return [f"- and {count - _SHOWN} more"] if count > _SHOWN else []


def _count(number: int) -> str:
    return "1 message was" if number == 1 else f"{number} messages were"
