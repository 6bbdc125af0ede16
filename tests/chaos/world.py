"""The product in a run: rooms, Redis and stand-ins, with a proxy of ours on every way between them."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.chaos import volumes
from tests.chaos.clock import Clock, make_library
from tests.chaos.overlay import make_overlay
from tests.chaos.plan import Crowd
from tests.chaos.platforms import ChaosModel, ChaosSlack, ChaosTelegram
from tests.chaos.proxy import Network, Proxy
from tests.chaos.stalls import Watch
from tests.e2e.stack import Stack
from tests.payloads import SLACK_SECRET, SLACK_TOKEN, TELEGRAM_SECRET
from tests.redis_process import free_port

SHORT = {
    "GATEWAY_PERSON_RATE": "100000",
    "GATEWAY_ADDRESS_RATE": "0",
    "GATEWAY_WAKE_S": "1",
    "WORKER_LEASE_S": "6",
    "WORKER_SWEEP_S": "0.5",
    "WORKER_RETRY_S": "[0.5, 1, 2, 3]",
    "WORKER_ATTEMPTS": "20",
    "WORKER_SOFT_SHUTDOWN_S": "3",
    "NLP_FIRST_TOKEN_S": "5",
    "NLP_NEXT_TOKEN_S": "5",
    "NLP_MODEL_RETRIES": "1",
}
"""Faults come so fast that what waits for minutes would never be seen."""
TELEGRAM_BOTS = {"alpha": "echo", "beta": "echo", "gamma": "talker"}
TEAM = "T1"
FIRST_CHAT = {"alpha": 1000, "beta": 2000, "gamma": 3000}
WORKERS = ("worker1", "worker2")
MODEL_PACE_S = 0.03
REDIS_MEMORY = "64mb"

CROWDS = (
    Crowd("telegram", "alpha", 8, ("echo",)),
    Crowd("telegram", "alpha", 3, ("echo", "echo", "aside"), 20.0, together=3),
    Crowd("telegram", "beta", 6, ("echo",) * 15 + ("forged",)),
    Crowd("telegram", "gamma", 4, ("stream",) * 9 + ("tale",) * 3 + ("poison",), 8.0),
    Crowd("telegram", "gamma", 2, ("stream", "tale", "aside"), 25.0, together=2),
    Crowd("slack", "slack", 5, ("stream",) * 9 + ("tale",) * 3 + ("poison", "forged"), 15.0),
    Crowd("web", "web", 14, ("echo",) * 14 + ("stream",) * 4 + ("tale", "tale", "photo", "photo", "forged")),
)


@dataclass(frozen=True)
class Ways:
    """The proxies, by (who calls, who is called)."""

    proxies: dict[tuple[str, str], Proxy]

    def to(self, name: str) -> tuple[Proxy, ...]:
        """Every way to one that is called."""
        return tuple(proxy for (_, called), proxy in self.proxies.items() if called == name)

    def all(self) -> tuple[Proxy, ...]:
        """Every way."""
        return tuple(self.proxies.values())


class World:
    """Builds it, starts it, ends it."""

    def __init__(self, folder: Path) -> None:
        self.network = Network()
        self.watch = Watch()
        self.telegram = ChaosTelegram({token(name) for name in TELEGRAM_BOTS}, self.watch)
        self.slack = ChaosSlack(SLACK_TOKEN, self.watch)
        self.model = ChaosModel(MODEL_PACE_S)
        self.stack = Stack(folder, self._settings(folder), workers=len(WORKERS))
        self.stack.redis.maxmemory = REDIS_MEMORY
        self.has_volume = volumes.mount(self.stack.redis.folder)
        self.ways = Ways(self._proxies())
        self._direct()
        self.overlay = make_overlay(folder / "next")
        self.clocks = self._clocks(folder)

    @property
    def front(self) -> str:
        """Where the world reaches the gateway."""
        return f"http://127.0.0.1:{self.ways.proxies['world', 'gateway'].port}"

    def start(self) -> None:
        """Everything, until it is ready."""
        for fake in (self.telegram, self.slack, self.model):
            fake.start()
        self.stack.start()

    def stop(self) -> None:
        """End everything with patience."""
        for proxy in self.ways.all():
            proxy.set("fine")
        self.stack.stop()
        if self.has_volume:
            volumes.unmount(self.stack.redis.folder)
        for fake in (self.telegram, self.slack, self.model):
            fake.stop()
        for proxy in self.ways.all():
            proxy.close()
        self.network.close()

    def _settings(self, folder: Path) -> dict[str, str]:
        folder.mkdir(parents=True)
        config = folder / "switchboard.yml"
        config.write_text(yaml.safe_dump({"accounts": _accounts()}), "utf-8")
        return {
            **SHORT,
            **{f"TOKEN_{name.upper()}": token(name) for name in TELEGRAM_BOTS},
            "HOOK_SECRET": TELEGRAM_SECRET,
            "TOKEN_SLACK": SLACK_TOKEN,
            "SIGNING_SECRET": SLACK_SECRET,
            "SWITCHBOARD_CONFIG": str(config),
            "NLP_BOTS_DIR": str(Path(__file__).parent / "bots"),
            "NLP_BOT": "echo",
            "OPENAI_API_KEY": "sk-chaos",
        }

    def _proxies(self) -> dict[tuple[str, str], Proxy]:
        environment = self.stack.environment
        ports = {name: int(environment[f"{name.upper()}_PORT"]) for name in ("gateway", "nlp", "face")}
        ports["redis"] = self.stack.redis.port
        ports |= {"telegram": self.telegram.port, "slack": self.slack.port, "model": self.model.port}
        called = {"world": ("gateway",), "gateway": ("redis", "slack", "telegram"), "nlp": ("redis", "model")}
        called |= dict.fromkeys(WORKERS, ("redis", "nlp", "face", "telegram", "slack"))
        return {
            (caller, name): Proxy(self.network, f"{caller}-{name}", ports[name], free_port())
            for caller, names in called.items()
            for name in names
        }

    def _clocks(self, folder: Path) -> dict[str, Clock]:
        """A clock for each process, by its name; none where there is no C compiler."""
        library = make_library(folder)
        if library is None:
            return {}
        clocks = {name: Clock(folder / f"{name}.clock") for name in ("redis", *self.stack.rooms)}
        for name, clock in clocks.items():
            changed = self.stack.redis if name == "redis" else self.stack[name]
            changed.environment.update(clock.environment(library))
        return clocks

    def _direct(self) -> None:
        """Have every room call through its proxies."""
        addresses = {
            "redis": ("REDIS_URL", "redis://127.0.0.1:{}/0"),
            "nlp": ("NLP_URL", "http://127.0.0.1:{}"),
            "face": ("FACE_URL", "http://127.0.0.1:{}"),
            "telegram": ("TELEGRAM_API_URL", "http://127.0.0.1:{}"),
            "slack": ("SLACK_API_URL", "http://127.0.0.1:{}/api/"),
            "model": ("OPENAI_BASE_URL", "http://127.0.0.1:{}"),
        }
        for (caller, called), proxy in self.ways.proxies.items():
            if caller in self.stack.rooms:
                variable, pattern = addresses[called]
                self.stack[caller].environment[variable] = pattern.format(proxy.port)


def token(bot: str) -> str:
    """The Telegram token of a bot."""
    return f"{FIRST_CHAT[bot]}:CHAOS"


def _accounts() -> list[dict[str, str]]:
    telegram = [
        {"channel": "telegram", "name": name, "token": f"TOKEN_{name.upper()}", "secret": "HOOK_SECRET"}
        | {"bot": bot}
        for name, bot in TELEGRAM_BOTS.items()
    ]
    web = {"channel": "web", "name": "web", "bot": "talker"}
    slack = {"channel": "slack", "name": TEAM, "token": "TOKEN_SLACK", "secret": "SIGNING_SECRET"}
    slack["bot"] = "talker"
    return [*telegram, slack, web]
