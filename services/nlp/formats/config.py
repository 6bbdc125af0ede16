"""config.yml: the language, the engines, the fallback's thresholds."""

from typing import Any

from services.nlp.formats.bot import Bot, Understanding
from services.nlp.formats.source import Source

ENGINES = ("dialogue", "llm")


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
    llm = source.mapping(config.get("llm"), config, "llm")
    bot.system_prompt = source.text(llm.get("system"), llm, "system").strip() or bot.system_prompt
    for step in source.sequence(config.get("pipeline"), config, "pipeline"):
        if isinstance(step, dict) and step.get("name") == "FallbackClassifier":
            bot.understanding = _understanding(source, step)


def _understanding(source: Source, step: dict[str, Any]) -> Understanding:
    names = {"threshold": "threshold", "ambiguity_threshold": "ambiguity"}
    given = {names[key]: source.share(step[key], step, key) for key in names if key in step}
    return Understanding(**{name: value for name, value in given.items() if value is not None})
