"""Finds a bot's files in its folder and reads all of them; all mistakes come at once."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from services.nlp.errors import BotInvalid, BotUnknown
from services.nlp.formats.bot import FALLBACK_INTENT, Bot
from services.nlp.formats.config import read_config
from services.nlp.formats.domain import read_domain
from services.nlp.formats.nlu import read_nlu
from services.nlp.formats.rules import read_rules
from services.nlp.formats.source import Source

_FOLDERS = (".", "configs", "data", "domain")
_DOMAIN_KEYS = ("intents", "entities", "slots", "responses", "actions", "forms", "session_config")
_BUILT_IN = ("action_listen", "action_restart", "action_session_start", "action_default_fallback")


def bot_names(bots: Path) -> list[str]:
    """The folders that hold a bot."""
    return sorted(path.name for path in bots.iterdir() if path.is_dir() and any(_files(path)))


def load_bot(folder: Path) -> Bot:
    """The bot; raises BotUnknown, or BotInvalid with every mistake of every file."""
    if not folder.is_dir() or not any(_files(folder)):
        raise BotUnknown(f"{folder.name} has no YAML files")
    mistakes: list[str] = []
    bot = Bot(folder.name)
    for path in _files(folder):
        source = Source(path, folder, mistakes)
        if path.stem == "config":
            read_config(source, bot)
        if any(key in source.content for key in _DOMAIN_KEYS):
            read_domain(source, bot)
        read_nlu(source, bot)
        read_rules(source, bot)
    mistakes += _loose_ends(bot)
    if mistakes:
        raise BotInvalid(mistakes)
    return bot


def fingerprint(folder: Path) -> str:
    """A name for exactly this content of the folder."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(folder: Path) -> Iterator[Path]:
    for name in _FOLDERS:
        found = (folder / name).glob("*.y*ml") if name == "." else (folder / name).rglob("*.y*ml")
        yield from sorted(path for path in found if path.stem not in ("endpoints", "credentials"))


def _loose_ends(bot: Bot) -> Iterator[str]:
    """Names that are used and defined nowhere."""
    known = {*bot.responses, *bot.actions, *_BUILT_IN}
    for rule in bot.rules:
        for action in rule.actions:
            if action not in known:
                yield f"rule {rule.name!r}: action {action!r} is nowhere; allowed: what the domain defines"
        if bot.intents and rule.intent not in {*bot.intents, FALLBACK_INTENT}:
            yield f"rule {rule.name!r}: intent {rule.intent!r} is nowhere; allowed: what the domain defines"
