"""The settings of what is seen of a process: its log and its probes."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bot.settings.base import SettingsPart


class WatchingPart(SettingsPart):
    """How a process tells how it does."""

    log_format: Literal["text", "json"] = Field(
        "text",
        validation_alias="VMBACKUP_LOG_FORMAT",
        description="json: each line of the bot's log is a JSON object. Default: text.",
    )
    health_address: str = Field(
        "",
        validation_alias="VMBACKUP_HEALTH_ADDRESS",
        description=(
            "Where /livez, /readyz and /metrics are answered, such as 0.0.0.0:8081: plain HTTP for "
            "probes and Prometheus, never for the outside. Default: nowhere."
        ),
    )

    @field_validator("health_address")
    @classmethod
    def _is_host_and_port(cls, value: str) -> str:
        parts = urlsplit(f"//{value}")
        try:
            is_whole = not value or bool(parts.hostname and parts.port)
        except ValueError:
            is_whole = False
        if not is_whole:
            raise ValueError("it is no address. Write it like 0.0.0.0:8081.")
        return value

    @property
    def health_host_and_port(self) -> tuple[str, int] | None:
        """Where probes are answered; None: nowhere."""
        parts = urlsplit(f"//{self.health_address}")
        return (parts.hostname, parts.port) if parts.hostname and parts.port else None
