"""What the soak found: a start on a full disk gives up the reserve instead of giving up itself."""

from __future__ import annotations

import contextlib

import pytest

from monitor.daemon import Service
from monitor.files import load
from monitor.store import Store
from tests.desk import SETTINGS, make_desk
from tests.service.test_faults import disk, fill


@pytest.mark.parametrize(
    "after_a_kill",
    [
        pytest.param(True, id="the log lies beside the database: the first row finds no room"),
        pytest.param(False, id="no file lies beside it: SQLite cannot make them"),
    ],
)
async def test_a_start_on_a_full_disk_takes_the_reserve_and_pauses(tmp_path, clock, after_a_kill):
    """Messages can go out, polling waits, and it goes on by itself when there is room."""
    with disk(tmp_path / "small", 64) as small, contextlib.ExitStack() as others:
        settings = SETTINGS.replace("database: news.db", f"database: {small}/news.db")
        setup = load(make_desk(tmp_path, ["http://127.0.0.1:9/a"], settings))
        async with Service(setup, clock=clock) as service:
            service.caretaker.mind_the_disk()
            if after_a_kill:  # whoever else has it open keeps its log, as a kill does
                others.enter_context(contextlib.closing(Store.reader(setup.database)))
        filler = fill(small)
        async with Service(setup, clock=clock) as service:
            service.caretaker.mind_the_disk()
            assert service.caretaker.paused
            assert not service.caretaker._reserve.held
            filler.unlink()
            service.caretaker.mind_the_disk()
            assert not service.caretaker.paused
