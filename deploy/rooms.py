"""The rooms' own settings, as `make run` needs them: where they listen, and what is switched on."""

from dataclasses import dataclass

from services.face.settings import FaceSettings
from services.gateway.settings import GatewaySettings, channel_lines
from services.nlp.settings import NlpSettings
from services.worker.settings import WorkerSettings


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

    def readiness(self) -> dict[str, str]:
        """The address that says whether a room is ready."""
        names = ("gateway", "nlp", "face")
        return {
            name: f"http://{_reachable(host)}:{port}/readyz"
            for name, (host, port, _) in zip(names, self.ports(), strict=True)
        }

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
