"""Writes what a sample feed shows at a simulated moment: RSS 2.0, Atom 1.0 or RSS 1.0 (RDF).

Pure: feed and ``now`` in, bytes out, the same bytes until the feed changes. Faults that belong to
the document (broken off, a bad byte, a parser trap) are put in here; faults of HTTP are not.
"""

from __future__ import annotations

import html
from datetime import datetime
from email.utils import format_datetime

from monitor.demo.sample import SampleFeed, SampleItem, TroubleKind

_TRAP_LETTERS = 100_000  #: feedparser seeks the address in an author: quadratic, 50 s at 100,000
_XMLNS_RDF = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def feed_document(feed: SampleFeed, now: datetime) -> bytes:
    """Return the document as bytes in the feed's charset, with the troubles of the hour."""
    write = {"rss": _rss, "atom": _atom, "rdf": _rdf}[feed.kind]
    behaviour = feed.behaviour
    text = f"{_declaration(feed)}\n{write(feed, now)}\n"
    body = text.encode(behaviour.charset, "xmlcharrefreplace")
    return _damage(body, behaviour.trouble_at(now))


def _declaration(feed: SampleFeed) -> str:
    if feed.behaviour.charset_in == "xml":
        return f'<?xml version="1.0" encoding="{feed.behaviour.charset}"?>'
    return '<?xml version="1.0"?>'


def _damage(body: bytes, trouble: TroubleKind | None) -> bytes:
    if trouble == TroubleKind.TRUNCATED:
        return body[: body.rindex(b"</description>") - 5]
    if trouble == TroubleKind.BAD_BYTE:
        at = body.rindex(b"</description>")  # a summary cut in the middle of a letter
        return body[:at] + b"\xd0" + body[at:]
    if trouble == TroubleKind.PARSER_TRAP:
        at = body.rindex(b"</item>")
        author = b"<author>" + b"a" * _TRAP_LETTERS + b" @</author>"
        return body[:at] + author + body[at:]
    return body


def _rss(feed: SampleFeed, now: datetime) -> str:
    behaviour = feed.behaviour
    built = now if behaviour.restless else feed.changed_at(now)
    head = [
        _element("title", feed.title),
        _element("link", f"https://{feed.domain}/"),
        _element("description", f"{feed.title}: invented sample news"),
        _element("language", feed.language),
        _element("lastBuildDate", format_datetime(built, usegmt=True)),
    ]
    if behaviour.ttl_min:
        head.append(_element("ttl", str(behaviour.ttl_min)))
    items = [_rss_item(feed, item, now) for item in feed.shown_at(now)]
    return "\n".join(['<rss version="2.0"><channel>', *head, *items, "</channel></rss>"])


def _rss_item(feed: SampleFeed, item: SampleItem, now: datetime) -> str:
    omit = feed.behaviour.omit
    parts = [
        _element("title", item.title_at(now)),
        _element("link", item.link),
        _element("description", _summary(feed, item)),
    ]
    if "guid" not in omit:
        parts.append(_element("guid", item.guid, 'isPermaLink="false"'))
    if "date" not in omit:
        parts.append(_element("pubDate", format_datetime(item.published_at, usegmt=True)))
    if item.source:
        address = html.escape("/".join(item.link.split("/")[:3]) + "/")
        parts.append(_element("source", item.source, f'url="{address}"'))
    return "\n".join(["<item>", *parts, "</item>"])


def _atom(feed: SampleFeed, now: datetime) -> str:
    head = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{feed.language}">',
        _element("title", feed.title),
        f'<link href="https://{feed.domain}/"/>',
        _element("id", f"tag:{feed.domain},2026:{feed.path}"),
        _element("updated", _iso(feed.changed_at(now))),
    ]
    entries = [_atom_entry(feed, item, now) for item in feed.shown_at(now)]
    return "\n".join([*head, *entries, "</feed>"])


def _atom_entry(feed: SampleFeed, item: SampleItem, now: datetime) -> str:
    kind = 'type="html"' if feed.behaviour.markup else ""
    parts = [
        _element("title", item.title_at(now)),
        f'<link rel="alternate" href="{html.escape(item.link)}"/>',
        _element("id", item.guid),
        _element("published", _iso(item.published_at)),
        _element("updated", _iso(item.changed_at(now))),
        _element("summary", _summary(feed, item), kind),
    ]
    return "\n".join(["<entry>", *parts, "</entry>"])


def _rdf(feed: SampleFeed, now: datetime) -> str:
    shown = feed.shown_at(now)
    places = [f'<rdf:li rdf:resource="{html.escape(item.link)}"/>' for item in shown]
    head = [
        f"<rdf:RDF {_XMLNS_RDF}>",
        f'<channel rdf:about="https://{feed.domain}{feed.path}">',
        _element("title", feed.title),
        _element("link", f"https://{feed.domain}/"),
        _element("description", f"{feed.title}: invented sample news"),
        f"<items><rdf:Seq>{''.join(places)}</rdf:Seq></items></channel>",
    ]
    items = [_rdf_item(feed, item, now) for item in shown]
    return "\n".join([*head, *items, "</rdf:RDF>"])


def _rdf_item(feed: SampleFeed, item: SampleItem, now: datetime) -> str:
    parts = [
        _element("title", item.title_at(now)),
        _element("link", item.link),
        _element("description", _summary(feed, item)),
        _element("dc:date", _iso(item.published_at)),
    ]
    return "\n".join([f'<item rdf:about="{html.escape(item.link)}">', *parts, "</item>"])


def _summary(feed: SampleFeed, item: SampleItem) -> str:
    return f"<p>{html.escape(item.summary)}</p>" if feed.behaviour.markup else item.summary


def _element(name: str, text: str, attributes: str = "") -> str:
    opening = f"{name} {attributes}" if attributes else name
    return f"<{opening}>{html.escape(text, quote=False)}</{name}>"


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
