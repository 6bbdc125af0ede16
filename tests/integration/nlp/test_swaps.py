"""A bot that is swapped out: the turn that runs ends well, and then its threads and modules are gone."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.nlp.actions.base import ActionFailed
from services.nlp.bots import Bots
from services.nlp.dialogue.tracker import Tracker
from services.nlp.settings import NlpSettings
from services.nlp.training.shelf import Shelf
from tests.waiting import auntil

BOT = "actions: [action_wait]\nresponses: {utter_default: [{text: one}]}\n"
ACTIONS = """
from pathlib import Path
from rasa_sdk import Action


class Wait(Action):
    def name(self):
        return "action_wait"

    def run(self, dispatcher, tracker, domain):
        with open(Path(__file__).parent / "gate") as gate:
            if gate.read() == "fail":
                raise ValueError
        from words import said

        dispatcher.utter_message(text=said)
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The folder of a bot whose action waits at a gate."""
    folder = tmp_path / "bots" / "small"
    folder.mkdir(parents=True)
    (folder / "bot.yml").write_text(BOT, "utf-8")
    (folder / "actions.py").write_text(ACTIONS, "utf-8")
    (folder / "words.py").write_text("said = 'well'\n", "utf-8")
    os.mkfifo(folder / "gate")
    return folder


@pytest.fixture
async def bots(small: Path, tmp_path: Path) -> AsyncIterator[Bots]:
    """The bot, trained and served."""
    settings = NlpSettings(nlp_bots_dir=small.parent, nlp_models_dir=tmp_path / "models", nlp_bot="small")
    async with httpx.AsyncClient(trust_env=False) as http:
        bots = Bots(settings, (), http)
        await _serve(bots)
        yield bots


async def _serve(bots: Bots) -> None:
    """Train the folder as it is, and take that up."""
    Shelf(*bots.folders).train("small")
    await bots.train_all()


async def _turn(bots: Bots) -> list[str] | str:
    """What a turn of the bot as it is now comes to: what is said, or why nothing is."""
    live = bots.live("small")
    try:
        outcome = await live.stage(Tracker.of(live.bot)).run("action_wait")
    except ActionFailed as error:
        return str(error)
    return [reply.text for reply in outcome.replies]


def _modules(folder: Path) -> set[str]:
    """The bot's modules of all versions that are loaded."""
    loaded = dict(sys.modules)
    ours = {name for name, module in loaded.items() if getattr(module, "__path__", None) == [str(folder)]}
    return {name for name in loaded if name.partition(".")[0] in ours}


@pytest.mark.parametrize(("word", "comes"), [("go", ["well"]), ("fail", "action_wait raised ValueError")])
async def test_a_turn_outlives_the_swap_of_its_bot_and_threads_and_modules_go_with_it(
    bots: Bots, small: Path, word: str, comes: list[str] | str
) -> None:
    old, others = _modules(small), set(threading.enumerate())

    async def begun() -> set[threading.Thread]:
        return {each for each in set(threading.enumerate()) - others if each.name == "action"}

    async def is_forgotten() -> bool:
        return not old & _modules(small)

    turn = asyncio.create_task(_turn(bots))
    [thread] = await auntil(begun, "the action runs in a thread")
    (small / "bot.yml").write_text(BOT.replace("one", "two"), "utf-8")
    await _serve(bots)
    assert bots.live("small").bot.responses["utter_default"][0].text == "two"
    assert old < _modules(small)
    await asyncio.to_thread((small / "gate").write_text, word, "utf-8")
    assert await turn == comes
    await auntil(is_forgotten, "the old version's modules are forgotten", timeout_s=5)
    await asyncio.to_thread(thread.join, 5)
    assert not thread.is_alive()
    assert len(_modules(small)) == len(old), "those of the new version stay"
