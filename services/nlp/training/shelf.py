"""Models on disk: a folder a version, and a file `current` that names the one to serve."""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import joblib

from services.nlp.formats.loader import fingerprint, load_bot
from services.nlp.training.model import Model, made_with, train

log = logging.getLogger(__name__)

_KEPT = 3
"""Versions that stay on disk."""


class Shelf:
    """All models of all bots."""

    def __init__(self, bots: Path, models: Path) -> None:
        self._bots = bots
        self._models = models

    def current_version(self, name: str) -> str:
        """The version to serve; "" before the first training."""
        path = self._models / name / "current"
        return path.read_text("utf-8").strip() if path.exists() else ""

    def train(self, name: str) -> Model:
        """Train the folder as it is now and make it current, unless it is already."""
        folder = self._bots / name
        bot = load_bot(folder)
        version = fingerprint(folder)
        with self._alone(name):
            known = self._read(name, version)
            model = known or train(bot, version)
            if not known:
                self._write(name, model)
            self._make_current(name, version)
        for warning in bot.warnings:
            log.warning("nlp.bot.warned", extra={"bot": name, "warning": warning})
        return model

    def load(self, name: str) -> Model | None:
        """The current model; None where there is none that this process can read."""
        return self._read(name, self.current_version(name))

    def _read(self, name: str, version: str) -> Model | None:
        path = self._models / name / version / "model.joblib"
        if not version or not path.exists():
            return None
        stamp = path.with_name("made_with")
        if stamp.read_text("utf-8") != made_with():
            return None
        model = joblib.load(path)
        return model if isinstance(model, Model) else None

    def _write(self, name: str, model: Model) -> None:
        """Write aside, then move into place whole."""
        place = self._models / name / model.version
        draft = place.with_name(f".{model.version}.{os.getpid()}")
        draft.mkdir(parents=True, exist_ok=True)
        joblib.dump(model, draft / "model.joblib", compress=3)
        (draft / "made_with").write_text(model.made_with, "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
        versions = sorted(
            (p for p in place.parent.glob("[!.]*") if p.is_dir()), key=lambda p: p.stat().st_mtime
        )
        for old in versions[:-_KEPT]:
            shutil.rmtree(old)

    def _make_current(self, name: str, version: str) -> None:
        draft = self._models / name / f".current.{os.getpid()}"
        draft.write_text(version, "utf-8")
        draft.replace(self._models / name / "current")

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """One process trains a bot at a time; the next one finds it trained."""
        folder = self._models / name
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
