"""The stack in containers, used through the one port that it publishes."""

import asyncio
import itertools
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.compose.conftest import Compose
from tests.e2e.photos import astronaut, encoded, mirrored
from tests.e2e.web_person import WebPerson

pytestmark = [pytest.mark.compose, pytest.mark.timeout(2400)]


ROOMS = ("gateway", "worker", "nlp", "face")
NAME = "Eileen Collins"
ADMIN = {"Authorization": "Bearer admin-TEST"}


def enroll(compose: Compose) -> None:
    answer = httpx.post(
        f"{compose.url}/api/v1/admin/identities",
        headers=ADMIN,
        data={"name": NAME},
        files={"photo": ("face.jpg", encoded(astronaut()), "image/jpeg")},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text


def name_of(container: dict[str, Any]) -> str:
    return str(container["Config"]["Labels"]["com.docker.compose.service"])


def test_a_message_is_answered_over_server_sent_events(compose: Compose) -> None:
    person = WebPerson(compose.url)
    with person.listening() as events:
        event_id = person.say("hello")
        mine = (entry for _, entry in events if entry["event_id"] == event_id)
        types = [entry["type"] for entry in itertools.takewhile(lambda entry: entry["type"] != "done", mine)]
    assert "reply" in types


def test_a_photo_finds_the_enrolled_person(compose: Compose) -> None:
    enroll(compose)
    person = WebPerson(compose.url)
    reply = person.wait_reply(person.send_photo(mirrored()), 60)
    assert NAME in reply["text"]


def test_every_container_is_confined(compose: Compose) -> None:
    for container in compose.containers():
        host, name = container["HostConfig"], name_of(container)
        assert container["Config"]["User"] in ("10001:10001", "999:999"), name
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert host["Memory"] > 0, name
        assert host["PidsLimit"] > 0, name


def test_no_port_but_the_gateways_is_published(compose: Compose) -> None:
    published = {
        name_of(container): [bound for bound in container["NetworkSettings"]["Ports"].values() if bound]
        for container in compose.containers()
    }
    assert [name for name, bound in published.items() if bound] == ["gateway"]


def test_a_room_gets_no_secret_of_another(compose: Compose) -> None:
    for container in compose.containers():
        names = {entry.partition("=")[0] for entry in container["Config"]["Env"]}
        if name_of(container) in ("nlp", "face"):
            assert not names & {"TELEGRAM_BOT_TOKEN", "SLACK_BOT_TOKEN", "ADMIN_TOKEN"}


def test_compose_reads_the_monitoring_profile(compose: Compose) -> None:
    """Its images are pulled only where there is a registry."""
    read = yaml.safe_load(compose.run("--profile", "monitoring", "config"))["services"]
    assert {"prometheus", "grafana", "flower"} <= set(read)
    assert {name_of(container) for container in compose.containers()} == {"redis", *ROOMS}


def test_every_room_answers_prometheus_inside_the_network(compose: Compose) -> None:
    counted = {
        "http://gateway:8000": "switchboard_arrivals_total",
        "http://worker:8003": "switchboard_conversations_swept_total",
        "http://nlp:8001": "switchboard_nlp_turn_seconds",
        "http://face:8002": "switchboard_face_people",
    }
    ask = "import sys, urllib.request as u; [print(u.urlopen(a + '/metrics').read()) for a in sys.argv[1:]]"
    text = compose.inside("worker", "python", "-c", ask, *counted)
    assert [name for name in counted.values() if name not in text] == []


def test_the_command_line_is_in_every_container(compose: Compose) -> None:
    compose.inside("nlp", "switchboard", "train", "demo")
    for room in ROOMS:
        assert room in compose.inside(room, "switchboard", "doctor")


def test_no_image_holds_a_compiler(compose: Compose) -> None:
    for room in ROOMS:
        assert compose.inside(room, "sh", "-c", "command -v gcc cc g++ || echo none").strip() == "none"


async def test_three_workers_answer_every_message_once_and_in_order(compose: Compose) -> None:
    compose.run("up", "-d", "--no-build", "--scale", "worker=3")
    compose.wait_healthy(7)
    people = [WebPerson(compose.url) for _ in range(6)]

    def talk(person: WebPerson) -> list[str]:
        said = [person.say(f"hello {number}") for number in range(8)]
        person.wait_reply(said[-1], 120)
        return said

    conversations = await asyncio.gather(*(asyncio.to_thread(talk, person) for person in people))
    for person, said in zip(people, conversations, strict=True):
        replies = [(e["event_id"], e["index"]) for e in person.entries() if e["type"] == "reply"]
        assert len(set(replies)) == len(replies)
        assert [event_id for event_id, _ in itertools.groupby(event_id for event_id, _ in replies)] == said


def test_the_rest_of_nlp_and_face_is_published_on_request_and_asks_for_the_token(compose: Compose) -> None:
    compose.run("-f", "docker-compose.yml", "-f", "docker-compose.apis.yml", "up", "-d", "--no-build")
    compose.wait_healthy(5)
    token = compose.inside("face", "cat", "/data/secrets/internal_token").strip()
    paths = {"NLP_PORT": "/bots", "FACE_PORT": "/v1/galleries/default/identities"}
    for setting, path in paths.items():
        url = f"http://127.0.0.1:{compose.environment[setting]}{path}"
        assert httpx.get(url, timeout=30).status_code == 401
        assert httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30).is_success


def test_what_was_said_and_enrolled_outlives_the_containers(compose: Compose) -> None:
    enroll(compose)
    person = WebPerson(compose.url)
    person.wait_reply(person.say("hello"), 60)
    before = person.entries()
    compose.run("down")
    compose.run("up", "-d", "--no-build")
    compose.wait_healthy(5)
    assert person.entries() == before
    listed = httpx.get(f"{compose.url}/api/v1/admin/identities", headers=ADMIN, timeout=30)
    assert NAME in listed.text
