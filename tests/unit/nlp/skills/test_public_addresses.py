"""Which addresses a skill's source may have."""

import pytest

from services.nlp.skills.fetching import is_public

AT_HOME = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fd00::1")
DISGUISED = ("::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fec0::1")


@pytest.mark.parametrize("address", [*AT_HOME, *DISGUISED, "224.0.0.1", "ff02::1"])
def test_an_address_at_home_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)
