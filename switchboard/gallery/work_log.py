"""What a build has done, a line a person, so that it goes on where it was stopped."""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.face import Quality
from switchboard.gallery.catalogue import Person


class Seen(BaseModel):
    """One photo: how well its face could be seen, and what became of it."""

    model_config = ConfigDict(frozen=True)

    reason: str = ""
    """Why it was dropped; empty for a kept one."""
    quality: Quality | None = None
    place: str = ""
    """Its file or address; of a person without any photo, the name."""


class Done(BaseModel):
    """One person's photos; of several lines about a person, the last one holds."""

    model_config = ConfigDict(frozen=True)

    key: str
    fingerprint: str
    photos: tuple[Seen, ...] = ()
    again: bool = False
    """Something could not be had that another run may get."""

    @property
    def kept(self) -> int:
        """How many photos are in the gallery."""
        return sum(not photo.reason for photo in self.photos)


class BuildRunning(Exception):
    """Somebody else is writing to this gallery's log."""


class WorkLog:
    """One gallery's file; one build at a time holds it. Raises BuildRunning."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(folder / "log.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise BuildRunning from error
        content = _whole(self._file)
        self._done = {done.key: done for done in _lines(content)}
        if content and not content.endswith(b"\n"):  # torn by a crash: the next line starts anew
            os.write(self._file, b"\n")

    def is_done(self, person: Person) -> bool:
        """Whether there is nothing more to do for this person, as the catalogue has them now."""
        done = self._done.get(person.key)
        return done is not None and not done.again and done.fingerprint == person.fingerprint

    def add(self, done: Done) -> None:
        """Written when this returns. People who are done twice after a crash are the same people."""
        self._done[done.key] = done
        os.write(self._file, done.model_dump_json(exclude_defaults=True).encode() + b"\n")

    def of(self, people: Iterable[Person]) -> list[Done]:
        """What is known of these people."""
        return [done for person in people if (done := self._done.get(person.key))]

    def close(self) -> None:
        """Let another build begin."""
        os.close(self._file)


def read_log(folder: Path) -> list[Done]:
    """What the builds of a gallery have done, each person once."""
    try:
        content = (folder / "log.jsonl").read_bytes()
    except FileNotFoundError:
        return []
    return list({done.key: done for done in _lines(content)}.values())


def counts(done: Iterable[Done]) -> Counter[str]:
    """Photos by reason; `kept` for the others."""
    return Counter(photo.reason or "kept" for one in done for photo in one.photos)


def dropped(done: Iterable[Done]) -> dict[str, list[str]]:
    """By reason, which photos were dropped; of what an older build did, whose they are."""
    found: dict[str, list[str]] = {}
    for one in done:
        for photo in one.photos:
            if photo.reason:
                found.setdefault(photo.reason, []).append(photo.place or one.key)
    return found


def _whole(file: int) -> bytes:
    with open(file, "rb", closefd=False) as reader:
        reader.seek(0)
        return reader.read()


def _lines(content: bytes) -> Iterable[Done]:
    for line in content.splitlines():
        try:
            yield Done.model_validate(json.loads(line))
        except (ValueError, ValidationError):  # a torn line: its person is done again
            continue
