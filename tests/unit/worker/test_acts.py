"""What a turn has the worker do: the photo is fetched once, and a picture never fails an answer."""

from collections.abc import Callable

import httpx
import pytest

from contracts.event import Event, PhotoRef, RegenerationRequested
from contracts.face import Box, ImageSize
from contracts.reply import LookAlike, Reply
from contracts.turn import TurnNeed
from services.worker.acts import Acts
from services.worker.channels.base import Said
from services.worker.clients.face import FaceClient
from services.worker.errors import ChannelFailed, PhotoGone, TurnFailed
from tests.builders import message
from tests.fakes.bare_channel import BareChannel

PHOTO = b"a person's photo"
FACTS = {"conversation_id", "at", "user"}
NEED = TurnNeed(call_id="face", kind="face.identify", args={"gallery": "stars", "limit": 3})
FOUND = LookAlike(
    identity_id="i1",
    gallery="stars",
    name="Ann",
    percent=60,
    distance=0.5,
    same_person=False,
    photo_url="/api/v1/galleries/stars/identities/i1/photo",
    face=Box(left=11, top=12, width=13, height=14),
    turn=270,
    image=ImageSize(width=20, height=20),
    faces_found=1,
)


class Album(BareChannel):
    """A channel that has one photo, or a reason why not."""

    def __init__(self, trouble: Exception | None = None, *, sends_comparisons: bool = True) -> None:
        self.trouble = trouble
        self.sends_comparisons = sends_comparisons
        self.fetched = 0

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        self.fetched += 1
        self.asked_for = photo
        if self.trouble:
            raise self.trouble
        return PHOTO

    async def replies(self, event: Event, limit: int) -> tuple[Said, ...]:
        if self.trouble:
            raise self.trouble
        return (Said("user", "hello"), Said("assistant", "hi"))[-limit:]


def drawn() -> httpx.Response:
    return httpx.Response(200, content=b"both")


def nobody() -> httpx.Response:
    return httpx.Response(200, json={"outcome": "no_face"})


class Face:
    """The face room's two answers; remembers the requests."""

    def __init__(
        self,
        compare: Callable[[], httpx.Response] = drawn,
        identify: Callable[[], httpx.Response] = nobody,
    ) -> None:
        self.compare = compare
        self.identify = identify
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.compare() if request.url.path.endswith("/compare") else self.identify()


def acts_of(album: Album, face: Face, *, has_photo: bool = True) -> Acts:
    http = httpx.AsyncClient(transport=httpx.MockTransport(face.answer), base_url="http://face")
    photo = PhotoRef(source="telegram", id="p1") if has_photo else None
    return Acts(message(photo=photo), album, FaceClient(http))


async def test_one_photo_is_fetched_once_for_both_questions() -> None:
    album, face = Album(), Face()
    acts = acts_of(album, face)
    assert (await acts.fulfil(NEED)).value == {"outcome": "no_face"}
    assert await acts.picture(Reply(look_alike=FOUND)) == b"both"
    assert album.fetched == 1
    identify, compare = face.requests
    assert identify.url.raw_path == b"/v1/galleries/stars/identify?limit=3"
    assert compare.url.path == "/v1/galleries/stars/compare"
    fields = compare.content.decode()
    assert all(part in fields for part in (PHOTO.decode(), "i1", "\r\n11\r\n", "\r\n12\r\n", "\r\n13\r\n"))
    assert "\r\n270\r\n" in fields  # the turn


async def test_a_reply_that_is_replayed_gets_its_picture_too() -> None:
    """After a takeover nlp needs nothing more: the photo is fetched for the picture alone."""
    album = Album()
    assert await acts_of(album, Face()).picture(Reply(look_alike=FOUND)) == b"both"
    assert album.fetched == 1


@pytest.mark.parametrize(
    "found",
    [None, FOUND.model_copy(update={"photo_url": None}), FOUND.model_copy(update={"gallery": ""})],
)
async def test_what_has_no_two_faces_to_show_gets_no_picture(found: LookAlike | None) -> None:
    album = Album()
    assert await acts_of(album, Face()).picture(Reply(text="x", look_alike=found)) is None
    assert album.fetched == 0


async def test_a_channel_that_draws_comparisons_itself_is_sent_none() -> None:
    album = Album(sends_comparisons=False)
    assert await acts_of(album, Face()).picture(Reply(look_alike=FOUND)) is None
    assert album.fetched == 0


@pytest.mark.parametrize("trouble", [PhotoGone("gone"), ChannelFailed("away")])
async def test_a_photo_that_cannot_be_had_again_leaves_the_answer_without_a_picture(
    trouble: Exception,
) -> None:
    assert await acts_of(Album(trouble), Face()).picture(Reply(look_alike=FOUND)) is None


def full(retry_after_s: int) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": str(retry_after_s)})


async def test_a_full_face_room_is_asked_again_when_it_says_so() -> None:
    answers = [full(retry_after_s=0), full(retry_after_s=0), drawn()]
    face = Face(lambda: answers.pop(0))
    assert await acts_of(Album(), face).picture(Reply(look_alike=FOUND)) == b"both"
    assert len(face.requests) == 3


async def test_a_face_room_that_stays_full_is_a_result_for_nlp() -> None:
    face = Face(identify=lambda: full(retry_after_s=60))
    result = await acts_of(Album(), face).fulfil(NEED)
    assert result.problem
    assert result.problem.status == 429


def away() -> httpx.Response:
    raise httpx.ConnectError("away")


@pytest.mark.parametrize(
    "compare",
    [away, lambda: full(retry_after_s=60), lambda: httpx.Response(404), lambda: httpx.Response(500)],
)
async def test_a_face_room_that_draws_nothing_leaves_the_answer_without_a_picture(
    compare: Callable[[], httpx.Response],
) -> None:
    assert await acts_of(Album(), Face(compare)).picture(Reply(look_alike=FOUND)) is None


async def test_a_photo_that_is_gone_is_a_result_for_nlp() -> None:
    result = await acts_of(Album(PhotoGone("gone")), Face()).fulfil(NEED)
    assert result.problem
    assert (result.problem.code, result.problem.status) == ("photo_gone", 410)


async def test_a_need_without_a_photo_fails_the_turn() -> None:
    with pytest.raises(TurnFailed) as failed:
        await acts_of(Album(), Face(), has_photo=False).fulfil(NEED)
    assert failed.value.code == "need_unknown"


async def test_an_earlier_messages_photo_is_fetched_where_nlp_names_it() -> None:
    album, earlier = Album(), PhotoRef(source="slack", id="F7")
    acts = acts_of(album, Face(), has_photo=False)
    acts.event = RegenerationRequested(**message().model_dump(include=FACTS), event_id="r1", target="m1")
    assert await acts.picture(Reply(look_alike=FOUND)) is None  # replayed: nlp names nothing
    need = NEED.model_copy(update={"args": {**NEED.args, "photo": earlier.model_dump()}})
    assert (await acts.fulfil(need)).value == {"outcome": "no_face"}
    assert album.asked_for == earlier
    assert await acts.picture(Reply(look_alike=FOUND)) == b"both"


async def test_what_was_said_in_the_thread_is_told_and_a_refusal_is_a_result() -> None:
    need = TurnNeed(call_id="thread", kind="slack.replies", args={"limit": 1})
    told = await acts_of(Album(), Face()).fulfil(need)
    assert told.value == {"messages": [{"role": "assistant", "text": "hi"}]}
    refused = await acts_of(Album(ChannelFailed("no", code="slack_missing_scope")), Face()).fulfil(need)
    assert refused.problem
    assert refused.problem.code == "slack_missing_scope"
