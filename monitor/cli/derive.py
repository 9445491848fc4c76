"""derive: from a seed article to draft watchlists."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click

from monitor.cli.options import config_option, setup_of
from monitor.errors import InputError, Problem
from monitor.files import read_text, replace_text, shipped
from monitor.pipeline.archives import file_items, stored_items
from monitor.pipeline.derive import (
    ARCHIVE_ITEMS,
    Derived,
    article_of,
    derive,
    known_in,
    with_archive,
)
from monitor.seeds import Article, Passage, Study, Topic
from monitor.seeds.topics import slug
from monitor.store import Store


@click.command(name="derive", short_help="Draft watchlists from a seed article.")
@click.argument("seed")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="A folder for all drafts, or a .yaml file for the heaviest topic.",
)
@click.option(
    "--topic",
    "topics",
    multiple=True,
    help="Draft this topic only; may be repeated; 'all' takes the further topics, too.",
)
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines of items (.xz, .gz) in which terms are counted; default with -c: the store.",
)
@click.option(
    "--lists",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder whose aliases/ are used. Default: ./watchlists or the shipped.",
)
@click.option("--force", is_flag=True, help="Write over lists that are no drafts.")
@click.option("--json", "as_json", is_flag=True, help="Print all that was found as JSON.")
@config_option
@click.pass_context
def derive_(  # noqa: PLR0917 - the shape of click
    ctx: click.Context,
    seed: str,
    out: Path | None,
    topics: tuple[str, ...],
    archive: Path | None,
    lists: Path | None,
    force: bool,
    as_json: bool,
    config: str | None,
) -> None:
    """Study SEED, an English article, and draft one watchlist for each of its topics.

    SEED is a text, Markdown or HTML file, or item:ID for an item of the store. Every term bears the
    passage that it came from and, with an archive, how many items hold it. The drafts load and pass
    their own tests; their status is draft.

    Example: newsmonitor derive seeds/iran-russia-cooperation.md --out drafts
    """
    config = config or ctx.find_root().obj
    article, name = _article(ctx, seed, config)
    folder = _lists(ctx, lists, config)
    known = known_in(folder)
    found, drafts = derive(article, known, name, wanted=topics)
    if archive is not None:
        drafts = with_archive(found, drafts, known, file_items(archive, ARCHIVE_ITEMS))
    elif config:
        database = setup_of(ctx, config).database
        drafts = with_archive(found, drafts, known, stored_items(database, ARCHIVE_ITEMS))
    if out is not None:
        _write(out, drafts, folder, force=force)
    if as_json:
        click.echo(json.dumps(_as_json(found, drafts), ensure_ascii=False, indent=2))
    else:
        _tell(found, drafts, show=out is None)


def _article(ctx: click.Context, seed: str, config: str | None) -> tuple[Article, str]:
    kind, _, item = seed.partition(":")
    if kind != "item" or Path(seed).exists():
        return article_of(Path(seed)), slug(Path(seed).stem)
    store = Store.reader(setup_of(ctx, config).database)
    found = store.items.find(item)
    if found is None:
        hint = "'newsmonitor items list' shows numbers and addresses"
        raise InputError([Problem("derive", 1, "D006", f"no item '{item[:80]}'", hint)])
    texts = [text for text in (found.title, found.text) if text]
    passages = tuple(Passage(f"P{number}", text) for number, text in enumerate(texts, 1))
    return Article(found.title, passages), slug(f"item-{found.id}")


def _lists(ctx: click.Context, given: Path | None, config: str | None) -> Path:
    if given is not None:
        return given
    if config:
        setup = setup_of(ctx, config)
        place = setup.resolve(setup.settings.watchlists)
        return place if place.is_dir() else place.parent
    here = Path("watchlists")
    return here if here.is_dir() else shipped() / "watchlists"


def _refuse_other(path: Path, *, force: bool) -> None:
    """Refuse to write over a list that is no draft: it is somebody's work."""
    if force or not path.exists() or "\nstatus: draft\n" in read_text(path):
        return
    what = "is there and is no draft; nothing was written over it"
    raise InputError([Problem(str(path), 1, "D024", what, "name another folder, or give --force")])


def _with_aliases(out: Path, lists: Path) -> None:
    """Put the alias files beside the drafts, where they are looked for, if none are there."""
    if (out / "aliases").exists() or not (lists / "aliases").is_dir():
        return
    (out / "aliases").mkdir()
    for file in sorted((lists / "aliases").glob("*.yaml")):
        shutil.copyfile(file, out / "aliases" / file.name)


