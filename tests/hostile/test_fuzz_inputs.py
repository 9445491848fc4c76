"""Files that a user edits, and addresses that anybody sends: a value or InputError, in bounded time."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import load_settings
from monitor.errors import InputError
from monitor.feeds.catalogue import load_feeds
from monitor.feeds.opml import read_opml, write_opml
from monitor.files import shipped
from monitor.matching import compile_watchlists, load_aliases, load_watchlist
from monitor.urls import absolute, canonical, host, outlet_of, web_link
from tests.desk import SETTINGS, WATCHLIST

#: Examples of each property; ``FUZZ_EXAMPLES=5000`` for an hour's work.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
#: CPU seconds that one text may cost at most; honest ones cost a hundredth.
MOST_S = 4.0

FEEDS = """\
feeds:
  - url: https://example.org/rss
    title: Example News
    outlet: Example
    language: en
    country: GB
    tags: [world, energy]
    interval: 30m
    expect: 2h
    state_affiliated: false
  - {url: "https://beispiel.example/feed?x=1", title: Beispiel, since: 2026-03-01}
"""
RICH = """\
watchlist: gas-moves
title: Gas moves
seed: {brief: iran-russia-cooperation, facts: [F1, F2]}
level: critical
status: test
groups:
  gas: {forms: [en, ru], any: ["@fuel", gas price, "Geran-{1,2,3}", =LNG, pipe*, ~Hamadan], except: [gasp]}
  _pump: [petrol, 95, "беспилотник", "شاهد {۱۳۱,۱۳۶}"]
mask: {forms: en, any: [gas station]}
match: (gas near/12 _pump and not in-title _pump) or 2 of gas or (move(gas) >= 3% and gas x3)
raise: {in-title gas: 1.5}
quiet: {same-story: 6h}
known_false: [bills are news too]
tests:
  - fires: "Gas price up 5%"
    shows: {gas: Gas price}
  - silent: "A gas station"
    why: a mask
expect: 2d
"""
ALIASES = "fuel: {forms: en, any: [gas, natural gas, 天然气]}\n"
DESK = (
    SETTINGS
    + """\
polling: {floor: 10m, usual: 1h, hosts_apart: [example.org]}
retention: {items: 365d, most_items: 100000}
backup: {folder: copies/, every: 1d, keep: 7}
http: {listen: "127.0.0.1:9464"}
alerts:
  urgent: {channels: [folder], level: high, cool_down: 4h, quiet_hours: "22:00-06:00", timezone: UTC}
