"""Dialects that the parser has no name for: what has entries with a headline or a link is a feed."""

from __future__ import annotations

import pytest

from monitor.errors import ParseError
from monitor.feeds.entries import read

RSS11 = """<Channel xmlns="http://purl.org/net/rss1.1#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<title>T</title><link>https://e.example/</link><items rdf:parseType="Collection">
<item rdf:about="https://e.example/1"><title>Drones</title><link>https://e.example/1</link></item></items></Channel>"""
CDF = """<CHANNEL HREF="https://e.example/"><TITLE>T</TITLE>
<ITEM HREF="https://e.example/1"><TITLE>Drones</TITLE></ITEM></CHANNEL>"""
BARE_RDF = "<rdf><channel><title>T</title></channel><item><title>Drones</title></item></rdf>"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(RSS11, "channel", id="RSS 1.1"),
        pytest.param(CDF, "channel", id="CDF"),
        pytest.param(BARE_RDF, "rdf", id="RDF without its namespace"),
    ],
)
def test_a_dialect_without_a_name_is_read_by_its_entries(text, kind):
    """The root's name stands for the version."""
    found = read(text.encode(), None)
    assert ([one.title for one in found.entries], found.kind) == (["Drones"], kind)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<reply><item><sku>7</sku></item></reply>", id="items of another trade"),
        pytest.param("<reply><title>T</title></reply>", id="a title and no entry"),
    ],
)
def test_other_xml_is_no_feed(text):
    """Entries that have neither a headline nor a link make no feed."""
    with pytest.raises(ParseError, match="not RSS or Atom"):
        read(text.encode(), None)
