"""A question at a real terminal."""

import os
import pty
import select
import signal
import subprocess
import sys

_ASKS = """
import os, signal, threading
from rich.console import Console
from switchboard.nlp_question import asked
# Another thread takes the signal, so that no read is interrupted by it: as when it comes just before one.
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
console, heard = Console(), 0
while heard < 20:
    try:
        print("line:", asked(console, "Right"), flush=True)
        break
    except KeyboardInterrupt:
        heard += 1
        os.write(1, b"<%d>" % heard)
"""


def test_a_ctrl_c_that_interrupts_no_read_is_heard_all_the_same() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", _ASKS], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        seen = b""
        for number in range(1, 21):
            # two signals at once are one: each is heard before the next is sent
            for wanted in (b"Right: ", b"<%d>" % number):
                while wanted not in seen:
                    assert select.select([ours], [], [], 20)[0], f"at {number}: {seen[-40:]!r}"
                    seen += os.read(ours, 4096)
                if wanted == b"Right: ":
                    process.send_signal(signal.SIGINT)
            seen = seen.partition(b"<%d>" % number)[2]
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_what_is_typed_is_the_answer() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", _ASKS], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        os.write(ours, "好的\n".encode())
        assert process.wait(20) == 0
        assert "line: 好的" in os.read(ours, 4096).decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)
