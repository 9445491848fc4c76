"""The sample server over real HTTP: each good and bad manner that a feed of the day shows."""

import gzip
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from monitor.clock import SteppedClock
from monitor.demo.newsday import DAY_START, load_day
from monitor.demo.server import serve
from monitor.documents import parse

DAY = load_day()
NOON = DAY_START + timedelta(hours=5)


@pytest.fixture
def clock():
    return SteppedClock(NOON)


@pytest.fixture
async def server(clock):
    async with serve(DAY, clock) as running:
        yield running


@pytest.fixture
async def get(server):
    """Ask for a path; the answer's body is left as it came over the wire."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def ask(path, **headers):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            url = server.base + path
            async with session.get(url, headers=named, allow_redirects=False) as answer:
                return answer.status, answer.headers, await answer.read()

        yield ask


@pytest.mark.parametrize(
    ("path", "etag", "last_modified"),
    [
        pytest.param("/meridian/world.xml", "strong", True, id="strong ETag and Last-Modified"),
        pytest.param("/northgate/feed.atom", "weak", False, id="weak ETag"),
        pytest.param("/baltic/rss.xml", "", True, id="Last-Modified only"),
        pytest.param("/northgate/sport.rss", "", False, id="neither"),
    ],
)
async def test_feeds_have_different_validators(get, path, etag, last_modified):
    """The answer carries exactly the validators that the feed is known for."""
    status, headers, _ = await get(path)
    assert status == 200
    assert ("Last-Modified" in headers) is last_modified
    mark = headers.get("ETag", "")
    assert {"": mark == "", "weak": mark[:3] == 'W/"', "strong": mark[:1] == '"'}[etag]


@pytest.mark.parametrize(
    ("path", "name", "header"),
    [
        pytest.param("/meridian/world.xml", "ETag", "If_None_Match", id="strong ETag"),
        pytest.param("/northgate/feed.atom", "ETag", "If_None_Match", id="weak ETag"),
        pytest.param("/baltic/rss.xml", "Last-Modified", "If_Modified_Since", id="date"),
    ],
)
async def test_a_known_document_is_not_sent_again(get, clock, path, name, header):
    """The validator answers 304 without a body until the feed has news."""
    _, headers, _ = await get(path)
    status, _, body = await get(path, **{header: headers[name]})
    assert (status, body) == (304, b"")
    clock.set(NOON + timedelta(hours=4))
    status, _, body = await get(path, **{header: headers[name]})
    assert status == 200
    assert body


async def test_the_etag_rules_over_the_date(get):
    """A strange ETag brings the document though the date says unchanged (RFC 9110, 13.2.2)."""
    _, headers, _ = await get("/meridian/world.xml")
    date = headers["Last-Modified"]
    status, _, _ = await get("/meridian/world.xml", If_None_Match='"x"', If_Modified_Since=date)
    assert status == 200


async def test_an_unreadable_date_is_no_condition(get):
    """A broken If-Modified-Since brings the document."""
    status, _, _ = await get("/baltic/rss.xml", If_Modified_Since="last Tuesday")
    assert status == 200


async def test_gzip_is_sent_to_those_who_accept_it(get):
    """The same document comes packed or plain."""
    _, headers, packed = await get("/harbour/news.rss", Accept_Encoding="gzip")
    _, plain_headers, plain = await get("/harbour/news.rss", Accept_Encoding="identity")
    assert headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain_headers
    assert gzip.decompress(packed) == plain


async def test_a_moved_feed_says_where(get):
    """The old path answers 301 and the new one serves the document."""
    status, headers, _ = await get("/levant/feed")
    assert (status, headers["Location"]) == (301, "/levant/rss.xml")
    status, _, body = await get("/levant/rss.xml")
    assert status == 200
    assert b"Levant Ledger" in body


@pytest.mark.parametrize(
    ("path", "status", "header"),
    [
        pytest.param("/baltic/opinion.xml", 410, {}, id="a feed given up"),
        pytest.param("/argus/weekend.rss", 404, {}, id="a feed that is not there"),
        pytest.param("/nothing/here.xml", 404, {}, id="a path that nobody knows"),
        pytest.param("/harbour/politics.rss", 403, {"cf-mitigated": "challenge"}, id="challenge"),
        pytest.param("/dnipro/ru.xml", 503, {"Retry-After": "3600"}, id="a server too busy"),
    ],
)
async def test_feeds_in_trouble_answer_so(get, path, status, header):
    """The status, and the header that explains it, come with a small web page."""
    found, headers, body = await get(path)
    assert found == status
    assert headers["Content-Type"].startswith("text/html")
    assert {name: headers[name] for name in header} == header
    assert body.startswith(b"<!doctype html>")


async def test_the_busy_server_recovers_with_all_its_news(get, clock):
    """After some hours the feed answers, and shows what it could not show before."""
    clock.set(DAY_START + timedelta(hours=7, minutes=30))
    status, _, body = await get("/dnipro/ru.xml")
    assert status == 200
    assert "Герань на балконе" in body.decode()


async def test_a_feed_turns_into_a_web_page(get, clock):
    """From the evening on its address answers 200 with HTML."""
    _, headers, _ = await get("/almithal/economy.xml")
    assert headers["Content-Type"] == "application/rss+xml"
    clock.set(DAY_START + timedelta(hours=13))
    status, headers, body = await get("/almithal/economy.xml")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert b"<rss" not in body


async def test_headers_and_elements_ask_for_patience(get):
    """One feed asks by Cache-Control, one by its ttl element."""
    _, headers, _ = await get("/terminal/gas.xml")
    assert headers["Cache-Control"] == "public, max-age=1800"
    _, _, body = await get("/terminal/lng.xml")
    assert b"<ttl>60</ttl>" in body


async def test_a_charset_may_stand_in_the_header_only(get):
    """The Russian feed's document does not say what the header says."""
    _, headers, body = await get("/caspian/ru.xml")
    assert headers["Content-Type"] == "application/rss+xml; charset=windows-1251"
    assert "Депутаты" not in body.decode("windows-1251")
    assert "В Баку из-за ветра" in body.decode("windows-1251")


