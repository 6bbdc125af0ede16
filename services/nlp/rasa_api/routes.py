"""Rasa's paths: the model, the REST channel."""

import asyncio
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

from foundation.http import PROBLEM_ANSWERS
from services.nlp.actions.remote import RASA_VERSION
from services.nlp.dialogue.events import parse_fields
from services.nlp.formats.writer.yaml_text import yaml_text
from services.nlp.live import LiveBot
from services.nlp.rasa_api.answers import RasaRoute
from services.nlp.rasa_api.errors import ApiOff, NotHere, NoToken, TrainingRuns
from services.nlp.rasa_api.shapes import Message, Text, messages_of
from services.nlp.rasa_api.training import test_stories, train_model
from services.nlp.routes import Here


async def allowed(request: Request, here: Here, token: str = "") -> None:
    """Lets in who shows NLP_RASA_TOKEN, in the header or as `?token=`."""
    if not here.rasa_token:
        raise ApiOff
    shown = token or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(shown.encode("utf-8", "replace"), here.rasa_token.encode()):
        raise NoToken


async def asked_bot(here: Here, bot: Annotated[str, Query(max_length=200)] = "") -> LiveBot:
    """The bot that `?bot=` names, else the room's own."""
    return here.bots.live(bot or here.default_bot)


Live = Annotated[LiveBot, Depends(asked_bot)]
MODEL_FILE: dict[str, Any] = {"content": {"application/octet-stream": {}}}
NOT_HERE: dict[int | str, dict[str, Any]] = {501: PROBLEM_ANSWERS["default"]}
router = APIRouter(route_class=RasaRoute, dependencies=[Depends(allowed)])


@router.get("/", response_class=PlainTextResponse)
async def hello() -> Response:
    """That somebody is there."""
    return Response(f"Hello from Rasa: {RASA_VERSION}", media_type="text/plain")


@router.get("/version")
async def version() -> dict[str, str]:
    """The version of Rasa whose API this is."""
    return {"version": RASA_VERSION, "minimum_compatible_version": "3.0.0"}


@router.get("/status")
async def status(live: Live, here: Here) -> dict[str, Any]:
    """The model that answers."""
    known = live.model.version
    jobs = int(here.bots.training.locked())
    return {"model_file": f"{known}.model", "model_id": known, "num_active_training_jobs": jobs}


@router.get("/domain", responses={200: {"content": {"application/yaml": {}}}})
async def domain(request: Request, live: Live) -> Response:
    """The domain, as JSON, or as YAML where that is asked for."""
    if "yaml" in request.headers.get("accept", ""):
        return Response(yaml_text(live.domain), media_type="application/yaml")
    return JSONResponse(live.domain)


@router.post("/model/parse")
async def parse(body: Text, live: Live) -> dict[str, Any]:
    """What a sentence means."""
    return parse_fields(live.model.parse(body.text))


@router.post("/model/train", response_class=Response, responses={200: MODEL_FILE})
async def train(request: Request, live: Live, here: Here) -> Response:
    """Train the bot of the YAML body, else the bot's folder; the answer is the model file."""
    body = await request.body()
    if here.bots.training.locked():
        raise TrainingRuns
    async with here.bots.training:
        name, content = await train_model(*here.bots.folders, live.bot.name, body)
    headers = {"filename": name, "content-disposition": f"attachment; filename={name}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/model/test/stories")
async def test(request: Request, live: Live) -> dict[str, Any]:
    """Run the stories of the YAML body against the model."""
    # in a thread: turns go on meanwhile
    return await asyncio.to_thread(test_stories, live.model, await request.body())


@router.put("/model", responses=NOT_HERE)
@router.delete("/model", responses=NOT_HERE)
async def change_model() -> None:
    """Not here: what a folder was trained to last is served."""
    raise NotHere("train the bot's folder: the room takes its newest model by itself")


@router.get("/webhooks/rest/")
async def rest_health() -> dict[str, str]:
    """The REST channel is there."""
    return {"status": "ok"}


@router.post("/webhooks/rest/webhook", responses={200: {"content": {"text/plain": {}}}})
async def rest(body: Message, live: Live, here: Here, stream: bool = False) -> Response:
    """One message and its answers; with `?stream=true` a line of JSON each, as they are said."""
    said = _say(body, live, here)
    if not stream:
        return JSONResponse([part async for part in said])
    first = await anext(said, None)  # what goes wrong before it is still an answer with a status
    return StreamingResponse(_lines(first, said), media_type="text/plain")


async def _lines(
    first: dict[str, Any] | None, said: AsyncGenerator[dict[str, Any], None]
) -> AsyncGenerator[str, None]:
    async with aclosing(said):
        if first:
            yield json.dumps(first) + "\n"
        async for part in said:
            yield json.dumps(part) + "\n"


async def _say(body: Message, live: LiveBot, here: Here) -> AsyncGenerator[dict[str, Any], None]:
    async with here.talks.open(live, body.sender) as talk:
        async for reply in talk.say(live.model.parse(body.message), body.input_channel, body.metadata):
            for part in messages_of(body.sender, [reply]):
                yield part
