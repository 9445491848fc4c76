"""Composing a mail: exact, repeatable, and closed to whatever a title holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.delivery import compose, mailbox, message_id
from monitor.errors import DeliveryError
from monitor.text import clean

DATE = datetime(2026, 11, 21, 7, 0, 5, tzinfo=UTC)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "References", "List-Id", "List-Unsubscribe",
    "Auto-Submitted", "MIME-Version", "Content-Type",
]  # fmt: skip


def mail(**changes) -> bytes:
    given_ = {
        "digest_id": "daily/2026-11-21",
        "profile": "daily",
        "channel": "desk",
        "sender": "Watch Desk <watch@example.org>",
        "recipient": "a@example.org",
        "subject": "[Watch] 14 stories, 3 high · Sat 21 Nov",
        "text": "Дрон над Мурманском\nhttps://example.org/1\n",
        "html": "<p dir=auto>پهپاد</p>\n",
        "date": DATE,
    }
    return compose(**{**given_, **changes})


def read(raw: bytes):
    return message_from_bytes(raw, policy=policy.default)


def content(part) -> str:
    return part.get_content().replace("\r\n", "\n")


def test_a_mail_holds_what_it_was_given():
    """A reader's program finds both alternatives and every header, text before HTML."""
    found = read(mail())
    assert list(found.keys()) == HEADERS
    assert found["Subject"] == "[Watch] 14 stories, 3 high · Sat 21 Nov"
    assert found["From"] == "Watch Desk <watch@example.org>"
    assert found["To"] == "a@example.org"
    assert found["Date"].datetime == DATE
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Id"] == "<daily.newsmonitor.example.org>"
    assert found["List-Unsubscribe"] == "<mailto:watch@example.org?subject=unsubscribe%20daily>"
    assert found.get_content_type() == "multipart/alternative"
    text, html = found.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert content(text) == "Дрон над Мурманском\nhttps://example.org/1\n"
    assert content(html) == "<p dir=auto>پهپاد</p>\n"


@pytest.mark.parametrize(
    ("given", "header", "one_click"),
    [
        pytest.param("", "<mailto:watch@example.org?subject=unsubscribe%20daily>", False,
                     id="nothing: write to the sender"),
        pytest.param("stop@example.org", "<mailto:stop@example.org?subject=unsubscribe%20daily>",
                     False, id="a mail address"),
        pytest.param("mailto:stop@example.org",
                     "<mailto:stop@example.org?subject=unsubscribe%20daily>", False,
                     id="a mail address with its scheme"),
        pytest.param("https://example.org/stop?u=7", "<https://example.org/stop?u=7>", True,
                     id="a page: one click"),
        pytest.param("https://example.org/stop?to={recipient}&list={list}",
                     "<https://example.org/stop?to=a%40example.org&list=daily>", True,
                     id="a page that learns who and what"),
    ],
)  # fmt: skip
def test_a_reader_can_stop_it(given, header, one_click):
    """By mail, or by the operator's page; one click is promised of an https page only (RFC 8058)."""
    found = read(mail(unsubscribe=given))
    assert found["List-Unsubscribe"] == header
    assert found["List-Unsubscribe-Post"] == ("List-Unsubscribe=One-Click" if one_click else None)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/stop", "https://", "https://example.org/a b", "https://e.org/>,<x",
        "https://e.org/\r\nBcc: x@y.org", "https://e.org/{token}", "https://[", "nobody",
        "https://example.org/" + "x" * 1000, "mailto:", "https://exämple.org/",
    ],
)  # fmt: skip
def test_what_nobody_could_unsubscribe_at_is_refused(address):
    """Neither a page in clear nor what would break the header."""
    with pytest.raises(DeliveryError) as caught:
        mail(unsubscribe=address)
    assert caught.value.permanent


def test_the_same_input_gives_the_same_bytes():
    """A digest composed twice is one and the same mail."""
    assert mail() == mail()


def test_the_message_id_tells_apart_digest_channel_recipient_and_part():
    """Two mails share a Message-ID only if they are the same mail."""
    base = ("d", "desk", "a@example.org", "w@example.org")
    ids = {
        message_id(*base),
        message_id("e", *base[1:]),
        message_id("d", "other", *base[2:]),
        message_id("d", "desk", "b@example.org", "w@example.org"),
        message_id(*base, part=2),
    }
    assert len(ids) == 5
    assert read(mail())["Message-ID"] == message_id(
        "daily/2026-11-21", "desk", "a@example.org", "watch@example.org"
    )
    assert message_id(*base).endswith("@example.org>")


def test_the_digests_of_one_profile_share_a_root():
    """A mail program shows the digests of a profile as one thread, apart from other profiles."""
    root = read(mail())["References"]
    assert read(mail(digest_id="daily/2026-11-22"))["References"] == root
    assert read(mail(profile="weekly"))["References"] != root


