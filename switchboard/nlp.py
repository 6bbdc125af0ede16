"""`switchboard train` and `switchboard bot`: make a bot ready, and look into it."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from foundation.accounts import load_accounts
from services.nlp.app import create_model_client
from services.nlp.bots import Bots
from services.nlp.dialogue.deciding import train_dialogue
from services.nlp.errors import BotInvalid, BotUnknown
from services.nlp.formats.checks import unused
from services.nlp.formats.loader import load_bot, load_tests
from services.nlp.formats.writer import write_bot, write_tests
from services.nlp.formats.writer.modern import modernized
from services.nlp.settings import NlpSettings
from services.nlp.showing.graph import build_graph
from services.nlp.showing.svg import to_svg
from services.nlp.testing.contradictions import contradictions
from services.nlp.training.shelf import Shelf
from switchboard.check import Check

app = typer.Typer(no_args_is_help=True)
bot = typer.Typer(no_args_is_help=True, help="Look into a bot's folder.")
app.add_typer(bot, name="bot")
console = Console()

BotName = Annotated[str, typer.Argument(help="The bot's folder, below NLP_BOTS_DIR.")]
MODEL_S = 5
TRAINED_PARTS = 3
"""A training's parts, each noticed when it is done: intents, entities, dialogue."""
T = TypeVar("T")


@app.command()
def train(name: BotName) -> None:
    """Train a bot; running nlp processes take the new version within seconds."""
    learned: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"training {escape(name)}", total=TRAINED_PARTS)

        def notice(line: str) -> None:
            learned.append(line)
            console.print(escape(line))  # above the bar
            progress.update(task, advance=1, refresh=True)

        model = or_fail(lambda: _shelf().train(name, notice))
    for warning in dict.fromkeys(model.bot.warnings):
        console.print(f"[yellow]{escape(warning)}[/yellow]")
    if not learned:
        console.print("nothing has changed since it was trained")
    console.print(f"{name}: version {model.version} is current")


@bot.command()
def validate(
    name: BotName,
    fail_on_warnings: Annotated[bool, typer.Option(help="Exit status 1 on warnings too.")] = False,
) -> None:
    """Mistakes with file, line and key; what is unused; rules and stories that contradict one another."""
    found = or_fail(lambda: load_bot(_folder(name)))
    model = modernized(found)
    against = contradictions(model, train_dialogue(model))
    warnings = list(dict.fromkeys([*found.warnings, *unused(found)]))
    for line in warnings:
        console.print(f"[yellow]{escape(line)}[/yellow]")
    for line in against:
        console.print(f"[red]{escape(line)}[/red]")
    rules = sum(story.is_rule for story in found.stories)
    stories = len(found.stories) - rules
    parts = (
        f"{len(found.intents)} intents, {stories} stories, {rules} rules, {len(found.responses)} responses"
    )
    if against or (warnings and fail_on_warnings):
        console.print(f"{name}: {len(against)} contradictions, {len(warnings)} warnings; {parts}")
        raise typer.Exit(1)
    console.print(f"{name} is valid: {parts}")


@bot.command()
def convert(
    name: BotName, folder: Annotated[Path, typer.Argument(help="Where to; it must not hold a bot yet.")]
) -> None:
    """Write the bot as Rasa 3 YAML, whatever it was written in; its code and tests come along."""
    found = or_fail(lambda: load_bot(_folder(name)))
    if folder.exists() and any(folder.iterdir()):
        typer.echo(f"{folder} is not empty", err=True)
        raise typer.Exit(1)
    mistakes: list[str] = []
    tests = [story for story in load_tests(_folder(name), mistakes) if not story.is_rule]
    written = write_bot(found, folder)
    written += _copied(_folder(name), folder)
    if tests:
        (folder / "tests").mkdir(exist_ok=True)
        written.append(write_tests(tests, folder / "tests" / "test_stories.yml"))
    for line in (*mistakes, *dict.fromkeys(found.warnings)):
        console.print(f"[yellow]{escape(line)}[/yellow]")
    console.print(f"{name}: {len(written)} files in {folder}")


def _copied(source: Path, folder: Path) -> list[Path]:
    """The files that are no part of Rasa's formats."""
    if (source / "actions").is_dir():
        shutil.copytree(source / "actions", folder / "actions", ignore=shutil.ignore_patterns("__pycache__"))
    names = [name for name in ("actions.py", "prompts.yml") if (source / name).is_file()]
    return [Path(shutil.copy2(source / name, folder / name)) for name in names]


@bot.command()
def graph(
    name: BotName,
    out: Annotated[Path | None, typer.Option(help="The SVG file; else NAME.svg.")] = None,
    max_history: Annotated[int, typer.Option(min=0, help="Steps that make two places the same.")] = 2,
) -> None:
    """Draw the bot's stories and rules."""
    found = or_fail(lambda: load_bot(_folder(name)))
    path = out or Path(f"{name}.svg")
    path.write_text(to_svg(build_graph(found.stories, max_history)), "utf-8")
    console.print(f"{path}: {len(found.stories)} stories and rules")


@bot.command()
def parse(name: BotName, text: str) -> None:
    """What a sentence means to the bot."""
    found = or_fail(lambda: _shelf().train(name)).parse(text)
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
    if not settings.nlp_model_for.strip():
        return Check("language model", "failed", "open to nobody", "set NLP_MODEL_FOR, * for everybody")
    return Check("language model", "ok", settings.openai_model)


def _folder(name: str) -> Path:
    return NlpSettings().nlp_bots_dir / name


def _shelf() -> Shelf:
    settings = NlpSettings()
    return Shelf(settings.nlp_bots_dir, settings.nlp_models_dir)


def or_fail(work: Callable[[], T]) -> T:
    """What the work gives; where the bot is wrong or nowhere, say so and end with status 1."""
    try:
        return work()
    except BotInvalid as error:
        typer.echo("\n".join(error.mistakes), err=True)
    except BotUnknown as error:
        typer.echo(f"{error.title}: {error}", err=True)
    raise typer.Exit(1)
