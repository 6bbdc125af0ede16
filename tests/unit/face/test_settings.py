"""The face room's settings and where its models are found."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.face.errors import ModelsMissing
from services.face.model_files import DESCRIPTOR, LANDMARKS, find_model_files
from services.face.settings import FaceSettings


def test_every_field_is_set_by_its_name_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"FACE_PORT": "9", "FACE_DATA_DIR": "/d", "FACE_QUEUE": "0", "FACE_INDEX": "hnsw"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = FaceSettings()
    assert (settings.face_port, settings.face_data_dir, settings.face_queue) == (9, Path("/d"), 0)
    assert settings.face_index == "hnsw"


@pytest.mark.parametrize("processes", ["-1", str((os.cpu_count() or 1) + 1)])
def test_there_are_no_more_processes_than_cores(monkeypatch: pytest.MonkeyPatch, processes: str) -> None:
    monkeypatch.setenv("FACE_PROCESSES", processes)
    with pytest.raises(ValidationError, match="face_processes"):
        FaceSettings()


def test_unless_told_otherwise_there_is_a_process_a_core_and_never_more_than_four() -> None:
    assert FaceSettings().processes() == min(4, os.cpu_count() or 1)
    assert FaceSettings(face_processes=1).processes() == 1


def test_the_models_are_found_in_the_package() -> None:
    files = find_model_files()
    assert (files.landmarks.name, files.descriptor.name) == (LANDMARKS, DESCRIPTOR)
    assert files.descriptor.stat().st_size == 22_466_066


def test_a_folder_of_ones_own_comes_first_and_must_hold_both(tmp_path: Path) -> None:
    (tmp_path / LANDMARKS).touch()
    with pytest.raises(ModelsMissing, match=DESCRIPTOR):
        find_model_files(tmp_path)
    (tmp_path / DESCRIPTOR).touch()
    assert find_model_files(tmp_path).landmarks == tmp_path / LANDMARKS
