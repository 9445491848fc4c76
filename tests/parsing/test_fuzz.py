"""Damaged documents through the pool: an answer or a reason, never anything else."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from functools import cache

import pytest

from monitor.demo.feed_documents import feed_document
from monitor.demo.newsday import load_day
from monitor.errors import ParseError
from monitor.model import ParsedFeed, PollOutcome
from monitor.parsing import Cage, ParserPool

SEED = 20260310
_ENTRY = (
    "<{0}><title>Drones — Иран {1} پهپاد</title><link>https://e.example/{1}</link><guid>g{1}</guid>"
    "<id>i{1}</id><description>&lt;p&gt;Text &amp;amp; more {1}&lt;/p&gt;</description>"
    "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>x</p></div></content>"
    "<pubDate>Tue, 10 Mar 2026 08:0{1}:00 +0100</pubDate><updated>2026-03-10T08:00:0{1}Z</updated>"
    "<dc:creator>N</dc:creator><media:content url='u'><media:title>m</media:title></media:content>"
    "<source url='https://o.example'>Other</source><author><name>A</name></author>"
    "<enclosure url='https://e.example/{1}.mp3' length='1' type='audio/mpeg'/></{0}>"
)
_SPACES = (
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/'"
    " xmlns:psc='http://podlove.org/simple-chapters' xmlns:georss='http://www.georss.org/georss'"
    " xmlns:gml='http://www.opengis.net/gml' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
)
_FRAMES = (
    ("item", f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0' {_SPACES}><channel><title>T</title>", "</channel></rss>"),
    ("entry", f"<feed xmlns='http://www.w3.org/2005/Atom' {_SPACES}><title>T</title>", "</feed>"),
    ("item", f"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' {_SPACES}><channel/>", "</rdf:RDF>"),
)  # fmt: skip
#: What damaged feeds hold, and what has broken parsers before.
_SHARDS = (
    b"<", b">", b"&", b"\x00", b"\xff", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x", b"&#x110000;",
    b"&#xD800;", b"&#99999999999;", b"&nbsp;", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b" xmlns='urn:a'",
    b" xmlns:dc=''", b" xml:base='http://['", b"<item>", b"</item>", b"<textinput/>", b"<svg>",
    b"<georss:where><gml:Point><gml:pos>1 x</gml:pos></gml:Point></georss:where>", b"<gml:pos>1</gml:pos>",
    b"<psc:chapters><psc:chapter start='x'/></psc:chapters>", b"<psc:chapter start='1'/>",
    b"<cloud/>", b"<media:rating>r</media:rating>", b"<link rel='alternate'/>", b" mode='base64'",
    b"<itunes:explicit>yes</itunes:explicit>", b"9999-99-99T99:99:99Z", b"<xhtml:body>", b"\xed\xa0\x80",
    b"<language/>", b"<title type='application/octet-stream'>", b"<category>", b"\r\n" * 40, b"[" * 60,
)  # fmt: skip


@cache
def samples() -> tuple[bytes, ...]:
    """Return the feeds of the sample day at its noon: three dialects, ten scripts."""
    day = load_day()
    now = max(item.published_at for item in day.items) - timedelta(hours=6)
    made = (feed_document(feed, now) for feed in day.feeds)
    return tuple(body for body in made if len(body) < 60_000)


def document(dice: random.Random) -> bytes:
    if dice.random() < 0.3:
        return dice.choice(samples())
    name, opening, closing = dice.choice(_FRAMES)
    entries = "".join(_ENTRY.format(name, n) for n in range(dice.randint(0, 5)))
    return (opening + entries + closing).encode()


def damaged(dice: random.Random) -> bytes:
    """Return a document with one to six wounds."""
    body = bytearray(document(dice))
    for _ in range(dice.randint(1, 6)):
        at, kind = dice.randrange(len(body) + 1), dice.randrange(6)
        if kind == 0 and body:
            body[at % len(body)] = dice.randrange(256)
        elif kind == 1:
            body[at:at] = dice.choice(_SHARDS)
        elif kind == 2:
            del body[at : at + dice.randint(1, 60)]
        elif kind == 3:
            body[at:at] = body[at : at + dice.randint(1, 400)] * dice.randint(1, 3)
        elif kind == 4:
            end = at + dice.randint(1, 200)
            body[at:end] = body[dice.randrange(len(body) + 1) :][: end - at]
        elif dice.random() < 0.2:
            del body[at:]
    return bytes(body)


async def shoot(count: int) -> Counter[str]:
    """Send ``count`` damaged documents, each twice: whole, and with some entries known."""
    dice, seen = random.Random(SEED), Counter[str]()
    async with ParserPool(2, Cage(deadline_s=5)) as pool:

        async def one(body: bytes, share: float) -> None:
            known: set[str] = set()
            for attempt in ("whole", "part"):
                try:
                    parsed = await pool.parse(body, "application/xml", "", known)
                except ParseError as error:
                    seen[error.kind] += 1
                    seen["late"] += "stopped after" in str(error)
                    return
                assert isinstance(parsed, ParsedFeed)
                seen[attempt] += 1
                seen["skipped"] += parsed.skipped
                keys = [key for key in parsed.raw_keys if key]
                known = set(keys[: int(share * len(keys)) + 1])

        bodies = [(damaged(dice), dice.random()) for _ in range(count)]
        for start in range(0, count, 200):
            await asyncio.gather(*(one(*shot) for shot in bodies[start : start + 200]))
        seen["killed"] = pool.killed
    return seen


def check(seen: Counter[str], count: int) -> None:
    """Every document has its answer, and a worker dies of nothing but the deadline."""
    answered = seen["whole"] + seen[PollOutcome.NOT_A_FEED] + seen[PollOutcome.PARSER_KILLED]
    assert answered == count
    assert seen["part"] == seen["whole"]
    assert seen["killed"] == seen[PollOutcome.PARSER_KILLED] == seen["late"]
    assert seen["whole"] > count // 2
    assert seen["skipped"] > count // 20


async def test_300_damaged_documents_bring_only_answers_and_reasons():
    """No exception but ParseError comes out of the pool, and no worker dies."""
    check(await shoot(300), 300)


@pytest.mark.slow
async def test_10000_damaged_documents_bring_only_answers_and_reasons():
    """The same with ten thousand."""
    check(await shoot(10_000), 10_000)
