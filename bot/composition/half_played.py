"""A bot is played as a whole or not at all: one of Slack and Azure alone would be a mistake."""

from __future__ import annotations

from advisor.errors import SettingsUnreadable
from bot.settings import Settings

ENVIRONMENT = "the environment"


def refuse_half_played(settings: Settings) -> None:
    """Raises SettingsUnreadable where one of Slack and Azure is a stand-in, the other real."""
    if settings.slack_is_local is settings.azure_is_local:
        return
    played, real = ("Slack", "Azure") if settings.slack_is_local else ("Azure", "Slack")
    raise SettingsUnreadable(
        ENVIRONMENT,
        "SLACK_API_URL, VMBACKUP_AZURE_URL",
        f"{played} is on this machine and {real} is not. Set both to this machine, or neither.",
    )
