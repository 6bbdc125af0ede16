"""The stack in containers, used through the one port that it publishes."""

import asyncio
import itertools
from typing import Any

import httpx
import pytest

from tests.e2e.compose.conftest import Compose
from tests.e2e.photos import astronaut, encoded, mirrored
from tests.e2e.web_person import WebPerson

pytestmark = [pytest.mark.compose, pytest.mark.timeout(2400)]


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
    enrolled = httpx.post(
        f"{compose.url}/api/v1/admin/identities",
        headers={"Authorization": "Bearer admin-TEST"},
        data={"name": "Eileen Collins"},
        files={"photo": ("face.jpg", encoded(astronaut()), "image/jpeg")},
        timeout=60,
    )
    assert enrolled.status_code == 201, enrolled.text
    person = WebPerson(compose.url)
    reply = person.wait_reply(person.send_photo(mirrored()), 60)
    assert "Eileen Collins" in reply["text"]


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


def test_the_command_line_is_in_the_container(compose: Compose) -> None:
    compose.inside("nlp", "switchboard", "train", "demo")
    assert "failed" not in compose.inside("face", "switchboard", "doctor")


def test_no_image_holds_a_compiler(compose: Compose) -> None:
    for room in ("gateway", "worker", "nlp", "face"):
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
        answered = [
            event_id for event_id, _ in itertools.groupby(event_id for event_id, _ in person.replies())
        ]
        assert answered == said


def test_what_was_said_and_enrolled_outlives_the_containers(compose: Compose) -> None:
    person = WebPerson(compose.url)
    person.wait_reply(person.say("hello"), 60)
    before = person.entries()
    compose.run("down")
    compose.run("up", "-d", "--no-build")
    compose.wait_healthy(5)
    assert person.entries() == before
    listed = httpx.get(
        f"{compose.url}/api/v1/admin/identities", headers={"Authorization": "Bearer admin-TEST"}, timeout=30
    )
    assert "Eileen Collins" in listed.text
