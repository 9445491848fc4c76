"""The pages hold what the program is: links, names, codes, tables, homes of packages."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import click
import pytest

from monitor.cli import exit_code, main
from monitor.demo.newsday import _FeedRow
from monitor.demo.sample import TroubleKind
from monitor.errors import AlreadyRunning, InputError, SchemaTooNew, StoreError
from monitor.matching import compile_watchlists, load_watchlist, loading
from monitor.matching.aliases import AliasSetFile
from monitor.matching.watchlist import Status
from monitor.model import DeliveryState, Level, PollOutcome

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
SOURCES = sorted((ROOT / "monitor").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: Imported under a name of their own, and brought along by a package of the list.
BROUGHT = {"pydantic_core": "pydantic"}
NOT_IMPORTED = {"tzdata"}

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=[p.relative_to(ROOT).as_posix() for p in PAGES]
)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(
        r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    )


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#{1,6} (.+)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def table_under(page: Path, first: str) -> dict[str, list[str]]:
    """Return the rows of a page's tables whose first column has this head, by first cell."""
    rows: dict[str, list[str]] = {}
    inside = False
    for line in text_of(page).splitlines():
        cells = [one.strip() for one in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells:
            inside = False
        elif cells[0] == first:
            inside = True
        elif inside and not set(cells[0]) <= {"-"}:
            assert cells[0] not in rows, f"{page.name}: {cells[0]} stands twice"
            rows[cells[0].strip("`*")] = cells[1:]
    return rows


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link to a file finds it, and a link to a heading finds that heading."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(page))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@every_page
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    """A path in code marks that ends in .py or .service is a file, seen from the top or monitor/."""
    named = set(re.findall(r"`([\w./*-]+\.(?:py|service))`", text_of(page)))
    missing = [
        name
        for name in sorted(named)
        if not any(True for base in (ROOT, ROOT / "monitor") for _ in base.glob(name))
        and ("/" in name or not any(True for _ in (ROOT / "monitor").rglob(name)))
    ]
    assert missing == []


def test_every_page_of_the_folder_can_be_reached() -> None:
    """No page is left without a link from another one."""
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(page)))
    }
    index = DOCS / "README.md"
    assert [page.name for page in PAGES[1:] if page not in linked and page != index] == []


def test_what_is_made_from_the_program_is_up_to_date() -> None:
    """Tables of keys, commands and modules are those of the program; else run `make docs`."""
    made = generator()
    for page, parts in made.made().items():
        text = text_of(DOCS / page)
        assert made.renewed(text, parts) == text, f"docs/{page} is behind: run make docs"


def test_a_page_that_lost_a_mark_is_refused() -> None:
    """The generator never writes a page in which it cannot find its place."""
    with pytest.raises(ValueError, match="do not stand in the page"):
        generator().renewed("# No marks here\n", {"commands": "x"})


def test_every_code_is_explained_and_none_is_stale() -> None:
    """errors.md has exactly the codes that the source can tell."""
    told = {code for file in SOURCES for code in re.findall(r'"([A-Z]\d{3})"', text_of(file))}
    explained = table_under(DOCS / "errors.md", "code")
    assert set(explained) == told
    assert [code for code, cells in explained.items() if not all(cells)] == []


@pytest.mark.parametrize(
    ("page", "first", "wanted"),
    [
        pytest.param("errors.md", "outcome", set(PollOutcome), id="outcomes of a poll"),
        pytest.param("delivery.md", "state", set(DeliveryState), id="states of the ledger"),
        pytest.param("watchlists.md", "level", {one.word for one in Level}, id="levels"),
        pytest.param("watchlists.md", "status", set(Status), id="statuses"),
        pytest.param("demo.md", "trouble", set(TroubleKind), id="troubles of the demo"),
        pytest.param(
            "demo.md", "key of a feed", set(_FeedRow.model_fields), id="keys of the demo's feeds"
        ),
        pytest.param(
            "watchlists.md",
            "key",
            {
                info.alias or name
                for model in (
                    loading.WatchlistFile,
                    loading.GroupFile,
                    loading.TestFile,
                    AliasSetFile,
                )
                for name, info in model.model_fields.items()
            },
            id="keys of a watchlist",
        ),
    ],
)
def test_a_vocabulary_is_listed_whole(page: str, first: str, wanted: set[str]) -> None:
    """A table of words has every word of the program and no other."""
    rows = _rows_of_all_tables(DOCS / page, first)
    assert rows == {str(word) for word in wanted}


