"""A worker that dies over a picture: the look-alike is told once, with its picture, by the next one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py

from tests.e2e import photos
from tests.e2e.stack import Stack
from tests.fakes.slack_server import SlackServer
from tests.payloads import SLACK_SECRET, SLACK_TOKEN, payload, post_slack_event
from tests.waiting import until

SHORT = {"WORKER_LEASE_S": "2", "WORKER_SWEEP_S": "0.3"}


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer(token=SLACK_TOKEN)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def stack(tmp_path: Path, slack: SlackServer) -> Iterator[Stack]:
    settings = {
        "SLACK_BOT_TOKEN": SLACK_TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_API_URL": slack.api_url,
    }
    with Stack(tmp_path, settings | SHORT) as stack:
        yield stack


@pytest.mark.parametrize(
    ("stalled", "skip"),
    [("files.completeUploadExternal", 0), ("files.info", 1)],  # the first files.info is about the photo
)
def test_a_worker_killed_over_its_upload_leaves_one_answer_with_one_picture(
    stack: Stack, slack: SlackServer, stalled: str, skip: int
) -> None:
    stack.enroll(photos.encoded(photos.astronaut()), "Eileen Collins")
    slack.add_file("F1", photos.mirrored(), mimetype="image/jpeg")
    slack.fail(stalled, stall_s=60, skip=skip)
    post_slack_event(stack.url, payload("slack-photo"))
    until(lambda: len(slack.called(stalled)) > skip, "the upload stalls", 30)
    stack["worker1"].kill()
    assert slack.messages("D1") == []
    stack["worker1"].start()
    until(lambda: slack.pictures("D1"), "the picture", 30)
    with redis_py.Redis.from_url(stack.redis.url) as redis:
        until(lambda: redis.zcard("due") == 0, "nothing is left to do", 30)
    assert len(slack.messages("D1")) == len(slack.pictures("D1")) == 1
