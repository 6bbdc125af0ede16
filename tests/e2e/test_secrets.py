"""After a day's work, nothing that people are or said lies where it should not."""

import base64
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
import redis as redis_py
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from tests.builders import OPEN_QUESTION
from tests.e2e import photos
from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson
from tests.fakes.otlp_server import OtlpServer, Span
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
from tests.redis_process import free_port
from tests.settings_classes import room_class
from tests.waiting import until

WORDS = "my secret is pomegranate"
NAME = "Zenobia Quillfeather"
PAGE_POST = "POST /api/v1/conversations/{conversation}/messages"
COLLECTOR_KEY = "key-of-the-collector"
ADMIN = "admin-token-for-this-test"
PLANTED = ("OPENAI_API_KEY", "OLAMI_APP_KEY", "OLAMI_APP_SECRET", "KKBOX_CLIENT_SECRET", "NLP_RASA_TOKEN")
CANARIES = {name: f"canary-{name.lower()}" for name in (*PLANTED, "SLACK_CLIENT_SECRET")}
GIVEN = [TELEGRAM_TOKEN, TELEGRAM_SECRET, SLACK_TOKEN, SLACK_SECRET, ADMIN, COLLECTOR_KEY, *CANARIES.values()]


@dataclass
class Day:
    """What the platforms were shown."""

    pictures: list[bytes] = field(default_factory=list)
    photo_event: str = ""
    """The event of the page's photo."""


@pytest.fixture(scope="module")
def day() -> Day:
    return Day()


