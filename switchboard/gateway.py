"""`switchboard token`, `webhook` and `send`: who may speak to the gateway, and where platforms find it."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from urllib.parse import urlencode

import httpx
import redis as redis_py
import typer
from pydantic import ValidationError
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.signature import Clock, SignatureVerifier
from telegram import Bot, BotCommand
from telegram.error import TelegramError

from contracts.account import DEFAULT_ACCOUNT
from foundation.accounts import Account, load_accounts
from foundation.words import Language, catalogue, say
from services.gateway.accounts import slack_accounts, telegram_accounts
from services.gateway.app import create_bot
from services.gateway.channels.telegram import SECRET_HEADER
from services.gateway.owner import Owners
from services.gateway.poller import UPDATES
from services.gateway.settings import GatewaySettings
from services.gateway.slack_install import SCOPES
from switchboard.check import Check

app = typer.Typer(no_args_is_help=True)
webhook = typer.Typer(no_args_is_help=True, help="Where platforms deliver.")
telegram = typer.Typer(no_args_is_help=True, help="Telegram's webhook.")
app.add_typer(webhook, name="webhook")
webhook.add_typer(telegram, name="telegram")

T = TypeVar("T")
Work = Callable[[Bot], Coroutine[Any, Any, T]]
AccountName = Annotated[str, typer.Option("--account", help="The bot's name in switchboard.yml.")]
MAX_CONNECTIONS = 40
COMMANDS = ("start", "help", "new", "stop", "delete", "persona")
SkillNames = Annotated[
    list[str] | None,
    typer.Option("--skill", help="A skill that Telegram offers as a command, too; repeatable."),
]
LANGUAGE_CODES: dict[str | None, Language] = {None: "en", "en": "en", "zh": "zh-Hant"}
"""Telegram's two-letter codes, None for every other one; both Chinese scripts share a code."""


@app.command()
def token(name: str) -> None:
    """A bearer token for the web API; whoever has it owns the conversations that it opens."""
    typer.echo(Owners(_settings().cookie_key()).sign(f"t-{name}"))


@telegram.command("set")
def set_webhook(account: AccountName = DEFAULT_ACCOUNT, skill: SkillNames = None) -> None:
    """Tell Telegram to deliver to PUBLIC_URL, and set the bot's commands in each language."""
    settings = _settings()
    known = [key.removeprefix("help_") for key in catalogue("en") if key.startswith("help_")]
    if unknown := set(skill or ()) - set(known):
        _fail(f"there is no skill {min(unknown)!r} among those that come with it; known: {', '.join(known)}")
    if not settings.public_url.startswith("https://"):
        _fail("set PUBLIC_URL to the https address under which Telegram reaches the gateway")
    url = _webhook_url(settings, account)
    entry = _telegram_account(settings, account)
    if not entry.secret:
        _fail("set TELEGRAM_WEBHOOK_SECRET (any 1-256 of A-Z a-z 0-9 _ -): the gateway refuses what lacks it")

    async def work(bot: Bot) -> str:
        await bot.set_webhook(
            url,
            secret_token=entry.secret.get_secret_value(),
            allowed_updates=UPDATES,
            max_connections=MAX_CONNECTIONS,
        )
        for code, language in LANGUAGE_CODES.items():
            listed = [BotCommand(name, say(f"command_{name}", language)) for name in COMMANDS]
            listed += [BotCommand(name, _purpose(name, language)) for name in skill or ()]
            await bot.set_my_commands(listed, language_code=code)
        return str((await bot.get_me()).username)

    username = _with_bot(settings, entry, work)
    typer.echo(f"Telegram delivers to {url}\nTalk to the bot: https://t.me/{username}")


def _purpose(skill: str, language: Language) -> str:
    """What stands behind the examples in the skill's line of /help."""
    return say(f"help_{skill}", language).rpartition("`")[2].strip(" :：–-")


@telegram.command("show")
def show_webhook(account: AccountName = DEFAULT_ACCOUNT) -> None:
    """Where Telegram delivers, how much waits there, and its last error."""
    settings = _settings()
    info = _with_bot(settings, _telegram_account(settings, account), lambda bot: bot.get_webhook_info())
    typer.echo(f"address  {info.url or 'none: Telegram keeps Updates for a poller'}")
    typer.echo(f"waiting  {info.pending_update_count}")
    typer.echo(f"error    {info.last_error_message or 'none'}")