def _write(out: Path, drafts: tuple[Derived, ...], lists: Path, *, force: bool) -> None:
    if not drafts:
        return
    if out.suffix in {".yaml", ".yml"}:
        _refuse_other(out, force=force)
        replace_text(out, drafts[0].text)
        click.echo(f"written  {out}: {drafts[0].draft.title}", err=True)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be made: {error.strerror}"
        raise InputError([Problem(str(out), 1, "U008", what, "name a folder")]) from error
    _with_aliases(out, lists)
    for one in drafts:
        _refuse_other(out / f"{one.draft.name}.yaml", force=force)
        replace_text(out / f"{one.draft.name}.yaml", one.text)
        click.echo(f"written  {out / one.draft.name}.yaml: {one.draft.title}", err=True)


def _tell(found: Study, drafts: tuple[Derived, ...], *, show: bool) -> None:
    click.echo(f"{len(found.article.passages)} passages; topics:")
    for topic in found.topics:
        click.echo(f"  {topic.name:<28} {_labels(found, topic)}  {topic.title}")
    if not found.topics:
        click.echo("  none with a thing or a place to watch; see the further topics")
    click.echo("further topics (draft one with --topic NAME):")
    for topic in found.further:
        click.echo(f"  {topic.name:<28} {_labels(found, topic)}  {topic.title}")
    for short in found.abbreviations:
        click.echo(f"abbreviation: {short.short} = {short.long}")
    phrases = ", ".join(one.text for one in found.phrases[:12])
    click.echo(f"key phrases: {phrases}")
    _tell_amounts("figures", found.figures, found)
    _tell_amounts("dates", found.dates, found)
    for one in drafts:
        for test in one.left_out:
            click.echo(f"{one.draft.name}: a test was left out: {test}")
    if show:
        for one in drafts:
            click.echo(f"\n# ---- {one.draft.name}.yaml\n{one.text}", nl=False)


def _tell_amounts(what: str, told: tuple[tuple[str, int], ...], found: Study) -> None:
    if told:
        shown = ", ".join(f"{text} ({found.label(passage)})" for text, passage in told[:12])
        click.echo(f"{what}: {shown}")


def _labels(found: Study, topic: Topic) -> str:
    return " ".join(found.label(passage) for passage in topic.passages[:8])


def _as_json(found: Study, drafts: tuple[Derived, ...]) -> dict[str, Any]:
    label = found.label
    return {
        "passages": [{"label": one.label, "text": one.text} for one in found.article.passages],
        "topics": [_topic_json(found, one) for one in found.topics],
        "further": [_topic_json(found, one) for one in found.further],
        "names": _names_json(found),
        "abbreviations": [
            {"short": one.short, "long": one.long, "passage": label(one.passage)}
            for one in found.abbreviations
        ],
        "phrases": [
            {"text": one.text, "score": one.score, "passages": [label(p) for p in one.passages]}
            for one in found.phrases
        ],
        "relations": [
            {
                "subject": one.subject.name,
                "verb": one.verb,
                "target": one.target.name,
                "thing": one.thing.name if one.thing else None,
                "by_or_from": one.turned,
                "passage": label(one.passage),
            }
            for one in found.relations
        ],
        "figures": [{"text": text, "passage": label(passage)} for text, passage in found.figures],
        "dates": [{"text": text, "passage": label(passage)} for text, passage in found.dates],
        "drafts": [
            {"name": one.draft.name, "yaml": one.text, "left_out": list(one.left_out)}
            for one in drafts
        ],
    }


def _names_json(found: Study) -> list[dict[str, Any]]:
    by_key: dict[str, dict[str, Any]] = {}
    for one in found.mentions:
        entry = by_key.setdefault(
            one.concept.key,
            {
                "name": one.concept.name,
                "kind": str(one.concept.kind),
                "aliases": [f"@{alias}" for alias in one.concept.aliases],
                "surfaces": [],
                "passages": [],
            },
        )
        for key, value in (("surfaces", one.surface), ("passages", found.label(one.passage))):
            if value not in entry[key]:
                entry[key].append(value)
    return list(by_key.values())


def _topic_json(found: Study, topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "title": topic.title,
        "shape": topic.shape,
        "domain": topic.domain,
        "passages": [found.label(passage) for passage in topic.passages],
        "score": topic.score,
        "things": [one.name for one in topic.concepts],
    }


COMMANDS: list[click.Command] = [derive_]
