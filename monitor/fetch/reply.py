"""One answer as it comes in: its head, then its body, each within its bounds.

The body of a success must be whole, or it is an error: half a feed would look like a feed that lost
its items. Of any other status the number is what counts, and the body is whatever came of it. Reads
no socket; bytes are handed in, and the answer -1 means that no more are wanted.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.errors import FetchError
from monitor.fetch.encodings import Decoder, EncodingFault, decoder_for
from monitor.fetch.limits import Limits
from monitor.fetch.redirects import STATUSES
from monitor.model.feeds import PollOutcome

#: The headers that somebody decides by; no other header of an answer is kept.
KEPT = frozenset(
    {
        "age", "cache-control", "cf-mitigated", "content-type", "date", "etag", "expires",
        "last-modified", "link", "location", "retry-after", "server", "x-datadome",
    }
)  # fmt: skip
#: Of these a repeated header continues the list; of the others the first counts.
_LISTS = frozenset({"cache-control", "link", "content-encoding"})
_READ = KEPT | {"content-encoding", "content-length"}
STOP = -1


class Reply:
    """What comes back on one request; ``status`` is 0 until its head is whole.

    ``on_page`` is called when the body of an answer begins that is no success.
    """

    def __init__(
        self, host: str, limits: Limits, on_page: Callable[[], object] = lambda: None
    ) -> None:
        self._host, self._limits, self._on_page = host, limits, on_page
        self.status = 0
        self.fault: FetchError | None = None
        self.has_enough = False  #: the transfer was ended by us, and all is well
        self._coming = 0
        self._fields: dict[str, str] = {}
        self._lines = 0
        self._body = bytearray()
        self._taken = 0
        self._most = limits.body_bytes
        self._decoder: Decoder | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of use by lower-case name, each byte as one character."""
        return {name: value for name, value in self._fields.items() if name in KEPT}

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def body(self) -> bytes:
        return bytes(self._body)

    def head(self, line: bytes) -> int | None:
        """Take one line of a head, or of what stands behind a body in chunks."""
        self._lines += 1
        if self._lines > self._limits.headers or len(line) > self._limits.header_bytes:
            return self._refuse(PollOutcome.CONNECT, "the answer's head is too large")
        if self.status:
            return None  # a trailer
        if line[:5] == b"HTTP/":
            return self._begin(line)
        if line.strip():
            return self._field(line)
        return None if self._coming < 200 else self._open()

    def body_piece(self, data: bytes) -> int | None:
        """Take a piece of the body."""
        self._taken += len(data)
        room = self._most - len(self._body)
        try:
            if self._decoder is None:
                self._decoder = decoder_for(self._fields.get("content-encoding", ""))
            plain = self._decoder.feed(data, room)
        except EncodingFault as exc:
            if not self.is_success:
                return self._enough()
            return self._refuse(PollOutcome.ENCODING, str(exc))
        self._body += plain[:room]
        # The bytes on the wire have the same bound: empty blocks decode to nothing for ever.
        if self._taken > self._most or len(plain) > room:
            return self._too_large() if self.is_success else self._enough()
        return None

    def cut_short(self) -> FetchError:
        """Return the error of a success whose body is not whole."""
        told = f"{self._host}: the answer was cut short at {len(self._body)} bytes"
        return FetchError(PollOutcome.CONNECT, told)

    @property
    def is_whole(self) -> bool:
        """Tell whether a body that has ended has reached its own end, too."""
        return self._decoder is None or self._decoder.whole or not self._taken

    def _begin(self, line: bytes) -> int | None:
        """Take a status line; interim answers (1xx) come before the one that counts."""
        words = line.split(None, 2)
        if len(words) < 2 or not (len(words[1]) == 3 and words[1].isdigit()):
            return self._refuse(PollOutcome.CONNECT, "the answer cannot be read as HTTP")
        self._coming = int(words[1])
        self._fields.clear()
        if self._coming < 200:
            self._lines = 0
        return None

    def _field(self, line: bytes) -> int | None:
        raw_name, colon, raw_value = line.partition(b":")
        name = raw_name.decode("latin-1").lower()
        if not colon or name not in _READ:
            return None
        value = raw_value.strip(b" \t\r\n").decode("latin-1")
        if name not in self._fields:
            self._fields[name] = value
        elif name in _LISTS:
            self._fields[name] += f", {value}"
        elif name == "content-length" and value != self._fields[name]:
            return self._refuse(PollOutcome.CONNECT, "the answer states two lengths")
        return None

    def _open(self) -> int | None:
        """The head is whole: look at what it promises."""
        self.status = self._coming
        if self.status in STATUSES:
            return self._enough()
        if not self.is_success:
            self._most = self._limits.error_body_bytes
            self._on_page()
            return None
        length = self._fields.get("content-length", "")
        if length and not length.isdecimal():
            return self._refuse(PollOutcome.CONNECT, "the answer cannot be read as HTTP")
        return self._too_large() if int(length or 0) > self._most else None

    def _enough(self) -> int:
        self.has_enough = True
        return STOP

    def _too_large(self) -> int:
        most = f"{self._most / 2**20:g} MiB"
        return self._refuse(PollOutcome.TOO_LARGE, f"the body is larger than {most}")

    def _refuse(self, kind: PollOutcome, what: str) -> int:
        self.fault = FetchError(kind, f"{self._host}: {what}")
        return STOP
