"""Rows 1 to 44: documents that mean harm, or whose writers knew no better. Only bytes.

Each row may have several documents. None is kept as a file: some are 50 MB long when unfolded.
"""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import brotli

MEBI = 2**20
#: The item that most rows carry beside their trouble.
TITLE = "Drones reach Russia"
GOOD = f"<item><guid>good</guid><title>{TITLE}</title><link>https://news.example/good</link></item>"


@dataclass(frozen=True)
class Hostile:
    """One document as it goes over the wire."""

    name: str
    make: Callable[[], bytes]
    headers: dict[str, str] = field(default_factory=dict)


def rss(inner: str, before: str = "", after: str = "</channel></rss>") -> bytes:
    """Return an RSS document; ``before`` stands before its root."""
    head = "<rss version='2.0'><channel><title>T</title>"
    return f"{before}{head}{inner}{after}".encode("utf-8", "surrogatepass")


def item(inner: str, guid: str = "bad") -> str:
    return f"<item><guid isPermaLink='false'>{guid}</guid>{inner}</item>"


def titled(title: str) -> bytes:
    """Return a document whose one item has this title."""
    return rss(item(f"<title>{title}</title>"))


def atom(inner: str) -> bytes:
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>urn:x</id>"
        f"<title>{TITLE}</title>{inner}</entry></feed>"
    ).encode()


def declared(charset: str) -> bytes:
    """Return a document that claims a charset, with letters of three scripts in UTF-8."""
    return rss(
        item(f"<title>{TITLE} гавань بندر</title>"), f"<?xml version='1.0' encoding='{charset}'?>"
    )


def laughs() -> bytes:
    rows = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return rss(
        item("<title>&l9;</title>") + GOOD,
        f"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY l0 'ha'>{rows}]>",
    )


def quadratic() -> bytes:
    wide = "a" * MEBI
    return rss(item(f"<title>{'&w;' * 200}</title>") + GOOD, f"<!DOCTYPE r [<!ENTITY w '{wide}'>]>")


def outside(target: str, *, parameter: bool = False) -> bytes:
    """Return a document with an entity that stands elsewhere."""
    what = f"% x SYSTEM '{target}'> %x;" if parameter else f"x SYSTEM '{target}'>"
    return rss(item("<title>T &x;</title>") + GOOD, f"<!DOCTYPE r [<!ENTITY {what}]>")


