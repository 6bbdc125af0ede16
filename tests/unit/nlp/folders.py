"""Bots written on the spot."""

from pathlib import Path

from services.nlp.errors import BotInvalid
from services.nlp.formats.bot import Bot
from services.nlp.formats.loader import load_bot


def load(folder: Path, **files: str) -> Bot:
    """The bot of these files: nlu="…" becomes nlu.yml."""
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text, "utf-8")
    return load_bot(folder)


def mistakes(folder: Path, **files: str) -> list[str]:
    """What is wrong with these files; nothing when they load."""
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text, "utf-8")
    return mistakes_of(folder)


def mistakes_of(folder: Path) -> list[str]:
    """What is wrong with the bot; nothing when it loads."""
    try:
        load_bot(folder)
    except BotInvalid as error:
        return error.mistakes
    return []
