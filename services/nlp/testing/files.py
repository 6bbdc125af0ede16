"""Writes what a test found: JSON that programs read, and pictures that people do."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.nlp.formats.writer import write_tests
from services.nlp.testing.nlu_test import NluResult
from services.nlp.testing.pictures import draw_confidences, draw_confusion
from services.nlp.testing.scores import Guess, entity_report, report
from services.nlp.testing.story_test import StoryResult


def write_nlu(result: NluResult, folder: Path) -> list[Path]:
    """Report, errors and two pictures of intents; likewise of responses and entities where there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    written = _write_labels(result.intents, "intent", folder)
    if result.responses:
        written += _write_labels(result.responses, "response_selection", folder)
    if any(result.expected_entities):
        figures = entity_report(result.expected_entities, result.found_entities)
        written.append(_write(folder / "entity_report.json", figures))
    return written


def write_stories(results: Sequence[StoryResult], folder: Path) -> list[Path]:
    """story_report.json, a picture, and the failed stories as they are written, to run again."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = [step for result in results for step in result.steps if step.kind == "action"]
    guesses = [Guess("", step.expected, step.found, step.confidence) for step in steps]
    figures = {
        **report(guesses),
        "conversation_accuracy": {
            "correct": sum(result.has_passed for result in results),
            "total": len(results),
        },
        "failed": [
            {
                "story": r.story.name,
                "file": r.story.file,
                "line": r.story.line,
                "steps": [asdict(s) for s in r.steps if not s.is_right],
            }
            for r in results
            if not r.has_passed
        ],
    }
    written = [_write(folder / "story_report.json", figures)]
    if guesses:
        draw_confusion(guesses, "Actions", folder / "story_confusion_matrix.png")
        written.append(folder / "story_confusion_matrix.png")
    failed = [result.story for result in results if not result.has_passed]
    path = folder / "failed_test_stories.yml"
    path.unlink(missing_ok=True)
    return [*written, write_tests(failed, path)] if failed else written


def _write_labels(guesses: Sequence[Guess], name: str, folder: Path) -> list[Path]:
    wrong = [asdict(guess) for guess in guesses if not guess.is_right]
    matrix, histogram = folder / f"{name}_confusion_matrix.png", folder / f"{name}_histogram.png"
    draw_confusion(guesses, name.replace("_", " ").capitalize(), matrix)
    draw_confidences(guesses, f"{name.replace('_', ' ').capitalize()}: how sure", histogram)
    return [
        _write(folder / f"{name}_report.json", report(guesses)),
        _write(folder / f"{name}_errors.json", wrong),
        matrix,
        histogram,
    ]


def _write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path
