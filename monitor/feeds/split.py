"""Cuts a well-formed feed document into its entries, so that only the new ones need be parsed.

Pure; runs inside a parse worker. One pass of expat finds where each entry begins and ends and gives
it a key: a hash of its raw bytes and of all that stands around it and could change its meaning. A
document that is not well-formed, or of a shape whose entries might depend on one another, is not
cut at all: the caller reads it whole.

The feed parser carries state from one entry to the next, so an entry may only be left out when it
leaves none behind. It is *plain* when every element inside its text is one that the parser has no
rule for (``_MARKUP``), and all else stands in places where the parser sees both its beginning and
its end. An entry that is not plain has an empty key and is parsed every time.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from xml.parsers import expat

#: Elements in one document beyond which it is not cut: such a document is no ordinary feed.
MAX_ELEMENTS = 1_000_000
#: Bytes of a key; a document has at most a few thousand entries.
_KEY_BYTES = 8
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# RDF"
#: Namespaces by which an RDF root says that it is RSS.
_RSS_IN_RDF = ("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
_ATOM = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
_ENTRIES = {"item", "entry"}
_TAG = re.compile(rb"<(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
#: Elements that hold elements, not text; the parser has a rule for what stands in them.
_CONTAINERS = frozenset(
    "author contributor source group community image owner publisher recommendations".split()
)
#: Elements that change what the parser thinks of the document, wherever they stand.
_UNSETTLING = frozenset("rss rdf channel feed textinput svg math".split())
#: HTML that the parser passes on as text, having no rule for the names.
_MARKUP = frozenset(
    "a abbr acronym address area article aside audio b bdi bdo big blockquote br button canvas"
    " caption center cite code col colgroup data dd del details dfn dir div dl dt em embed fieldset"
    " figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i iframe img input ins kbd"
    " label legend li main map mark menu meter nav nobr noscript object ol optgroup option output"
    " p param picture pre progress q rp rt ruby s samp script section select small span strike"
    " strong style sub sup table tbody td template textarea tfoot th thead time tr track tt u ul"
    " var video wbr".split()
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A document and where its entries are."""

    data: bytes
    spans: tuple[tuple[int, int], ...]
    keys: tuple[str, ...]  #: one for each span; "" for an entry that must always be parsed
    entry: str  #: the name of entries, as expat gives it
    level: int  #: their depth; that of the root is 1
    is_settled: bool  #: nothing around the entries changes what the parser makes of their elements

    def reduced(self, keep: Container[int]) -> bytes:
        """Return the document with no entries but those of the numbers ``keep``."""
        pieces, at = [], 0
        for number, span in enumerate(self.spans):
            if number not in keep:
                # The white space between entries says nothing, and costs the parser time.
                pieces.append(self.data[at : span[0]].rstrip())
                at = span[1]
        return b"".join([*pieces, self.data[at:]])


def split(data: bytes, prefixes: Mapping[str, str], stamp: str = "") -> Cut | None:
    """Cut ``data`` (UTF-8, from its root element on); None when it must be read whole.

    ``prefixes`` maps namespaces, in lower case, to the names that the parser gives them. ``stamp``
    goes into every key: another stamp, other keys.
    """
    cutter = _Cutter(data, prefixes)
    try:
        cutter.run()
    except (expat.ExpatError, _Whole):
        return None
    return cutter.cut(stamp)


class _Whole(Exception):  # noqa: N818 - a signal out of expat's callbacks, not an error
    """The document must be read whole."""


