"""A workspace's token is readable with our key, for that workspace, and in no other way."""

from pathlib import Path

import pytest

from contracts.install import SlackInstall
from foundation.installs import install_secret, open_install, seal_install
from foundation.sealing import Unsealable

INSTALL = SlackInstall(token="xoxb-not-to-be-seen", at=1790000000)


@pytest.fixture
def secret(tmp_path: Path) -> str:
    return install_secret(tmp_path)


def test_what_was_sealed_is_read_back(secret: str) -> None:
    assert open_install(seal_install(INSTALL, secret, "T1"), secret, "T1") == INSTALL


def test_a_token_is_neither_in_the_sealed_text_nor_in_what_is_shown(secret: str) -> None:
    assert "not-to-be-seen" not in seal_install(INSTALL, secret, "T1") + repr(INSTALL)


def test_an_install_is_no_other_teams(secret: str) -> None:
    with pytest.raises(Unsealable):
        open_install(seal_install(INSTALL, secret, "T1"), secret, "T2")


@pytest.mark.parametrize("sealed", ["", "AAAA", "no base64!", "é"])
def test_what_is_no_install_is_unsealable(secret: str, sealed: str) -> None:
    with pytest.raises(Unsealable):
        open_install(sealed, secret, "T1")
