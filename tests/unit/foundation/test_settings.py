"""Secrets from files, and secrets that are made once whoever comes first."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from foundation.settings import RoomSettings, generated_secret, secret


class Settings(RoomSettings):
    """A room with one secret and one plain setting."""

    api_token: SecretStr = secret()
    port: int = 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("from a file\n")
    return path


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("API_TOKEN_FILE", str(file))
    assert Settings().api_token.get_secret_value() == "from a file"


def test_a_variable_that_the_account_file_names_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setenv("SECOND_TOKEN_FILE", str(file))
    monkeypatch.setenv("THIRD_TOKEN", "plain")
    assert Settings.variable("SECOND_TOKEN").get_secret_value() == "from a file"
    assert Settings.variable("THIRD_TOKEN").get_secret_value() == "plain"
    assert not Settings.variable("FOURTH_TOKEN")


def test_a_secret_that_is_set_twice_is_refused(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("API_TOKEN_FILE", str(file))
    monkeypatch.setenv("API_TOKEN", "plain")
    with pytest.raises(ValueError, match="API_TOKEN and API_TOKEN_FILE are both set"):
        Settings()


def test_only_secrets_are_read_from_files(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("PORT_FILE", str(file))
    assert Settings().port == 1


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("API_TOKEN", "")
    assert Settings().port == 1
    assert not Settings().api_token


def test_what_is_refused_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "not-to-be-seen")
    with pytest.raises(ValidationError, match="port") as refused:
        Settings()
    assert "not-to-be-seen" not in str(refused.value)


def test_a_generated_secret_is_for_its_owner_only(tmp_path: Path) -> None:
    generated_secret(tmp_path / "secrets", "key", lambda: "made")
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600


def test_all_who_come_at_once_get_the_same_secret(tmp_path: Path) -> None:
    made = iter(range(100))
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(generated_secret, tmp_path, "key", lambda: f"made {next(made)}") for _ in range(32)
        ]
        found = {future.result() for future in asked}
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_who_comes_second_keeps_the_firsts_secret(tmp_path: Path) -> None:
    def make() -> str:
        generated_secret(tmp_path, "key", lambda: "the first")
        return "the second"

    assert generated_secret(tmp_path, "key", make) == "the first"


def test_the_token_between_rooms_is_the_one_that_is_set_else_a_generated_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    generated = Settings().internal_key()
    assert len(generated) >= 32
    assert Settings().internal_key() == generated
    monkeypatch.setenv("INTERNAL_TOKEN", "set")
    assert Settings().internal_key() == "set"
