"""`python -m services.nlp`: nlp, on its own port."""

from foundation.serving import serve
from services.nlp.app import create_app
from services.nlp.settings import NlpSettings

GRACE_S = 10
"""A turn that takes longer is tried again by its worker."""


def main() -> None:
    """Serve until told to stop."""
    settings = NlpSettings()
    serve(create_app(settings), "nlp", settings.log_level, settings.nlp_host, settings.nlp_port, GRACE_S)


if __name__ == "__main__":
    main()