@telegram.command("delete")
def delete_webhook(account: AccountName = DEFAULT_ACCOUNT) -> None:
    """Tell Telegram to deliver nowhere; polling needs this."""
    settings = _settings()
    _with_bot(settings, _telegram_account(settings, account), lambda bot: bot.delete_webhook())
    typer.echo("Telegram delivers nowhere now")


@app.command()
def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    url: Annotated[str, typer.Option(help="The gateway; the one of the settings by default.")] = "",
) -> None:
    """Sign a recorded Update of Telegram or Slack, post it to the gateway, and say what happened."""
    settings = _settings()
    try:
        path, body, headers = signed(json.loads(file.read_text("utf-8")), settings)
    except ValueError as error:
        _fail(f"{file}: {error}")
    base = url or f"http://127.0.0.1:{settings.gateway_port}"
    try:
        answer = httpx.post(f"{base}{path}", content=body, headers=headers, timeout=30)
    except httpx.TransportError as error:
        _fail(f"{base} does not answer: {type(error).__name__}")
    outcome = OUTCOMES.get(answer.status_code, "the gateway's log says more")
    typer.echo(f"{path}: {answer.status_code}, {outcome}")
    if answer.is_error:
        raise typer.Exit(1)


OUTCOMES = {
    200: "taken (known deliveries and kinds that are not answered are taken too)",
    401: "refused: the secrets here are not the gateway's",
    404: "refused: is this the gateway's address?",
    413: "refused: too large",
    429: "refused: more messages a minute than GATEWAY_PERSON_RATE",
    503: "not taken: Redis does not answer or is nearly full",
}


def signed(payload: Any, settings: GatewaySettings) -> tuple[str, bytes, dict[str, str]]:
    """Path, body and headers of the delivery; raises ValueError for what is neither platform's."""
    if not isinstance(payload, dict):
        raise ValueError("not a JSON object")
    if "update_id" in payload:
        headers = {SECRET_HEADER: settings.telegram_webhook_secret.get_secret_value()}
        return "/webhooks/telegram", json.dumps(payload).encode(), headers
    if payload.get("type") in ("event_callback", "url_verification"):
        return _slack_signed("events", json.dumps(payload).encode(), "application/json", settings)
    form = "application/x-www-form-urlencoded"
    if payload.get("type") in ("block_actions", "message_action", "shortcut", "view_submission"):
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return _slack_signed("interactivity", body, form, settings)
    if "command" in payload:
        return _slack_signed("commands", urlencode(payload).encode(), form, settings)
    raise ValueError("neither a Telegram Update nor a Slack event, interaction or slash command")


async def checks() -> list[Check]:
    """Redis, Telegram, Slack and the addresses, as the gateway sees them."""
    settings = GatewaySettings()
    listed = load_accounts(settings.switchboard_config, settings.variable)
    found = [_redis_check(settings), _address_check(settings), _admin_check(settings)]
    bots = telegram_accounts(settings, listed)
    found += [await _telegram_check(settings, account) for account in bots.values()]
    found += [] if bots else [Check("Telegram", "off", remedy="set TELEGRAM_BOT_TOKEN")]
    teams = slack_accounts(settings, listed)
    found += [await asyncio.to_thread(_slack_check, settings, account) for account in teams.values()]
    found += [] if teams else [Check("Slack", "off", remedy="set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET")]
    return found


def _redis_check(settings: GatewaySettings) -> Check:
    try:
        with redis_py.Redis.from_url(settings.redis_url, socket_timeout=5, decode_responses=True) as redis:
            info: Any = redis.info()
    except redis_py.RedisError as error:
        return Check("Redis", "failed", type(error).__name__, "start it, or set REDIS_URL")
    if info["maxmemory_policy"] != "noeviction":
        return Check(
            "Redis", "failed", f"maxmemory-policy {info['maxmemory_policy']}", "set it to noeviction"
        )
    if not info["aof_enabled"]:
        return Check("Redis", "failed", "no append-only file", "set appendonly yes, or messages can be lost")
    return Check("Redis", "ok", f"{info['redis_version']}, {info['used_memory_human']}")


