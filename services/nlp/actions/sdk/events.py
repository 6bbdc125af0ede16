"""`rasa_sdk.events`: what an action may tell the tracker, as the plain mappings that travel on the wire."""

from datetime import datetime
from typing import Any

EventType = dict[str, Any]
Entities = list[dict[str, Any]] | dict[str, str] | None


def SlotSet(key: str, value: Any = None, timestamp: float | None = None) -> EventType:
    """A slot has this value now; None unsets it."""
    return {"event": "slot", "timestamp": timestamp, "name": key, "value": value}


def AllSlotsReset(timestamp: float | None = None) -> EventType:
    """Every slot goes back to its initial value."""
    return {"event": "reset_slots", "timestamp": timestamp}


def Restarted(timestamp: float | None = None) -> EventType:
    """The conversation begins anew."""
    return {"event": "restart", "timestamp": timestamp}


def SessionStarted(timestamp: float | None = None) -> EventType:
    """A new stretch of the conversation begins."""
    return {"event": "session_started", "timestamp": timestamp}


def SessionEnded(timestamp: float | None = None, metadata: dict[str, Any] | None = None) -> EventType:
    """This stretch of the conversation is over."""
    return {"event": "session_ended", "timestamp": timestamp, "metadata": metadata}


def ActionExecuted(
    action_name: str,
    policy: str | None = None,
    confidence: float | None = None,
    timestamp: float | None = None,
) -> EventType:
    """The bot did this."""
    named = {"event": "action", "name": action_name}
    return named | {"policy": policy, "confidence": confidence, "timestamp": timestamp}


def ActionExecutionRejected(
    action_name: str,
    policy: str | None = None,
    confidence: float | None = None,
    timestamp: float | None = None,
) -> EventType:
    """The bot was to do this, and it would not."""
    named = {"event": "action_execution_rejected", "name": action_name}
    return named | {"policy": policy, "confidence": confidence, "timestamp": timestamp}


def UserUtteranceReverted(timestamp: float | None = None) -> EventType:
    """The person's last message, and all behind it, never was."""
    return {"event": "rewind", "timestamp": timestamp}


def ActionReverted(timestamp: float | None = None) -> EventType:
    """The bot's last action, and all behind it, never was."""
    return {"event": "undo", "timestamp": timestamp}


def FollowupAction(name: str, timestamp: float | None = None) -> EventType:
    """The bot does this next, whatever its policies think."""
    return {"event": "followup", "timestamp": timestamp, "name": name}


def ReminderScheduled(
    intent_name: str,
    trigger_date_time: datetime,
    entities: Entities = None,
    name: str | None = None,
    kill_on_user_message: bool = True,
    timestamp: float | None = None,
) -> EventType:
    """At that time the bot hears this intent."""
    reminder = {"event": "reminder", "timestamp": timestamp, "intent": intent_name, "entities": entities}
    date_time = trigger_date_time.isoformat()
    return reminder | {"date_time": date_time, "name": name, "kill_on_user_msg": kill_on_user_message}


def ReminderCancelled(
    name: str | None = None,
    intent_name: str | None = None,
    entities: Entities = None,
    timestamp: float | None = None,
) -> EventType:
    """Reminders like this are forgotten; nothing given: all of them."""
    cancelled = {"event": "cancel_reminder", "timestamp": timestamp}
    return cancelled | {"intent": intent_name, "entities": entities, "name": name}


def ConversationPaused(timestamp: float | None = None) -> EventType:
    """The bot keeps quiet from now on."""
    return {"event": "pause", "timestamp": timestamp}


def ConversationResumed(timestamp: float | None = None) -> EventType:
    """The bot speaks again."""
    return {"event": "resume", "timestamp": timestamp}


def StoryExported(timestamp: float | None = None) -> EventType:
    """The conversation was written to a file."""
    return {"event": "export", "timestamp": timestamp}


def ActiveLoop(name: str | None, timestamp: float | None = None) -> EventType:
    """A form begins; None: it ends."""
    return {"event": "active_loop", "name": name, "timestamp": timestamp}


def Form(name: str | None, timestamp: float | None = None) -> EventType:
    """The same under its name of Rasa 1.x."""
    return ActiveLoop(name, timestamp)


def LoopInterrupted(is_interrupted: bool, timestamp: float | None = None) -> EventType:
    """The form does not look at the next message."""
    return {"event": "loop_interrupted", "is_interrupted": is_interrupted, "timestamp": timestamp}


def FormValidation(validate: bool, timestamp: float | None = None) -> EventType:
    """The same, the other way round, under its name of Rasa 1.x."""
    return LoopInterrupted(not validate, timestamp)


def UserUttered(
    text: str | None,
    parse_data: dict[str, Any] | None = None,
    timestamp: float | None = None,
    input_channel: str | None = None,
) -> EventType:
    """The person said this."""
    said = {"event": "user", "timestamp": timestamp, "text": text}
    return said | {"parse_data": parse_data, "input_channel": input_channel}


def BotUttered(
    text: str | None = None,
    data: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    timestamp: float | None = None,
) -> EventType:
    """The bot said this."""
    return {"event": "bot", "timestamp": timestamp, "text": text, "data": data, "metadata": metadata}


def AgentUttered(text: str | None = None, data: Any = None, timestamp: float | None = None) -> EventType:
    """A human agent said this in the bot's place."""
    return {"event": "agent", "text": text, "data": data, "timestamp": timestamp}
