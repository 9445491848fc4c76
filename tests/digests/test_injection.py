"""Whatever a feed says stays words: every hostile text in every place, through every rendering."""

from __future__ import annotations

import json
import re
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from itertools import chain

import pytest

from monitor.digests import (
    alert_subject,
    render_alert_email,
    render_alert_json,
    render_alert_slack,
    render_alert_text,
    render_email,
    render_json,
    render_slack,
    render_text,
    subject,
)
from monitor.digests.render_email import MAX_BYTES
from monitor.digests.slack_blocks import BLOCKS, CHARACTERS, SECTION, characters
from monitor.digests.text_lines import COLUMNS, columns
from tests.digests.cases import full_day, hostile_alert, hostile_digest, several_alerts

WORDS = {"version": "1.2.3", "contact": "desk@example.org"}
# What Slack would act on: a mention, or a link whose label is not ours.
LIVE = re.compile(r"<[!@#]|<(?!https?://[^\s|<>]+\|[^<>]*>)")
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066\u2067\ud800-\udfff]"
)
TEXTS = [
    pytest.param("<!channel> <!here> <!everyone>", id="70: a call to the channel"),
    pytest.param("<@U012AB3CD> <#C012AB3CD> <!subteam^S012AB3CD>", id="70: a call to a person"),
    pytest.param("<https://evil.example|https://bank.example>", id="70: a link with a lying label"),
    pytest.param("*bold* _it_ ~no~ `code` ```block``` > quote", id="70: formatting marks"),
    pytest.param(":red_circle: *CRITICAL* all clear", id="70: an emoji that looks like a level"),
    pytest.param("https://e.example/a|b>c d\"e'f", id="71: marks inside an address"),
    pytest.param("javascript:alert(1)", id="71: a script for an address"),
    pytest.param("data:text/html,<script>1</script>", id="71: data for an address"),
    pytest.param("https://bank.example@evil.example/", id="71: a user name that looks like a host"),
    pytest.param("Shahed\r\nBcc: victim@example.org\r\n\r\nbody", id="72: a header in a headline"),
    pytest.param("a\x85Bcc: b\u2028Bcc: c\x0bd\x0ce\x1cf", id="72: line ends that mail knows"),
    pytest.param("<script>alert(1)</script>", id="73: a script"),
    pytest.param('"><img src=x onerror=alert(1)>', id="73: a handler"),
    pytest.param("<svg><a xlink:href='javascript:1'>x</a></svg>", id="73: a drawing"),
    pytest.param("</style></title></p></td><style>*{display:none}", id="73: the end of our frame"),
    pytest.param("<img src='https://track.example/p.gif'>", id="73: a tracking pixel"),
    pytest.param("{{ 7*7 }} {% include '/etc/passwd' %} {0.__class__}", id="73: a template"),
    pytest.param("طهران: 600 drones (Москва) — שלום", id="74: mixed directions"),
    pytest.param("\u202eexe.gnp\u202c \u2066x\u2069 \u2068y", id="74: direction marks"),
    pytest.param("Word " * 600, id="75: three kilobytes"),
    pytest.param("W" * 3_000, id="75: three kilobytes without a space"),
    pytest.param('ok"}\n{"level":"error","event":"fake"}', id="76: a forged log line"),
    pytest.param("\x1b[2J\x1b]0;owned\x07\x9b31m clear", id="76: orders to a terminal"),
    pytest.param("Shahed \x00\ud800\udfff\ufffe " + "Z" + "\u0335\u0301" * 900, id="76: no letters at all"),
    pytest.param("drone " * 100_000, id="77: a field of 600 kB"),
]  # fmt: skip


