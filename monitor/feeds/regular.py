"""Entries of the regular shape, read by a short way of our own. Pure; runs inside a parse worker.

feedparser takes a quarter of a millisecond for an entry, most of it for what nearly no entry has:
bases, languages, inline XHTML, state carried along. An entry is *regular* when it needs none of
that: its elements are of the few kinds named here, hold only text, come once (but authors and
links may come again), and have no attribute with a say in how the text is to be read. Its values
are then those that feedparser gives, which tests hold against feedparser itself. Whatever is not
regular, feedparser reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.parsers import expat

from monitor.feeds.split import Cut

#: What an element of an entry is to us, by the name that the parser gives it.
_ROLES = {
    "title": "title",
    "link": "link",
    "guid": "id",
    "id": "id",
    "description": "summary",
    "summary": "summary",
    "content:encoded": "content",
    "content": "content",
    "pubdate": "published",
    "published": "published",
    "updated": "updated",
    "dc:date": "updated",
    "author": "author",
    "dc:creator": "author",
    "itunes:author": "author",
    "source": "source",
} | dict.fromkeys(
    # Nobody reads these, and the parser keeps them under names of their own.
    "category comments enclosure dc:subject slash:comments slash:section slash:department"
    " wfw:comment wfw:commentrss thr:total thr:in-reply-to trackback:ping pingback:server"
    " media:thumbnail media:content media:credit media:keywords media:copyright media:rating"
    " itunes:duration itunes:explicit itunes:image itunes:keywords itunes:episode itunes:season"
    " itunes:episodetype itunes:block itunes:subtitle itunes:title feedburner:origlink".split(),
    "unread",
)
_OF_PERSON = {"name": "name", "email": "email", "uri": "uri"}
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
#: Attributes that an element of a role may have.
_MAY_HAVE = {
    "title": {"type", _LANGUAGE},
    "summary": {"type", _LANGUAGE},
    "content": {"type", _LANGUAGE},
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    "id": {"isPermaLink"},
    "source": {"url"},
}
_NOTHING: set[str] = set()
_TEXT_TYPES = {"text", "html", "text/plain", "text/html"}
_PAGE_TYPES = {"html", "xhtml", "text/html", "application/xhtml+xml"}
#: Roles that may come again; of authors and addresses the last one counts.
_REPEATED = {"author", "link"}
#: Letters that feedparser takes for those of Windows-1252.
_WINDOWS = re.compile("[\x80-\x9f]")
_MAIL_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_WEB_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(slots=True)
class Fields:
    """The raw values of one entry, as feedparser would give them; "" is an empty element."""

    texts: dict[str, str] = field(default_factory=dict)  #: by role
    when: dict[str, datetime] = field(default_factory=dict)  #: by role, UTC


class _Irregular(Exception):  # noqa: N818 - a signal, not an error
    """The entry is feedparser's to read."""


def read_regular(data: bytes, cut: Cut, prefixes: Mapping[str, str]) -> list[Fields | None]:
    """Read the entries of ``data``, which is ``cut`` or a part of it; None for those not regular.

    ``prefixes`` as for ``split``. An entry that unsettles the parser must not be in ``data``.
    """
    reader = _Reader(cut.entry, cut.level, prefixes)
    if not cut.is_settled or reader.name(cut.entry) not in {"item", "entry"}:
        return []
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.pieces.append
    parser.Parse(data, True)
    return reader.entries


