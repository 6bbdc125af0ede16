"""The bots that this process serves: trained at the start, swapped whole when `current` moves."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx

from contracts.conversation import Conversation
from foundation.accounts import Account
from foundation.pausing import pause
from services.nlp.errors import BotInvalid, BotNotReady, BotUnknown
from services.nlp.formats.loader import bot_names, fingerprint
from services.nlp.live import LiveBot, bring_to_life
from services.nlp.settings import NlpSettings
from services.nlp.skills.registry import Workshop
from services.nlp.training.model import Model
from services.nlp.training.shelf import Shelf

log = logging.getLogger(__name__)

WATCH_S = 2


class Bots:
    """Which bot answers where, and its model."""

    def __init__(
        self,
        settings: NlpSettings,
        accounts: tuple[Account, ...],
        http: httpx.AsyncClient,
        workshop: Workshop | None = None,
    ) -> None:
        """Without a workshop the bots have no skills."""
        self._settings = settings
        self._workshop = workshop
        self._http = http
        self._accounts = {(account.channel, account.name): account for account in accounts}
        self._shelf = Shelf(settings.nlp_bots_dir, settings.nlp_models_dir)
        self._live: dict[str, LiveBot] = {}
        self.broken: dict[str, BotInvalid] = {}
        """Bots whose files are wrong, and what is wrong with them."""
        self.training = asyncio.Lock()
        """Held while a training runs that somebody has asked for."""

    @property
    def folders(self) -> tuple[Path, Path]:
        """The bots' folder, and that of the models."""
        return self._settings.nlp_bots_dir, self._settings.nlp_models_dir

    def names(self) -> list[str]:
        """Every bot's folder."""
        return bot_names(self._settings.nlp_bots_dir)

    def configured(self) -> set[str]:
        """The bots that some conversation is answered by."""
        listed = {bot for a in self._accounts.values() for bot in (a.bot, *a.chats.values()) if bot}
        return {self._settings.channel_bot(c) for c in ("web", "telegram", "slack")} | listed

    def missing(self) -> list[str]:
        """Configured bots that cannot answer yet, each with what stands in its way."""
        return [f"{name}: {self._lack_of(name)}" for name in sorted(self.configured() - self._live.keys())]

    def _lack_of(self, name: str) -> str:
        if broken := self.broken.get(name):
            return f"its files have mistakes, {len(broken.mistakes)} of them (the log and /bots tell)"
        if name not in self.names():
            return f"there is no such folder in {self._settings.nlp_bots_dir}"
        return "it is being trained"

    def name_for(self, conversation_id: str) -> str:
        """The bot that answers in a conversation."""
        conversation = Conversation.parse(conversation_id)
        account = self._accounts.get((conversation.channel, conversation.account or "web"))
        if account is None:
            return self._settings.channel_bot(conversation.channel)
        return (
            account.chats.get(conversation.chat)
            or account.bot
            or self._settings.channel_bot(conversation.channel)
        )

    def live(self, name: str) -> LiveBot:
        """The bot, ready to answer; raises BotUnknown, BotInvalid or BotNotReady."""
        if live := self._live.get(name):
            return live
        if name in self.broken:
            raise self.broken[name]
        if name in self.names():
            raise BotNotReady(name)
        raise BotUnknown(name)

    async def train_all(self) -> None:
        """Serve what is trained already, and train what is not, the configured bots first."""
        names = sorted({*self.names(), *self.configured()}, key=lambda n: n not in self.configured())
        stale = [name for name in names if not await self._is_served_as_it_is(name)]
        async for told in self._trained(stale):
            name = told["bot"]
            if mistakes := told.get("mistakes"):
                self.broken[name] = BotInvalid(mistakes)
                log.error("nlp.bot.refused", extra={"bot": name, "mistakes": mistakes})
            elif problem := told.get("problem"):
                log.error("nlp.bot.failed", extra={"bot": name, "problem": problem})
            await self._swap(name)  # where training failed, what was trained last goes on answering

    async def _is_served_as_it_is(self, name: str) -> bool:
        """Whether the folder's present content is trained, and now served."""
        if name not in self.names():
            return False
        version = await asyncio.to_thread(fingerprint, self._shelf.folder(name))
        return self._shelf.current_version(name) == version and await self._swap(name)

    async def _trained(self, names: list[str]) -> AsyncGenerator[dict[str, Any], None]:
        """What a training process says of each bot. It has the libraries that only training needs."""
        if not names:
            return
        places = (self._settings.nlp_bots_dir, self._settings.nlp_models_dir)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.nlp.training", *map(str, places), *names),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout
            async for line in process.stdout:
                yield json.loads(line)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def watch_until(self, done: asyncio.Event) -> None:
        """Train, then swap in what others train."""
        await self.train_all()
        while await pause(WATCH_S, done):
            for name in self.names():
                version = self._live[name].model.version if name in self._live else ""
                if self._shelf.current_version(name) not in ("", version) and await self._swap(name):
                    self.broken.pop(name, None)

    async def _swap(self, name: str) -> bool:
        """Serve the current model, if this process can read it."""
        try:
            model = await asyncio.to_thread(self._shelf.load, name)
            if model:
                await self._serve(name, model)
        except BotInvalid as error:  # its own code cannot be loaded
            self.broken[name] = error
            log.error("nlp.bot.refused", extra={"bot": name, "mistakes": error.mistakes})
            return False
        except Exception as error:  # the outermost edge: a damaged file must not end the watch
            log.exception("nlp.bot.unreadable", extra={"bot": name, "reason": str(error)})
            return False
        return model is not None

    async def _serve(self, name: str, model: Model) -> None:
        """Turns that have begun go on with what they have; later ones get this."""
        folder, timeout_s = self._shelf.folder(name), self._settings.nlp_action_s
        self._live[name] = await asyncio.to_thread(
            bring_to_life, model, folder, self._http, timeout_s, self._workshop
        )
        log.info("nlp.bot.loaded", extra={"bot": name, "version": model.version})
