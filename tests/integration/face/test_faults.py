"""The face room when something dies, hangs or floods."""

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from contracts.face import Enrollment, Identification
from tests.integration.face.room import TOKEN, FaceRoom
from tests.unit.face.photos import astronaut_jpeg
from tests.waiting import until

StartRoom = Callable[..., FaceRoom]


def detect(room: FaceRoom) -> httpx.Response:
    return room.client.post("/v1/detect", files={"photo": astronaut_jpeg()})


def enroll(room: FaceRoom, name: str) -> str:
    answer = room.client.post(
        "/v1/galleries/default/identities", files={"photo": astronaut_jpeg()}, data={"name": name}
    )
    return Enrollment.model_validate_json(answer.content).identity.id


def names(room: FaceRoom) -> list[str]:
    people = room.client.get("/v1/galleries/default/identities").json()["identities"]
    return [person["name"] for person in people]


def test_what_was_answered_is_there_after_a_sigkill(start_room: StartRoom) -> None:
    room = start_room()
    kept, removed = enroll(room, "Kept"), enroll(room, "Removed")
    assert room.client.delete(f"/v1/galleries/default/identities/{removed}").status_code == 204
    workers = room.workers()
    room.kill()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
    room.start()
    assert names(room) == ["Kept"]
    answer = room.client.post("/v1/galleries/default/identify", files={"photo": astronaut_jpeg()})
    found = Identification.model_validate_json(answer.content)
    assert (found.matches[0].identity.id, found.matches[0].distance) == (kept, 0)


def test_two_rooms_on_one_folder_see_each_others_people_at_once(start_room: StartRoom) -> None:
    one, other = start_room(), start_room()
    person = enroll(one, "Ada")
    assert names(other) == ["Ada"]
    assert other.client.delete(f"/v1/galleries/default/identities/{person}").status_code == 204
    assert names(one) == []


def test_a_photo_whose_process_was_killed_is_answered_all_the_same(start_room: StartRoom) -> None:
    room = start_room()
    [worker] = room.workers()
    worker.suspend()
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(detect, room)
        worker.send_signal(signal.SIGKILL)
        assert answer.result().status_code == 200
    assert room.workers()[0].pid != worker.pid


def test_a_stuck_process_is_killed_and_the_next_photo_is_answered(start_room: StartRoom) -> None:
    room = start_room(FACE_PHOTO_SECONDS="1")
    [worker] = room.workers()
    worker.suspend()
    answer = detect(room)
    assert (answer.status_code, answer.json()["code"]) == (504, "photo_timed_out")
    until(room.ready, "a process is there again")
    assert detect(room).status_code == 200
    assert not worker.is_running()


def test_while_no_process_is_there_the_room_is_alive_but_not_ready(start_room: StartRoom) -> None:
    room = start_room()
    [worker] = room.workers()
    worker.kill()
    until(lambda: room.client.get("/readyz").status_code == 503, "it is not ready")
    assert room.client.get("/healthz").status_code == 200
    until(room.ready, "it is ready again, though nobody asked")
    assert detect(room).status_code == 200


def test_a_flood_is_told_to_come_again(start_room: StartRoom) -> None:
    room = start_room(FACE_QUEUE="2")
    [worker] = room.workers()
    worker.suspend()

    async def flood() -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(
            base_url=room.url, headers=headers, timeout=30, trust_env=False
        ) as client:
            asked = [
                asyncio.create_task(client.post("/v1/detect", files={"photo": astronaut_jpeg()}))
                for _ in range(9)
            ]
            while sum(task.done() for task in asked) < 6:
                await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED, timeout=0.05)
            worker.resume()
            return list(await asyncio.gather(*asked))

    answers = asyncio.run(flood())
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] * 3 + [429] * 6
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["retryable"]


def test_told_to_stop_the_room_leaves_no_process(start_room: StartRoom) -> None:
    room = start_room()
    workers = room.workers()
    assert room.stop() in (0, -signal.SIGTERM)
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def test_missing_models_end_the_start_with_what_to_do(tmp_path: Path) -> None:
    room = FaceRoom(tmp_path, FACE_MODELS_DIR=str(tmp_path))
    try:
        room.start()
    except AssertionError:
        assert "FACE_MODELS_DIR" in room.log
    else:
        raise AssertionError("it started")
    finally:
        room.close()


def test_the_parent_process_never_loads_dlib(start_room: StartRoom) -> None:
    room = start_room()
    assert detect(room).status_code == 200
    [worker] = room.workers()
    parent = worker.parent()
    assert parent
    loaded = {Path(region.path).name for region in parent.memory_maps()}
    in_worker = {Path(region.path).name for region in worker.memory_maps()}
    assert any("dlib" in name for name in in_worker)
    assert not any("dlib" in name for name in loaded)
    assert os.getpid() != parent.pid
