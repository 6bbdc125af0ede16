"""What was sealed opens with its key and for its owner only."""

import stat
from pathlib import Path

import pytest

from foundation.sealing import Unsealable, photo_secret, seal, unseal

PLAIN = b"a photo of a person" * 100


@pytest.fixture
def key(tmp_path: Path) -> str:
    return photo_secret(tmp_path)


def test_what_was_sealed_opens_again(key: str) -> None:
    assert unseal(seal(PLAIN, key, "web:c1"), key, "web:c1") == PLAIN
    assert unseal(seal(b"", key, "web:c1"), key, "web:c1") == b""


def test_the_sealed_bytes_show_nothing_and_never_repeat(key: str) -> None:
    first, second = seal(PLAIN, key, "web:c1"), seal(PLAIN, key, "web:c1")
    assert first != second
    assert b"photo" not in first


def test_it_opens_for_no_other_conversation(key: str) -> None:
    with pytest.raises(Unsealable):
        unseal(seal(PLAIN, key, "web:c1"), key, "web:c2")


def test_it_opens_with_no_other_key(key: str, tmp_path: Path) -> None:
    with pytest.raises(Unsealable):
        unseal(seal(PLAIN, key, "web:c1"), photo_secret(tmp_path / "other"), "web:c1")


@pytest.mark.parametrize("place", [0, 11, 12, 500, -1])
def test_a_changed_byte_is_noticed(key: str, place: int) -> None:
    sealed = bytearray(seal(PLAIN, key, "web:c1"))
    sealed[place] ^= 1
    with pytest.raises(Unsealable):
        unseal(bytes(sealed), key, "web:c1")


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_part_is_no_whole(key: str, length: int) -> None:
    with pytest.raises(Unsealable):
        unseal(seal(PLAIN, key, "web:c1")[:length], key, "web:c1")


def test_the_key_is_kept_and_is_for_its_owner_only(tmp_path: Path) -> None:
    assert photo_secret(tmp_path) == photo_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / "photo_key").stat().st_mode) == 0o600
