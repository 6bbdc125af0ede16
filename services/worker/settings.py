"""The worker's settings: the only place where it reads the environment."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr, model_validator

from foundation.settings import RoomSettings, secret


class WorkerSettings(RoomSettings):
    """Tokens for sending, where the other rooms are, and how long things may take."""

    redis_url: str = "redis://127.0.0.1:6379/0"
    nlp_url: str = "http://127.0.0.1:8001"
    face_url: str = "http://127.0.0.1:8002"

    telegram_bot_token: SecretStr = secret()
    telegram_api_url: str = "https://api.telegram.org"
    telegram_streaming: Literal["draft", "edit", "off"] = "draft"
    """How an answer in the making is shown in a private chat; groups have no drafts and show edits."""
    slack_bot_token: SecretStr = secret()
    slack_api_url: str = "https://slack.com/api/"
    slack_streaming: Literal["native", "update", "off"] = "native"
    """How answers grow: Slack's own streams where they can be had, updates of a message, or not at all."""
    slack_prompts: tuple[str, ...] = ()
    """What is suggested to who opens the bot's chat; at most four. Ours where there is none."""

    worker_slots: int = 8
    """Conversations that one worker process runs at a time."""
    worker_lease_s: float = 15
    """How long a silent worker keeps a conversation before another may take it over."""
    worker_sweep_s: float = 2
    worker_attempts: int = 5
    worker_retry_s: tuple[float, ...] = (1, 5, 25)
    """Waits before the next attempt; the last one repeats."""
    worker_give_up_s: float = 15 * 60
    """An Event that failed once is given up when it is older than this."""
    worker_turn_s: float = 10 * 60
    worker_control_poll_s: float = 0.1
    """How often it is looked whether somebody stops a running turn; one look for all turns of the process."""
    worker_soft_shutdown_s: float = 20
    """How long running turns may finish after SIGTERM; then other workers take them over."""
    worker_heartbeat_file: Path = Path("var/run/worker.heartbeat")
    """Touched by every sweep; too old means that the worker does no work."""
    worker_newer_message: Literal["wait", "supersede"] = "wait"
    """Whether a person's next message waits for the answer that is being written, or ends it."""
    admins: str = ""
    """Who may stop and delete every answer of the bot's, named as foundation/allowing.py says: slack@U1."""
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: int = 0
    """Port of /metrics; 0 is off. Where another worker of this host has it, the next one that is free."""
    usage_days: int = 90
    """How long the figures of a day are kept."""

    @model_validator(mode="after")
    def _retries_are_listed(self) -> "WorkerSettings":
        if not self.worker_retry_s:
            raise ValueError("WORKER_RETRY_S: at least one wait, such as [1, 5, 25]")
        return self

    def retry_s(self, attempt: int) -> float:
        """The wait after this attempt, 1 being the first."""
        return self.worker_retry_s[min(attempt, len(self.worker_retry_s)) - 1]
