"""prompts.yml: personas for the language model, and which of them answers where."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from contracts.conversation import Conversation
from services.nlp.formats.source import Source

_KEYS = ("personas", "rules", "default")
_PERSONA_KEYS = ("title", "instructions")
_PART_KEYS = ("text", "needs_tool")
_RULE_KEYS = ("persona", "channel", "bot", "chat")
_CHANNELS = ("telegram", "slack", "web")


@dataclass(frozen=True)
class Instruction:
    """One part of what a persona is told."""

    text: str
    needs_tool: str = ""
    """Left out where the model is not offered this tool."""


@dataclass(frozen=True)
class Persona:
    """Who the model is to be."""

    name: str
    title: str
    instructions: tuple[Instruction, ...]

    def prompt(self, tools: frozenset[str] = frozenset()) -> str:
        """The system prompt, where these tools are offered."""
        parts = (part.text for part in self.instructions if part.needs_tool in ("", *tools))
        return "\n".join(parts)


@dataclass(frozen=True)
class PersonaRule:
    """Where a persona answers: each of these must fit; "*" in bot and chat stands for anything."""

    persona: str
    channel: str = "*"
    bot: str = "*"
    """The bot's name in our settings (Telegram), the workspace (Slack)."""
    chat: str = "*"

    def fits(self, conversation: Conversation) -> bool:
        """Whether the conversation is one of those meant."""
        pairs = (
            (conversation.channel, self.channel),
            (conversation.account, self.bot),
            (conversation.chat, self.chat),
        )
        return all(fnmatchcase(found, wanted) for found, wanted in pairs)


@dataclass(frozen=True)
class Prompts:
    """A bot's personas, by name, in the file's order."""

    personas: dict[str, Persona]
    rules: tuple[PersonaRule, ...] = ()
    default: str = ""

    def name_for(self, conversation: Conversation) -> str:
        """The persona of the first rule that fits, else the default; "" where there is none."""
        return next((rule.persona for rule in self.rules if rule.fits(conversation)), self.default)


def prompts_path(folder: Path) -> Path | None:
    """The bot's file; None where it has none."""
    found = (folder / f"prompts{suffix}" for suffix in (".yml", ".yaml"))
    return next((path for path in found if path.is_file()), None)


def read_prompts(source: Source) -> Prompts:
    """What can be read of the file; mistakes are noted in the source."""
    content = source.content
    _only(source, content, _KEYS)
    personas = source.mapping(content.get("personas"), content, "personas")
    found = {str(name): _persona(source, personas, name) for name in personas}
    if not found:
        source.wrong("no persona", "`personas:`, a mapping of names to instructions", content, "personas")
    rules = source.sequence(content.get("rules"), content, "rules")
    read = (_rule(source, rules, place, found) for place in range(len(rules)))
    fitting = tuple(rule for rule in read if rule.persona in found)
    default = source.text(content.get("default"), content, "default")
    if default:
        _known(source, default, found, content, "default")
    return Prompts(found, fitting, default if default in found else "")


def _persona(source: Source, personas: dict[str, Any], name: Any) -> Persona:
    fields = source.mapping(personas[name], personas, name)
    _only(source, fields, _PERSONA_KEYS)
    told = fields.get("instructions")
    parts = told if isinstance(told, list) else [told]
    read = tuple(_instruction(source, parts, place, fields) for place in range(len(parts)))
    instructions = tuple(part for part in read if part.text)
    if not instructions:
        source.wrong("no instructions", "a text, or a list of texts", personas, name)
    title = source.text(fields.get("title"), fields, "title")
    return Persona(str(name), title or str(name), instructions)


def _instruction(source: Source, parts: list[Any], place: int, parent: dict[str, Any]) -> Instruction:
    part = parts[place]
    if not isinstance(part, dict):
        return Instruction(source.text(part, parent, "instructions").strip())
    _only(source, part, _PART_KEYS)
    text = source.text(part.get("text"), part, "text").strip()
    return Instruction(text, source.text(part.get("needs_tool"), part, "needs_tool"))


def _rule(source: Source, rules: list[Any], place: int, personas: dict[str, Persona]) -> PersonaRule:
    fields = source.mapping(rules[place], rules, place)
    _only(source, fields, _RULE_KEYS)
    values = {key: source.text(fields[key], fields, key) for key in _RULE_KEYS if key in fields}
    name = values.pop("persona", "")
    _known(source, name, personas, fields, "persona")
    if values.get("channel", "*") not in (*_CHANNELS, "*"):
        source.wrong(f"the channel {values['channel']!r}", ", ".join(_CHANNELS), fields, "channel")
    return PersonaRule(name, **values)


def _known(source: Source, name: str, personas: dict[str, Persona], parent: Any, key: str) -> None:
    if name not in personas:
        source.wrong(f"the persona {name!r}", ", ".join(personas) or "one of `personas:`", parent, key)


def _only(source: Source, fields: dict[str, Any], allowed: tuple[str, ...]) -> None:
    for key in fields:
        if key not in allowed:
            source.wrong(f"the key {key!r}", ", ".join(allowed), fields, key)
