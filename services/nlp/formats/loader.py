"""Finds a bot's files in its folder and reads all of them; all mistakes come at once."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.nlp.errors import BotInvalid, BotUnknown
from services.nlp.formats.bot import Bot, Example
from services.nlp.formats.checks import loose_ends
from services.nlp.formats.config import imports_of, read_config
from services.nlp.formats.domain import DOMAIN_KEYS, read_domain
from services.nlp.formats.endpoints import read_endpoints
from services.nlp.formats.json_nlu import read_json
from services.nlp.formats.markdown_nlu import read_markdown
from services.nlp.formats.nlu import read_nlu
from services.nlp.formats.prompts import prompts_path, read_prompts
from services.nlp.formats.slots import Loose, settle
from services.nlp.formats.source import Source
from services.nlp.formats.stories import read_stories, stories_of
from services.nlp.formats.story import Story
from services.nlp.formats.text_file import near

_FOLDERS = (".", "configs", "data", "domain")
_YAML = (".yml", ".yaml")
_KINDS = (*_YAML, ".md", ".json")
_NOT_OURS = ("credentials", "switchboard", "docker-compose", "prompts")
_CONFIG_KEYS = {"language", "pipeline", "policies", "engines", "llm", "imports", "skills"}
_CONFIG_KEYS |= {"recipe", "assistant_id", "importers", "spaces"}
_FILE_KEYS = (*DOMAIN_KEYS, "nlu", "stories", "rules", "version")


@dataclass(frozen=True)
class Paths:
    """Files named in place of those that the folder's layout says; None: look for them."""

    domain: Path | None = None
    config: Path | None = None
    data: Path | None = None


def bot_names(bots: Path) -> list[str]:
    """The folders that hold a bot."""
    return sorted(path.name for path in bots.iterdir() if path.is_dir() and any(bot_files(path)))


def bot_files(folder: Path, paths: Paths = Paths()) -> Iterator[Path]:
    """Every file that the bot is read from, its tests and code left out, in a fixed order."""
    named = [path for path in (paths.config, paths.domain, paths.data) if path]
    looked = [] if len(named) == 3 else [folder / name for name in _FOLDERS]
    seen: set[Path] = set()
    for place in (*named, *looked):
        for path in _below(place, is_top=place == folder):
            if path not in seen and _is_ours(path, folder, paths):
                seen.add(path)
                yield path


def load_bot(folder: Path, paths: Paths = Paths()) -> Bot:
    """The bot; raises BotUnknown, or BotInvalid with every mistake of every file."""
    bot, mistakes = read_bot(folder, paths)
    if mistakes:
        raise BotInvalid(mistakes)
    return bot


def read_bot(folder: Path, paths: Paths = Paths()) -> tuple[Bot, list[str]]:
    """What can be read of the bot, and all mistakes; raises BotUnknown."""
    files = list(bot_files(folder, paths)) if folder.is_dir() else []
    if not files:
        raise BotUnknown(f"{folder.name} has no YAML or Markdown files")
    mistakes: list[str] = []
    bot, loose = Bot(folder.name), Loose()
    config = _config_of(folder, paths)
    configs = {config} if config else set(files)
    for part in _imported(folder, folder, configs, {folder.resolve()}, mistakes):
        for path in _files_of_part(part):
            _read(path, folder, bot, loose, mistakes, is_config=False)
    for path in files:
        _read(path, folder, bot, loose, mistakes, is_config=path in configs)
    if prompts := prompts_path(folder):
        read_prompts(Source(prompts, folder, mistakes))  # read again for each turn: it needs no training
    settle(bot, loose)
    _note_version(bot, loose)
    mistakes += loose_ends(bot)
    return bot, mistakes


def load_tests(folder: Path, mistakes: list[str]) -> list[Story]:
    """The stories of the bot's test files (`tests/`, or files named test_…), in YAML and Markdown."""
    paths = [path for path in _tests(folder) if path.suffix in (*_YAML, ".md")]
    return [story for path in paths for story in load_stories(path, mistakes)]


def load_examples(path: Path, mistakes: list[str]) -> list[Example]:
    """The examples of one NLU file of any format."""
    scratch = Bot(path.stem)
    if path.suffix == ".md":
        read_markdown(path, path.parent, mistakes, scratch)
    elif path.suffix == ".json":
        read_json(path, path.parent, mistakes, scratch)
    else:
        read_nlu(Source(path, path.parent, mistakes), scratch)
    return scratch.examples


def load_stories(path: Path, mistakes: list[str]) -> list[Story]:
    """The stories of one file of any format."""
    if path.suffix in _YAML:
        return stories_of(Source(path, path.parent, mistakes))
    scratch = Bot(path.stem)
    read_markdown(path, path.parent, mistakes, scratch)
    return scratch.stories


