"""OPML 1 and 2 to entries of feeds.yaml and back, without loss. Never opens a file.

An outline with ``xmlUrl`` is a feed; outlines around it are folders, whose names become tags. What
OPML has no word for (outlet, country, state_affiliated, interval and whatever keys may join) stands
in attributes of our own namespace, one for each key, so that a round trip keeps every setting and
other programs may ignore it. Document types are refused: there are no entities to expand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from monitor.errors import InputError, Problem
from monitor.feeds.catalogue import FeedEntry
from monitor.text import clean
from monitor.urls import canonical, outlet_of

NAMESPACE = "urn:newsmonitor:opml:1"
MAX_CHARACTERS = 5_000_000
MAX_FEEDS = 50_000
MAX_DEPTH = 30
MAX_TAGS = 50
MAX_WORD = 1_000
#: Keys of feeds.yaml that OPML has attributes for; the others go into our namespace.
_NATIVE = {"url": "xmlUrl", "title": "title", "language": "language", "tags": "category"}
_OWN = [name for name in FeedEntry.model_fields if name not in _NATIVE]
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Outlines:
    """What an OPML text holds: feeds in its order, and what was left out, each with its line."""

    entries: tuple[FeedEntry, ...]
    left_out: tuple[Problem, ...] = ()


def read_opml(text: str, source: str) -> Outlines:
    """Read OPML; raises InputError (F020 no OPML, F021 beyond a bound).

    An outline whose address is none (F001), or whose own attributes do not fit (F022), is left out.
    The same address twice is one feed with the tags of both.
    """
    if len(text) > MAX_CHARACTERS:
        raise _refused(source, 1, "F021", "is larger than 5 MB", "split it")
    reader = _Reader(source)
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda name, attributes: reader.start(
        name, attributes, parser.CurrentLineNumber
    )
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = lambda *_: reader.doctype(parser.CurrentLineNumber)
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        what = f"cannot be read as XML: {expat.ErrorString(error.code)}"
        hint = "export it again, or mend this line"
        raise _refused(source, error.lineno, "F020", what, hint) from None
    return Outlines(tuple(reader.feeds.values()), tuple(reader.left_out))


def write_opml(entries: Sequence[FeedEntry], title: str = "Newsmonitor feeds") -> str:
    """Return OPML 2.0 with every setting of ``entries``; controls and line ends become spaces."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<opml version="2.0" xmlns:nm={quoteattr(NAMESPACE)}>',
        f"  <head><title>{_escaped(title)}</title></head>",
        "  <body>",
        *(f"    <outline {' '.join(_attributes(entry))}/>" for entry in entries),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class _Reader:
    source: str
    feeds: dict[str, FeedEntry] = field(default_factory=dict)  #: by address
    left_out: list[Problem] = field(default_factory=list)
    _prefix: str = ""
    _open: list[tuple[str, ...]] = field(default_factory=list)  #: tags of each open element

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        if not self._open:
            self._root(name, attributes, line)
        if len(self._open) >= MAX_DEPTH:
            raise _refused(self.source, line, "F021", f"is nested deeper than {MAX_DEPTH} levels")
        known = {key.lower(): value for key, value in attributes.items()}
        folder: tuple[str, ...] = ()
        if name == "outline":
            if url := known.get("xmlurl", "").strip():
                self._feed(_web(url), known, line)
            else:
                folder = _words([known.get("text") or known.get("title") or ""])
        self._open.append(folder)

    def end(self, _: str) -> None:
        self._open.pop()

    def doctype(self, line: int) -> None:
        hint = "remove the <!DOCTYPE ...> from it"
        raise _refused(self.source, line, "F020", "holds a document type, which is not read", hint)

    def _root(self, name: str, attributes: dict[str, str], line: int) -> None:
        if name.lower() != "opml":
            what = f"is no OPML: its first element is <{clean(name)[:40]}>"
            raise _refused(self.source, line, "F020", what, "export the feeds as OPML")
        ours = [key for key, value in attributes.items() if value == NAMESPACE]
        self._prefix = ours[0].partition(":")[2].lower() if ours else ""

    def _feed(self, url: str, known: dict[str, str], line: int) -> None:
        if canonical(url) is None:
            what = "the address is no http or https address, or holds a user name"
            self._leave_out(line, "F001", what, "write it in full, without a user name")
            return
        if url not in self.feeds and len(self.feeds) >= MAX_FEEDS:
            raise _refused(self.source, line, "F021", f"holds more than {MAX_FEEDS} feeds")
        tags = _words([*chain.from_iterable(self._open), *_split(known.get("category", ""))])
        try:
            entry = FeedEntry(**(self._own(known) | _native(url, known, tags)))
        except ValueError:
            what = f"{url[:80]}: an attribute of newsmonitor has a value that does not fit"
            self._leave_out(line, "F022", what, "see the keys of feeds.yaml")
            return
        if (first := self.feeds.get(url)) is not None:
            entry = first.model_copy(update={"tags": _words([*first.tags, *tags])})
        self.feeds[url] = entry

    def _own(self, known: dict[str, str]) -> dict[str, Any]:
        if not self._prefix:
            return {}
        told = {name: known.get(f"{self._prefix}:{name}") for name in _OWN}
        return {name: _value(name, text) for name, text in told.items() if text is not None}

    def _leave_out(self, line: int, code: str, what: str, hint: str) -> None:
        if len(self.left_out) < MAX_FEEDS:
            self.left_out.append(Problem(self.source, line, code, what, hint))


