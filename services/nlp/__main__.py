"""`python -m services.nlp`: nlp behind uvicorn."""

import uvicorn

from foundation import log
from services.nlp.app import create_app
from services.nlp.settings import NlpSettings

GRACE_S = 10
"""How long running turns may finish after SIGTERM; the worker tries the others again."""


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = NlpSettings()
    log.configure("nlp", settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.nlp_host,
        port=settings.nlp_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
    )


if __name__ == "__main__":
    main()
