"""How much memory a process has had at most."""

from pathlib import Path


def peak_mb() -> float:
    """Of this process's own program, in MB; Linux only.

    Not `ru_maxrss`: a program that was started by a large process begins with what that one had.
    """
    [kilobytes] = [
        line.split()[1]
        for line in Path("/proc/self/status").read_text("ascii").splitlines()
        if line.startswith("VmHWM:")
    ]
    return int(kilobytes) / 1024
