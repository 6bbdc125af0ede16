"""The supervisor of `make run` and the programs that it keeps alive."""

import ctypes
import os
import shlex
import signal
import subprocess
import sys
import threading
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path

from deploy.leftovers import MARK, end_leftovers
from deploy.settings import ROOT


class Stack:
    """One supervisord, started in the var folder."""

    def __init__(self, var: Path, environment: Mapping[str, str]) -> None:
        self._var = var
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, redis_command: list[str] | None, worker_stop_s: int) -> None:
        """Start everything; None for the command means that Redis is not ours."""
        own = {
            MARK: str(self._var),
            "SWITCHBOARD_ROOT": str(ROOT),
            "SWITCHBOARD_PYTHON": sys.executable,
            "SWITCHBOARD_REDIS_COMMAND": shlex.join(redis_command or ["false"]),
            "SWITCHBOARD_REDIS_AUTOSTART": str(redis_command is not None).lower(),
            "SWITCHBOARD_WORKER_STOP_S": str(worker_stop_s),
        }
        command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord"]
        with (self._var / "log" / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(
                [*command, "-c", str(ROOT / "deploy" / "supervisord.conf")],
                cwd=self._var,  # so that its socket has a short path: the system allows 107 bytes
                env={**self._environment, **own},
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop it in order
                preexec_fn=_end_with_parent,
            )

    def alive(self) -> bool:
        """Whether supervisord runs."""
        return self._process is not None and self._process.poll() is None

    def states(self) -> dict[str, str]:
        """Program -> supervisor's word for its state; empty while supervisord does not answer."""
        from supervisor.xmlrpc import SupervisorTransport

        address = f"unix://{os.path.relpath(self._var / 'run' / 'supervisor.sock')}"
        transport = SupervisorTransport(None, None, address)
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            programs = proxy.supervisor.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error):
            return {}
        finally:
            transport.close()
        assert isinstance(programs, list)
        return {program["name"]: program["statename"] for program in programs}

    def last_lines(self, program: str, count: int = 12) -> str:
        """The end of a program's log."""
        log = self._var / "log" / f"{program}.log"
        if not log.is_file():
            return ""
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-count:])

    def stop(self, at_once: threading.Event) -> None:
        """Stop every program in order and wait for it; when `at_once` is set, kill what is left."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            while self._process.poll() is None and not at_once.is_set():
                at_once.wait(0.05)
        if at_once.is_set():
            end_leftovers(self._var, patience_s=0)
        if self._process:
            self._process.wait()
        end_leftovers(self._var)


def _end_with_parent() -> None:
    """Runs in the child: if we are killed without a chance to stop it, the system tells it to stop."""
    if sys.platform == "linux":
        set_parent_death_signal = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
