"""Fails when a module or a function outgrows the house limits: split it by noun."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MODULE_LINES = 400
TEST_MODULE_LINES = 500
FUNCTION_LINES = 50


def violations(path: Path) -> Iterator[str]:
    """One line for each thing in the file that is too long."""
    text = path.read_text("utf-8")
    lines = text.count("\n")
    limit = TEST_MODULE_LINES if path.parts[0] == "tests" else MODULE_LINES
    if lines > limit:
        yield f"{path}: {lines} lines, the limit is {limit}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, the limit is {FUNCTION_LINES}"


def main() -> None:
    """Look at every Python file that git knows or would add."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "*.py"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    found = [line for name in names if Path(name).is_file() for line in violations(Path(name))]
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
