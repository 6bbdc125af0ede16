"""A stand-in for Telegram's Bot API: the same answers, refusals and limits, over real HTTP."""

import itertools
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response

from tests.fakes.http_server import PlatformServer, read_args, serve
from tests.fakes.telegram_limits import TelegramLimits

TOKEN = "123:TEST"
TEXT_UNITS = 4096
CAPTION_UNITS = 1024
MAX_ENTITIES = 100
DRAFT_S = 30
FILE_BYTES = 20 * 1024 * 1024
ENTITY_KINDS = {
    *("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "blockquote"),
}

Args = dict[str, Any]


class Refused(Exception):
    """An answer with ok=false."""

    def __init__(self, description: str, status: int = 400, **parameters: Any) -> None:
        super().__init__(description)
        self.description, self.status, self.parameters = description, status, parameters


class TelegramServer(PlatformServer):
    """One bot's view of Telegram. `messages(chat)` is what a person sees there now."""

    def __init__(self, port: int = 0, token: str = TOKEN) -> None:
        super().__init__(port)
        self.tokens = {token}
        self.limits = TelegramLimits()
        self.unknown_methods: set[str] = set()
        """Methods that this server is too old for, in lower case."""
        self.updates: list[Args] = []
        self.webhook: Args = {}
        self.commands: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.uploaded: dict[str, bytes] = {}
        """Pictures that came as bytes, by the file id of the message that shows them."""
        self.answered: list[str] = []
        self.blocked: set[str] = set()
        self.bad_pictures: set[str] = set()
        self._chats: dict[str, dict[int, Args]] = defaultdict(dict)
        self._drafts: dict[str, dict[int, Args]] = defaultdict(dict)
        self._ids = itertools.count(101)
        self.app.add_api_route("/bot{token}/{method}", self._call, methods=["GET", "POST"])
        self.app.add_api_route("/file/bot{token}/{path:path}", self._download, methods=["GET"])

    def messages(self, chat: str | int) -> list[Args]:
        """The visible messages of a chat, oldest first."""
        return [message for _, message in sorted(self._chats[str(chat)].items())]

    def texts(self, chat: str | int) -> list[str]:
        """Their texts or captions."""
        return [message.get("text") or message.get("caption") or "" for message in self.messages(chat)]

    def drafts(self, chat: str | int) -> list[str]:
        """The drafts that a person sees in a chat now."""
        since = time.monotonic() - DRAFT_S * self.limits.second
        return [draft["text"] for draft in self._drafts[str(chat)].values() if draft["at"] > since]

    def press_stop(self, chat: str | int) -> Args:
        """A person presses the stop button of the draft in their chat: the Update's part about it."""
        [(draft_id, draft)] = self._drafts[str(chat)].items()
        if not draft["can_stop"]:
            raise AssertionError("this draft has no stop button")
        draft["is_stopped"] = True
        topic = {"message_thread_id": draft["topic"]} if draft["topic"] else {}
        return {"chat": {"id": int(chat), "type": "private"}, "draft_id": draft_id, **topic}

    def state(self) -> Args:
        return {chat: self.messages(chat) for chat in list(self._chats)}

    def reset(self) -> None:
        super().reset()
        self._chats.clear()
        self.uploaded.clear()
        self._drafts.clear()
        self.limits.forget()

    def forget_message(self, chat: str | int, message_id: int) -> None:
        """A person deletes a message."""
        self._chats[str(chat)].pop(message_id, None)

    def add_file(self, file_id: str, content: bytes) -> None:
        """A photo that a person sent."""
        self.files[file_id] = content

    async def _call(self, token: str, method: str, request: Request) -> Response:
        args = await read_args(request)
        method = method[:1].lower() + method[1:]  # Telegram takes any case
        if token not in self.tokens:
            return _answer(Refused("Unauthorized", 401))
        act = METHODS.get(method.lower())
        if act is None or method.lower() in self.unknown_methods:
            return _answer(Refused("Not Found: method not found", 404))
        chat = str(args.get("chat_id", ""))
        self.limits.note_call(chat)
        answer = await self.perform(method, args, token, lambda: self._act(act, args))
        if answer.status_code == 429:
            self.limits.note_refusal(chat, json.loads(bytes(answer.body))["parameters"]["retry_after"])
        return answer

    def _act(self, act: Callable[["TelegramServer", Args], Any], args: Args) -> Response:
        try:
            return _answer(act(self, args))
        except Refused as refused:
            return _answer(refused)

    async def _download(self, token: str, path: str) -> Response:
        content = self.files.get(path.removeprefix("photos/"))
        if token not in self.tokens or content is None:
            return _answer(Refused("Not Found", 404))
        return Response(content, media_type="application/octet-stream")

    def get_me(self, args: Args) -> Args:
        return {"id": 123, "is_bot": True, "first_name": "Test", "username": "test_bot"}

    def get_updates(self, args: Args) -> list[Args]:
        offset = int(args.get("offset", 0))
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        return self.updates[: int(args.get("limit", 100))]

    def set_webhook(self, args: Args) -> bool:
        self.webhook = args
        return True

    def delete_webhook(self, args: Args) -> bool:
        self.webhook = {}
        return True

    def get_webhook_info(self, args: Args) -> Args:
        known = {"url": self.webhook.get("url", ""), "has_custom_certificate": False}
        return known | {"pending_update_count": len(self.updates)}

    def set_my_commands(self, args: Args) -> bool:
        code = args.get("language_code", "")
        if code and not (len(code) == 2 and code.islower()):
            raise Refused("Bad Request: invalid language code specified")
        self.commands[code] = args["commands"]
        return True

    def send_message(self, args: Args) -> Args:
        chat = self._writable(args)
        _check_text(args.get("text", ""), args.get("entities") or [], TEXT_UNITS)
        return self._add(chat, args, {"text": args["text"].strip(), "entities": args.get("entities") or []})

    def send_message_draft(self, args: Args) -> bool:
        chat, number, text = self._open(args), int(args["draft_id"]), args.get("text", "")
        if chat.startswith("-"):
            raise Refused("Bad Request: TEXTDRAFT_PEER_INVALID")
        if not number:
            raise Refused("Bad Request: draft_id must be non-zero")
        if text:
            _check_text(text, args.get("entities") or [], TEXT_UNITS)
        if self._drafts[chat].get(number, {}).get("is_stopped"):
            raise Refused("Bad Request: the draft was stopped")
        if wait := self.limits.wait_for_draft(chat):
            raise Refused("Too Many Requests", 429, retry_after=wait)
        can_stop = args.get("can_stop") in (True, "true")
        topic = args.get("message_thread_id")
        self._drafts[chat] = {
            number: {"text": text, "at": time.monotonic(), "can_stop": can_stop, "topic": topic}
        }
        return True

    def send_photo(self, args: Args) -> Args:
        chat = self._writable(args)
        return self._add(chat, args, self._picture(args["photo"], args))

    def edit_message_text(self, args: Args) -> Args:
        self._writable(args)
        message = self._message(args)
        if "text" not in message:
            raise Refused("Bad Request: there is no text in the message to edit")
        _check_text(args.get("text", ""), args.get("entities") or [], TEXT_UNITS)
        return self._change(
            message, args, {"text": args["text"].strip(), "entities": args.get("entities") or []}
        )

    def edit_message_media(self, args: Args) -> Args:
        self._writable(args)
        message, media = self._message(args), args["media"]
        source = media["media"]
        if source.startswith("attach://"):
            source = args[source.removeprefix("attach://")]
        content = self._picture(source, media)
        message.pop("text", None)
        return self._change(message, args, content)

    def delete_message(self, args: Args) -> bool:
        chat = self._chats[str(args["chat_id"])]
        if chat.pop(int(args["message_id"]), None) is None:
            raise Refused("Bad Request: message to delete not found")
        return True

    def send_chat_action(self, args: Args) -> bool:
        self._open(args)
        return True

    def answer_callback_query(self, args: Args) -> bool:
        self.answered.append(args["callback_query_id"])
        return True

    def get_file(self, args: Args) -> Args:
        file_id = args["file_id"]
        if file_id not in self.files:
            raise Refused("Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        if size > FILE_BYTES:
            raise Refused("Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": size,
            "file_path": f"photos/{file_id}",
        }

    def _open(self, args: Args) -> str:
        chat = str(args["chat_id"])
        if chat in self.blocked:
            raise Refused("Forbidden: bot was blocked by the user", 403)
        return chat

    def _writable(self, args: Args) -> str:
        chat = self._open(args)
        if str(args.get("message_thread_id")) == "1":
            raise Refused("Bad Request: message thread not found")
        if wait := self.limits.wait_for_message(chat):
            raise Refused("Too Many Requests: retry later", 429, retry_after=wait)
        return chat

    def _message(self, args: Args) -> Args:
        message = self._chats[str(args["chat_id"])].get(int(args["message_id"]))
        if message is None:
            raise Refused("Bad Request: message to edit not found")
        return message

    def _add(self, chat: str, args: Args, content: Args) -> Args:
        message_id = next(self._ids)
        message = {
            "message_id": message_id,
            "date": int(time.time()),
            "chat": {"id": int(chat), "type": "group" if chat.startswith("-") else "private"},
            **({"message_thread_id": int(args["message_thread_id"])} if "message_thread_id" in args else {}),
            **content,
            **_keyboard(args),
        }
        self._chats[chat][message_id] = message
        self._drafts[chat].clear()
        return message

    def _change(self, message: Args, args: Args, content: Args) -> Args:
        changed = {name: value for name, value in message.items() if name != "reply_markup"}
        changed |= content | _keyboard(args)
        if changed == message:
            raise Refused("Bad Request: message is not modified: specified new message content is the same")
        message.clear()
        message.update(changed)
        return message

    def _picture(self, source: str | bytes, args: Args) -> Args:
        if source in self.bad_pictures:
            raise Refused("Bad Request: failed to get HTTP URL content")
        file_id = source
        if isinstance(source, bytes):
            if not source.startswith(b"\xff\xd8\xff"):
                raise Refused("Bad Request: IMAGE_PROCESS_FAILED")
            file_id = f"uploaded-{len(self.uploaded)}"
            self.uploaded[file_id] = source
        caption = args.get("caption", "")
        if caption:
            _check_text(caption, args.get("caption_entities") or [], CAPTION_UNITS)
        photo = {"file_id": file_id, "file_unique_id": "p", "width": 90, "height": 90}
        return {"photo": [photo], "caption": caption}


def _check_text(text: str, entities: list[Args], limit: int) -> None:
    units = len(text.encode("utf-16-le")) // 2
    if not text.strip():
        raise Refused("Bad Request: message text is empty")
    if units > limit:
        raise Refused(f"Bad Request: message {'caption ' if limit < TEXT_UNITS else ''}is too long")
    if len(entities) > MAX_ENTITIES:
        raise Refused("Bad Request: can't parse entities: too many")
    for entity in entities:
        outside = entity["offset"] < 0 or entity["offset"] + entity["length"] > units
        if outside or entity["length"] <= 0 or entity["type"] not in ENTITY_KINDS:
            raise Refused("Bad Request: can't parse entities: wrong offset, length or type")
        if _tears_a_pair(text, entity["offset"]):
            raise Refused("Bad Request: can't parse entities: offset inside a character")


def _tears_a_pair(text: str, offset: int) -> bool:
    unit = text.encode("utf-16-le")[2 * offset : 2 * offset + 2]
    return 0xDC00 <= int.from_bytes(unit, "little") <= 0xDFFF


def _keyboard(args: Args) -> Args:
    markup = args.get("reply_markup")
    if not markup:
        return {}
    for row in markup["inline_keyboard"]:
        for button in row:
            if "url" in button:
                _check_address(button["url"])
            elif not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Refused("Bad Request: BUTTON_DATA_INVALID")
    return {"reply_markup": markup}


def _check_address(url: str) -> None:
    host = urlsplit(url).hostname or ""
    if "." not in host or host == "127.0.0.1":
        raise Refused(f"Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _answer(result: Any) -> Response:
    if isinstance(result, Refused):
        body = {"ok": False, "error_code": result.status, "description": result.description}
        if result.parameters:
            body["parameters"] = result.parameters
        return Response(json.dumps(body), result.status, media_type="application/json")
    return Response(json.dumps({"ok": True, "result": result}), media_type="application/json")


METHODS: dict[str, Callable[[TelegramServer, Args], Any]] = {
    "getme": TelegramServer.get_me,
    "getupdates": TelegramServer.get_updates,
    "setwebhook": TelegramServer.set_webhook,
    "deletewebhook": TelegramServer.delete_webhook,
    "getwebhookinfo": TelegramServer.get_webhook_info,
    "setmycommands": TelegramServer.set_my_commands,
    "sendmessage": TelegramServer.send_message,
    "sendmessagedraft": TelegramServer.send_message_draft,
    "sendphoto": TelegramServer.send_photo,
    "editmessagetext": TelegramServer.edit_message_text,
    "editmessagemedia": TelegramServer.edit_message_media,
    "deletemessage": TelegramServer.delete_message,
    "sendchataction": TelegramServer.send_chat_action,
    "answercallbackquery": TelegramServer.answer_callback_query,
    "getfile": TelegramServer.get_file,
}


if __name__ == "__main__":
    serve(TelegramServer(int(sys.argv[1])))
