"""The faults of settings by their numbers, 114 to 120: refused at the start and on a reload."""

from __future__ import annotations

import pytest

from monitor.errors import InputError
from monitor.files import load
from tests.desk import SETTINGS, make_desk
from tests.service.test_faults import desk

_BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
FAULTS = [
    pytest.param(_BOMB + SETTINGS, "Y003", id="114 an alias bomb"),
    pytest.param(SETTINGS + "x: !!python/object/apply:os.system [id]\n", "Y003", id="115 a tag"),
    pytest.param(SETTINGS + "database: b.db\n", "Y002", id="116 a key that stands twice"),
    pytest.param(SETTINGS + "retention: {items: no}\n", "Y013", id="117 no is a word"),
    pytest.param(SETTINGS + "retention: {most_items: 010.5}\n", "Y013", id="117 no octal number"),
    pytest.param(SETTINGS + "backup:\n\tkeep: 3\n", "Y001", id="118 a tab"),
    pytest.param(SETTINGS + "databse: b.db\n", "Y011", id="119 an unknown key"),
    pytest.param(SETTINGS + "#" * 5_100_000, "U002", id="120 five megabytes"),
    pytest.param(SETTINGS + "x: " + "[" * 3_000, "Y00", id="120 three thousand levels"),
]


@pytest.mark.parametrize(("text", "code"), FAULTS)
def test_114_to_120_settings_at_fault_are_refused_with_file_line_and_code(tmp_path, text, code):
    """Quickly, and never with a traceback."""
    config = make_desk(tmp_path, ["https://n.example/rss"])
    config.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"newsmonitor\.yaml:\d+: {code}"):
        load(config)


@pytest.mark.parametrize(("text", "code"), FAULTS)
async def test_114_to_120_on_a_reload_the_old_settings_stay_in_force(tmp_path, clock, text, code):
    """Loudly: an incident, and a complaint that status and digest repeat."""
    async with desk(tmp_path, clock) as (_, service, ear):
        before = service.setup
        (tmp_path / "newsmonitor.yaml").write_text(text, encoding="utf-8")
        await service.reload()
        assert service.setup is before
        assert code in service.store.upkeep.recall("complaint")
        assert any(code in one for one in ear.incidents)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("\ufeff" + SETTINGS, id="118 a byte order mark"),
        pytest.param(SETTINGS.replace("\n", "\r\n"), id="118 line ends of Windows"),
    ],
)
def test_118_what_editors_leave_behind_is_no_fault(tmp_path, written):
    """The settings load as they would without it."""
    config = make_desk(tmp_path, ["https://n.example/rss"])
    plain = load(config).settings
    config.write_text(written, encoding="utf-8", newline="")
    assert load(config).settings == plain
