"""The `switchboard` command of a work tree: the command line, with the settings of `make run`."""

import os
import sys

from deploy.settings import ROOT, RunSettings, room_variables, with_dotenv
from switchboard.__main__ import main

DEFAULT_PORTS = {"nlp": 8001, "face": 8002}


def adopt_settings() -> None:
    """Make the environment that of the running stack, where it says nothing else."""
    os.environ.update(with_dotenv(os.environ, ROOT / ".env"))
    run = RunSettings()
    written = run.var / "run" / "redis_url"
    redis_url = run.redis_url or (written.read_text("utf-8") if written.is_file() else "")
    ports = {
        name: int(os.environ.get(f"{name.upper()}_PORT") or DEFAULT_PORTS[name]) for name in DEFAULT_PORTS
    }
    for name, value in room_variables(run.var, redis_url, ports).items():
        if value and not os.environ.get(name):
            os.environ[name] = value


if __name__ == "__main__":
    adopt_settings()
    main(sys.argv[1:])
