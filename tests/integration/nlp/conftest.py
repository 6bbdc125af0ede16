"""A running nlp, and a language model's stand-in beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.open_meteo_server import OpenMeteoServer
from tests.fakes.openai_server import OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the module's rooms keep models and logs."""
    return tmp_path_factory.mktemp("nlp")


@pytest.fixture(scope="module")
def room(folder: Path, redis_process: RedisProcess) -> Iterator[NlpRoom]:
    """nlp with its defaults: the demo bot, no language model."""
    with NlpRoom(folder, redis_process.url, NLP_SLACK_BOT="echo", NLP_TELEGRAM_BOT="weather-zh") as room:
        yield room


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    """A language model that says what the test scripts."""
    server = OpenAIServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def room_with_model(folder: Path, redis_process: RedisProcess, model: OpenAIServer) -> Iterator[NlpRoom]:
    """nlp with a language model, and little patience with it."""
    with NlpRoom(
        folder,
        redis_process.url,
        OPENAI_BASE_URL=model.url,
        NLP_FIRST_TOKEN_S="1.5",
        NLP_NEXT_TOKEN_S="1",
        NLP_ANSWER_S="4",
    ) as room:
        yield room


@pytest.fixture(scope="module")
def open_meteo_server() -> Iterator[OpenMeteoServer]:
    """Where places and weather are asked for."""
    server = OpenMeteoServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def open_meteo(open_meteo_server: OpenMeteoServer) -> OpenMeteoServer:
    """The same, as if nobody had asked yet."""
    open_meteo_server.reset()
    return open_meteo_server
