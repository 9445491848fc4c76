"""The door to what a user edits: settings, feeds, watchlists, secrets, read all or nothing.

Every fault of every file is collected before anything is said. A secret is read here and handed on;
no message holds one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.config import Settings, load_settings
from monitor.errors import InputError, Problem
from monitor.feeds.appending import appended
from monitor.feeds.catalogue import FeedEntry, load_feeds
from monitor.matching import Aliases, Watchlist, load_aliases, load_watchlist
from monitor.model import Feed

DEFAULT_NAME = "newsmonitor.yaml"
SYSTEM_FOLDER = Path("/etc/newsmonitor")
MAX_BYTES = 5_000_000
MAX_SECRET = 8_192
_SECRET_FILES = {"password_file", "webhook_file", "url_file", "token_file"}


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that a user wrote, loaded and checked."""

    path: Path
    settings: Settings
    database: Path
    feeds: tuple[Feed, ...]
    watchlists: tuple[Watchlist, ...]

    def resolve(self, name: str) -> Path:
        """Return a path that stands in the settings: relative to the settings file."""
        return (self.path.parent / name).expanduser()


def shipped() -> Path:
    """Return the folder of what comes with the program: feeds, watchlists, unit files.

    Installed from a wheel it lies inside the package; in a checkout it is the top level.
    """
    package = Path(__file__).parent
    inside = package / "shipped"
    return inside if inside.is_dir() else package.parent


def find(given: str | None) -> Path:
    """Return the settings file: the given one, the one here, or the system's."""
    if given:
        return Path(given)
    here = Path(DEFAULT_NAME)
    return here if here.exists() else SYSTEM_FOLDER / DEFAULT_NAME


def load(path: Path) -> Setup:
    """Read everything; raises InputError with the faults of all files."""
    settings = load_settings(read_text(path), str(path))
    base = path.parent
    problems: list[Problem] = []
    feeds: tuple[Feed, ...] = ()
    watchlists: tuple[Watchlist, ...] = ()
    try:
        feeds = load_feeds(read_text(base / settings.feeds), str(base / settings.feeds))
    except InputError as error:
        problems += error.problems
    try:
        watchlists = load_watchlists([base / settings.watchlists])
    except InputError as error:
        problems += error.problems
    problems += _unknown_watchlists(path, settings, watchlists) if not problems else []
    if problems:
        raise InputError(problems)
    return Setup(path, settings, (base / settings.database).expanduser(), feeds, watchlists)


def load_or_last_good(path: Path) -> tuple[Setup, tuple[Problem, ...]]:
    """Read everything as :func:`load` does; what does not load stays as it was last time.

    For the daemon: a slip in one file must not end the watch, nor silence a list. The problems say
    what does not load; they are empty when all does. Raises InputError when the settings themselves
    are at fault, or when there is no last good copy yet.
    """
    try:
        return load(path), ()
    except InputError as error:
        problems = error.problems
    settings = load_settings(read_text(path), str(path))
    database = (path.parent / settings.database).expanduser()
    kept = _last_good(database)
    kept = kept if kept.exists() else _aside(kept)
    if not (kept / "feeds.yaml").exists():
        raise InputError(problems)
    feeds = load_feeds(read_text(kept / "feeds.yaml"), str(path.parent / settings.feeds))
    return Setup(path, settings, database, feeds, load_watchlists([kept / "watchlists"])), problems


def keep_last_good(setup: Setup) -> None:
    """Copy feeds and watchlists as they are now to ``<database>.last-good/``; raises OSError.

    A crash at any point leaves a whole copy: the new one takes the place of the old by two renames,
    and a reader that comes between them finds the old one under ``.last-good.old``.
    """
    kept = _last_good(setup.database)
    fresh = kept.with_name(kept.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "watchlists" / "aliases").mkdir(parents=True)
    shutil.copyfile(setup.resolve(setup.settings.feeds), fresh / "feeds.yaml")
    source = setup.resolve(setup.settings.watchlists)
    for file in _watchlist_files([source], []):
        shutil.copyfile(file, fresh / "watchlists" / file.name)
    for file in (source if source.is_dir() else source.parent).glob("aliases/*.yaml"):
        shutil.copyfile(file, fresh / "watchlists" / "aliases" / file.name)
    old = _aside(kept)
    if kept.exists():
        shutil.rmtree(old, ignore_errors=True)
        kept.rename(old)
    fresh.rename(kept)
    shutil.rmtree(old, ignore_errors=True)


def _last_good(database: Path) -> Path:
    return database.with_name(database.name + ".last-good")


def _aside(kept: Path) -> Path:
    return kept.with_name(kept.name + ".old")


def load_watchlists(paths: Sequence[Path]) -> tuple[Watchlist, ...]:
    """Read watchlists from files or folders, alias files from ``aliases/`` beside each list."""
    problems: list[Problem] = []
    found: list[Watchlist] = []
    aliases: dict[Path, Aliases] = {}
    for file in _watchlist_files(paths, problems):
        folder = file.parent / "aliases"
        try:
            if folder not in aliases:
                aliases[folder] = load_aliases(
                    {str(one): read_text(one) for one in sorted(folder.glob("*.yaml"))}
                )
            found.append(load_watchlist(read_text(file), str(file), aliases[folder]))
        except InputError as error:
            problems += [one for one in error.problems if one not in problems]
    problems += _twice(found)
    if problems:
        raise InputError(problems)
    return tuple(found)


