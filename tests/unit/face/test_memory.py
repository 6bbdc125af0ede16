"""What was freed goes back to the system, also from between what is still in use."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import psutil
from services.face.memory import EVERY, give_back_what_is_freed, giving_back

def resident():
    return psutil.Process().memory_info().rss / 1e6

give_back_what_is_freed()
begun = resident()
pieces = [b"x" * 500_000 for _ in range(200)]
last = pieces.pop()
pieces.clear()
held = resident() - begun
read = giving_back(lambda number: number + 1)
assert [read(number) for number in range(EVERY - 1)] == list(range(1, EVERY))
before = resident() - begun
read(0)
print(held, before, resident() - begun)
"""


def test_holes_in_the_heap_are_given_back_after_some_photos() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    held, before, after = map(float, done.stdout.split())
    assert min(held, before) > 80
    assert after < 10


DESCRIPTOR = """
import sys
from pathlib import Path
from services.face.descriptors import make_descriptor
from services.face.model_files import find_model_files
print(make_descriptor(find_model_files(), "onnx", Path(sys.argv[1])).name, "onnx" in sys.modules)
"""


def test_what_writes_the_network_does_not_stay_in_memory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DESCRIPTOR, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["onnx", "False"]
