"""The faults of the service by their numbers: disk, file, lock, tables.

Elsewhere: 97 kill -9 (tests/pipeline/test_kill.py), 98 a stop during a send and 125 secrets
(tests/delivery/), 99 the watchdog, 107 two daemons and 108 a newer schema as processes
(test_daemon.py, test_vitals.py), 100 a worker out of memory (tests/parsing/test_pool.py), 114 to 120
settings (test_faults_of_settings.py).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.daemon import Service
from monitor.errors import AlreadyRunning, Damaged, DiskFull, SchemaTooNew, StoreError
from monitor.files import load
from monitor.model import DeliveryState
from monitor.store import Lock, Store, copy_database, schema_of
from tests.desk import make_desk
from tests.pipeline.test_rounds import Ear
from tests.servers import FeedServer, Shown
from tests.store.test_backup import seeded, undo_last_step

HIT = Shown("Drones reach Russia", "hit", text="Shahed-136 drones were seen in Moscow.")


@asynccontextmanager
async def desk(folder, clock):
    server, ear = FeedServer(), Ear()
    runner = await server.start()
    server.show("/a", HIT)
    config = make_desk(folder, [server.base + "/a"])
    try:
        async with Service(load(config), clock=clock, observer=ear) as service:
            yield server, service, ear
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def disk(folder: Path, megabytes: int):
    """A small disk of its own; skips where we may not mount one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write until there is no room."""
    filler = folder / "filler"
    with filler.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)
            file.flush()
    return filler


def limit_pages(service: Service, more: int) -> None:
    """Let the database grow by ``more`` pages only: SQLite then says what it says on a full disk."""
    raw = service.store._db.raw
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count={pages + more}")


async def test_101_a_full_disk_at_the_commit_of_items_loses_none(tmp_path, clock):
    """Nothing is stored, no ETag advances; with room again everything comes."""
    async with desk(tmp_path, clock) as (server, service, _):
        many = [Shown(f"Drones reach Russia {n}", str(n), text="word " * 500) for n in range(60)]
        server.show("/a", *many)
        limit_pages(service, 0)
        with pytest.raises(DiskFull):
            await service.poll()
        (state,) = service.store.feeds.states().values()
        assert (state.validators.etag, service.store.items.count()) == (None, 0)
        limit_pages(service, 10_000)
        clock.set(clock.now() + timedelta(hours=1))
        await service.poll()
        assert service.store.items.count() == 60


async def test_101_a_full_disk_at_the_building_of_a_digest_builds_it_later_once(tmp_path, clock):
    """The digest with its messages is one transaction."""
    async with desk(tmp_path, clock) as (_, service, _ear):
        await service.poll()
        clock.set(clock.now() + timedelta(hours=20))
        limit_pages(service, 0)
        with pytest.raises(DiskFull):
            await service.desk()
        assert service.store.digests.listed() == ()
        limit_pages(service, 10_000)
        made, report = await service.desk()
        assert len(made) == 1
        assert {one.state for one in report.outcomes} == {DeliveryState.SENT}


class Sabotage:
    """A channel during whose send the database becomes unwritable."""

    name = "folder"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.repeats: list[bool] = []

    async def send(self, message, *, repeat=False) -> None:
        self.repeats.append(repeat)
        if len(self.repeats) == 1:
            self.raw.execute("PRAGMA query_only=ON")


async def test_101_an_outcome_that_cannot_be_written_is_never_a_false_sent(tmp_path, clock):
    """It stays in sending; the next round takes it up and says that it may be a repeat."""
    async with desk(tmp_path, clock) as (_, service, ear):
        await service.poll()
        clock.set(clock.now() + timedelta(hours=20))
        raw = service.store._db.raw
        channel = service._channels["folder"] = Sabotage(raw)
        with pytest.raises(StoreError):
            await service.desk()
        states = {one.state for one in service.store.ledger.unsent()}
        assert DeliveryState.SENDING in states
        raw.execute("PRAGMA query_only=OFF")
        service.interrupted = True
        await service.desk()
        assert service.store.ledger.unsent() == ()
        assert channel.repeats.count(True) == 1
        assert any("interrupted" in one for one in ear.incidents)


async def test_101_when_the_disk_fills_polling_pauses_messages_go_out_and_it_goes_on(
    tmp_path, clock
):
    """The reserve is given up for the ledger; freed room ends the pause; each is told once."""
    with disk(tmp_path / "small", 48) as small:
        async with desk(small, clock) as (server, service, ear):
            await service.once()
            filler = fill(small)
            service.caretaker.disk_is_full("no room to write")
            assert service.caretaker.paused
            asked = server.count()
            clock.set(clock.now() + timedelta(hours=20))
            done = await service.once()
            assert {one.state for one in done.dispatched.outcomes} == {DeliveryState.SENT}
            assert server.count() == asked
            assert service.store.upkeep.recall("disk_full_since")
            filler.unlink()
            await service.once()
            assert server.count() > asked
            assert not service.caretaker.paused
            told = [one for one in ear.incidents if "polling" in one]
            assert len(told) == 2, told


async def test_101_polling_pauses_before_the_last_room_is_gone(tmp_path, clock):
    """Room that is nearly gone is noticed at the tick, not by a failed write."""
    with disk(tmp_path / "small", 48) as small:
        async with desk(small, clock) as (_, service, ear):
            service.caretaker.mind_the_disk()
            assert not service.caretaker.paused
            fill(small)
            (small / "news.db.reserve").unlink()
            service.caretaker.mind_the_disk()
            assert service.caretaker.paused
            assert any("nearly full" in one for one in ear.incidents)


async def test_101_a_copy_that_finds_no_room_is_told_and_leaves_nothing(tmp_path, clock):
    """The database goes on; the status names it when copies are missed."""
    with disk(tmp_path / "small", 1) as small:
        async with desk(tmp_path / "desk", clock) as (_, service, ear):
            await service.poll()
            settings = service.setup.settings.backup.model_copy(update={"folder": str(small)})
            object.__setattr__(service.setup.settings, "backup", settings)
            fill(small).touch()
            await service.caretaker.back_up(clock.now())
            assert any("no copy of the database" in one for one in ear.incidents)
            assert service.store.upkeep.recall("last_backup_at") is None
            assert [one.name for one in small.iterdir()] == ["filler"]


def test_102_a_read_only_disk_is_told_clearly_and_can_still_be_read(tmp_path):
    """Writing is refused with the file and what to look at; listings work."""
    with disk(tmp_path / "small", 16) as small:
        path = seeded(small / "news.db")
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        with pytest.raises(StoreError, match=r"news\.db.*rights"):
            Store.writer(path)
        reader = Store.reader(path)
        assert len(reader.feeds.subscribed()) == 1
        reader.close()


async def test_103_a_lock_held_by_a_stranger_costs_a_tick_and_no_item(tmp_path, clock):
    """The poll is refused after a second, nothing advances; when the lock goes it works."""
    async with desk(tmp_path, clock) as (_, service, _ear):
        service.store._db.raw.execute("PRAGMA busy_timeout=50")
        stranger = sqlite3.connect(tmp_path / "news.db", isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            await service.poll()
        (state,) = service.store.feeds.states().values()
        assert state.validators.etag is None
        stranger.execute("ROLLBACK")
        stranger.close()
        clock.set(clock.now() + timedelta(hours=1))
        await service.poll()
        assert service.store.items.count() == 1


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_104_a_file_that_is_taken_away_ends_the_work_before_a_send(tmp_path, clock, how):
    """Writes would go into a file without a name; nothing is claimed, the restore is named."""
    async with desk(tmp_path, clock) as (_, service, _ear):
        await service.poll()
        clock.set(clock.now() + timedelta(hours=20))
        path = tmp_path / "news.db"
        path.unlink()
        if how == "replaced":
            path.write_bytes(b"")
        with pytest.raises(Damaged, match="newsmonitor restore"):
            await service.desk()
        assert not (tmp_path / "digests").exists()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _garbage(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[12_288:20_480] = os.urandom(8_192)
    path.write_bytes(raw)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(_cut, id="cut in the middle"),
        pytest.param(_garbage, id="two pages are garbage"),
        pytest.param(lambda p: p.write_bytes(b"no database" * 999), id="no database at all"),
    ],
)
def test_104_a_damaged_file_is_found_at_the_start_and_can_be_restored(tmp_path, spoil):
    """Exit code 3 names the command; with a copy it brings everything back."""
    config = make_desk(tmp_path, ["http://127.0.0.1:9/a"])
    path = seeded(tmp_path / "news.db")
    copy_database(path, tmp_path / "backups" / "copy.db")
    spoil(path)
    with pytest.raises(Damaged, match="newsmonitor restore"):
        Store.writer(path)
    command = [sys.executable, "-m", "monitor", "restore", str(tmp_path / "backups" / "copy.db")]
    done = subprocess.run(
        [*command, "-c", str(config)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "restored" in done.stdout) == (0, True), done.stderr
    reader = Store.reader(path)
    assert len(reader.feeds.subscribed()) == 1
    reader.close()


def test_105_a_step_that_fails_leaves_the_data_and_can_be_taken_again(tmp_path):
    """A stranger's table is in the way; the copy made before is there."""
    path = seeded(tmp_path / "news.db")
    undo_last_step(path)
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE mutes (a)")
    raw.commit()
    with pytest.raises(StoreError, match="mutes"):
        Store.writer(path, tmp_path / "backups")
    assert raw.execute("SELECT title FROM feeds").fetchall() == [("News",)]
    assert raw.execute("SELECT name FROM sqlite_master WHERE name = 'marks'").fetchall() == []
    raw.execute("DROP TABLE mutes")
    raw.commit()
    raw.close()
    Store.writer(path, tmp_path / "backups").close()
    assert all(done for _, done, _ in schema_of(path))
    assert len(list((tmp_path / "backups").iterdir())) == 1


