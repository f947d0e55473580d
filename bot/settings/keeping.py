"""The settings of what is kept of people, and for how long."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from bot.settings.base import SettingsPart


class KeepingPart(SettingsPart):
    """How long names, reasons and messages are kept; docs/people.md says of what."""

    people_days: int = Field(
        365,
        ge=30,
        le=3650,
        validation_alias="VMBACKUP_KEEP_PEOPLE_DAYS",
        description=(
            "Days after which names, reasons, clicks and messages of a request that is over are "
            "forgotten, and who was given an estimate. Default: 365."
        ),
    )
    advice_days: int = Field(
        90,
        ge=1,
        le=3650,
        validation_alias="VMBACKUP_KEEP_ADVICE_DAYS",
        description=(
            "Days after which an advice that was told in Slack is deleted with its buttons. "
            "Default: 90."
        ),
    )

    @property
    def people_kept(self) -> timedelta:
        return timedelta(days=self.people_days)

    @property
    def advice_kept(self) -> timedelta:
        return timedelta(days=self.advice_days)
