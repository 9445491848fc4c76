"""A slip in a file never silences a watchlist: the last good version stays in force, loudly."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from monitor.daemon import Service
from monitor.errors import InputError
from monitor.files import keep_last_good, load, load_or_last_good
from tests.desk import make_desk
from tests.pipeline.test_rounds import Ear
from tests.servers import FeedServer, Shown


def break_watchlist(folder) -> None:
    path = folder / "watchlists" / "drones.yaml"
    path.write_text(
        path.read_text("utf-8").replace("match: drone", "match: dron"), encoding="utf-8"
    )


def widen_watchlist(folder) -> None:
    path = folder / "watchlists" / "drones.yaml"
    path.write_text(
        path.read_text("utf-8").replace("[drone, Shahed-136]", "[drone, balloon]"), encoding="utf-8"
    )


async def test_a_reload_puts_a_changed_watchlist_into_force(tmp_path, clock):
    """From the next poll on, without a restart."""
    server, ear = FeedServer(), Ear()
    runner = await server.start()
    config = make_desk(tmp_path, [server.base + "/a"])
    async with Service(load(config), clock=clock, observer=ear) as service:
        server.show("/a", Shown("A quiet day", "q"))
        await service.once()
        widen_watchlist(tmp_path)
        await service.reload()
        clock.set(clock.now() + timedelta(hours=2))
        server.show("/a", Shown("Balloons over Russia", "b"))
        await service.once()
    await runner.cleanup()
    assert ear.hits == ["Balloons over Russia"]


async def test_a_reload_of_a_broken_watchlist_keeps_the_old_one_and_says_so(tmp_path, clock):
    """In the log, and in the next digest with file, line and code, until it is mended."""
    server, ear = FeedServer(), Ear()
    runner = await server.start()
    config = make_desk(tmp_path, [server.base + "/a"])
    async with Service(load(config), clock=clock, observer=ear) as service:
        server.show("/a", Shown("A quiet day", "q"))
        await service.once()
        break_watchlist(tmp_path)
        await service.reload()
        clock.set(clock.now() + timedelta(hours=2))
        server.show("/a", Shown("Drones reach Russia", "d"))
        await service.once()
        assert ear.hits == ["Drones reach Russia"]
        assert any("drones.yaml:8" in told for told in ear.incidents)
        clock.set(clock.now() + timedelta(hours=18))
        (digest,) = (await service.once()).digests
        assert any("drones.yaml:8" in notice for notice in digest.coverage.notices)
        make_desk(tmp_path, [server.base + "/a"])
        await service.reload()
        assert service.store.upkeep.recall("complaint") == ""
    await runner.cleanup()


def test_a_start_with_a_broken_watchlist_takes_the_last_good_one(tmp_path):
    """After a reboot the watch goes on; the faults are told."""
    config = make_desk(tmp_path, ["https://news.example/rss"])
    keep_last_good(load(config))
    break_watchlist(tmp_path)
    setup, problems = load_or_last_good(config)
    assert [one.name for one in setup.watchlists] == ["drones"]
    assert [one.line for one in problems] == [8]


def test_a_first_start_with_a_broken_watchlist_is_refused(tmp_path):
    """There is nothing good to fall back to."""
    config = make_desk(tmp_path, ["https://news.example/rss"])
    break_watchlist(tmp_path)
    with pytest.raises(InputError, match=r"drones\.yaml:8"):
        load_or_last_good(config)


def test_what_is_well_is_loaded_as_it_is(tmp_path):
    """No complaint where there is no fault, and the copy follows the files."""
    config = make_desk(tmp_path, ["https://news.example/rss"])
    keep_last_good(load(config))
    widen_watchlist(tmp_path)
    setup, problems = load_or_last_good(config)
    assert problems == ()
    keep_last_good(setup)
    break_watchlist(tmp_path)
    assert "balloon" in str(load_or_last_good(config)[0].watchlists[0].groups)


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("writing", id="while the new copy was written"),
        pytest.param("between", id="between the two renames"),
        pytest.param("after", id="before the old copy was removed"),
    ],
)
def test_a_crash_while_the_last_good_copy_is_replaced_loses_no_copy(tmp_path, stage):
    """Whatever lies there, a start with broken files finds a whole copy, and the next one heals."""
    config = make_desk(tmp_path, ["https://news.example/rss"])
    keep_last_good(load(config))
    kept = tmp_path / "news.db.last-good"
    new, old = kept.with_name(kept.name + ".new"), kept.with_name(kept.name + ".old")
    if stage == "writing":
        new.mkdir()
    else:
        shutil.copytree(kept, new)
        kept.rename(old)
        if stage == "after":
            new.rename(kept)
    break_watchlist(tmp_path)
    setup, problems = load_or_last_good(config)
    assert ([one.name for one in setup.watchlists], len(problems)) == (["drones"], 1)
    make_desk(tmp_path, ["https://news.example/rss"])
    keep_last_good(load(config))
    assert [one.exists() for one in (kept, new, old)] == [True, False, False]


async def test_a_copy_that_cannot_be_kept_does_not_end_the_watch(tmp_path, clock):
    """A full or read-only disk costs the copy, and it is told."""
    ear = Ear()
    config = make_desk(tmp_path, ["https://news.example/rss"])
    (tmp_path / "news.db.last-good.new").write_text("in the way", encoding="utf-8")
    async with Service(load(config), clock=clock, observer=ear) as service:
        await service.reload()
    assert any("no copy of the configuration was kept" in told for told in ear.incidents)
    assert any("is in force" in told for told in ear.incidents)