def _native(url: str, known: dict[str, str], tags: tuple[str, ...]) -> dict[str, Any]:
    title = _word(known.get("title", "")) or _word(known.get("text", ""))
    return {
        "url": url,
        "title": title or outlet_of(url),
        "language": _word(known.get("language", "")),
        "tags": tags,
    }


def _value(name: str, text: str) -> Any:
    """Return the value of one of our own attributes; ValueError for a truth that is none."""
    if FeedEntry.model_fields[name].annotation is not bool:
        return _word(text)
    if text not in _TRUTH:
        raise ValueError(text)
    return _TRUTH[text]


def _web(url: str) -> str:
    """Return the address behind the old ``feed:`` scheme, anything else as it is."""
    scheme, _, rest = url.partition(":")
    if scheme.lower() != "feed":
        return url
    return f"http:{rest}" if rest.startswith("//") else rest


def _split(category: str) -> Iterator[str]:
    """Yield the tags of OPML 2's ``category``: separated by commas, perhaps with a slash before."""
    for part in category[: MAX_TAGS * MAX_WORD].split(","):
        tag = part.strip().removeprefix("/")
        yield tag.replace("%2F", "/").replace("%2C", ",").replace("%25", "%")


def _joined(tags: Sequence[str]) -> str:
    kept = (one.replace("%", "%25").replace(",", "%2C") for one in _words(tags))
    return ",".join(f"%2F{one[1:]}" if one.startswith("/") else one for one in kept)


def _words(raw: Sequence[str]) -> tuple[str, ...]:
    """Return the tags that are something, each once."""
    return tuple(dict.fromkeys(word for one in raw if (word := _word(one))))[:MAX_TAGS]


def _word(text: str) -> str:
    return clean(text[:MAX_WORD])


def _attributes(entry: FeedEntry) -> Iterator[str]:
    """Yield what stands in one outline: plain attributes, then ours where they say something."""
    title = clean(entry.title) or outlet_of(entry.url)
    parts = urlsplit(entry.url)
    pairs = [
        ("type", "rss"),
        ("text", title),
        ("title", title),
        ("xmlUrl", entry.url),
        ("htmlUrl", f"{parts.scheme}://{parts.netloc}/"),
        ("language", clean(entry.language)),
        ("category", _joined(entry.tags)),
        *((f"nm:{name}", _written(getattr(entry, name))) for name in _OWN),
    ]
    return (f"{name}={quoteattr(value)}" for name, value in pairs if value)


def _written(value: object) -> str:
    """Return an own attribute's text; a default says nothing and is not written."""
    return ("true" if value else "") if isinstance(value, bool) else clean(str(value))


def _escaped(text: str) -> str:
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _refused(source: str, line: int, code: str, what: str, hint: str = "") -> InputError:
    return InputError([Problem(source, line, code, what, hint)])
