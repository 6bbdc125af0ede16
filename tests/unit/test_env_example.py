"""`.env.example` is exactly the settings, with their defaults."""

import re

import pytest

from deploy.settings import ROOT
from tests.settings_classes import all_variables, written

COMPOSE_ONLY = {
    "REDIS_MEM_LIMIT": "768m",
    "GATEWAY_MEM_LIMIT": "512m",
    "WORKER_MEM_LIMIT": "512m",
    "NLP_MEM_LIMIT": "1g",
    "FACE_MEM_LIMIT": "1g",
}
MONITORING = {
    "PROMETHEUS_PORT": "9090",
    "GRAFANA_PORT": "3000",
    "FLOWER_PORT": "5555",
    "GRAFANA_PASSWORD": "admin",
    "FLOWER_BASIC_AUTH": "",
}
NO_ROOMS = COMPOSE_ONLY | MONITORING
"""What docker-compose.yml reads itself and no room knows."""

TEXT = (ROOT / ".env.example").read_text("utf-8")
LISTED = re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", TEXT, re.M)


def test_every_setting_is_listed_once_and_nothing_else_is() -> None:
    names = [name for name, _ in LISTED]
    assert sorted(names) == sorted({*all_variables(), *NO_ROOMS})


@pytest.mark.parametrize(("name", "value"), LISTED)
def test_the_value_that_is_listed_is_the_default(name: str, value: str) -> None:
    defaults = all_variables().get(name) or [NO_ROOMS[name]]
    assert value == next((written(default) for default in defaults if default != ""), "")


def test_rooms_that_share_a_setting_share_its_default() -> None:
    for name, defaults in all_variables().items():
        told = {written(default) for default in defaults if default != ""}
        assert len(told) <= 1, f"{name}: {told}"


def test_nothing_is_set_by_copying_the_file() -> None:
    assert not re.findall(r"^[A-Z]", TEXT, re.M)


def test_the_limits_of_compose_are_those_that_are_listed() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert dict(re.findall(r"mem_limit: \$\{(\w+):-(\w+)\}", text)) == COMPOSE_ONLY
