"""Finds the two model files without loading them."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from services.face.errors import ModelsMissing

LANDMARKS = "shape_predictor_5_face_landmarks.dat"
DESCRIPTOR = "dlib_face_recognition_resnet_model_v1.dat"


@dataclass(frozen=True)
class ModelFiles:
    """Where the landmark predictor and the descriptor network lie."""

    landmarks: Path
    descriptor: Path


def find_model_files(folder: Path | None = None) -> ModelFiles:
    """The files in `folder`, else in the installed package; raises ModelsMissing."""
    folder = folder or _package_folder()
    files = ModelFiles(folder / LANDMARKS, folder / DESCRIPTOR)
    for path in (files.landmarks, files.descriptor):
        if not path.is_file():
            raise ModelsMissing(
                f"{path} is not there: install face-recognition-models or set FACE_MODELS_DIR"
            )
    return files


def _package_folder() -> Path:
    # Found, never imported: the package asks for pkg_resources, which new setuptools dropped.
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise ModelsMissing("install face-recognition-models or set FACE_MODELS_DIR")
    return Path(next(iter(spec.submodule_search_locations))) / "models"
