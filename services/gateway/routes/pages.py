"""The chat page, the admin page, their words, and what machines ask."""

import hashlib
import json
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from foundation.words import LANGUAGES, catalogue, page_words
from services.gateway.addresses import check_within
from services.gateway.errors import QueueDown
from services.gateway.routes.asking import within_rate
from services.gateway.routes.web import signed_in
from services.gateway.routes.wiring import Here

STATIC = Path(__file__).parent.parent / "static"
SAFE = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob: https:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "Cache-Control": "no-cache",
}
ADMIN_SAFE = SAFE | {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cache-Control": "no-store",
}
"""Where nothing that a bot says is shown, nothing comes from elsewhere."""
SHARED = ("stopped", "failed", "retry", "regenerate", "continue")
"""Phrases of every channel that the page says too."""
router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[Depends(within_rate)])
async def chat_page(request: Request, here: Here) -> Response:
    """The chat page; who comes for the first time gets an identity."""
    page = FileResponse(STATIC / "index.html", headers=SAFE)
    signed_in(request, page, here)
    return page


@router.get("/admin", dependencies=[Depends(within_rate)])
async def admin_page(request: Request, here: Here) -> Response:
    """The page to enroll and remove people."""
    page = FileResponse(STATIC / "admin.html", headers=ADMIN_SAFE)
    signed_in(request, page, here)
    return page


@router.get("/static/words.js")
async def words(request: Request) -> Response:
    """The pages' words as a module, unless the browser has them."""
    text = words_module()
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="text/javascript", headers=headers)


@cache
def words_module() -> str:
    """Every word of the pages in each language, as the script that their scripts import."""
    words = {one: {key: catalogue(one)[key] for key in SHARED} | page_words(one) for one in LANGUAGES}
    return f"export const WORDS = {json.dumps(words, ensure_ascii=False)};\n"


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(here: Here) -> dict[str, str]:
    """Redis answers, so messages can be taken in."""
    try:
        await here.redis.ping()
    except RedisError as error:
        raise QueueDown(f"Redis does not answer ({type(error).__name__})") from error
    return {"status": "ready"}


@router.get("/metrics")
async def metrics(request: Request, here: Here) -> Response:
    """For Prometheus, where it runs within the own network."""
    check_within(request)
    await here.backlog.look()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
