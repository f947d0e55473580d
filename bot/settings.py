"""The bot's settings: environment variables in, one frozen value out, secrets never printed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from advisor.errors import SettingsUnreadable, UsageError
from advisor.loopback import is_loopback
from advisor.prices.list_address import (
    ADDRESS_VARIABLE,
    OFFLINE_VARIABLE,
    RETAIL_PRICES,
    checked_origin,
    says_offline,
)

SLACK_API_URL = "https://slack.com/api/"
PUBLIC_AZURE = "https://management.azure.com"
_ENVIRONMENT = "the environment"

Names = Annotated[tuple[str, ...], NoDecode]


def default_data_directory() -> Path:
    """The user's data directory; for root the machine's: no other user may enter root's home."""
    import platformdirs

    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path(platformdirs.site_state_dir("vmbackup"))
    return Path(platformdirs.user_data_dir("vmbackup", appauthor=False))


class Settings(BaseSettings):
    """The bot's settings. A token that the chosen transport does not need may be None."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    bot_token: SecretStr = Field(
        validation_alias="SLACK_BOT_TOKEN",
        description="The bot token of the installed Slack app (xoxb-…). Always needed.",
    )
    app_token: SecretStr | None = Field(
        None,
        validation_alias="SLACK_APP_TOKEN",
        description=(
            "The app-level token (xapp-…) with the scope connections:write: needed for Socket Mode."
        ),
    )
    signing_secret: SecretStr | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="The signing secret of the Slack app: needed for --http.",
    )
    other_signing_secret: SecretStr | None = Field(
        None,
        validation_alias="SLACK_SIGNING_SECRET_OTHER",
        description=(
            "A second signing secret that is taken, too: the new one before Slack's is replaced, "
            "the old one for minutes afterwards. Default: none."
        ),
    )
    api_url: str = Field(
        SLACK_API_URL,
        validation_alias="SLACK_API_URL",
        description="The address of Slack; another one is for trying things out locally.",
    )
    subscriptions: Names = Field(
        (),
        validation_alias="VMBACKUP_SUBSCRIPTIONS",
        description="The only subscriptions the bot reads, by commas. Default: all it may read.",
    )
    management_groups: Names = Field(
        (),
        validation_alias="VMBACKUP_MANAGEMENT_GROUPS",
        description="The only management groups the bot reads, by commas.",
    )

    database_url: SecretStr | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description=(
            "A PostgreSQL server of your own, with sslmode=verify-full unless it is on this "
            "machine. Default: one that the bot starts in its data directory."
        ),
    )
    data_directory: Path = Field(
        default_factory=default_data_directory,
        validation_alias="VMBACKUP_DATA_DIR",
        description=(
            "The directory of the bot's own database. Default: the user's data directory, such as "
            "~/.local/share/vmbackup; as root /var/lib/vmbackup."
        ),
    )
    azure_url: str = Field(
        PUBLIC_AZURE,
        validation_alias="VMBACKUP_AZURE_URL",
        description="The address of Azure; another one is for trying things out locally.",
    )

    workspace: str = Field(
        "",
        validation_alias="VMBACKUP_WORKSPACE",
        description="The Log Analytics workspace that `measure` asks. Default: none is asked.",
    )

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
    region: str = Field(
        "",
        validation_alias="VMBACKUP_REGION",
        description=(
            "The Azure region in which the bot and its database run, such as northeurope: "
            "`vmbackup doctor` warns where VMs that it protects are in it, too."
        ),
    )

    offline: bool = Field(
        False,
        validation_alias=OFFLINE_VARIABLE,
        description=(
            "1: no answer asks Azure's price list, in the terminal or in Slack; the prices that "
            "are there are used. Default: what is missing or old is fetched."
        ),
    )
    prices_address: str = Field(
        "",
        validation_alias=ADDRESS_VARIABLE,
        description=(
            "The address of the price list, of every command; another one than "
            "https://prices.azure.com is for trying things out locally."
        ),
    )

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

    @field_validator(
        *("bot_token", "app_token", "signing_secret", "other_signing_secret", "database_url"),
        mode="before",
    )
    @classmethod
    def _without_the_line_end_of_a_secrets_file(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    @field_validator("bot_token")
    @classmethod
    def _looks_like_a_bot_token(cls, value: SecretStr) -> SecretStr:
        return _starting(value, "a bot token", "xoxb-", "xoxe.")

    @field_validator("app_token")
    @classmethod
    def _looks_like_an_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return value and _starting(value, "an app-level token", "xapp-")

    @field_validator("api_url")
    @classmethod
    def _is_safe_to_send_tokens_to(cls, value: str) -> str:
        url = urlsplit(value)
        if not url.hostname or url.scheme not in ("http", "https"):
            raise ValueError(f"it is not an address. Leave it out for {SLACK_API_URL}.")
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError(
                "it would send tokens unencrypted. Use https:// (http:// only locally)."
            )
        return value.rstrip("/") + "/"

    @field_validator("subscriptions", "management_groups", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("data_directory")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("stalled_seconds")
    @classmethod
    def _outlasts_a_heartbeat_that_is_late(cls, value: float, info: ValidationInfo) -> float:
        if value < 2 * info.data.get("heartbeat_seconds", 0):
            raise ValueError("it must be at least twice VMBACKUP_HEARTBEAT_SECONDS.")
        return value

    @field_validator("azure_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"it is not an address. Leave it out for {PUBLIC_AZURE}.")
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError("it would send your sign-in unencrypted. Use https://.")
        return value.rstrip("/")

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

    @field_validator("offline", mode="before")
    @classmethod
    def _as_every_command_reads_it(cls, value: object) -> object:
        return says_offline(value) if isinstance(value, str) else value

    @field_validator("prices_address")
    @classmethod
    def _is_an_address_of_prices(cls, value: str) -> str:
        try:
            return checked_origin(value) if value else ""
        except UsageError as error:
            raise ValueError(str(error)) from None

    @property
    def price_list(self) -> str:
        """The origin of the price list: a played Azure has one of its own."""
        return self.prices_address or (self.azure_url if self.azure_is_local else RETAIL_PRICES)

    @property
    def health_host_and_port(self) -> tuple[str, int] | None:
        """Where probes are answered; None: nowhere."""
        parts = urlsplit(f"//{self.health_address}")
        return (parts.hostname, parts.port) if parts.hostname and parts.port else None

    @property
    def azure_is_local(self) -> bool:
        """Whether a stand-in on this machine plays Azure."""
        return is_loopback(urlsplit(self.azure_url).hostname or "")

    @property
    def slack_is_local(self) -> bool:
        """Whether a stand-in on this machine plays Slack."""
        return is_loopback(urlsplit(self.api_url).hostname or "")

    def token_for_socket_mode(self) -> str:
        """The app-level token; raises SettingsUnreadable without one."""
        if self.app_token is None:
            raise _unset("SLACK_APP_TOKEN", "an app-level token (xapp-…, scope connections:write)")
        return self.app_token.get_secret_value()

    def secret_for_http(self) -> str:
        """The signing secret; raises SettingsUnreadable without one."""
        if self.signing_secret is None:
            raise _unset("SLACK_SIGNING_SECRET", "the app's Signing Secret (Basic Information)")
        return self.signing_secret.get_secret_value()

    def other_secret_for_http(self) -> str:
        """The second signing secret that is taken; empty for none."""
        other = self.other_signing_secret
        return other.get_secret_value() if other is not None else ""


def read_settings() -> Settings:
    """The settings of this process's environment; raises SettingsUnreadable."""
    try:
        return Settings()
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
        return _WithoutSlack()
    except ValidationError as error:
        raise _unreadable(error) from None  # pydantic's error would carry the values


def _starting(value: SecretStr, what: str, *prefixes: str) -> SecretStr:
    if not value.get_secret_value().startswith(prefixes):
        raise ValueError(f"it is not {what}, which starts with {prefixes[0]}. Tokens swapped?")
    return value


def _unset(variable: str, what: str) -> SettingsUnreadable:
    return SettingsUnreadable(_ENVIRONMENT, variable, f"it is not set. Set it to {what}.")


def _unreadable(error: ValidationError) -> SettingsUnreadable:
    first = error.errors(include_input=False, include_url=False)[0]
    named = str(first["loc"][0]) if first["loc"] else ""
    field = Settings.model_fields.get(named)  # the error of a wrong default names the field
    variable = str(field.validation_alias) if field else named
    if first["type"] == "missing":
        return _unset(variable, "the bot token of the installed Slack app (xoxb-…)")
    reason = first.get("ctx", {}).get("error", first["msg"])
    return SettingsUnreadable(_ENVIRONMENT, variable, str(reason))
