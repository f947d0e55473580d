"""The settings of a worker's pace."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from bot.settings.base import SettingsPart


class WorkerPart(SettingsPart):
    """How many things a worker does at once, and how often it looks."""

    jobs_at_once: int = Field(
        20,
        ge=2,
        le=200,
        validation_alias="VMBACKUP_JOBS_AT_ONCE",
        description="How many requests and clicks one worker works on at a time. Default: 20.",
    )
    poll_seconds: float = Field(
        0.5,
        gt=0,
        le=60,
        validation_alias="VMBACKUP_POLL_SECONDS",
        description="Seconds between two looks for jobs whose notice was lost. Default: 0.5.",
    )
    heartbeat_seconds: float = Field(
        1.0,
        gt=0,
        le=60,
        validation_alias="VMBACKUP_HEARTBEAT_SECONDS",
        description="Seconds between two heartbeats of a worker. Default: 1.",
    )
    stalled_seconds: float = Field(
        5.0,
        validate_default=True,
        gt=0,
        le=600,
        validation_alias="VMBACKUP_STALLED_SECONDS",
        description=(
            "A worker without a heartbeat for so many seconds counts as gone; at least twice "
            "VMBACKUP_HEARTBEAT_SECONDS. Default: 5."
        ),
    )
    sweep_seconds: float = Field(
        2.0,
        gt=0,
        le=60,
        validation_alias="VMBACKUP_SWEEP_SECONDS",
        description=(
            "Seconds between two sweeps, which find requests that are due, with or without a job. "
            "Default: 2."
        ),
    )
    names_seconds: float = Field(
        300.0,
        ge=10,
        le=3600,
        validation_alias="VMBACKUP_NAMES_SECONDS",
        description=(
            "Seconds between two readings of the names of all VMs, by which a name that is not "
            "there is refused at once. Default: 300."
        ),
    )
    lease_seconds: float = Field(
        15.0,
        ge=1,
        le=600,
        validation_alias="VMBACKUP_LEASE_SECONDS",
        description=(
            "Seconds of a worker's lease on a request before it must be renewed; after a crash "
            "another worker takes the request over that much later. Default: 15."
        ),
    )
    stop_seconds: float = Field(
        10.0,
        ge=0,
        le=600,
        validation_alias="VMBACKUP_STOP_SECONDS",
        description="Seconds that a stopped worker gives its jobs to end. Default: 10.",
    )

    @field_validator("stalled_seconds")
    @classmethod
    def _outlasts_a_heartbeat_that_is_late(cls, value: float, info: ValidationInfo) -> float:
        if value < 2 * info.data.get("heartbeat_seconds", 0):
            raise ValueError("it must be at least twice VMBACKUP_HEARTBEAT_SECONDS.")
        return value
