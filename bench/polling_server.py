"""A thousand publishers in one process: the feeds of ``bench/polling.py``, served on loopback.

Every feed has a host of its own (127.x.y.z; Linux answers on all of them), so nobody gains from
connections that are kept: one request for each host and sweep, as in real life. Answers as a well
kept server does: gzip made beforehand, ETag, Last-Modified, correct 304s. ``/stage/N`` sets what is
served, ``/told`` says what was asked. Runs in a process of its own, so that its work is not counted.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import accumulate
from typing import NamedTuple

from monitor.files import load_watchlists, shipped

#: Of so many feeds one has news at stage 1: five in a hundred.
CHANGED_EVERY = 20
NEWS = 2
#: One item in this many is about something that a shipped list watches.
WATCHED_EVERY = 60
_EPOCH = datetime(2026, 3, 9, 6, tzinfo=UTC)
_SYLLABLES = (
    "al an ar ba be ca co da de di do el en er fa fo ga ge ha he ho in is ka ko la le li lo ma me "
    "mi mo na ne no on or pa pe po ra re ri ro sa se si so ta te ti to un ur va ve vi vo"
).split()


class Served(NamedTuple):
    """One state of one feed."""

    plain: bytes
    packed: bytes
    etag: str
    modified: str


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    title: str
    text: str
    at: datetime


def address(number: int) -> str:
    """Return the loopback address of a feed's own host."""
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


def url(number: int, port: int) -> str:
    return f"http://{address(number)}:{port}/feed.xml"


def _vocabulary(dice: random.Random) -> list[str]:
    made = {"".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(12_000)}
    return sorted(made)


def _watched() -> list[tuple[str, str]]:
    """Return titles and texts that fire: the tests of the shipped watchlists."""
    lists = load_watchlists([shipped() / "watchlists"])
    return [(each.title, each.text) for one in lists for each in one.tests if each.fires]


class Press:
    """Writes the same feeds from the same numbers, whoever asks."""

    def __init__(self, least: int, most: int, words: int) -> None:
        dice = random.Random(7)
        self._vocabulary = _vocabulary(dice)
        ranks = range(len(self._vocabulary))
        self._weights = list(accumulate(1 / (rank + 3) for rank in ranks))
        dice.shuffle(self._vocabulary)
        self._texts = _watched()
        self._least, self._most, self._words = least, most, words

    def items(self, feed: int, stage: int) -> list[Item]:
        """Return a feed's items, the newest first."""
        dice = random.Random(f"feed {feed}")
        count = dice.randint(self._least, self._most)
        total = count + NEWS
        made = [self._item(dice, feed, number) for number in range(total)]
        return made[NEWS:][::-1] if is_changed(feed, stage) else made[:count][::-1]

    def _item(self, dice: random.Random, feed: int, number: int) -> Item:
        length = dice.randint(self._words // 2, self._words * 3 // 2)
        words = dice.choices(self._vocabulary, cum_weights=self._weights, k=length + 9)
        title = " ".join(words[:9]).capitalize()
        text = _marked_up(dice, words[9:])
        if dice.randrange(WATCHED_EVERY) == 0:
            said, more = dice.choice(self._texts)
            title, text = f"{said} ({title[:20]})", f"<p>{escape(more)}</p>{text}"
        return Item(number, title, text, _EPOCH + timedelta(minutes=17 * number + feed % 17))

    def document(self, feed: int, stage: int, port: int) -> Served:
        items = self.items(feed, stage)
        write = _atom if feed % 3 == 0 else _rss
        plain = "".join(write(feed, items, f"http://{address(feed)}:{port}")).encode()
        etag = f'"{hashlib.sha1(plain).hexdigest()[:20]}"'
        modified = format_datetime(items[0].at, usegmt=True)
        return Served(plain, gzip.compress(plain, 6, mtime=0), etag, modified)


def is_changed(feed: int, stage: int) -> bool:
    return stage > 0 and feed % CHANGED_EVERY == 0


def _marked_up(dice: random.Random, words: list[str]) -> str:
    parts = []
    for begin in range(0, len(words), 45):
        some = words[begin : begin + 45]
        if len(some) > 20:
            some[7] = f'<a href="https://news.example/{some[7]}?a=1&amp;b=2">{some[7]}</a>'
            some[12] = f"<em>{some[12]}</em>"
        parts.append(f"<p>{' '.join(some).capitalize()}.</p>")
    if dice.randrange(4) == 0:
        parts.append('<img src="https://img.example/1.jpg" width="640" alt="" />')
    return "".join(parts)


def _rss(feed: int, items: list[Item], site: str) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel>\n'
        f"<title>Gazette {feed}</title><link>{site}/</link><language>en</language>\n"
        f"<lastBuildDate>{format_datetime(items[0].at, usegmt=True)}</lastBuildDate>\n"
    )
    for one in items:
        link = f"{site}/2026/03/{one.number}-story.html"
        yield (
            f"<item>\n<title>{escape(one.title)}</title>\n<link>{link}</link>\n"
            f'<guid isPermaLink="true">{link}</guid>\n'
            f"<pubDate>{format_datetime(one.at, usegmt=True)}</pubDate>\n"
            f"<dc:creator>Desk {feed % 7}</dc:creator><category>World</category>\n"
            f"<description>{escape(one.text)}</description>\n</item>\n"
        )
    yield "</channel>\n</rss>\n"


