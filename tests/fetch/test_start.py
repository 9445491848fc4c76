"""The address of a feed, as it is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from monitor.errors import FetchError
from monitor.fetch.redirects import start
from monitor.urls import is_plain

HOSTS = st.from_regex(r"([a-z0-9][a-z0-9-]{0,5}\.){0,3}[a-z0-9]{1,5}(:[1-9][0-9]{1,4})?", fullmatch=True)  # fmt: skip
PATHS = st.from_regex(r"(/[A-Za-z0-9_~.%-]{0,6}){0,4}/?(\?[a-z0-9=&.%+-]{0,9})?", fullmatch=True)


@given(st.sampled_from(["http", "https"]), HOSTS, PATHS)
def test_a_plain_address_is_asked_as_one_that_is_read_with_care(scheme, host, path):
    """The short way gives what the long one gives, part by part."""
    url = f"{scheme}://{host}{path}"
    if not is_plain(url):
        return
    told, careful = start(url), URL(url).with_fragment(None)
    assert (told, str(told)) == (careful, str(careful))
    assert (told.raw_host, told.port, told.raw_path_qs) == (
        careful.raw_host,
        careful.port,
        careful.raw_path_qs,
    )


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        pytest.param("https://news.example/rss", "https://news.example/rss", id="plain"),
        pytest.param(" https://news.example/a b#c ", "https://news.example/a%20b", id="untidy"),
        pytest.param("http://news.example", "http://news.example", id="without a path"),
    ],
)
def test_what_is_asked(url, asked):
    """Spaces are escaped, a fragment stays at home."""
    assert str(start(url)).removesuffix("/") == asked


@pytest.mark.parametrize(
    "url", ["https://user@news.example/", "ftp://news.example/x", "https:///x"]
)
def test_what_is_not_asked(url):
    """An address with a user in it, of another scheme, or without a host."""
    with pytest.raises(FetchError):
        start(url)
