"""match, eval: watchlists against texts. Waits for neither configuration nor database to load."""

from __future__ import annotations

import json
import select
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any

import click

from monitor.errors import InputError, Problem
from monitor.files import load_watchlists, shipped
from monitor.matching import Matcher, Watchlist, compile_watchlists, explain
from monitor.model import Match

MAX_LINE = 5_000_000  #: characters of one JSON line
BATCH, BATCH_SIZE = 500, 2_000_000  #: rows that are matched together, and characters of them
LISTS = click.option(
    "-w",
    "--watchlists",
    "paths",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A watchlist or a folder of them; may be repeated. Default: ./watchlists or the shipped.",
)


@click.command(name="match", short_help="Match JSON Lines against watchlists.")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@LISTS
def match_(file: IO[str], paths: tuple[Path, ...]) -> None:
    """Match items against watchlists: JSON Lines in, JSON Lines out.

    In: {"id", "title", "text"} and more. Out, for each item and watchlist that fires:
    {"id", "watchlist", "level", "score", "evidence": [{"group", "term", "text", "field", "start",
    "end", "kind"}]}. Memory does not grow with the input.

    Example: echo '{"id": 1, "title": "TTF gas jumps 8%", "text": ""}' | newsmonitor match
    """
    matcher = compile_watchlists(watchlists_at(paths))
    for names, texts in _batches(file):
        for name, matches in zip(names, matcher.match_all(texts), strict=True):
            for found in matches:
                click.echo(json.dumps(_as_json(name, found), ensure_ascii=False))


