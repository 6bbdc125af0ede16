"""What nlp says about a photo: who, how alike, which face, who comes next, and what hides the face."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.event import PhotoRef
from contracts.face import Box, FoundFace, Identification, Identity, ImageSize, Match, Quality
from contracts.reply import Reply
from contracts.turn import CallResult, TurnReply
from services.worker.channels.rich_text import rich_text
from tests.builders import message
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")
SIZE = ImageSize(width=100, height=100)
BOX = Box(left=1, top=2, width=30, height=30)
CLEAR = Quality(eye_distance=60, roll=0, yaw=0, sharpness=150, brightness=120)
ENGLISH, CHINESE, OVERRIDING = "web:c1", "telegram:default:1", "slack:T1:D1"
OWN_WORDS = """
responses:
  utter_face_match:
    - text: "MATCH {name} {person} {likeness} {percent} {percentile}"
  utter_likeness_striking:
    - text: "TWIN"
  utter_face_small:
    - text: "SMALL"
"""


@pytest.fixture(scope="module")
def room(folder: Path, redis_process: RedisProcess) -> Iterator[NlpRoom]:
    """nlp whose enrolled people have pages, with a bot that says things in its own words."""
    bots = folder / "bots"
    shutil.copytree("bots", bots)
    domain = bots / "echo" / "domain.yml"
    domain.write_text(f"{domain.read_text('utf-8') if domain.exists() else ''}{OWN_WORDS}", "utf-8")
    with NlpRoom(
        folder,
        redis_process.url,
        NLP_BOTS_DIR=str(bots),
        NLP_TELEGRAM_BOT="weather-zh",
        NLP_SLACK_BOT="echo",
        FACE_IDENTITY_URL="https://example.org/people/{alias}",
    ) as room:
        yield room


def person(name: str, alias: str = "") -> Identity:
    return Identity(id=name[:1], name=name, alias=alias, photo=SIZE, box=BOX)


def match(who: Identity, percentile: float, *, same_person: bool = False) -> Match:
    percent = 50 + round(percentile / 2)
    return Match(identity=who, distance=0.5, percentile=percentile, percent=percent, same_person=same_person)


def seen(room: NlpRoom, *matches: Match, place: str = ENGLISH, **found: Any) -> Reply:
    """The reply to a photo with a face whose matches these are."""
    fields = {"outcome": "matched", "image": SIZE, "faces_found": 1, "number": 1, "matches": matches}
    face = FoundFace(box=BOX, score=2.0, turn=90, quality=found.pop("quality", CLEAR))
    value = Identification.model_validate({**fields, "face": face, **found}).model_dump()
    photo = PhotoRef(source="upload", id="p1")
    items = room.turn(message(conversation_id=place, photo=photo), results={"face": CallResult(value=value)})
    assert isinstance(items[0], TurnReply)
    return items[0].reply


SWINTON = person("Tilda Swinton", "tilda-swinton")
COLLINS = person("Eileen Collins")


def test_a_match_is_told_with_a_link_words_and_percent(room: NlpRoom) -> None:
    reply = seen(room, match(SWINTON, 96))
    url = "https://example.org/people/tilda-swinton"
    assert reply.text == f"You look like [**Tilda Swinton**]({url}): a striking resemblance, 98%."
    assert reply.look_alike
    assert (reply.look_alike.gallery, reply.look_alike.identity_id) == ("default", "T")
    assert (reply.look_alike.face, reply.look_alike.turn) == (BOX, 90)
    assert reply.look_alike.url == url


def test_who_has_no_alias_is_named_without_a_link(room: NlpRoom) -> None:
    reply = seen(room, match(COLLINS, 60))
    assert reply.text == "You look like **Eileen Collins**: a clear resemblance, 80%."
    assert reply.look_alike
    assert reply.look_alike.url is None


def test_the_person_themself_is_told_apart_from_a_look_alike(room: NlpRoom) -> None:
    reply = seen(room, match(COLLINS, 100, same_person=True))
    assert rich_text(reply.text).text == "That is Eileen Collins, I think (100%)."


def test_runners_up_come_with_their_percents(room: NlpRoom) -> None:
    found = (match(SWINTON, 96), match(COLLINS, 60), match(person("Ann Bell", "ann"), 40))
    lines = rich_text(seen(room, *found).text).text.split("\n\n")
    assert lines[1:] == ["Next come Eileen Collins (80%), Ann Bell (70%)."]


def test_of_several_faces_it_is_told_which_one_was_looked_at(room: NlpRoom) -> None:
    text = seen(room, match(COLLINS, 60), faces_found=3, number=2).text
    assert text.endswith("I see 3 faces and looked at the largest, the 2nd from the left.")


@pytest.mark.parametrize(
    ("quality", "english", "chinese"),
    [
        ({"eye_distance": 9}, "small", "小"),
        ({"brightness": 20}, "dark", "暗"),
        ({"sharpness": 3}, "blur", "模糊"),
    ],
)
def test_what_hides_a_face_is_told_with_what_would_help(
    room: NlpRoom, quality: dict[str, float], english: str, chinese: str
) -> None:
    for place, word in ((ENGLISH, english), (CHINESE, chinese)):
        text = seen(room, match(COLLINS, 60), place=place, quality=CLEAR.model_copy(update=quality)).text
        first, remark = text.split("\n\n")
        assert "Eileen Collins" in first
        assert word in remark


def test_a_chinese_bot_says_all_of_it_in_chinese(room: NlpRoom) -> None:
    found = (match(SWINTON, 96), match(COLLINS, 60), match(person("Ann Bell"), 40))
    text = rich_text(seen(room, *found, place=CHINESE, faces_found=3, number=2).text).text
    assert text.split("\n\n") == [
        "你最像 Tilda Swinton：像得驚人，98%。",
        "接下來是：Eileen Collins（80%）、Ann Bell（70%）。",
        "我看到 3 張臉，看的是最大的那張：從左邊數第 2 張。",
    ]


def test_a_name_cannot_break_the_text_nor_fill_another_slot(room: NlpRoom) -> None:
    name = "**A** [x](http://evil.example) {percent}\n\n# B"
    shown = rich_text(seen(room, match(person(name), 60)).text)
    plain = "**A** [x](http://evil.example) {percent} # B"
    assert shown.text == f"You look like {plain}: a clear resemblance, 80%."
    assert [(s.kind, shown.text[s.start : s.end]) for s in shown.spans] == [("bold", plain)]


def test_a_bot_says_it_in_its_own_words(room: NlpRoom) -> None:
    tiny = CLEAR.model_copy(update={"eye_distance": 9})
    text = seen(room, match(SWINTON, 96), place=OVERRIDING, quality=tiny).text
    link = "[**Tilda Swinton**](https://example.org/people/tilda-swinton)"
    assert text == f"MATCH Tilda Swinton {link} TWIN 98 96\n\nSMALL"
