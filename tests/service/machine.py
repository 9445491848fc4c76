"""A whole small machine under a real systemd: this system's own files, with an overlay over them.

What is written in it stays in memory and is gone with it. It has this machine's loopback network,
so that what a test serves can be reached. Needs root, systemd-nspawn and Debian's own Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import monitor

PROGRAM = Path("opt/newsmonitor")
UNITS = Path(__file__).resolve().parents[2] / "systemd"
#: Tools of development, which no installed program needs.
_IGNORED = shutil.ignore_patterns(
    "mypy*", "ruff*", "hypothesis*", "pytest*", "_pytest", "pip", "pip-*", "*tantivy*", "*.pth"
)
#: As an installer writes it; parse workers import it again, under another name.
_LAUNCHER = f"""\
#!/{PROGRAM}/bin/python
import sys
from monitor.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""
_PYTHON = f"/usr/bin/python3.{sys.version_info.minor}"


class Machine:
    """A booted machine; ``root`` is where its files are seen from here."""

    def __init__(self, root: Path, first: int) -> None:
        self.root, self._first = root, first

    def run(self, *command: str, limit_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command in the machine."""
        inside = ["nsenter", "-t", str(self._first), "-m", "-p", "-u", "-i", *command]
        return subprocess.run(
            inside, capture_output=True, text=True, check=False, timeout=limit_s, cwd="/"
        )

    def systemctl(self, *words: str, limit_s: float = 60) -> subprocess.CompletedProcess[str]:
        return self.run("systemctl", *words, limit_s=limit_s)

    def shows(self, name: str, unit: str = "newsmonitor.service") -> str:
        """Return one property of a unit."""
        return self.systemctl("show", "-P", name, unit).stdout.strip()

    def wait_for(self, name: str, *wanted: str, limit_s: float = 30) -> str:
        """Return a property of the service once it is one of these values."""
        end = time.monotonic() + limit_s
        while (value := self.shows(name)) not in wanted:
            if time.monotonic() > end:
                raise AssertionError(f"{name} is {value}, not {wanted}\n{self.journal()}")
            time.sleep(0.1)
        return value

    def journal(self) -> str:
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", "newsmonitor*").stdout


@contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """Boot a machine with the program and its units installed; skips where that cannot be."""
    if os.geteuid() or not shutil.which("systemd-nspawn") or not Path(_PYTHON).exists():
        pytest.skip("needs root, systemd-nspawn and the system's own Python")
    with ExitStack() as stack:
        root = _overlay(folder, stack)
        _install(root)
        log = stack.enter_context((folder / "boot.log").open("wb"))
        process = subprocess.Popen(
            ["systemd-nspawn", "--boot", "--directory", str(root), "--register=no", "--keep-unit",
             "--machine=newsmonitor-test"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        stack.callback(_end, process)
        yield _ready(process, root, folder / "boot.log")


def _overlay(folder: Path, stack: ExitStack) -> Path:
    space, root = folder / "space", folder / "root"
    for each in (space, root):
        each.mkdir()
    _mount(stack, "-t", "tmpfs", "-o", "size=2g", "tmpfs", str(space))
    for name in ("upper", "work"):
        (space / name).mkdir()
    layers = f"lowerdir=/,upperdir={space}/upper,workdir={space}/work"
    _mount(stack, "-t", "overlay", "-o", layers, "overlay", str(root))
    return root


def _mount(stack: ExitStack, *words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine mounts no {words[1]}: {done.stderr.strip()}")
    stack.callback(subprocess.run, ["umount", "--lazy", words[-1]], check=False)


def _install(root: Path) -> None:
    """Install the program as the pages say, but from what is here: nothing is downloaded."""
    home = root / PROGRAM
    made = ["chroot", str(root), _PYTHON, "-m", "venv", "--without-pip", f"/{PROGRAM}"]
    subprocess.run(made, check=True, capture_output=True)
    packages = next(home.glob("lib/python3.*/site-packages"))
    here = next(Path(one) for one in sys.path if one.endswith("site-packages"))
    shutil.copytree(here, packages, dirs_exist_ok=True, ignore=_IGNORED)
    source = Path(monitor.__file__).parent
    shutil.copytree(source, packages / "monitor", dirs_exist_ok=True)
    for name in ("watchlists", "seeds", "systemd"):
        given = packages / "monitor" / "shipped" / name
        shutil.copytree(source.parent / name, given, dirs_exist_ok=True)
    launcher = home / "bin" / "newsmonitor"
    launcher.write_text(_LAUNCHER, encoding="utf-8")
    launcher.chmod(0o755)
    for unit in UNITS.glob("newsmonitor*.*"):
        if unit.is_file():
            shutil.copy(unit, root / "etc/systemd/system" / unit.name)
    # What else this system would start is none of ours.
    for wants in root.glob("etc/systemd/system/*.wants"):
        shutil.rmtree(wants)


def _ready(process: subprocess.Popen[bytes], root: Path, log: Path) -> Machine:
    end = time.monotonic() + 60
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while time.monotonic() < end and process.poll() is None:
        first = children.read_text().split()
        if first:
            machine = Machine(root, int(first[0]))
            if machine.systemctl("is-system-running").stdout.strip() in {"running", "degraded"}:
                return machine
        time.sleep(0.2)
    _end(process)
    pytest.skip(f"no machine could be booted here: {log.read_text('utf-8', 'replace')[-300:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask systemd to power off, and insist."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
