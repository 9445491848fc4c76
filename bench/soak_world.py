"""What the soak publishes: feeds, items, wire copies and edits, all drawn from one seed.

It knows every wording that ever stood in a feed and since when, so that the auditor can say what
the daemon owes. Touches no network and no clock: the moment is handed in.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape

TOPICS = ("ferry", "reactor", "wheat", "satellite", "dam", "railway", "pipeline", "glacier")
PLACES = (
    "Ostrava Lisbon Nairobi Quito Hanoi Perth Tromso Windhoek Salta Adana Cork Kazan Lima Oulu "
    "Muscat Dakar Turin Busan Leeds Cebu Malmo Rabat Natal Osaka Graz Accra Derby Porto Tunis Riga"
).split()
DEEDS = "halted sold inspected rebuilt seized opened leased flooded insured closed".split()
FILLER = (
    "officials said on the evening that talks about money and safety had gone well while workers "
    "waited near gates for news of wages holidays repairs permits fines voters judges teachers "
    "schools markets prices harvest winter traffic budgets courts unions engineers villages"
).split()
QUIET = "cinema bakery library orchestra marathon museum garden chess theatre cycling".split()


@dataclass
class Wording:
    """One wording of an item and since when it stands in its feeds."""

    title: str
    text: str
    topics: frozenset[str]


@dataclass
class Piece:
    """One item: its address and its wordings, the newest last."""

    number: int
    event: int
    link: str
    wordings: list[Wording]
    feeds: list[Source]
    published: datetime
    revisions: dict[str, int] = field(default_factory=dict)  #: feed → revision of the last wording

    @property
    def last(self) -> Wording:
        return self.wordings[-1]


@dataclass
class Source:
    """One feed: what stands in it, and the revision of its document."""

    path: str
    host: str
    max_age: int = 0
    dated: bool = False  #: sends Last-Modified besides the ETag
    pieces: list[Piece] = field(default_factory=list)
    revision: int = 0
    acknowledged: int = -1  #: the newest revision whose ETag came back
    _document: bytes = b""
    _made: int = -1

    @property
    def tag(self) -> str:
        return f'"{self.path.strip("/")}-{self.revision}"'

    def document(self) -> bytes:
        """Return the present document, the newest item first."""
        if self._made != self.revision:
            entries = "".join(_entry(one) for one in reversed(self.pieces))
            self._document = (
                '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
                f"<title>{self.path}</title>{entries}</channel></rss>"
            ).encode()
            self._made = self.revision
        return self._document


class World:
    """Publishes and edits; ``pieces`` is all there ever was."""

    def __init__(self, dice: random.Random, hosts: list[str], feeds: int) -> None:
        self._dice = dice
        self.sources = [
            Source(
                f"/feed-{n}",
                hosts[n % len(hosts)],
                max_age=6 if n % 5 == 4 else 0,
                dated=n % 3 == 1,
            )
            for n in range(feeds)
        ]
        self.pieces: list[Piece] = []
        self.edits = 0
        self._events = 0

    def publish(self, now: datetime, *, matching: bool) -> None:
        """Let one event happen: one to three reports, each in one to four feeds."""
        self._events += 1
        for _ in range(self._dice.choice((1, 1, 1, 2, 3)) if matching else 1):
            chosen = self._dice.sample(self.sources, self._dice.choice((1, 1, 1, 2, 4)))
            self._report(now, chosen, matching=matching)

    def edit(self) -> None:
        """Give a piece another wording, in all its feeds at once; a quiet one may become news."""
        if not self.pieces:
            return
        piece = self._dice.choice(self.pieces[-60:])
        if len(piece.wordings) >= 8:
            return
        topics = piece.last.topics
        if not topics and self._dice.random() < 0.3:
            topics = frozenset({self._dice.choice(TOPICS)})
        piece.wordings.append(self._wording(piece.number, len(piece.wordings), topics))
        self.edits += 1
        for source in piece.feeds:
            source.revision += 1
            piece.revisions[source.path] = source.revision

    def _report(self, now: datetime, chosen: list[Source], *, matching: bool) -> None:
        number = len(self.pieces) + 1
        topics = frozenset({TOPICS[self._events % len(TOPICS)]} if matching else ())
        link = f"https://outlet-{chosen[0].path.strip('/')}.example/{number}"
        wording = self._wording(number, 0, topics)
        piece = Piece(number, self._events, link, [wording], chosen, now)
        self.pieces.append(piece)
        for source in chosen:
            source.pieces.append(piece)
            source.revision += 1
            piece.revisions[source.path] = source.revision

    def _wording(self, number: int, version: int, topics: frozenset[str]) -> Wording:
        dice = self._dice
        about = " and ".join(sorted(topics)) or dice.choice(QUIET)
        place, deed = dice.choice(PLACES), dice.choice(DEEDS)
        mark = f"{number}v{version}"  # no two wordings are alike
        title = f"{place} {about} {deed} by {dice.choice(PLACES)} council, report {mark}"
        body = " ".join(dice.choices(FILLER, k=24))
        return Wording(title, f"The {about} in {place} was {deed}: {body}. File {mark}.", topics)


def _entry(piece: Piece) -> str:
    said = piece.last
    return (
        f"<item><title>{escape(said.title)}</title><link>{escape(piece.link)}</link>"
        f'<guid isPermaLink="false">piece-{piece.number}</guid>'
        f"<pubDate>{format_datetime(piece.published, usegmt=True)}</pubDate>"
        f"<description>{escape(said.text)}</description></item>"
    )
