"""The must-stay-perfect gate: five public people, 11 photos each, every pair decided rightly."""

from itertools import combinations
from pathlib import Path

import numpy as np

from services.face.reading import Question, make_reader


def test_every_pair_of_the_johns_is_decided_rightly(test_data: Path) -> None:
    read = make_reader(None, "WARNING")
    seen = []
    for folder in sorted((test_data / "faces" / "johns").iterdir()):
        for path in sorted(folder.glob("*.jpg")):
            embedding = read(Question(path.read_bytes(), "embedding")).embedding
            assert embedding is not None, path.name
            seen.append((folder.name, embedding))
    pairs = [(a == b, float(np.linalg.norm(one - other))) for (a, one), (b, other) in combinations(seen, 2)]
    assert len(pairs) == 275 + 1210
    assert [(same, distance) for same, distance in pairs if same != (distance < 0.6)] == []


def test_a_photo_of_dogs_has_no_face_and_a_group_has_many(test_data: Path) -> None:
    read = make_reader(None, "WARNING")
    folder = test_data / "faces" / "faces"
    assert read(Question((folder / "dogs.jpg").read_bytes(), "faces", "all")).faces == ()
    assert len(read(Question((folder / "bald_guys.jpg").read_bytes(), "faces", "all")).faces) > 15
