"""What holds for every rendering: limits, the same stories everywhere, and no word becomes markup."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.digests import (
    render_alert_json,
    render_email,
    render_json,
    render_slack,
    render_text,
    subject,
)
from monitor.digests.render_email import MAX_BYTES
from monitor.digests.render_slack import PARTS
from monitor.digests.slack_blocks import BLOCKS, CHARACTERS, SECTION, characters, escape
from monitor.digests.text_lines import COLUMNS, columns, wrapped
from monitor.model import WatchlistInfo
from tests.digests.cases import ALERTS, DIGESTS

WORDS = {"version": "1.2.3", "contact": "desk@example.org"}
NAMES = tuple(DIGESTS)
HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from("<>&\"'|*_~`:!@#{}%\\\r\n\x00\x1b\u202e\u2066\u2028\ud800 ="),
        st.sampled_from("abپ无"),
    ),
    max_size=40,
)
MENTION = re.compile(r"<[!@#]|<(?!https?://[^\s|<>]+\|[^<>]*>)")


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data):
        self.text += data


def parsed(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


def mrkdwn(payloads) -> list[str]:
    blocks = [block for payload in payloads for block in payload["blocks"]]
    texts = [t for b in blocks for t in [b.get("text"), *b.get("elements", [])] if t]
    return [text["text"] for text in texts if text["type"] == "mrkdwn"]


@pytest.fixture(scope="module")
def innocent(cases):
    """Return tags and attributes of a page without any hostile word."""
    page = parsed(render_email(cases["small-day"](), **WORDS).html)
    return page.tags, page.attributes


@pytest.mark.parametrize("name", NAMES)
def test_text_is_72_columns_wide(cases, name):
    """No line of text is wider than 72 columns, but for addresses, which are never broken."""
    for line in render_text(cases[name](), **WORDS).splitlines():
        assert columns(line) <= COLUMNS or line.strip().startswith("http"), line


@pytest.mark.parametrize("name", NAMES)
def test_mail_is_small_and_quiet(cases, name):
    """A mail stays below 90 kB, loads nothing, and its hidden line is no empty one."""
    mail = render_email(cases[name](), **WORDS)
    page = parsed(mail.html)
    assert len(mail.html.encode()) <= MAX_BYTES
    assert not page.tags & {"img", "script", "link", "iframe", "form", "svg", "object", "base"}
    assert "url(" not in mail.html
    assert "@import" not in mail.html
    assert mail.preheader


@pytest.mark.parametrize("name", NAMES)
def test_slack_limits(cases, name):
    """Each part keeps Slack's limits, is numbered, unfurls nothing and mentions nobody."""
    payloads = render_slack(cases[name](), **WORDS)
    for number, payload in enumerate(payloads, 1):
        blocks = payload["blocks"]
        assert len(blocks) <= BLOCKS
        assert sum(map(characters, blocks)) + len(payload["text"]) <= CHARACTERS
        assert all(characters(block) <= SECTION for block in blocks)
        assert len(blocks[0]["text"]["text"]) <= 150
        assert blocks[1]["type"] != "divider"
        assert f"part {number}/{len(payloads)}" in blocks[-1]["elements"][0]["text"]
        assert (payload["unfurl_links"], payload["unfurl_media"]) == (False, False)
    assert not [text for text in mrkdwn(payloads) if MENTION.search(text)]
    assert all('"verbatim": true' in json.dumps(p) for p in payloads)


@pytest.mark.parametrize("name", NAMES)
def test_both_halves_of_a_mail_list_the_same(cases, name):
    """HTML and text of a mail number the same stories."""
    mail = render_email(cases[name](), **WORDS)
    in_html = {int(n) for n in re.findall(r'<p class="k"[^>]*>(\d+) ·', mail.html)}
    in_html |= {
        int(n) for n in re.findall(r'<p class="t".*?<span class="g"[^>]*>(\d+)<', mail.html)
    }
    body = mail.text.split("─" * COLUMNS, 1)[1]
    in_text = {int(n) for n in re.findall(r"^(?=.{3} \S) {0,2}(\d{1,3}) ", body, re.MULTILINE)}
    assert in_html == in_text


def test_what_a_mail_leaves_out_is_counted(make):
    """When even titles do not fit, every section says how many more there are."""
    stories = make.flood_stories(900)
    from monitor.digests import Caps

    mail = render_email(make.made(stories, caps=Caps(per_watchlist=300)), **WORDS)
    assert len(mail.html.encode()) <= MAX_BYTES
    shown = len(re.findall(r'<p class="[kt]"', mail.html))
    rest = sum(int(n) for n in re.findall(r"and (\d+) more stories", mail.html))
    assert shown + rest == 900
    assert sum(int(n) for n in re.findall(r"and (\d+) more stories", mail.text)) == rest


