"""The worker's pace: settings with bounds, each wrong one named."""

from __future__ import annotations

import pytest

from advisor.errors import SettingsUnreadable
from bot.settings import Settings, read_settings


def reading(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for variable, value in ({"SLACK_BOT_TOKEN": "xoxb-1"} | environment).items():
        monkeypatch.setenv(variable, value)
    return read_settings()


def test_the_pace_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = reading(monkeypatch, VMBACKUP_JOBS_AT_ONCE="5", VMBACKUP_LEASE_SECONDS="2.5")
    assert (settings.jobs_at_once, settings.lease_seconds) == (5, 2.5)
    assert (settings.heartbeat_seconds, settings.stalled_seconds) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"VMBACKUP_JOBS_AT_ONCE": "1"}, "VMBACKUP_JOBS_AT_ONCE"),
        ({"VMBACKUP_POLL_SECONDS": "0"}, "VMBACKUP_POLL_SECONDS"),
        ({"VMBACKUP_SWEEP_SECONDS": "often"}, "VMBACKUP_SWEEP_SECONDS"),
        ({"VMBACKUP_STALLED_SECONDS": "1.5"}, "VMBACKUP_STALLED_SECONDS"),
        ({"VMBACKUP_HEARTBEAT_SECONDS": "10"}, "VMBACKUP_STALLED_SECONDS"),
        ({"VMBACKUP_LEASE_SECONDS": "0.1"}, "VMBACKUP_LEASE_SECONDS"),
        ({"VMBACKUP_NAMES_SECONDS": "1"}, "VMBACKUP_NAMES_SECONDS"),
    ],
)
def test_a_pace_that_cannot_be_kept_is_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], variable: str
) -> None:
    """A heartbeat that is slower than the default patience with it is wrong, too."""
    with pytest.raises(SettingsUnreadable) as caught:
        reading(monkeypatch, **environment)
    assert caught.value.place == variable
