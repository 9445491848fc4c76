"""A broken network is told from broken feeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.feeds.network import LONGEST_PAUSE_S, PATIENCE, Network

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MANY = {"a.example", "b.example", "c.example"}


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def test_silence_of_many_hosts_is_the_network_however_long_it_lasts():
    """Nobody is blamed for a night without a line."""
    network = Network()
    assert all(network.is_down(MANY, later(minutes=n)) for n in range(0, 600, 10))


def test_hosts_that_fall_silent_one_by_one_are_the_network_too():
    """A steady daemon polls one feed at a time; the silence adds up."""
    network = Network()
    for n in range(60):
        assert network.is_down({f"{n}.example"}, later(minutes=n))


def test_silence_beside_an_answer_is_the_feed_s_own():
    """Another server answered a moment ago, so the network is there."""
    network = Network()
    network.answered(NOW)
    assert not network.is_down(MANY, later(minutes=3))


def test_an_old_answer_proves_nothing():
    """An hour later the line may be gone."""
    network = Network()
    network.answered(NOW)
    assert network.is_down(MANY, later(hours=1))


def test_one_dead_host_with_nobody_to_compare_is_blamed_after_half_an_hour():
    """A desk with one feed must not wait for ever."""
    network = Network()
    assert network.is_down({"a.example"}, NOW)
    assert not network.is_down({"a.example"}, NOW + PATIENCE + timedelta(minutes=1))


def test_polling_pauses_longer_and_longer_and_an_answer_ends_it():
    """One minute, two, four … ten; at the first answer none."""
    network, at = Network(), NOW
    for pause in (60, 120, 240, 480, LONGEST_PAUSE_S, LONGEST_PAUSE_S):
        assert network.is_down(MANY, at)
        assert network.is_quiet(at + timedelta(seconds=pause - 1))
        assert not network.is_quiet(at + timedelta(seconds=pause))
        at += timedelta(seconds=pause)
    network.answered(at)
    assert not network.is_quiet(at)
