"""Content-Encoding: what is undone, what is refused, and that no bomb goes off."""

from __future__ import annotations

import contextlib
import gzip
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FetchError
from monitor.fetch.encodings import MAX_MEMBERS, EncodingFault, decoder_for
from monitor.model.feeds import PollOutcome, Validators

NONE = Validators()
TEXT = b"<rss><title>\xd0\x98\xd1\x80\xd0\xb0\xd0\xbd</title></rss>" * 300


def raw_deflate(data: bytes) -> bytes:
    """Return a deflate stream without the head that zlib puts before it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def bomb(mebibytes: int) -> bytes:
    """Return a gzip stream of so many MiB of zeros: one block, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + block * mebibytes + b"\x03\x00" + bytes(8)


GOOD = [
    ("nothing said", "", TEXT),
    ("identity", "identity", TEXT),
    ("gzip", "gzip", gzip.compress(TEXT)),
    ("old name of gzip", "x-gzip", gzip.compress(TEXT)),
    ("name in capitals", " GZIP ", gzip.compress(TEXT)),
    ("identity besides", "identity, gzip", gzip.compress(TEXT)),
    ("two gzip members", "gzip", gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:])),
    ("an empty member in between", "gzip", gzip.compress(b"") + gzip.compress(TEXT)),
    ("zeros behind the gzip", "gzip", gzip.compress(TEXT) + bytes(512)),
    ("zeros between members", "gzip", gzip.compress(TEXT[:9]) + b"\0\0" + gzip.compress(TEXT[9:])),
    ("junk behind the gzip", "gzip", gzip.compress(TEXT) + b"<!-- served by x -->"),
    ("one stray byte behind the gzip", "gzip", gzip.compress(TEXT) + b"\x1f"),
    ("deflate as the standard means it", "deflate", zlib.compress(TEXT)),
    ("deflate as some servers send it", "deflate", raw_deflate(TEXT)),
    ("brotli", "br", brotli.compress(TEXT)),
]


@pytest.mark.parametrize("size", [1, 7, 65_536])
@pytest.mark.parametrize(("why", "name", "sent"), GOOD, ids=[row[0] for row in GOOD])
def test_what_is_sent_packed_comes_out_plain_however_it_is_cut(why, name, sent, size):
    """The pieces in which a body arrives make no difference."""
    decoder = decoder_for(name)
    pieces = (sent[at : at + size] for at in range(0, len(sent), size))
    assert b"".join(decoder.feed(piece, 2**20) for piece in pieces) == TEXT
    assert decoder.whole


@pytest.mark.parametrize(("why", "name", "sent"), GOOD, ids=[row[0] for row in GOOD])
async def test_a_packed_body_arrives_plain(client, serve, answering, why, name, sent):
    """Each encoding that is asked for is undone."""
    header = [f"Content-Encoding: {name}".encode()] if name else []
    server = await serve(answering("200 OK", sent, *header))
    assert (await client.get(server.url, NONE)).body == TEXT


BAD = [
    ("one nobody knows", b"zstd", TEXT, "unknown Content-Encoding 'zstd'"),
    ("two at once", b"gzip, br", TEXT, "unknown Content-Encoding 'gzip, br'"),
    ("two in two headers", b"gzip\r\nContent-Encoding: gzip", TEXT, "'gzip, gzip'"),
    ("signs of no sense", "☠".encode(), TEXT, "unknown Content-Encoding"),
    ("gzip said of plain text", b"gzip", TEXT, "compressed stream is broken"),
    ("deflate said of plain text", b"deflate", b"\xff" * 99, "compressed stream is broken"),
    ("brotli said of plain text", b"br", TEXT, "brotli stream is broken"),
    ("a false check sum", b"gzip", gzip.compress(TEXT)[:-8] + bytes(8), "compressed stream is broken"),
    ("members without end", b"gzip", gzip.compress(b"") * (MAX_MEMBERS + 9), "gzip members"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "name", "sent", "says"), BAD, ids=[row[0] for row in BAD])
