"""`switchboard usage`, over what real turns have counted."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.event import PhotoRef
from contracts.face import Box, FoundFace, Identification, Identity, ImageSize, Match
from contracts.turn import CallResult
from contracts.usage import Asker, chat_key, report_field, report_key
from tests.builders import OPEN_QUESTION, message
from tests.fakes.openai_server import OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.waiting import auntil

TODAY = datetime.now(UTC).date()
PRICES = '{"m1": {"prompt": 1, "completion": 10}}'
Switchboard = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def switchboard(redis_process: RedisProcess) -> Switchboard:
    """The command; its environment is the room's."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "REDIS_URL": redis_process.url, "NLP_PRICES": PRICES, "COLUMNS": "160"}
        command = [sys.executable, "-m", "switchboard", "usage", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    return run


@pytest.fixture
async def counted(redis_client: Redis) -> None:
    """Two people, two models, two days."""
    for days_ago, user, model, counts in (
        (0, "U1", "m1", (2, 1_000_000, 100_000)),
        (0, "U2", "local", (5, 700, 70)),
        (1, "U1", "local", (1, 20, 2)),
    ):
        asked = report_field(Asker(workspace="slack:T1", user=user), model)
        for what, count in zip(("requests", "prompt", "completion"), counts, strict=True):
            await redis_client.hset(report_key(TODAY - timedelta(days=days_ago)), f"{what} {asked}", count)


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("counted")
def test_each_grouping_sums_the_same_usage(switchboard: Switchboard) -> None:
    by_user = rows(switchboard("--format", "json"))
    assert [(row["workspace"], row["user"], row["requests"]) for row in by_user] == [
        ("slack:T1", "U1", 3),
        ("slack:T1", "U2", 5),
    ]
    assert [row["cost"] for row in by_user] == [2.0, None]
    (whole,) = rows(switchboard("--by", "workspace", "--format", "json"))
    assert (whole["requests"], whole["prompt_tokens"], whole["completion_tokens"]) == (8, 1_000_720, 100_072)
    by_model = rows(switchboard("--by", "model", "--format", "json"))
    assert [(row["model"], row["requests"], row["cost"]) for row in by_model] == [
        ("m1", 2, 2.0),
        ("local", 6, None),
    ]
    by_day = rows(switchboard("--by", "day", "--format", "json"))
    assert [row["requests"] for row in by_day] == [1, 7]


@pytest.mark.usefixtures("counted")
def test_only_days_since_the_date_are_counted(switchboard: Switchboard) -> None:
    (day,) = rows(switchboard("--by", "day", "--since", str(TODAY), "--format", "json"))
    assert day["day"] == str(TODAY)
    assert switchboard("--since", "yesterday").returncode == 2


@pytest.mark.usefixtures("counted")
def test_csv_and_table_say_what_json_says(switchboard: Switchboard) -> None:
    told = csv.DictReader(io.StringIO(switchboard("--format", "csv").stdout))
    assert list(told) == [
        {key: "" if value is None else str(value) for key, value in row.items()}
        for row in rows(switchboard("--format", "json"))
    ]
    table = switchboard().stdout
    assert all(part in table for part in ("slack:T1", "U1", "U2", "1000020", "100002", "2.0"))


@pytest.mark.usefixtures("redis_client")
def test_nothing_counted_is_an_empty_report(switchboard: Switchboard) -> None:
    for arguments in ((), ("--chat",)):
        assert rows(switchboard(*arguments, "--format", "json")) == []
        header, *lines = switchboard(*arguments, "--format", "csv").stdout.splitlines()
        assert (len(header.split(",")) > 5, lines) == (True, [])


async def test_turns_are_counted_once_with_their_people_photos_faces_and_matches(
    room_with_model: NlpRoom, model: OpenAIServer, redis_client: Redis, switchboard: Switchboard
) -> None:
    model.reset()
    model.script(["Hello"])
    asked = message(OPEN_QUESTION)
    for event in (asked, asked, message("thank you", conversation_id="telegram:default:7")):
        room_with_model.turn(event)
    photo = message("", photo=PhotoRef(source="upload", id="f1"))
    found = CallResult(value=identification().model_dump(mode="json"))
    room_with_model.turn(photo)  # only asks for the face
    room_with_model.turn(photo, results={"face": found})

    async def three_turns() -> bool:
        counts = [await redis_client.hget(chat_key(TODAY), f"turns {w}") for w in ("web", "telegram:default")]
        return counts == ["2", "1"]

    await auntil(three_turns, "three turns are counted")
    (day,) = rows(switchboard("--chat", "--format", "json"))
    assert day == {
        "day": str(TODAY),
        "people": 2,
        "turns": 3,
        "photos": 1,
        "faces": 2,
        "matches": 1,
        "same_people": 0,
        "helpful": 0,
        "unhelpful": 0,
    }
    assert str(TODAY) in switchboard("--chat").stdout
    assert await redis_client.ttl(chat_key(TODAY)) > 0


def test_a_turns_line_in_the_log_has_figures_and_neither_words_nor_platform_ids(
    room_with_model: NlpRoom,
) -> None:
    first, second = message("thank you"), message("what a lovely secret")
    for event in (first, second):
        room_with_model.turn(event)
    lines = {line["event_id"]: line for line in room_with_model.logged("nlp.turn.finished")}
    line = lines[first.event_id]
    assert (line["turns"], line["photos"], line["workspace"], line["bot"]) == (1, 0, "web", "demo")
    assert line["person"] == lines[second.event_id]["person"]
    log = room_with_model.log.read_text("utf-8")
    assert not [words for words in ("lovely", "thank you", '"p1"') if words in log]


def identification() -> Identification:
    """A photo of two faces, one of which is like somebody."""
    face = FoundFace(box=Box(left=1, top=1, width=9, height=9), score=1.0)
    match = Match(identity=Identity(id="i1", name="Ann"), distance=0.6, percent=60, same_person=False)
    return Identification(
        outcome="matched", image=ImageSize(width=99, height=99), faces_found=2, face=face, matches=(match,)
    )
