"""What the Slack routes find in the app's state."""

from dataclasses import dataclass

from foundation.words import Language
from services.gateway.slack_api import SlackApi
from services.gateway.slack_install import InstallStates
from services.gateway.slack_installs import SlackInstalls
from services.gateway.slack_teams import SlackTeams
from services.gateway.slack_turns import SlackTurns


@dataclass(frozen=True)
class SlackEnd:
    """The gateway's end of Slack."""

    api: SlackApi
    teams: SlackTeams
    turns: SlackTurns
    installs: SlackInstalls
    states: InstallStates
    language: Language
    """Of modals and of answers to commands: Slack does not say a person's language with them."""