@pytest.fixture(scope="module")
def collector() -> Iterator[OtlpServer]:
    server = OtlpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stack(day: Day, collector: OtlpServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
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
        "SLACK_SIGNING_SECRET_FILE": str(tmp_path_factory.mktemp("given") / "secret"),
        "SLACK_API_URL": slack.api_url,
        "SLACK_CLIENT_ID": "an-id",
        "PUBLIC_URL": "http://127.0.0.1",
        "OLAMI_URL": "http://127.0.0.1:9",
        "KKBOX_CLIENT_ID": "an-id",
        **CANARIES,
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "WORKER_RETRY_S": "[0.1]",
        "WORKER_METRICS_PORT": str(free_port()),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"api-key={COLLECTOR_KEY}",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    Path(settings["SLACK_SIGNING_SECRET_FILE"]).write_text(f"{SLACK_SECRET}\n")
    try:
        with Stack(folder, settings) as stack:
            live_through_a_day(stack, telegram, slack, day)
            day.pictures = [*telegram.uploaded.values(), *slack.pictures("D1")]
            yield stack
    finally:
        telegram.stop()
        slack.stop()


def live_through_a_day(stack: Stack, telegram: TelegramServer, slack: SlackServer, day: Day) -> None:
    enrolled = httpx.post(
        f"{stack.url}/api/v1/admin/identities",
        headers={"Authorization": f"Bearer {ADMIN}"},
        files={"photo": photos.encoded(photos.astronaut())},
        data={"name": NAME},
        timeout=60,
    )
    assert enrolled.status_code == 201
    person = WebPerson(stack.url)
    person.wait_reply(person.say(f"{OPEN_QUESTION}, {WORDS}"), 60)  # the model is away: this fails for good
    day.photo_event = person.send_photo(photos.mirrored())
    assert NAME in person.wait_reply(day.photo_event)["text"]
    telegram.add_file("photo-x", photos.mirrored())
    slack.add_file("F1", photos.mirrored(), mimetype="image/jpeg")
    telegram.fail("sendMessage", status=502)
    for name in ("telegram-text", "telegram-photo"):
        update = payload(name)
        update["message"].update({"text": f"hello {WORDS}"} if name == "telegram-text" else {})
        post_telegram(stack.url, update)
    slack.fail("chat.postMessage", status=500)
    event = payload("slack-dm")
    event["event"]["text"] = f"hello {WORDS}"
    post_slack_event(stack.url, event)
    until(lambda: slack.texts("D1"), "Slack's answer", 60)
    post_slack_event(stack.url, payload("slack-photo"))
    until(lambda: len(telegram.texts(1001)) > 1 and telegram.uploaded, "Telegram's answers", 60)
    until(lambda: slack.pictures("D1"), "Slack's picture", 60)
    httpx.post(
        f"{stack.url}/webhooks/telegram", content=WORDS, headers={"X-Telegram-Bot-Api-Secret-Token": "x"}
    )


def test_no_token_word_or_name_is_in_any_log_line(stack: Stack) -> None:
    logs = stack.logs()
    for secret in (*secrets_of(stack), "pomegranate", "Zenobia", "Quillfeather", "Ann"):
        assert not re.search(rf"\b{re.escape(secret)}\b", logs), f"found {secret[:6]}… in the logs"
    assert '"event"' in logs  # they do say something


def test_no_token_word_or_name_is_in_any_metric(stack: Stack) -> None:
    ports = [stack.environment[f"{room}_PORT"] for room in ("GATEWAY", "NLP", "FACE", "WORKER_METRICS")]
    told = "".join(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text for port in ports)
    for room in ("arrivals", "nlp_turn", "face_people", "turn_seconds"):
        assert f"switchboard_{room}" in told
    for secret in (*secrets_of(stack), "pomegranate", "Zenobia", "Quillfeather", "web:", "telegram:", "T1"):
        assert secret not in told, f"found {secret[:6]}… in the metrics"


def test_one_message_is_one_trace_over_all_rooms(stack: Stack, day: Day, collector: OtlpServer) -> None:
    rooms = {f"switchboard-{room}" for room in ("gateway", "worker", "nlp", "face")}

    def trace() -> list[Span]:
        return collector.trace_of("switchboard.event_id", day.photo_event)

    until(lambda: {span.service for span in trace()} == rooms, "the trace came from all rooms", 30)
    until(lambda: "deliver" in {span.name for span in trace()}, "its end came too", 30)
    spans = {span.span_id: span for span in trace()}
    assert len({span.trace_id for span in spans.values()}) == 1
    assert [span.name for span in spans.values() if span.parent_id not in spans] == [PAGE_POST]
    identify = "POST /v1/galleries/{gallery}/identify"
    for own in ("read", "search"):
        assert above(spans, own) == [own, identify, "turn", "accept", PAGE_POST]
    assert any(span.name.startswith("run/") for span in spans.values()), "Celery's own part"
    assert set(collector.shown) == {COLLECTOR_KEY}


def test_a_call_of_the_model_is_in_the_trace_with_how_it_ended(stack: Stack, collector: OtlpServer) -> None:
    until(lambda: "model" in {span.name for span in collector.spans}, "the call's span came", 30)
    called, *again = [span for span in collector.spans if span.name == "model"]
    spans = {span.span_id: span for span in collector.spans if span not in again}
    assert above(spans, "model") == ["model", "POST /turns", "turn", "accept", PAGE_POST]
    assert called.attributes["error.type"] == "APIConnectionError"


def test_no_token_word_or_name_is_in_any_span(stack: Stack, collector: OtlpServer) -> None:
    told = b"".join(collector.bodies)
    for secret in (*secrets_of(stack), "pomegranate", "Zenobia", "Quillfeather"):
        assert secret.encode() not in told, f"found {secret[:6]}… in a span"
    assert {"url.path", "http.route"} <= set().union(*(span.attributes for span in collector.spans))
    assert {span.attributes.get("url.path", "[masked]") for span in collector.spans} == {"[masked]"}


def secrets_of(stack: Stack) -> list[str]:
    """Every token and password that the rooms were given or have made."""
    generated = [path.read_text().strip() for path in (stack.folder / "secrets").iterdir()]
    return [*GIVEN, *generated]


def test_every_secret_setting_of_every_room_was_given_something_to_hide(stack: Stack) -> None:
    rooms = [room_class(room) for room in ("gateway", "worker", "nlp", "face")]
    named = {
        name.upper() for settings in rooms for name in settings.model_fields if is_secret(settings, name)
    }
    given = {name.removesuffix("_FILE") for name in stack.environment}
    # the first is made by the rooms; the second would be in each address of the day: test_webhooks has it
    assert named - given == {"INTERNAL_TOKEN", "SLACK_URL_TOKEN"}
    assert all(len(secret) > 6 for secret in secrets_of(stack))


def test_no_secret_is_in_what_a_room_answers_to_whom_it_refuses(stack: Stack) -> None:
    told = "\n".join(answers_to_strangers(stack))
    for code in ("unauthorized", "bad_signature", "not_found", "invalid", "unreadable", "too_large"):
        assert f'"code":"{code}"' in told
    assert told.count('"openapi"') == 3
    assert [secret[:6] for secret in secrets_of(stack) if secret in told] == []


def test_no_secret_is_on_a_command_line(stack: Stack) -> None:
    told = []
    for room in stack.rooms.values():
        assert room.process
        process = psutil.Process(room.process.pid)
        told += [" ".join(one.cmdline()) for one in (process, *process.children(recursive=True))]
    assert len(told) > len(stack.rooms)
    assert [secret[:6] for secret in secrets_of(stack) for line in told if secret in line] == []


def test_no_secret_is_kept_but_where_secrets_are_kept(stack: Stack) -> None:
    generated = {path.name for path in (stack.folder / "secrets").iterdir()}
    assert len(generated) >= 2
    kept = [(place, content) for place, content in everything_kept(stack) if place not in generated]
    leaks = [
        (secret[:6], place)
        for place, content in kept
        for secret in secrets_of(stack)
        if any(form in content for form in (secret.encode(), base64.b64encode(secret.encode())))
    ]
    assert leaks == []
    for path in (stack.folder / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


def is_secret(settings: type[BaseSettings], name: str) -> bool:
    annotation = settings.model_fields[name].annotation
    return SecretStr in (annotation, *getattr(annotation, "__args__", ()))


def answers_to_strangers(stack: Stack) -> Iterator[str]:
    """Refusals of all kinds, and what each room says of its API."""
    rooms = [f"http://127.0.0.1:{stack.environment[f'{room}_PORT']}" for room in ("GATEWAY", "NLP", "FACE")]
    signed = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    wrong = {"Authorization": "Bearer wrong", "x-api-key": "wrong", "Cookie": "switchboard_admin=wrong"}
    with httpx.Client(timeout=30) as http:
        for room in rooms:
            for path in ("/openapi.json", "/nowhere", "/bots", "/v1/galleries", "/api/v1/admin/identities"):
                yield http.get(room + path, headers=wrong).text
        yield http.post(f"{rooms[0]}/webhooks/telegram", content=b"{}").text
        yield http.post(f"{rooms[0]}/webhooks/telegram", content=b"{", headers=signed).text
        yield http.post(f"{rooms[0]}/webhooks/telegram", content=b"x" * 1_100_000, headers=signed).text
        opened = http.post(f"{rooms[0]}/api/v1/conversations").json()["id"]
        yield http.post(f"{rooms[0]}/api/v1/conversations/{opened}/messages", json={"client_id": 1}).text
        yield http.get(f"{rooms[0]}/slack/install/callback?state=wrong&code=wrong").text


def above(spans: dict[str, Span], name: str) -> list[str]:
    """The names from the span of this name up to the first one."""
    [span] = [span for span in spans.values() if span.name == name]
    names = [name]
    while span.parent_id in spans:
        span = spans[span.parent_id]
        names.append(span.name)
    return names


def test_no_photo_picture_or_embedding_of_who_writes_is_kept_anywhere(stack: Stack, day: Day) -> None:
    marks = [*embedding_marks(photos.mirrored())]
    for picture in (photos.mirrored(), *day.pictures):
        marks += picture_marks(picture)
    assert len(marks) > 100
    for place, content in everything_kept(stack):
        assert not [mark for mark in marks if mark in content], f"a photo or an embedding lies in {place}"


def test_what_is_kept_is_found_by_the_search_for_what_is_not(stack: Stack) -> None:
    """The enrolled person's photo and embedding are the exception, and show that the search can find."""
    kept = list(everything_kept(stack))
    [portrait] = [content for place, content in kept if place.endswith(".jpg")]
    embedding = embedding_marks(photos.encoded(photos.astronaut()))
    assert len([content for _, content in kept if picture_marks(portrait)[0] in content]) == 1
    assert [place for place, content in kept if any(mark in content for mark in embedding)]
    assert [place for place, content in kept if place.startswith("web:") and NAME.encode() in content]


def test_who_is_enrolled_is_counted_as_found_by_every_channel(stack: Stack) -> None:
    answer = httpx.get(
        f"{stack.url}/api/v1/admin/identities", headers={"Authorization": f"Bearer {ADMIN}"}, timeout=30
    )
    [person] = answer.json()["identities"]
    assert person["found"] >= 3  # on the page, on Telegram and on Slack; a repeated turn asks again


def test_photos_are_deleted_from_redis_when_their_turn_is_over(stack: Stack) -> None:
    with redis_py.Redis.from_url(stack.redis.url) as redis:
        assert redis.keys("photo:*") == []


def test_every_key_in_redis_ends_some_day(stack: Stack) -> None:
    """But for Celery's own, and for `due`, dead letters and inboxes, which last as long as work is left."""
    lasting = re.compile(r"_kombu\.|due$|dead$|inbox:|control:|turns$|unacked")
    with redis_py.Redis.from_url(stack.redis.url, decode_responses=True) as redis:
        endless = [key for key in redis.scan_iter() if redis.ttl(key) == -1 and not lasting.match(key)]
    assert endless == []


def marks_of(secret: bytes, *starts: int) -> list[bytes]:
    """Pieces of some bytes: as they are, in hex and in base64."""
    pieces = [secret[start : start + 48] for start in starts]
    return [
        form
        for piece in pieces
        # where base64 of the whole cuts the piece depends on what is before it: one shift fits
        for form in (piece, piece.hex().encode(), *(base64.b64encode(piece[n:])[4:-4] for n in range(3)))
    ]


def picture_marks(picture: bytes) -> list[bytes]:
    """Pieces from all over a picture, behind the tables that many JPEGs share."""
    return marks_of(picture, *range(1500, len(picture) - 48, 1000))


def embedding_marks(photo: bytes) -> list[bytes]:
    """The embedding as the face room's own pipeline makes it: float32, float64, and decimal text."""
    answer = subprocess.run([sys.executable, "-c", EMBED], input=photo, capture_output=True, check=True)
    vector = np.frombuffer(answer.stdout, np.float32)
    assert vector.shape == (128,)
    numbers = vector.astype(np.float64)
    binary = [*marks_of(vector.tobytes(), 0, 240), *marks_of(numbers.tobytes(), 0, 480)]
    return [*binary, *(f"{numbers[place]:.7f}"[:-1].encode() for place in (0, 64, 127))]


EMBED = """
import sys
from services.face.reading import Question, make_reader
reading = make_reader(None, "INFO")(Question(sys.stdin.buffer.read(), "embedding"))
sys.stdout.buffer.write(reading.embedding.tobytes())
"""


def everything_kept(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """Every file, logs and Redis's own among them, and every key and value of Redis."""
    for path in stack.folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    with redis_py.Redis.from_url(stack.redis.url) as redis:
        for key in redis.scan_iter():
            yield key.decode(), key + b"\n" + value_of(redis, key)


def value_of(redis: redis_py.Redis, key: bytes) -> bytes:
    """A key's value as it was written: DUMP may compress it."""
    read: dict[bytes, Callable[[bytes], Any]] = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"list": lambda name: redis.lrange(name, 0, -1),
        b"set": redis.smembers,
        b"zset": lambda name: redis.zrange(name, 0, -1, withscores=True),
        b"stream": redis.xrange,
    }
    return b"\n".join(flat(read[redis.type(key)](key)))


def flat(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        value = value.items()
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for item in value:
            yield from flat(item)
    else:
        yield str(value).encode()
