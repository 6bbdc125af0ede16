"""Whatever is done to a gallery, by whichever process, every process and every restart tells the same."""

import random
from pathlib import Path

import numpy as np
import pytest

from services.face.errors import IdentityUnknown
from services.face.store import GalleryStore
from tests.unit.face.conftest import Opened
from tests.unit.face.gallery_builders import add_photo, below, enroll, vector

Model = dict[str, tuple[str, list[int]]]
"""By id: the name, and the numbers of the photos."""


async def act(store: GalleryStore, model: Model, number: int, chance: random.Random) -> None:
    """One verb, chosen by chance, on the store and on the model."""
    verb = chance.choice(["enroll", "add", "add", "remove photo", "change", "remove"])
    if verb == "enroll" or not model:
        await enroll(store, number)
        model[f"{number:032x}"] = (f"Person {number}", [number])
        return
    key = chance.choice(sorted(model))
    photos = model[key][1]
    if verb == "add":
        await add_photo(store, int(key, 16), number)
        photos.append(number)
    elif verb == "change":
        await store.change("default", key, {"name": f"Renamed {number}"})
        model[key] = (f"Renamed {number}", photos)
    elif verb == "remove":
        await store.remove("default", key)
        del model[key]
    else:
        photo = chance.choice(photos)
        left = await store.remove_photo("default", key, f"{photo:032x}")
        photos.remove(photo)
        assert (left is None) == (not photos)
        if not photos:
            del model[key]


async def told(store: GalleryStore) -> Model:
    """What a store tells, by listing, by embeddings and by searching for each photo."""
    gallery = await store.get("default")
    found: Model = {}
    for identity in gallery.identities():
        rows = gallery.embeddings(identity.id)
        numbers = [int(photo_id, 16) for photo_id, _ in rows]
        assert [photo.id for photo in identity.photos] == [photo_id for photo_id, _ in rows]
        for number, (photo_id, row) in zip(numbers, rows, strict=True):
            assert np.array_equal(row, vector(number))
            assert gallery.nearest(row, 1)[0].identity == identity
            assert await store.portrait("default", identity.id, photo_id) == b"jpeg of %d" % number
        found[identity.id] = (identity.name, numbers)
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_every_process_and_every_restart_tells_what_was_done(
    tmp_path: Path, opened: Opened, seed: int
) -> None:
    chance = random.Random(seed)
    stores, model = [await opened(tmp_path) for _ in range(2)], Model()
    for number in range(1, 100):
        await act(chance.choice(stores), model, number, chance)
        if number % 20 == 0:
            for store in stores:
                assert await told(store) == model
            await stores[0].close()  # which compacts at once
            stores[0] = await opened(tmp_path)
            with pytest.raises(IdentityUnknown):
                await stores[0].remove("default", "nobody")
    assert await told(await opened(tmp_path)) == model
    pictures = {path.stem for path in below(tmp_path / "default" / "photos")}
    assert pictures == {f"{photo:032x}" for _, photos in model.values() for photo in photos}
