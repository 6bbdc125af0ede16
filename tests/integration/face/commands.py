"""`switchboard gallery …` as people type it, on a folder of this test's own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.face.room import TOKEN


class Commands:
    """Runs commands on one data folder; `url` is the running room, where there is one."""

    def __init__(self, folder: Path, url: str = "http://127.0.0.1:1", **variables: str) -> None:
        self.folder = folder
        self._variables = {
            "FACE_DATA_DIR": str(folder / "face"),
            "FACE_PROCESSES": "1",
            "FACE_URL": url,
            "INTERNAL_TOKEN": TOKEN,
            "SECRETS_DIR": str(folder / "secrets"),
            "COLUMNS": "200",
        } | variables

    @property
    def builds(self) -> Path:
        """Where a build of the default gallery leaves its log, samples and sheet."""
        return self.folder / "face" / "galleries" / "default" / "build"

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """The command, running."""
        return subprocess.Popen(
            [sys.executable, "-m", "switchboard", "gallery", *map(str, arguments)],
            env=os.environ | self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """The command, when it has ended."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=100)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def build(self, *arguments: object) -> str:
        """What a build without trouble says."""
        done = self.run("build", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout
