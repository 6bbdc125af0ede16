"""Models on disk: a file a version, and a file `current` that names the one to serve."""

import fcntl
import hashlib
import logging
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.nlp.formats.loader import fingerprint, load_bot
from services.nlp.training.model import MODEL_FORMAT, Model, train

log = logging.getLogger(__name__)

_KEPT = 3
"""Versions that stay on disk."""
_DIGEST = hashlib.sha256().digest_size
_FORMAT = f"switchboard {MODEL_FORMAT}\n".encode()


class Shelf:
    """All models of all bots."""

    def __init__(self, bots: Path, models: Path) -> None:
        self._bots = bots
        self._models = models

    def folder(self, name: str) -> Path:
        """The bot's own files."""
        return self._bots / name

    def current_version(self, name: str) -> str:
        """The version to serve; "" before the first training."""
        path = self._models / name / "current"
        return path.read_text("utf-8").strip() if path.exists() else ""

    def train(self, name: str, notice: Callable[[str], None] = lambda line: None) -> Model:
        """Train the folder as it is now and make it current, unless it is already.

        Raises BotUnknown, or BotInvalid with every mistake.
        """
        version = fingerprint(self.folder(name)) if self.folder(name).is_dir() else ""
        with self._alone(name):
            model = self._read(name, version)
            if model is None:
                model = train(load_bot(self.folder(name)), version, notice)
                self._write(name, model)
            self._make_current(name, version)
        for warning in model.bot.warnings:
            log.warning("nlp.bot.warned", extra={"bot": name, "warning": warning})
        return model

    def load(self, name: str) -> Model | None:
        """The current model; None where there is none that this process can read."""
        return self._read(name, self.current_version(name))

    def _path(self, name: str, version: str) -> Path:
        return self._models / name / f"{version}.model"

    def _read(self, name: str, version: str) -> Model | None:
        """The model; None where it is not there, of another format, or cut short."""
        path = self._path(name, version)
        if not version or not path.is_file():
            return None
        content = path.read_bytes()
        if not content.startswith(_FORMAT):
            return None
        digest = content[len(_FORMAT) : len(_FORMAT) + _DIGEST]
        body = content[len(_FORMAT) + _DIGEST :]
        if hashlib.sha256(body).digest() != digest:
            log.warning("nlp.model.damaged", extra={"bot": name, "version": version})
            return None
        try:
            model = pickle.loads(body)  # our own file, in a folder that only the room writes
        except Exception:  # whatever another version's classes make of it: it is trained anew
            log.warning("nlp.model.unreadable", extra={"bot": name, "version": version})
            return None
        return model if isinstance(model, Model) else None

    def _write(self, name: str, model: Model) -> None:
        """Write aside, then move into place whole."""
        body = pickle.dumps(model, protocol=5)
        place = self._path(name, model.version)
        draft = place.with_name(f".{model.version}.{os.getpid()}")
        draft.write_bytes(_FORMAT + hashlib.sha256(body).digest() + body)
        draft.replace(place)
        versions = sorted(place.parent.glob("*.model"), key=lambda path: path.stat().st_mtime)
        for old in versions[:-_KEPT]:
            old.unlink()

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