class _Reader:
    """What one pass has read so far; ``pieces`` takes the text between two calls."""

    def __init__(self, entry: str, level: int, prefixes: Mapping[str, str]) -> None:
        self.pieces: list[str] = []
        self.entries: list[Fields | None] = []
        self._entry, self._level, self._prefixes = entry, level, prefixes
        self._depth = 0
        self._names: dict[str, str] = {}
        self._fields: Fields | None = None  # None: no entry is open, or it is not regular
        self._role = ""
        self._attributes: dict[str, str] = {}
        self._person: dict[str, str] | None = None

    def name(self, of_expat: str) -> str:
        """Return what the parser calls an element; "?" where that hangs on more than its name."""
        known = self._names.get(of_expat)
        if known is None:
            space, _, local = of_expat.rpartition(" ")
            prefix = self._prefixes.get(space.lower())
            told = "?" if prefix is None else f"{prefix}:{local}" if prefix else local
            known = self._names[of_expat] = told.lower()
        return known

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._fields is not None:
            if self._depth == self._level + 1:
                self._start_child(self._fields, name, attributes)
            else:
                self._start_inner(name, attributes)
            self.pieces.clear()
        elif self._depth == self._level and name == self._entry and not attributes:
            self._fields = Fields()

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._depth > self._level:
            if self._fields is not None and self._person is not None:
                self._person[_OF_PERSON[self.name(name)]] = "".join(self.pieces).strip()
                self.pieces.clear()
        elif self._depth == self._level:
            if self._fields is not None and self._role != "unread":
                self._end_child(self._fields)
        elif self._depth == self._level - 1 and name == self._entry:
            self.entries.append(self._fields)
            self._fields = None

    def _start_child(self, fields: Fields, name: str, attributes: dict[str, str]) -> None:
        """An element of the entry itself begins."""
        role = _ROLES.get(self.name(name), "")
        if role != "unread" and (
            not role
            or not attributes.keys() <= _MAY_HAVE.get(role, _NOTHING)
            or (role in fields.texts and role not in _REPEATED)
        ):
            self._fields = None
        self._role, self._attributes, self._person = role, attributes, None

    def _start_inner(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins in an element of the entry: a part of an author, or nothing regular."""
        part = _OF_PERSON.get(self.name(name))
        person = self._person = self._person or {}
        if (
            self._role != "author"
            or self._depth > self._level + 2
            or part is None
            or part in person
            or attributes
            or "".join(self.pieces).strip()
        ):
            self._fields = None
        else:
            person[part] = ""

    def _end_child(self, fields: Fields) -> None:
        try:
            self._keep(fields, self._role)
        except _Irregular:
            self._fields = None

    def _keep(self, fields: Fields, role: str) -> None:
        if role == "link":
            self._keep_link(fields)
            return
        text = self._author(fields) if role == "author" else self._text()
        if role in _MAY_HAVE and self._attributes.get("type", "text").lower() not in _TEXT_TYPES:
            raise _Irregular
        if role in {"published", "updated"} and text:
            fields.when[role] = _moment(text)
        if role == "id" and self._attributes.get("isPermaLink", "true") == "true":
            if _is_mended(text):
                raise _Irregular
            fields.texts["permalink"] = text
        fields.texts[role] = text

    def _keep_link(self, fields: Fields) -> None:
        """Keep what leads to the page; an address in an attribute goes before one in the text."""
        told = self._attributes
        if not told:
            address = self._text()
        elif told.get("href"):
            page = told.get("type", "text/html").lower() in _PAGE_TYPES
            if told.get("rel", "alternate").lower() != "alternate" or not page:
                return
            address = told["href"]
        else:
            raise _Irregular
        if _is_mended(address):
            raise _Irregular
        fields.texts["link"] = address

    def _author(self, fields: Fields) -> str:
        if self._person is None:
            text = self._text()
            if "@" in text:  # the parser takes it apart
                raise _Irregular
            return text
        # To a person without a name, or behind an address, the parser adds what the last one was.
        nameless = "name" not in self._person or "@" in fields.texts.get("author", "")
        if nameless or "".join(self.pieces).strip():
            raise _Irregular
        name, email = self._person["name"], self._person.get("email")
        return f"{name} ({email})" if name and email else name or email or ""

    def _text(self) -> str:
        """Return the text of the element; raises _Irregular where feedparser would mend letters."""
        text = "".join(self.pieces).strip()
        if text.isascii():
            return text
        if _WINDOWS.search(text):
            raise _Irregular
        try:
            text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return text
        raise _Irregular


def _is_mended(address: str) -> bool:
    """Tell whether feedparser could write an address otherwise: slashes, references in it."""
    return "///" in address or ";" in address.partition("&")[2]


def _moment(text: str) -> datetime:
    """Read a date of mail or of RFC 3339 in its full form; raises _Irregular for any other."""
    try:
        if found := _MAIL_DATE.fullmatch(text):
            day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
            at = datetime(
                int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second),
                tzinfo=UTC,
            )  # fmt: skip
            if sign is None:
                return at
            ahead = timedelta(hours=int(hours), minutes=int(minutes))
            return at - ahead if sign == "+" else at + ahead
        if found := _WEB_DATE.fullmatch(text):
            return datetime.fromisoformat(found[1] + found[2]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _Irregular from error
    raise _Irregular
