"""Behaviours 25 to 28: size, bombs, encodings, and what we send."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import brotli
import pytest
from aiohttp import web

from monitor.errors import ParseError
from monitor.feeds.entries import read
from monitor.model import PollOutcome
from tests.behaviours.stage import DULL, HIT, plain, playing
from tests.desk import SETTINGS
from tests.servers import Shown, rss

NEWS = rss([DULL, HIT])


async def drip(request):
    """Send one byte at a time for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(10_000):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


async def flood(request):
    """Send chunks that never end."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    while True:
        await response.write(b" " * 2**18)


async def test_25_floods_drips_and_bombs_end_within_their_bounds(tmp_path, clock):
    """Each ends as an error of its own, and the good feed beside them is not late."""
    settings = SETTINGS.replace("  host_gap: 0s", "  host_gap: 0s\n  timeout: 2s")
    paths = ("/drip", "/flood", "/bomb", "/said", "/many", "/a")
    async with playing(tmp_path, clock, paths, settings) as s:
        s.server.answers |= {"/drip": drip, "/flood": flood}
        s.server.specials |= {
            "/bomb": plain(gzip.compress(b" " * 2**25), Content_Encoding="gzip"),
            "/said": plain(b" " * (11 * 2**20)),
            "/many": plain(NEWS, **{f"X-{n}": "y" for n in range(500)}),
        }
        s.server.show("/a", DULL)
        await asyncio.wait_for(s.sweep(), 20)
        outcomes = {path: s.record(path).outcome for path in paths}
        assert outcomes == {
            "/drip": PollOutcome.TIMEOUT,
            "/flood": PollOutcome.TOO_LARGE,
            "/bomb": PollOutcome.TOO_LARGE,
            "/said": PollOutcome.TOO_LARGE,
            "/many": PollOutcome.OK,
            "/a": PollOutcome.OK,
        }


LAUGHS = b'<!DOCTYPE r [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
BOMB = LAUGHS + b"]><rss version='2.0'><channel><item><title>&j;</title></item></channel></rss>"
OUTSIDE = (
    b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<rss version='2.0'><channel><item><guid>1</guid><title>T &x;</title></item></channel></rss>"
)


async def test_26_entities_neither_explode_nor_reach_out(tmp_path, clock):
    """A bomb is over in a moment, and an external entity reads no file."""
    async with playing(tmp_path, clock, ("/bomb", "/outside", "/a")) as s:
        s.server.documents |= {"/bomb": BOMB, "/outside": OUTSIDE}
        s.server.show("/a", DULL)
        await asyncio.wait_for(s.sweep(), 20)
        assert DULL.title in s.titles()
        assert not any("root:" in title or "hahaha" in title for title in s.titles())


def test_26_a_document_cut_anywhere_gives_whole_entries_only():
    """Never a crash, never half an entry."""
    whole = {entry.title: entry.guid for entry in read(NEWS, None).entries}
    for at in range(len(NEWS)):
        try:
            found = read(NEWS[:at], None)
        except ParseError:
            continue
        for entry in found.entries:
            assert whole[entry.title] == entry.guid


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        pytest.param("gzip", gzip.compress(NEWS), id="gzip"),
        pytest.param("deflate", zlib.compress(NEWS), id="deflate"),
        pytest.param("br", brotli.compress(NEWS), id="br"),
        pytest.param("identity", NEWS, id="identity"),
    ],
)
async def test_27_each_encoding_is_undone_and_an_unknown_one_is_an_error(
    tmp_path, clock, name, packed
):
    """What was packed comes out plain; what we do not know is not guessed."""
    async with playing(tmp_path, clock, ("/a", "/odd")) as s:
        s.server.specials["/a"] = plain(packed, Content_Encoding=name)
        s.server.specials["/odd"] = plain(packed, Content_Encoding="zstd-of-tomorrow")
        await s.sweep()
        assert s.titles() == sorted([DULL.title, HIT.title])
        assert s.record("/odd").outcome is PollOutcome.ENCODING


async def test_28_we_say_who_we_are_and_nothing_else(tmp_path, clock):
    """Product, version, contact, gzip; no Referer, no cookie, no query; always the same headers."""
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", Shown("One", "1"))
        await s.force()
        await s.force()
        first, second = (one.headers for one in s.server.asked)
        assert first["User-Agent"].startswith("newsmonitor/")
        assert "+mailto:desk@example.org" in first["User-Agent"]
        assert "gzip" in first["Accept-Encoding"]
        assert set(second) - set(first) == {"If-None-Match"}
        assert set(first) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}
