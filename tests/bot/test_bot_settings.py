"""The bot's settings: read from the environment, wrong ones named, secrets never shown."""

from __future__ import annotations

import logging

import pytest

from advisor.errors import SettingsUnreadable
from advisor.loopback import is_loopback
from bot.logs import Redacting, redacted
from bot.settings import Settings, read_settings, refuse_half_played

PROD, TEST = (f"6f1d2a3b-0000-4000-8000-00000000000{number}" for number in (1, 2))
VARIABLES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "VMBACKUP_SUBSCRIPTIONS",
    "VMBACKUP_MANAGEMENT_GROUPS",
    "VMBACKUP_AZURE_URL",
    "VMBACKUP_WORKSPACE",
    "VMBACKUP_LOG_FORMAT",
    "VMBACKUP_KEEP_PEOPLE_DAYS",
)


def reading(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    return read_settings()


def test_a_bot_token_is_enough_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = reading(monkeypatch, SLACK_BOT_TOKEN="xoxb-1\n")
    assert settings.bot_token.get_secret_value() == "xoxb-1"
    assert settings.api_url == "https://slack.com/api/"
    assert not settings.slack_is_local


def test_no_secret_is_ever_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = reading(
        monkeypatch,
        SLACK_BOT_TOKEN="xoxb-secret",
        SLACK_APP_TOKEN="xapp-secret",
        SLACK_SIGNING_SECRET="secret",
    )
    assert "secret" not in repr(settings).replace("signing_secret", "").replace("SecretStr", "")


@pytest.mark.parametrize(
    ("environment", "variable", "sentence"),
    [
        ({}, "SLACK_BOT_TOKEN", "it is not set"),
        ({"SLACK_BOT_TOKEN": "xapp-secret"}, "SLACK_BOT_TOKEN", "starts with xoxb-"),
        ({"SLACK_APP_TOKEN": "xoxb-secret"}, "SLACK_APP_TOKEN", "starts with xapp-"),
        ({"SLACK_API_URL": "http://slack.com/api/"}, "SLACK_API_URL", "unencrypted"),
        ({"SLACK_API_URL": "http://127.0.0.1.evil.example/"}, "SLACK_API_URL", "unencrypted"),
        ({"SLACK_API_URL": "slack.com"}, "SLACK_API_URL", "not an address"),
        ({"VMBACKUP_SUBSCRIPTIONS": f"{PROD},prod"}, "VMBACKUP_SUBSCRIPTIONS", "“prod” is not the"),
        ({"VMBACKUP_MANAGEMENT_GROUPS": "a/b"}, "VMBACKUP_MANAGEMENT_GROUPS", "“a/b” is not the"),
        ({"VMBACKUP_WORKSPACE": "logs"}, "VMBACKUP_WORKSPACE", "Give its Workspace ID"),
        ({"VMBACKUP_LOG_FORMAT": "xml"}, "VMBACKUP_LOG_FORMAT", "it must be text or json."),
        (
            {"VMBACKUP_KEEP_PEOPLE_DAYS": "7"},
            "VMBACKUP_KEEP_PEOPLE_DAYS",
            "number from 30 to 3650,",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], variable: str, sentence: str
) -> None:
    given = ({"SLACK_BOT_TOKEN": "xoxb-1"} if environment else {}) | environment
    with pytest.raises(SettingsUnreadable) as caught:
        reading(monkeypatch, **given)
    assert caught.value.place == variable
    assert sentence in str(caught.value)
    assert "secret" not in str(caught.value)


def test_each_transport_names_the_secret_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = reading(monkeypatch, SLACK_BOT_TOKEN="xoxb-1")
    with pytest.raises(SettingsUnreadable, match="SLACK_APP_TOKEN"):
        settings.token_for_socket_mode()
    with pytest.raises(SettingsUnreadable, match="SLACK_SIGNING_SECRET"):
        settings.secret_for_http()


def test_plain_http_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = reading(
        monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_API_URL="http://127.0.0.1:8/api"
    )
    assert settings.slack_is_local
    assert settings.api_url == "http://127.0.0.1:8/api/"


def test_what_to_read_is_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = reading(
        monkeypatch,
        SLACK_BOT_TOKEN="xoxb-1",
        VMBACKUP_SUBSCRIPTIONS=f"{PROD}, {TEST},",
        VMBACKUP_MANAGEMENT_GROUPS="root",
    )
    assert settings.subscriptions == (PROD, TEST)
    assert settings.management_groups == ("root",)


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.1.2.3", True), ("::1", True), ("10.0.0.1", False), ("", False)],
)
def test_only_this_machine_is_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) is local


# --- the log --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "headers: {'Authorization': 'Bearer xoxb-HIDDEN-1'}",
        "token=HIDDEN&team_id=T1",
        '{"token":"HIDDEN","trigger_id":"HIDDEN"}',
        "Sending a request - url: https://hooks.slack.com/commands/T1/HIDDEN, body: {}",
        "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FHIDDEN&a=b",
        "app xapp-1-HIDDEN",
        "Invalid request signature detected (signature: v0, body: text=HIDDEN)",
    ],
)
def test_the_log_hides_tokens_and_response_addresses(line: str) -> None:
    assert "HIDDEN" not in redacted(line)


def test_an_ordinary_line_is_left_alone() -> None:
    line = "A new session (s_1) has been established; error: invalid_auth"
    assert redacted(line) == line


def test_a_traceback_is_cleaned_too() -> None:
    try:
        raise ValueError("xoxb-HIDDEN")
    except ValueError as error:
        record = logging.LogRecord(
            "a", logging.ERROR, "a.py", 1, "%s", ("x",), (ValueError, error, error.__traceback__)
        )
    assert Redacting().filter(record)
    shown = logging.Formatter().format(record)
    assert "HIDDEN" not in shown
    assert "ValueError" in shown


LOCAL_SLACK, LOCAL_AZURE = "http://127.0.0.1:3001/api/", "http://127.0.0.1:3002"


@pytest.mark.parametrize(
    "local", [{"SLACK_API_URL": LOCAL_SLACK}, {"VMBACKUP_AZURE_URL": LOCAL_AZURE}]
)
def test_a_played_service_is_never_mixed_with_a_real_one(
    monkeypatch: pytest.MonkeyPatch, local: dict[str, str]
) -> None:
    settings = reading(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", **local)
    with pytest.raises(SettingsUnreadable, match="Set both to this machine, or neither"):
        refuse_half_played(settings)


def test_both_services_may_be_played_or_both_be_real(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"SLACK_API_URL": LOCAL_SLACK, "VMBACKUP_AZURE_URL": LOCAL_AZURE}
    refuse_half_played(reading(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", **both))
    refuse_half_played(reading(monkeypatch, SLACK_BOT_TOKEN="xoxb-1"))


def test_a_sign_in_never_travels_unencrypted_to_another_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingsUnreadable, match="VMBACKUP_AZURE_URL"):
        reading(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", VMBACKUP_AZURE_URL="http://azure.example")
