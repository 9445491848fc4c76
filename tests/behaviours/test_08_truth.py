"""Behaviours 39 to 44: what we say about ourselves."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

from click.testing import CliRunner

from monitor.cli import main
from monitor.clock import SystemClock
from monitor.daemon import Service
from monitor.files import load
from tests.behaviours.stage import DULL, HIT, plain, playing
from tests.desk import make_desk
from tests.pipeline.test_etiquette import DAY, a_day
from tests.servers import FeedServer, Shown, ThreadedFeedServer


def run(*words: object) -> str:
    told = CliRunner(env={"COLUMNS": "250"}).invoke(main, [str(word) for word in words])
    assert told.exception is None or isinstance(told.exception, SystemExit)
    return told.stdout


async def test_39_every_poll_leaves_a_row_that_says_all(tmp_path, clock):
    """Time, outcome, status, bytes, milliseconds, counts, and when next and why."""
    clock.set(SystemClock().now() - timedelta(hours=3))  # the command reads the real clock
    async with playing(tmp_path, clock, ("/a", "/bad", "/b")) as s:
        s.server.show("/b", DULL)
        s.server.show("/a", DULL, HIT)
        s.server.specials["/bad"] = plain(b"", 500)
        await s.sweep()
        s.server.show("/a", DULL, Shown("Drones leave Russia", HIT.guid), Shown("New", "n"))
        await s.sweep(hours=2)
        url, config = s.url(), tmp_path / "newsmonitor.yaml"
    rows = json.loads(run("feeds", "show", url, "--json", "-c", config))
    newest = rows[0]
    wanted = {"outcome": "ok", "status": 200, "found": 3, "new": 1, "known": 1, "edited": 1}
    assert {key: newest[key] for key in wanted} == wanted
    assert newest["bytes"] > 0
    assert newest["ms"] >= 0
    assert newest["next_poll"]
    assert newest["why_then"]
    listed = json.loads(run("feeds", "list", "--json", "-c", config))
    assert [row["state"] for row in listed] == ["server error", "ok", "ok"]
    assert "500" in listed[0]["reason"]


async def test_40_the_digest_says_what_it_may_lack_and_an_empty_one_goes_out(tmp_path, clock):
    """Feeds due, polled, failing; possible gaps; caps; and a day of nothing is told too."""
    async with playing(tmp_path, clock, ("/a", "/bad")) as s:
        s.server.show("/a", *(Shown(f"Old {n}", f"o{n}") for n in range(4)))
        s.server.specials["/bad"] = plain(b"", 500)
        await s.sweep()
        s.server.show("/a", *(Shown(f"New {n}", f"n{n}") for n in range(2005)))
        await s.sweep(hours=7)
        s.later(hours=13)
        (digest,) = (await s.service.once()).digests
        told = digest.coverage
        assert (told.feeds, told.well) == (2, 1)
        assert [one.status for one in told.troubles] == ["server error"]
        assert any("may have come and gone" in gap for gap in told.gaps)
        assert any("5 entries" in cap for cap in told.caps)
        assert digest.stories == 0
        assert list((tmp_path / "digests").glob("*.txt"))


async def test_41_a_hole_in_our_own_life_is_told(tmp_path, clock):
    """After an outage the next digest says from when to when nobody watched."""
    server = FeedServer()
    runner = await server.start()
    server.show("/a", DULL)
    config = make_desk(tmp_path, [server.base + "/a"])
    try:
        async with Service(load(config), clock=clock) as service:
            await service.once()
        clock.set(clock.now() + timedelta(hours=20))
        async with Service(load(config), clock=clock) as service:
            (digest,) = (await service.once()).digests
    finally:
        await runner.cleanup()
    assert any("not watching" in gap for gap in digest.coverage.gaps)


FEEDS = """\
feeds:
  - url: https://n.example/rss
    title: News
    outlet: Example
    language: fa
    country: IR
    tags: [energy, oil and gas]
    state_affiliated: true
    interval: 2h
    expect: 1d
    since: "2026-03-01"
"""


def test_42_opml_out_and_in_keeps_every_setting(tmp_path):
    """What one desk exports, another imports without loss."""
    for name in ("one", "two"):
        make_desk(tmp_path / name, ["https://other.example/rss"])
    (tmp_path / "one" / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    run("feeds", "export", "--opml", tmp_path / "f.opml", "-c", tmp_path / "one/newsmonitor.yaml")
    run("feeds", "import", tmp_path / "f.opml", "-c", tmp_path / "two/newsmonitor.yaml")
    (there,) = load(tmp_path / "one" / "newsmonitor.yaml").feeds
    assert there in load(tmp_path / "two" / "newsmonitor.yaml").feeds


def test_42_a_page_leads_to_the_feeds_that_can_be_read(tmp_path):
    """Candidates are asked, and only what parses is listed."""
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{name}">'
        for name in ("good", "dead", "page")
    )
    with ThreadedFeedServer() as server:
        server.show("/good", HIT)
        page = f"<!doctype html><html><head>{links}</head></html>"
        html = plain(page.encode(), Content_Type="text/html")
        server.specials |= {"/": html, "/page": html}
        config = make_desk(tmp_path, ["https://other.example/rss"])
        listed = json.loads(run("feeds", "add", server.base + "/", "--json", "-c", config))
        assert [row["url"] for row in listed] == [server.base + "/good"]


async def test_43_the_etiquette_report_can_be_shown_to_a_publisher(tmp_path, clock):
    """Requests, those without validators, the share of 304, bytes, for each host."""
    clock.set(SystemClock().now() - timedelta(hours=20))
    async with playing(tmp_path, clock) as s:
        s.server.show("/a", DULL)
        for _ in range(3):
            await s.sweep(hours=5)
    (row,) = json.loads(run("status", "--hosts", "--json", "-c", tmp_path / "newsmonitor.yaml"))
    assert row["host"] == "127.0.0.1"
    assert row["requests"] == 3
    assert row["unconditional"] == 1


async def test_44_a_strict_owner_has_nothing_to_complain_of_for_a_day(tmp_path):
    """With a restart: no early poll, no invented validator, one full request, no cookie, no junk."""
    score = await a_day(tmp_path, feeds=20, hosts=5)
    assert score.faults == []
    for path, times in score.full.items():
        later = times[1:] if path.endswith("9") else times  # began with 503: nothing to send yet
        assert all(after - before >= DAY for before, after in pairwise(later)), path