def fingerprint(folder: Path) -> str:
    """A name for exactly this content of the folder."""
    digest = hashlib.sha256()
    config = _config_of(folder, Paths())
    parts = _imported(folder, folder, [config] if config else bot_files(folder), {folder.resolve()}, [])
    shared = {path for part in parts for path in _files_of_part(part)}
    for path in sorted({*bot_files(folder), *shared, *_all_code(folder), *_dictionaries(folder)}):
        digest.update(f"{os.path.relpath(path, folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _read(path: Path, folder: Path, bot: Bot, loose: Loose, mistakes: list[str], is_config: bool) -> None:
    if path.suffix == ".md":
        read_markdown(path, folder, mistakes, bot)
        return
    if path.suffix == ".json":
        read_json(path, folder, mistakes, bot)
        return
    source = Source(path, folder, mistakes, bot.warnings)
    if path.stem == "endpoints":
        read_endpoints(source, bot)
        return
    if is_config and ("config" in path.stem or _CONFIG_KEYS & source.content.keys()):
        read_config(source, bot)
    if any(key in source.content for key in DOMAIN_KEYS):
        read_domain(source, bot, loose)
    read_nlu(source, bot)
    read_stories(source, bot)
    for key in source.content:
        if key not in _FILE_KEYS and not (is_config and key in _CONFIG_KEYS):
            source.warn(f"the key {key!r} is not known and left out", source.content, key)


def _imported(
    root: Path, place: Path, configs: Iterable[Path], seen: set[Path], mistakes: list[str]
) -> Iterator[Path]:
    """The folders that these configs import, counted from `place`; what those import comes first."""
    for name in (name for path in sorted(configs) for name in _names(path, root, mistakes)):
        part = near(root, place, name)
        if part is None or not part.is_dir() or not any(bot_files(part)):
            mistakes.append(f"config: imports: {name[:40]!r} holds no bot; allowed: folders of bots")
        elif part.resolve() not in seen:
            seen.add(part.resolve())
            config = _config_of(part, Paths())
            yield from _imported(root, part, [config] if config else [], seen, mistakes)
            yield part


def _names(config: Path, root: Path, mistakes: list[str]) -> list[str]:
    if config.suffix not in _YAML or b"imports" not in config.read_bytes():
        return []
    of_the_file: list[str] = []  # told again when all of it is read
    source = Source(config, root, of_the_file)
    of_the_file.clear()
    names = imports_of(source)
    mistakes += of_the_file
    return names


def _files_of_part(part: Path) -> Iterator[Path]:
    """An imported bot's files; its pipeline and policies are the importing bot's."""
    config = _config_of(part, Paths())
    return (path for path in bot_files(part) if path != config)


def _note_version(bot: Bot, loose: Loose) -> None:
    if bot.format_version == "3" and (loose.form_mappings or loose.auto_filled):
        bot.format_version = "2"


def _below(place: Path, is_top: bool) -> list[Path]:
    if place.is_file():
        return [place]
    found = place.glob("*") if is_top else place.rglob("*")
    return sorted(path for path in found if path.suffix in _KINDS and path.is_file())


def _is_ours(path: Path, folder: Path, paths: Paths) -> bool:
    if path.stem in _NOT_OURS or path.stem.startswith(("test_", ".")) or _is_test(path, folder):
        return False
    if path.suffix == ".json" and path.parent == folder:
        return False
    config = _config_of(folder, paths)
    return config is None or path == config or not _is_config(path, folder)


def _is_test(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) and "tests" in path.relative_to(folder).parts[:-1]


def _is_config(path: Path, folder: Path) -> bool:
    return path.suffix in _YAML and "config" in path.stem and path.parent in (folder, folder / "configs")


def _config_of(folder: Path, paths: Paths) -> Path | None:
    """The one config.yml; None where a bot has it in several files of other names."""
    if paths.config:
        return paths.config
    places = (folder / name / f"config{suffix}" for name in (".", "configs") for suffix in _YAML)
    return next((path for path in places if path.is_file()), None)


def _tests(folder: Path) -> list[Path]:
    inside = (folder / "tests").rglob("*")
    named = (path for name in _FOLDERS for path in (folder / name).glob("test_*"))
    return sorted({path for path in (*inside, *named) if path.suffix in _KINDS and path.is_file()})


def _all_code(folder: Path) -> Iterator[Path]:
    yield from folder.glob("actions.py")
    yield from (folder / "actions").rglob("*.py")
    yield from (path for path in (folder / "skills").rglob("*") if _is_skills(path))


def _is_skills(path: Path) -> bool:
    """Code of the bot's skills, and the data that comes with it; not what Python writes beside it."""
    return path.is_file() and path.suffix != ".pyc"


def _dictionaries(folder: Path) -> Iterator[Path]:
    yield from (folder / "data").rglob("*.txt")
