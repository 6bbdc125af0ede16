"""An address has a rate of its own, and signed deliveries, proxies and this machine have none."""

import pytest
from fastapi import Request

from services.gateway.addresses import MOST_ADDRESSES, Addresses, AddressRate, address_of, check_within
from services.gateway.errors import NotWithin, TooFast


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked_by(host: str, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": (host, 1), "headers": raw})


def refused(addresses: Addresses, request: Request) -> bool:
    try:
        addresses.count(request)
    except TooFast:
        return True
    return False


def test_an_address_may_use_its_minute_at_once_and_gets_it_back_bit_by_bit() -> None:
    clock = Clock()
    rate = AddressRate(3, clock)
    assert [rate.count("a") for _ in range(5)] == [True, True, True, False, False]
    assert rate.count("b")
    clock.now += 20
    assert rate.has_room("a")
    assert [rate.count("a"), rate.has_room("a"), rate.count("a")] == [True, False, False]
    clock.now += 60
    assert [rate.count("a") for _ in range(4)] == [True, True, True, False]


def test_no_rate_counts_nothing() -> None:
    rate = AddressRate(0)
    assert all(rate.count("a") and rate.has_room("a") for _ in range(1000))


def test_the_addresses_that_are_remembered_are_bounded() -> None:
    rate = AddressRate(1, Clock())
    for number in range(2 * MOST_ADDRESSES):
        assert rate.count(str(number))
    assert not rate.count(str(2 * MOST_ADDRESSES - 1))
    assert rate.count("0"), "heard longest ago, and forgotten"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_who_asks_from_this_machine_is_not_counted(host: str) -> None:
    addresses = Addresses(1)
    assert not any(refused(addresses, asked_by(host)) for _ in range(3))


def test_a_proxy_that_is_not_named_is_not_taken_for_one_person(caplog: pytest.LogCaptureFixture) -> None:
    addresses = Addresses(1)
    request = asked_by("172.18.0.1", x_forwarded_for="93.184.216.5")
    assert not any(refused(addresses, request) for _ in range(3))
    assert [record.message for record in caplog.records] == ["gateway.proxy.unnamed"]


def test_a_stranger_is_not_let_off_for_naming_somebody_else() -> None:
    addresses = Addresses(1)
    request = asked_by("93.184.216.5", x_forwarded_for="10.0.0.1")
    assert [refused(addresses, request) for _ in range(2)] == [False, True]


def test_a_neighbour_without_a_proxy_is_counted() -> None:
    addresses = Addresses(1)
    assert [refused(addresses, asked_by("192.168.1.9")) for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("93.184.216.5", "93.184.216.5"),
        ("::ffff:93.184.216.5", "93.184.216.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("testclient", ""),
    ],
)
def test_a_household_of_many_ipv6_addresses_counts_as_one(host: str, address: str) -> None:
    assert address_of(asked_by(host)) == address


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "172.18.0.5", "10.0.0.7", "fd00::7", "100.100.1.2"])
def test_this_machine_and_its_own_network_are_within_but_not_by_way_of_a_proxy(host: str) -> None:
    check_within(asked_by(host))
    for header in ("x_forwarded_for", "forwarded", "via"):
        with pytest.raises(NotWithin):
            check_within(asked_by(host, **{header: "10.0.0.9"}))


@pytest.mark.parametrize("host", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_the_internet_is_not_within(host: str) -> None:
    with pytest.raises(NotWithin):
        check_within(asked_by(host))
