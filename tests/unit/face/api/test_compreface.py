"""CompreFace's recognition API: its paths, its published shapes, its errors."""

import base64
import uuid
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.unit.face.api.stand import TOKEN, Client

API = "/api/v1/recognition"
FACES, SUBJECTS, RECOGNIZE = f"{API}/faces", f"{API}/subjects", f"{API}/recognize"


async def save(client: Client, subject: str, photo: str | None = None) -> str:
    answer = await client.post(
        FACES, params={"subject": subject}, files={"file": (photo or subject.lower()).encode()}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json().keys() == {"image_id", "subject"}
    return str(answer.json()["image_id"])


async def recognize(client: Client, photo: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.post(RECOGNIZE, params=params, files={"file": photo.encode()})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["result"]
    return found


async def subjects(client: Client) -> list[str]:
    answer = await client.get(SUBJECTS)
    assert answer.json().keys() == {"subjects"}
    found: list[str] = answer.json()["subjects"]
    return found


def refusal(answer: httpx.Response) -> tuple[int, int]:
    body = answer.json()
    assert body.keys() == {"message", "code"}
    assert body["message"]
    return answer.status_code, body["code"]


async def test_a_saved_face_is_recognized_as_its_subject(client: Client) -> None:
    image_id = await save(client, "Ada")
    assert str(uuid.UUID(image_id)) == image_id
    [face] = await recognize(client, "ada")
    assert face.keys() == {"box", "subjects"}
    assert face["box"] == {"probability": 0.99753, "x_min": 800, "y_min": 0, "x_max": 1000, "y_max": 290}
    assert face["subjects"] == [{"subject": "Ada", "similarity": 0.99988}]


async def test_an_image_may_come_as_base64(client: Client) -> None:
    file = {"file": base64.b64encode(b"ada").decode()}
    answer = await client.post(FACES, params={"subject": "Ada"}, json=file)
    assert answer.status_code == 201
    assert (await client.post(RECOGNIZE, json=file)).json()["result"][0]["subjects"][0]["subject"] == "Ada"
    assert refusal(await client.post(RECOGNIZE, json={"file": "§"})) == (400, 21)


async def test_the_similarity_is_above_a_half_for_one_person_and_below_for_two(client: Client) -> None:
    await save(client, "Ada")
    await save(client, "Bob")
    [face] = await recognize(client, "ada'", prediction_count=5)
    told = {one["subject"]: one["similarity"] for one in face["subjects"]}
    assert told["Ada"] > 0.9 > 0.1 > told["Bob"]
    assert list(told) == ["Ada", "Bob"]


async def test_prediction_count_bounds_the_subjects_and_limit_the_faces(client: Client) -> None:
    for name in ("Ada", "Bob", "Cyd"):
        await save(client, name)
    assert [len(one["subjects"]) for one in await recognize(client, "ada bob", prediction_count=2)] == [2, 2]
    assert [len(one["subjects"]) for one in await recognize(client, "ada bob")] == [1, 1]
    assert len(await recognize(client, "ada bob cyd", limit=0)) == 3
    [first, second] = await recognize(client, "ada bob cyd", limit=2)
    assert (first["subjects"][0]["subject"], second["subjects"][0]["subject"]) == ("Ada", "Bob")
    [first] = await recognize(client, "ada bob cyd", limit=1)
    assert first["subjects"][0]["subject"] == "Ada"


async def test_unsure_faces_are_left_out(client: Client) -> None:
    """The faces' scores are 1.5, 0.5 and -0.5: probabilities of 0.998, 0.88 and 0.12."""
    assert len(await recognize(client, "ada bob cyd", det_prob_threshold=0.8)) == 2
    assert len(await recognize(client, "ada bob cyd", det_prob_threshold=0.9)) == 1
    answer = await client.post(RECOGNIZE, params={"det_prob_threshold": 1}, files={"file": b"ada"})
    assert refusal(answer) == (400, 28)


async def test_the_embedding_comes_with_its_plugin_and_versions_with_status(client: Client) -> None:
    params = {"face_plugins": "landmarks,calculator", "status": "true"}
    answer = (await client.post(RECOGNIZE, params=params, files={"file": b"ada"})).json()
    assert len(answer["result"][0]["embedding"]) == 128
    assert answer["result"][0]["execution_time"]["total"] >= 0
    assert answer["plugins_versions"].keys() == {"detector", "calculator"}


async def test_in_an_empty_collection_a_face_is_like_nobody(client: Client) -> None:
    [face] = await recognize(client, "ada")
    assert face["subjects"] == []


async def test_one_subject_has_several_faces_whatever_the_case_of_its_name(client: Client) -> None:
    first, second = await save(client, "Ada"), await save(client, "ADA", "ada'")
    assert await subjects(client) == ["Ada"]
    listed = (await client.get(FACES)).json()
    assert listed["faces"] == [
        {"image_id": first, "subject": "Ada"},
        {"image_id": second, "subject": "Ada"},
    ]
    [face] = await recognize(client, "ada'", prediction_count=5)
    assert len(face["subjects"]) == 1


async def test_faces_are_listed_page_by_page(client: Client) -> None:
    for number in range(3):
        await save(client, "Ada", "ada" + number * "'")
    await save(client, "Bob")
    page = (await client.get(FACES, params={"page": 1, "size": 3})).json()
    assert [one["subject"] for one in page.pop("faces")] == ["Bob"]
    assert page == {"page_number": 1, "page_size": 3, "total_pages": 2, "total_elements": 4}
    assert (await client.get(FACES, params={"subject": "bob"})).json()["total_elements"] == 1
    assert (await client.get(FACES, params={"page": 9})).json()["faces"] == []


async def test_a_face_is_deleted_and_its_subject_with_the_last(client: Client) -> None:
    first, second = await save(client, "Ada"), await save(client, "Ada", "ada'")
    for image_id in (first, second):
        answer = await client.delete(f"{FACES}/{image_id}")
        assert answer.json() == {"image_id": image_id, "subject": "Ada"}
    assert await subjects(client) == []
    assert refusal(await client.delete(f"{FACES}/{first}")) == (404, 44)


async def test_several_faces_are_deleted_and_unknown_ones_passed_over(client: Client) -> None:
    ids = [await save(client, "Ada"), str(uuid.uuid4()), await save(client, "Bob")]
    answer = await client.post(f"{FACES}/delete", json=ids)
    assert [one["subject"] for one in answer.json()] == ["Ada", "Bob"]
    assert await subjects(client) == []


async def test_the_faces_of_a_subject_or_of_all_are_deleted(client: Client) -> None:
    for subject, photo in (("Ada", "ada"), ("Ada", "ada'"), ("Bob", "bob"), ("Cyd", "cyd")):
        await save(client, subject, photo)
    assert (await client.delete(FACES, params={"subject": "ada"})).json() == {"deleted": 2}
    assert (await client.delete(FACES, params={"subject": "ada"})).json() == {"deleted": 0}
    assert (await client.delete(FACES)).json() == {"deleted": 2}
    assert (await client.delete(FACES)).json() == {"deleted": 0}
    assert await subjects(client) == []


async def test_a_saved_picture_is_given_back_and_an_unknown_one_is_empty(client: Client) -> None:
    image_id = await save(client, "Ada")
    assert (await client.get(f"{FACES}/{image_id}/img")).content == b"jpeg of ada"
    assert (await client.get(f"{FACES}/{uuid.uuid4()}/img")).content == b""


async def test_verify_compares_each_face_with_the_saved_one(client: Client) -> None:
    await save(client, "Ada")
    image_id = await save(client, "Ada", "eve")
    answer = await client.post(f"{FACES}/{image_id}/verify", files={"file": b"bob eve'"})
    [bob, eve] = answer.json()["result"]
    assert eve.keys() == {"box", "similarity"}
    assert eve["similarity"] > 0.9 > 0.1 > bob["similarity"]
    unknown = await client.post(f"{FACES}/{uuid.uuid4()}/verify", files={"file": b"eve"})
    assert refusal(unknown) == (404, 44)


async def test_a_subject_is_added_once_and_kept_from_its_first_face_on(client: Client) -> None:
    answer = await client.post(SUBJECTS, json={"subject": "Ada"})
    assert (answer.status_code, answer.json()) == (201, {"subject": "Ada"})
    assert await subjects(client) == []
    await save(client, "Ada")
    assert refusal(await client.post(SUBJECTS, json={"subject": "ada"})) == (400, 43)


async def test_an_address_may_end_with_a_slash_as_in_compreface_own_guide(client: Client) -> None:
    await save(client, "Ada")
    assert (await client.get(f"{SUBJECTS}/")).json() == {"subjects": ["Ada"]}
    assert refusal(await client.delete(f"{SUBJECTS}/")) == (404, 42)
    assert await subjects(client) == ["Ada"]


async def test_a_subject_is_renamed(client: Client) -> None:
    image_id = await save(client, "Ada King", "ada")
    answer = await client.put(f"{SUBJECTS}/ada king", json={"subject": "Ada/L", "api_endpoint": "ada king"})
    assert answer.json() == {"updated": True}
    assert (await client.get(FACES)).json()["faces"] == [{"image_id": image_id, "subject": "Ada/L"}]
    assert (await client.put(f"{SUBJECTS}/Ada/L", json={"subject": "Ada/L"})).json() == {"updated": False}
    assert (await client.put(f"{SUBJECTS}/Ada/L", json={"subject": "ada/l"})).json() == {"updated": True}
    assert await subjects(client) == ["ada/l"]
    assert refusal(await client.put(f"{SUBJECTS}/Eve", json={"subject": "Ada"})) == (404, 42)


@pytest.mark.parametrize("name", ["two\nlines", "\u202eright to left", "?&#%41", "Zoë"])
async def test_a_subject_of_any_text_is_renamed_and_deleted(client: Client, name: str) -> None:
    await save(client, name, "ada")
    path = f"{SUBJECTS}/{quote(name, safe='')}"
    assert refusal(await client.delete(path + "%0A")) == (404, 42)
    assert (await client.put(path, json={"subject": "Bob"})).json() == {"updated": True}
    assert refusal(await client.delete(path)) == (404, 42)
    await client.put(f"{SUBJECTS}/Bob", json={"subject": name})
    assert (await client.delete(path)).json() == {"subject": name}
    assert await subjects(client) == []


async def test_two_subjects_of_one_name_become_one(client: Client) -> None:
    await save(client, "Ada")
    await save(client, "Countess", "ada'")
    await save(client, "Countess", "ada''")
    assert (await client.put(f"{SUBJECTS}/Countess", json={"subject": "ada"})).json() == {"updated": True}
    listed = (await client.get(FACES)).json()["faces"]
    assert [one["subject"] for one in listed] == ["Ada"] * 3
    pictures = [(await client.get(f"{FACES}/{one['image_id']}/img")).content for one in listed]
    assert pictures == [b"jpeg of ada", b"jpeg of ada'", b"jpeg of ada''"]
    [face] = await recognize(client, "ada''", prediction_count=5)
    assert face["subjects"] == [{"subject": "Ada", "similarity": 0.99988}]


async def test_a_subject_or_all_are_deleted(client: Client) -> None:
    for name in ("Ada", "Bob", "Cyd"):
        await save(client, name)
    assert (await client.delete(f"{SUBJECTS}/ada")).json() == {"subject": "Ada"}
    assert refusal(await client.delete(f"{SUBJECTS}/ada")) == (404, 42)
    assert (await client.delete(SUBJECTS)).json() == {"deleted": 2}
    assert (await client.delete(SUBJECTS)).json() == {"deleted": 0}


@pytest.mark.parametrize(
    ("photo", "wanted"),
    [
        ("nobody", (400, 28)),
        ("text", (400, 21)),
        ("broken", (400, 21)),
        ("", (400, 21)),
        ("huge", (413, 0)),
        ("busy", (429, 41)),
        ("slow", (504, 41)),
        ("early", (503, 41)),
        ("deadly", (500, 41)),
    ],
)
async def test_a_bad_image_is_refused_by_number(client: Client, photo: str, wanted: tuple[int, int]) -> None:
    for path in (RECOGNIZE, f"{FACES}?subject=Ada"):
        answer = await client.post(path, files={"file": photo.encode()})
        assert refusal(answer) == wanted
        assert ("retry-after" in answer.headers) == (photo in ("busy", "early"))


async def test_no_face_is_said_in_compreface_own_words(client: Client) -> None:
    answer = await client.post(RECOGNIZE, files={"file": b"nobody"})
    assert answer.json() == {"message": "No face is found in the given image", "code": 28}


async def test_only_an_image_of_one_face_is_saved(client: Client) -> None:
    path = f"{FACES}?subject=Ada"
    assert refusal(await client.post(path, files={"file": b"ada bob"})) == (400, 31)
    sure = await client.post(f"{path}&det_prob_threshold=0.9", files={"file": b"ada bob"})
    assert sure.status_code == 201
    none_sure = await client.post(f"{path}&det_prob_threshold=1", files={"file": b"ada"})
    assert refusal(none_sure) == (400, 28)


@pytest.mark.parametrize(
    ("path", "sent", "wanted"),
    [
        (FACES, {"files": {"file": b"ada"}}, 33),
        (f"{FACES}?subject=%20", {"files": {"file": b"ada"}}, 26),
        (RECOGNIZE, {"files": {"image": b"ada"}}, 34),
        (RECOGNIZE, {"json": {}}, 26),
        (f"{RECOGNIZE}?limit=-1", {"files": {"file": b"ada"}}, 26),
        (f"{RECOGNIZE}?prediction_count=0", {"files": {"file": b"ada"}}, 26),
        (SUBJECTS, {"json": {"subject": " "}}, 26),
        (RECOGNIZE, {"content": b"{", "headers": {"content-type": "application/json"}}, 0),
    ],
)
async def test_a_bad_request_is_refused_by_number(
    client: Client, path: str, sent: dict[str, Any], wanted: int
) -> None:
    assert refusal(await client.post(path, **sent)) == (400, wanted)


async def test_the_key_is_the_token_and_may_name_a_gallery(client: Client) -> None:
    await save(client, "Ada")
    actors = {"x-api-key": f"{TOKEN}:actors"}
    assert (await client.get(SUBJECTS, headers=actors)).json() == {"subjects": []}
    ours = (await client.get("/v1/galleries/default/identities")).json()["identities"]
    assert [one["name"] for one in ours] == ["Ada"]


@pytest.mark.parametrize(
    ("key", "wanted"),
    [("", (400, 20)), ("wrong", (404, 10)), (f"wrong:{TOKEN}", (404, 10)), (f"{TOKEN}:No Such", (404, 10))],
)
async def test_without_the_key_nothing_is_told(client: Client, key: str, wanted: tuple[int, int]) -> None:
    answer = await client.get(SUBJECTS, headers={"x-api-key": key})
    assert refusal(answer) == wanted
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", f"{SUBJECTS}/Ada"), ("POST", SUBJECTS), ("POST", f"{FACES}/delete")]
)
async def test_without_the_key_no_body_is_read(client: Client, method: str, path: str) -> None:
    answer = await client.request(method, path, content=b"{", headers={"x-api-key": ""})
    assert refusal(answer) == (400, 20)