async def test_the_day_goes_on_with_the_clock(get, clock):
    """What a feed shows and when it changed follow the injected time."""
    _, before, early = await get("/baltic/rss.xml")
    clock.set(NOON + timedelta(hours=2, minutes=20))
    _, after, late = await get("/baltic/rss.xml")
    assert early.count(b"<item>") < late.count(b"<item>")
    assert before["Last-Modified"] < after["Last-Modified"] == "Tue, 10 Mar 2026 13:15:00 GMT"


async def test_every_request_is_logged(server, get, clock):
    """The log names simulated time, path, status and whether the request was conditional."""
    _, headers, body = await get("/meridian/top.xml", Accept_Encoding="identity", User_Agent="me")
    await get("/meridian/top.xml", If_None_Match=headers["ETag"])
    await get("/baltic/opinion.xml")
    first, second, third = server.requests
    assert (first.at, first.bytes, first.user_agent) == (NOON, len(body), "me")
    assert [log.status for log in server.requests] == [200, 304, 410]
    assert [log.conditional for log in server.requests] == [False, True, False]
    assert (second.bytes, third.path) == (0, "/baltic/opinion.xml")


async def test_feeds_yaml_names_every_feed_in_order(server):
    """The text reads back as YAML with the keys of feeds.yaml."""
    rows = parse(server.feeds_yaml(), "feeds.yaml").data["feeds"]
    assert [row["url"] for row in rows] == [server.base + feed.path for feed in DAY.feeds]
    for row, feed in zip(rows, DAY.feeds, strict=True):
        assert row | {"url": ""} == {
            "url": "",
            "title": feed.title,
            "outlet": feed.outlet,
            "language": feed.language,
            "country": feed.country,
            "tags": list(feed.tags),
            "state_affiliated": feed.state_affiliated,
        }


async def test_two_servers_run_side_by_side_on_loopback(server):
    """Each takes a free port of 127.0.0.1, and stops listening when its block ends."""
    async with serve(DAY, SteppedClock(datetime(2026, 3, 11, tzinfo=UTC))) as other:
        assert other.base != server.base
        assert other.base.startswith("http://127.0.0.1:")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(other.base + "/baltic/rss.xml")
