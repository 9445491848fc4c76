"""Rows 1 to 44: what each hostile document comes to, through the whole service on loopback."""

from __future__ import annotations

import asyncio
import tracemalloc
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from monitor.errors import FetchError
from monitor.fetch import Client, Limits, Wall
from monitor.model import PollOutcome, Validators
from tests.conftest import NOON
from tests.fetch.conftest import LOOPBACK
from tests.hostile.documents import ROWS, SLOW, TITLE
from tests.hostile.rounds import QUICK, Seen, documents, put_right, round_of
from tests.hostile.wire import Wire

OK, NO_FEED = PollOutcome.OK, PollOutcome.NOT_A_FEED
KILLED, LARGE = PollOutcome.PARSER_KILLED, PollOutcome.TOO_LARGE
TRUNCATED, ENCODING = PollOutcome.TRUNCATED, PollOutcome.ENCODING


@dataclass(frozen=True)
class Ends:
    """How a document ends: one of these outcomes, and so many entries found where it is read."""

    outcomes: frozenset[PollOutcome]
    found: int | None = None
    left_out: int = 0


def ends(*outcomes: PollOutcome, found: int | None = None, left_out: int = 0) -> Ends:
    return Ends(frozenset(outcomes), found, left_out)


ONE, TWO = ends(OK, found=1), ends(OK, found=2)
#: What each document must come to; where several are named, they have one reason.
EXPECTED: dict[str, Ends] = {
    "laughs": TWO, "quadratic": TWO, "local": TWO, "server": TWO, "parameter": TWO,
    "tags": ends(OK, KILLED), "divs": TWO, "xhtml": ends(OK, KILLED),
    "author": ONE, "author-at": ends(OK, KILLED), "address": ends(OK, KILLED),
    "newlines": ends(NO_FEED), "60k-newlines": ONE, "encodings": ONE, "entities": ONE, "unclosed": ends(NO_FEED),
    "style": TWO, "url": TWO, "comments": TWO, "raw": ends(OK, found=0),
    "categories": TWO, "different": ends(OK, KILLED),
    "large": ends(LARGE), "items": ends(OK, found=2_000, left_out=98_000),
    "long": ONE, "longer": ends(LARGE),
    "gzip": ends(LARGE), "deflate": ends(LARGE), "br": ends(LARGE),
    "zstd": ends(ENCODING), "members": ends(ENCODING), "label": ends(ENCODING),
    **dict.fromkeys(("punycode", "undefined", "idna", "escape", "utf7", "claimed", "silent", "one", "many"), ONE),
    "half": TWO, "beyond": TWO, "huge": TWO, "zero": TWO,
    "control": ONE, "bidi": ONE, "zalgo": ONE, "lone": ONE,
    **dict.fromkeys(("html", "as-xml", "page", "object", "deep", "nothing", "blank", "random"), ends(NO_FEED)),
    "cut": ends(TRUNCATED, found=1),
    "bare": ONE, "empty": ends(OK, found=3), "guid": ONE, "changed": ONE,
    **{f"date-{n}": ONE for n in range(8)},
}  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Seen:
    """Two rounds for all rows: the slow documents apart, under a shorter deadline."""

    async def both() -> Seen:
        folder = tmp_path_factory.mktemp("hostile")
        (folder / "slow").mkdir()
        main = await round_of(folder, documents(but=SLOW))
        slow = await round_of(folder / "slow", documents(SLOW), QUICK)
        assert slow.killed == sum(slow.records[name].outcome is KILLED for name in SLOW)
        assert (main.killed, main.busy, slow.busy) == (0, 0, 0)
        for name in SLOW:
            main.records[name], main.states[name] = slow.records[name], slow.states[name]
            main.words[name], main.items[name] = slow.words[name], slow.items[name]
        assert slow.records["fine"].outcome is OK
        return main

    return asyncio.run(both())


def titles(seen: Seen, name: str) -> set[str]:
    return {item.title for item in seen.items[name]}


def nothing_read_from_outside(seen: Seen) -> None:
    assert not any("canary" in path for path in seen.asked)
    assert not any("root:" in item.title for items in seen.items.values() for item in items)


def entities_did_not_grow(seen: Seen) -> None:
    assert all(
        len(title) < 1_000 for name in ("laughs", "quadratic") for title in titles(seen, name)
    )
    assert TITLE in titles(seen, "laughs") & titles(seen, "quadratic")


def the_title_is_cut(seen: Seen) -> None:
    (title,) = titles(seen, "long")
    assert title.startswith("word word")
    assert title.endswith("…")
    assert len(title) <= 1_000


