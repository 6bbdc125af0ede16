"""What bots, models and people send is data: nothing in it becomes code, but actions of mounted bots."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from deploy.settings import ROOT

PLACES = ("contracts", "foundation", "services", "switchboard", "deploy")
CODE = [path for place in PLACES for path in sorted((ROOT / place).rglob("*.py"))]
UNSAFE = {
    "yaml": {"load", "load_all", "full_load", "unsafe_load", "unsafe_load_all", "Loader", "FullLoader"},
    "pickle": {"load", "loads", "Unpickler"},
    "marshal": {"load", "loads"},
    "shelve": {"open"},
    "builtins": {"eval", "exec"},
    "runpy": {"run_path", "run_module"},
    "os": {"system", "popen"},
}
KNOWN = {
    ("services/nlp/training/shelf.py", "pickle.loads"): "a model that the room itself trained and wrote",
    ("services/nlp/actions/local.py", "pickle.loads"): "a copy of the room's own objects, made on the spot",
}
IMPORTERS = {
    "services/nlp/actions/modules.py": "the bot's folder",
    "services/nlp/skills/registry.py": "the room's skills, and the bot's folder",
    "services/nlp/nlu/encoder.py": "an installed package",
    "services/nlp/nlu/quantities.py": "an installed package",
    "switchboard/__main__.py": "the command line's own modules",
    "switchboard/doctor.py": "the command line's own modules",
}


def name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def nodes(path: Path) -> list[ast.AST]:
    """What matters here of a file's syntax."""
    kinds = (ast.Call, ast.Import, ast.ImportFrom)
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, kinds)]


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in nodes(path) if isinstance(node, ast.Call))


def unsafe_calls(path: Path) -> Iterator[str]:
    """Calls of what makes code of data, by whatever name they were imported."""
    names = {f"{module}.{name}": f"{module}.{name}" for module, found in UNSAFE.items() for name in found}
    names |= {name: f"builtins.{name}" for name in UNSAFE["builtins"]}
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module in UNSAFE:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        if isinstance(node, ast.Import):
            for one in node.names:
                if one.name in UNSAFE and one.asname:
                    names |= {f"{one.asname}.{name}": f"{one.name}.{name}" for name in UNSAFE[one.name]}
    for call in calls(path):
        whole = names.get(name_of(call.func), "")
        if whole.rpartition(".")[2] in UNSAFE.get(whole.partition(".")[0], ()):
            yield whole


def test_nothing_makes_code_of_data_but_where_the_data_are_our_own() -> None:
    found = {(str(path.relative_to(ROOT)), call) for path in CODE for call in unsafe_calls(path)}
    assert found == set(KNOWN)


@pytest.mark.parametrize(
    "line",
    [
        "import yaml\nyaml.load(x)",
        "import yaml as y\ny.unsafe_load(x)",
        "from pickle import loads as f\nf(x)",
        "eval(x)",
        "exec(x)",
        "import os\nos.system(x)",
    ],
)
def test_the_search_finds_what_it_looks_for(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(line)
    assert list(unsafe_calls(path))


def test_yaml_of_bots_is_read_by_a_loader_that_knows_no_python_tags() -> None:
    for path in CODE:
        for call in calls(path):
            if name_of(call.func) == "YAML":
                kinds = [word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)]
                assert set(kinds) <= {"rt", "safe"}, path


def test_modules_are_imported_by_name_only_from_the_bots_folder_and_what_is_installed() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in CODE
        for call in calls(path)
        if name_of(call.func).endswith(("import_module", "__import__", "spec_from_file_location"))
    }
    assert found == set(IMPORTERS)
