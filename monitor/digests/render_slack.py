"""The digest as Slack payloads: Block Kit, in numbered parts that Slack accepts.

Decides how feed text becomes harmless mrkdwn: entities escaped, formatting marks and emoji codes
replaced by look-alikes, no mention ever. Never sends. Limits: Slack's Block Kit reference (50
blocks, 3,000 characters per section, 150 per header) with room to spare, and 10,000 characters
per message, since Slack refuses messages a little above that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from monitor.digests.links import Link
from monitor.digests.page import Block, Entry, Page, Shape, fit, grouped, lay_out
from monitor.digests.phrases import isolated
from monitor.digests.why import Piece, Term
from monitor.model import Digest, Level
from monitor.text import cut

BLOCKS = 45
CHARACTERS = 10_000
SECTION = 2_900
HEADER = 150
PARTS = 8  # more messages than this bury a channel
# The first that fits is sent, the last in any case.
_SHAPES = (
    Shape(10, 30),
    Shape(5, 15),
    Shape(2, 8, sections=60),
    Shape(0, 5, sections=60),
    Shape(0, 2, sections=30),
)

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Slack has no way to quote these, so they are replaced by characters that look the same.
_LOOK_ALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_ESCAPED = {ord(char): entity for char, entity in _ENTITIES.items()}
_QUOTED = _ESCAPED | {ord(char): twin for char, twin in _LOOK_ALIKES.items()}
_EMOJI = re.compile(r":(?=[\w+'-]{1,100}:)")
_MARKS = {
    Level.CRITICAL: ":red_circle: *CRITICAL* ",
    Level.HIGH: ":large_orange_circle: *HIGH* ",
}
_LABEL = 200  # characters; five times as many when each of them is escaped
_LINK = 1_500
_LINE = 550  # characters of a line of names that fits a section however it is escaped
_FRAME = 600  # characters kept for a part's header and footer


def render_slack(digest: Digest, *, version: str, contact: str = "") -> tuple[dict[str, Any], ...]:
    """Return the payloads in the order in which they must be posted: eight parts at most."""
    whole = lay_out(digest, version=version, contact=contact)
    for shape in _SHAPES:
        page = fit(whole, shape)
        parts = list(_parts(_blocks(page)))
        if len(parts) <= PARTS:
            break
    title = f"Watch digest · {page.day} · {page.heading}"
    return tuple(
        _payload(page, title, blocks, number, len(parts)) for number, blocks in enumerate(parts, 1)
    )


def escape(text: str) -> str:
    """Return clean text so that Slack shows its letters: no link, mention, format or emoji."""
    return _EMOJI.sub("꞉", text).translate(_QUOTED)


def _payload(
    page: Page, title: str, blocks: list[dict[str, Any]], number: int, total: int
) -> dict[str, Any]:
    part = f" ({number}/{total})" if total > 1 else ""
    footer = f"{page.footer[-1]} · part {number}/{total}"
    head = {"type": "plain_text", "text": cut(title, HEADER - 10) + part, "emoji": False}
    return {
        "text": escape(title) + part,
        "blocks": [
            {"type": "header", "text": head},
            *blocks,
            _context(escape(cut(footer, HEADER))),
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _parts(blocks: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Fill parts up to the limits; a part never begins with a divider."""
    part: list[dict[str, Any]] = []
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


def characters(block: dict[str, Any]) -> int:
    """Return the characters of text in a block."""
    texts = [block["text"]] if "text" in block else block.get("elements", [])
    return sum(len(text["text"]) for text in texts)


def _blocks(page: Page) -> Iterator[dict[str, Any]]:
    health = f"{':large_green_circle:' if page.well else ':warning:'} {escape(page.health)}"
    yield _context("\n".join(filter(None, (escape(page.summary), escape(page.window), health))))
    for line in filter(None, (page.warning, page.empty)):
        yield _section(f":information_source: {escape(line)}")
    if page.top:
        yield {"type": "divider"}
        yield _section("*Top stories*")
        yield from (_section(_entry(entry, in_top=True)) for entry in page.top)
    for block in page.blocks:
        yield from _watchlist(block)
    yield {"type": "divider"}
    if page.beyond:
        yield _section(escape(page.beyond))
    if page.quiet:
        yield from _sections([escape(cut(page.quiet, _LINE))])
    yield from _health(page)
    yield _context(escape(page.footer[0]))


