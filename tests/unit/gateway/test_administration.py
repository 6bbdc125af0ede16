"""A cookie of an administrator's is worth what the token was, for a while, and nobody can make one."""

import pytest

from services.gateway.administration import SIGNED_IN_S, Administration


class Clock:
    """A time that the test moves."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_cookie_counts_until_its_time_is_over() -> None:
    clock = Clock()
    office = Administration("token", "key", clock)
    cookie = office.cookie()
    assert office.knows(cookie)
    clock.now += SIGNED_IN_S + 1
    assert not office.knows(cookie)


def test_another_token_or_key_signs_everybody_out() -> None:
    cookie = Administration("token", "key").cookie()
    assert not Administration("another", "key").knows(cookie)
    assert not Administration("token", "another").knows(cookie)


@pytest.mark.parametrize("forged", ["", ".", "9999999999.", "9999999999." + "0" * 64, "é.é", "x.y.z"])
def test_a_forged_cookie_is_none(forged: str) -> None:
    assert not Administration("token", "key").knows(forged)


def test_a_cookie_whose_end_was_moved_is_none() -> None:
    ends, _, mac = Administration("token", "key").cookie().partition(".")
    assert not Administration("token", "key").knows(f"{int(ends) + 1}.{mac}")


def test_without_a_token_nobody_is_an_administrator() -> None:
    office = Administration("", "key")
    assert not office.opens("Bearer ")
    assert not office.knows(office.cookie())