_REFERENCE = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in text_of(DOCS / "watchlists.md").partition("## Reference")[2].splitlines()
    if line.startswith("|") and "---" not in line
][1:]


@pytest.mark.parametrize("row", _REFERENCE, ids=[row[0] for row in _REFERENCE])
def test_an_operator_does_what_the_reference_says(row: list[str]) -> None:
    """Every row of the table of operators fires on the one text and is silent on the other."""
    _, groups, match, fires, silent = row
    lines = "".join(f"  {group}\n" for group in groups.strip("`").split("; "))
    source = f"watchlist: row\ngroups:\n{lines}match: {match.strip('`')}\n"
    matcher = compile_watchlists([load_watchlist(source, "row")])
    said = [matcher.fires(*[*text.split(" / "), ""][:2]) for text in (fires, silent)]
    assert said == [("row",), ()]


def _rows_of_all_tables(page: Path, first: str) -> set[str]:
    """Like table_under, but several tables may share a head and a word."""
    found: set[str] = set()
    inside = False
    for line in text_of(page).splitlines():
        cell = line.split("|")[1].strip() if line.startswith("|") else ""
        inside = bool(cell) and (inside or cell == first)
        if inside and cell.startswith("`"):
            found.add(cell.strip("`"))
    return found


def test_exit_codes_are_listed_whole() -> None:
    """commands.md has the exit codes that our errors lead to, besides success and a bug."""
    errors = [InputError([]), StoreError(), SchemaTooNew(), AlreadyRunning()]
    wanted = {"0", "1"} | {str(exit_code(error)) for error in errors}
    rows = re.findall(r"^\| (\d+) \| \S", text_of(DOCS / "commands.md"), flags=re.MULTILINE)
    assert set(rows) == wanted
    assert len(rows) == len(wanted)


def test_every_floor_has_its_paragraph() -> None:
    """architecture.md speaks of each room, door and floor that import-linter knows."""
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    names = {name.strip() for layer in layers for name in layer.split("|")} - {"__main__"}
    page = text_of(DOCS / "architecture.md")
    assert sorted(name for name in names if f"**{name}**" not in page) == []


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_is_short_and_whole(page: Path) -> None:
    """A decision has context, decision and consequences, in at most forty lines."""
    heads = re.findall(r"^## (.+)$", text_of(page), flags=re.MULTILINE)
    assert heads == ["Context", "Decision", "Consequences"]
    assert len(text_of(page).splitlines()) <= 40
    assert text_of(page).startswith(f"# {page.stem[:4]} ")


def test_the_glossary_gives_each_noun_one_meaning() -> None:
    """No noun stands twice, and each has a meaning."""
    nouns = table_under(DOCS / "glossary.md", "noun")
    assert len(nouns) > 30
    assert [noun for noun, cells in nouns.items() if len(cells[0]) < 10] == []


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        pytest.param("At run time", PROJECT["project"]["dependencies"], id="at run time"),
        pytest.param(
            "For work on the project", PROJECT["project"]["optional-dependencies"]["dev"], id="dev"
        ),
    ],
)
def test_dependencies_are_listed_with_their_ranges(rows: str, listed: list[str]) -> None:
    """The page names the packages and ranges of pyproject.toml, no more and no fewer."""
    wanted = {re.match(r"[\w.-]+", one)[0]: one for one in listed}  # type: ignore[index]
    told = _packages(rows)
    assert set(told) == set(wanted)
    ranges = {name: name + cells[0].strip("`") for name, cells in told.items()}
    assert ranges == wanted