def _address_check(settings: GatewaySettings) -> Check:
    if not settings.public_url:
        return Check("PUBLIC_URL", "off", remedy="set it for webhooks")
    if not settings.public_url.startswith("https://"):
        return Check("PUBLIC_URL", "failed", "not https", "platforms deliver to https addresses only")
    return Check("PUBLIC_URL", "ok", settings.public_url)


def _admin_check(settings: GatewaySettings) -> Check:
    if settings.admin_token:
        return Check("admin pages", "ok")
    return Check("admin pages", "off", remedy="set ADMIN_TOKEN")


async def _telegram_check(settings: GatewaySettings, account: Account) -> Check:
    name = f"Telegram {account.name}"
    try:
        async with create_bot(settings, account) as bot:
            info = await bot.get_webhook_info()
            username = bot.username
    except TelegramError as error:
        return Check(name, "failed", type(error).__name__, "look at TELEGRAM_BOT_TOKEN and the network")
    if settings.telegram_mode == "polling":
        if info.url:
            return Check(name, "failed", "it has a webhook", "switchboard webhook telegram delete")
        return Check(name, "ok", f"@{username}, polling")
    if info.url != _webhook_url(settings, account.name):
        return Check(name, "failed", f"webhook {info.url or 'none'}", "switchboard webhook telegram set")
    if info.last_error_message:
        return Check(name, "failed", info.last_error_message, "look at PUBLIC_URL and its certificate")
    return Check(name, "ok", f"@{username}, {info.pending_update_count} waiting")


def _slack_check(settings: GatewaySettings, account: Account) -> Check:
    name = f"Slack {account.name}"
    if not account.token:
        return Check(name, "ok", f"workspaces install it at {settings.public_url.rstrip('/')}/slack/install")
    client = WebClient(account.token.get_secret_value(), base_url=settings.slack_api_url, timeout=10)
    try:
        answer = client.auth_test()
    except (SlackClientError, OSError) as error:
        return Check(name, "failed", type(error).__name__, "look at SLACK_BOT_TOKEN and the network")
    given = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")}
    missing = [scope for scope in SCOPES if scope not in given]
    if missing:
        return Check(name, "failed", f"scopes missing: {', '.join(missing)}", "add them, install again")
    return Check(name, "ok", f"{answer.get('user')} in {answer.get('team')}")


def _slack_signed(
    place: str, body: bytes, content_type: str, settings: GatewaySettings
) -> tuple[str, bytes, dict[str, str]]:
    timestamp = str(int(Clock().now()))
    verifier = SignatureVerifier(settings.slack_signing_secret.get_secret_value())
    signature = verifier.generate_signature(timestamp=timestamp, body=body) or ""
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
        "Content-Type": content_type,
    }
    url_token = settings.slack_url_token.get_secret_value()
    query = f"?{urlencode({'token': url_token})}" if url_token else ""
    return f"/webhooks/slack/{place}{query}", body, headers


def _settings() -> GatewaySettings:
    try:
        return GatewaySettings()
    except ValidationError as error:
        _fail("; ".join(mistake["msg"] for mistake in error.errors(include_input=False)))


def _webhook_url(settings: GatewaySettings, account: str) -> str:
    path = "" if account == DEFAULT_ACCOUNT else f"/{account}"
    return f"{settings.public_url.rstrip('/')}/webhooks/telegram{path}"


def _telegram_account(settings: GatewaySettings, name: str) -> Account:
    try:
        accounts = telegram_accounts(settings, load_accounts(settings.switchboard_config, settings.variable))
    except ValueError as error:
        _fail(str(error))
    if name not in accounts:
        known = ", ".join(accounts) or "none: set TELEGRAM_BOT_TOKEN"
        _fail(f"there is no Telegram bot {name!r}; known: {known}")
    return accounts[name]


def _with_bot(settings: GatewaySettings, account: Account, work: Work[T]) -> T:
    async def run() -> T:
        bot = create_bot(settings, account)
        return await work(bot)

    try:
        return asyncio.run(run())
    except TelegramError as error:
        _fail(f"Telegram refused or did not answer: {type(error).__name__}")


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(1)
