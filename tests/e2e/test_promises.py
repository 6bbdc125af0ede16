"""What design promises of every message, shown on the whole stack: order, none lost, none doubled."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson

CONVERSATIONS = 20
MESSAGES = 30


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("promises")
    with Stack(folder, {"NLP_BOT": "echo", "GATEWAY_PERSON_RATE": "100000"}, workers=2) as stack:
        yield stack


def test_interleaved_conversations_are_each_answered_in_order_and_once(stack: Stack) -> None:
    people = [WebPerson(stack.url) for _ in range(CONVERSATIONS)]
    sent: dict[str, list[str]] = {person.conversation: [] for person in people}

    def talk(turn: tuple[WebPerson, int]) -> None:
        person, number = turn
        sent[person.conversation].append(person.say(f"{person.conversation[:8]} line {number}"))

    with ThreadPoolExecutor(8) as pool:
        for number in range(MESSAGES):
            list(pool.map(talk, [(person, number) for person in people]))
    for person in people:
        person.wait_reply(sent[person.conversation][-1], timeout_s=90)
        ids = sent[person.conversation]
        texts = [f"{person.conversation[:8]} line {number}" for number in range(MESSAGES)]
        assert [event_id for event_id, _ in person.replies()] == ids
        assert [text for _, text in person.replies()] == texts


def test_the_same_delivery_ten_times_is_answered_once(stack: Stack) -> None:
    person = WebPerson(stack.url)
    body = {"client_id": "the-same-id", "text": "only once"}
    answers = [person.http.post(f"{person.path}/messages", json=body).json() for _ in range(10)]
    assert [answer["outcome"] for answer in answers] == ["accepted"] + ["duplicate"] * 9
    last = person.say("and then")
    person.wait_reply(last)
    assert [text for _, text in person.replies()] == ["only once", "and then"]
    assert sum(entry["type"] == "said" for entry in person.entries()) == 2
