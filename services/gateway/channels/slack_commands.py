"""Slack's slash commands: /stop, /new, /persona, and /switchboard with whatever stands behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.account import GroupMode
from contracts.control import StopRequested
from contracts.event import CommandGiven, MessageSent
from contracts.inbox import Arrival
from services.gateway.channels.addressing import mode_of
from services.gateway.channels.slack import facts

_SUBCOMMANDS = ("help", "start", "new", "persona")
DIRECT = "directmessage"
"""What Slack calls a direct message where it names a channel."""
_OWN_COMMANDS = ("new", "persona")
"""Slash commands with a name of their own; any other one is /switchboard, however it is called."""


@dataclass(frozen=True)
class StopCommand:
    """/stop: the asker's newest running turn in that channel should end."""

    team: str
    channel: str
    user: str
    event_id: str

    def arrival(self, conversation_id: str) -> Arrival:
        """The stop, addressed to the conversation in which that turn runs."""
        known = facts(self.team, self.channel, None, self.user) | {"conversation_id": conversation_id}
        return Arrival(event=StopRequested(event_id=self.event_id, **known), claims=(self.event_id,))


def parse_command(form: Mapping[str, str], groups: Mapping[str, GroupMode] | None = None) -> list[Arrival]:
    """The Arrival of a slash command: start, help, new, persona, or its text as a message.

    None of a stop, and none in a channel that is never answered.
    """
    team, channel = form["team_id"], form["channel_id"]
    if form.get("channel_name") != DIRECT and mode_of(groups or {}, channel) == "never":
        return []
    event_id = f"slack:{team}:{form['trigger_id']}"
    known = {"event_id": event_id, **facts(team, channel, None, form["user_id"])}
    name, text = _command(form)
    if name == "stop":
        return []
    event = CommandGiven(**known, name=name, text=text) if name else MessageSent(**known, text=text)
    return [Arrival(event=event, claims=(event_id,))]


def parse_stop_command(form: Mapping[str, str]) -> StopCommand | None:
    """The person and place of /stop, or of /switchboard stop; None for any other command."""
    if _command(form)[0] != "stop":
        return None
    event_id = f"slack:{form['team_id']}:{form['trigger_id']}"
    return StopCommand(form["team_id"], form["channel_id"], form["user_id"], event_id)


def _command(form: Mapping[str, str]) -> tuple[str, str]:
    """The command's name and what stands behind it; no name where it is a message."""
    own, text = form.get("command", "").lstrip("/").lower(), form.get("text", "").strip()
    if own == "stop" or own in _OWN_COMMANDS:
        return own, text
    word, _, rest = text.partition(" ")
    word = word.lower() or "help"
    if word == "persona" and len(rest.split()) == 1:
        return word, rest.strip()
    return (word, "") if not rest and word in (*_SUBCOMMANDS, "stop") else ("", text)
