"""One short soak: the real daemon, all faults at once, and the auditor finds no broken promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[2] / "bench" / "soak.py"


@pytest.mark.slow
@pytest.mark.clocked
def test_a_minute_of_every_fault_breaks_no_promise(tmp_path):
    """Nothing published is lost, nothing is told twice unmarked, nobody is asked too early."""
    done = subprocess.run(
        [sys.executable, str(SOAK), "--seconds", "60", "--seed", "7", "--keep", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    print(done.stdout[-8_000:])
    assert done.returncode == 0, f"{done.stdout[-8_000:]}\n{done.stderr[-4_000:]}"
    assert "kill -9 of the daemon" in done.stdout
