"""The walk through a gallery's people, which goes on while the gallery changes."""

from services.face.changes import Enrolled, Removed
from services.face.people import everybody
from tests.synthetic_faces import enrolled
from tests.unit.face.gallery_builders import gallery_of, person, vector

COUNT = 450


async def test_who_stays_is_met_once_though_others_come_and_go_meanwhile() -> None:
    gallery = gallery_of(enrolled(COUNT))
    met: list[str] = []
    async for one in everybody(gallery):
        met.append(one.id)
        if len(met) == 100:
            gallery.apply(Removed(met[0]))
            gallery.apply(Removed(met[1]))
        if len(met) == 300:
            for number in range(3):
                gallery.apply(Enrolled(person(number).model_copy(update={"name": "A"}), vector(number)))
    assert len(met) == len(set(met))
    assert set(met) == {str(number) for number in range(COUNT)}


async def test_the_walk_goes_on_behind_who_is_gone() -> None:
    gallery = gallery_of(enrolled(COUNT))
    met: list[str] = []
    async for one in everybody(gallery):
        met.append(one.id)
        if len(met) == 200:
            gallery.apply(Removed(one.id))
    assert len(met) == len(set(met)) == COUNT
