"""What is read by the short way is what feedparser reads; what could differ is left to feedparser."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds.decode import decode
from monitor.feeds.entries import _PREFIXES, _entry, _feedparser, _read_regular, _regular, read
from monitor.feeds.regular import Fields
from monitor.feeds.split import split
from monitor.model import Entry
from tests.feeds.documents import ATOM, RSS, SPACES, pairs

WORDS = (
    "drones", "", "  spaces\n around ", "Иран", "پهپاد", "caf\u00e9", "caf\u00c3\u00a9", "\u0093quoted\u0094",
    "AT&amp;T", "a &lt;b&gt;bold&lt;/b&gt; word", "<![CDATA[<p>in <i>two</i></p>]]>", "x<!-- note -->y",
    "a@e.example", "A. Writer (a@e.example)", "\u00a0", "&#8220;x&#8221;",
)  # fmt: skip
ADDRESSES = (
    "https://e.example/1", "https:////e.example/2", "/three", "https://e.example/?a=1&amp;b=2", "",
    "https://e.example/?a=1&amp;amp;b=2", "https://e.example/?a&amp;b;c", "tag:e.example,2026:1", " x ",
)  # fmt: skip
DATES = (
    "Tue, 10 Mar 2026 08:00:00 GMT", "Tue, 10 Mar 2026 08:00:00 +0530", "Mon, 1 Jan 1900 00:00:00 -0000",
    "Tue, 31 Feb 2026 08:00:00 GMT", "10 Mar 2026 08:00 EST", "2026-03-10T08:00:00Z", "2026-03-10T08:00:60Z",
    "2026-03-10T23:59:59.999-05:00", "2026-03-10", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00",
    "Sat, 10 Oct 2026 24:00:00 GMT", "Wed, 10 Jun 2026 08:00:00 UTC", "Thu, 10 Dec 2026 08:00:00 -0930",
    "Fri, 1 May 2026 08:00:00 +2400", "2026-03-10T08:00:00+24:00", "2026-03-10T08:00:00-09:30", "",
)  # fmt: skip
#: What stands in an element as a rule.
FITTING = {
    "title": WORDS, "description": WORDS, "summary": WORDS, "content": WORDS, "content:encoded": WORDS,
    "author": WORDS, "dc:creator": WORDS, "source": WORDS, "link": ADDRESSES, "guid": ADDRESSES,
    "id": ADDRESSES, "pubDate": DATES, "published": DATES, "updated": DATES, "dc:date": DATES,
}  # fmt: skip
NAMES = (
    *FITTING, *"category comments enclosure media:thumbnail media:content media:title media:rating"
    " dc:subject TITLE modified x:title".split(),
)  # fmt: skip
ATTRIBUTES = (' type="html"', ' type="xhtml"', ' type="TEXT"', ' type=""', ' isPermaLink="false"',
              ' isPermaLink="TRUE"', ' ispermalink="false"', ' href="https://e.example/h"', ' href="/h" rel="self"',
              ' href="h" type="application/pdf"', ' href="" rel="alternate"', ' HREF="https://e.example/H"',
              ' rel="Alternate" href="https://e.example/r" type="Text/HTML"', ' url="https://e.example/u"',
              ' xml:lang="fa"', ' mode="escaped"', ' mode="base64"', ' src="s"', ' term="t"')  # fmt: skip


def leaf(name: str, attributes: str, text: str) -> str:
    return f"<{name}{attributes}>{text}</{name}>"


odd = st.builds(
    leaf,
    st.sampled_from(NAMES),
    st.sampled_from(ATTRIBUTES),
    st.sampled_from(WORDS + ADDRESSES + DATES),
)
fitting = st.sampled_from(list(FITTING)).flatmap(
    lambda name: st.builds(leaf, st.just(name), st.just(""), st.sampled_from(FITTING[name]))
)
persons = st.lists(
    st.builds(leaf, st.sampled_from(["name", "email", "uri"]), st.just(""), st.sampled_from(WORDS)),
    max_size=3,
).map(lambda parts: leaf("author", "", "".join(parts)))
elements = fitting | fitting | fitting | odd | persons
entries = st.lists(st.lists(elements, max_size=7).map("".join), min_size=1, max_size=3)


def rss(*insides: str, root: str = "") -> bytes:
    items = "".join(f"<item>{inside}</item>" for inside in insides)
    return f'<rss version="2.0" {SPACES} {root}><channel>{items}</channel></rss>'.encode()


def both(body: bytes) -> list[tuple[Entry, Entry]]:
    """Return each entry that is read by the short way, and what feedparser makes of it."""
    data = decode(body, None).text.encode()
    found = regular(data)
    if not any(found):
        return []
    raw = _feedparser(data).entries
    assert len(raw) == len(found)
    pairs_of = zip(found, raw, strict=True)
    return [(_regular(fields), _entry(one)) for fields, one in pairs_of if fields is not None]


def regular(data: bytes) -> list[Fields | None]:
    """Return what is read of each entry by the short way."""
    cut = split(data, _PREFIXES)
    if cut is None:
        return []
    numbers = range(len(cut.keys))
    found = _read_regular(cut, numbers)
    return [found.get(number) for number in numbers]


@given(pairs())
@settings(max_examples=200, deadline=None)
def test_in_any_document_the_values_are_those_of_feedparser(documents):
    """Markup inside of elements, unsettling elements, bases: what is read is read the same."""
    try:
        compared = both(documents[0])
    except ParseError:
        assume(False)
    for ours, theirs in compared:
        assert ours == theirs


@given(entries, st.sampled_from([RSS, ATOM]))
@settings(max_examples=300, deadline=None)
def test_whatever_elements_an_entry_has_the_values_are_those_of_feedparser(insides, dialect):
    """Odd dates, addresses, letters and attributes, elements in any order and twice."""
    body = "".join(f"<{dialect.entry}>{inside}</{dialect.entry}>" for inside in insides)
    for ours, theirs in both((dialect.opening + body + dialect.closing).encode()):
        assert ours == theirs


LINKED = "<title>T</title><link>https://e.example/1</link><guid>g</guid>"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(LINKED + "<pubDate>Tue, 10 Mar 2026 08:00:00 GMT</pubDate><dc:creator>A</dc:creator>"
                         "<category domain='d'>World</category><description>&lt;p&gt;x&lt;/p&gt;</description>"
                         "<content:encoded><![CDATA[<p>x y</p>]]></content:encoded>"
                         "<media:thumbnail url='u'/><source url='u'>Paper</source>"), id="RSS"),
        pytest.param((ATOM.opening + "<entry><title type='html'>T</title><link rel='alternate' href='https://e.example/1'/>"
                      "<link rel='enclosure' href='e' type='audio/mpeg' length='1'/><id>urn:1</id>"
                      "<updated>2026-03-10T08:00:00+01:00</updated><published>2026-03-10T07:00:00Z</published>"
                      "<author><name>A</name><email>a@e.example</email><uri>u</uri></author><summary>s</summary>"
                      "<content type='html'>&lt;b&gt;c&lt;/b&gt;</content></entry>" + ATOM.closing).encode(), id="Atom"),
        pytest.param(rss("<title>Иран и «Шахед»</title><guid isPermaLink='false'>1</guid>"), id="another script"),
        pytest.param(rss("<title>T</title><author>A</author><author>B</author>"), id="two authors"),
        pytest.param(rss("<title/><description></description>"), id="empty elements"),
    ],
)  # fmt: skip
def test_an_entry_of_the_common_shape_is_read_in_the_cutting(body):
    """The parser is asked for the head of such a document, and for no entry."""
    ((ours, theirs),) = both(body)
    assert ours == theirs
    assert read(body, None).entries == (theirs,)


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param("<title>caf\u00c3\u00a9</title>", id="UTF-8 that was taken for Latin-1"),
        pytest.param("<title>\u0093x\u0094</title>", id="letters of Windows-1252"),
        pytest.param("<title>a</title><title>b</title>", id="two titles"),
        pytest.param("<title type='xhtml'>a</title>", id="XHTML by its type"),
        pytest.param("<description>a <b>b</b></description>", id="elements in the text"),
        pytest.param("<description mode='base64'>YQ==</description>", id="base64"),
        pytest.param("<description>a</description><summary>b</summary>", id="two texts"),
        pytest.param("<link>https:///e.example/1</link>", id="an address with too many slashes"),
        pytest.param("<link>https://e.example/?a=1&amp;amp;b=2</link>", id="an address that is escaped twice"),
        pytest.param("<link rel='alternate'>https://e.example</link>", id="a link in between RSS and Atom"),
        pytest.param("<author>a@e.example (A)</author>", id="an address in an author"),
        pytest.param("<author><email>a@e.example</email></author>", id="a person without a name"),
        pytest.param("<author>x<name>A</name></author>", id="text beside a person"),
        pytest.param("<author><name>A</name><name>B</name></author>", id="a person of two names"),
        pytest.param("<author><name>a@b</name></author><author><name>B</name></author>", id="a person behind an address"),
        pytest.param("<source><title>T</title></source>", id="a source of Atom"),
        pytest.param("<pubDate>10 Mar 2026 08:00 EST</pubDate>", id="a date in another form"),
        pytest.param("<pubDate>Tue, 31 Feb 2026 08:00:00 GMT</pubDate>", id="a day that is none"),
        pytest.param("<media:title>T</media:title>", id="a title of a picture"),
        pytest.param("<x:foo>T</x:foo>", id="an element of nobody"),
        pytest.param("<published_parsed>1</published_parsed>", id="an element named like a value"),
    ],
)  # fmt: skip
def test_what_feedparser_may_read_otherwise_is_left_to_it(inside):
    """The entry is not read by the short way, its neighbour is."""
    first, second = regular(rss(inside, LINKED))
    assert first is None
    assert second is not None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(LINKED, root='xml:base="https://e.example/"'), id="a base"),
        pytest.param(rss(LINKED, root='xmlns:itunes="http://purl.org/rss/1.0/modules/slash/"'),
                     id="a famous prefix for another famous namespace"),
        pytest.param(rss("<x:a><channel/></x:a>", LINKED), id="an entry before it unsettles the parser"),
        pytest.param(b"<x:rss xmlns:x='urn:x'><x:channel><x:item><title>T</title></x:item></x:channel></x:rss>",
                     id="entries that the parser does not take for such"),
        pytest.param(rss(LINKED).replace(b"<item>", b"<item xml:lang='fa'>"), id="an attribute of the entry"),
    ],
)  # fmt: skip
def test_in_unusual_surroundings_no_entry_is_read_in_the_cutting(body):
    """What stands around an entry may change what feedparser makes of it."""
    found = regular(body)
    assert found
    assert not any(found)
