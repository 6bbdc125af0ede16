"""`python -m switchboard`: loads only the module of the room that a command belongs to."""

import importlib
import importlib.util

import click
import typer

COMMANDS = {
    "doctor": "switchboard.doctor",
    "token": "switchboard.gateway",
    "webhook": "switchboard.gateway",
    "send": "switchboard.gateway",
    "dead": "switchboard.worker",
    "trace": "switchboard.worker",
    "train": "switchboard.nlp",
    "bot": "switchboard.nlp",
    "gallery": "switchboard.face",
}
"""Command -> the module whose `app` has it. An image holds only its own room's module."""


class LazyCommands(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, module in COMMANDS.items() if importlib.util.find_spec(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        group = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name]).app)
        return group.get_command(ctx, cmd_name) if isinstance(group, click.Group) else group


@click.command(cls=LazyCommands)
def main() -> None:
    """Switchboard: self-hosted chatbots."""


if __name__ == "__main__":
    main(prog_name="switchboard")
