"""What `make run` reads from the environment and `.env`, and what it tells the rooms."""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The work tree: relative paths in `.env` start here."""


class RunSettings(BaseSettings):
    """The settings of `make run` itself; the rooms have their own."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    switchboard_var: Path = Path("var")
    """Everything that `make run` writes is in here."""
    redis_url: str | None = None
    """A Redis of yours; without one, `make run` starts its own."""
    redis_maxmemory: str = Field("256mb", pattern=r"^\d+(kb|mb|gb)?$")
    """How much the Redis that we start may hold."""

    @property
    def var(self) -> Path:
        """The folder, wherever the command was given."""
        return (ROOT / self.switchboard_var).resolve()


def with_dotenv(given: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    """The environment, with what `.env` says where the environment says nothing."""
    listed = dotenv_values(dotenv, interpolate=False) if dotenv.is_file() else {}
    return {name: value for name, value in listed.items() if value} | {k: v for k, v in given.items() if v}


def room_variables(var: Path, redis_url: str, ports: Mapping[str, int]) -> dict[str, str]:
    """Where things are under `make run`, for every setting that the user left alone."""
    return {
        "REDIS_URL": redis_url,
        "NLP_URL": f"http://127.0.0.1:{ports['nlp']}",
        "FACE_URL": f"http://127.0.0.1:{ports['face']}",
        "NLP_BOTS_DIR": str(ROOT / "bots"),
        "NLP_MODELS_DIR": str(var / "models"),
        "FACE_DATA_DIR": str(var / "face"),
        "SECRETS_DIR": str(var / "secrets"),
        "WORKER_HEARTBEAT_FILE": str(var / "run" / "worker.heartbeat"),
    }