def test_a_package_is_imported_only_in_its_home() -> None:
    """Each third-party import stands in a home that the page names, and each home imports it."""
    homes = {
        name: re.findall(r"`([^`]+)`", cells[2]) for name, cells in _packages("At run time").items()
    }
    used = _imports()
    assert set(used) == set(homes) - NOT_IMPORTED
    for name, files in used.items():
        strays = [file for file in files if not file.startswith(tuple(homes[name]))]
        empty = [home for home in homes[name] if not any(f.startswith(home) for f in files)]
        assert (name, strays, empty) == (name, [], [])


def _packages(heading: str) -> dict[str, list[str]]:
    part = text_of(DOCS / "dependencies.md").split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in part.splitlines() if line.startswith("| ")][1:]
    return {
        cells[0].strip(): [c.strip() for c in cells[1:]] for cells in rows if "---" not in cells[0]
    }


def _imports() -> dict[str, set[str]]:
    """Return distribution -> files of monitor/ that import it."""
    declared = {re.match(r"[\w.-]+", one)[0] for one in PROJECT["project"]["dependencies"]}  # type: ignore[index]
    by_name = {_plain(name): name for name in declared}
    owners = packages_distributions()
    found: dict[str, set[str]] = defaultdict(set)
    for file in SOURCES:
        for top in _tops(ast.parse(text_of(file))):
            if top in sys.stdlib_module_names or top == "monitor":
                continue
            known = [by_name.get(_plain(one)) for one in owners.get(top, [top])]
            name = BROUGHT.get(top) or next((one for one in known if one), top)
            found[name].add(file.relative_to(ROOT).as_posix())
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _tops(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: f.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_and_stays_short(file: Path) -> None:
    """Every module opens with a docstring, and none has more than 400 lines."""
    text = text_of(file)
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 400


@every_page
def test_shell_commands_in_pages_exist(page: Path) -> None:
    """What a page tells a reader to type names commands, options and make targets that exist."""
    targets = set(re.findall(r"^([\w-]+):", text_of(ROOT / "Makefile"), flags=re.MULTILINE))
    for words in _typed(text_of(page)):
        if words[0] == "make":
            assert set(words[1:]) - {w for w in words if "=" in w} <= targets, words
        elif Path(words[0]).name == "newsmonitor":
            _check_call(words)


def _typed(text: str) -> list[list[str]]:
    """Return the simple commands of all shell blocks, without sudo and settings of variables."""
    calls = []
    for block in re.findall(
        r"^```(?:sh|shell|bash|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    ):
        for line in block.replace("\\\n", " ").splitlines():
            lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            call: list[str] = []
            for word in [*lexer, ";"]:
                if set(word) <= set("();<>|&"):
                    calls.append(call)
                    call = []
                elif call or not (word == "sudo" or re.match(r"[A-Z_]+=", word)):
                    call.append(word)
    return [call for call in calls if call]


def _check_call(words: list[str]) -> None:
    """Walk down the commands as click would, and refuse what it does not know."""
    command: click.Command = main
    rest = words[1:]
    while rest:
        word = rest.pop(0)
        if word.startswith("-") and word != "-":
            option = _option(command, word.partition("=")[0])
            assert option is not None, f"{' '.join(words)}: no option {word}"
            if not option.is_flag and "=" not in word:
                rest.pop(0)
        elif isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), word)
            assert inner is not None, f"{' '.join(words)}: no command {word}"
            command = inner


def _option(command: click.Command, name: str) -> click.Option | None:
    known = [one for one in command.get_params(click.Context(command)) if name in one.opts]
    return next((one for one in known if isinstance(one, click.Option)), None)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("newsmonitor fly", id="a command that is not there"),
        pytest.param("newsmonitor hits fly", id="a subcommand that is not there"),
        pytest.param("newsmonitor run --fly", id="an option that is not there"),
    ],
)
def test_the_check_of_commands_can_fail(line: str) -> None:
    """A page that names what does not exist would be caught."""
    with pytest.raises(AssertionError, match="fly"):
        _check_call(shlex.split(line))
