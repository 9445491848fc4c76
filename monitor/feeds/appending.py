"""New feeds into the text of feeds.yaml, at its end and in its own style; nothing else changes.

Comments, order and quotes of what is there stay as they are, byte for byte. The new text is read
back: it must hold the old feeds and the new ones and nothing else, or there is no new text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from monitor.documents import Tree, check, parse
from monitor.errors import InputError, Problem
from monitor.feeds.catalogue import Catalogue, FeedEntry, load_feeds

#: What needs no quotes in YAML 1.1 and 1.2, inside and outside of brackets; the rest gets them.
_PLAIN = re.compile(r"[^\W\d_][\w ./+-]*(?<! )", re.UNICODE)
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9./?=&%~+;_:-]*[A-Za-z0-9./=&%_-]")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_DASH = re.compile(r"( *)-( +|$)")
_EMPTY = re.compile(r"(?m)^feeds:[ \t]*\[[ \t]*\]")


def entries_of(text: str, source: str) -> tuple[FeedEntry, ...]:
    """Return the entries of feeds.yaml as they are written; raises what load_feeds raises."""
    load_feeds(text, source)
    return check(Catalogue, parse(text, source)).feeds


def appended(text: str, source: str, new: Sequence[FeedEntry]) -> str:
    """Return ``text`` with ``new`` at its end.

    Raises InputError: F010 when the style of the file leaves no place, and what load_feeds raises.
    """
    tree = parse(text, source)
    before = check(Catalogue, tree).feeds
    end = "\r\n" if "\r\n" in text else "\n"
    lead, gap = _style(text, tree) if before else ("  ", " ")
    body = text if before else _EMPTY.sub("feeds:", text, count=1)
    body = body.rstrip(" \t\r\n") + end
    after = body + "".join(f"{line}{end}" for one in new for line in _lines(one, lead, gap))
    if entries_of(after, f"{source} with the new feeds") != (*before, *new):
        raise _no_place(source, 1)
    return after


def _style(text: str, tree: Tree) -> tuple[str, str]:
    """Return what stands before and after the dash of the last entry."""
    number = tree.line(("feeds", len(tree.data["feeds"]) - 1))
    found = _DASH.match(text.split("\n")[number - 1])
    if found is None:
        raise _no_place(tree.source, number)
    return found[1], found[2] or " "


def _lines(entry: FeedEntry, lead: str, gap: str) -> Iterator[str]:
    """Yield one entry; keys at their default are left out."""
    before = f"{lead}-{gap}"
    for name, info in FeedEntry.model_fields.items():
        value = getattr(entry, name)
        if info.is_required() or value != info.default:
            yield f"{before}{name}: {_written(value)}"
            before = " " * len(before)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    text = str(value)
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    return text if plain or _PLAIN_URL.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _no_place(source: str, line: int) -> InputError:
    what = "the feeds are not written one below the other, so nothing can be added"
    hint = "write each feed as '- url: ...' on lines of its own"
    return InputError([Problem(source, line, "F010", what, hint)])
