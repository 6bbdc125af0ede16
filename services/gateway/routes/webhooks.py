"""What Telegram posts to: authenticate the raw body, parse, accept, answer."""

from fastapi import APIRouter, Request, Response

from contracts.account import DEFAULT_ACCOUNT
from services.gateway.channels import telegram
from services.gateway.routes.deliveries import WEBHOOK_BYTES, json_of, parsed, take
from services.gateway.routes.wiring import Here

router = APIRouter(prefix="/webhooks", max_body_size=WEBHOOK_BYTES)


@router.post("/telegram")
@router.post("/telegram/{account}")
async def telegram_update(request: Request, here: Here, account: str = DEFAULT_ACCOUNT) -> Response:
    """An Update of one bot."""
    entry = here.telegram.get(account)
    telegram.authenticate(request.headers, entry.secret.get_secret_value() if entry else "")
    payload = json_of(await request.body())
    username = here.bot_usernames.get(account, "")
    groups = here.groups.of("telegram", account)
    await take(here, parsed(lambda: telegram.parse(payload, account, username, groups)) or [])
    return Response(status_code=200)
