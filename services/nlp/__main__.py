"""`python -m services.nlp`: nlp, on its own port."""

import gc

from foundation import tracing
from foundation.serving import serve
from services.nlp.app import create_app
from services.nlp.settings import NlpSettings

GRACE_S = 10
"""A turn that takes longer is tried again by its worker."""
_OBJECTS_A_COLLECTION = 50_000
"""A turn makes thousands of objects that die by themselves: collecting every 700 took a fifth of its time."""


def main() -> None:
    """Serve until told to stop."""
    gc.set_threshold(_OBJECTS_A_COLLECTION, 10, 10)
    settings = NlpSettings()
    tracing.start("nlp", settings)
    serve(create_app(settings), "nlp", settings.log_level, settings.nlp_host, settings.nlp_port, GRACE_S)


if __name__ == "__main__":
    main()