async def test_what_cannot_be_undone_is_an_error(client, serve, answering, why, name, sent, says):
    """A body that is not what its header says is never handed on."""
    server = await serve(answering("200 OK", sent, b"Content-Encoding: " + name))
    with pytest.raises(FetchError, match=r"^127\.0\.0\.1: ") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.ENCODING
    assert says in str(caught.value)


@pytest.mark.parametrize("name", [b"zstd", b"gzip", b"br", b"deflate"])
async def test_a_broken_encoding_does_not_hide_an_error_status(client, serve, answering, name):
    """Of an error answer the status counts, whatever its body is."""
    server = await serve(answering("403 X", b"\xff" * 99, b"Content-Encoding: " + name))
    assert (await client.get(server.url, NONE)).status == 403


@pytest.mark.parametrize("name", [b"zstd-not-needed", b"gzip", b"br", b"deflate"])
async def test_an_empty_body_needs_no_decoding(client, serve, answering, name):
    """Many servers label an empty body as packed."""
    server = await serve(answering("404 X", b"", b"Content-Encoding: " + name))
    assert (await client.get(server.url, NONE)).body == b""
    if name != b"zstd-not-needed":
        server = await serve(answering("200 OK", b"", b"Content-Encoding: " + name))
        assert (await client.get(server.url, NONE)).body == b""


PACKED = [
    ("gzip", gzip.compress(TEXT)),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", raw_deflate(TEXT)),
    ("br", brotli.compress(TEXT)),
]


@pytest.mark.parametrize(("name", "sent"), PACKED, ids=["gzip", "zlib", "deflate", "br"])
async def test_a_packed_body_without_its_end_is_cut_short(client, serve, answering, name, sent):
    """A stream that stops early is an error even when its length agrees."""
    header = b"Content-Encoding: " + name.encode()
    server = await serve(answering("200 OK", sent[:-12], header))
    with pytest.raises(FetchError, match="cut short") as caught:
        await client.get(server.url, NONE)
    assert caught.value.kind == PollOutcome.CONNECT


BOMBS = [
    ("gzip, 1 GiB in 1 MB", "gzip", bomb(1_024)),
    ("gzip members", "gzip", gzip.compress(bytes(2**20)) * 40),
    ("deflate", "deflate", zlib.compress(bytes(40 * 2**20))),
    ("brotli", "br", brotli.compress(bytes(40 * 2**20), quality=1)),
]


@pytest.mark.parametrize(("why", "name", "sent"), BOMBS, ids=[row[0] for row in BOMBS])
async def test_a_bomb_is_too_large_and_takes_no_memory(client, serve, answering, why, name, sent):
    """A small body that unfolds to a huge one ends at the limit, in bounded memory."""
    server = await serve(answering("200 OK", sent, f"Content-Encoding: {name}".encode()))
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="larger than 10 MiB") as caught:
            await client.get(server.url, NONE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.kind == PollOutcome.TOO_LARGE
    assert peak < 40 * 2**20


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)], ids=["at it", "over it"])
@pytest.mark.parametrize("name", ["", "gzip", "deflate", "br"])
async def test_the_limit_is_exact(client_with, serve, answering, name, extra, fits):
    """A body of just the limit passes, one byte more does not, packed or not."""
    from monitor.fetch import Limits

    pack = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    body = b"x" * (100_000 + extra)
    header = [f"Content-Encoding: {name}".encode()] if name else []
    server = await serve(answering("200 OK", pack[name](body), *header))
    client = await client_with(limits=Limits(body_bytes=100_000))
    if fits:
        assert (await client.get(server.url, NONE)).body == body
    else:
        with pytest.raises(FetchError, match="larger than"):
            await client.get(server.url, NONE)


@given(st.sampled_from(["gzip", "deflate", "br"]), st.binary(max_size=200), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_random_bytes_raise_nothing_else(name, data, which):
    """Any bytes at all either decode, within the room, or are an EncodingFault."""
    sent = (PACKED[which][1][:40] if which else b"") + data
    decoder = decoder_for(name)
    with contextlib.suppress(EncodingFault):
        assert len(decoder.feed(sent, 500)) <= 501
