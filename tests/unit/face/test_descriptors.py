"""The descriptor network under ONNX Runtime says what dlib says, or is not used."""

import logging
from pathlib import Path

import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from services.face.descriptors import TOLERANCE, make_descriptor
from services.face.detector import Detector
from services.face.dlib_models import Aligner, DlibDescriptor, jittered
from services.face.dlib_weights import WeightsUnknown, read_network
from services.face.embedder import embed
from services.face.image import Photo
from services.face.model_files import DESCRIPTOR, ModelFiles, find_model_files
from tests.unit.face.photos import astronaut_jpeg

FILES = find_model_files()


def chips_of(*photos: bytes) -> NDArray[np.uint8]:
    """The aligned faces of all photos."""
    detector, aligner = Detector(), Aligner(FILES)
    sightings = [detector.find(Photo(photo), everybody=True) for photo in photos]
    return np.stack(
        [
            aligner.chip(seen.pixels, aligner.landmarks(seen.pixels, face.box))
            for seen in sightings
            for face in seen.faces
        ]
    )


def test_every_face_of_the_test_photos_gets_dlibs_numbers(test_data: Path, tmp_path: Path) -> None:
    photos = sorted((test_data / "faces").rglob("*.jpg"))
    chips = chips_of(*(photo.read_bytes() for photo in photos))
    assert len(chips) > 100
    quick, reference = make_descriptor(FILES, "onnx", tmp_path), DlibDescriptor(FILES)
    assert quick.name == "onnx"
    assert np.abs(quick.describe(chips) - reference.describe(chips)).max() < TOLERANCE


def test_the_numbers_are_those_of_dlibs_own_call_on_the_whole_photo(tmp_path: Path) -> None:
    seen = Detector().find(Photo(astronaut_jpeg()))
    box = seen.faces[0].box
    rectangle = dlib.rectangle(box.left, box.top, box.left + box.width - 1, box.top + box.height - 1)
    shape = dlib.shape_predictor(str(FILES.landmarks))(seen.pixels, rectangle)
    theirs = dlib.face_recognition_model_v1(str(FILES.descriptor)).compute_face_descriptor(seen.pixels, shape)
    aligner = Aligner(FILES)
    chip = aligner.chip(seen.pixels, aligner.landmarks(seen.pixels, box))
    ours = embed(make_descriptor(FILES, "onnx", tmp_path), [chip])[0]
    assert np.abs(ours - np.array(theirs)).max() < TOLERANCE


@pytest.mark.parametrize("name", ["onnx", "dlib"])
def test_jitter_gives_the_mean_of_that_many_disturbed_chips(name: str, tmp_path: Path) -> None:
    descriptor = make_descriptor(FILES, "onnx" if name == "onnx" else "dlib", tmp_path)
    chip = chips_of(astronaut_jpeg())[0]
    plain, once = embed(descriptor, [chip])[0], embed(descriptor, [chip], 1)[0]
    shaken = embed(descriptor, [chip], 10)[0]
    assert np.array_equal(plain, once)
    assert jittered(chip, 10).shape == (10, 150, 150, 3)
    assert 0.001 < np.linalg.norm(shaken - plain) < 0.3


def test_the_network_is_written_once_and_read_back(tmp_path: Path) -> None:
    make_descriptor(FILES, "onnx", tmp_path / "models")
    (written,) = (tmp_path / "models").iterdir()
    before = written.stat()
    make_descriptor(FILES, "onnx", tmp_path / "models")
    assert [written] == list((tmp_path / "models").iterdir())
    assert written.stat().st_mtime_ns == before.st_mtime_ns


def test_a_broken_network_file_falls_back_to_dlib_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_descriptor(FILES, "onnx", tmp_path)
    (written,) = tmp_path.iterdir()
    written.write_bytes(written.read_bytes()[:10_000])
    with caplog.at_level(logging.WARNING):
        assert make_descriptor(FILES, "onnx", tmp_path).name == "dlib"
    assert caplog.messages == ["face.descriptor.fell_back"]


def test_a_network_that_says_other_numbers_falls_back_to_dlib(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import onnx

    make_descriptor(FILES, "onnx", tmp_path)
    (written,) = tmp_path.iterdir()
    model = onnx.load(written)
    scale = next(one for one in model.graph.initializer if one.name == "c1")
    scale.raw_data = np.array(1 / 255, np.float32).tobytes()  # the usual mistake: 256 is right
    onnx.save(model, written)
    with caplog.at_level(logging.WARNING):
        assert make_descriptor(FILES, "onnx", tmp_path).name == "dlib"
    assert caplog.messages == ["face.descriptor.fell_back"]


def test_weights_in_another_form_are_refused(tmp_path: Path) -> None:
    for cut in (b"", FILES.descriptor.read_bytes()[:20_000], b"no network at all"):
        (tmp_path / "cut.dat").write_bytes(cut)
        with pytest.raises(WeightsUnknown):
            read_network(tmp_path / "cut.dat")
    newer = tmp_path / DESCRIPTOR
    content = FILES.descriptor.read_bytes()
    newer.write_bytes(content.replace(b"affine_", b"affine2", 1))
    with pytest.raises(WeightsUnknown, match="affine2"):
        read_network(newer)


def test_dlib_may_be_wanted(tmp_path: Path) -> None:
    assert make_descriptor(ModelFiles(FILES.landmarks, FILES.descriptor), "dlib", tmp_path).name == "dlib"
    assert list(tmp_path.iterdir()) == []