@click.command(name="eval", short_help="Score a watchlist on labelled items.")
@click.argument("labels", type=click.File("r", encoding="utf-8"))
@click.option(
    "-w",
    "--watchlist",
    "path",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="The watchlist to score.",
)
@click.option("--borderline", is_flag=True, help="Score rows marked as borderline, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def eval_(labels: IO[str], path: Path, borderline: bool, as_json: bool) -> None:
    """Score a watchlist on a labelled file: precision, recall, F1, every wrong decision.

    LABELS is JSON Lines with "id", "title", "text" and "label" (1: must fire, 0: must not).
    """
    watchlist = _single(path)
    score = _score(compile_watchlists([watchlist]), json_rows(labels), borderline=borderline)
    if not score.rows:
        what, hint = "holds no labelled row", "nothing was scored"
        raise InputError([Problem(str(labels.name), 1, "E004", what, hint)])
    if as_json:
        click.echo(json.dumps(_score_json(watchlist, score), ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{watchlist.name}: precision {score.precision:.3f}, recall {score.recall:.3f},"
        f" F1 {score.f1:.3f} on {score.rows} rows"
        f" ({score.right_hits} right hits, {len(score.false)} false, {len(score.missed)} missed)"
    )
    for title, rows in (("false alarms", score.false), ("missed", score.missed)):
        if rows:
            click.echo(f"\n{title}:")
        for row in rows:
            click.echo(f"  {row.get('id')}: {str(row.get('title') or '')[:110]}")
            click.echo(f"      {_reason(watchlist, row)}")


@dataclass(slots=True)
class _Score:
    rows: int = 0
    right_hits: int = 0
    false: list[dict[str, Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        fired = self.right_hits + len(self.false)
        return self.right_hits / fired if fired else 1.0

    @property
    def recall(self) -> float:
        wanted = self.right_hits + len(self.missed)
        return self.right_hits / wanted if wanted else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def _score(
    matcher: Matcher, rows: Iterable[tuple[int, dict[str, Any]]], *, borderline: bool
) -> _Score:
    score = _Score()
    for line, row in rows:
        if row.get("label") not in {0, 1}:
            what = "the label is missing or not 0 or 1"
            raise InputError([Problem("labels", line, "E002", what, "label every row")])
        if row.get("borderline") and not borderline:
            continue
        score.rows += 1
        fired = bool(matcher.match(*text_of(row)))
        if fired and row["label"]:
            score.right_hits += 1
        elif fired:
            score.false.append(row)
        elif row["label"]:
            score.missed.append(row)
    return score


def _score_json(watchlist: Watchlist, score: _Score) -> dict[str, Any]:
    def wrong(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {"id": r.get("id"), "title": r.get("title"), "why": _reason(watchlist, r)} for r in rows
        ]

    return {
        "watchlist": watchlist.name,
        "rows": score.rows,
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "f1": round(score.f1, 4),
        "false_alarms": wrong(score.false),
        "missed": wrong(score.missed),
    }


def _reason(watchlist: Watchlist, row: dict[str, Any]) -> str:
    told = explain(watchlist, *text_of(row))
    if told.match is not None:
        return "fires on " + ", ".join(f"{e.group}: {e.text}" for e in told.match.evidence[:8])
    return "one step short: " + "; ".join(told.short) if told.short else "more than one step short"


def _as_json(item: Any, found: Match) -> dict[str, Any]:
    evidence = []
    for one in found.evidence:
        said = asdict(one)
        if one.move is None:
            said.pop("move")
        if not one.alias:
            said.pop("alias")
        evidence.append(said)
    return {
        "id": item,
        "watchlist": found.watchlist,
        "level": found.level.word,
        "score": round(found.score, 3),
        "evidence": evidence,
    }


def json_rows(file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and object of each JSON line; raises InputError (E001)."""
    for number in count(1):
        try:
            line = file.readline(MAX_LINE)
            if not line:
                return
            row = json.loads(line, parse_constant=_no_number) if line.strip() else None
        except ValueError as error:
            raise InputError([_unreadable(str(file.name), number, error)]) from error
        if row is None and not line.strip():
            continue
        if len(line) >= MAX_LINE and not line.endswith("\n"):
            what = f"the line is longer than {MAX_LINE:,} characters"
            raise InputError([Problem(str(file.name), number, "E001", what, "split it")])
        if not isinstance(row, dict):
            raise InputError([Problem(str(file.name), number, "E001", "not a JSON object")])
        yield number, row


def _batches(file: IO[str]) -> Iterator[tuple[list[Any], list[tuple[str, str]]]]:
    """Yield ids and texts, many together unless the next line is not there or not readable."""
    names: list[Any] = []
    texts: list[tuple[str, str]] = []
    size = 0
    rows = json_rows(file)
    while True:
        try:
            row = next(rows, (0, None))[1]
        except InputError:
            yield names, texts
            raise
        if row is not None:
            names.append(row.get("id"))
            texts.append(text_of(row))
            size += sum(map(len, texts[-1]))
        if row is None or len(texts) >= BATCH or size >= BATCH_SIZE or _must_wait(file):
            yield names, texts
            names, texts, size = [], [], 0
        if row is None:
            return


def text_of(row: dict[str, Any]) -> tuple[str, str]:
    """Return title and text of a row."""
    return str(row.get("title") or ""), str(row.get("text") or "")


def _must_wait(file: IO[str]) -> bool:
    """Tell whether a program on the other side of a pipe may not have written the next line."""
    try:
        return not select.select([file], [], [], 0)[0]
    except (OSError, ValueError):  # no file of the system's: all of it is there
        return False


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _unreadable(name: str, number: int, error: ValueError) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        what = "not UTF-8 in this line or soon after it"
        return Problem(name, number, "E001", what, "save the file as UTF-8")
    what = f"not readable as JSON: {error}"
    return Problem(name, number, "E001", what, "each line must be one JSON object")


def watchlists_at(paths: tuple[Path, ...]) -> tuple[Watchlist, ...]:
    """Load the watchlists that ``-w`` names, else those here, else the shipped ones."""
    here = Path("watchlists")
    return load_watchlists(paths or [here if here.is_dir() else shipped() / "watchlists"])


def _single(path: Path) -> Watchlist:
    found = load_watchlists([path])
    if len(found) != 1:
        hint = "name one file"
        raise InputError([Problem(str(path), 1, "E003", f"{len(found)} watchlists here", hint)])
    return found[0]


COMMANDS: list[click.Command] = [match_, eval_]
