"""When two subscriptions are one feed."""

from __future__ import annotations

import pytest

from monitor.feeds.merge import Subscription, address, proposals

A, B = "https://a.example/rss", "https://b.example/rss"


def items(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"item {n}" for n in range(first, last))


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        pytest.param(Subscription(A, "A", target=B), Subscription(B, "B"), B, id="one redirects to the other"),
        pytest.param(Subscription(A, "A"), Subscription(B, "B", target=A), A, id="the second redirects to the first"),
        pytest.param(
            Subscription(A, "A", target="https://c.example/x"),
            Subscription(B, "B", target="http://c.example/x"), A, id="both redirect to a third",
        ),
        pytest.param(Subscription("http://a.example/rss", "A"), Subscription(A, "A"), A, id="http and https of one address"),
        pytest.param(Subscription(A, "A", newest=items(0, 20)), Subscription(B, "B", newest=items(4, 24)), A, id="16 of 20 items are the same"),
        pytest.param(Subscription(A, "A", newest=items(0, 20)), Subscription(B, "B", newest=items(5, 25)), None, id="15 of 20 are too few"),
        pytest.param(Subscription(A, "A", newest=items(0, 4)), Subscription(B, "B", newest=items(0, 4)), None, id="four items tell nothing"),
        pytest.param(
            Subscription(A, "Front page", newest=items(0, 20)),
            Subscription(B, "Section", newest=tuple(f"item {3 * n}" for n in range(7))), None, id="a section is no copy of the front page",
        ),
        pytest.param(
            Subscription(A, "A", newest=items(0, 20)),
            Subscription(B, "B", newest=tuple(reversed(items(0, 20)))), A, id="the order inside does not matter",
        ),
        pytest.param(Subscription(A, "A", target=A), Subscription(B, "B", target=B), None, id="each leads to itself"),
        pytest.param(Subscription(A, "A"), Subscription(A + "?feed=2", "B"), None, id="a parameter chooses the feed"),
    ],
)  # fmt: skip
def test_two_subscriptions_are_merged_or_not(one, other, kept):
    """The proposal names the address to keep and the one to drop."""
    found = proposals([one, other])
    assert [proposal.keep for proposal in found] == ([kept] if kept else [])
    for proposal in found:
        assert {proposal.keep, proposal.drop} == {one.url, other.url}
        assert f"take {proposal.drop} out of feeds.yaml" in proposal.sentence


def test_three_of_one_target_are_two_proposals():
    """Each of the others is merged into the first; no pair is named twice."""
    feeds = [Subscription(f"https://{n}.example/", n, target=B, newest=items(0, 9)) for n in "xyz"]
    pairs = [(one.keep, one.drop) for one in proposals(feeds)]
    assert len(pairs) == len({frozenset(pair) for pair in pairs})
    assert {drop for _, drop in pairs} == {"https://y.example/", "https://z.example/"}


def test_what_a_dozen_and_more_feeds_carry_is_no_sign():
    """A wire report in all feeds makes no copies of them."""
    feeds = [Subscription(f"https://{n}.example/", "", newest=items(0, 20)) for n in range(13)]
    assert proposals(feeds) == ()


def test_ten_thousand_feeds_are_quick():
    """The work grows with the items, so a large desk is no trouble."""
    feeds = [
        Subscription(f"https://{n}.example/", "", newest=items(n * 15, n * 15 + 20))
        for n in range(10_000)
    ]
    assert proposals(feeds) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("http://E.example/rss", "https://e.example/rss#top", True, id="scheme, case of the host, fragment"),
        pytest.param("https://e.example/rss", "https://e.example/rss/", False, id="a closing slash"),
        pytest.param("https://e.example/?ref=rss", "https://e.example/", False, id="what is tracking for a page"),
        pytest.param("not an address", "not an address ", True, id="junk is itself"),
    ],
)  # fmt: skip
def test_the_address_of_a_feed_is_its_identity(one, other, same):
    """Narrower than the identity of a page."""
    assert (address(one) == address(other)) is same