_DIE_HALFWAY = """
import os, signal, sys
from pathlib import Path
from monitor.store import Store, schema
def half(database):
    for statement in schema._SERVICE[:12]:
        database.execute(statement)
    os.kill(os.getpid(), signal.SIGKILL)
object.__setattr__(schema.MIGRATIONS._migrations[-1], "fn", half)
Store.writer(Path(sys.argv[1]))
"""


def test_106_a_program_killed_in_the_middle_of_a_step_leaves_the_data(tmp_path):
    """The step is one transaction: the next start takes it whole."""
    path = seeded(tmp_path / "news.db")
    undo_last_step(path)
    done = subprocess.run([sys.executable, "-c", _DIE_HALFWAY, str(path)], check=False)
    assert done.returncode == -9
    assert not schema_of(path)[-1][1]
    Store.writer(path).close()
    assert schema_of(path)[-1][1]


def test_107_a_second_writer_is_refused_by_any_name_of_the_file(tmp_path):
    """A link to the database is the same database."""
    (tmp_path / "link.db").symlink_to(tmp_path / "news.db")
    seeded(tmp_path / "news.db")
    with Lock(tmp_path / "news.db"), pytest.raises(AlreadyRunning):
        Lock(tmp_path / "link.db").__enter__()


def test_108_a_newer_database_is_refused_untouched(tmp_path):
    """Not a byte of it changes."""
    path = seeded(tmp_path / "news.db")
    raw = sqlite3.connect(path)
    raw.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('newsmonitor', 'm9999_future', 'x')"
    )
    raw.commit()
    raw.close()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match="m9999_future"):
        Store.writer(path, tmp_path / "backups")
    assert path.read_bytes() == before
    assert not (tmp_path / "backups").exists()


