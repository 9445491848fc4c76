"""The folder channel: whole files, safe names, nothing overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.delivery import FileChannel, FileSettings, safe_name
from monitor.errors import DeliveryError
from monitor.model import Message


def page(name: str = "daily-2026-11-21.html", body: bytes = b"<p>one") -> Message:
    return Message("folder", "folder", 1, 1, name, body, "text/html")


def channel(folder: Path) -> FileChannel:
    return FileChannel(FileSettings("folder", folder))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_message_becomes_a_file_in_a_folder_made_for_it(tmp_path):
    """The folder is made, the file is whole, and nothing else is left there."""
    await channel(tmp_path / "a" / "b").send(page())
    assert names(tmp_path / "a" / "b") == ["daily-2026-11-21.html"]
    assert (tmp_path / "a" / "b" / "daily-2026-11-21.html").read_bytes() == b"<p>one"


async def test_a_repeat_changes_nothing(tmp_path):
    """The same message twice is one file."""
    await channel(tmp_path).send(page())
    await channel(tmp_path).send(page(), repeat=True)
    assert names(tmp_path) == ["daily-2026-11-21.html"]


async def test_another_message_of_the_same_name_is_kept_beside(tmp_path):
    """A file that stands there is never lost, and the second one is not multiplied either."""
    await channel(tmp_path).send(page())
    await channel(tmp_path).send(page(body=b"<p>two"))
    await channel(tmp_path).send(page(body=b"<p>two"), repeat=True)
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"<p>one", b"<p>two"]


async def test_what_a_crash_left_is_swept_away(tmp_path):
    """A half-written file of an earlier attempt is replaced, not kept and not in the way."""
    (tmp_path / ".daily-2026-11-21.html.part").write_bytes(b"<p")
    await channel(tmp_path).send(page())
    assert names(tmp_path) == ["daily-2026-11-21.html"]


@pytest.mark.parametrize("place", ["daily-2026-11-21.html", ".daily-2026-11-21.html.part"])
async def test_a_link_is_never_written_through(tmp_path, place):
    """A link in the folder does not let a digest out of it."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / place).symlink_to(outside)
    await channel(folder).send(page())
    assert outside.read_bytes() == b"precious"
    files = [path for path in folder.iterdir() if not path.is_symlink()]
    assert [path.read_bytes() for path in files] == [b"<p>one"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../../etc/passwd", id="upwards"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("..", id="the parent"),
        pytest.param(".", id="the folder itself"),
        pytest.param("", id="nothing"),
        pytest.param(".hidden", id="hidden"),
        pytest.param("-rf", id="an option"),
        pytest.param("a\x00b\n\x1b[2J", id="controls"),
        pytest.param("ежедневный/2026.html", id="another script"),
        pytest.param("x" * 5000 + ".html", id="too long"),
        pytest.param("<id@example.org>", id="a Message-ID"),
        pytest.param("\ud800", id="a lone surrogate"),
    ],
)
async def test_a_hostile_name_stays_in_the_folder(tmp_path, name):
    """Whatever a message is called, exactly one plain file appears in the folder."""
    folder = tmp_path / "folder"
    await channel(folder).send(page(name))
    await channel(folder).send(page(name), repeat=True)
    (found,) = names(folder)
    assert found == safe_name(name)
    assert found.isascii()
    assert found[0] not in ".-"
    assert names(tmp_path) == ["folder"]


def test_names_that_differ_stay_different():
    """Cleaning does not make one name of two."""
    made = {safe_name(name) for name in ("a/b.html", "a-b.html", "a b.html", "a:b.html")}
    assert len(made) == 4
    assert all(name.endswith(".html") for name in made)


@pytest.mark.parametrize("obstacle", ["file", "loop"])
async def test_a_folder_that_cannot_be_written_is_a_temporary_failure(tmp_path, obstacle):
    """A folder can be mended; the error names it and what to look at."""
    folder = tmp_path / "folder"
    if obstacle == "file":
        folder.write_bytes(b"")
    else:
        folder.symlink_to(folder)
    with pytest.raises(DeliveryError, match="look at its rights") as caught:
        await channel(folder).send(page())
    assert not caught.value.permanent
    assert not caught.value.uncertain
    assert os.fspath(folder) in str(caught.value)