class Page(HTMLParser):
    """Collects what a browser would act on, and what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src", "xlink:href"}]

    def handle_data(self, data):
        self.text += data


def parsed(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


def strings(value) -> list[str]:
    """Return every string in a JSON value."""
    if isinstance(value, dict):
        return [*value, *chain.from_iterable(map(strings, value.values()))]
    if isinstance(value, list | tuple):
        return list(chain.from_iterable(map(strings, value)))
    return [value] if isinstance(value, str) else []


def mails(words: str):
    return (
        render_email(hostile_digest(words), **WORDS),
        render_alert_email(hostile_alert(words), **WORDS),
    )


@pytest.fixture(scope="module")
def innocent():
    """Return the tags and attributes that our own pages have."""
    mails = render_email(full_day(), **WORDS), render_alert_email(several_alerts(), **WORDS)
    pages = [parsed(mail.html) for mail in mails]
    tags = set().union(*(page.tags for page in pages))
    assert not tags & {"img", "script", "svg", "iframe", "form", "link", "object", "base", "input"}
    return tags, set().union(*(page.attributes for page in pages))


@pytest.mark.parametrize("words", TEXTS)
def test_html_keeps_its_tags(innocent, words):
    """A page has no tag, attribute or link that our own words do not have."""
    for mail in mails(words):
        page = parsed(mail.html)
        assert page.tags <= innocent[0]
        assert page.attributes <= innocent[1]
        assert not FORBIDDEN.search(mail.html)
        assert len(mail.html.encode()) <= MAX_BYTES


@pytest.mark.parametrize("words", TEXTS)
def test_links_open_the_host_that_is_shown(words):
    """Every link is http or https, names no user, and its real host stands beside it."""
    for mail in mails(words):
        page = parsed(mail.html)
        for url in page.links:
            assert re.fullmatch(r"https?://[a-z0-9.:\-\[\]]+(/[!-~]*|\?[!-~]*|#[!-~]*)?", url)
            assert url.split("/")[2].partition("?")[0] in page.text


@pytest.mark.parametrize("words", TEXTS)
def test_text_keeps_its_lines(words):
    """Text has no control, and no line beyond 72 columns but addresses; feeds begin none."""
    for text in (
        render_text(hostile_digest(words), **WORDS),
        render_alert_text(hostile_alert(words), **WORDS),
        *(mail.text for mail in mails(words)),
    ):
        assert not FORBIDDEN.search(text)
        assert not re.search(r"^(Bcc:|\{)", text, re.MULTILINE)
        for line in text.splitlines():
            assert columns(line) <= COLUMNS or line.strip().startswith("http")


@pytest.mark.parametrize("words", TEXTS)
def test_slack_calls_nobody(words):
    """No payload holds a mention or a foreign link, and each keeps Slack's limits."""
    for payload in (
        *render_slack(hostile_digest(words), **WORDS),
        *render_alert_slack(hostile_alert(words), **WORDS),
    ):
        blocks = payload["blocks"]
        texts = [t for b in blocks for t in [b.get("text"), *b.get("elements", [])] if t]
        marked = [t["text"] for t in texts if t["type"] == "mrkdwn"] + [payload["text"]]
        assert not [text for text in marked if LIVE.search(text)]
        assert all(t.get("verbatim") for t in texts if t["type"] == "mrkdwn")
        assert not any(FORBIDDEN.search(t["text"]) for t in texts)
        assert len(blocks) <= BLOCKS
        assert sum(map(characters, blocks)) + len(payload["text"]) <= CHARACTERS
        assert all(1 <= characters(b) <= SECTION for b in blocks if b["type"] != "divider")


@pytest.mark.parametrize("words", TEXTS)
def test_data_is_clean(words):
    """JSON has clean, bounded strings, and no address that may not be clicked."""
    for data in (
        render_json(hostile_digest(words), version="1"),
        render_alert_json(hostile_alert(words), version="1"),
    ):
        assert json.loads(json.dumps(data)) == data
        assert not [text for text in strings(data) if FORBIDDEN.search(text) or len(text) > 2_000]
        urls = [story["url"] for story in data["stories"]]
        assert all(url is None or re.match(r"https?://", url) for url in urls)


@pytest.mark.parametrize("words", TEXTS)
def test_subject_is_one_short_line(words):
    """The subject of a digest has no word of a feed, that of an alert one clean, cut headline."""
    alert = alert_subject(hostile_alert(words))
    assert subject(hostile_digest(words)) == "[Watch] 2 stories, 1 high · Sat 22 Nov"
    assert alert.startswith("[Watch] high, 2 stories: ")
    assert len(alert) <= 110
    assert not FORBIDDEN.search(alert)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = alert
    assert b"\nBcc" not in mail.as_bytes()
    assert all(len(line) <= 998 for line in mail.as_bytes().split(b"\r\n"))


@pytest.mark.parametrize(
    ("mention", "called"),
    [
        pytest.param("<!here>", True, id="the channel's readers"),
        pytest.param("<@U012AB3CD>", True, id="a person"),
        pytest.param("<!subteam^S012AB3CD>", True, id="a group"),
        pytest.param("<https://x.example|y>", False, id="a link is no mention"),
        pytest.param("<!here> <!channel>", False, id="two at once"),
        pytest.param("", False, id="none"),
    ],
)
def test_only_the_operator_s_mention_calls(mention, called):
    """An alert calls whom the settings name, in its notification and its first block."""
    first = render_alert_slack(several_alerts(), **WORDS, mention=mention)[0]
    assert (mention != "" and mention in first["text"]) is called
    shown = first["blocks"][1].get("text", {}).get("text")
    assert (shown == mention) is called


def test_nobody_is_called_for_less_than_high(make):
    """A story of medium weight calls nobody."""
    alert = make.build_alert("urgent", make.END, "UTC", make.gas_and_base_stories()[:1],
                             make.LISTS, reasons={})  # fmt: skip
    texts = json.dumps(render_alert_slack(alert, **WORDS, mention="<!here>"))
    assert "<!here>" not in texts