def the_three_scripts_are_whole(*names: str) -> Callable[[Seen], None]:
    def look(seen: Seen) -> None:
        for name in names:
            assert titles(seen, name) == {f"{TITLE} гавань بندر"}

    return look


def one_bad_byte_costs_one_character(seen: Seen) -> None:
    assert titles(seen, "one") == {f"{TITLE} \ufffdгавань بندر"}
    assert "replaced" in seen.records["one"].reason


def titles_are_clean(*names: str) -> Callable[[Seen], None]:
    def look(seen: Seen) -> None:
        for name in names:
            for title in titles(seen, name):
                kinds = {unicodedata.category(char) for char in title}
                assert not kinds & {"Cc", "Cs", "Cf"}
                assert TITLE in title

    return look


def marks_are_few(seen: Seen) -> None:
    (title,) = titles(seen, "zalgo")
    assert title.startswith("h")
    assert len(title) <= 1_000


def dates_stand_by(seen: Seen) -> None:
    """Impossible dates, and those to come, give way to the time of arrival."""
    for number in (0, 1, 4, 5, 6, 7):
        (item,) = seen.items[f"date-{number}"]
        assert (item.published_at, item.first_seen_at) == (None, NOON)
        assert item.dated == ("future" if number == 5 else "undated")
    for number in (2, 3):
        (item,) = seen.items[f"date-{number}"]
        assert item.published_at < NOON


def the_edit_is_one_item(seen: Seen) -> None:
    assert titles(seen, "changed") == {"Drones leave Russia"}
    assert (seen.records["changed"].edited, seen.records["changed"].new) == (1, 0)


def half_an_entry_is_none(seen: Seen) -> None:
    assert titles(seen, "cut") == {TITLE}
    assert not seen.states["cut"].validators


def the_guid_is_bounded(seen: Seen) -> None:
    assert titles(seen, "guid") == {TITLE}


MORE: dict[int, Callable[[Seen], None]] = {
    1: entities_did_not_grow, 3: nothing_read_from_outside, 18: the_title_is_cut,
    **{row: the_three_scripts_are_whole(ROWS[row][1][0].name) for row in range(23, 29)},
    29: one_bad_byte_costs_one_character, 30: titles_are_clean("half", "beyond", "huge", "zero"),
    31: titles_are_clean("control"), 32: titles_are_clean("bidi"), 33: marks_are_few,
    34: titles_are_clean("lone"), 38: half_an_entry_is_none, 42: the_guid_is_bounded,
    43: the_edit_is_one_item, 44: dates_stand_by,
}  # fmt: skip
IDS = {row: f"{row:02} {words}" for row, (words, _) in ROWS.items()}


@pytest.mark.parametrize("row", ROWS, ids=IDS.values())
def test_a_hostile_document_ends_as_it_should(seen, row):
    """Read, cut, refused or killed as the table says; what fails backs off and is visible."""
    for one in ROWS[row][1]:
        record, wanted = seen.records[one.name], EXPECTED[one.name]
        assert record.outcome in wanted.outcomes, (one.name, record)
        if record.outcome in {OK, TRUNCATED}:
            assert wanted.found in {None, record.found}, (one.name, record)
            assert record.left_out == wanted.left_out
        else:
            assert record.reason
            assert seen.words[one.name] == record.outcome.replace("-", " ")
            least_h = 4 if record.outcome is KILLED else 0.5
            assert least_h <= seen.pause_h(one.name) <= 24 * 1.1
    if row in MORE:
        MORE[row](seen)


def test_the_good_feed_beside_them_is_read_and_the_digest_renders(seen):
    """One digest holds what the rows brought, and no byte of it is a control or half a character."""
    assert titles(seen, "fine") == {"A fine day"}
    assert TITLE in seen.digest
    assert not {char for char in seen.digest if unicodedata.category(char) in {"Cc", "Cs"}} - {"\n"}
    assert not {"\u202e", "\u2066"} & set(seen.digest)


@pytest.mark.parametrize(
    "row", [16, 19, 20, 21, 22], ids=[IDS[row] for row in (16, 19, 20, 21, 22)]
)
async def test_a_bomb_does_not_grow_in_memory(row):
    """A few copies of the bound of 10 MiB, whatever comes over the wire: 50 MB, 256 MB or 1 GB."""
    wanted = {one.name for one in ROWS[row][1]}
    with Wire({}) as wire:
        put_right(wire, documents(wanted))
        async with Client("mailto:desk@example.org", "9.9", Wall(LOOPBACK), Limits()) as client:
            tracemalloc.start()
            try:
                for name in wanted:
                    with pytest.raises(FetchError):
                        await client.get(f"{wire.base}/{name}", Validators())
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert peak < 64 * 2**20
