"""A text, Markdown or HTML file as an article: a title and numbered passages. Opens no file.

A brief in our own format (headings ``F1``, ``F2`` with ``- statement:`` lines) gives one passage
for each fact under the fact's own number; its other keys are notes of the person who wrote the
brief, and a derivation that read them would be told what it has to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from monitor.text import clean

MAX_PASSAGES = 400
MAX_CHARACTERS = 400_000
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCE = re.compile(r"^```.*?^```[^\n]*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?!\w)")
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*\Z")
_BULLET = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+")
_PAIR = re.compile(r"[-*]\s+([a-z_]{2,20}):\s*(.*)")
_FACT = re.compile(r"[A-Z]{1,2}\d{1,4}\Z")
#: Lines longer than this on average are paragraphs of their own, not one that was wrapped.
_LONG_LINE = 140
_BLOCKS = frozenset("p li h1 h2 h3 h4 h5 h6 blockquote td figcaption dd dt pre".split())
_UNSEEN = frozenset(
    "script style noscript nav footer aside form svg template head iframe button".split()
)


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph or fact; ``label`` is ``P3`` or the brief's own ``F3``."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """What a watchlist is derived from."""

    title: str
    passages: tuple[Passage, ...]


def read_article(text: str, kind: str = "text") -> Article:
    """Read an article; ``kind`` is ``text``, ``markdown`` or ``html``. Reads 400,000 characters."""
    text = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    if kind == "html":
        return _from_html(text)
    if kind == "markdown":
        return _from_markdown(text)
    return Article("", _numbered(_paragraphs(text)))


def _numbered(paragraphs: Iterator[str] | list[str]) -> tuple[Passage, ...]:
    kept = [tidy for one in paragraphs if (tidy := clean(one))][:MAX_PASSAGES]
    return tuple(Passage(f"P{number}", one) for number, one in enumerate(kept, 1))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield blocks between blank lines; a block of long lines holds a paragraph on each."""
    for block in re.split(r"\n[ \t]*\n", text):
        lines = [line for line in block.split("\n") if line.strip()]
        if lines and sum(map(len, lines)) / len(lines) > _LONG_LINE:
            yield from lines
        else:
            yield block


def _from_markdown(text: str) -> Article:
    text = _FENCE.sub("", _FRONT.sub("", text.removeprefix("\ufeff")))
    title, heading = "", ""
    facts: list[Passage] = []
    plain: list[str] = []
    for block in _markdown_blocks(text):
        if found := _HEADING.match(block):
            heading = _unmarked(found[1])
            title = title or heading
        elif _FACT.match(heading) and (statement := _statement(block)):
            facts.append(Passage(heading, clean(_unmarked(statement))))
        else:
            plain += map(_unmarked, _items(block))
    return Article(clean(title), tuple(facts[:MAX_PASSAGES]) if facts else _numbered(plain))


def _markdown_blocks(text: str) -> Iterator[str]:
    """Yield headings and the blocks between them and blank lines; tables are left out."""
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        ends = not line.strip() or line.startswith("#")
        if ends and block:
            yield "\n".join(block)
            block = []
        if line.startswith("#"):
            yield line.strip()
        elif line.strip() and not line.lstrip().startswith("|"):
            block.append(line)


def _statement(block: str) -> str:
    found = (_PAIR.match(line) for line in block.split("\n"))
    return next((one[2] for one in found if one is not None and one[1] == "statement"), "")


def _items(block: str) -> Iterator[str]:
    """Yield the entries of a list, or the paragraphs of a block that is none."""
    if not _BULLET.match(block.lstrip()):
        yield from _paragraphs(block)
        return
    entry = ""
    for line in block.split("\n"):
        if (bullet := _BULLET.match(line.lstrip())) is not None:
            if entry:
                yield entry
            entry = line.lstrip()[bullet.end() :]
        else:
            entry += " " + line.strip()
    yield entry


def _unmarked(text: str) -> str:
    return _MARKS.sub("", _LINK.sub(r"\1", text)).lstrip("> ")


class _Blocks(HTMLParser):
    """Gathers the text of block elements; what a reader does not read is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.blocks: list[tuple[str, str]] = []
        self._unseen = 0
        self._in_title = False
        self._tag, self._text = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "title":
            self._in_title = True
        elif tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS or tag in {"div", "section", "article", "main"}:
            self.end_block()
            self._tag = tag
        elif tag == "br":
            self._text += " "

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._unseen:
            self._text += data

    def end_block(self) -> None:
        if self._text.strip():
            self.blocks.append((self._tag, self._text))
        self._tag, self._text = "", ""


#: A block of fewer words than this outside a paragraph is a button or a line of names.
_FEW_WORDS = 8


def _from_html(text: str) -> Article:
    page = _Blocks()
    page.feed(text)
    page.close()
    page.end_block()
    heads = [clean(block) for tag, block in page.blocks if tag == "h1"]
    told = [
        block
        for tag, block in page.blocks
        if not tag.startswith("h") and (tag == "p" or len(block.split()) >= _FEW_WORDS)
    ]
    return Article(heads[0] if heads else clean(page.title), _numbered(told))
