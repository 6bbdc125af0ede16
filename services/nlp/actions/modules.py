"""A bot's Python files as modules of its own: two bots, or two versions of one, never see each other's."""

import builtins
import importlib
import itertools
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

_PREFIX = "_bot_"
_numbers = itertools.count(1)
_home: ContextVar[Path | None] = ContextVar("home", default=None)
"""The folder of the bot whose code runs."""


def at_home(path: str | Path) -> Path:
    """A path as a bot's code means it: counted from the bot's folder, where Rasa's people start it."""
    return (_home.get() or Path()) / path


class BotModules:
    """The modules of one load. Inside them the bot's folder comes first: `from actions.x import y` works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.package = f"{_PREFIX}{next(_numbers)}"
        self._tops = set(_tops(self.folder))
        if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
            sys.meta_path.insert(0, _Finder())
        root = ModuleType(self.package)
        root.__path__ = [str(self.folder)]
        root.__dict__["_imports"] = _Imports(self)
        sys.modules[self.package] = root

    def load(self, name: str) -> list[str]:
        """Import a module, and all below it if it is a package; what is wrong, as `file:line: why`."""
        module, mistake = self._import(f"{self.package}.{name}")
        if module is None:
            return [mistake]
        mistakes = []
        for found in pkgutil.iter_modules(getattr(module, "__path__", []), f"{name}."):
            mistakes += self.load(found.name)
        return mistakes

    @contextmanager
    def running(self) -> Iterator[None]:
        """Paths of what runs inside count from the bot's folder."""
        token = _home.set(self.folder)
        try:
            yield
        finally:
            _home.reset(token)

    def holds(self, name: str) -> bool:
        """Whether the folder has Python of this top-level name."""
        return name in self._tops

    def frames(self, error: BaseException) -> list[str]:
        """Where in the bot's files an error, or what caused it, arose, outermost first: `file:line`."""
        steps = traceback.extract_tb(error.__traceback__)
        ours = [step for step in steps if self._is_ours(step.filename)]
        if not ours and error.__cause__:
            return self.frames(error.__cause__)
        return [f"{self._place(step.filename)}:{step.lineno}" for step in ours]

    def forget(self) -> None:
        """Let the modules go; what still runs keeps what it has."""
        for name in list(sys.modules):  # a copy: other threads import meanwhile
            if f"{name}.".startswith(f"{self.package}."):
                sys.modules.pop(name, None)

    def _import(self, name: str) -> tuple[ModuleType | None, str]:
        try:
            return importlib.import_module(name), ""
        except (Exception, SystemExit) as error:  # foreign code: it may raise whatever it likes
            return None, self._mistake(name, error)

    def _mistake(self, name: str, error: BaseException) -> str:
        if isinstance(error, SyntaxError) and error.filename and self._is_ours(error.filename):
            return f"{self._place(error.filename)}:{error.lineno or 1}: {error.msg}"
        frames = self.frames(error)
        place = frames[-1] if frames else f"{self._file(name.removeprefix(f'{self.package}.'))}:1"
        if isinstance(error, ModuleNotFoundError) and error.name:
            wanted = error.name.removeprefix(f"{self.package}.")
            return f"{place}: the module {wanted!r} is neither in the bot's folder nor installed in this room"
        return f"{place}: {type(error).__name__}: {error}".replace(f"{self.package}.", "")

    def _file(self, name: str) -> str:
        path = name.replace(".", "/")
        return f"{path}/__init__.py" if (self.folder / path).is_dir() else f"{path}.py"

    def _is_ours(self, filename: str) -> bool:
        return Path(filename).is_relative_to(self.folder)

    def _place(self, filename: str) -> str:
        return str(Path(filename).relative_to(self.folder))


def _tops(folder: Path) -> Iterator[str]:
    for place in folder.iterdir():
        if place.suffix == ".py" and place.is_file():
            yield place.stem
        elif place.is_dir() and any((*place.glob("*.py"), *place.glob("*/__init__.py"))):
            yield place.name


class _Imports:
    """`import` as a bot's modules have it: names of its folder mean its own modules."""

    def __init__(self, modules: BotModules) -> None:
        self._modules = modules
        self.builtins = {**vars(builtins), "__import__": self, "open": self._open}

    def __call__(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        top = name.partition(".")[0]
        if level or not self._modules.holds(top):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        own = f"{self._modules.package}.{name}"
        module = builtins.__import__(own, globals, locals, fromlist or (), 0)
        return module if fromlist else getattr(module, top)

    def _open(self, file: Any, *args: Any, **kwargs: Any) -> Any:
        """`open` with its path counted from the bot's folder; a number is a file that is open."""
        path = file if isinstance(file, int) else self._modules.folder / os.fsdecode(file)
        return builtins.open(path, *args, **kwargs)


class _Loader(SourceFileLoader):
    """Reads the file each time: a cached compilation of the same second would be the old version."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: ModuleType) -> None:
        root = sys.modules[module.__name__.partition(".")[0]]
        module.__dict__["__builtins__"] = root.__dict__["_imports"].builtins
        super().exec_module(module)


class _Finder:
    """Finds the modules below a bot's package, and no others."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(_PREFIX) or path is None:
            return None
        return next(_found(name, path), None)


def _found(name: str, path: Sequence[str]) -> Iterator[ModuleSpec]:
    for folder in path:
        finder = FileFinder(folder, (_Loader, [".py"]))
        if spec := finder.find_spec(name):
            yield spec
