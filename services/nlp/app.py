"""Builds nlp: store, bots, engines, routes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import httpx2
from fastapi import FastAPI
from openai import AsyncOpenAI
from redis.asyncio import Redis

from contracts.turn import PHOTO_VIEW_BYTES
from foundation import tracing
from foundation.accounts import load_accounts
from foundation.allowing import AllowList
from foundation.http import PROBLEM_ANSWERS, CorrelationMiddleware, add_problem_answers
from services.nlp.bots import Bots
from services.nlp.deleting import Deletions
from services.nlp.engines.base import Engine
from services.nlp.engines.dialogue import DialogueEngine
from services.nlp.engines.guarded import GuardedEngine
from services.nlp.engines.llm.calls import Calls
from services.nlp.engines.llm.chat_api import ChatApi
from services.nlp.engines.llm.engine import LlmEngine, Tools
from services.nlp.engines.llm.memory import Memory
from services.nlp.engines.llm.parts import ModelApi
from services.nlp.engines.llm.patience import Patience
from services.nlp.engines.llm.personas import Personas
from services.nlp.engines.llm.responses_api import ResponsesApi
from services.nlp.engines.llm.tools.dialogue import DialogueTools
from services.nlp.engines.llm.tools.photo import PhotoTools
from services.nlp.engines.llm.tools.search import WebSearch
from services.nlp.engines.llm.tools.skills import SkillTools
from services.nlp.engines.llm.transcript import Transcripts
from services.nlp.engines.olami.client import Olami
from services.nlp.engines.olami.engine import OlamiEngine
from services.nlp.pauses import Pauses
from services.nlp.rasa_api.conversations import conversations
from services.nlp.rasa_api.routes import router as rasa
from services.nlp.rasa_api.talks import Talks
from services.nlp.routes import Nlp, private, public
from services.nlp.settings import NlpSettings
from services.nlp.skills import weather
from services.nlp.skills.look_alike import LookAlikes
from services.nlp.skills.registry import Workshop
from services.nlp.skills.weather import Weather
from services.nlp.store import Store
from services.nlp.turn import Turns
from services.nlp.usage.budget import Budget
from services.nlp.usage.chat import ChatFigures

TURN_BYTES = 1_000_000 + PHOTO_VIEW_BYTES * 4 // 3
"""A turn's body, a photo in base64 with it."""


