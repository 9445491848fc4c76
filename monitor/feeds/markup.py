"""HTML fragments of entries to plain text. Home of selectolax; runs inside a parse worker."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from monitor.text import clean

#: Markup beyond this many characters is not read: a feed entry is no book.
MAX_MARKUP = 65_536
_LOOKS_MARKED = re.compile(r"<[a-zA-Z/!]|&#?\w{1,32};")
#: Elements that end a word; a space is put before them so that two words do not grow together.
_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|tr|td|th|table|h[1-6]|blockquote|pre|section|article"
    r"|figure|figcaption|header|footer|img|option)\b)",
    re.IGNORECASE,
)
_UNSEEN = ["script", "style", "noscript", "iframe", "object", "template", "svg", "head", "title"]


def plain(markup: str) -> str:
    """Return the text that a reader would see, on one line."""
    if not _LOOKS_MARKED.search(markup):
        return clean(markup)
    tree = LexborHTMLParser(_BLOCK.sub(" <", markup[:MAX_MARKUP]))
    tree.strip_tags(_UNSEEN)
    body = tree.body
    return clean(body.text(deep=True, separator="") if body is not None else "")
