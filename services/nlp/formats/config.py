"""config.yml: the language, the engines, the fallback's thresholds."""

from typing import Any

from services.nlp.formats.bot import Bot, Understanding
from services.nlp.formats.source import Source

ENGINES = ("dialogue", "llm")


def read_config(source: Source, bot: Bot) -> None:
    """Add what the file says to the bot."""
    config = source.content
    bot.language = str(config.get("language") or bot.language)
    if "engines" in config:
        engines = source.sequence(config["engines"], config, "engines")
        for place, name in enumerate(engines):
            if name not in ENGINES:
                source.wrong(f"the engine {name!r}", ", ".join(ENGINES), engines, place)
        bot.engines = tuple(str(name) for name in engines if name in ENGINES)
    llm = source.mapping(config.get("llm"), config, "llm")
    bot.system_prompt = str(llm.get("system") or bot.system_prompt).strip()
    for step in source.sequence(config.get("pipeline"), config, "pipeline"):
        if isinstance(step, dict) and step.get("name") == "FallbackClassifier":
            bot.understanding = _understanding(step, bot.understanding)


def _understanding(step: dict[str, Any], before: Understanding) -> Understanding:
    return Understanding(
        threshold=float(step.get("threshold", before.threshold)),
        ambiguity=float(step.get("ambiguity_threshold", before.ambiguity)),
    )
