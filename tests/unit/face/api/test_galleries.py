"""Galleries, people and their photos over the API."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from contracts.face import Enrollment, Identification, Identity, IdentityList
from contracts.problem import Problem
from services.face.index import Embedding, ExactIndex, Neighbour
from services.face.store import GalleryStore
from tests.unit.face.api.stand import Client, served

PEOPLE = "/v1/galleries/actors/identities"


async def enroll(client: Client, name: str, photo: str | None = None, **fields: Any) -> Identity:
    answer = await client.post(
        PEOPLE, files={"photo": (photo or name.lower()).encode()}, data={"name": name} | fields
    )
    assert answer.status_code == 201, answer.text
    return Enrollment.model_validate_json(answer.content).identity


async def identify(client: Client, photo: str, **params: Any) -> Identification:
    answer = await client.post(
        "/v1/galleries/actors/identify", params=params, files={"photo": photo.encode()}
    )
    assert answer.status_code == 200, answer.text
    return Identification.model_validate_json(answer.content)


def names(answer: httpx.Response) -> list[str]:
    return [one.name for one in IdentityList.model_validate_json(answer.content).identities]


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, Problem.model_validate_json(answer.content).code


def encoded(photo: str) -> str:
    return base64.b64encode(photo.encode()).decode()


async def test_what_is_said_of_a_person_is_kept_with_the_first_photo(client: Client) -> None:
    facts = {"alias": "ada-l", "role": "actress", "licence": "CC0", "author": "Me", "source": "here"}
    ada = await enroll(client, "Ada", n_movies="3", **facts)
    [photo] = ada.photos
    assert (ada.alias, ada.role, ada.n_movies, ada.licence, ada.source) == (
        "ada-l",
        "actress",
        3,
        "CC0",
        "here",
    )
    assert (photo.licence, photo.author, photo.source) == ("CC0", "Me", "here")
    assert photo.id == ada.id
    assert (await client.get(f"{PEOPLE}/{ada.id}")).json() == json.loads(ada.model_dump_json())


async def test_a_person_may_be_enrolled_by_json(client: Client) -> None:
    answer = await client.post(PEOPLE, json={"name": " Ada ", "photo": encoded("ada"), "n_movies": 3})
    identity = Enrollment.model_validate_json(answer.content).identity
    assert (identity.name, identity.n_movies) == ("Ada", 3)
    assert (await identify(client, "ada")).matches[0].distance == 0


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": " "}, {"name": "a" * 201}, {"n_movies": "many"}, {"n_movies": "-1"}]
)
async def test_a_bad_field_is_refused_before_the_photo_is_looked_at(
    client: Client, fields: dict[str, str]
) -> None:
    answer = await client.post(PEOPLE, files={"photo": b"deadly"}, data={"name": "Ada"} | fields)
    assert problem(answer) == (422, "invalid")


async def test_enrolling_needs_a_face(client: Client) -> None:
    answer = await client.post(PEOPLE, files={"photo": b"nobody"}, data={"name": "Ada"})
    assert problem(answer) == (422, "no_face")


async def test_several_people_are_enrolled_at_once_by_json(client: Client) -> None:
    people = [{"name": "Ada", "photo": encoded("ada")}, {"name": "Bob", "photo": encoded("nobody")}]
    answers = (await client.post(PEOPLE + "/batch", json={"people": people})).json()["answers"]
    assert answers[0]["value"]["identity"]["name"] == "Ada"
    assert answers[1]["problem"]["code"] == "no_face"
    assert names(await client.get(PEOPLE)) == ["Ada"]


async def test_several_people_are_enrolled_at_once_by_a_form(client: Client) -> None:
    files = [("photos", b"ada"), ("photos", b"bob")]
    form = {"names": ["Ada", "Bob"], "licence": "CC0"}
    answers = (await client.post(PEOPLE + "/batch", files=files, data=form)).json()["answers"]
    assert [one["value"]["identity"]["name"] for one in answers] == ["Ada", "Bob"]
    assert {one["value"]["identity"]["licence"] for one in answers} == {"CC0"}
    form["names"] = ["Ada"]
    assert problem(await client.post(PEOPLE + "/batch", files=files, data=form)) == (422, "invalid")


async def test_galleries_are_listed_with_their_counts(client: Client) -> None:
    ada = await enroll(client, "Ada")
    await enroll(client, "Bob")
    await client.post(f"{PEOPLE}/{ada.id}/photos", files={"photo": b"ada'"})
    listed = (await client.get("/v1/galleries")).json()["galleries"]
    assert listed == [{"name": "actors", "people": 2, "photos": 3, "is_damaged": False}]


async def test_a_deleted_gallery_is_gone(client: Client) -> None:
    await enroll(client, "Ada")
    assert (await client.delete("/v1/galleries/actors")).status_code == 204
    assert (await client.get("/v1/galleries")).json() == {"galleries": []}
    assert (await identify(client, "ada")).outcome == "gallery_empty"
    assert problem(await client.delete("/v1/galleries/actors")) == (404, "gallery_unknown")


async def test_people_come_page_by_page_in_the_order_of_their_names(client: Client) -> None:
    for name in ("cyd", "Ada", "Eve", "bob", "Dan"):
        await enroll(client, name)
    pages = []
    address = PEOPLE + "?limit=2"
    while address:
        answer = await client.get(address)
        pages.append(names(answer))
        address = answer.links.get("next", {}).get("url", "")
    assert pages == [["Ada", "bob"], ["cyd", "Dan"], ["Eve"]]


async def test_the_next_page_follows_also_when_who_ended_the_one_before_is_gone(client: Client) -> None:
    for name in ("ada", "bob & co", "cyd"):
        await enroll(client, name)
    page = await client.get(PEOPLE, params={"limit": 2})
    bob = page.json()["identities"][1]
    await client.delete(f"{PEOPLE}/{bob['id']}")
    following = await client.get(page.links["next"]["url"])
    assert [one["name"] for one in following.json()["identities"]] == ["cyd"]
    assert following.links == {}


async def test_a_page_may_ask_for_a_part_of_the_name(client: Client) -> None:
    for name in ("Ada One", "Bob", "Adam Two", "adA Three"):
        await enroll(client, name, "ada")
    first = await client.get(PEOPLE, params={"name": "ADA", "limit": 2})
    assert names(first) == ["Ada One", "adA Three"]
    assert names(await client.get(first.links["next"]["url"])) == ["Adam Two"]


async def test_after_nobody_there_is_no_page(client: Client) -> None:
    await enroll(client, "Ada")
    assert problem(await client.get(PEOPLE, params={"after": "gone"})) == (404, "identity_unknown")


async def test_a_change_leaves_alone_what_it_does_not_name(client: Client) -> None:
    ada = await enroll(client, "Ada", alias="ada-l", n_movies="3")
    answer = await client.patch(f"{PEOPLE}/{ada.id}", json={"role": "actress", "n_movies": None})
    changed = Identity.model_validate_json(answer.content)
    assert changed == ada.model_copy(update={"role": "actress", "n_movies": None})
    assert (await client.get(f"{PEOPLE}/{ada.id}")).json() == answer.json()


async def test_a_number_in_json_is_a_number(client: Client) -> None:
    person = {"name": "Ada", "photo": encoded("ada"), "n_movies": "3"}
    assert problem(await client.post(PEOPLE, json=person)) == (422, "invalid")


@pytest.mark.parametrize("change", [{"name": ""}, {"name": None}, {"n_movies": -1}, {"id": "other"}])
async def test_a_bad_change_changes_nothing(client: Client, change: dict[str, Any]) -> None:
    ada = await enroll(client, "Ada")
    assert problem(await client.patch(f"{PEOPLE}/{ada.id}", json=change)) == (422, "invalid")
    assert Identity.model_validate_json((await client.get(f"{PEOPLE}/{ada.id}")).content) == ada


async def test_each_photo_of_a_person_is_found_shown_and_removed(client: Client) -> None:
    ada = await enroll(client, "Ada")
    path = f"{PEOPLE}/{ada.id}/photos"
    form = {"licence": "CC0", "author": "Me"}
    answer = await client.post(path, files={"photo": b"eve"}, data=form)
    assert answer.status_code == 201
    first, second = Enrollment.model_validate_json(answer.content).identity.photos
    assert (first, second.licence, second.author) == (ada.photos[0], "CC0", "Me")
    assert (await client.get(path)).json()["photos"] == [
        json.loads(one.model_dump_json()) for one in (first, second)
    ]
    assert (await client.get(f"{path}/{second.id}")).content == b"jpeg of eve"
    assert (await client.get(f"{PEOPLE}/{ada.id}/photo")).content == b"jpeg of ada"
    assert (await identify(client, "eve")).matches[0].distance == 0

    assert (await client.delete(f"{path}/{second.id}")).status_code == 204
    assert (await identify(client, "eve")).matches[0].distance > 0.5
    for answer in (await client.get(f"{path}/{second.id}"), await client.delete(f"{path}/{second.id}")):
        assert problem(answer) == (404, "photo_unknown")


async def test_a_person_goes_with_the_last_photo(client: Client) -> None:
    ada = await enroll(client, "Ada")
    assert (await client.delete(f"{PEOPLE}/{ada.id}/photos/{ada.id}")).status_code == 204
    assert problem(await client.get(f"{PEOPLE}/{ada.id}")) == (404, "identity_unknown")


async def test_several_photos_of_a_person_are_added_at_once(client: Client) -> None:
    ada = await enroll(client, "Ada")
    files = [("photos", photo) for photo in (b"ada'", b"text", b"ada''")]
    answers = (await client.post(f"{PEOPLE}/{ada.id}/photos/batch", files=files)).json()["answers"]
    assert [bool(one["value"]) for one in answers] == [True, False, True]
    photos = Identity.model_validate_json((await client.get(f"{PEOPLE}/{ada.id}")).content).photos
    assert len(photos) == 3


async def test_of_a_person_the_nearest_photo_counts(client: Client) -> None:
    ada = await enroll(client, "Ada")
    await enroll(client, "Bob")
    await client.post(f"{PEOPLE}/{ada.id}/photos", files={"photo": b"ada'"})
    found = await identify(client, "ada'", limit=10)
    assert [match.identity.name for match in found.matches] == ["Ada", "Bob"]
    assert (found.matches[0].distance, found.people) == (0, 2)


async def test_who_is_farther_than_asked_for_is_left_out(client: Client) -> None:
    await enroll(client, "Ada")
    await enroll(client, "Bob")
    for threshold, wanted in ((0.1, []), (0.5, ["Ada"]), (2, ["Ada", "Bob"])):
        found = await identify(client, "ada'", limit=10, threshold=threshold)
        assert [match.identity.name for match in found.matches] == wanted
        assert found.outcome == "matched"


async def test_each_face_of_a_photo_is_told_by_its_place_from_the_left(client: Client) -> None:
    for name in ("Ada", "Bob", "Cyd"):
        await enroll(client, name)
    found = await identify(client, "ada bob cyd", faces="all")
    assert (found.number, found.matches[0].identity.name, found.faces_found) == (3, "Ada", 3)
    told = [(one.number, one.matches[0].identity.name) for one in found.others]
    assert told == [(2, "Bob"), (1, "Cyd")]
    alone = await identify(client, "ada bob cyd")
    assert (alone.number, alone.others) == (3, ())


async def test_who_is_found_is_counted_for_the_main_face_alone(client: Client) -> None:
    ada, bob = await enroll(client, "Ada"), await enroll(client, "Bob")
    await identify(client, "ada bob", faces="all", limit=2)
    await identify(client, "ada'")
    await identify(client, "ada", threshold=0.0001)
    await identify(client, "eve", threshold=0.0001)
    counts = [(await client.get(f"{PEOPLE}/{one.id}")).json()["found"] for one in (ada, bob)]
    assert counts == [3, 0]


async def test_several_photos_are_identified_at_once(client: Client) -> None:
    await enroll(client, "Ada")
    files = [("photos", photo) for photo in (b"ada", b"broken", b"nobody")]
    answers = (await client.post("/v1/galleries/actors/identify/batch", files=files)).json()["answers"]
    assert [one["value"] and one["value"]["outcome"] for one in answers] == ["matched", None, "no_face"]


@pytest.fixture
async def other(tmp_path: Path, client: Client) -> AsyncIterator[Client]:
    """A second room on the same folder."""
    async with served(tmp_path, second=True) as other:
        yield other


async def test_what_one_room_changes_the_other_answers(client: Client, other: Client) -> None:
    ada = await enroll(client, "Ada")
    await other.patch(f"{PEOPLE}/{ada.id}", json={"name": "Ada Lovelace"})
    assert names(await client.get(PEOPLE)) == ["Ada Lovelace"]
    await client.delete(f"{PEOPLE}/{ada.id}")
    assert names(await other.get(PEOPLE)) == []


class Watched(ExactIndex):
    """Notes at which turn of the event loop it is searched."""

    turn = 0
    searched: ClassVar[list[int]] = []

    def search(self, probe: Embedding, limit: int) -> list[Neighbour]:
        self.searched.append(Watched.turn)
        return super().search(probe, limit)


class WatchedGalleries(GalleryStore):
    """Whose searches are noted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, lambda _: Watched())


@pytest.mark.parametrize(
    ("path", "field"),
    [("/v1/galleries/actors/identify?faces=all", "photo"), ("/api/v1/recognition/recognize", "file")],
)
async def test_others_are_answered_between_the_faces_of_one_photo(
    path: str, field: str, tmp_path: Path
) -> None:
    async def turn() -> None:
        while True:
            Watched.turn += 1
            await asyncio.sleep(0)

    Watched.searched.clear()
    turning = asyncio.create_task(turn())
    async with served(tmp_path, WatchedGalleries) as client:
        answer = await client.post(path, files={field: b"ada bob cyd dan"})
    turning.cancel()
    assert answer.status_code == 200, answer.text
    assert len(Watched.searched) == len(set(Watched.searched)) == 4
