"""`switchboard interactive`: teach a bot in a conversation whose every step is confirmed or corrected."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.reply import Reply
from services.nlp.actions.base import ActionFailed
from services.nlp.dialogue.deciding import Choice
from services.nlp.errors import BotInvalid, BotUnknown
from services.nlp.formats.checks import known_actions
from services.nlp.live import LiveBot, bring_to_life
from services.nlp.settings import NlpSettings
from services.nlp.showing.graph import build_graph, path_of
from services.nlp.showing.live_page import LivePage
from services.nlp.showing.svg import to_svg
from services.nlp.skills.registry import Workshop
from services.nlp.testing.interactive import Lesson, marked
from services.nlp.testing.lesson_files import files, save
from services.nlp.training.shelf import Shelf
from switchboard.nlp_question import asked

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False)
T = TypeVar("T")
HELP = (
    ":undo takes the last message back, :restart begins another conversation, :slots and :story show what "
    "there is, :files says where it would be kept, :export keeps it and begins anew, :quit ends"
)
WHAT_NOW = (
    "\\[c]ontinue, \\[u]ndo, \\[r]estart, \\[e]xport and go on, export and \\[q]uit, \\[d]iscard and quit"
)


class _Aborted(Exception):
    """The person took the message back, or began anew, in the middle of a turn."""


class _Ended(Exception):
    """The person wants to stop."""


@app.callback()
def _commands() -> None:
    """Teach a bot."""


@app.command()
def interactive(
    name: Annotated[str, typer.Argument(help="The bot's folder, below NLP_BOTS_DIR.")],
    port: Annotated[int, typer.Option(help="Of the page with the story graph; 0: any free one.")] = 5006,
    page: Annotated[bool, typer.Option(help="Show the story graph in a browser.")] = True,
) -> None:
    """Talk to a bot, confirm or correct what it understands and does, and keep that in its files."""
    settings = NlpSettings()
    folder = settings.nlp_bots_dir / name
    loop = asyncio.new_event_loop()
    http = httpx.AsyncClient(timeout=settings.nlp_action_s)
    try:
        model = Shelf(settings.nlp_bots_dir, settings.nlp_models_dir).train(name)
        live = bring_to_life(model, folder, http, settings.nlp_action_s, Workshop.of(settings, http))
    except BotInvalid as error:
        typer.echo("\n".join(error.mistakes), err=True)
        raise typer.Exit(1) from None
    except BotUnknown as error:
        typer.echo(f"{error.title}: {error}", err=True)
        raise typer.Exit(1) from None
    shown = LivePage() if page else None
    try:
        if shown:
            console.print(f"The story graph: {_started(shown, port)}")
        _Teacher(live, folder, loop, shown).run()
    finally:
        if shown:
            shown.stop()
        loop.run_until_complete(http.aclose())
        loop.close()


def _started(page: LivePage, port: int) -> str:
    """The page's address; on another port where this one is taken."""
    try:
        return page.start(port)
    except OSError:
        return page.start(0)


