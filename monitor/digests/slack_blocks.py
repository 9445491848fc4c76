"""Block Kit by Slack's rules: what a text may hold, how long it may be, how many fit a message.

Decides how text from a feed becomes harmless mrkdwn: entities escaped, formatting marks and emoji
codes replaced by look-alikes, no mention ever. Limits: Slack's Block Kit reference (50 blocks,
3,000 characters per section, 150 per header) with room to spare, and 10,000 characters per message,
since Slack refuses messages a little above that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from monitor.digests.links import Link
from monitor.digests.phrases import clipped, isolated
from monitor.text import cut

BLOCKS = 45
CHARACTERS = 10_000
SECTION = 2_900
HEADER = 150

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Slack has no way to quote these, so they are replaced by characters that look the same.
_LOOK_ALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_ESCAPED = {ord(char): entity for char, entity in _ENTITIES.items()}
_QUOTED = _ESCAPED | {ord(char): twin for char, twin in _LOOK_ALIKES.items()}
_EMOJI = re.compile(r":(?=[\w+'-]{1,100}:)")
_LABEL = 200  # characters; five times as many when each of them is escaped
_LINK = 1_500
_FRAME = 600  # characters kept for a part's header and footer

Block = dict[str, Any]
Style = Literal["", "hit", "cut", "added"]
_STYLES = {"": ("", ""), "hit": ("*", "*"), "cut": ("~", "~"), "added": ("*", "*")}
_BRACKETS = {"": ("", ""), "hit": ("", ""), "cut": ("[-", "-]"), "added": ("{+", "+}")}


def escape(text: str) -> str:
    """Return clean text so that Slack shows its letters: no link, mention, format or emoji."""
    return _EMOJI.sub("꞉", text).translate(_QUOTED)


def styled(pieces: Iterable[tuple[str, Style]]) -> str:
    """Return pieces with what matched and what was added in bold, what was cut struck through.

    Slack honours a mark between words only; an edit that touches a letter stands between brackets.
    """
    listed, out = list(pieces), []
    for place, (text, style) in enumerate(listed):
        before = listed[place - 1][0][-1:] if place else " "
        after = listed[place + 1][0][:1] if place + 1 < len(listed) else " "
        whole = _parts_words(before) and _parts_words(after) and text == text.strip()
        head, tail = (_STYLES if whole else _BRACKETS)[style]
        out.append(f"{head}{text.translate(_QUOTED)}{tail}")
    return _EMOJI.sub("꞉", "".join(out))


def linked(label: str, target: Link | None) -> str:
    """Return a bold headline, linked where the address is short enough for a section."""
    text = isolated(escape(cut(label, _LABEL)))
    url = target.url.translate(_ESCAPED).replace("|", "%7C") if target else ""
    return f"*<{url}|{text}>*" if 0 < len(url) <= _LINK else f"*{text}*"


def divider() -> Block:
    return {"type": "divider"}


def section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def sections(lines: Iterable[str]) -> Iterator[Block]:
    """Put lines together into as few sections as their limit allows."""
    text = ""
    for line in lines:
        if text and len(text) + 1 + len(line) > SECTION:
            yield section(text)
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield section(text)


def fitting(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines that one section has room for; a line without room is left out."""
    room = SECTION
    for line in lines:
        if len(line) < room:
            yield line
            room -= len(line) + 1


def parts(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Fill parts up to the limits; a part never begins with a divider."""
    part: list[Block] = []
    used = 0
    for block in blocks:
        size = characters(block)
        if part and (len(part) >= BLOCKS - 2 or used + size > CHARACTERS - _FRAME):
            yield part
            part, used = [], 0
        if part or block["type"] != "divider":
            part.append(block)
            used += size
    yield part


def payload(title: str, text: str, blocks: list[Block], footer: str, place: str) -> Block:
    """Frame one part; ``place`` is ``2/3``, ``text`` is what a notification shows."""
    part = f" ({place})" if place and place != "1/1" else ""
    head = {"type": "plain_text", "text": clipped(title, HEADER - 10) + part, "emoji": False}
    foot = escape(cut(f"{footer} · part {place}", HEADER))
    return {
        "text": text + part,
        "blocks": [{"type": "header", "text": head}, *blocks, context(foot)],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def characters(block: Block) -> int:
    """Return the characters of text in a block."""
    texts = [block["text"]] if "text" in block else block.get("elements", [])
    return sum(len(text["text"]) for text in texts)


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _parts_words(char: str) -> bool:
    return not char or char in " .,;:!?()\"'«»“”‘’—–-…"
