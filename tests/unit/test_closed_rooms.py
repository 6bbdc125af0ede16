"""Every path of nlp and face asks for a token, but those that tell of health and of the API itself."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.face.app import create_app as create_face
from services.face.settings import FaceSettings
from services.nlp.app import create_app as create_nlp
from services.nlp.settings import NlpSettings

OPEN = {"/healthz", "/readyz", "/metrics"}
DOCUMENTS = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
REFUSALS = {"unauthorized", "api_off", 10, 20}
"""A wrong token; Rasa's API, which is off; CompreFace's codes for a wrong key and for none."""
TWIN = "/subjects/"
"""CompreFace's clients put a slash behind it: hidden, and the same door."""


@pytest.fixture(params=["nlp", "face"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> FastAPI:
    token = SecretStr("a-token")
    if request.param == "face":
        folder = tmp_path / "face"
        return create_face(FaceSettings(internal_token=token, secrets_dir=tmp_path, face_data_dir=folder))
    app = create_nlp(NlpSettings(internal_token=token, secrets_dir=tmp_path))
    app.state.nlp = SimpleNamespace(internal_key="a-token", rasa_token="")  # behind the door is nothing
    return app


def hidden(routes: Any) -> Iterator[str]:
    """Paths that OpenAPI does not tell of."""
    for route in routes:
        if inner := getattr(route, "original_router", None):
            yield from hidden(inner.routes)
        elif not getattr(route, "include_in_schema", False):
            yield route.path


async def test_nothing_is_answered_without_the_token(app: FastAPI) -> None:
    calls = [(method, path) for path, found in app.openapi()["paths"].items() for method in found]
    asked = [(method, path) for method, path in calls if path not in OPEN]
    asked += [("get", f"{path}/") for method, path in asked if f"{path}/".endswith(TWIN) and method == "get"]
    assert len(asked) > 15
    wrong: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer another", "x-api-key": "another"},
        {"Authorization": "Bearer"},
    ]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://room") as http:
        for method, path in asked:
            for headers in wrong:
                answer = await http.request(method, path.replace("{", "").replace("}", ""), headers=headers)
                assert answer.status_code in (400, 401, 404), (method, path)
                assert answer.json()["code"] in REFUSALS, (method, path, answer.text)


def test_no_path_is_hidden_from_the_walk(app: FastAPI) -> None:
    assert set(hidden(app.routes)) - {TWIN} == DOCUMENTS