class _Teacher:
    """The dialogue with the person at the terminal."""

    def __init__(
        self, live: LiveBot, folder: Path, loop: asyncio.AbstractEventLoop, page: LivePage | None
    ) -> None:
        self._lesson = Lesson(live.model, live.stage)
        self._folder = folder
        # not asyncio.run: there Ctrl-C would cancel a task, and the question would stay
        self._loop = loop
        self._page = page

    def run(self) -> None:
        """Turn after turn, until the person has had enough."""
        console.print(f"{HELP}. Ctrl-C asks what to do.", style="dim")
        self._show_page()
        while True:
            try:
                self._turn()
            except _Aborted:
                continue
            except (KeyboardInterrupt, EOFError):
                if self._stops():
                    return
            except _Ended:
                if self._ends():
                    return

    def _turn(self) -> None:
        """One message, or the rest of a turn that was broken off."""
        if self._lesson.is_listening:
            text = self._asked("[bold]You[/bold]")
            if not text:
                return
            self._lesson.hear(text)
            self._confirm_message()
            self._say(self._await(self._lesson.confirm()))
            self._show()
        while not self._lesson.is_listening:
            self._act()
            self._show()

    def _confirm_message(self) -> None:
        while True:
            heard = self._lesson.heard
            assert heard
            console.print(f"intent [bold]{escape(heard.intent)}[/bold] {heard.confidence:.2f}")
            console.print(f"entities {escape(marked(heard)) if heard.entities else 'none'}")
            answer = self._asked("Right? \\[Y]es, another \\[i]ntent, other \\[e]ntities", "y").lower()
            if answer in ("y", "yes"):
                return
            try:
                if answer.startswith("i"):
                    self._lesson.correct_intent(self._chosen_intent())
                elif answer.startswith("e"):
                    self._lesson.correct_entities(self._asked("The sentence with its \\[text](entity)"))
            except ValueError as error:
                console.print(str(error), style="red", markup=False)

    def _chosen_intent(self) -> str:
        heard = self._lesson.heard
        assert heard
        scores = {guess.name: guess.confidence for guess in heard.ranking}
        return self._chosen("intent", scores, self._lesson.bot.intents)

    def _act(self) -> None:
        choice = self._lesson.next_choice()
        while True:
            console.print(
                f"next [bold]{escape(choice.action)}[/bold] {choice.confidence:.2f} ({escape(choice.policy)})"
            )
            answer = self._asked("Right? \\[Y]es, \\[n]o: another one", "y").lower()
            if answer in ("y", "yes"):
                if self._is_performed(choice):
                    return
            elif answer.startswith("n"):
                choice = self._corrected(choice)

    def _corrected(self, choice: Choice) -> Choice:
        known = known_actions(self._lesson.bot)
        name = self._chosen("action", dict(choice.ranking), sorted(known))
        text = ""
        if name not in known and name.startswith("utter_"):
            text = self._asked(f"What does {escape(name)} say?")
        try:
            return self._lesson.corrected(name, text)
        except ValueError as error:
            console.print(str(error), style="red", markup=False)
            return choice

    def _is_performed(self, choice: Choice) -> bool:
        try:
            self._say(self._await(self._lesson.perform(choice)))
        except ActionFailed as error:
            console.print(f"{choice.action} failed: {error}", style="red", markup=False)
            if not self._asked("\\[s]kip what it would have done, or choose \\[a]nother", "s").startswith(
                "s"
            ):
                return False
            self._lesson.skip(choice)
        return True

    def _chosen(self, kind: str, scores: dict[str, float], others: Iterable[str]) -> str:
        """One of the list by its number or name, or a new name."""
        names = [*scores, *(name for name in others if name not in scores)]
        table = Table("", kind, "score")
        for number, name in enumerate(names, start=1):
            table.add_row(str(number), escape(name), f"{scores[name]:.2f}" if name in scores else "")
        console.print(table)
        while True:
            answer = self._asked("Number, or a name")
            if answer.isascii() and answer.isdigit():
                if 0 < int(answer) <= len(names):
                    return names[int(answer) - 1]
                console.print(f"1 to {len(names)}", style="red")
            elif answer:
                return answer

    def _asked(self, question: str, default: str = "") -> str:
        """An answer; commands are carried out wherever they are given."""
        while True:
            answer = asked(console, question).strip() or default
            if not answer.startswith(":"):
                return answer
            self._command(answer[1:].lower())

    def _command(self, name: str) -> None:
        if name in ("undo", "restart"):
            if name == "undo":
                self._lesson.undo()
            else:
                self._lesson.restart()
            self._show()
            raise _Aborted
        if name == "export":
            self._export()
            raise _Aborted
        if name == "quit":
            raise _Ended
        if name == "slots":
            self._show_slots()
        elif name == "story":
            for step in self._lesson.as_story().steps:
                console.print(f"  {step}", markup=False)
        elif name == "files":
            self._show_files()
        else:
            console.print(HELP)

    def _stops(self) -> bool:
        """After Ctrl-C; True ends."""
        console.print()
        try:
            answer = asked(console, WHAT_NOW).strip().lower()[:1]
        except (KeyboardInterrupt, EOFError):
            console.print("\nNothing was kept.")
            return True
        if answer in ("q", "d"):
            return answer == "d" or self._export()
        if answer in ("u", "r", "e"):
            with contextlib.suppress(_Aborted):
                self._command({"u": "undo", "r": "restart", "e": "export"}[answer])
        return False

    def _ends(self) -> bool:
        """At the end: keep it or not; True ends."""
        if not self._lesson.taught():
            return True
        try:
            answer = asked(console, "Keep what you taught? \\[Y]es, \\[n]o, \\[c]ontinue").strip().lower()
        except (KeyboardInterrupt, EOFError):
            answer = "n"
        if answer.startswith("c"):
            return False
        return answer.startswith("n") or self._export()

    def _export(self) -> bool:
        """Keep it, and begin anew; False where the bot's files would be wrong with it."""
        taught = self._lesson.taught()
        if not taught:
            console.print("There is nothing to keep yet.")
            return True
        try:
            changed = save(self._folder, taught)
        except (BotInvalid, OSError) as error:
            console.print(f"Nothing was kept: {error}", style="red", markup=False)
            return False
        self._lesson.forget()
        for path in changed:
            console.print(f"kept in {path}", markup=False)
        console.print("Train the bot for it to learn this.")
        return True

    def _show_files(self) -> None:
        try:
            for path in files(self._folder, self._lesson.taught()):
                console.print(f"  {path}", markup=False)
        except BotInvalid as error:
            console.print(str(error), style="red", markup=False)

    def _say(self, replies: list[Reply]) -> None:
        for reply in replies:
            parts = [reply.text, *(f"[{button.title}]" for button in reply.buttons)]
            console.print(f"Bot: {' '.join(filter(None, parts))}", style="cyan", markup=False)

    def _show(self) -> None:
        table = Table("#", "bot", "you", show_lines=True)
        for number, row in enumerate(self._lesson.history(), start=1):
            cells = (escape(row.what), "") if row.who == "bot" else ("", escape(row.what))
            table.add_row(str(number), *cells)
        console.print(table)
        self._show_slots()
        self._show_page()

    def _show_slots(self) -> None:
        slots = ", ".join(f"{name}: {value!r}" for name, value in self._lesson.slots().items())
        console.print(f"slots {slots or 'none'}", style="dim", markup=False)

    def _show_page(self) -> None:
        if not self._page:
            return
        now = self._lesson.as_story()
        told = [story for story in self._lesson.bot.stories if not story.is_rule]
        graph = build_graph([*told, *self._lesson.finished()], ongoing=now)
        history = [(row.who, row.what) for row in self._lesson.history()]
        self._page.show(to_svg(graph, path_of(graph, now)), history, self._lesson.slots())

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)
