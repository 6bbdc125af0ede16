"""The containers of docker-compose.yml, built and started once for all tests here."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.settings import ROOT
from tests.redis_process import free_port
from tests.waiting import until


class Compose:
    """One project of Compose, under a name and on a port of its own."""

    def __init__(self, env_file: Path) -> None:
        env_file.touch()
        command = shlex.split(os.environ.get("SWITCHBOARD_COMPOSE", "docker compose"))
        self.command = [*command, "--env-file", str(env_file)]  # empty: not the developer's own
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": "switchboard-test",
            "GATEWAY_PORT": str(self.port),
            "NLP_PORT": str(free_port()),
            "FACE_PORT": str(free_port()),
            "ADMIN_TOKEN": "admin-TEST",
        }

    def run(self, *arguments: str, timeout_s: float = 1200) -> str:
        """What a Compose command prints; a failing one fails the test with it."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout[-5000:]}"
        return done.stdout

    def inside(self, service: str, *command: str) -> str:
        """What a command prints in a running container."""
        return self.run("exec", "-T", service, *command)

    def containers(self) -> list[dict[str, Any]]:
        """What the engine knows of every container of the project."""
        label = "label=com.docker.compose.project=switchboard-test"
        ids = docker("ps", "-q", "--filter", label).split()
        found = json.loads(docker("inspect", *ids)) if ids else []
        assert isinstance(found, list)
        return found

    def wait_healthy(self, count: int) -> None:
        """Until so many containers run and each one's own check says that it works."""

        def healthy() -> bool:
            states = [container["State"].get("Health", {}).get("Status") for container in self.containers()]
            return len(states) == count and set(states) == {"healthy"}

        until(healthy, f"{count} healthy containers", 300, 1)


def docker(*arguments: str) -> str:
    """What a command of the engine's client prints."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """The whole stack, as `docker compose up` gives it to somebody who has set nothing."""
    stack = Compose(tmp_path_factory.mktemp("compose") / "empty.env")
    try:
        stack.run("up", "-d", "--build", timeout_s=1800)
        stack.wait_healthy(5)
        yield stack
    finally:
        stack.run("down", "-v", "--remove-orphans")
