"""`python -m switchboard`: loads only the module of the room that a command belongs to."""

import importlib
import importlib.util
import sys

COMMANDS = {
    "doctor": ("switchboard.doctor", "what works, what does not, and what to do about it"),
    "token": ("switchboard.gateway", "make a bearer token for the web API"),
    "webhook": ("switchboard.gateway", "set, show or delete a platform's webhook"),
    "send": ("switchboard.gateway", "sign a recorded Update and post it to the gateway"),
    "dead": ("switchboard.worker", "list, show, retry or drop Events that failed for good"),
    "trace": ("switchboard.trace", "one message's path, with times"),
    "train": ("switchboard.nlp", "train a bot's folder"),
    "interactive": ("switchboard.nlp_interactive", "teach a bot in a conversation"),
    "bot": ("switchboard.nlp", "validate, convert, draw a bot's folder"),
    "test": ("switchboard.nlp_test", "run a bot's stories, and cross-validate its understanding"),
    "usage": ("switchboard.nlp_usage", "who used the language model how much, and figures of the chat"),
    "gallery": ("switchboard.face", "build, look into and ask galleries of people"),
}
"""Command -> the module whose `app` has it. An image holds only its own room's module."""
ROOM_OF = {"switchboard.trace": "worker"}
"""The room of a module that is not called after it."""


def main(arguments: list[str]) -> None:
    """Run the command that the first argument names, or say which there are."""
    here = {name: entry for name, entry in COMMANDS.items() if importlib.util.find_spec(entry[0])}
    if not arguments or arguments[0] not in here:
        lines = [f"  {name:11} {text}" for name, (_, text) in here.items()]
        wrong = _why_not(arguments[0]) if arguments else []
        sys.stderr.write("\n".join([*wrong, "Usage: switchboard COMMAND [--help]", "", *lines, ""]))
        sys.exit(0 if arguments in (["--help"], ["help"]) else 2)
    try:
        importlib.import_module(here[arguments[0]][0]).app(arguments, prog_name="switchboard")
    except OSError as error:
        if error.filename is None:  # no file's fault, so ours: it needs its traceback
            raise
        sys.exit(f"{error.filename}: {error.strerror}")


def _why_not(command: str) -> list[str]:
    """What is wrong with a command that cannot be run, if it is meant as one."""
    if command.startswith("-") or command == "help":
        return []
    if command not in COMMANDS:
        return [f"there is no command `{command}`"]
    module = COMMANDS[command][0]
    room = ROOM_OF.get(module, module.removeprefix("switchboard.").split("_")[0])
    return [f"`{command}` belongs to another room: docker compose exec {room} switchboard {command} …"]


if __name__ == "__main__":
    main(sys.argv[1:])
