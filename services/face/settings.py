"""The face room's settings."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from foundation.settings import RoomSettings


class FaceSettings(RoomSettings):
    """What can be set, and what holds when nothing is."""

    face_host: str = "127.0.0.1"
    face_port: int = 8002
    face_data_dir: Path = Path("var/face")
    """Where galleries live: a journal and the enrolled photos, readable by this user alone."""
    face_processes: int = Field(default=0, ge=0, le=os.cpu_count() or 1)
    """How many photos are worked on at once; each holds about 170 to 190 MB. 0: one a core, at most four."""
    face_queue: int = Field(default=16, ge=0)
    """How many photos may wait for a process; the next one gets 429."""
    face_photo_seconds: float = Field(default=20, gt=0)
    """How long one photo may take before its process is killed."""
    face_index: Literal["auto", "exact", "hnsw"] = "auto"
    """How a gallery is searched: exactly, by a graph, or, auto, by a graph from 120,000 photos on."""
    face_descriptor: Literal["onnx", "dlib"] = "onnx"
    """What runs the descriptor network: ONNX Runtime, or dlib itself, ten times as slow."""
    face_percent: Literal["empirical", "normal"] = "empirical"
    """How a distance becomes a percentile: by the gallery's own distances, or by a normal curve over them."""
    face_percent_floor: int = Field(default=50, ge=0, le=99)
    """The shown percent is floor + (100 - floor) * percentile / 100: 0 shows the percentile itself."""
    face_models_dir: Path | None = None
    """Where the two model files are, if not in the package face-recognition-models."""
    face_url: str = "http://127.0.0.1:8002"
    """Where the command line finds the running room."""

    def processes(self) -> int:
        """How many photos are worked on at once."""
        return self.face_processes or min(4, os.cpu_count() or 1)
