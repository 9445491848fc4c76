"""A story on a terminal: its head, its origins, and its members in the order of first sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.model import Change, Dossier, Edit, Member, Part, Role, Story
from monitor.stories.origins import outlets_of
from monitor.text import clean, cut

#: Characters that are shown of an unchanged stretch between two changes.
_AROUND = 60
_STYLE = {Change.CUT: "red strike", Change.ADDED: "green underline"}
_MARK = {Change.CUT: ("[-", "-]"), Change.ADDED: ("{+", "+}")}
_ROLE_STYLE = {Role.FIRST: "bold", Role.UPDATE: "bold", Role.REPORT: "", Role.COPY: "dim"}


def print_timeline(console: Console, story: Story, known: Dossier) -> None:
    """Print a story; cut and added words have colour on a terminal, marks elsewhere."""
    coloured = console.is_terminal and console.color_system is not None
    _print_head(console, story, known)
    _print_origins(console, known)
    parts = {part.item_id: part for part in known.parts}
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for _ in range(4):
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=26)
    table.add_column(ratio=1, overflow="fold")
    day = ""
    for member in story.members:
        seen = member.item.first_seen_at
        today = f"{seen:%a %d %b}" if seen else ""
        if today != day:
            table.add_row(Text(""), Text(""), Text(today, style="bold"), Text(""), Text(""))
            day = today
        part = parts.get(member.item.id)
        mine = [edit for edit in known.edits if edit.item_id == member.item.id]
        table.add_row(*_cells(member, part, known, mine, coloured=coloured))
    console.print(table)


def print_stories(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a list of stories, each with what was added last under its headline."""
    table = Table(box=None, header_style="bold", pad_edge=False, expand=True)
    for name in ("id", "items", "outlets", "origins"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("last seen", no_wrap=True)
    table.add_column("story, and what is newest in it", ratio=1, overflow="fold")
    for row in rows:
        told = Text(clean(row["title"]))
        if row["newest"]:
            told.append(f"\n+ {clean(row['newest'])}", style="green")
        told.append(f"\n{', '.join((*row['languages'], *row['watchlists']))}", style="dim")
        numbers = (str(row[name]) for name in ("id", "items", "outlets", "origins"))
        table.add_row(*map(Text, numbers), Text(row["last_seen"][5:]), told)
    console.print(table)


def word_diff(edit: Edit, *, coloured: bool) -> Text:
    """Return an edit as one line: struck and underlined, or ``[-cut-]{+added+}``."""
    shown = Text()
    last = len(edit.diff) - 1
    for place, (change, words) in enumerate(edit.diff):
        plain = _plain(words)
        if change is Change.SAME:
            shown.append(_shortened(plain, opens=place == 0, ends=place == last))
        elif coloured:
            shown.append(plain, style=_STYLE[change])
        else:
            before, after = _MARK[change]
            shown.append(f"{before}{plain}{after}")
    return shown


def _print_head(console: Console, story: Story, known: Dossier) -> None:
    console.print(Text(clean(story.members[0].item.title), style="bold"))
    state = f" ({len(known.state_outlets)} state-affiliated)" if known.state_outlets else ""
    told = [
        f"story {story.id}",
        _count(len(story.members), "item"),
        _count(len(known.outlets), "outlet") + state,
        _count(len(known.origins), "independent origin"),
        ", ".join(known.languages),
    ]
    if known.merged:
        told.append("merged: " + ", ".join(map(str, known.merged)))
    console.print(Text(" · ".join(filter(None, told))))
    lists = sorted({hit.watchlist for one in story.members for hit in one.hits})
    console.print(Text(f"watchlists: {', '.join(lists)}"))
    console.print()


def _print_origins(console: Console, known: Dossier) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    for number, one in enumerate(known.origins, 1):
        state = "state-affiliated" if one.state_affiliated else ""
        carried = f"{_count(len(one.items), 'item')} in {_count(len(one.outlets), 'outlet')}"
        table.add_row(
            Text(f"[{number}]"), Text(clean(one.name)), Text(_minute(one.first_seen_at)),
            Text(carried), Text(state),
        )  # fmt: skip
    console.print(Text("Origins"), style="bold")
    console.print(table)
    console.print()


def _cells(
    member: Member, part: Part | None, known: Dossier, edits: Sequence[Edit], *, coloured: bool
) -> tuple[Text, ...]:
    item = member.item
    outlets = outlets_of(member)
    outlet = clean(outlets[0]) + (f" +{len(outlets) - 1}" if len(outlets) > 1 else "")
    role = part.role if part else Role.REPORT
    style = _ROLE_STYLE[role]
    # A copy's headline says nothing new; whose words it has does.
    told = Text().append(clean(item.title), style=style)
    if part and role is Role.COPY and not edits:
        told = Text(f"words of [{part.origin + 1}] {clean(known.origins[part.origin].name)}", "dim")
    elif part:
        told.append(f" [{part.origin + 1}]", style="dim")
    for fact in part.new if part else ():
        told.append(f"\n+ {clean(fact)}", style="green" if coloured else "")
    for edit in edits:
        told.append("\n")
        told.append_text(_edit_line(edit, coloured=coloured))
    time = f"{item.first_seen_at:%H:%M}" if item.first_seen_at else ""
    cells = (time, item.language, outlet, role.value)
    return (*(Text(one, style=style) for one in cells), told)


def _edit_line(edit: Edit, *, coloured: bool) -> Text:
    what = "headline" if edit.field == "title" else "text"
    weighty = f", weighty: {', '.join(map(clean, edit.weighty))}" if edit.weighty else ""
    line = Text(f"~ {what} changed {_minute(edit.at)}{weighty}: ")
    if edit.weighty and coloured:
        line.stylize("yellow")
    line.append_text(word_diff(edit, coloured=coloured))
    return line


def _shortened(text: str, *, opens: bool, ends: bool) -> str:
    """Return an unchanged stretch, or its ends where it is long."""
    if len(text) <= 2 * _AROUND:
        return text
    head = "" if opens else cut(text, _AROUND).removesuffix("…")
    tail = "" if ends else text[-_AROUND:].partition(" ")[2]
    return f"{head}…{tail}"


def _plain(words: str) -> str:
    """Return words without controls; the spaces at their ends stay."""
    bare = clean(words)
    if not bare:
        return " " if words else ""
    before = " " if words[0].isspace() else ""
    return before + bare + (" " if words[-1].isspace() else "")


def _minute(moment: datetime | None) -> str:
    return f"{moment:%d %b %H:%M}" if moment else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
