"""What can be known of a document's entries before anything is written: their marks and matches.

A document may hold thousands of entries. Worked out a piece at a time, ahead of the transaction,
they hold nobody up; what is left for the transaction is to write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from monitor.feeds.identify import line_up, links_of, marks_of
from monitor.matching import Matcher
from monitor.model import Entry, Feed, Marks, Match
from monitor.pipeline.harvest import Harvest

#: Entries after which others have their turn: some ten milliseconds.
PIECE = 50

Text = tuple[str, str]  #: title and text


class Foresight:
    """Marks and matches of the entries of one document, by one matcher."""

    def __init__(self, matcher: Matcher, feed: Feed, harvest: Harvest) -> None:
        assert harvest.parsed is not None, "only a document that was parsed has entries"
        self.entries = line_up(harvest.parsed, harvest.known)
        self._matcher, self._feed_url = matcher, feed.url
        self._marks: list[Marks] = []
        self._links: list[str] = []
        self._matches: dict[Text, tuple[Match, ...]] = {}

    @property
    def marks(self) -> list[Marks]:
        """Return the marks of all entries."""
        self.look(len(self.entries))
        return self._marks

    @property
    def links(self) -> list[str]:
        """Return the links of all entries, as they are shown."""
        self.look(len(self.entries))
        return self._links

    def look(self, upto: int) -> None:
        """Work out the marks and the links of the first entries."""
        new = self.entries[len(self._marks) : upto]
        self._marks += marks_of(new, self._feed_url)
        self._links += links_of(new, self._feed_url)

    def match_all(self, texts: Sequence[Text]) -> list[tuple[Match, ...]]:
        """Return the matches of texts; each is looked at once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._matches]
        self._matches.update(zip(new, self._matcher.match_all(new), strict=True))
        return [self._matches[text] for text in texts]


async def foresee(matcher: Matcher, feed: Feed, harvest: Harvest, *, is_first: bool) -> Foresight:
    """Return the foresight of a document.

    Of a long one, and of the first of a feed, all is worked out, a piece at a time: what takes long
    shall not be done inside of a transaction that holds up the loop. Of the others most entries are
    stored already, and nobody asks for their matches.
    """
    seen = Foresight(matcher, feed, harvest)
    if is_first or len(seen.entries) > PIECE:
        for begin in range(0, len(seen.entries), PIECE):
            piece = seen.entries[begin : begin + PIECE]
            seen.look(begin + PIECE)
            seen.match_all([(one.title, one.summary) for one in piece if isinstance(one, Entry)])
            await asyncio.sleep(0)
    return seen
