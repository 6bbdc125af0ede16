"""config.yml: the language, the engines, the pipeline and the policies."""

from pathlib import Path
from typing import Any

from services.nlp.formats.bot import Bot, Component
from services.nlp.formats.source import Source, plain
from services.nlp.skills.names import known

_SHARES = {"threshold", "ambiguity_threshold", "core_fallback_threshold", "core_threshold", "nlu_threshold"}
ENGINES = ("dialogue", "olami", "llm")


def read_config(source: Source, bot: Bot) -> None:
    """Add what the file says to the bot."""
    config = source.content
    bot.language = source.text(config.get("language"), config, "language") or bot.language
    if "engines" in config:
        engines = source.sequence(config["engines"], config, "engines")
        for place, name in enumerate(engines):
            if name not in ENGINES:
                source.wrong(f"the engine {name!r}", ", ".join(ENGINES), engines, place)
        bot.engines = tuple(str(name) for name in engines if name in ENGINES)
    if "skills" in config:
        bot.skills = _skills(source, config)
    llm = source.mapping(config.get("llm"), config, "llm")
    if "threshold" in llm:
        bot.model_below = source.share(llm["threshold"], llm, "threshold") or 0.0
    bot.system_prompt = source.text(llm.get("system"), llm, "system").strip() or bot.system_prompt
    bot.pipeline = _components(source, config, "pipeline") or bot.pipeline
    bot.policies = _components(source, config, "policies") or bot.policies
    for step in bot.pipeline:
        if folder := step.options.get("dictionary_path"):
            bot.dictionaries += _dictionary(source, config, str(folder))


def imports_of(source: Source) -> list[str]:
    """The folders of other bots that this one is put together from."""
    return [str(name) for name in source.sequence(source.content.get("imports"), source.content, "imports")]


def _skills(source: Source, config: dict[str, Any]) -> tuple[str, ...]:
    """The skills that the bot turns on; each has to be there."""
    names, allowed = source.sequence(config["skills"], config, "skills"), known(source.root)
    for place, name in enumerate(names):
        if name not in allowed:
            source.wrong(f"the skill {name!r}", ", ".join(allowed), names, place)
    return tuple(dict.fromkeys(str(name) for name in names if name in allowed))


def _components(source: Source, config: dict[str, Any], key: str) -> tuple[Component, ...]:
    if isinstance(config.get(key), str):
        source.warn(f"{key}: the template {config[key]!r} is run as the default", config, key)
        return ()
    found = []
    steps = source.sequence(config.get(key), config, key)
    for place, step in enumerate(steps):
        fields = {"name": step} if isinstance(step, str) else source.mapping(step, steps, place)
        if not isinstance(fields.get("name"), str):
            source.wrong("a step without a name", "`name:`", steps, place)
            continue
        for option in _SHARES & fields.keys():
            source.share(fields[option], fields, option)
        options = {str(k): plain(v) for k, v in fields.items() if k != "name"}
        found.append(Component(_short(str(fields["name"])), options))
    return tuple(found)


def _short(name: str) -> str:
    """The class's name: older files write its whole path."""
    return name.rsplit(".", 1)[-1]


def _dictionary(source: Source, config: dict[str, Any], name: str) -> tuple[str, ...]:
    """The lines of the user dictionaries in that folder, or of that file."""
    path = source.root / name
    files = sorted(p for p in path.glob("*") if p.is_file()) if path.is_dir() else [path]
    lines: list[str] = []
    for file in files:
        if not file.is_file():
            source.wrong(
                f"dictionary_path {name!r}, which is not there", "a file or folder", config, "pipeline"
            )
            return ()
        lines += _words(file)
    return tuple(lines)


def _words(file: Path) -> list[str]:
    text = file.read_text("utf-8", "replace").lstrip("\ufeff")
    return [line.strip() for line in text.splitlines() if line.strip()]
