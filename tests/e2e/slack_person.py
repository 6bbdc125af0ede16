"""A person in the direct messages of a Slack app: asks, presses buttons, chooses shortcuts."""

import json
from typing import Any

import httpx

from tests.e2e.stack import Stack
from tests.fakes.slack_server import SlackServer
from tests.payloads import payload, post_slack_event, post_slack_form
from tests.waiting import until

CHANNEL = "D1"
_times = iter(range(1790001000, 1790009999))

Message = dict[str, Any]


class SlackPerson:
    """U1, whatever is not said otherwise."""

    def __init__(self, stack: Stack, slack: SlackServer) -> None:
        self._stack, self._slack = stack, slack

    def ask(self, text: str) -> Message:
        """Say it; gives the answer's message once some of it can be read."""
        event = payload("slack-dm")
        ts = f"{next(_times)}.000100"
        event["event_id"] = f"Ev{ts}"
        event["event"].update(ts=ts, event_ts=ts, text=text)
        assert post_slack_event(self._stack.url, event).status_code == 200
        return until(lambda: self._slack.messages(CHANNEL), "the answer begins")[-1]

    def press(self, message: Message, user: str = "", **action: str) -> None:
        """Press a button of a message."""
        pressed = payload("slack-button")
        pressed["trigger_id"] = f"trigger.{next(_times)}"
        pressed["message"] = {"ts": message["ts"]}
        pressed["container"] = {"channel_id": CHANNEL, "message_ts": message["ts"]}
        pressed["actions"] = [{"type": "button", **action}]
        if user:
            pressed["user"] = {"id": user}
        self._interact(pressed)

    def choose(self, message: Message, callback: str) -> None:
        """Choose a message shortcut; a modal opens that asks once more."""
        chosen = payload("slack-shortcut")
        chosen |= {"callback_id": callback, "trigger_id": f"trigger.{next(_times)}"}
        chosen["channel"] = {"id": CHANNEL}
        chosen |= {"message_ts": message["ts"], "message": {"type": "message", "ts": message["ts"]}}
        self._interact(chosen)

    def confirm(self) -> None:
        """Say yes in the modal that was opened last."""
        confirmed = payload("slack-confirmation")
        confirmed["view"] |= self._slack.called("views.open")[-1]["view"]
        self._interact(confirmed)

    def command(self, name: str, text: str = "") -> None:
        """Give a slash command."""
        form = payload("slack-command") | {"command": name, "text": text}
        form["trigger_id"] = f"trigger.{next(_times)}"
        assert post_slack_form(self._stack.url, "commands", form).status_code == 200

    def _interact(self, interaction: dict[str, Any]) -> httpx.Response:
        answer = post_slack_form(self._stack.url, "interactivity", {"payload": json.dumps(interaction)})
        assert answer.status_code == 200
        return answer


def buttons_of(message: Message) -> dict[str, dict[str, str]]:
    """The message's buttons as what a press sends, by their titles."""
    rows = [block["elements"] for block in message.get("blocks", []) if block["type"] == "actions"]
    return {
        e["text"]["text"]: {"action_id": e["action_id"], "value": e.get("value", "")}
        for row in rows
        for e in row
    }