def create_app(settings: NlpSettings) -> FastAPI:
    """The app; bots are trained behind its start, and /readyz says when they answer."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.nlp = open_nlp(settings, stack)
            done = asyncio.Event()
            watching = asyncio.create_task(app.state.nlp.bots.watch_until(done))
            yield
            done.set()
            await asyncio.gather(watching, return_exceptions=True)

    app = FastAPI(
        title="Switchboard nlp",
        lifespan=lifespan,
        telemetry=tracing.TELEMETRY,
        max_body_size=TURN_BYTES,
        responses=PROBLEM_ANSWERS,
    )
    add_problem_answers(app)
    app.add_middleware(CorrelationMiddleware, asked_by_rooms=True)
    app.include_router(public)
    app.include_router(private)
    app.include_router(rasa)
    app.include_router(conversations)
    return app


def open_nlp(settings: NlpSettings, stack: AsyncExitStack) -> Nlp:
    """Build every client."""
    redis = Redis.from_url(
        settings.redis_url, decode_responses=True, socket_connect_timeout=5, socket_timeout=10
    )
    stack.push_async_callback(redis.aclose)
    http = httpx.AsyncClient(timeout=settings.nlp_action_s, follow_redirects=False)
    stack.push_async_callback(http.aclose)
    outward = httpx.AsyncClient(timeout=settings.nlp_skill_s, follow_redirects=False)
    stack.push_async_callback(outward.aclose)
    workshop = Workshop.of(settings, outward, redis)
    stack.push_async_callback(workshop.cache.aclose)
    # sooner than the action that asks, so that it can still say why there is none
    patience_s = min(settings.nlp_skill_s, settings.nlp_action_s / 2)
    weather.current.set(Weather(workshop.kit("weather"), patience_s, asyncio.get_running_loop()))
    accounts = load_accounts(settings.switchboard_config, settings.variable)
    bots = Bots(settings, accounts, http, workshop)
    store = Store(redis, settings.nlp_tracker_days)
    look_alikes = LookAlikes(settings.face_gallery, settings.face_identity_url)
    figures = ChatFigures(redis, settings.usage_days, settings.internal_key())
    stack.push_async_callback(figures.aclose)
    tools = create_tools(settings, http, look_alikes)
    engines = create_engines(settings, stack, redis, http, tools)
    turns = Turns(store, bots, engines, look_alikes, figures, Pauses(redis))
    return Nlp(
        internal_key=settings.internal_key(),
        redis=redis,
        bots=bots,
        turns=turns,
        talks=Talks(redis, store),
        deletions=Deletions(store, Memory(redis, settings.nlp_tracker_days)),
        default_bot=settings.nlp_bot,
        rasa_token=settings.nlp_rasa_token.get_secret_value(),
    )


def create_tools(settings: NlpSettings, http: httpx.AsyncClient, look_alikes: LookAlikes) -> Tools:
    """What the language model may call."""
    search = (WebSearch(http, settings.nlp_search_url),) if settings.nlp_search_url else ()
    skills = SkillTools(lambda turn: turn.live.skills)
    sources = (DialogueTools(), PhotoTools(look_alikes), *search, skills)
    return Tools(sources, settings.nlp_tool_rounds, settings.nlp_tool_s)


def create_engines(
    settings: NlpSettings, stack: AsyncExitStack, redis: Redis, http: httpx.AsyncClient, tools: Tools
) -> Mapping[str, Engine]:
    """The engines that are switched on, by name."""
    model_for = AllowList(settings.nlp_model_for)
    engines: dict[str, Engine] = {"dialogue": DialogueEngine(model_for if settings.has_model else None)}
    if settings.has_model:
        client = create_model_client(settings)
        stack.push_async_callback(client.close)
        budget = Budget(redis, settings.budget())
        stack.push_async_callback(budget.aclose)
        engine = create_model_engine(settings, client, redis, budget, tools)
        stack.push_async_callback(engine.close)
        engines["llm"] = GuardedEngine("llm", engine, model_for)
    if settings.olami_app_key:
        engines["olami"] = create_olami_engine(settings, http, frozenset(engines))
    return engines


def create_olami_engine(
    settings: NlpSettings, http: httpx.AsyncClient, others: frozenset[str]
) -> OlamiEngine:
    """OLAMI's engine, beside the engines that are on."""
    key, secret = settings.olami_app_key.get_secret_value(), settings.olami_app_secret.get_secret_value()
    client = Olami(http, settings.olami_url, key, secret, settings.nlp_olami_s)
    return OlamiEngine(client, settings.internal_key(), others)


def create_model_engine(
    settings: NlpSettings, client: AsyncOpenAI, redis: Redis, budget: Budget, tools: Tools
) -> LlmEngine:
    """The language model's engine, over the API that is set."""
    apis: dict[str, type[ChatApi] | type[ResponsesApi]] = {"chat": ChatApi, "responses": ResponsesApi}
    create = apis[settings.openai_api]
    api: ModelApi = create(client, settings.openai_model)
    vision = create(client, settings.openai_vision_model) if settings.openai_vision_model else None
    patience = Patience(
        settings.nlp_first_token_s,
        settings.nlp_next_token_s,
        settings.nlp_answer_s,
        settings.nlp_model_retries,
        settings.nlp_retry_after_s,
    )
    return LlmEngine(
        api,
        Calls(patience, budget),
        Memory(redis, settings.nlp_tracker_days),
        Personas(settings.nlp_bots_dir),
        settings.nlp_history_tokens,
        Transcripts(redis),
        tools,
        vision,
    )


def create_model_client(settings: NlpSettings) -> AsyncOpenAI:
    """A client of the OpenAI-compatible server; a local one needs no key."""
    return AsyncOpenAI(
        api_key=settings.openai_api_key.get_secret_value() or "none",
        base_url=settings.openai_base_url or None,
        timeout=httpx2.Timeout(settings.nlp_answer_s, connect=5),
        max_retries=0,  # the engine asks again itself, within its own deadlines
    )
