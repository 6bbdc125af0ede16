"""`python -m services.gateway`: the gateway behind uvicorn."""

import uvicorn

from foundation import log
from services.gateway.app import create_app
from services.gateway.settings import GatewaySettings

GRACE_S = 3
"""How long open requests may finish after SIGTERM; pages that listen connect again."""


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = GatewaySettings()
    log.configure("gateway", settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.gateway_host,
        port=settings.gateway_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
    )


if __name__ == "__main__":
    main()
