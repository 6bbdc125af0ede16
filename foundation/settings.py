"""The base of each room's settings: the environment, `NAME_FILE` for secrets, generated secrets."""

import os
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)


class FileSecretsSource(PydanticBaseSettingsSource):
    """Reads NAME_FILE for every secret NAME: the path of a file that holds the value."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        if SecretStr not in _types(field):
            return None, field_name, False
        name = _variable(field, field_name)
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            raise ValueError(f"{name} and {name}_FILE are both set: keep one of them")
        return Path(path).read_text("utf-8").strip(), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {}
        for field_name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, field_name)
            if value is not None:
                found[_key(field, field_name)] = value
        return found


class RoomSettings(BaseSettings):
    """What all rooms share. A field's variable is its alias, else its name in capitals."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # the input holds tokens, and errors are logged
    )

    log_level: str = "INFO"
    secrets_dir: Path = Path("var/secrets")
    """Where secrets are generated that nobody has set."""
    internal_token: SecretStr = SecretStr("")
    """What the rooms show one another; generated when empty."""
    switchboard_config: Path | None = None
    """`switchboard.yml`, where several bots and workspaces are listed."""
    otel_exporter_otlp_endpoint: str = ""
    """Where traces go, an OTLP collector's http://…:4318; empty: none are made."""
    otel_exporter_otlp_headers: SecretStr = SecretStr("")
    """What the collector wants to be shown, such as api-key=…"""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSecretsSource(settings_cls)

    @staticmethod
    def variable(name: str) -> SecretStr:
        """The value of a variable that `switchboard.yml` names, NAME_FILE included."""
        path = os.environ.get(f"{name}_FILE")
        if path:
            return SecretStr(Path(path).read_text("utf-8").strip())
        return SecretStr(os.environ.get(name, ""))

    @property
    def is_traced(self) -> bool:
        """Whether traces are to be made."""
        return bool(self.otel_exporter_otlp_endpoint)

    def internal_key(self) -> str:
        """The token between rooms: the one that is set, else the generated one."""
        return self.internal_token.get_secret_value() or generated_secret(
            self.secrets_dir, "internal_token", lambda: secrets.token_urlsafe(32)
        )


def generated_secret(folder: Path, name: str, make: Callable[[], str]) -> str:
    """The secret in folder/name, made once by whichever process comes first (mode 0600)."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}.{uuid.uuid4().hex}"  # rooms in containers have the same process id
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another room was first: its secret counts
        finally:
            draft.unlink()
    return path.read_text("utf-8").strip()


def secret() -> Any:
    """An optional secret: empty means not set."""
    return Field(default=SecretStr(""))


def _variable(field: FieldInfo, field_name: str) -> str:
    return _key(field, field_name).upper()


def _key(field: FieldInfo, field_name: str) -> str:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else field_name


def _types(field: FieldInfo) -> tuple[Any, ...]:
    return (field.annotation, *getattr(field.annotation, "__args__", ()))
