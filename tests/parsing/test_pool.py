"""The cage: deadline, memory, death of a worker; nobody else is held up."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from monitor.errors import ParseError
from monitor.model import PollOutcome
from monitor.parsing import Cage, ParserPool
from monitor.parsing.worker import answer, decode_answer

GOOD = b'<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>Drones</title></item></channel></rss>'
HANGS = (
    b'<rss version="2.0"><channel><item><author>'
    + b"a" * 100_000
    + b" @</author></item></channel></rss>"
)


async def test_a_good_document_comes_back_as_values():
    """Entries travel through the pipe unchanged."""
    async with ParserPool(1) as pool:
        parsed = await pool.parse(GOOD, None, "en")
    assert [(entry.guid, entry.title) for entry in parsed.entries] == [("1", "Drones")]


async def test_a_document_that_hangs_the_parser_is_stopped_at_the_deadline():
    """The worker is killed, the next document gets a fresh one."""
    async with ParserPool(1, Cage(deadline_s=0.5)) as pool:
        await pool.parse(GOOD, None)
        begun = time.monotonic()
        with pytest.raises(ParseError, match=r"stopped after 0\.5 s") as caught:
            await pool.parse(HANGS, None)
        assert time.monotonic() - begun < 20
        assert caught.value.kind == PollOutcome.PARSER_KILLED
        assert pool.killed == 1
        assert len((await pool.parse(GOOD, None)).entries) == 1


async def test_the_loop_does_not_stall_while_a_parser_hangs():
    """No pause of a quarter of a second, but one that a busy machine may have made itself."""
    async with ParserPool(1, Cage(deadline_s=1)) as pool:
        await pool.parse(GOOD, None)
        hanging = asyncio.create_task(pool.parse(HANGS, None))
        pauses = []
        while not hanging.done():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            pauses.append(time.monotonic() - before)
        with pytest.raises(ParseError):
            hanging.result()
    assert sum(pause >= 0.25 for pause in pauses) <= 1


async def test_a_document_that_eats_memory_ends_as_an_error():
    """A memory limit far below what the document needs: an error, and the pool goes on."""
    many = b"<item><title>x</title></item>" * 200_000
    async with ParserPool(1, Cage(deadline_s=20, memory=24 * 1024 * 1024)) as pool:
        with pytest.raises(ParseError) as caught:
            await pool.parse(b'<rss version="2.0"><channel>' + many + b"</channel></rss>", None)
        assert caught.value.kind in {PollOutcome.PARSER_KILLED, PollOutcome.NOT_A_FEED}


async def test_a_cancelled_parse_leaves_no_answer_for_the_next():
    """After a cancel the next document gets its own answer."""
    async with ParserPool(1, Cage(deadline_s=5)) as pool:
        await pool.parse(GOOD, None)
        task = asyncio.create_task(pool.parse(HANGS, None))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [entry.title for entry in (await pool.parse(GOOD, None)).entries] == ["Drones"]


async def test_what_is_no_feed_comes_back_with_its_reason():
    """An error inside the worker keeps its class and words."""
    async with ParserPool(1) as pool:
        with pytest.raises(ParseError, match="HTML page"):
            await pool.parse(b"<html><body>hello</body></html>", "text/html")


async def test_what_is_known_need_not_come_back():
    """The keys of one answer, sent with the next document, leave out what has not changed."""
    more = GOOD.replace(b"<item>", b"<item><guid>2</guid><title>More</title></item><item>", 1)
    async with ParserPool(1) as pool:
        first = await pool.parse(GOOD, None)
        second = await pool.parse(more, None, "", first.raw_keys)
    assert [entry.title for entry in second.entries] == ["More"]
    assert (second.skipped, second.raw_keys[1:]) == (1, first.raw_keys)


@pytest.mark.parametrize(
    ("forged", "says"),
    [
        pytest.param({"parsed": {"skipped": 2}}, "account for every entry", id="more left out than known"),
        pytest.param({"entries": []}, "account for every entry", id="an entry that is not told"),
        pytest.param({"parsed": {"entries": []}}, "cannot be read", id="entries where none belong"),
        pytest.param({"entries": [["only a guid"]]}, "cannot be read", id="half an entry"),
        pytest.param({"entries": 7}, "cannot be read", id="no list"),
        pytest.param({"parsed": {"title": "x", "new": 1}}, "cannot be read", id="a word nobody knows"),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_account_for_every_entry_is_refused(forged, says):
    """A worker that a document has taken over cannot make entries disappear, nor break the daemon."""
    honest = json.loads(answer(GOOD, None, ""))
    honest["parsed"]["raw_keys"].insert(0, "00")
    honest["parsed"]["skipped"] = 1
    assert decode_answer(json.dumps(honest).encode(), {"00"}).skipped == 1
    told = honest | forged | {"parsed": honest["parsed"] | forged.get("parsed", {})}
    with pytest.raises(ParseError, match=says):
        decode_answer(json.dumps(told).encode(), {"00"})


async def test_a_worker_that_died_between_two_documents_costs_neither():
    """The next document goes to a fresh one, and nothing is held against it."""
    async with ParserPool(1) as pool:
        await pool.parse(GOOD, None)
        (worker,) = pool._workers.values()
        worker.process.kill()
        assert len((await pool.parse(GOOD, None)).entries) == 1
        (worker,) = pool._workers.values()
        worker.pipe.close()
        assert len((await pool.parse(GOOD, None)).entries) == 1
        assert pool.killed == 0


def test_lists_of_numbers_come_back_as_tuples():
    """JSON knows no tuples, values must be hashable and comparable."""
    document = GOOD.replace(b"<item>", b"<skipHours><hour>3</hour></skipHours><item>")
    parsed = decode_answer(answer(document, None, ""))
    assert (parsed.skip_hours, parsed.skip_days) == ((3,), ())
