"""domain.yml: intents, entities, forms, actions, the session; slots and responses in files of their own."""

from typing import Any

from services.nlp.formats.bot import Bot, Form, Intent, SessionConfig
from services.nlp.formats.responses import read_responses
from services.nlp.formats.slots import Loose, read_form_mappings, read_slots
from services.nlp.formats.source import Source

DOMAIN_KEYS = (
    "intents",
    "entities",
    "slots",
    "responses",
    "templates",
    "actions",
    "e2e_actions",
    "forms",
    "session_config",
    "config",
)


def read_domain(source: Source, bot: Bot, loose: Loose) -> None:
    """Add what the file's domain keys say to the bot; `loose` takes what only all files together can tell."""
    domain = source.content
    for name, options in _named(source, domain, "intents"):
        _read_intent(source, bot, name, options)
    for name, options in _named(source, domain, "entities"):
        _read_entity(source, bot, loose, name, options)
    actions = [name for name, _ in _named(source, domain, "actions")]
    actions += [str(name) for name in source.sequence(domain.get("e2e_actions"), domain, "e2e_actions")]
    bot.actions = tuple(dict.fromkeys((*bot.actions, *actions)))
    read_slots(source, bot, loose)
    for key in ("responses", "templates"):
        read_responses(source, key, bot)
    _read_forms(source, bot, loose)
    _read_session(source, bot)
    config = source.mapping(domain.get("config"), domain, "config")
    loose.stores_entities = loose.stores_entities and config.get("store_entities_as_slots") is not False


def _named(source: Source, domain: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    """A list of names, some of them with options."""
    found: list[tuple[str, dict[str, Any]]] = []
    for place, item in enumerate(source.sequence(domain.get(key), domain, key)):
        if isinstance(item, str):
            found.append((item, {}))
        elif isinstance(item, dict) and len(item) == 1:
            name, options = next(iter(item.items()))
            found.append((str(name), source.mapping(options, item, name)))
        else:
            source.wrong(f"{item!r}", "a name, or a name with its options", domain[key], place)
    return found


def _read_intent(source: Source, bot: Bot, name: str, options: dict[str, Any]) -> None:
    base = name.split("/")[0]
    used = options.get("use_entities", True)
    if not isinstance(used, bool | list | None):
        source.wrong(f"use_entities {used!r}", "true, false or a list of entities", options, "use_entities")
        used = True
    ignored = source.sequence(options.get("ignore_entities"), options, "ignore_entities")
    bot.intents[base] = Intent(
        name=base,
        used_entities=None if used is True else tuple(map(str, used or ())),
        ignored_entities=tuple(map(str, ignored)),
        triggers=source.text(options.get("triggers"), options, "triggers"),
    )


def _read_entity(source: Source, bot: Bot, loose: Loose, name: str, options: dict[str, Any]) -> None:
    parts = [
        str(item) for key in ("roles", "groups") for item in source.sequence(options.get(key), options, key)
    ]
    bot.entities[name] = tuple(dict.fromkeys((*bot.entities.get(name, ()), *parts)))
    if options.get("influence_conversation") is False:
        loose.quiet_entities.add(name)


def _read_forms(source: Source, bot: Bot, loose: Loose) -> None:
    domain = source.content
    forms = domain.get("forms")
    if isinstance(forms, list):
        for name, options in _named(source, domain, "forms"):
            _read_form(source, bot, loose, name, options, forms)
        return
    for name, body in source.mapping(forms, domain, "forms").items():
        _read_form(source, bot, loose, str(name), body, forms)


def _read_form(source: Source, bot: Bot, loose: Loose, name: str, body: Any, forms: Any) -> None:
    fields = source.mapping(body, forms, name)
    slots = fields.get("required_slots", {k: v for k, v in fields.items() if k != "ignored_intents"})
    if isinstance(slots, dict):
        read_form_mappings(source, name, slots, loose)
        required = tuple(str(slot) for slot in slots)
    else:
        required = tuple(str(slot) for slot in source.sequence(slots, fields, "required_slots"))
    ignored = fields.get("ignored_intents")
    names = [ignored] if isinstance(ignored, str) else source.sequence(ignored, fields, "ignored_intents")
    bot.forms[name] = Form(name, required, tuple(map(str, names)), is_coded=not required)


def _read_session(source: Source, bot: Bot) -> None:
    config = source.mapping(source.content.get("session_config"), source.content, "session_config")
    minutes = config.get("session_expiration_time", bot.session.expires_after_min)
    carries = config.get("carry_over_slots_to_new_session", bot.session.carries_slots_over)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or minutes < 0:
        source.wrong(f"{minutes!r}", "minutes, 0 for never", config, "session_expiration_time")
        return
    bot.session = SessionConfig(float(minutes), bool(carries))
