"""What is wrong before the start gets a message that says what to do."""

import socket
from pathlib import Path

import pytest

from deploy.checks import (
    CannotRun,
    check_port,
    check_redis_files,
    check_redis_url,
    free_redis_port,
    lock,
)


def redis_of_version(folder: Path, version: str) -> str:
    binary = folder / f"redis-server-{version}"
    binary.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0'\n", "utf-8")
    binary.chmod(0o700)
    return str(binary)


def test_an_older_redis_is_not_let_loose_on_newer_files(tmp_path: Path) -> None:
    check_redis_files(tmp_path, redis_of_version(tmp_path, "7.0.15"))
    with pytest.raises(CannotRun, match=r"written by Redis 7\.0.*it is 6\.2.*REDIS_URL"):
        check_redis_files(tmp_path, redis_of_version(tmp_path, "6.2.14"))
    check_redis_files(tmp_path, redis_of_version(tmp_path, "7.0.15"))


def test_a_newer_redis_takes_the_files_over(tmp_path: Path) -> None:
    check_redis_files(tmp_path, redis_of_version(tmp_path, "6.2.14"))
    check_redis_files(tmp_path, redis_of_version(tmp_path, "7.10.1"))
    with pytest.raises(CannotRun, match=r"written by Redis 7\.10"):
        check_redis_files(tmp_path, redis_of_version(tmp_path, "7.9.0"))


def test_a_taken_port_is_told_with_the_setting_that_moves_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRun, match=rf"127\.0\.0\.1:{port}.*GATEWAY_PORT"):
            check_port("127.0.0.1", port, "GATEWAY_PORT")


def test_a_free_port_passes() -> None:
    check_port("127.0.0.1", free_redis_port(), "GATEWAY_PORT")


def test_a_second_run_in_one_folder_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with lock(tmp_path), pytest.raises(CannotRun, match="running already"):
        lock(tmp_path)
    lock(tmp_path).close()


def test_what_is_no_address_of_a_redis_is_told_with_one_that_is() -> None:
    with pytest.raises(CannotRun, match=r"redis://.*6379") as refused:
        check_redis_url("a-password@127.0.0.1:6379")
    assert "a-password" not in str(refused.value)
