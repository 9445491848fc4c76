"""Many transfers at once on the event loop. Home of pycurl.

libcurl says which sockets it waits for and when it wants to be called again; one epoll of our
own holds the sockets, so that the loop has but one thing to watch. Every transfer has a connection
of its own, closed when it ends: the next feed of a host is asked seconds later, the same feed in an
hour. Knows nothing of feeds, redirects or what an answer means.
"""

from __future__ import annotations

import asyncio
import os
import select
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

import pycurl

from monitor.fetch.guard import Wall, Walled

#: Handles that rest between transfers; more are made while more are in flight.
MOST_RESTING = 64
_WAITS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}


class _Codes(NamedTuple):
    """The codes of libcurl by which faults are told apart."""

    not_connected: int = pycurl.E_COULDNT_CONNECT
    timed_out: int = pycurl.E_OPERATION_TIMEDOUT
    bad_address: int = pycurl.E_URL_MALFORMAT
    nothing: int = pycurl.E_GOT_NOTHING
    lost: frozenset[int] = frozenset({pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR})
    cut: frozenset[int] = frozenset({pycurl.E_RECV_ERROR, pycurl.E_PARTIAL_FILE})
    tls: frozenset[int] = frozenset(
        {
            pycurl.E_SSL_CONNECT_ERROR,
            pycurl.E_PEER_FAILED_VERIFICATION,
            pycurl.E_SSL_CERTPROBLEM,
            pycurl.E_SSL_CIPHER,
            pycurl.E_SSL_CACERT_BADFILE,
            pycurl.E_SSL_ISSUER_ERROR,
            pycurl.E_SSL_ENGINE_INITFAILED,
        }
    )


CODES = _Codes()


class Ended(NamedTuple):
    """How a transfer ended."""

    code: int  #: libcurl's, 0 where all went well
    words: str = ""  #: libcurl's own
    errno: int = 0  #: the system's, where a connection failed
    walled: Walled | None = None  #: the last address that the wall refused


class Receiver(Protocol):
    """Takes what comes; both answer -1 to end the transfer, and None to go on."""

    def head(self, line: bytes) -> int | None: ...
    def body_piece(self, data: bytes) -> int | None: ...


class Request(NamedTuple):
    """What is asked, and how long a connection may take."""

    url: str
    headers: Sequence[bytes]
    connect_s: float
    addresses: Sequence[str] = ()  #: ``host:port:address,address``, where the host is a name


class _Lent:
    """A socket's number for libcurl, which takes a copy of it."""

    __slots__ = ("_number",)

    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number

    def __del__(self) -> None:
        os.close(self._number)


class _Handle:
    """One of libcurl's easy handles, set up once and used again and again."""

    def __init__(self, wall: Wall, authorities: Path | None) -> None:
        self.wall = wall
        self.receiver: Receiver | None = None
        self.walled: Walled | None = None
        self.ended: asyncio.Future[Ended] | None = None
        self._told: list[str] = []  # of addresses that are to be forgotten
        self.curl = curl = pycurl.Curl()
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.HTTP09_ALLOWED, 0),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PROXY, ""),  # also when the environment names one
            (pycurl.NETRC, pycurl.NETRC_IGNORED),
            (pycurl.PATH_AS_IS, 1),
            (pycurl.FORBID_REUSE, 1),
            (pycurl.FRESH_CONNECT, 1),
            (pycurl.NOPROGRESS, 1),
            (pycurl.DNS_CACHE_TIMEOUT, 0),  # it would be looked through for every transfer
            (pycurl.OPENSOCKETFUNCTION, self._open_socket),
            (pycurl.HEADERFUNCTION, self._head),
            (pycurl.WRITEFUNCTION, self._body),
        ):
            curl.setopt(option, value)
        if authorities is not None:
            curl.setopt(pycurl.CAINFO, str(authorities))

    def ask(self, request: Request, receiver: Receiver) -> None:
        self.receiver, self.walled = receiver, None
        curl = self.curl
        curl.setopt(pycurl.URL, request.url)
        curl.setopt(pycurl.HTTPHEADER, request.headers)
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, int(request.connect_s * 1000)))
        # What is told of a name stays for good unless it is taken back.
        curl.setopt(pycurl.RESOLVE, [*self._told, *request.addresses])
        self._told = [_taken_back(one) for one in request.addresses]

    def _open_socket(self, _: int, address: Any) -> _Lent | int:
        family, kind, protocol, target = address
        try:
            return _Lent(self.wall.open_socket(family, kind, protocol, target[0]).detach())
        except Walled as walled:
            self.walled = walled
        except OSError:
            pass  # no such family here, or too many files: libcurl tries the next address
        refused: int = pycurl.SOCKET_BAD
        return refused

    def _head(self, line: bytes) -> int | None:
        assert self.receiver is not None
        return self.receiver.head(line)

    def _body(self, data: bytes) -> int | None:
        assert self.receiver is not None
        return self.receiver.body_piece(data)

    def end(self, code: int, words: str) -> None:
        number = int(self.curl.getinfo(pycurl.OS_ERRNO)) if code else 0
        if self.ended is not None and not self.ended.done():
            self.ended.set_result(Ended(code, words, number, self.walled))


