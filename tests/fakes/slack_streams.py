"""The stand-in's streams: a message that is appended to until it is stopped, or closes by itself."""

import time
from typing import Any

from tests.fakes.slack_messages import MARKDOWN_CHARACTERS, add_message, check_blocks
from tests.fakes.slack_state import Args, Refused, SlackState, listed


def start(slack: SlackState, args: Args) -> Args:
    if not args.get("thread_ts"):
        raise Refused("invalid_arguments")
    for name in ("recipient_user_id", "recipient_team_id"):
        if not args.get(name):
            raise Refused(f"missing_{name}")
    text = _added(args).strip()
    message = add_message(slack, {"channel": args["channel"], "thread_ts": args["thread_ts"], "text": text})
    slack.streams[message["ts"]] = time.monotonic()
    return {"channel": args["channel"], "ts": message["ts"]}


def append(slack: SlackState, args: Args) -> Args:
    message = _streaming(slack, args)
    added = _added(args).strip()  # white space at a joint has been seen to vanish
    if not added:
        raise Refused("no_text")
    message["text"] += added
    return {"channel": args["channel"], "ts": message["ts"]}


def stop(slack: SlackState, args: Args) -> Args:
    message = _streaming(slack, args)
    added, blocks = _added(args), listed(args.get("blocks"))
    check_blocks(slack, blocks)
    message["text"] += added.lstrip()
    if blocks:
        message["blocks"] = [{"type": "markdown", "text": message["text"]}, *blocks]
    if args.get("metadata"):
        message["metadata"] = args["metadata"]
    del slack.streams[message["ts"]]
    return {"channel": args["channel"], "ts": message["ts"], "message": message}


def _streaming(slack: SlackState, args: Args) -> Args:
    message = slack.message(args)
    if message["ts"] in slack.stopped:
        raise Refused("stopped_by_user")
    if not slack.is_streaming(message["ts"]):
        raise Refused("message_not_in_streaming_state")
    return message


def _added(args: Args) -> str:
    chunks: list[Any] = listed(args.get("chunks"))
    text = str(args.get("markdown_text") or "".join(chunk.get("text", "") for chunk in chunks))
    if len(text) > MARKDOWN_CHARACTERS:
        raise Refused("msg_too_long")
    return text


METHODS = {"chat.startStream": start, "chat.appendStream": append, "chat.stopStream": stop}