_AS_NOBODY = """
import os, sys
from monitor.cli import main, reading  # before the program's own files are out of reach
from pathlib import Path
import sqlite3
from sqlite_utils import Database
from monitor.files import load
from monitor.store import schema
load(Path(sys.argv[-1]))
schema.MIGRATIONS.pending(Database(sqlite3.connect(":memory:")))
os.setgid(65534); os.setuid(65534)
main()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("mode", "wal", "wanted", "word"),
    [
        pytest.param(0o644, False, 0, "nothing to list", id="no writer: read as it stands"),
        pytest.param(0o644, True, 3, "run this as the user of the service", id="a log is there"),
        pytest.param(0o600, False, 3, "run this as the user of the service", id="not readable"),
    ],
)
def test_a_listing_without_the_right_to_write_says_what_it_wants(mode, wal, wanted, word):
    """A reader needs two small files that it may not make; where nobody writes it needs none."""
    import tempfile

    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        config = make_desk(folder, ["https://n.example/rss"])
        for one in folder.rglob("*"):
            one.chmod(0o755 if one.is_dir() else 0o644)
        path = seeded(folder / "news.db")
        path.chmod(mode)
        if wal:
            (folder / "news.db-wal").write_bytes(b"x" * 4_152)
            (folder / "news.db-wal").chmod(0o600)
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, "hits", "list", "-c", str(config)],
            capture_output=True, text=True, check=False, cwd="/",
            env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        )  # fmt: skip
        if "No module named" in done.stderr or "ermission denied" in done.stderr:
            pytest.skip("nobody cannot run the program here")
        assert (done.returncode, word in done.stdout + done.stderr) == (wanted, True), done.stderr
    finally:
        shutil.rmtree(folder)