"""
)
OPML = """\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>T</title></head><body>
<outline text="World"><outline text="A" type="rss" xmlUrl="https://a.example/rss" category="/x/y,z"/>
<outline text="B &amp; C" xmlUrl="feed://b.example/rss" language="en"/></outline>
</body></opml>
"""
URLS = (
    "https://user:pw@Www.Example.org:443/a/../b/./c;p?utm_source=x&b=1&a=%41%zz#frag",
    "http://[2001:db8::1%25eth0]:80/%E4%BD%A0?q=#", "//xn--bcher-kva.example./x", "https://münchen.example/ß",
)  # fmt: skip
#: What has hurt readers of such files before, and pieces of their own grammar.
SHARDS = (
    "\t", "\n", "\r\n", "\x00", "\x85", "\u2028", "\ufeff", "\ud800", "\u202e", ":", ": ", "- ", "? ", "|", ">", "&a ", "*a ",
    "!!python/object:os.system ", "!!binary ", "<<: ", "{", "}", "[", "]", '"', "'", "#", "%", "@", "`", "no", "null", "~", "010",
    "1e999", "0x10", ".inf", ".nan", "12:30:45", "2026-02-31", "9" * 400, "-1", "1.5", "99999999999d", "0s", "-5m", "(", ")",
    "and ", "or ", "not ", "near/", "near/0 ", "before/99999 ", "x3", "2 of ", "of ", "same-sentence ", "in-lead/ ", "move(", ">= 3%",
    "{1,2,", "{,}", "{" * 30, "a*", "*", "~x", "=", "@", "((((((((", "é", "ß", "İ", "ǰ", "ﷺ", "\u200d", "👨\u200d👩", "&amp;", "&#0;",
    "&bomb;", "<!DOCTYPE o [<!ENTITY b 'c'>]>", "<", "/>", "xmlUrl=''", "]]>", "http://[", "//", "%%", "%00", "＠", "。", ":99999", "..",
)  # fmt: skip


def wounds(text: str) -> st.SearchStrategy[str]:
    """Return texts that are ``text`` with one to eight wounds."""

    def hurt(seed: int, count: int, more: list[str]) -> str:
        dice, now = random.Random(seed), text
        for _ in range(count):
            at, kind = dice.randrange(len(now) + 1), dice.randrange(6)
            end = at + dice.randint(1, 40)
            if kind == 0:
                now = now[:at] + now[end:]
            elif kind == 1:
                now = now[:end] + now[at:end] * dice.randint(1, 30) + now[end:]
            elif kind == 2:
                now = now[:at] + dice.choice(SHARDS) * dice.choice((1, 1, 1, 2, 200)) + now[at:]
            elif kind == 3:
                lines = now.splitlines(keepends=True) or [""]
                dice.shuffle(lines)
                now = "".join(lines)
            elif kind == 4 and more:
                now = now[:at] + dice.choice(more) + now[end:]
            else:
                now = now[:at] + dice.choice(SHARDS) + now[end:]
        return now

    return st.builds(
        hurt, st.integers(0, 2**32), st.integers(1, 8), st.lists(st.text(max_size=30), max_size=2)
    )


def quickly(read: Callable[..., Any], *texts: Any) -> Any:
    """Return what ``read`` makes of the texts, None where it refuses them; fail when it takes long."""
    begun, problems = time.process_time(), None
    try:
        value = read(*texts)
    except InputError as error:
        value, problems = None, error.problems
        str(error).encode("utf-8", "replace")
    assert problems is None or problems
    assert all(problem.what and problem.line >= 0 for problem in problems or ())
    assert time.process_time() - begun < MOST_S
    return value


def read_list(text: str) -> None:
    """Read a watchlist, and match with it as the daemon would."""
    watchlist = load_watchlist(text, "w.yaml", load_aliases({"a.yaml": ALIASES}))
    matcher = compile_watchlists([watchlist])
    matcher.match(
        "Gas price up 5% in Russia", "Drones Geran-2 and LNG, a pipeline to Hamadan. " * 3
    )


def read_and_write_opml(text: str) -> None:
    entries = read_opml(text, "f.opml").entries
    again = read_opml(write_opml(entries), "f.opml").entries
    assert [one.url for one in again] == [one.url for one in entries]


def read_url(text: str) -> None:
    """Every way in which an address is read; canonical twice is canonical once."""
    found = canonical(text)
    if found is not None:
        assert canonical(found) == found
    link = web_link(text)
    assert link is None or (link.isascii() and web_link(link) == link)
    host(text)
    outlet_of(text)
    absolute("https://example.org/a/b", text)
    absolute(text, "c")


SOURCES: dict[str, tuple[Callable[[str], Any], tuple[str, ...]]] = {
    "a watchlist": (read_list, (WATCHLIST, RICH)),
    "an alias file": (lambda text: load_aliases({"a.yaml": text}), (ALIASES,)),
    "the settings": (lambda text: load_settings(text, "n.yaml"), (DESK,)),
    "feeds.yaml": (lambda text: load_feeds(text, "feeds.yaml"), (FEEDS,)),
    "OPML": (read_and_write_opml, (OPML,)),
    "an address": (read_url, URLS),
}
EASY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("what", SOURCES)
def test_wounded_texts_bring_a_value_or_a_refusal(what):
    """Whatever is wrong with a file, nothing but InputError comes out, in bounded time."""
    read, seeds = SOURCES[what]

    @EASY
    @given(st.sampled_from(seeds).flatmap(wounds))
    def look(text: str) -> None:
        quickly(read, text)

    look()


@pytest.mark.parametrize("what", SOURCES)
def test_any_text_brings_a_value_or_a_refusal(what):
    """Texts that have nothing to do with the format."""
    read, _ = SOURCES[what]

    @EASY
    @given(st.text(max_size=200) | st.lists(st.sampled_from(SHARDS), max_size=30).map("".join))
    def look(text: str) -> None:
        quickly(read, text)

    look()


_WORDS = st.sampled_from(
    "feeds url title tags interval expect since language country fetch contact allow_private timeout parser workers"
    " channels folder type file email slack webhook apprise path host port to from digests daily at timezone watchlists"
    " when_empty alerts level cool_down watchlist groups forms any except match raise mask tests fires silent shows why"
    " quiet same-story known_false seed brief facts status retention items backup every http listen heartbeat".split()
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | _WORDS
    | st.sampled_from(("1h", "07:00", "Europe/Berlin", "all", "high", "en", "a and b", "https://a.example/", "127.0.0.0/8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS | st.text(max_size=8), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@pytest.mark.parametrize("what", ["a watchlist", "an alias file", "the settings", "feeds.yaml"])
def test_the_right_keys_with_the_wrong_values_bring_a_refusal(what):
    """Values of every type under every key, as JSON, which YAML includes."""
    import json

    read, _ = SOURCES[what]

    @EASY
    @given(st.dictionaries(_WORDS, _VALUES, max_size=8))
    def look(tree: dict[str, Any]) -> None:
        quickly(read, json.dumps(tree, ensure_ascii=False))

    look()


#: What a fuzz run has broken once, or what is known to break readers; the name says how.
ROWS: tuple[tuple[str, str, str], ...] = (
    ("a watchlist", "a regex that never ends, as a term", WATCHLIST.replace("Shahed-136", "(a+)+$")),
    ("a watchlist", "braces in braces in braces", WATCHLIST.replace("Shahed-136", '"' + "{a,b}" * 40 + '"')),
    ("a watchlist", "a condition of 20,000 parentheses", WATCHLIST.replace("drone and russia", "(" * 20_000 + "drone" + ")" * 20_000)),
    ("a watchlist", "a condition of 20,000 words", WATCHLIST.replace("drone and russia", "drone" + " and russia" * 20_000)),
    ("a watchlist", "a term of one character of a thousand marks", WATCHLIST.replace("Shahed-136", '"a' + "\u0301" * 1_000 + '"')),
    ("the settings", "a lone surrogate in a name", DESK.replace("folder:", '"\ud800":')),
    ("the settings", "an anchor that refers to itself", "channels: &a {x: *a}\n"),
    ("the settings", "a number of 5,000 digits", DESK.replace("workers: 1", "workers: " + "9" * 5_000)),
    ("the settings", "a network of the wrong length", DESK.replace("127.0.0.0/8", "127.0.0.0/99")),
    ("the settings", "a duration beyond any calendar", DESK.replace("4h", "9" * 30 + "d")),
    ("feeds.yaml", "an address of 5 MB", FEEDS.replace("example.org", "a" * 5_000_000 + ".org")),
    ("feeds.yaml", "a date that is none", FEEDS.replace("2026-03-01", "2026-02-31")),
    ("feeds.yaml", "20,000 brackets", "feeds: " + "[" * 20_000),
    ("feeds.yaml", "a list of aliases of aliases", "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50))),
    ("OPML", "entities that laugh", OPML.replace("<opml", "<!DOCTYPE o [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><opml", 1)),
    ("OPML", "10,000 outlines in one another", "<opml><body>" + "<outline text='x'>" * 10_000),
    ("an address", "a port of letters", "http://e.example:abc/"),
    ("an address", "brackets that are no IPv6", "http://[::1/x"),
    ("an address", "100,000 dot segments", "https://e.example/" + "../" * 100_000),
    ("an address", "100,000 parameters", "https://e.example/?" + "utm_a=1&" * 100_000),
    ("an address", "a label that IDNA cannot hold", "https://" + "ß" * 300 + ".example/"),
    ("an address", "a lone surrogate in the host", "https://\ud800.example/"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("what", "text"), [pytest.param(what, text, id=f"{what}: {name}") for what, name, text in ROWS]
)
def test_what_was_broken_once_stays_mended(what, text):
    """Each row is read, or refused with a reason, and quickly."""
    quickly(SOURCES[what][0], text)


@pytest.mark.parametrize("name", sorted(one.name for one in (shipped() / "watchlists").glob("*.yaml")))  # fmt: skip
def test_wounded_lists_of_our_own_bring_a_value_or_a_refusal(name):
    """The same with the shipped lists, which use every corner of the language."""
    folder = shipped() / "watchlists"
    text = (folder / name).read_text("utf-8")

    @settings(EASY, max_examples=max(EXAMPLES // 10, 10))
    @given(wounds(text))
    def look(wounded: str) -> None:
        quickly(load_watchlist, wounded, name, _shipped_aliases())

    look()


def _shipped_aliases() -> Any:
    files = sorted((shipped() / "watchlists" / "aliases").glob("*.yaml"))
    if not _ALIASES:
        _ALIASES.append(load_aliases({one.name: one.read_text("utf-8") for one in files}))
    return _ALIASES[0]


_ALIASES: list[Any] = []
