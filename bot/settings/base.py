"""What the parts of the settings share: how they are read, and what is said of a wrong one."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict

from advisor.errors import SettingsUnreadable

ENVIRONMENT = "the environment"


class SettingsPart(BaseSettings):
    """Some of the bot's settings, read from the environment; frozen, and nothing is printed."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )


def without_line_end(value: object) -> object:
    """A secret as it was meant: a file of it ends in a line end."""
    return value.strip() if isinstance(value, str) else value


def unset(variable: str, what: str) -> SettingsUnreadable:
    """The error for a variable that is needed and not there."""
    return SettingsUnreadable(ENVIRONMENT, variable, f"it is not set. Set it to {what}.")
