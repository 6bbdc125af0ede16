"""What the dialogue asks of a custom action, and what comes back: an action server's protocol as types."""

from dataclasses import dataclass, field
from typing import Any, Protocol

TrackerEvent = dict[str, Any]
"""As Rasa writes it: {"event": "slot", "name": …, "value": …, "timestamp": …}."""


@dataclass(frozen=True)
class ActionCall:
    """One custom action to run, as `POST /webhook` of an action server carries it."""

    action: str
    sender_id: str
    tracker: dict[str, Any]
    """sender_id, slots, latest_message, events, paused, followup_action, active_loop, latest_action_name,
    latest_input_channel, latest_event_time."""
    domain: dict[str, Any]
    """The domain in Rasa 3's YAML keys."""


@dataclass(frozen=True)
class ActionResult:
    """What the action did: events for the tracker, and what it said, in the order it was said."""

    events: list[TrackerEvent] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    """As the SDK's dispatcher makes them: text, buttons, elements, custom, template/response, image,
    attachment."""


class ActionRejected(Exception):
    """The action will not run now (ActionExecutionRejection): the policies choose another one."""


class ActionFailed(Exception):
    """The action raised, hung, returned nonsense, or is nowhere; the text says which, in nobody's words."""


class ActionRunner(Protocol):
    """Runs a bot's custom actions."""

    async def run(self, call: ActionCall) -> ActionResult:
        """Raises ActionRejected or ActionFailed."""
        ...

    def has(self, action: str) -> bool:
        """Whether this runner knows the action; a remote one is asked only when it is run, and says True."""
        ...
