"""Slack: stop and delete, asked for by a message's menu, by a button, and in the modal that confirms."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from contracts.control import DeleteRequested, StopRequested
from contracts.conversation import Conversation
from contracts.inbox import Arrival
from services.gateway.channels.slack import Place, facts, pressed_place, team_of

Demand = Literal["stop", "delete"]
"""What a person may want done to a message of ours."""
SHORTCUTS: dict[str, Demand] = {"abort_openai_api": "stop", "delete_message": "delete"}
"""The shortcuts' callback ids; the modals carry them, too."""
CALLBACKS = {act: callback for callback, act in SHORTCUTS.items()}


@dataclass(frozen=True)
class Asked:
    """A person wants one of our messages to be stopped, or gone."""

    act: Demand
    place: Place
    user: str
    event_id: str

    @property
    def conversation_id(self) -> str:
        """The conversation in which the message stands."""
        place = self.place
        return str(Conversation(channel="slack", account=place.team, chat=place.channel, thread=place.thread))

    def arrival(self, answered: str | None = None) -> Arrival:
        """The wish as a control Event; `answered` is the Event whose answer the message is, where we know."""
        place = self.place
        known = {"event_id": self.event_id, **facts(place.team, place.channel, place.thread, self.user)}
        event: StopRequested | DeleteRequested
        if self.act == "stop":
            event = StopRequested(**known, target=answered)
        else:
            event = DeleteRequested(**known, message_id=place.message_id)
        return Arrival(event=event, claims=(self.event_id,))

    def metadata(self) -> str:
        """What the modal carries of it. Who confirms is in Slack's own answer."""
        return json.dumps(asdict(self.place))


@dataclass(frozen=True)
class Shortcut:
    """A shortcut that was chosen: its trigger opens one modal, within three seconds."""

    act: Demand
    team: str
    user: str
    trigger_id: str
    response_url: str
    """Where an answer may go that only this person sees; empty where Slack gives none."""
    asked: Asked | None
    """None where it was chosen away from any message."""


def parse_shortcut(payload: dict[str, Any]) -> Shortcut | None:
    """A message's or a global shortcut of ours; None for anything else."""
    act = SHORTCUTS.get(str(payload.get("callback_id")))
    if payload.get("type") not in ("message_action", "shortcut") or act is None:
        return None
    team, user, trigger = team_of(payload), payload["user"]["id"], payload["trigger_id"]
    place = pressed_place(payload)
    asked = Asked(act, place, user, f"slack:{team}:{trigger}") if place and place.message_id else None
    return Shortcut(act, team, user, trigger, payload.get("response_url") or "", asked)


def parse_confirmation(payload: dict[str, Any]) -> Asked | None:
    """What a submitted modal of ours confirms; None for any other view."""
    view = payload.get("view") or {}
    if payload.get("type") != "view_submission" or view.get("callback_id") not in SHORTCUTS:
        return None
    about = json.loads(view["private_metadata"])
    place = Place(team_of(payload), about["channel"], about["message_id"], about["thread"])
    return Asked(
        SHORTCUTS[view["callback_id"]], place, payload["user"]["id"], f"slack:{place.team}:{view['id']}"
    )


def parse_pressed(payload: dict[str, Any]) -> list[Asked]:
    """The pressed stop and delete buttons of `block_actions`."""
    place = pressed_place(payload) if payload.get("type") == "block_actions" else None
    if place is None:
        return []
    event_id = f"slack:{place.team}:{payload['trigger_id']}"
    ids = {action["action_id"] for action in payload["actions"]}
    return [Asked(act, place, payload["user"]["id"], f"{event_id}:{act}") for act in CALLBACKS if act in ids]
