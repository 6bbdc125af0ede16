"""The running face room: how many photos a second it enrolls and identifies, and what it holds."""

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx
from PIL import Image

from benchmarks.rows import Row
from tests.integration.face.room import TOKEN, FaceRoom

_PORTRAITS = (
    "Tom_Cruise_avp_2014_4",
    "2008_001009",
    "2008_002506",
    "2009_004587",
    "bald_guys",
)
"""Photos whose main face can be seen from afar, as in portraits that are enrolled."""
_SIDE = 1000
_SECONDS = 8.0


def rows(faces: Path) -> list[Row]:
    """One room with two processes."""
    photos = [_resized(faces / "faces" / f"{name}.jpg") for name in _PORTRAITS]
    with _room(FACE_PROCESSES="2") as room:
        few = _rate(room, 2, lambda client, n: _identify(client, photos[n % len(photos)]))
        many = _rate(room, 16, lambda client, n: _identify(client, photos[n % len(photos)]))
        plain = _rate(room, 4, lambda client, n: _enroll(client, photos[n % len(photos)], n, 0))
        shaken = _rate(room, 4, lambda client, n: _enroll(client, photos[n % len(photos)], n, 10))
        memory = max(worker.memory_info().rss for worker in room.workers()) / 1e6
    with _room(FACE_PROCESSES="1", FACE_QUEUE="2") as room:
        refused = _refused(room, photos[0])
    return [
        Row("identified, 2 clients", few, "photos/s"),
        Row("identified, 16 clients", many, "photos/s", few, "2 clients", 0.9 * few, is_more_better=True),
        Row("enrolled, no jitter, two processes", plain, "photos/s", 2, "dlib's wheel", 25, True),
        Row("enrolled, jitter 10, two processes", shaken, "photos/s"),
        Row("memory of a process that reads photos", memory, "MB", 85, "dlib's wheel", 200),
        Row("of 12 photos at once, a queue of two: refused with 429, the others answered", refused, ""),
    ]


@contextmanager
def _room(**variables: str) -> Iterator[FaceRoom]:
    with tempfile.TemporaryDirectory() as folder:
        room = FaceRoom(Path(folder), **variables)
        try:
            room.start()
            yield room
        finally:
            room.close()


def _client(room: FaceRoom) -> httpx.Client:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.Client(base_url=room.url, headers=headers, timeout=30, trust_env=False)


def _rate(room: FaceRoom, clients: int, ask: Callable[[httpx.Client, int], None]) -> float:
    """Photos a second over 8 s; an answer other than the wanted one ends the measurement."""
    numbers = count()

    def one() -> int:
        done = 0
        with _client(room) as client:
            while time.perf_counter() < end:
                ask(client, next(numbers))
                done += 1
        return done

    begun = time.perf_counter()
    end = begun + _SECONDS
    with ThreadPoolExecutor(clients) as threads:
        done = sum(threads.map(lambda _: one(), range(clients)))
    return done / (time.perf_counter() - begun)


def _identify(client: httpx.Client, photo: bytes) -> None:
    client.post("/v1/galleries/default/identify", files={"photo": photo}).raise_for_status()


def _enroll(client: httpx.Client, photo: bytes, number: int, jitters: int) -> None:
    form = {"name": f"person {number}"}
    path = f"/v1/galleries/default/identities?jitters={jitters}"
    client.post(path, data=form, files={"photo": photo}).raise_for_status()


def _refused(room: FaceRoom, photo: bytes) -> int:
    """Twelve at once for one process and two places in its queue: at most three are answered at first."""

    def one(_: int) -> int:
        with _client(room) as client:
            return client.post("/v1/detect", files={"photo": photo}).status_code

    with ThreadPoolExecutor(12) as threads:
        codes = list(threads.map(one, range(12)))
    if set(codes) != {200, 429}:
        raise RuntimeError(f"a full room answered {sorted(set(codes))}")
    return codes.count(429)


def _resized(path: Path) -> bytes:
    image = Image.open(path).convert("RGB")
    scale = _SIDE / max(image.size)
    file = io.BytesIO()
    size = (round(image.width * scale), round(image.height * scale))
    image.resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=90)
    return file.getvalue()
