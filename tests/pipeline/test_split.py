"""Parsing only what is new writes what parsing everything writes, whatever a feed does."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import PollOutcome
from monitor.store.last_documents import WHOLE_EVERY
from tests.conftest import NOON
from tests.feeds.documents import DIALECTS, documents, insides
from tests.pipeline.twins import URL, Twins
from tests.servers import Shown, rss

A, B, C, D = (Shown(f"News {n}", n, text=f"What happened to {n}.") for n in "abcd")


@pytest.fixture
def twins(tmp_path):
    both = Twins(tmp_path, NOON)
    yield both
    both.close()


async def test_one_new_entry_costs_the_parsing_of_one(twins):
    """The known ones are counted as found and give overlap, and are not parsed."""
    await twins.show(rss([A, B, C]))
    record = await twins.show(rss([D, A, B, C]))
    assert (record.found, record.new, record.possible_gap) == (4, 1, False)
    assert (twins.quick.parser.parsed, twins.quick.parser.skipped) == (4, 3)
    twins.assert_equal()


LINKED = [Shown(f"L{n}", f"l{n}", "https://news.example/same") for n in range(3)]
SEQUENCES = {
    "an edit": [[A, B], [Shown("News a, edited", "a"), B], [Shown("News a, edited", "a"), B, C]],
    "an edit taken back": [[A, B], [Shown("x", "a"), B], [A, B], [Shown("x", "a"), B, C]],
    "an entry that comes twice": [[A, B], [A, B, A], [C, A, B, A, C]],
    "an entry that goes and comes back": [[A, B, C], [B, C], [D, A, B, C]],
    "a guid that a second entry takes": [[A, B], [Shown("Other", "a", "https://n.example/o"), A, B], [A, B, C]],
    "a link that a second headline takes": [LINKED[:1], LINKED[:2], LINKED, [A, *LINKED], LINKED[:1]],
    "two guids for one page, in turns": [[Shown("P", "p", "https://n.example/p", "one")], [Shown("P", "q", "https://n.example/p", "two"), Shown("P", "p", "https://n.example/p", "one")], [Shown("P", "p", "https://n.example/p", "one")], [A, Shown("P", "p", "https://n.example/p", "one")]],
    "no overlap": [[A, B, C], [Shown(f"n{n}", f"n{n}") for n in range(4)], [A, B, C]],
    "new guids for old news": [[A, B, C, D], [Shown(f"News {n}", f"{n}{n}", text=f"What happened to {n}.") for n in "abcd"], [A, B, C, D]],
    "nothing any more": [[A, B], [], [A, B]],
    "a clock in the text": [[Shown("T", "t", text=str(n)), A] for n in range(28)],
}  # fmt: skip


@pytest.mark.parametrize("name", SEQUENCES)
async def test_the_same_is_stored_whatever_the_feed_does(twins, name):
    """Items, sightings, versions, counts, gaps and the next poll's time are those of a whole parse."""
    for entries in SEQUENCES[name]:
        await twins.show(rss(entries))
    twins.assert_equal()


async def test_a_known_entry_whose_item_is_gone_is_stored_again(twins):
    """Bytes that were seen before are no proof of an item: the store is asked each time."""
    await twins.show(rss([A, B]))
    twins.purge()
    record = await twins.show(rss([A, B, C]))
    assert record.new == 3
    twins.assert_equal()


async def test_a_document_that_breaks_off_changes_nothing_that_is_remembered(twins):
    """The next whole document is parsed as if the broken one had not come."""
    await twins.show(rss([A, B, C]))
    record = await twins.show(rss([D, A, B, C])[:-40])
    assert record.outcome is PollOutcome.TRUNCATED
    await twins.show(rss([D, A, B, C]))
    twins.assert_equal()


async def test_once_a_day_everything_is_parsed(twins):
    """What is remembered is checked against the document, were it wrong for any reason."""
    await twins.show(rss([A, B]))
    await twins.show(rss([A, B, C]))
    assert twins.quick.parser.skipped == 2
    await twins.show(rss([A, B, C, D]), seconds=WHOLE_EVERY.total_seconds())
    assert twins.quick.parser.skipped == 2
    await twins.show(rss([A, B, C]))
    assert twins.quick.parser.skipped == 5


async def test_a_failed_write_leaves_nothing_remembered(twins):
    """Marks are written with the items or not at all."""
    quick = twins.quick

    async def fail_after_the_poll() -> None:
        with quick.store.transaction():
            await quick.poll(rss([A, B]), NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_the_poll()
    assert quick.store.last_documents.marks(URL, NOON) == {}
    assert quick.store.items.count() == 0


@pytest.mark.parametrize("damage", [b"", b"\x00", b"x\x9c\x03\x00\x00\x00\x00\x01"])
async def test_a_damaged_memory_costs_a_parse_and_no_item(twins, damage):
    """What cannot be read back is nothing that is known."""
    await twins.show(rss([A, B]))
    with twins.quick.store.transaction():
        twins.quick.store._db.change("UPDATE last_documents SET entries = ?", (damage,))
    await twins.show(rss([A, B, C]))
    assert twins.quick.parser.skipped == 0
    twins.assert_equal()


async def test_marks_of_one_feed_survive_a_restart(twins, tmp_path):
    """They are on disk like the items."""
    await twins.show(rss([A, B]))
    before = twins.quick.store.last_documents.marks(URL, twins.now)
    assert len(before) == 2
    again = Twins(tmp_path, twins.now)
    assert again.quick.store.last_documents.marks(URL, twins.now) == before
    again.close()


@st.composite
def histories(draw: st.DrawFn) -> list[bytes]:
    dialect = draw(st.sampled_from(DIALECTS))
    pool = draw(st.lists(insides, min_size=1, max_size=7))
    return draw(st.lists(documents(dialect, pool), min_size=2, max_size=5))


@given(histories())
@settings(max_examples=25, deadline=None)
async def test_any_history_of_made_up_documents_is_stored_the_same(history):
    """All dialects, entries that unsettle the parser, guids and links that are shared."""
    with tempfile.TemporaryDirectory() as folder:
        both = Twins(Path(folder), NOON)
        try:
            for number, body in enumerate(history):
                await both.show_at(body, NOON + timedelta(hours=number))
            both.assert_equal()
        finally:
            both.close()
