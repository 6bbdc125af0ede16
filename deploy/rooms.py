"""The rooms' own settings, as `make run` needs them: where they listen, and what is switched on."""

from collections.abc import Iterable
from dataclasses import dataclass

from foundation.healthy import beats, lack_of
from services.face.settings import FaceSettings
from services.gateway.settings import GatewaySettings, channel_lines
from services.nlp.settings import NlpSettings
from services.worker.settings import WorkerSettings

ROOMS = ("gateway", "worker", "nlp", "face")


@dataclass(frozen=True)
class Rooms:
    """What the four rooms will read when they start."""

    gateway: GatewaySettings
    worker: WorkerSettings
    nlp: NlpSettings
    face: FaceSettings

    def ports(self) -> tuple[tuple[str, int, str], ...]:
        """Host, port and the setting that moves it, for each room that listens."""
        return (
            (self.gateway.gateway_host, self.gateway.gateway_port, "GATEWAY_PORT"),
            (self.nlp.nlp_host, self.nlp.nlp_port, "NLP_PORT"),
            (self.face.face_host, self.face.face_port, "FACE_PORT"),
        )

    def lacks(self, names: Iterable[str]) -> dict[str, str]:
        """What those of these rooms say that are not ready yet."""
        return {name: lack for name in names if (lack := self._lack_of(name))}

    def _lack_of(self, name: str) -> str:
        if name == "worker":
            return "" if beats(self.worker.worker_heartbeat_file) else "it has not begun to work"
        host, port, _ = dict(zip(("gateway", "nlp", "face"), self.ports(), strict=True))[name]
        return lack_of(f"http://{_reachable(host)}:{port}/readyz")

    def address(self) -> str:
        """Where a person opens the page."""
        return f"http://{_reachable(self.gateway.gateway_host)}:{self.gateway.gateway_port}"

    def lines(self) -> list[str]:
        """One line for each channel and the model: on, or off and which setting would turn it on."""
        return [*channel_lines(self.gateway), f"model     {_model_line(self.nlp)}"]


def load_rooms() -> Rooms:
    """Read the environment as the rooms do. Raises ValueError with what is wrong."""
    return Rooms(GatewaySettings(), WorkerSettings(), NlpSettings(), FaceSettings())


def _model_line(nlp: NlpSettings) -> str:
    if not nlp.has_model:
        return "off: OPENAI_API_KEY or OPENAI_BASE_URL"
    return f"on ({nlp.openai_model})" if nlp.nlp_model_for.strip() else "open to nobody: NLP_MODEL_FOR"


def _reachable(host: str) -> str:
    """An address to connect to, for one to listen on."""
    if host in ("0.0.0.0", "::", "127.0.0.1"):
        return "localhost"
    return f"[{host}]" if ":" in host else host
