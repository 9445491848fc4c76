"""Rows 45 to 69: servers and addresses that mean harm, or know no better."""

from __future__ import annotations

from tests.hostile.documents import GOOD, MEBI, rss
from tests.hostile.wire import Reply, answer, forever, torn

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = rss(GOOD)
#: Noon and two hours later of the tests' day, as HTTP writes them.
AT_NOON, AT_TWO = "Tue, 10 Mar 2026 12:00:00 GMT", "Tue, 10 Mar 2026 14:00:00 GMT"


def away(status: int, target: str) -> bytes:
    """Return a redirect."""
    return answer(f"{status} Moved", b"", Location=target)


def busy(status: str, wait: str) -> bytes:
    return answer(status, b"", Retry_After=wait, Date=AT_NOON)


#: By row: the words of its id, and the reply of each path.
WIRED: dict[int, tuple[str, dict[str, Reply]]] = {
    45: ("a body without end", {
        "endless": forever(b" " * 65_536, 0, OK + b"\r\n"),
        "endless-chunks": forever(b"8000\r\n" + b" " * 32_768 + b"\r\n", 0, OK + b"Transfer-Encoding: chunked\r\n\r\n"),
    }),
    46: ("a byte every half second", {"drip": forever(b" ", 0.5, OK + b"\r\n")}),
    47: ("headers without end, and one of 1 MB", {
        "headers": forever(b"X-Y: z\r\n", 0.05, OK),
        "header": OK + b"X-Y: " + b"z" * MEBI + b"\r\n\r\n" + WHOLE,
    }),
    49: ("a reset in the body", {"reset": torn(OK + b"Content-Length: 9999\r\n\r\n" + WHOLE[:60])}),
    50: ("a wrong length", {
        "too-short": OK + b"Content-Length: 9999\r\nConnection: close\r\n\r\n" + WHOLE,
        "too-long": OK + b"Content-Length: 60\r\n\r\n" + WHOLE,
    }),
    51: ("a circle of redirects", {
        "circle": away(302, "/circle-b"), "circle-b": away(302, "/circle"),
        "chain": away(302, "/chain-1"),
    } | {f"chain-{n}": away(302, f"/chain-{n + 1}") for n in range(1, 9)}),
    52: ("a redirect into a private network", {
        "private": away(301, "http://10.0.0.1/feed"), "metadata": away(302, "http://169.254.169.254/latest"),
    }),
    53: ("a redirect to another scheme", {
        "file": away(302, "file:///etc/passwd"), "ftp": away(302, "ftp://news.example/feed"),
        "data": away(302, "data:application/xml,<rss/>"),
    }),
    55: ("a move for good to another host", {"moved": away(301, "http://localhost:PORT/target"), "target": answer(body=WHOLE)}),
    65: ("304 to everything", {"nothing-new": answer("304 Not Modified")}),
    66: ("410", {"gone": answer("410 Gone")}),
    67: ("429 with five kinds of Retry-After", {
        "wait-seconds": busy("429 Too Many Requests", "7200"), "wait-date": busy("429 Too Many Requests", AT_TWO),
        "wait-ages": busy("429 Too Many Requests", "1000000000"), "wait-negative": busy("429 Too Many Requests", "-5"),
        "wait-garbage": busy("429 Too Many Requests", "soon, perhaps"),
    }),
    68: ("503", {"unavailable": answer("503 Service Unavailable"), "unavailable-until": busy("503 Service Unavailable", AT_TWO)}),
}  # fmt: skip

#: The rows that need more than a reply: the words of their ids.
OTHERS: dict[int, str] = {
    48: "a server that says nothing under TLS",
    54: "a redirect from https to http",
    56: "loopback as an address",
    57: "loopback mapped into IPv6",
    58: "loopback in full-width and circled digits",
    59: "loopback in decimal, octal, hexadecimal and short",
    60: "addresses of translation, relay and special use",
    61: "a name that turns private",
    62: "a name with a public and a private address",
    63: "a name that stands for localhost",
    64: "a name server that is dead, broken or slow",
    69: "a certificate that has expired, or is another host's",
}

#: What must not be dialled, by row; PORT is where something listens on this machine.
WALLED: dict[int, tuple[str, ...]] = {
    56: ("http://127.0.0.1:PORT/", "http://[::1]:PORT/", "http://0.0.0.0:PORT/", "http://localhost:PORT/"),
    57: ("http://[::ffff:7f00:1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/"),
    58: ("http://１２７.０.０.１:PORT/", "http://①②⑦.⓪.⓪.①:PORT/", "http://127。0。0。1:PORT/"),
    59: ("http://2130706433:PORT/", "http://0177.0.0.1:PORT/", "http://0x7f000001:PORT/", "http://127.1:PORT/", "http://127.0.0.1.:PORT/"),
    60: (
        "http://[64:ff9b::7f00:1]:PORT/", "http://[2002:7f00:1::]:PORT/", "http://[2001:0:7f00:1::]:PORT/",
        "http://[fec0::1]:PORT/", "http://224.0.0.1:PORT/", "http://[ff02::1]:PORT/", "http://169.254.169.254/",
        "http://100.64.0.1/", "http://10.0.0.1/", "http://192.168.0.1/", "http://[fd00::1]/", "http://[fe80::1]/",
    ),
}  # fmt: skip
