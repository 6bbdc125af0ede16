"""Chooses what runs the descriptor network, and makes sure that it says what dlib says."""

import hashlib
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.face.dlib_models import DlibDescriptor
from services.face.model_files import ModelFiles
from services.face.reading import DescriptorName

log = logging.getLogger(__name__)

TOLERANCE = 1e-5
_GRAPH = 1
"""Raised when `onnx_graph` writes another graph: files of older ones are then not used."""


class Descriptor(Protocol):
    """Turns aligned faces into numbers."""

    name: str

    def describe(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """n x 150 x 150 x 3, red-green-blue, in; n x 128 out."""


def make_descriptor(files: ModelFiles, wanted: DescriptorName, cache: Path | None) -> Descriptor:
    """The wanted descriptor, warm; dlib's own, with a warning, where the other one cannot be trusted."""
    reference = DlibDescriptor(files)
    if wanted == "dlib":
        reference.describe(_sample())
        return reference
    try:
        quick = _onnx(files, cache)
        difference = float(np.abs(quick.describe(_sample()) - reference.describe(_sample())).max())
    except Exception as error:  # whatever a runtime makes of this machine or file: dlib still works
        log.warning("face.descriptor.fell_back", extra={"error": type(error).__name__})
        return reference
    if not difference <= TOLERANCE:
        log.warning("face.descriptor.fell_back", extra={"difference": difference})
        return reference
    return quick


def _onnx(files: ModelFiles, cache: Path | None) -> Descriptor:
    from services.face.onnx_embedder import OnnxDescriptor

    digest = hashlib.sha256(files.descriptor.read_bytes()).hexdigest()
    with _folder(cache) as folder:
        path = folder / f"descriptor-{_GRAPH}-{digest[:16]}.onnx"
        if not path.exists():
            # In a process of its own: what writes the file would stay in this one's memory, 16 MB.
            command = [sys.executable, "-m", "services.face.onnx_graph", str(files.descriptor), str(path)]
            subprocess.run(command, check=True, capture_output=True)
        return OnnxDescriptor(path)


@contextmanager
def _folder(cache: Path | None) -> Iterator[Path]:
    if cache:
        yield cache
    else:
        with TemporaryDirectory() as folder:
            yield Path(folder)


def _sample() -> NDArray[np.uint8]:
    """One chip of smooth noise, always the same."""
    coarse = np.random.default_rng(0).integers(0, 256, (10, 10, 3), dtype=np.uint8)
    return np.kron(coarse, np.ones((15, 15, 1), dtype=np.uint8))[np.newaxis]
