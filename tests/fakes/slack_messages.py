"""The stand-in's messages: post, update, delete, read, with Slack's limits of length and form."""

from tests.fakes.slack_state import BOT, BOT_USER, TEXT_CHARACTERS, Args, Refused, SlackState

MARKDOWN_CHARACTERS = 12_000
BLOCKS_CHARACTERS = 13_200
BLOCKS = 50
ELEMENTS = {"actions": 25, "context_actions": 5}


def post_message(slack: SlackState, args: Args) -> Args:
    channel = args["channel"]
    check(slack, args, TEXT_CHARACTERS)
    message = add_message(slack, args)
    return {"channel": channel, "ts": message["ts"], "message": message}


def update(slack: SlackState, args: Args) -> Args:
    message = slack.message(args)
    if slack.is_streaming(message["ts"]):
        raise Refused("streaming_state_conflict")
    check(slack, args, slack.update_characters)
    message.update(content(args))
    return {"channel": args["channel"], "ts": message["ts"], "message": message}


def delete(slack: SlackState, args: Args) -> Args:
    message = slack.message(args)
    if slack.is_streaming(message["ts"]):
        raise Refused("streaming_state_conflict")
    slack.forget_message(args["channel"], message["ts"])
    return {"channel": args["channel"], "ts": args["ts"]}


def history(slack: SlackState, args: Args) -> Args:
    found = [m for m in slack.messages(args["channel"]) if m.get("thread_ts", m["ts"]) == m["ts"]]
    return _page(slack, list(reversed(found)), args)


def replies(slack: SlackState, args: Args) -> Args:
    """The thread's first message, where it is known, and its replies, oldest first."""
    thread = str(args["ts"])
    found = [m for m in slack.messages(args["channel"]) if thread in (m["ts"], m.get("thread_ts"))]
    return _page(slack, found, args | {"limit": min(int(args.get("limit", 100)), slack.page_objects)})


def add_message(slack: SlackState, args: Args) -> Args:
    """A message of the bot's; what it shows ends the status of its thread."""
    ts = slack.next_ts()
    message: Args = {"type": "message", "ts": ts, "user": BOT_USER, "bot_id": BOT, **content(args)}
    if args.get("thread_ts"):
        message["thread_ts"] = str(args["thread_ts"])
        slack.statuses.pop((args["channel"], message["thread_ts"]), None)
    slack.channels[args["channel"]][ts] = message
    return message


def content(args: Args) -> Args:
    return {name: args[name] for name in ("text", "blocks", "metadata") if name in args}


def check(slack: SlackState, args: Args, characters: int) -> None:
    """Refuse what shows nothing, is too long, or has blocks that Slack does not know."""
    blocks = args.get("blocks") or []
    if not blocks and not args.get("text"):
        raise Refused("no_text")
    total = sum(len(block.get("text", "")) for block in blocks if block["type"] == "markdown")
    if len(args.get("text", "")) > characters or total > characters:
        raise Refused("msg_too_long")
    if total > BLOCKS_CHARACTERS:
        raise Refused("msg_blocks_too_long")
    check_blocks(slack, blocks)


def check_blocks(slack: SlackState, blocks: list[Args]) -> None:
    if len(blocks) > BLOCKS or not all(_is_good(slack, block) for block in blocks):
        raise Refused("invalid_blocks")


def _page(slack: SlackState, messages: list[Args], args: Args) -> Args:
    slack.needs("im:history" if args["channel"].startswith("D") else "channels:history")
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    shown = [m for m in messages if oldest < float(m["ts"]) < latest]
    if str(args.get("include_all_metadata", "")).lower() not in ("1", "true"):
        shown = [{k: v for k, v in m.items() if k != "metadata"} for m in shown]
    limit, start = int(args.get("limit", 100)), int(args.get("cursor") or 0)
    more = start + limit < len(shown)
    page: Args = {"messages": shown[start : start + limit], "has_more": more}
    return page | ({"response_metadata": {"next_cursor": str(start + limit)}} if more else {})


def _is_good(slack: SlackState, block: Args) -> bool:
    if block["type"] == "markdown":
        return 0 < len(block["text"]) <= MARKDOWN_CHARACTERS
    if block["type"] == "image":
        file = slack.files.get(block.get("slack_file", {}).get("id"), {})
        shown = file.get("mimetype") or block.get("image_url", "")
        return bool(block["alt_text"] and shown) and shown not in slack.bad_pictures
    if block["type"] not in ELEMENTS:
        return False
    ids = [element["action_id"] for element in block["elements"]]
    within = 0 < len(ids) <= ELEMENTS[block["type"]] and len(ids) == len(set(ids))
    return within and all(map(_is_element, block["elements"]))


def _is_element(element: Args) -> bool:
    if element["type"] == "feedback_buttons":
        return all(_is_button(element[name]) for name in ("positive_button", "negative_button"))
    return element["type"] in ("button", "icon_button") and _is_button(element)


def _is_button(button: Args) -> bool:
    said = button["text"]["text"]
    is_known = 0 < len(button.get("url", "")) <= 3000 or 0 < len(button["value"]) <= 2000
    return button["text"]["type"] == "plain_text" and 0 < len(said) <= 75 and is_known


METHODS = {
    "chat.postMessage": post_message,
    "chat.update": update,
    "chat.delete": delete,
    "conversations.history": history,
    "conversations.replies": replies,
}
