"""endpoints.yml: the services that a bot brings along."""

from services.nlp.formats.bot import Bot, Endpoint
from services.nlp.formats.source import Source, plain

_OURS = ("action_endpoint", "nlg", "tracker_store")
_MAPPED = {
    "lock_store": "the conversation's lease in Redis",
    "event_broker": "nothing",
    "models": "the models folder",
    "model_groups": "the language model of the settings",
}


def read_endpoints(source: Source, bot: Bot) -> None:
    """Add the file's endpoints to the bot."""
    content = source.content
    for kind in content:
        options = {str(k): plain(v) for k, v in source.mapping(content[kind], content, kind).items()}
        if kind in _OURS:
            bot.endpoints[kind] = Endpoint(kind, options)
            _check(source, kind, options, bot)
        elif kind in _MAPPED:
            source.warn(f"{kind} is run as {_MAPPED[kind]}", content, kind)
        else:
            source.wrong(f"the endpoint {kind!r}", ", ".join((*_OURS, *_MAPPED)), content, kind)


def _check(source: Source, kind: str, options: dict[str, object], bot: Bot) -> None:
    content = source.content
    if kind == "tracker_store" and options.get("type") != "redis":
        source.warn(f"tracker_store {options.get('type')!r} is run as the room's own Redis", content, kind)
        del bot.endpoints[kind]
    elif kind == "tracker_store" and options.get("url"):
        source.warn("tracker_store: trackers lie in the room's own Redis; record_exp counts", content, kind)
    elif kind != "tracker_store" and not str(options.get("url", "")).startswith(("http://", "https://")):
        source.wrong(f"url {options.get('url')!r}", "an http address", content, kind)
        del bot.endpoints[kind]
