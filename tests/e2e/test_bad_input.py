"""Input that is wrong, hostile or odd: a clear refusal or a clear reply; nothing crashes or swells."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.e2e import photos
from tests.e2e.stack import Stack
from tests.e2e.web_person import IMAGE, WebPerson

SLACK_SECRET = "test-signing-secret"
TELEGRAM_SECRET = "test-webhook-secret"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("bad-input")
    settings = {
        "TELEGRAM_BOT_TOKEN": "123:TEST",
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
        "TELEGRAM_API_URL": "http://127.0.0.1:9",
        "SLACK_BOT_TOKEN": "xoxb-TEST",
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_API_URL": "http://127.0.0.1:9/",
        "GATEWAY_PERSON_RATE": "100000",
    }
    with Stack(folder, settings) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _everything_still_runs(stack: Stack) -> Iterator[None]:
    lives = {name: room.process and room.process.pid for name, room in stack.rooms.items()}
    yield
    assert all(room.is_ready() for room in stack.rooms.values())
    assert lives == {name: room.process and room.process.pid for name, room in stack.rooms.items()}


def signed(body: bytes, timestamp: str) -> dict[str, str]:
    mac = hmac.new(SLACK_SECRET.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
        "Content-Type": "application/json",
    }


CHALLENGE = b'{"type": "url_verification", "challenge": "c"}'


def slack(stack: Stack, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{stack.url}/webhooks/slack/events", content=body, headers=headers, timeout=30)


def telegram(stack: Stack, body: bytes, secret: str = TELEGRAM_SECRET) -> httpx.Response:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    return httpx.post(f"{stack.url}/webhooks/telegram", content=body, headers=headers, timeout=30)


@pytest.mark.parametrize("timestamp", ["not-a-number", "1500000000"])
def test_a_stale_signature_is_refused(stack: Stack, timestamp: str) -> None:
    assert slack(stack, CHALLENGE, signed(CHALLENGE, timestamp)).status_code == 401


@pytest.mark.parametrize("signature", ["v0=" + "0" * 64, "", "v0=\xff"])
def test_a_wrong_signature_is_refused(stack: Stack, signature: str) -> None:
    headers = signed(CHALLENGE, str(int(time.time()))) | {"X-Slack-Signature": signature}
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert slack(stack, CHALLENGE, encoded).status_code == 401  # type: ignore[arg-type]


def test_a_wrong_telegram_secret_is_refused(stack: Stack) -> None:
    assert telegram(stack, b"{}", "wrong").status_code == 401


@pytest.mark.parametrize(
    "body",
    [b'{"update_id": 1, "message": {"te', b"\xff\xfe", b"[]", b"null", b"[" * 100_000, b'{"a":' * 50_000],
)
def test_a_broken_body_gets_an_answer_and_harms_nothing(stack: Stack, body: bytes) -> None:
    assert telegram(stack, body).status_code in (200, 400)
    answer = slack(stack, body, signed(body, str(int(time.time()))))
    assert answer.status_code in (200, 400, 401)  # Slack signs text only: other bytes cannot be genuine


def test_a_body_of_10_mb_is_too_large(stack: Stack) -> None:
    body = json.dumps({"update_id": 1, "message": {"text": "x" * 10_000_000}}).encode()
    assert telegram(stack, body).status_code == 413
    assert slack(stack, body, signed(body, str(int(time.time())))).status_code == 413


@pytest.mark.parametrize("body", [{}, {"client_id": "x" * 10}, {"client_id": 5, "text": "a"}, []])
def test_the_page_api_says_what_is_malformed(stack: Stack, body: object) -> None:
    person = WebPerson(stack.url)
    answer = person.http.post(f"{person.path}/messages", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


PHOTOS = {
    "a text named .jpg": (b"this is no picture at all, whatever its name says", ("cannot", "read", "file")),
    "20,000 pixels square": (photos.bomb(), ("large", "big")),
    "an empty wall": (photos.no_face(), ("no face", "any face", "a face")),
}
FACES = {
    "an animated GIF": photos.animated(),
    "a CMYK JPEG": photos.encoded(photos.astronaut().convert("CMYK")),
    "a 16-bit PNG": photos.sixteen_bit(),
    "an EXIF-rotated JPEG": photos.exif_rotated(),
    "a palette PNG": photos.encoded(photos.astronaut().convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_that_shows_nobody_gets_a_reply_that_says_why(stack: Stack, name: str) -> None:
    photo, words = PHOTOS[name]
    person = WebPerson(stack.url)
    text = person.wait_reply(person.send_photo(photo))["text"].lower()
    assert any(word in text for word in words), text


@pytest.mark.parametrize("name", FACES)
def test_a_photo_in_any_format_is_looked_at(stack: Stack, name: str) -> None:
    person = WebPerson(stack.url)
    stack.enroll(photos.encoded(photos.astronaut()), "Astronaut")
    reply = person.wait_reply(person.send_photo(FACES[name]))
    assert reply["look_alike"]["name"] == "Astronaut", reply["text"]
    assert reply["look_alike"]["percent"] >= 50


def test_an_upload_over_10_mb_is_refused(stack: Stack) -> None:
    person = WebPerson(stack.url)
    answer = person.http.post(f"{person.path}/photos", content=b"\xff\xd8" * 6_000_000, headers=IMAGE)
    assert answer.status_code == 413


def test_memory_stays_bounded_over_bombs(stack: Stack) -> None:
    def peak_mb() -> int:
        return max(_peak_rss_kb(pid) for pid in _tree(stack)) // 1024

    before = peak_mb()
    person = WebPerson(stack.url)
    for _ in range(3):
        person.wait_reply(person.send_photo(photos.bomb()))
    assert peak_mb() < before + 100


def _tree(stack: Stack) -> list[int]:
    pids = [room.process.pid for room in stack.rooms.values() if room.process]
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            pids.extend(int(child) for child in (task / "children").read_text().split())
    return pids


def _peak_rss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