def bomb(most: int, head: bytes) -> bytes:
    """Return a stream of deflate that unfolds to ``most`` blanks, behind ``head``."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(b" " * MEBI) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (most // MEBI) + packer.flush()


def brotli_bomb(most: int) -> bytes:
    packer = brotli.Compressor(quality=1)
    blanks = b" " * MEBI
    return b"".join([packer.process(blanks) for _ in range(most // MEBI)]) + packer.finish()


GZIP_HEAD = b"\x1f\x8b\x08" + bytes(6) + b"\xff"


def utf16_mismatch() -> bytes:
    """Return UTF-16 without a mark of its byte order, under a label that says UTF-8."""
    text = rss(GOOD, "<?xml version='1.0' encoding='utf-8'?>").decode()
    return text.encode("utf-16-le")


def random_bytes() -> bytes:
    return random.Random(39).randbytes(50_000)


def dated(when: str) -> bytes:
    more = f"<pubDate>{when}</pubDate><dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>{when}</dc:date>"
    return rss(item(f"<title>{TITLE}</title>{more}", when))


_A = 100_000
_HTML = b"<!doctype html><html><head><title>Log in</title></head><body><form></form></body></html>"

#: Documents that may take the parser to its deadline; all others must be read or refused before.
SLOW = frozenset({"tags", "xhtml", "author-at", "address", "different"})
#: By row: the words of its id, and its documents.
ROWS: dict[int, tuple[str, tuple[Hostile, ...]]] = {
    1: ("billion laughs of nine levels", (Hostile("laughs", laughs),)),
    2: ("an entity of 1 MB, used 200 times", (Hostile("quadratic", quadratic),)),
    3: ("entities in a file, on a server, as a parameter", (
        Hostile("local", lambda: outside("file:///etc/passwd")),
        Hostile("server", lambda: outside("BASE/canary")),
        Hostile("parameter", lambda: outside("BASE/canary", parameter=True)),
    )),
    4: ("100k nested tags", (Hostile("tags", lambda: rss(item("<x>" * _A + "</x>" * _A) + GOOD)),)),
    5: ("100k nested escaped divs", (
        Hostile("divs", lambda: rss(item(f"<description>{'&lt;div&gt;' * _A}</description>") + GOOD)),
    )),
    6: ("100k nested divs of XHTML in Atom", (
        Hostile("xhtml", lambda: atom(
            "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
            + "<div>" * _A + "</div>" * _A + "</div></content>")),
    )),
    7: ("an author of 100k letters", (
        Hostile("author", lambda: rss(item(f"<author>{'a' * _A}</author>"))),
        Hostile("author-at", lambda: rss(item(f"<author>{'a' * _A} @</author>"))),
    )),
    8: ("an author that is nearly an address", (
        Hostile("address", lambda: rss(item(f"<author>a@{'a.' * 20_000}</author>"))),
    )),
    9: ("100k newlines before the root", (
        Hostile("newlines", lambda: b"\n" * _A + rss(GOOD)),
        Hostile("60k-newlines", lambda: b"\n" * 60_000 + rss(GOOD)),
    )),
    10: ("a declaration with 3,000 encodings", (
        Hostile("encodings", lambda: b"<?xml version='1.0' " + b'encoding="' * 3_000 + b"?>" + rss(GOOD)),
    )),
    11: ("20k lines that begin an entity", (
        Hostile("entities", lambda: b"<!DOCTYPE r [" + b"<!ENTITY \n" * 20_000 + b"]>" + rss(GOOD)),
        Hostile("unclosed", lambda: b"<!ENTITY \n" * 20_000 + rss(GOOD)),
    )),
    12: ("a style of 100k letters", (
        Hostile("style", lambda: rss(
            item(f"<description>&lt;p style=\"{'a' * _A}\"&gt;x</description>") + GOOD)),
    )),
    13: ("a style with 20k addresses", (
        Hostile("url", lambda: rss(
            item(f"<description>&lt;p style=\"{'url(' * 20_000}\"&gt;x</description>") + GOOD)),
    )),
    14: ("20k comments that do not end", (
        Hostile("comments", lambda: rss(item(f"<description>{'&lt;!--' * 20_000}</description>") + GOOD)),
        Hostile("raw", lambda: rss("<!--" * 20_000)),
    )),
    15: ("20k categories of one item", (
        Hostile("categories", lambda: rss(item("<category>c</category>" * 20_000) + GOOD)),
        Hostile("different", lambda: rss(item("".join(f"<category>c{n}</category>" for n in range(20_000))) + GOOD)),
    )),
    16: ("a feed of 50 MB", (Hostile("large", lambda: rss(GOOD + " " * (50 * MEBI))),)),
    17: ("100k items", (
        Hostile("items", lambda: rss("".join(f"<item><title>{n}</title></item>" for n in range(_A)))),
    )),
    18: ("a title of 50 MB, and one just below the limit", (
        Hostile("long", lambda: titled("word " * (2 * MEBI - 100))),
        Hostile("longer", lambda: titled("a" * (50 * MEBI))),
    )),
    19: ("a gzip bomb of 1 GB", (
        Hostile("gzip", lambda: bomb(1024 * MEBI, GZIP_HEAD), {"Content-Encoding": "gzip"}),
    )),
    20: ("bombs of deflate, brotli and zstd", (
        Hostile("deflate", lambda: bomb(256 * MEBI, b"\x78\x9c"), {"Content-Encoding": "deflate"}),
        Hostile("br", lambda: brotli_bomb(256 * MEBI), {"Content-Encoding": "br"}),
        Hostile("zstd", lambda: b"\x28\xb5\x2f\xfd" + bytes(2_000), {"Content-Encoding": "zstd"}),
    )),
    21: ("10,000 gzip members in a row", (
        Hostile("members", lambda: gzip.compress(b" ") * 10_000, {"Content-Encoding": "gzip"}),
    )),
    22: ("plain text labelled as gzip", (
        Hostile("label", lambda: rss(GOOD), {"Content-Encoding": "gzip"}),
    )),
    23: ("punycode as charset", (Hostile("punycode", lambda: declared("punycode")),)),
    24: ("undefined as charset", (Hostile("undefined", lambda: declared("undefined")),)),
    25: ("idna as charset", (Hostile("idna", lambda: declared("idna")),)),
    26: ("unicode_escape as charset", (Hostile("escape", lambda: declared("unicode_escape")),)),
    27: ("UTF-7 as charset", (Hostile("utf7", lambda: declared("utf-7")),)),
    28: ("UTF-16 that is none, and UTF-16 that does not say so", (
        Hostile("claimed", lambda: declared("utf-16")),
        Hostile("silent", utf16_mismatch),
    )),
    29: ("bytes that are no UTF-8", (
        Hostile("one", lambda: declared("utf-8").replace("гавань".encode(), b"\xff" + "гавань".encode())),
        Hostile("many", lambda: rss(item(f"<title>{TITLE}</title><description>@</description>")).replace(b"@", b"\xff\xc0\x80" * 3_000)),
    )),
    30: ("references to surrogates and to no character", tuple(
        Hostile(name, lambda code=code: rss(item(f"<title>{TITLE} &#{code};</title>") + GOOD))
        for name, code in (("half", "xD800"), ("beyond", "x110000"), ("huge", "9" * 40), ("zero", "0"))
    )),
    31: ("NUL, ESC and BEL in a title", (Hostile("control", lambda: titled(f"{TITLE}\x00\x1b[2J\x07")),)),
    32: ("a title that turns the direction", (Hostile("bidi", lambda: titled(f"\u202e{TITLE} gpj.exe\u2066")),)),
    33: ("5 kB of combining marks", (Hostile("zalgo", lambda: titled("h\u0300" + "\u0315\u0334" * 1_250)),)),
    34: ("lone surrogates", (Hostile("lone", lambda: titled(f"{TITLE} \ud83d \udc00")),)),
    35: ("an HTML page or a login wall with 200", (
        Hostile("html", lambda: _HTML, {"Content-Type": "text/html"}),
        Hostile("as-xml", lambda: _HTML),
        Hostile("page", lambda: b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
    )),
    36: ("JSON", (
        Hostile("object", lambda: b'{"error": "no such feed"}', {"Content-Type": "application/json"}),
        Hostile("deep", lambda: b"[" * 200_000),
    )),
    37: ("nothing with 200", (Hostile("nothing", lambda: b""), Hostile("blank", lambda: b" \n" * 9))),
    38: ("a document that breaks off", (
        Hostile("cut", lambda: rss(GOOD + item(f"<title>{TITLE} later</title>"))[:-40]),
    )),
    39: ("random bytes", (Hostile("random", random_bytes),)),
    41: ("an item without guid, link, title or date", (
        Hostile("bare", lambda: rss("<item><description>Drones reach Russia.</description></item>")),
        Hostile("empty", lambda: rss("<item></item><item/>" + GOOD)),
    )),
    42: ("a guid of 1 MB", (Hostile("guid", lambda: rss(item(f"<title>{TITLE}</title>", "g" * MEBI))),)),
    43: ("the same guid with a changed title", (
        Hostile("changed", lambda: rss(item(f"<title>{TITLE}</title>", "same"))),
    )),
    44: ("dates that are none", tuple(
        Hostile(f"date-{number}", lambda when=when: dated(when))
        for number, when in enumerate((
            "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "Tue, 10 Mar 99 12:00:00 GMT", "2026-02-31T10:00:00Z",
            "29 Ramadan 1447", "2027-03-10T12:00:00Z", "99999999999999-01-01", "Thu, 01 Jan 1970 00:00:00 +99:99",
        ))
    )),
}  # fmt: skip