def test_a_thousand_sections_still_fit(make):
    """With a match in each of a thousand watchlists the mail is small and counts the rest."""
    lists = tuple(WatchlistInfo(f"w{n}", f"A rather long name for list {n}") for n in range(1000))
    stories = [
        make.story(n, make.member(n, "Words " * 20, hits={f"w{n}": []})) for n in range(1000)
    ]
    digest = make.made(stories, lists=lists)
    mail = render_email(digest, **WORDS)
    assert len(mail.html.encode()) <= MAX_BYTES
    assert "more watchlists with" in mail.text
    payloads = render_slack(digest, **WORDS)
    assert len(payloads) <= PARTS
    assert any("more watchlists with" in text for text in mrkdwn(payloads))


def test_empty_digest_says_what_was_checked(cases):
    """A day without a match says so, with the feeds that were checked and those in trouble."""
    for text in (
        render_text(cases["empty-day"](), **WORDS),
        render_email(cases["empty-day"](), **WORDS).html,
    ):
        flat = " ".join(text.split())
        assert "No matches in 24 h. 118 of 120 feeds checked" in flat
        assert "Northern Post — blocked: 403 challenge page, since Tue 18 Nov 09:10" in flat


def test_no_feeds_at_all_is_said(make):
    """A watch without feeds does not look like a quiet day."""
    from monitor.model import Coverage

    assert "no feed is watched at all" in render_text(make.made([], coverage=Coverage()), **WORDS)


def test_catch_up_is_labelled_everywhere(cases):
    """A catch-up says so in subject, text and Slack."""
    digest = cases["catch-up"]()
    assert "catch-up Tue 18 Nov – Sat 22 Nov" in subject(digest)
    assert "! Catching up: this digest covers 4 d 3 h" in render_text(digest, **WORDS)
    assert any("Catching up" in text for text in mrkdwn(render_slack(digest, **WORDS)))


def test_subject_has_no_word_of_a_feed(make, cases):
    """The subject is made of numbers and dates only."""
    assert subject(cases["full-day"]()) == "[Watch] 15 stories, 1 critical, 11 high · Sat 22 Nov"
    assert subject(cases["quiet-day"]()) == "[Watch] no matches · Sat 22 Nov"


def test_links_show_their_real_host(cases):
    """Each link of a mail is http or https, and its host stands beside the headline."""
    html = render_email(cases["full-day"](), **WORDS).html
    links = parsed(html).links
    assert links
    assert all(re.match(r"https?://[a-z0-9.:-]+", url) for url in links)
    assert all(url.split("/")[2] in parsed(html).text for url in links)


def test_right_to_left_headlines_are_isolated(cases):
    """A headline has its own direction and language in HTML, and isolates in text and Slack."""
    digest = cases["small-day"]()
    assert re.search(r'<h3 dir="auto" lang="fa"', render_email(digest, **WORDS).html)
    assert "\u2068روسیه خط تولید" in render_text(digest, **WORDS)
    assert any("|\u2068روسیه خط تولید" in text for text in mrkdwn(render_slack(digest, **WORDS)))


def test_templates_are_not_run_from_feeds(cases):
    """Template marks in a headline are shown, not run."""
    assert "{{ 7*7 }}" in parsed(render_email(cases["full-day"](), **WORDS).html).text


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=HOSTILE, text=HOSTILE, outlet=HOSTILE, url=HOSTILE, was=HOSTILE, lang=HOSTILE)
def test_nothing_of_a_feed_becomes_markup(make, innocent, title, text, outlet, url, was, lang):
    """Whatever a feed says, pages keep their tags, Slack its links, and text its lines."""
    item = make.member(1, title, text, outlets=((outlet, 5),), url="https://e.example/" + url,
                       was=was, lang=lang, hits={"drones": [("g", title[:3]), ("h", text[-3:])]})  # fmt: skip
    digest = make.made([make.story(1, item)], coverage=trouble(make, title))
    mail, plain = render_email(digest, **WORDS), render_text(digest, **WORDS)
    page = parsed(mail.html)
    assert page.tags <= innocent[0]
    assert page.attributes <= innocent[1]
    assert all(link.startswith("https://e.example/") for link in page.links)
    for whole in (
        mail.html,
        plain,
        mail.preheader,
        json.dumps(render_slack(digest, **WORDS), ensure_ascii=False),
    ):
        whole.encode()
        assert not set(whole) & set("\r\x00\x1b\u202e\u2066\u2028")
    assert not [found for found in mrkdwn(render_slack(digest, **WORDS)) if MENTION.search(found)]


