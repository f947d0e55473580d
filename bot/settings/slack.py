"""The settings of Slack: tokens, signing secrets, address."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from advisor.loopback import is_loopback
from bot.settings.base import SettingsPart, unset, without_line_end

SLACK_API_URL = "https://slack.com/api/"


class SlackPart(SettingsPart):
    """How Slack is reached. A token that the chosen transport does not need may be None."""

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

    @field_validator(
        *("bot_token", "app_token", "signing_secret", "other_signing_secret"), mode="before"
    )
    @classmethod
    def _without_the_line_end_of_a_secrets_file(cls, value: object) -> object:
        return without_line_end(value)

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

    @property
    def slack_is_local(self) -> bool:
        """Whether a stand-in on this machine plays Slack."""
        return is_loopback(urlsplit(self.api_url).hostname or "")

    def token_for_socket_mode(self) -> str:
        """The app-level token; raises SettingsUnreadable without one."""
        if self.app_token is None:
            raise unset("SLACK_APP_TOKEN", "an app-level token (xapp-…, scope connections:write)")
        return self.app_token.get_secret_value()

    def secret_for_http(self) -> str:
        """The signing secret; raises SettingsUnreadable without one."""
        if self.signing_secret is None:
            raise unset("SLACK_SIGNING_SECRET", "the app's Signing Secret (Basic Information)")
        return self.signing_secret.get_secret_value()

    def other_secret_for_http(self) -> str:
        """The second signing secret that is taken; empty for none."""
        other = self.other_signing_secret
        return other.get_secret_value() if other is not None else ""


def _starting(value: SecretStr, what: str, *prefixes: str) -> SecretStr:
    if not value.get_secret_value().startswith(prefixes):
        raise ValueError(f"it is not {what}, which starts with {prefixes[0]}. Tokens swapped?")
    return value