class _Cutter:
    """What one pass over a document has seen so far."""

    def __init__(self, data: bytes, prefixes: Mapping[str, str]) -> None:
        self.spans: list[tuple[int, int]] = []
        self._data = data
        self._prefixes = prefixes
        self._names = set(prefixes.values())
        self._bound: dict[str, str] = {}
        self._around: set[str] = set()  # elements outside of entries
        self._plain: list[bool] = []
        self._entry = ""  # the full name of an entry, once the root is known
        self._level = 0  # the depth of entries
        self._depth = 0
        self._seen = 0
        self._begun = -1  # where the open entry begins; -1 outside
        self._open = 0  # how deep the chain of containers goes, as a depth
        self._is_plain = True
        self._is_settled = True
        self._above: list[str] = []  # start tags of root and channel, as written

    def run(self) -> None:
        """Raises ExpatError or _Whole."""
        # The same way of naming as the feed parser's own, so that both find the same faults.
        self._expat = expat.ParserCreate("utf-8", " ")
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.StartNamespaceDeclHandler = self._bind
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.Parse(self._data, True)
        if not self._entry:
            raise _Whole

    def cut(self, stamp: str) -> Cut:
        spans, keys = tuple(self.spans), tuple(self._keys(stamp))
        return Cut(self._data, spans, keys, self._entry, self._level, self._is_settled)

    def _keys(self, stamp: str) -> list[str]:
        around = "\x1f".join([stamp, *self._above, "", *sorted(self._around)])
        context = blake2b(around.encode("utf-8"), digest_size=32).digest()
        data, size = self._data, _KEY_BYTES
        return [
            blake2b(data[begin:end], digest_size=size, key=context).hexdigest() if plain else ""
            for (begin, end), plain in zip(self.spans, self._plain, strict=True)
        ]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._seen += 1
        if self._seen > MAX_ELEMENTS:
            raise _Whole
        if self._begun < 0:
            self._start_outside(name)
        else:
            self._start_inside(name)
        for attribute, value in attributes.items():
            if attribute[-4:].lower() == "base":
                self._set_base(value)

    def _set_base(self, base: str) -> None:
        # Relative links are read against it, and the parser may lose count of its levels.
        if self._depth != 1 or not base.startswith(("http://", "https://")):
            raise _Whole
        self._is_settled = False

    def _start_outside(self, name: str) -> None:
        if name == self._entry and self._depth == self._level:
            self._begun = self._expat.CurrentByteIndex
            self._open, self._is_plain = self._depth, True
            return
        local = name.rpartition(" ")[2]
        if self._depth == 1:
            self._recognise(name, local)
        elif self._depth < self._level and (local != "channel" or len(self._above) > 1):
            raise _Whole
        if self._depth < self._level:
            self._above.append(self._tag())
        self._around.add(name)
        if local.lower() in _ENTRIES:
            raise _Whole

    def _start_inside(self, name: str) -> None:
        local = name.rpartition(" ")[2].lower()
        if self._depth == self._open + 1:
            if local in _CONTAINERS or (local == "content" and self._is_media(name)):
                self._open = self._depth
        elif local not in _MARKUP:
            self._is_plain = False
        if local in _UNSETTLING:
            self._is_plain = False
        if local in _ENTRIES:
            raise _Whole

    def _is_media(self, name: str) -> bool:
        return self._prefixes.get(name.rpartition(" ")[0].lower()) == "media"

    def _end(self, _: str) -> None:
        if self._depth == self._open:
            self._open -= 1
            if self._depth == self._level and self._begun >= 0:
                self._close()
        self._depth -= 1

    def _close(self) -> None:
        at = self._expat.CurrentByteIndex
        if not self._data.startswith(b"</", at):  # an entry without content
            raise _Whole
        self.spans.append((self._begun, self._data.index(b">", at) + 1))
        self._plain.append(self._is_plain)
        self._begun = -1

    def _recognise(self, name: str, local: str) -> None:
        namespace = name[: -len(local) - 1]
        tag = self._tag()
        if local == "rss":
            self._entry, self._level = f"{namespace} item".lstrip(), 3
        elif local == "feed" and namespace in _ATOM:
            self._entry, self._level = f"{namespace} entry", 2
        elif name == _RDF:
            spoken = [one for one in _RSS_IN_RDF if one in tag]
            if len(spoken) == 1:
                self._entry, self._level = f"{spoken[0]} item", 2
        if not self._entry:
            raise _Whole

    def _tag(self) -> str:
        """Return the start tag that is being read, as written."""
        found = _TAG.match(self._data, self._expat.CurrentByteIndex)
        assert found is not None, "expat has read a whole tag here"
        return found[0].decode("utf-8")

    def _bind(self, prefix: str | None, uri: str | None) -> None:
        """Refuse names that mean different things in different places: the parser mixes them up."""
        if prefix is None:
            return
        if self._bound.setdefault(prefix, uri or "") != (uri or ""):
            raise _Whole
        below = self._depth >= max(self._level - 1, 1)
        meant = self._prefixes.get((uri or "").lower())
        if meant not in {None, prefix} and prefix in self._names:
            if below:
                raise _Whole
            self._is_settled = False

    def _doctype(self, *_: object) -> None:
        raise _Whole