class Transfers:
    """All transfers of a client; use as an async context manager.

    ``authorities`` is a file of trusted authorities (PEM), the system's own by default.
    """

    def __init__(self, wall: Wall, authorities: Path | None = None) -> None:
        self._wall = wall
        self._authorities = authorities or _trusted()
        self._resting: list[_Handle] = []
        self._flying: dict[int, _Handle] = {}
        self._watched: set[int] = set()  #: sockets that epoll watches
        self._timer: asyncio.TimerHandle | None = None
        self._wanted: float | None = None  #: when libcurl wants to be called, by the loop's clock

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        self._loop.add_reader(self._epoll.fileno(), self._on_ready)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        for handle in list(self._flying.values()):
            self._land(handle)
            handle.end(pycurl.E_ABORTED_BY_CALLBACK, "the client was closed")
        if self._timer is not None:
            self._timer.cancel()
        for handle in self._resting:
            handle.curl.close()
        self._resting.clear()
        self._multi.close()
        self._epoll.close()

    async def run(self, request: Request, receiver: Receiver) -> Ended:
        """Make one transfer; returns when it has ended, however it did."""
        handle = self._resting.pop() if self._resting else _Handle(self._wall, self._authorities)
        handle.ended = self._loop.create_future()
        handle.ask(request, receiver)
        self._flying[id(handle.curl)] = handle
        self._multi.add_handle(handle.curl)
        try:
            return await handle.ended
        finally:
            self._land(handle)

    def stop(self, receiver: Receiver) -> None:
        """End the transfer of a receiver that has enough, as if the server had ended it."""
        for handle in list(self._flying.values()):
            if handle.receiver is receiver:
                handle.end(pycurl.E_OK, "")

    def _land(self, handle: _Handle) -> None:
        """Take a handle out of libcurl's hands; its connection is closed."""
        if self._flying.pop(id(handle.curl), None) is None:
            return
        with suppress(pycurl.error):
            self._multi.remove_handle(handle.curl)
        handle.receiver = None
        if len(self._resting) < MOST_RESTING:
            self._resting.append(handle)
        else:
            handle.curl.close()

    def _on_socket(self, event: int, number: int, *_: object) -> None:
        """Libcurl's word on a socket: wait for it so, or no longer."""
        waits = _WAITS.get(event)
        if number in self._watched:
            if waits is not None:
                with suppress(OSError):  # of a socket that was closed, and its number given anew
                    self._epoll.modify(number, waits)
                    return
            else:
                with suppress(OSError):  # it is closed already
                    self._epoll.unregister(number)
        self._watched.discard(number)
        if waits is not None:
            self._watched.add(number)
            self._epoll.register(number, waits)

    def _on_timer(self, milliseconds: int) -> None:
        """Libcurl's wish to be called again, or none; it changes its mind with every transfer."""
        if milliseconds < 0:
            self._wanted = None
            return
        self._wanted = self._loop.time() + milliseconds / 1000
        # A timer that comes too early is set again then: cheaper than to move it each time.
        if self._timer is None or self._timer.when() > self._wanted:
            self._set_timer(self._wanted)

    def _set_timer(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        if self._wanted is None:
            return
        if self._wanted > self._loop.time():
            self._set_timer(self._wanted)
            return
        self._wanted = None
        self._act(pycurl.SOCKET_TIMEOUT, 0)
        self._collect()

    def _on_ready(self) -> None:
        # A fault or an end of the connection is for libcurl to find, whatever it waits for.
        for number, ready in self._epoll.poll(0):
            mask = (pycurl.CSELECT_IN if ready & ~select.EPOLLOUT else 0) | (
                pycurl.CSELECT_OUT if ready & ~select.EPOLLIN else 0
            )
            self._act(number, mask)
        self._collect()

    def _act(self, number: int, mask: int) -> None:
        try:  # noqa: SIM105 - twice for each poll
            self._multi.socket_action(number, mask)
        except pycurl.error:
            pass  # of a socket that was closed in this very round

    def _collect(self) -> None:
        """Tell those who wait for transfers that have ended."""
        while True:
            left, well, ill = self._multi.info_read()
            for curl in well:
                self._end(curl, pycurl.E_OK, "")
            for curl, code, words in ill:
                self._end(curl, code, words)
            if not left:
                return

    def _end(self, curl: Any, code: int, words: str) -> None:
        handle = self._flying.get(id(curl))
        if handle is not None:
            handle.end(code, words)  # whoever waits for it takes it out


def _taken_back(told: str) -> str:
    """Return the word by which libcurl forgets ``host:port:addresses``."""
    return "-" + ":".join(told.split(":", 2)[:2])


def _trusted() -> Path | None:
    """Return the system's file of trusted authorities, as OpenSSL finds it for Python."""
    found = ssl.get_default_verify_paths().cafile
    return Path(found) if found else None
