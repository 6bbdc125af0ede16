"""config.yml: the language, the engines, the pipeline and the policies."""

from typing import Any

from services.nlp.formats.bot import Bot, Component

DICTIONARIES = "data/dictionaries"
"""Where a bot's words for jieba are written, in a folder as JiebaTokenizer wants them."""
_PATH = "dictionary_path"


def config_of(bot: Bot) -> dict[str, Any]:
    """The file's content."""
    found: dict[str, Any] = {"recipe": "default.v1", "language": bot.language}
    if bot.engines != ("dialogue",):
        found["engines"] = list(bot.engines)
    if bot.system_prompt:
        found["llm"] = {"system": bot.system_prompt}
    if bot.pipeline:
        found["pipeline"] = _pipeline(bot.pipeline)
    if bot.policies:
        found["policies"] = [_step(policy) for policy in bot.policies]
    return found


def _pipeline(components: tuple[Component, ...]) -> list[dict[str, Any]]:
    """The steps; all dictionaries are one folder now, which the first step to want one reads."""
    steps = [_step(component) for component in components]
    wanting = [step for step in steps if step.get(_PATH)]
    for step in wanting[1:]:
        del step[_PATH]
    for step in wanting[:1]:
        step[_PATH] = DICTIONARIES
    return steps


def _step(component: Component) -> dict[str, Any]:
    return {"name": component.name, **component.options}
