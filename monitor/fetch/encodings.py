"""Undoes the Content-Encoding of a body, piece by piece, and never beyond the room it is given.

A kilobyte can unfold to a gigabyte, so no step asks a decompressor for more than one byte over the
room that is left. It reads no socket and knows no status.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]

#: What may be asked for, and nothing else: each of these is decoded below.
ACCEPTED = "gzip, deflate, br"

#: Each member costs a fresh decompressor; honest servers send one, a few send one per flush.
MAX_MEMBERS = 1_000

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_BITS = 16 + zlib.MAX_WBITS


class EncodingFault(Exception):  # noqa: N818 - never leaves this door
    """The body is not what its Content-Encoding says, or that is unknown."""


class Decoder(Protocol):
    """Turns pieces of a body into plain bytes."""

    def feed(self, data: bytes, room: int) -> bytes:
        """Decode a piece. More than ``room`` bytes back means too large; it may be cut there.

        Raises EncodingFault.
        """
        ...

    @property
    def whole(self) -> bool:
        """True when the stream has reached its own end."""
        ...


def decoder_for(content_encoding: str) -> Decoder:
    """Return the decoder for a Content-Encoding header. Raises EncodingFault."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    match names:
        case []:
            return Identity()
        case ["gzip" | "x-gzip"]:
            return Gzip()
        case ["deflate"]:
            return Deflate()
        case ["br"]:
            return Brotli()
    shown = content_encoding[:40].encode("ascii", "backslashreplace").decode()
    raise EncodingFault(f"unknown Content-Encoding {shown!r}")


class Identity:
    """A body sent as it is; its end is known only to the connection."""

    whole = True

    def feed(self, data: bytes, room: int) -> bytes:
        return data[: room + 1]


class Gzip:
    """One or more gzip members in a row (RFC 1952, 2.2), with zeros or junk behind them."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_BITS)
        self._members = 1
        self._rest = b""  #: behind a finished member, too short to tell what it is
        self._junk = False

    @property
    def whole(self) -> bool:
        return self._member.eof

    def feed(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        data = self._rest + data
        self._rest = b""
        while data and len(out) <= room and not self._junk:
            if self._member.eof:
                data = self._next_member(data)
                continue
            out += _inflate(self._member, data, room + 1 - len(out))
            data = self._member.unused_data
        return bytes(out)

    def _next_member(self, data: bytes) -> bytes:
        """Begin the next member, and return its bytes; nothing when there is none yet."""
        data = data.lstrip(b"\0")
        if len(data) < len(_GZIP_MAGIC):
            self._rest = data
            return b""
        if not data.startswith(_GZIP_MAGIC):
            self._junk = True
            return b""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise EncodingFault(f"more than {MAX_MEMBERS} gzip members")
        self._member = zlib.decompressobj(_GZIP_BITS)
        return data


class Deflate:
    """A zlib stream, or the bare deflate stream that some servers send under the same name."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: zlib._Decompress | None = None

    @property
    def whole(self) -> bool:
        return self._stream is not None and self._stream.eof

    def feed(self, data: bytes, room: int) -> bytes:
        if self._stream is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return b""
            # RFC 1950, 2.2: method 8 in the low half, and both bytes a multiple of 31.
            zlib_head = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if zlib_head else -zlib.MAX_WBITS)
        return b"" if self._stream.eof else _inflate(self._stream, data, room + 1)


class Brotli:
    """A brotli stream (RFC 7932)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def whole(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes, room: int) -> bytes:
        if self.whole:
            return b""
        out = bytearray()
        try:
            out += self._stream.process(data, output_buffer_limit=room + 1)
            while len(out) <= room and not self._stream.can_accept_more_data():
                out += self._stream.process(b"", output_buffer_limit=room + 1 - len(out))
        except brotli.error as exc:
            raise EncodingFault("the brotli stream is broken") from exc
        return bytes(out)


def _inflate(stream: zlib._Decompress, data: bytes, most: int) -> bytes:
    try:
        return stream.decompress(data, most)
    except zlib.error as exc:
        raise EncodingFault("the compressed stream is broken") from exc
