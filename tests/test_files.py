"""The door to what a user edits: writing."""

from __future__ import annotations

import pytest

from monitor.errors import InputError
from monitor.feeds.catalogue import FeedEntry
from monitor.files import append_feeds, replace_text

OLD = "feeds:\r\n  - url: https://o.example/rss\r\n    title: «خبر»\r\n"
NEW = FeedEntry(url="https://n.example/rss", title="New")


def test_feeds_are_appended_and_the_old_text_is_kept(tmp_path):
    """The new text is there, the old one beside it, and nothing else."""
    path = tmp_path / "feeds.yaml"
    path.write_bytes(OLD.encode())
    append_feeds(path, [NEW])
    added = "  - url: https://n.example/rss\r\n    title: New\r\n"
    assert path.read_bytes() == (OLD + added).encode()
    assert (tmp_path / "feeds.yaml.bak").read_bytes() == OLD.encode()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["feeds.yaml", "feeds.yaml.bak"]


def test_what_would_not_load_changes_nothing(tmp_path):
    """The same feed twice is refused before anything is written."""
    path = tmp_path / "feeds.yaml"
    path.write_bytes(OLD.encode())
    with pytest.raises(InputError, match="F002"):
        append_feeds(path, [NEW, NEW])
    assert path.read_bytes() == OLD.encode()
    assert [one.name for one in tmp_path.iterdir()] == ["feeds.yaml"]


def test_a_link_stays_a_link_and_rights_stay_as_they_were(tmp_path):
    """Configurations are often links into a folder under version control."""
    real, link = tmp_path / "real.yaml", tmp_path / "feeds.yaml"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    replace_text(link, "new")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["nowhere/feeds.yaml", "file/feeds.yaml", "folder"])
def test_a_place_that_cannot_be_written_is_told(tmp_path, name):
    """U007 for a folder that is missing, that is a file, or a target that is a folder."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="U007"):
        replace_text(tmp_path / name, "new")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]
