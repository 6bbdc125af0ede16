"""docker-compose.yml gives each room its own settings and nothing more, and hardens every container."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from deploy.redis_server import DURABLE
from deploy.settings import ROOT
from tests.settings_classes import room_variables

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
APIS: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.apis.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ROOMS = sorted(path.parent.name for path in (ROOT / "services").glob("*/Dockerfile"))
MONITORING = {name for name, service in SERVICES.items() if "profiles" in service}
IMAGES = {"python:3.11-slim-bookworm", "redis:7-bookworm"}


def image_variables(room: str) -> dict[str, str]:
    """The room's settings that its image fixes: folders, and where it listens."""
    text = (ROOT / "services" / room / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    found = dict(re.findall(r"(\w+)=(\S+)", " ".join(re.findall(r"^ENV (.*)$", text, re.M))))
    return {name: value for name, value in found.items() if name in room_variables(room)}


def test_the_services_are_the_rooms_and_redis() -> None:
    folders = {path.parent.name for path in (ROOT / "services").glob("*/__main__.py")}
    assert set(SERVICES) - MONITORING == {*folders, "redis"}
    assert set(ROOMS) == folders


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_handed_exactly_its_own_settings(room: str) -> None:
    handed, fixed = set(SERVICES[room]["environment"]), set(image_variables(room))
    assert handed | fixed == set(room_variables(room))
    assert not handed & fixed, "an empty value from Compose would undo what the image says"


@pytest.mark.parametrize("room", ROOMS)
def test_a_setting_comes_from_the_variable_of_its_name(room: str) -> None:
    for name, value in SERVICES[room]["environment"].items():
        default = re.fullmatch(rf"\$\{{{name}:-(.*)\}}", value)
        assert default, f"{name}: {value}"
        assert default[1] == "" or name in {"REDIS_URL", "NLP_URL", "FACE_URL"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["tmpfs"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith("0")
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["init"] is True
    assert service["restart"] == "unless-stopped"
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert service["healthcheck"]["test"]
    assert service["stop_grace_period"]
    assert not {"container_name", "env_file", "privileged"} & set(service)


def test_only_the_gateways_port_is_published() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} - MONITORING == {"gateway"}


def test_monitoring_is_a_profile_that_publishes_on_this_machine_only() -> None:
    assert {"prometheus", "grafana", "flower"} == MONITORING
    for name in MONITORING:
        service = SERVICES[name]
        assert service["profiles"] == ["monitoring"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+", service["image"]), "pinned by its tag"


def test_flower_does_not_start_without_a_password() -> None:
    flower = SERVICES["flower"]
    script = flower["command"][-1].replace("$$", "$").replace("exec celery flower", "echo started")
    for password, code, said in (("", 1, "FLOWER_BASIC_AUTH=name:password"), ("a:b", 0, "started")):
        done = subprocess.run(
            ["sh", "-c", script], env={"FLOWER_BASIC_AUTH": password}, capture_output=True, text=True
        )
        assert (done.returncode, said in done.stdout) == (code, True)


def test_what_the_monitoring_reads_of_the_project_is_there() -> None:
    mounted = [v.split(":") for name in MONITORING for v in SERVICES[name].get("volumes", ()) if v[0] == "."]
    assert len(mounted) == 4
    assert all((ROOT / source).exists() and mode == "ro" for source, _, mode in mounted)


def test_the_apis_file_publishes_on_this_machine_only() -> None:
    ports = [port for service in APIS["services"].values() for port in service["ports"]]
    assert set(APIS["services"]) == {"nlp", "face"}
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_each_room_reaches_only_what_it_calls() -> None:
    def reached(name: str) -> set[str]:
        mine = set(SERVICES[name]["networks"])
        return {other for other in {"redis", *ROOMS} if mine & set(SERVICES[other]["networks"])} - {name}

    assert reached("face") == {"gateway", "worker"}  # who call it: it calls nobody
    assert reached("nlp") == {"redis", "worker"}
    assert reached("gateway") == {"redis", "worker", "face"}
    assert reached("worker") == {"redis", "nlp", "face", "gateway"}
    assert not any("network_mode" in service for service in SERVICES.values())


def test_nlp_reaches_a_model_on_this_machine_by_the_name_that_the_docs_give() -> None:
    guide = (ROOT / "docs" / "language-model.md").read_text("utf-8")
    told = set(re.findall(r"http://([a-z.]+):11434", guide))
    mapped = [line.split(":") for line in SERVICES["nlp"]["extra_hosts"]]
    assert [name for name, _ in mapped] == sorted(told)
    assert {gateway for _, gateway in mapped} == {"host-gateway"}, "Linux knows the name only so"


def test_nothing_starts_before_what_it_needs_is_healthy() -> None:
    for service in SERVICES.values():
        for name, needed in service.get("depends_on", {}).items():
            assert needed == {"condition": "service_healthy"}, name
    assert set(SERVICES["worker"]["depends_on"]) == {"redis", "nlp", "face"}


def test_the_health_checks_of_the_rooms_are_in_python() -> None:
    for room in ROOMS:
        assert SERVICES[room]["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "foundation.healthy"]


def test_the_worker_may_finish_its_turns_before_it_is_killed() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > float(room_variables("worker")["WORKER_SOFT_SHUTDOWN_S"])


def test_both_generations_of_compose_read_the_file() -> None:
    assert not {"version", "name"} & set(COMPOSE)


def test_the_volumes_are_exactly_those_in_use() -> None:
    used = {v.split(":")[0] for service in SERVICES.values() for v in service.get("volumes", ())}
    assert {volume for volume in used if volume[0] != "."} == set(COMPOSE["volumes"])


def test_redis_keeps_every_accepted_event() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert " ".join(DURABLE) in command, "the same flags as under make run"
    assert "--maxmemory $" in command


@pytest.mark.parametrize("room", ROOMS)
def test_an_image_is_built_from_the_locked_requirements_in_stages(room: str) -> None:
    text = (ROOT / "services" / room / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.M)
    assert len(bases) == 2
    assert set(bases) <= IMAGES
    assert SERVICES["redis"]["image"] in IMAGES
    assert f"requirements/{room}.txt" in text
    assert "--require-hashes" in text
    assert "--mount=type=cache,target=/root/.cache/pip" in text
    assert "# syntax=" not in text
    assert "apt-get" not in text, "the final image needs no compiler and the build none either"


@pytest.mark.parametrize("room", ROOMS)
def test_an_image_holds_no_other_room(room: str) -> None:
    text = (ROOT / "services" / room / "Dockerfile").read_text("utf-8")
    copied = " ".join(re.findall(r"^COPY (?!--from)(.*)$", text, re.M))
    others = [other for other in ROOMS if other != room]
    assert not [other for other in others if f"services/{other}" in copied or f"{other}.py" in copied]
