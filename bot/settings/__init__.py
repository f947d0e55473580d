"""The bot's settings, by subject: Slack, Azure, the database, what is seen, the worker's pace."""

from __future__ import annotations

from bot.settings.settings import (
    Settings,
    read_settings,
    read_settings_without_slack,
    refuse_half_played,
)

__all__ = ["Settings", "read_settings", "read_settings_without_slack", "refuse_half_played"]
