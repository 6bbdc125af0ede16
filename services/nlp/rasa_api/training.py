"""Training and testing over HTTP."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from services.nlp.errors import BotInvalid
from services.nlp.formats.source import Source
from services.nlp.formats.stories import stories_of
from services.nlp.rasa_api.errors import BadBody
from services.nlp.testing.story_test import Checked, run_stories
from services.nlp.training.model import Model


async def train_model(bots: Path, models: Path, name: str, body: bytes) -> tuple[str, bytes]:
    """The model file's name and content: of the YAML in the body, which is not served, else of the folder.

    Raises BotInvalid with every mistake.
    """
    with tempfile.TemporaryDirectory() as scratch:
        if body.strip():
            bots, models = Path(scratch) / "bots", Path(scratch) / "models"
            (bots / name).mkdir(parents=True)
            (bots / name / "bot.yml").write_bytes(body)
        told = await _trained(bots, models, name)
        if mistakes := told.get("mistakes"):
            raise BotInvalid(mistakes)
        if problem := told.get("problem"):
            raise BadBody(f"it cannot be trained: {problem}")
        version = (models / name / "current").read_text("utf-8").strip()
        return f"{version}.model", (models / name / f"{version}.model").read_bytes()


def test_stories(model: Model, body: bytes) -> dict[str, Any]:
    """Rasa's report of end-to-end stories; raises BotInvalid where they cannot be read."""
    with tempfile.TemporaryDirectory() as scratch:
        mistakes: list[str] = []
        path = Path(scratch) / "stories.yml"
        path.write_bytes(body)
        stories = stories_of(Source(path, path.parent, mistakes))
    if mistakes or not stories:
        raise BotInvalid(mistakes or ["stories.yml:1: no stories; allowed: `stories:`, a list"])
    results = run_stories(model, stories)
    steps = [step for result in results for step in result.steps]
    actions = [step for step in steps if step.kind == "action"]
    return {
        "predictions": [_prediction(step) for step in actions],
        "accuracy": _share(actions),
        "actions": [_prediction(step) for step in actions],
        "is_end_to_end_evaluation": any(step.kind == "user" and step.expected for step in steps),
        "report": {
            "conversation_accuracy": {
                "accuracy": sum(result.has_passed for result in results) / len(results),
                "correct": sum(result.has_passed for result in results),
                "total": len(results),
            }
        },
    }


async def _trained(bots: Path, models: Path, name: str) -> dict[str, Any]:
    arguments = (sys.executable, "-m", "services.nlp.training", str(bots), str(models), name)
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:  # the request was cut off
            process.terminate()
            await process.wait()
    lines = out.splitlines()
    told: dict[str, Any] = json.loads(lines[-1]) if lines else {"problem": "it ended early"}
    return told


def _prediction(step: Checked) -> dict[str, Any]:
    return {
        "action": step.expected,
        "predicted": step.found,
        "policy": step.policy,
        "confidence": step.confidence,
    }


def _share(steps: list[Checked]) -> float:
    return sum(step.is_right for step in steps) / len(steps) if steps else 1.0