def test_the_bytes_need_no_special_server():
    """Seven bits, CRLF, and no line over 998 octets, whatever the content (RFC 5322)."""
    raw = mail(text="ж" * 5000 + "\n" + "a" * 5000, html="<b>" + "پ" * 5000, subject="я" * 3000)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_long_subject_is_cut():
    """Nobody reads three thousand letters of subject."""
    assert len(read(mail(subject="word " * 600))["Subject"]) <= 200


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        pytest.param("Storm\r\nBcc: x@example.net", "Storm Bcc: x@example.net", id="CR LF"),
        pytest.param("Storm\u2028Bcc: x", "Storm Bcc: x", id="line separator"),
        pytest.param("Storm\u0085Bcc: x\x0b\x0cy", "Storm Bcc: x y", id="NEL, VT, FF"),
        pytest.param("St\x00orm\x1b[2J", "Storm[2J", id="NUL and escape"),
        pytest.param("\u202egpj.exe\u2066", "gpj.exe", id="direction override"),
        pytest.param("\ud800Storm", "Storm", id="lone surrogate"),
        pytest.param("\r\n \t", "(no subject)", id="blanks alone"),
        pytest.param(
            "=?utf-8?q?a=0D=0ABcc:_x@example.net?= b",
            "= ?utf-8?q?a=0D=0ABcc:_x@example.net?= b",
            id="an encoded word that hides a line end",
        ),
        pytest.param(
            "=?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5uZXQ=?=",
            "= ?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5uZXQ= ?=",
            id="the same in base64",
        ),
    ],
)
def test_a_hostile_subject_stays_one_subject(subject, shown):
    """Nothing in a subject raises or becomes a header."""
    found = read(mail(subject=subject))
    assert list(found.keys()) == HEADERS
    assert " ".join(found["Subject"].split()) == shown


_NASTY = st.text(st.one_of(st.characters(), st.sampled_from('=?_:<>@"\r\n\t яب')), max_size=300)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(subject=_NASTY, text=_NASTY, html=_NASTY)
def test_no_text_at_all_adds_a_header_or_a_part(subject, text, html):
    """Any subject and any body give one mail of eleven headers and two parts."""
    raw = mail(subject=subject, text=text, html=html)
    found = read(raw)
    assert list(found.keys()) == HEADERS
    assert len(list(found.iter_parts())) == 2
    assert found.defects == []
    if len(clean(subject)) <= 200:
        expected = clean(subject).replace("=?", "= ?") or "(no subject)"
        assert found["Subject"].split() == expected.split()


def test_a_body_that_knows_the_boundary_cannot_end_its_part():
    """The boundary depends on the content, so that content cannot quote it."""
    boundary = read(mail()).get_boundary()
    hostile = f"x\n--{boundary}\nContent-Type: text/html\n\n<script>\n--{boundary}--\n"
    found = read(mail(text=hostile))
    assert found.get_boundary() != boundary
    text, _ = found.iter_parts()
    assert content(text) == hostile


@pytest.mark.parametrize(
    ("profile", "label"),
    [
        pytest.param("daily", r"<daily\.newsmonitor\.", id="a plain name stays"),
        pytest.param("Two Words", r"<two-words-[0-9a-f]{8}\.", id="a changed name bears a hash"),
        pytest.param("ежедневный", r"<[0-9a-f]{8}\.", id="no Latin letter at all"),
        pytest.param("x>\r\nBcc: y", r"<x-bcc-y-[0-9a-f]{8}\.", id="a hostile name"),
    ],
)
def test_a_profile_becomes_a_label_of_the_list_id(profile, label):
    """A List-Id is ASCII letters whatever the profile is called (RFC 2919)."""
    found = read(mail(profile=profile))
    assert list(found.keys()) == HEADERS
    assert re.match(label, found["List-Id"])


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        pytest.param("a@example.org", "a@example.org", id="bare"),
        pytest.param("Watch, the <a.b+c@example.org>", "a.b+c@example.org", id="with a name"),
        pytest.param("x@bücher.example", "x@xn--bcher-kva.example", id="domain in its own script"),
    ],
)
def test_a_mailbox_is_taken_from_an_address(address, bare):
    """Only local part and domain go into the envelope."""
    assert mailbox(address) == bare


@pytest.mark.parametrize(
    "address",
    ["", "a", "@example.org", "a@", "a b@example.org", "a@b@example.org", "a@é..org",
     "a@x, b@y", "<a@x> <b@y>", "a@x\r\nBcc: b@y", "a\x00@x", "дом@example.org", "a@x..org",
     "=?utf-8?q?x?=@example.org", "a@" + "b" * 64 + ".org"],
)  # fmt: skip
def test_what_is_no_mailbox_is_refused_for_good(address):
    """An address that could carry more than an address is an error, with a way out of it."""
    with pytest.raises(DeliveryError, match=r"write it as name@example\.org") as caught:
        mailbox(address)
    assert caught.value.permanent


def test_a_long_sender_domain_breaks_no_identifier():
    """Long identifiers stay whole: no folding, no encoded word."""
    domain = ".".join(["a" * 60] * 3) + ".org"
    raw = mail(sender=f"watch@{domain}")
    assert (
        f"Message-ID: {message_id('daily/2026-11-21', 'desk', 'a@example.org', f'w@{domain}')}\r\n".encode()
        in raw
    )
    assert b"=?" not in raw.partition(b"List-Unsubscribe")[2].partition(b"\r\n")[0]


def test_a_senders_name_in_another_script_survives():
    """The display name reads as the operator wrote it."""
    found = read(mail(sender='"Дежурный, стол" <watch@example.org>'))
    assert found["From"].addresses[0].display_name == "Дежурный, стол"
    assert found["From"].addresses[0].addr_spec == "watch@example.org"
