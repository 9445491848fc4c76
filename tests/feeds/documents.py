"""Made-up feed documents for property tests: all dialects, plain entries and unsettling ones."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from hypothesis import strategies as st

SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:x="urn:x"'
    ' xmlns:h="http://www.w3.org/1999/xhtml"'
)
_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'

#: Names that the parser has rules for, plain HTML, and names of nobody.
LEAVES = (
    "title link guid id description summary content content:encoded media:title media:description"
    " dc:creator dc:date pubDate updated category author name uri x:foo enclosure rights body"
    " language p b div br h:p h:div svg title subtitle info".split()
)
HOLDERS = (
    "author source media:group media:content image content description summary contributor"
    " content:encoded p div h:div svg title x:foo body textinput channel".split()
)
WORDS = ("drones", "Иран", "a & b", "<b>bold</b> &amp; more", "", " ", "https://e.example/1", "1",
         "Tue, 10 Mar 2026 08:00:00 +0100", "2026-03-10T08:00:00Z", "پهپاد")  # fmt: skip
ATTRIBUTES = ("", "", "", ' type="xhtml"', ' type="html"', ' isPermaLink="false"', ' href="/a"',
              ' url="https://e.example/m"', ' mode="base64"', ' x="1"', ' xml:lang="fa"',
              ' xmlns:y="urn:y"', ' xmlns:thr="http://purl.org/syndication/thread/1.0"',
              ' xmlns="http://www.w3.org/1999/xhtml"', ' rel="alternate"')  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    opening: str
    entry: str
    closing: str


RSS = Dialect(f'<rss version="2.0" {SPACES}><channel><title>T</title>', "item", "</channel></rss>")
ATOM = Dialect(
    f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}><title>T</title>', "entry", "</feed>"
)
RDF = Dialect(f"<rdf:RDF {_RDF} {SPACES}><channel><title>T</title></channel>", "item", "</rdf:RDF>")
DIALECTS = (RSS, ATOM, RDF)


def _text(word: str, *, marked: bool) -> str:
    return f"<![CDATA[{word}]]>" if marked else escape(word)


def _element(name: str, attributes: str, inside: str) -> str:
    return f"<{name}{attributes}>{inside}</{name}>"


leaves = st.builds(
    _element,
    st.sampled_from(LEAVES),
    st.sampled_from(ATTRIBUTES),
    st.builds(_text, st.sampled_from(WORDS), marked=st.booleans()),
)
nodes = st.recursive(
    leaves | st.builds(escape, st.sampled_from(WORDS)),
    lambda inner: st.builds(
        _element,
        st.sampled_from(HOLDERS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, max_size=3).map("".join),
    ),
    max_leaves=6,
)
ordinary = st.builds(
    "<guid>{0}</guid><link>https://e.example/{1}</link><title>{2}</title>".format,
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from(["A", "B"]),
)
insides = ordinary | st.lists(leaves | nodes, max_size=6).map("".join)
heads = st.sampled_from(
    ["", "", "\n  ", "<image><url>https://e.example/i</url></image>", "<ttl>60</ttl>",
     "<language>ru</language>", "<!-- note -->", "<x:foo>bar</x:foo>"]
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn, dialect: Dialect, pool: list[str]) -> bytes:
    """Draw a document whose entries come from ``pool``, in any order, some of them twice."""
    entries = draw(st.lists(st.sampled_from(pool), max_size=7))
    body = "".join(
        draw(heads) + f"<{dialect.entry}>{inside}</{dialect.entry}>" for inside in entries
    )
    return (dialect.opening + body + draw(heads) + dialect.closing).encode()


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Draw two documents of one feed that have entries in common."""
    dialect = draw(st.sampled_from(DIALECTS))
    pool = draw(st.lists(insides, min_size=1, max_size=6))
    return draw(documents(dialect, pool)), draw(documents(dialect, pool))
