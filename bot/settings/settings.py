"""The bot's settings: environment variables in, one frozen value out, secrets never printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo

from advisor.errors import SettingsUnreadable
from bot.settings.azure import AzurePart
from bot.settings.base import ENVIRONMENT, unset
from bot.settings.database import DatabasePart
from bot.settings.keeping import KeepingPart
from bot.settings.secret_files import secret_files
from bot.settings.slack import SlackPart
from bot.settings.watching import WatchingPart
from bot.settings.worker import WorkerPart


class Settings(WorkerPart, KeepingPart, WatchingPart, DatabasePart, AzurePart, SlackPart):
    """All settings of the bot, each in the part of its subject."""


#: The fields that are secrets, with their variables: what may stand in a file.
SECRETS: Mapping[str, str] = {
    name: str(field.validation_alias)
    for name, field in Settings.model_fields.items()
    if SecretStr in (field.annotation, *get_args(field.annotation))
}


def read_settings() -> Settings:
    """The settings of this process's environment and of its files of secrets.

    Raises SettingsUnreadable.
    """
    try:
        return Settings.model_validate(secret_files(tuple(SECRETS.values())))
    except ValidationError as error:
        raise _unreadable(error) from None  # pydantic's error would carry the values


class _WithoutSlack(Settings):
    """The settings of a command that only reads the database: it needs no bot token."""

    bot_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_BOT_TOKEN")

    @field_validator("bot_token")
    @classmethod
    def _looks_like_a_bot_token(cls, value: SecretStr) -> SecretStr:
        return value


def read_settings_without_slack() -> Settings:
    """As `read_settings`, without a bot token; raises SettingsUnreadable."""
    try:
        return _WithoutSlack.model_validate(secret_files(tuple(SECRETS.values())))
    except ValidationError as error:
        raise _unreadable(error) from None  # pydantic's error would carry the values


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


def _unreadable(error: ValidationError) -> SettingsUnreadable:
    first = error.errors(include_input=False, include_url=False)[0]
    named = str(first["loc"][0]) if first["loc"] else ""
    fields = Settings.model_fields.items()  # the error of a wrong default names the field itself
    field = next((one for name, one in fields if named in (name, one.validation_alias)), None)
    variable = str(field.validation_alias) if field else named
    if first["type"] == "missing":
        return unset(variable, "the bot token of the installed Slack app (xoxb-…)")
    reason = first.get("ctx", {}).get("error") or _wanted(field) or first["msg"]
    return SettingsUnreadable(ENVIRONMENT, variable, str(reason))


def _wanted(field: FieldInfo | None) -> str:
    """What a number or a choice has to be, in a sentence; empty for anything else."""
    if field is None:
        return ""
    if get_origin(field.annotation) is Literal:
        return f"it must be {' or '.join(get_args(field.annotation))}."
    if field.annotation not in (int, float):
        return ""
    number = "a whole number" if field.annotation is int else "a number"
    return f"it must be {number} {_bounds(field)}, in digits."


def _bounds(field: FieldInfo) -> str:
    """`from 2 to 200`, or `above 0, at most 60`."""
    bounds: dict[str, Any] = {
        name: getattr(bound, name)
        for bound in field.metadata
        for name in ("gt", "ge", "le")
        if hasattr(bound, name)
    }
    if "gt" in bounds:
        return f"above {bounds['gt']:g}, at most {bounds['le']:g}"
    return f"from {bounds['ge']:g} to {bounds['le']:g}"
