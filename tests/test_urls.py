"""Addresses: which are one page, which must stay apart, which may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.urls import MAX_LENGTH, TRACKING, absolute, canonical, host, outlet_of, web_link

SAME = [
    ("http and https", "http://example.org/a", "https://example.org/a"),
    ("case of scheme and host", "HTTPS://Example.ORG/a", "https://example.org/a"),
    ("www", "https://www.example.org/a", "https://example.org/a"),
    ("default port of http", "http://example.org:80/a", "https://example.org/a"),
    ("default port of https", "https://example.org:443/a", "https://example.org/a"),
    ("closing dot of the host", "https://example.org./a", "https://example.org/a"),
    ("no path", "https://example.org", "https://example.org/"),
    ("closing slash", "https://example.org/a/", "https://example.org/a"),
    ("fragment", "https://example.org/a#top", "https://example.org/a"),
    ("empty query", "https://example.org/a?", "https://example.org/a"),
    ("empty parts", "https://example.org/a?&id=1&&", "https://example.org/a?id=1"),
    ("dot segments", "https://example.org/x/.././a", "https://example.org/a"),
    ("dots above the root", "https://example.org/../../a", "https://example.org/a"),
    ("escaped dot segments", "https://example.org/x/%2e%2e/a", "https://example.org/a"),
    ("escaped letter", "https://example.org/%61", "https://example.org/a"),
    ("case of escapes", "https://example.org/%d0%b0", "https://example.org/%D0%B0"),
    ("raw Cyrillic path", "https://example.org/новости", "https://example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
    ("raw Persian query", "https://example.org/?q=پهپاد", "https://example.org/?q=%D9%BE%D9%87%D9%BE%D8%A7%D8%AF"),
    ("brackets", "https://example.org/?a[]=1", "https://example.org/?a%5B%5D=1"),
    ("bare percent sign", "https://example.org/100%", "https://example.org/100%25"),
    ("bare percent sign before an escape", "https://example.org/%%61a", "https://example.org/%25aa"),
    ("Cyrillic host", "https://Пример.рф/a", "https://xn--e1afmkfd.xn--p1ai/a"),
    ("ideographic dot", "https://example。org/a", "https://example.org/a"),
    ("full-width host", "https://ｅｘａｍｐｌｅ.org/a", "https://example.org/a"),
    ("IPv6 spelling", "https://[2001:DB8:0:0::1]/a", "https://[2001:db8::1]/a"),
    ("white space around", "  https://example.org/a\n", "https://example.org/a"),
    ("campaign", "https://example.org/a?utm_source=rss&utm_medium=x", "https://example.org/a"),
    ("campaign between", "https://example.org/a?id=1&utm_id=7&p=2", "https://example.org/a?id=1&p=2"),
    ("campaign in capitals", "https://example.org/a?UTM_Source=rss", "https://example.org/a"),
    ("escaped name of a campaign", "https://example.org/a?utm%5Fsource=rss", "https://example.org/a"),
    ("doubly escaped ampersand", "https://example.org/a?id=1&amp;utm_medium=x&amp;p=2", "https://example.org/a?id=1&p=2"),
    ("social click", "https://example.org/a?fbclid=IwAR0", "https://example.org/a"),
    ("Russian click", "https://example.org/a?yclid=1&ysclid=2&_openstat=3", "https://example.org/a"),
    ("broadcaster's feed", "https://example.org/a?at_medium=RSS&at_campaign=K", "https://example.org/a"),
    ("origin that says rss", "https://example.org/a?ref=rss&source=rss-abc---2", "https://example.org/a"),
    ("origin inside a word chain", "https://example.org/a?maca=en-rss-en-all-1573-rdf", "https://example.org/a"),
    ("session in the path", "https://example.org/a;jsessionid=0A1B?id=1", "https://example.org/a?id=1"),
    ("session in the query", "https://example.org/a?PHPSESSID=0a1b&id=1", "https://example.org/a?id=1"),
]  # fmt: skip

APART = [
    ("number in the query", "https://example.org/?id=1", "https://example.org/?id=2"),
    ("case of the path", "https://example.org/aB", "https://example.org/ab"),
    ("case of the query", "https://example.org/?v=aB", "https://example.org/?v=ab"),
    ("order of the query", "https://example.org/?a=1&b=2", "https://example.org/?b=2&a=1"),
    ("empty value", "https://example.org/?a=", "https://example.org/?a"),
    ("another port", "https://example.org:8443/a", "https://example.org/a"),
    ("another host", "https://news.example.org/a", "https://example.org/a"),
    ("mobile host", "https://m.example.org/a", "https://example.org/a"),
    ("escaped slash", "https://example.org/a%2Fb", "https://example.org/a/b"),
    ("escaped ampersand", "https://example.org/?a=1%26b=2", "https://example.org/?a=1&b=2"),
    ("plus and space", "https://example.org/?q=a+b", "https://example.org/?q=a%2Bb"),
    ("double slash", "https://example.org/a//b", "https://example.org/a/b"),
    ("source that is a document", "https://example.org/?source=42", "https://example.org/?source=43"),
    ("name that only begins like a campaign", "https://example.org/?utm=1", "https://example.org/?utm=2"),
    ("word that only contains rss", "https://example.org/?ref=carss", "https://example.org/?ref=rss"),
    ("content number", "https://example.org/?cid=1", "https://example.org/?cid=2"),
    ("sharp s", "https://straße.example/a", "https://strasse.example/a"),
    ("Persian joiner", "https://می\u200cخواهم.example/a", "https://میخواهم.example/a"),
    ("a domain called www", "https://www.org/a", "https://org/a"),
]  # fmt: skip

JUNK = [
    ("empty", ""),
    ("words", "not an address"),
    ("no host", "https:///a"),
    ("relative", "/a/b"),
    ("script", "javascript:alert(1)"),
    ("data", "data:text/html,x"),
    ("file", "file:///etc/passwd"),
    ("ftp", "ftp://example.org/a"),
    ("user name", "https://user@example.org/a"),
    ("password", "https://user:pw@example.org/a"),
    ("a host that lies", "https://known.example@evil.example/"),
    ("backslash before a lying host", "https://known.example\\@evil.example/"),
    ("port out of range", "https://example.org:99999/"),
    ("port of letters", "https://example.org:abc/"),
    ("broken bracket", "https://[::1"),
    ("scoped IPv6", "https://[fe80::1%25eth0]/"),
    ("empty label", "https://example..org/"),
    ("space in the host", "https://exa mple.org/"),
    ("quote in the host", 'https://exa"mple.org/'),
    ("escaped host", "https://exa%6Dple.org/"),
    ("override in the host", "https://exam\u202eple.org/"),
    ("label too long", f"https://{'a' * 64}.org/"),
    ("name too long", f"https://{'a.' * 130}org/"),
    ("line break inside", "https://example.org/a\r\nBcc: x"),
    ("NUL", "https://example.org/a\0b"),
    ("escape character", "https://example.org/\x1b[2J"),
    ("lone surrogate", "https://example.org/\ud800"),
    ("slash hidden by its width", "https://example.org／.evil.example/"),
    ("too long", "https://example.org/" + "a" * MAX_LENGTH),
]  # fmt: skip


def _ids(rows):
    return [row[0] for row in rows]


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=_ids(SAME))
def test_spellings_of_one_page_fold(why, one, other):
    """Two spellings of one page have one identity."""
    assert canonical(one) == canonical(other) is not None


@pytest.mark.parametrize(("why", "one", "other"), APART, ids=_ids(APART))
def test_two_pages_stay_apart(why, one, other):
    """Addresses that may be two pages are never taken for one."""
    assert canonical(one) != canonical(other)
    assert None not in {canonical(one), canonical(other)}


@pytest.mark.parametrize(("why", "url"), JUNK, ids=_ids(JUNK))
def test_junk_is_no_page_and_no_link(why, url):
    """What is no plain public address is neither identified nor shown nor given a host."""
    assert (canonical(url), web_link(url), host(url), outlet_of(url)) == (None, None, "", "")


@pytest.mark.parametrize("name", sorted(TRACKING))
def test_each_tracking_parameter_is_dropped_whatever_its_value(name):
    """Each listed parameter leaves the identity alone, in any case of its letters."""
    plain = canonical("https://example.org/a?id=1")
    assert canonical(f"https://example.org/a?{name.upper()}=x%20y&id=1") == plain
    assert canonical(f"https://example.org/a?id=1&{name}") == plain


_PIECES = st.lists(
    st.sampled_from(
        ["http://", "https://", "www.", "example.org", "Пример.рф", ":80", ":443", "/", "//", "..",
         ".", "a", "%", "%2e", "%2F", "%61", "%d0", "?", "&", "&amp;", "amp;", "id=1", "utm_x=1",
         "ref=rss", "=", "#", ";jsessionid=1", "[", "]", "@", "я", " ", "'", "\\", "+", "İ", "Σ"]
    ),
    max_size=14,
)  # fmt: skip
_ADDRESSES = st.builds("".join, _PIECES) | st.builds(
    lambda rest: "https://example.org/" + "".join(rest), _PIECES
)


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"([a-z0-9_-]{1,9}\.){0,3}[a-z0-9_-]{1,9}", fullmatch=True),
    st.sampled_from(["", ":80", ":443", ":8080", ":0443", ":99999"]),
    st.from_regex(r"(/[A-Za-z0-9._~-]{1,9}){0,4}/?", fullmatch=True),
    st.from_regex(r"(\?((id|utm_source|ref|a)=(rss)?[a-z0-9.]{0,5}&?){0,3})?", fullmatch=True),
)
@settings(max_examples=500, deadline=None)
def test_the_short_way_for_plain_addresses_is_the_long_way(scheme, name, port, path, query):
    """An address that is taken as it stands has the identity and the link that taking it apart gives."""
    url = f"{scheme}://{name}{port}{path}{query}"
    assert canonical(url) == canonical(f"{url}#part")
    longer = web_link(f"{url}#part")
    assert web_link(url) == (longer and longer.removesuffix("#part"))
    assert absolute("https://b.example/", url) == absolute("https://b.example/", f" {url}")


@given(_ADDRESSES | st.text())
@settings(max_examples=600, deadline=None)
def test_canonical_is_idempotent_and_never_raises(url):
    """The identity of an identity is itself, for any text at all."""
    once = canonical(url)
    assert once is None or (canonical(once) == once and len(once) <= MAX_LENGTH)


@given(_ADDRESSES | st.text())
@settings(max_examples=600, deadline=None)
def test_a_link_is_plain_ascii_without_markup_and_leads_to_the_same_page(url):
    """Whatever comes in, a shown link holds no character that any renderer could trip over."""
    link = web_link(url)
    if link is None:
        return
    assert link.isascii()
    assert link.isprintable()
    assert not set(link) & set(" \"'<>|\\^`{}")
    assert web_link(link) == link
    assert canonical(link) == canonical(url)


LINKS = [
    ("kept as it is", "http://example.org/a/?utm_source=x&b=1#c", "http://example.org/a/?utm_source=x&b=1#c"),
    ("host in the form of the wire", "https://Пример.рф/а", "https://xn--e1afmkfd.xn--p1ai/%D0%B0"),
    ("German sharp s goes to its own site", "https://straße.example/", "https://xn--strae-oqa.example/"),
    ("markup of chat rooms", "https://example.org/a|b>c", "https://example.org/a%7Cb%3Ec"),
    ("quotes", "https://example.org/\"'", "https://example.org/%22%27"),
    ("override in the path", "https://example.org/\u202etxt", "https://example.org/%E2%80%AEtxt"),
    ("own port dropped", "http://example.org:80/", "http://example.org/"),
    ("other port kept", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "url", "expected"), LINKS, ids=_ids(LINKS))
def test_web_link(why, url, expected):
    """A link keeps where it leads and loses what could mislead."""
    assert web_link(url) == expected


OUTLETS = [
    ("www", "https://www.example.org/x", "example.org"),
    ("feed machine", "https://feeds.example.co.uk/rss.xml", "example.co.uk"),
    ("two prefixes", "https://www.rss.example.org/", "example.org"),
    ("mobile", "https://m.example.org/", "example.org"),
    ("part of the name", "https://rsst.example.org/", "rsst.example.org"),
    ("nothing would remain", "https://m.org/", "m.org"),
    ("port", "https://example.org:8443/", "example.org"),
]


@pytest.mark.parametrize(("why", "url", "expected"), OUTLETS, ids=_ids(OUTLETS))
def test_outlet(why, url, expected):
    """The outlet is the host without the prefixes of machines."""
    assert outlet_of(url) == expected


BASE = "https://example.org/news/feed.xml?x=1"
JOINED = [
    ("absolute", "https://other.example/a", "https://other.example/a"),
    ("root", "/a", "https://example.org/a"),
    ("beside", "a", "https://example.org/news/a"),
    ("without scheme", "//other.example/a", "https://other.example/a"),
    ("query only", "?id=1", "https://example.org/news/feed.xml?id=1"),
    ("white space around", "\n /a ", "https://example.org/a"),
    ("nothing", " ", None),
    ("script", "javascript:alert(1)", None),
    ("mail", "mailto:a@example.org", None),
    ("user name", "https://a@example.org/", None),
    ("broken bracket", "http://[x", None),
    ("too long", "a" * (MAX_LENGTH + 1), None),
]


@pytest.mark.parametrize(("why", "link", "expected"), JOINED, ids=_ids(JOINED))
def test_absolute(why, link, expected):
    """A link of an entry is read against its feed's address, or refused."""
    assert absolute(BASE, link) == expected


def test_host_is_lower_case_ascii_without_port():
    """The host of an address has one spelling."""
    assert host("http://Пример.РФ:8080/") == "xn--e1afmkfd.xn--p1ai"


def test_length_counts_once_escaped():
    """An address that grows over the bound by its escapes is no page and no link."""
    url = "https://example.org/" + "я" * 2_000
    assert (canonical(url), web_link(url)) == (None, None)
