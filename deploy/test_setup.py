"""Installs what the tests need from Debian, where it is not there: `make test` runs this first."""

import os
import shutil
import subprocess
import sys

PACKAGES = {"redis-server": "redis-server", "chromium": "chromium", "fc-list": "fontconfig fonts-noto-cjk"}
"""Program -> the packages that bring it."""


def missing() -> list[str]:
    """The packages whose program is not on PATH."""
    found = [packages for program, packages in PACKAGES.items() if not shutil.which(program)]
    return " ".join(found).split()


def main() -> None:
    """Install them, or say how."""
    packages = missing()
    if not packages:
        return
    wanted = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"The tests need {wanted}: run `apt-get install {wanted}` as root, then `make test` again")
    sys.stdout.write(f"Installing {wanted} for the tests …\n")
    sys.stdout.flush()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True, stdout=subprocess.DEVNULL)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(install, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