def _atom(feed: int, items: list[Item], site: str) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>Gazette {feed}</title><id>{site}/</id>"
        f'<link rel="self" href="{site}/feed.xml"/>'
        f"<updated>{items[0].at.isoformat()}</updated>\n"
    )
    for one in items:
        link = f"{site}/2026/03/{one.number}-story.html"
        yield (
            f"<entry>\n<title>{escape(one.title)}</title>\n"
            f'<link rel="alternate" href="{link}"/>\n<id>tag:gazette{feed}.example,2026:{one.number}'
            f"</id>\n<updated>{one.at.isoformat()}</updated><published>{one.at.isoformat()}"
            f"</published>\n<author><name>Desk {feed % 7}</name></author>\n"
            f'<summary type="html">{escape(one.text)}</summary>\n</entry>\n'
        )
    yield "</feed>\n"


class Site:
    """Answers for all hosts; a host is told by the address that was dialled."""

    def __init__(self, press: Press, feeds: int) -> None:
        self._press, self._feeds = press, feeds
        self._stage = 0
        self._port = 0
        self._number = {address(n): n for n in range(feeds)}
        self._shelf: dict[tuple[int, int], Served] = {}
        self._told: Counter[str] = Counter()

    async def serve(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Talk(self), "0.0.0.0", port, backlog=4096)
        self._port = server.sockets[0].getsockname()[1]
        for feed in range(self._feeds):
            for stage in (0, 1):
                if stage == 0 or is_changed(feed, stage):
                    self._shelf[feed, stage] = self._press.document(feed, stage, self._port)
        total = sum(len(self._press.items(n, 0)) for n in range(self._feeds))
        sizes = [len(one.plain) for (_, stage), one in self._shelf.items() if stage == 0]
        told = {"port": self._port, "items": total, "bytes": sum(sizes) // len(sizes)}
        print(json.dumps(told), flush=True)
        await server.serve_forever()

    def answer(self, host: str, request: bytes) -> bytes:
        """Return the whole answer to one request."""
        path = request.split(b" ", 2)[1]
        if path.startswith(b"/stage/"):
            self._stage = int(path.rpartition(b"/")[2])
            self._told.clear()
            return _plain(b"done")
        if path == b"/told":
            return _plain(json.dumps(self._told).encode())
        number = self._number.get(host)
        if number is None or path != b"/feed.xml":
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        return self._feed(number, request)

    def _feed(self, number: int, request: bytes) -> bytes:
        stage = 1 if is_changed(number, self._stage) else 0
        served = self._shelf[number, stage]
        head = (
            f"ETag: {served.etag}\r\nLast-Modified: {served.modified}\r\nVary: Accept-Encoding\r\n"
        )
        if _unchanged(request, served):
            self._told["304"] += 1
            return f"HTTP/1.1 304 Not Modified\r\n{head}\r\n".encode()
        self._told["200"] += 1
        is_packed = _header(request, b"accept-encoding").find(b"gzip") >= 0
        body = served.packed if is_packed else served.plain
        head += "Content-Encoding: gzip\r\n" if is_packed else ""
        head += f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
        return f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body


def _unchanged(request: bytes, served: Served) -> bool:
    etag = _header(request, b"if-none-match")
    if etag:
        return etag.decode() == served.etag
    return _header(request, b"if-modified-since").decode() == served.modified


def _header(request: bytes, name: bytes) -> bytes:
    found = re.search(rb"(?im)^" + name + rb":[ \t]*(.*?)\r?$", request)
    return found[1].strip() if found else b""


def _plain(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class _Talk(asyncio.Protocol):
    def __init__(self, site: Site) -> None:
        self._site = site
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            request, self._read = self._read[: end + 4], self._read[end + 4 :]
            self._transport.write(self._site.answer(self._host, request))
            if _header(request, b"connection").lower() == b"close" or b" HTTP/1.0" in request:
                self._transport.close()


def main() -> None:
    feeds, least, most, words = map(int, sys.argv[1:5])
    asyncio.run(Site(Press(least, most, words), feeds).serve(0))


if __name__ == "__main__":
    main()
