"""`switchboard train` and `switchboard bot`: make a bot ready, and look into it."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

import httpx
import typer
from rich.console import Console
from rich.table import Table

from foundation.accounts import load_accounts
from services.nlp.app import create_model_client
from services.nlp.bots import Bots
from services.nlp.errors import BotInvalid, BotUnknown
from services.nlp.formats.loader import load_bot
from services.nlp.settings import NlpSettings
from services.nlp.training.shelf import Shelf
from switchboard.check import Check

app = typer.Typer(no_args_is_help=True)
bot = typer.Typer(no_args_is_help=True, help="Look into a bot's folder.")
app.add_typer(bot, name="bot")
console = Console()

BotName = Annotated[str, typer.Argument(help="The bot's folder, below NLP_BOTS_DIR.")]
MODEL_S = 5
T = TypeVar("T")


@app.command()
def train(name: BotName) -> None:
    """Train a bot; running nlp processes take the new version within seconds."""
    model = _or_fail(lambda: _shelf().train(name))
    console.print(f"{name}: version {model.version} is current")


@bot.command()
def validate(name: BotName) -> None:
    """Every mistake of the bot's files, with file, line and key."""
    settings = NlpSettings()
    found = _or_fail(lambda: load_bot(settings.nlp_bots_dir / name))
    for warning in found.warnings:
        console.print(f"[yellow]{warning}[/yellow]")
    rules = sum(story.is_rule for story in found.stories)
    stories = len(found.stories) - rules
    parts = f"{len(found.intents)} intents, {stories} stories, {rules} rules, {len(found.responses)} responses"
    console.print(f"{name} is valid: {parts}")


@bot.command()
def parse(name: BotName, text: str) -> None:
    """What a sentence means to the bot."""
    found = _or_fail(lambda: _shelf().train(name)).parse(text)
    console.print(f"{found.intent} ({found.confidence:.2f})")
    table = Table("intent", "confidence")
    for guess in found.ranking[:5]:
        table.add_row(guess.name, f"{guess.confidence:.2f}")
    console.print(table)
    for entity in found.entities:
        console.print(f"{entity.entity} = {entity.value!r}")


async def checks() -> list[Check]:
    """Whether the configured bots can answer, and the language model."""
    settings = NlpSettings()
    async with httpx.AsyncClient() as http:
        bots = Bots(settings, load_accounts(settings.switchboard_config, settings.variable), http)
    return [*(_bot_check(settings, name) for name in sorted(bots.configured())), await _model_check(settings)]


def _bot_check(settings: NlpSettings, name: str) -> Check:
    try:
        load_bot(settings.nlp_bots_dir / name)
    except BotUnknown:
        return Check(f"bot {name}", "failed", "no such folder", "look at NLP_BOT and NLP_BOTS_DIR")
    except BotInvalid as error:
        remedy = f"switchboard bot validate {name}"
        return Check(f"bot {name}", "failed", f"{len(error.mistakes)} mistakes", remedy)
    version = _shelf().current_version(name)
    return Check(f"bot {name}", "ok", f"version {version}" if version else "trained at the first start")


async def _model_check(settings: NlpSettings) -> Check:
    if not settings.has_model:
        return Check("language model", "off", remedy="set OPENAI_API_KEY or OPENAI_BASE_URL")
    client = create_model_client(settings)
    try:
        async with asyncio.timeout(MODEL_S):
            names = [model.id async for model in client.models.list()]
    except Exception as error:  # whatever the client or the server makes of it, it is the finding
        remedy = "look at OPENAI_BASE_URL and OPENAI_API_KEY"
        return Check("language model", "failed", type(error).__name__, remedy)
    finally:
        await client.close()
    if names and settings.openai_model not in names:
        remedy = f"set OPENAI_MODEL to one of {', '.join(names[:5])}"
        return Check("language model", "failed", f"{settings.openai_model} is not there", remedy)
    return Check("language model", "ok", settings.openai_model)


def _shelf() -> Shelf:
    settings = NlpSettings()
    return Shelf(settings.nlp_bots_dir, settings.nlp_models_dir)


def _or_fail(work: Callable[[], T]) -> T:
    try:
        return work()
    except BotInvalid as error:
        typer.echo("\n".join(error.mistakes), err=True)
    except BotUnknown as error:
        typer.echo(f"{error.title}: {error}", err=True)
    raise typer.Exit(1)
