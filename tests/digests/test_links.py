"""Which addresses a reader may click, and which host is shown beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digests.links import link


@pytest.mark.parametrize(
    ("url", "shown", "host"),
    [
        pytest.param("https://www.example.org/a?b=1&c=2#d", "https://www.example.org/a?b=1&c=2#d",
                     "www.example.org", id="an ordinary address stays as it is"),
        pytest.param("http://example.org", "http://example.org", "example.org", id="a bare host"),
        pytest.param("HTTPS://EXAMPLE.org/A", "https://example.org/A", "example.org",
                     id="case matters in the path only"),
        pytest.param("https://example.org:8443/a", "https://example.org:8443/a",
                     "example.org:8443", id="an odd port is part of what is shown"),
        pytest.param("https://exаmple.org/", "https://xn--exmple-4nf.org/", "xn--exmple-4nf.org",
                     id="a Cyrillic letter in a Latin name shows"),
        pytest.param("https://example.org/پ", "https://example.org/%D9%BE", "example.org",
                     id="letters beyond ASCII are encoded"),
        pytest.param("https://example.org/a|b>c\"d'<e>", "https://example.org/a%7Cb%3Ec%22d'%3Ce%3E",
                     "example.org", id="marks that end a link elsewhere are encoded"),
        pytest.param("https://example.org/%7C%41", "https://example.org/%7C%41", "example.org",
                     id="what is encoded already is not encoded twice"),
        pytest.param("https://example.org/\u202egpj.exe", "https://example.org/%E2%80%AEgpj.exe",
                     "example.org", id="a direction mark cannot turn the address round"),
        pytest.param("http://[2001:db8::1]/a", "http://[2001:db8::1]/a", "[2001:db8::1]",
                     id="an IPv6 host"),
    ],
)  # fmt: skip
def test_links(url, shown, host):
    """A web address is shown in ASCII with the host that it opens."""
    found = link(url)
    assert (found.url, found.host) == (shown, host)


@pytest.mark.parametrize(
    "url",
    [
        "", "   ", "javascript:alert(1)", "JaVaScRiPt://example.org/%0aalert(1)", "data:text/html,x",
        "ftp://example.org/", "file:///etc/passwd", "mailto:a@example.org", "//example.org/a",
        "example.org/a", "/relative", "https://", "https:///a", "https://good.example@evil.example/",
        "https://user:word@example.org/", "https://exa mple.org/", "https://example.org/a b",
        "https://example.org\\@evil.example/", "https://example.org/a\r\nBcc: x", "java\tscript:x",
        "https://example.org:99999/", "https://[::1", "https://example.org/" + "a" * 2000,
        "https://exa<mple.org/", "https://\u202eexample.org/", "https://a..b\u3002c/",
    ],
)  # fmt: skip
def test_links_that_are_none(url):
    """Whatever is no plain web address is no link."""
    assert link(url) is None


@given(st.text(max_size=60))
def test_any_text_behind_a_host_is_harmless(text):
    """Whatever follows the host, the link is ASCII and cannot end a tag, a quote or a line."""
    found = link(f"https://example.org/{text}")
    if found is not None:
        assert found.url.isascii()
        assert not set(found.url) & set('<>"| \\\r\n')
        assert found.host == "example.org"
