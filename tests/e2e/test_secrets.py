"""After a day's work, nothing that people are or said lies where it should not."""

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import redis as redis_py

from tests.e2e import photos
from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.payloads import (
    SLACK_SECRET,
    SLACK_TOKEN,
    TELEGRAM_SECRET,
    TELEGRAM_TOKEN,
    payload,
    post_slack_event,
    post_telegram,
)
from tests.waiting import until

WORDS = "my secret is pomegranate"
NAME = "Zenobia Quillfeather"
ADMIN = "admin-token-for-this-test"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that has talked on every channel, met trouble on each, and seen a photo."""
    telegram, slack = TelegramServer(token=TELEGRAM_TOKEN), SlackServer(token=SLACK_TOKEN)
    telegram.start()
    slack.start()
    folder: Path = tmp_path_factory.mktemp("secrets")
    settings = {
        "LOG_LEVEL": "DEBUG",
        "ADMIN_TOKEN": ADMIN,
        "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
        "TELEGRAM_API_URL": telegram.url,
        "SLACK_BOT_TOKEN": SLACK_TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_API_URL": slack.api_url,
        "OPENAI_API_KEY": "sk-test-key-for-this-test",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "WORKER_RETRY_S": "[0.1]",
    }
    stack = Stack(folder, settings)
    try:
        stack.start()
        live_through_a_day(stack, telegram, slack)
        yield stack
    finally:
        stack.stop()
        telegram.stop()
        slack.stop()


def live_through_a_day(stack: Stack, telegram: TelegramServer, slack: SlackServer) -> None:
    enrolled = httpx.post(
        f"{stack.url}/api/v1/admin/identities",
        headers={"Authorization": f"Bearer {ADMIN}"},
        files={"photo": photos.encoded(photos.astronaut())},
        data={"name": NAME},
        timeout=60,
    )
    assert enrolled.status_code == 201
    person = WebPerson(stack.url)
    person.wait_reply(person.say(f"hello {WORDS}"), 60)  # the model is away: this one fails for good
    assert NAME in person.wait_reply(person.send_photo(photos.mirrored()))["text"]
    telegram.add_file("photo-x", photos.mirrored())
    telegram.fail("sendMessage", status=502)
    for name in ("telegram-text", "telegram-photo"):
        update = payload(name)
        update["message"].update({"text": f"hello {WORDS}"} if name == "telegram-text" else {})
        post_telegram(stack.url, update)
    slack.fail("chat.postMessage", status=500)
    event = payload("slack-dm")
    event["event"]["text"] = f"hello {WORDS}"
    post_slack_event(stack.url, event)
    until(lambda: len(telegram.texts(1001)) > 1, "Telegram's answers", 60)
    until(lambda: slack.texts("D1"), "Slack's answer", 60)
    httpx.post(
        f"{stack.url}/webhooks/telegram", content=WORDS, headers={"X-Telegram-Bot-Api-Secret-Token": "x"}
    )


def test_no_token_word_or_name_is_in_any_log_line(stack: Stack) -> None:
    logs = stack.logs()
    generated = [path.read_text().strip() for path in (stack.folder / "secrets").iterdir()]
    secrets = [TELEGRAM_TOKEN, TELEGRAM_SECRET, SLACK_TOKEN, SLACK_SECRET, ADMIN, "sk-test-key", *generated]
    for secret in (*secrets, "pomegranate", "Zenobia", "Quillfeather", "Ann"):
        assert not re.search(rf"\b{re.escape(secret)}\b", logs), f"found {secret[:6]}… in the logs"
    assert '"event"' in logs  # they do say something


def test_no_photo_or_embedding_of_who_writes_is_on_disk_or_in_redis(stack: Stack) -> None:
    photo = photos.mirrored()
    embedding = embedding_of(photo)
    middle = slice(20_001, 20_065)  # behind the tables that many JPEGs share
    marks = [photo[middle], base64.b64encode(photo)[middle], *embedding]
    for place, content in everything_kept(stack):
        for mark in marks:
            assert mark not in content, f"a photo or an embedding lies in {place}"


def test_photos_are_deleted_from_redis_when_their_turn_is_over(stack: Stack) -> None:
    with redis_py.Redis.from_url(stack.redis.url) as redis:
        assert redis.keys("photo:*") == []


def test_every_key_in_redis_ends_some_day(stack: Stack) -> None:
    """But for Celery's own, and for `due`, dead letters and inboxes, which last as long as work is left."""
    lasting = re.compile(r"_kombu\.|due$|dead$|inbox:|control:|turns$|unacked")
    with redis_py.Redis.from_url(stack.redis.url, decode_responses=True) as redis:
        endless = [key for key in redis.scan_iter() if redis.ttl(key) == -1 and not lasting.match(key)]
    assert endless == []


def embedding_of(photo: bytes) -> list[bytes]:
    """The embedding as float32 and float64, by the face room's own pipeline in a process of its own."""
    answer = subprocess.run([sys.executable, "-c", EMBED], input=photo, capture_output=True, check=True)
    vector = np.frombuffer(answer.stdout, np.float32)
    assert vector.shape == (128,)
    return [vector.tobytes()[:32], vector.astype(np.float64).tobytes()[:64]]


EMBED = """
import sys
from services.face.reading import Question, make_reader
reading = make_reader(None, "INFO")(Question(sys.stdin.buffer.read(), "embedding"))
sys.stdout.buffer.write(reading.embedding.tobytes())
"""


def everything_kept(stack: Stack) -> Iterator[tuple[str, bytes]]:
    for path in stack.folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    with redis_py.Redis.from_url(stack.redis.url) as redis:
        for key in redis.scan_iter():
            yield key.decode(), redis.dump(key) or b""