def read_text(path: Path) -> str:
    """Return a file's text; raises InputError (U001 missing, U002 too large, U003 not UTF-8)."""
    try:
        with path.open("rb") as handle:
            raw = handle.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "'newsmonitor init' writes a starter configuration; -c names another file"
        what = f"cannot be read: {error.strerror}"
        raise InputError([Problem(str(path), 1, "U001", what, hint)]) from error
    if len(raw) > MAX_BYTES:
        raise InputError([Problem(str(path), 1, "U002", "is larger than 5 MB", "split it")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = f"is not UTF-8 at byte {error.start}"
        raise InputError([Problem(str(path), line, "U003", what, "save it as UTF-8")]) from error


def append_feeds(path: Path, new: Sequence[FeedEntry]) -> None:
    """Write ``new`` at the end of feeds.yaml, at once or not at all; the old text goes to ``.bak``.

    Raises InputError when the new text would not load, or when it cannot be written (U007).
    """
    before = read_text(path)
    after = appended(before, str(path), new)
    replace_text(path.with_name(path.name + ".bak"), before)
    replace_text(path, after)


def replace_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old text or the new one; raises InputError (U007).

    A link stays a link, and the file keeps its rights and, where we may give it away, its owner.
    """
    target = path.resolve()
    fresh = target.with_name(f".{target.name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        if target.exists():
            _like(target, fresh)
        fresh.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        what = f"cannot be written: {error.strerror}"
        hint = "look at the rights of the folder; nothing was changed"
        raise InputError([Problem(str(path), 1, "U007", what, hint)]) from error


def _like(old: Path, new: Path) -> None:
    """Give ``new`` the owner and the rights of ``old``; only root may do the first."""
    told = old.stat()
    with contextlib.suppress(PermissionError):
        os.chown(new, told.st_uid, told.st_gid)
    shutil.copymode(old, new)


def secret(setup: Setup, what: str, *, file: str, env: str) -> str:
    """Read a secret from a file, a systemd credential of that name, or the environment.

    Raises InputError (S001 missing, S002 empty, S004 not one line of text) that names the place and
    never the content. White space around it, a last line end too, is no part of it.
    """
    if env:
        value = os.environ.get(env, "")
        if not value.strip():
            raise _refused(setup, "S001", f"{what}: the environment variable {env} is not set")
        return value.strip()
    place = _secret_path(setup, file)
    try:
        with place.open("rb") as handle:
            raw = handle.read(MAX_SECRET + 1)
    except OSError as error:
        raise _refused(setup, "S001", f"{what}: {place}: {error.strerror}") from error
    value = raw.decode("utf-8", "replace").strip()
    if not value:
        raise _refused(setup, "S002", f"{what}: {place} is empty")
    if "\ufffd" in value or not value.isprintable() or len(raw) > MAX_SECRET:
        raise _refused(setup, "S004", f"{what}: {place} is not one line of text in UTF-8")
    return value


def exposed_secrets(setup: Setup) -> tuple[Problem, ...]:
    """Return a warning (S003) for each file of a secret that every user of this machine can read.

    A missing file is no concern here; opening its channel says so.
    """
    found = []
    for holder, settings in (*setup.settings.channels.items(), ("", setup.settings.heartbeat)):
        for key, file in settings:
            if file and key in _SECRET_FILES:
                whose = f"channels.{holder}.{key}" if holder else f"heartbeat.{key}"
                found += _exposed(setup, whose, _secret_path(setup, file))
    return tuple(found)


def _exposed(setup: Setup, whose: str, place: Path) -> list[Problem]:
    try:
        mode = place.stat().st_mode
    except OSError:
        return []
    if not mode & stat.S_IROTH:
        return []
    what = f"{whose}: {place} can be read by every user of this machine"
    return [Problem(str(setup.path), 1, "S003", what, f"chmod o-rwx {place}")]


def _secret_path(setup: Setup, file: str) -> Path:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / file).is_file():
        return Path(credentials) / file
    return setup.resolve(file)


def _refused(setup: Setup, code: str, what: str) -> InputError:
    hint = "write the secret there, readable by the service only"
    return InputError([Problem(str(setup.path), 1, code, what, hint)])


def _watchlist_files(paths: Sequence[Path], problems: list[Problem]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.yaml"))
            if not found:
                hint = "put watchlists there; 'newsmonitor init' brings three"
                problems.append(Problem(str(path), 1, "U004", "holds no *.yaml file", hint))
            files += found
        else:
            files.append(path)
    return files


def _twice(watchlists: Sequence[Watchlist]) -> list[Problem]:
    first: dict[str, str] = {}
    problems = []
    for one in watchlists:
        before = first.setdefault(one.name, one.source)
        if before != one.source:
            what = f"the watchlist '{one.name}' also stands in {before}"
            problems.append(Problem(one.source, 1, "U005", what, "give one of them another name"))
    return problems


def _unknown_watchlists(
    path: Path, settings: Settings, watchlists: Sequence[Watchlist]
) -> list[Problem]:
    names = {one.name for one in watchlists}
    wanted = [("digest", name, plan.watchlists) for name, plan in settings.digests.items()]
    wanted += [("alert", name, rule.watchlists) for name, rule in settings.alerts.items()]
    hint = f"watchlists found: {', '.join(sorted(names)) or 'none'}"
    return [
        Problem(
            str(path),
            1,
            "C004",
            f"the {kind} '{name}' wants the watchlist '{one}', which is not there",
            hint,
        )
        for kind, name, lists in wanted
        for one in ([] if lists == "all" else lists)
        if one not in names
    ]
