"""`switchboard test`: how well a bot understands and converses."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from services.nlp.formats.bot import Bot
from services.nlp.formats.loader import load_bot, load_examples, load_stories, load_tests
from services.nlp.formats.story import Story
from services.nlp.live import bring_to_life
from services.nlp.nlu.understanding import train_understanding
from services.nlp.settings import NlpSettings
from services.nlp.skills import weather
from services.nlp.skills.registry import Workshop
from services.nlp.skills.weather import Weather
from services.nlp.testing.files import write_nlu, write_stories
from services.nlp.testing.live_test import recorded_http, run_live
from services.nlp.testing.nlu_test import NluResult, cross_validate, look_at
from services.nlp.testing.scores import AVERAGES, entity_report, report
from services.nlp.testing.story_test import StoryResult, run_stories
from services.nlp.training.model import Model, train
from switchboard.nlp import BotName, console, or_fail

app = typer.Typer(no_args_is_help=True)


@app.callback()
def commands() -> None:
    """Test a bot."""


@app.command("test")
def run(
    name: BotName,
    stories: Annotated[Path | None, typer.Option(help="End-to-end stories; else the bot's tests/.")] = None,
    nlu: Annotated[Path | None, typer.Option(help="Held-out examples; else cross-validation.")] = None,
    folds: Annotated[int, typer.Option(min=2, max=50, help="Of the cross-validation.")] = 5,
    json: Annotated[Path | None, typer.Option(help="A folder for reports and pictures.")] = None,
    run_actions: Annotated[bool, typer.Option(help="Run forms and actions for real, HTTP recorded.")] = False,
    record: Annotated[bool, typer.Option(help="Let unknown HTTP out, and record it in tests/http/.")] = False,
    min_accuracy: Annotated[float, typer.Option(min=0, max=1, help="Of intents; below it fails.")] = 0.0,
) -> None:
    """Run the bot's stories and look at its understanding; exit status 1 where a story fails."""
    folder = NlpSettings().nlp_bots_dir / name
    bot = or_fail(lambda: load_bot(folder))
    told = _stories(folder, stories)
    model = or_fail(lambda: train(load_bot(folder), "test"))
    if run_actions or record:
        results = or_fail(lambda: asyncio.run(_run_for_real(model, folder, told, record)))
    else:
        results = run_stories(model, told)
    understood = _understood(bot, nlu, folds)
    _show_stories(results)
    accuracy = _show_nlu(understood)
    if json:
        written = [
            *write_stories(results, json),
            *(write_nlu(understood, json) if understood.intents else []),
        ]
        console.print(f"{len(written)} files in {json}")
    if not all(result.has_passed for result in results) or accuracy < min_accuracy:
        raise typer.Exit(1)


async def _run_for_real(model: Model, folder: Path, told: list[Story], record: bool) -> list[StoryResult]:
    settings = NlpSettings()
    async with httpx.AsyncClient(timeout=settings.nlp_action_s) as http:
        workshop, home = Workshop.of(settings, http), asyncio.get_running_loop()
        weather.current.set(Weather(workshop.kit("weather"), settings.nlp_action_s / 2, home))
        live = bring_to_life(model, folder, http, settings.nlp_action_s, workshop)
        results = []
        for story in told:
            with recorded_http(folder / "tests" / "http", story.name, record):
                results += [await run_live(live, story, steps) for steps in story.expanded()]
        return results


def _stories(folder: Path, path: Path | None) -> list[Story]:
    mistakes: list[str] = []
    found = load_stories(_there(path), mistakes) if path else load_tests(folder, mistakes)
    _fail_on(mistakes)
    return [story for story in found if not story.is_rule]


def _understood(bot: Bot, path: Path | None, folds: int) -> NluResult:
    if path:
        mistakes: list[str] = []
        held_out = load_examples(_there(path), mistakes)
        _fail_on(mistakes)
        return look_at(train_understanding(bot), held_out, NluResult())
    if not bot.examples:
        return NluResult()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("cross-validation", total=folds)
        return cross_validate(bot, folds, lambda fold: progress.update(task, completed=fold))


def _there(path: Path) -> Path:
    if not path.is_file():
        _fail_on([f"{path}: no such file"])
    return path


def _fail_on(mistakes: list[str]) -> None:
    if mistakes:
        typer.echo("\n".join(mistakes), err=True)
        raise typer.Exit(1)


def _show_stories(results: list[StoryResult]) -> None:
    for result in results:
        if result.has_passed:
            continue
        console.print(f"[red]✗[/red] {escape(result.story.name)} ({result.story.file}:{result.story.line})")
        for step in result.steps:
            if step.is_right:
                console.print(f"    {escape(step.expected)}", style="dim")
            else:
                console.print(f"  [green]- {escape(step.expected)}[/green]")
                source = f" by {step.policy}" if step.policy else ""
                console.print(
                    f"  [red]+ {escape(step.found)}[/red] ({step.confidence:.2f}{source}, line {step.line})"
                )
    if results:
        actions = [step for result in results for step in result.steps if step.kind == "action"]
        passed = sum(result.has_passed for result in results)
        right = sum(step.is_right for step in actions)
        console.print(f"stories: {passed} of {len(results)}; actions: {right} of {len(actions)}")


def _show_nlu(result: NluResult) -> float:
    """Print the figures; gives the intents' accuracy."""
    if not result.intents:
        return 1.0
    figures = report(result.intents)
    _show_rows(figures, "intent", "examples")
    accuracy = float(figures["accuracy"])
    console.print(f"intents: accuracy {accuracy:.3f} over {len(result.intents)} sentences")
    if any(result.expected_entities):
        entities = entity_report(result.expected_entities, result.found_entities)
        _show_rows(entities, "entity", "mentions")
        console.print(f"entities: F1 {entities['micro avg']['f1-score']:.3f}")
    return accuracy


def _show_rows(figures: dict[str, Any], what: str, counted: str) -> None:
    table = Table(what, "precision", "recall", "F1", counted)
    for label, row in figures.items():
        if isinstance(row, dict) and label not in AVERAGES:
            cells = (f"{row[key]:.2f}" for key in ("precision", "recall", "f1-score"))
            table.add_row(escape(label), *cells, str(row["support"]))
    console.print(table)