def trouble(make, words: str):
    first = dataclasses.replace(make.TROUBLED.troubles[0], title=words, reason=words, url=words)
    return dataclasses.replace(make.TROUBLED, troubles=(first,), gaps=(words,), notices=(words,))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("a & b", "a &amp; b"),
        ("*b* _i_ ~s~ `c`", "∗b∗ ˍiˍ ∼s∼ ˋcˋ"),
        (":red_circle: at 10:30", "꞉redˍcircle: at 10:30"),
    ],
)
def test_slack_escape(text, shown):
    """Marks that Slack would act on are escaped or replaced by look-alikes."""
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("word " * 20, 2, id="words"),
        pytest.param("无" * 80, 3, id="Han is two columns wide"),
        pytest.param("e\u0301" * 72, 1, id="marks take no column"),
        pytest.param("x" * 150, 3, id="a word wider than a line"),
    ],
)
def test_wrapping(text, lines):
    """Lines are broken by columns, and no letter is lost."""
    made = wrapped(text.strip())
    assert len(made) == lines
    assert all(columns(line) <= COLUMNS for line in made)
    assert "".join(made).replace(" ", "") == text.replace(" ", "")


def test_a_line_that_begins_with_an_arabic_title_is_ordered_from_the_left(cases):
    """In the health list the title keeps its direction, and the line keeps ours."""
    digest, title = cases["empty-day"](), "وكالة المثال للأنباء"
    assert f"  - \u2068{title}\u2069 — timeout: no answer" in render_text(digest, **WORDS)
    html = render_email(digest, **WORDS).html
    assert re.search(rf'<p class="tr"(?! dir)[^>]*><bdi>{title}</bdi> — timeout', html)
    slack = "\n".join(mrkdwn(render_slack(digest, **WORDS)))
    assert f"• \u2068{title}\u2069 — timeout" in slack
    assert "\u2068روزنامهٔ نمونه\u2069: items may have" in slack


def test_no_isolate_is_left_open_at_the_end_of_a_line(cases):
    """Each line of text opens and closes its own isolates, since a terminal knows lines only."""
    for line in render_text(cases["full-day"](), **WORDS).splitlines():
        assert line.count("\u2068") == line.count("\u2069"), line


@pytest.mark.parametrize("name", NAMES)
def test_data_lists_the_same_stories(cases, name):
    """JSON numbers the stories as the text does, with the same headlines."""
    digest = cases[name]()
    data = render_json(digest, version="1")
    numbers = [story["number"] for story in data["stories"]]
    assert numbers == list(range(1, len(numbers) + 1))
    told = [key for section in data["sections"] for key in section["stories"]]
    assert {story["story"] for story in data["stories"]} == {*told, *data["top"]}
    assert data["counts"]["stories"] == digest.stories
    text = " ".join(render_text(digest, **WORDS).split())
    assert all(
        story["headline"] in text for story in data["stories"] if story["headline"].isascii()
    )


SCHEMA = {"schema", "version", "program", "id", "profile", "title", "subject", "window", "timezone",
          "catch_up", "counts", "top", "sections", "quiet", "stories", "flood", "surges", "trends",
          "health"}  # fmt: skip
STORY = {"number", "story", "headline", "url", "host", "language", "excerpt", "level", "score",
         "watchlists", "on_trial", "matched", "moves", "first_seen_at", "outlets", "origins",
         "state_affiliated", "languages", "articles", "update", "alerted_at", "new_articles", "new",
         "edits", "lost"}  # fmt: skip
ALERT = {"schema", "version", "program", "id", "rule", "subject", "at", "timezone", "level",
         "watchlists", "stories", "left_out"}  # fmt: skip


def test_names_of_the_schema_stay(cases):
    """Programs rely on these names: none goes while the version is 1."""
    data = render_json(cases["full-day"](), version="1")
    assert (data["schema"], data["version"]) == ("newsmonitor.digest", 1)
    assert set(data) >= SCHEMA
    assert all(set(story) >= STORY for story in data["stories"])
    alert = render_alert_json(ALERTS["alert-several"](), version="1")
    assert (alert["schema"], alert["version"]) == ("newsmonitor.alert", 1)
    assert set(alert) >= ALERT
    assert all(set(story) >= {*STORY, "reason"} for story in alert["stories"])


def test_surges_and_silences(cases):
    """A surge says how many times the usual, a silence since when."""
    text = " ".join(render_text(cases["full-day"](), **WORDS).split())
    assert "European gas prices move: 3 × the usual since 21 Nov 14:00 — 120 stories in 6 h" in text
    assert "Talks about sanctions: silent since 18 Nov 07:00 (0 articles, 6.5 expected)" in text