def _watchlist(block: Block) -> Iterator[dict[str, Any]]:
    yield {"type": "divider"}
    heading = f"*{escape(block.title)}*" + (f" · {block.count}" if block.count else "")
    yield _section("\n".join(filter(None, (heading, block.elsewhere))))
    yield from (_section(_entry(entry, in_top=False)) for entry in block.entries)
    lines = [_headline(entry) for entry in block.titles]
    yield from _sections([*lines, *filter(None, [escape(block.rest)])])


def _health(page: Page) -> Iterator[dict[str, Any]]:
    lines = [f"• {escape(cut(line, _LINE))}" for line in (*page.troubles, *page.remarks)]
    if lines:
        yield from _sections(["*Watch health*", *lines])


def _sections(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Put lines together into as few sections as their limit allows."""
    text = ""
    for line in lines:
        if text and len(text) + 1 + len(line) > SECTION:
            yield _section(text)
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield _section(text)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _headline(entry: Entry) -> str:
    mark = _MARKS.get(entry.level, "")
    update = "_update_ " if entry.update else ""
    headline = _linked(entry.headline, entry.link)
    return f"{entry.number}. {mark}{update}{headline} ({escape(entry.host)})"


def _linked(label: str, target: Link | None) -> str:
    text = isolated(escape(cut(label, _LABEL)))
    url = target.url.translate(_ESCAPED).replace("|", "%7C") if target else ""
    return f"*<{url}|{text}>*" if 0 < len(url) <= _LINK else f"*{text}*"


def _entry(entry: Entry, *, in_top: bool) -> str:
    """Return a story: headline, excerpt, why, where; a line that has no room is left out."""
    excerpt = bold(entry.why.excerpt)
    seen = (entry.outlets, entry.first_seen, entry.languages, entry.update)
    was = f"headline was: {isolated(escape(entry.was))}" if entry.was else ""
    lines = (
        _headline(entry),
        _why(entry, in_top),
        f"> {isolated(excerpt)}" if excerpt else "",
        was,
        " · ".join(escape(text) for text in seen if text),
    )
    return "\n".join(_fitting(filter(None, lines)))


def _fitting(lines: Iterable[str]) -> Iterator[str]:
    room = SECTION
    for line in lines:
        if len(line) < room:
            yield line
            room -= len(line) + 1


def _why(entry: Entry, in_top: bool) -> str:
    groups = (
        f"{escape(group)} {', '.join(map(_term, found))}"
        for group, found in grouped(entry.why.terms)
    )
    moves = (f"*{escape(move)}*" for move in entry.why.moves)
    home = [escape(entry.watchlist)] if in_top else []
    also = [f"also in {escape(', '.join(entry.also))}"] if entry.also else []
    reasons = " · ".join((*home, *moves, *groups, *also))
    return f"_why_ {reasons}" if reasons else ""


def _term(term: Term) -> str:
    text = isolated(f"“{escape(term.text)}”")
    return f"{text} (close to “{isolated(escape(term.meant))}”)" if term.meant else text


def bold(pieces: tuple[Piece, ...]) -> str:
    """Return pieces with the hits bold where Slack would honour it: between words only."""
    out = []
    for place, piece in enumerate(pieces):
        before = pieces[place - 1].text[-1:] if place else " "
        after = pieces[place + 1].text[:1] if place + 1 < len(pieces) else " "
        whole = _parts_words(before) and _parts_words(after) and piece.text == piece.text.strip()
        text = piece.text.translate(_QUOTED)
        out.append(f"*{text}*" if piece.hit and whole else text)
    return _EMOJI.sub("꞉", "".join(out))


def _parts_words(char: str) -> bool:
    return not char or char in " .,;:!?()\"'«»“”‘’—–-…"
