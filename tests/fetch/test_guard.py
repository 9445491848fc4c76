"""The wall: which addresses may be dialled."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch import Wall
from monitor.fetch.guard import DENIED, Walled

OPEN = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8",
]  # fmt: skip
SHUT = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
    "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
    "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
    "100::1", "100:0:0:1::1", "200::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:0808:0808::1",
    "2002:7f00:1::1", "2620:4f:8000::1", "3ffe::1", "3fff::1", "4000::1", "5f00::1", "6000::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
NO_ADDRESS = ["", "localhost", "example.org", "127.1", "2130706433", "0x7f000001", "010.0.0.1"]


@pytest.mark.parametrize("ip", OPEN)
def test_public_addresses_pass(ip):
    """An address of the public Internet may be dialled, up to the edge of its neighbours."""
    assert Wall().allows(ip)
    assert Wall().objection(ip) is None


@pytest.mark.parametrize("ip", SHUT)
def test_special_addresses_do_not_pass(ip):
    """No address of a special-purpose range may be dialled, and the wall says what it is."""
    assert not Wall().allows(ip)
    assert Wall().objection(ip)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_numeric_address_does_not_pass(text):
    """The wall judges numbers only; anything else reached it by mistake."""
    assert not Wall([ip_network("0.0.0.0/0"), ip_network("::/0")]).allows(text)


ALLOWED = [
    ("one network opens its addresses", ["127.0.0.0/8"], "127.3.2.1", True),
    ("not the next network", ["127.0.0.0/8"], "10.0.0.1", False),
    ("not the same place in IPv6", ["127.0.0.0/8"], "::1", False),
    ("one address opens only itself", ["10.0.0.5/32"], "10.0.0.6", False),
    ("a mapped address is its inside", ["10.0.0.0/8"], "::ffff:10.0.0.1", True),
    ("IPv6 opens too", ["::1/128"], "::1", True),
    ("a scope is no way around, nor in the way", ["fe80::/10"], "fe80::1%eth0", True),
    ("a translation prefix", ["64:ff9b::/96"], "64:ff9b::8.8.8.8", True),
    ("not what hides behind it", ["64:ff9b::/96"], "64:ff9b::10.0.0.1", False),
    ("both named", ["64:ff9b::/96", "10.0.0.0/8"], "64:ff9b::10.0.0.1", True),
    ("6to4 over a private network", ["2002::/16"], "2002:0a00:1::1", False),
    ("6to4 over a public one", ["2002::/16"], "2002:0808:808::1", True),
    ("public addresses stay open", ["10.0.0.0/8"], "8.8.8.8", True),
]


@pytest.mark.parametrize(("why", "networks", "ip", "passes"), ALLOWED, ids=[r[0] for r in ALLOWED])
def test_allow_private_opens_exactly_what_it_names(why, networks, ip, passes):
    """A named network is open, and nothing beside it or behind it."""
    assert Wall([ip_network(network) for network in networks]).allows(ip) is passes


@given(st.ip_addresses())
def test_nothing_passes_that_the_standard_library_calls_private(ip):
    """Our list is at least as strict as the standard library's, for every address."""
    inner = getattr(ip, "ipv4_mapped", None) or ip
    if Wall().allows(ip):
        assert inner.is_global
        assert not inner.is_multicast


@given(st.sampled_from([network for network, _ in DENIED]), st.integers(0))
def test_every_address_of_a_denied_network_is_denied(network, offset):
    """No hole in any network of the list, wherever one looks."""
    assert not Wall().allows(network[offset % network.num_addresses])


def test_a_socket_is_made_only_for_an_open_address():
    """The factory makes the socket it is asked for, or raises before there is one."""
    wall = Wall()
    kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with wall.open_socket(*kind, "8.8.8.8") as made:
        assert (made.family, made.type) == (socket.AF_INET, socket.SOCK_STREAM)
    with pytest.raises(Walled) as caught:
        wall.open_socket(*kind, "10.0.0.1")
    assert (caught.value.address, caught.value.why) == ("10.0.0.1", "private")


def test_addresses_may_come_as_objects():
    """The wall takes parsed addresses as well as text."""
    assert not Wall().allows(ip_address("127.0.0.1"))
