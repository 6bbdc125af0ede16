"""`python -m services.face`: the face room, on its own port."""

import math
import os
import sys


def main() -> None:
    """Run until told to stop."""
    # Before numpy loads its BLAS: with several threads on busy cores, a search takes ten times as long.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

    from foundation import tracing
    from foundation.serving import serve
    from services.face.app import create_app
    from services.face.errors import ModelsMissing
    from services.face.settings import FaceSettings

    settings = FaceSettings()
    try:
        app = create_app(settings)
    except ModelsMissing as error:
        sys.exit(f"{error.title}: {error}")
    tracing.start("face", settings)
    grace_s = math.ceil(settings.face_photo_seconds) + 2
    serve(app, "face", settings.log_level, settings.face_host, settings.face_port, grace_s)


if __name__ == "__main__":
    main()
