"""`python -m services.face`: the face room, on its own port."""

import os


def main() -> None:
    """Run until told to stop."""
    # Before numpy loads its BLAS: with several threads on busy cores, a search takes ten times as long.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

    import uvicorn

    from foundation import log
    from services.face.app import create_app
    from services.face.settings import FaceSettings

    settings = FaceSettings()
    log.configure("face", settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.face_host,
        port=settings.face_port,
        log_config=None,
        access_log=False,
    )


if __name__ == "__main__":
    main()
