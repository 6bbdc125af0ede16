"""What only the HTTP API answers: lists of galleries and photos, and answers to several photos at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from contracts.face import EnrolledPhoto
from contracts.log import correlation
from contracts.problem import Problem
from foundation.http import Fault, problem_of
from services.face.errors import Busy

V = TypeVar("V")
T = TypeVar("T")


class GallerySummary(BaseModel):
    """A gallery's name, and how many are in it."""

    model_config = ConfigDict(frozen=True)

    name: str
    people: int = 0
    photos: int = 0
    is_damaged: bool = False
    """Its journal cannot be read: every question to it is answered by `gallery_damaged`."""


class GalleryList(BaseModel):
    """Every gallery, by name."""

    model_config = ConfigDict(frozen=True)

    galleries: tuple[GallerySummary, ...]


class PhotoList(BaseModel):
    """The photos of one person, the shown one first."""

    model_config = ConfigDict(frozen=True)

    photos: tuple[EnrolledPhoto, ...]


class Answer(BaseModel, Generic[V]):
    """What became of one photo of several: a value or a problem, never both."""

    model_config = ConfigDict(frozen=True)

    value: V | None = None
    problem: Problem | None = None


class Answers(BaseModel, Generic[V]):
    """An answer to each photo, in the order of the photos."""

    model_config = ConfigDict(frozen=True)

    answers: tuple[Answer[V], ...]


async def answer_each(
    items: Sequence[T], answer: Callable[[T], Awaitable[V]], at_once: int
) -> tuple[Answer[V], ...]:
    """Each item's value, or its Fault as a Problem; `at_once` of them at a time.

    Raises Busy where no item got a place: then the whole request should come again.
    """
    places = asyncio.Semaphore(at_once)

    async def one(item: T) -> Answer[V] | Fault:
        async with places:
            try:
                return Answer(value=await answer(item))
            except Fault as fault:
                return fault

    found = await asyncio.gather(*(one(item) for item in items))
    if all(isinstance(each, Busy) for each in found):
        raise Busy
    return tuple(Answer(problem=_problem(each)) if isinstance(each, Fault) else each for each in found)


def _problem(fault: Fault) -> Problem:
    return problem_of(fault).model_copy(update={"request_id": correlation.get().get("request_id")})
