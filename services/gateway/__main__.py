"""`python -m services.gateway`: the gateway, on its own port."""

from foundation import tracing
from foundation.serving import serve
from services.gateway.app import create_app
from services.gateway.lane import ShortLane
from services.gateway.settings import GatewaySettings

GRACE_S = 3
"""Pages that listen end only now, and connect again."""


def main() -> None:
    """Serve until told to stop."""
    settings = GatewaySettings()
    tracing.start("gateway", settings, hears_strangers=True)
    where = (settings.gateway_host, settings.gateway_port)
    app, proxies = ShortLane(create_app(settings)), settings.gateway_proxies
    serve(app, "gateway", settings.log_level, *where, GRACE_S, proxies)


if __name__ == "__main__":
    main()
