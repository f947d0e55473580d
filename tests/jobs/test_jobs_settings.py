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


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "5s", "٣", "-1", ""])
def test_what_is_no_number_in_bounds_is_refused_with_the_bounds(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    given = {"VMBACKUP_POLL_SECONDS": value, "VMBACKUP_JOBS_AT_ONCE": "20"}
    if not value:  # a variable that is set to nothing is not set
        assert reading(monkeypatch, **given).poll_seconds == 0.5
        return
    with pytest.raises(SettingsUnreadable, match="it must be a number above 0, at most 60"):
        reading(monkeypatch, **given)
    with pytest.raises(SettingsUnreadable, match="it must be a whole number from 2 to 200"):
        reading(monkeypatch, VMBACKUP_POLL_SECONDS="1", VMBACKUP_JOBS_AT_ONCE=value)


def test_every_number_has_bounds_and_its_unit_or_what_it_counts_in_its_name() -> None:
    numbers = {
        name: field
        for name, field in Settings.model_fields.items()
        if field.annotation in (int, float)
    }
    assert len(numbers) > 8
    for name, field in numbers.items():
        bounds = {
            bound for each in field.metadata for bound in ("gt", "ge", "le") if hasattr(each, bound)
        }
        assert "le" in bounds, name
        assert bounds & {"gt", "ge"}, name
        unit = str(field.validation_alias).rpartition("_")[2]
        assert unit in ("SECONDS", "DAYS") or name == "jobs_at_once"
