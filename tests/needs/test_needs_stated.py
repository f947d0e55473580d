"""Which figures of a need somebody stated, each by itself, and which are a shipped tier's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advisor.asked import AdviceAsked
from advisor.model import FIGURES, Consistency, Event, Need, Retention
from advisor.needs import SHIPPED_TIERS, Tiers, need_of
from advisor.tiers_file import load_tiers

HOUR = timedelta(hours=1)


def need(tags: dict[str, str] | None = None, region: str = "westeurope", **asked: Any) -> Need:
    return need_of(tags or {}, region, AdviceAsked(vm="web-01", **asked), Tiers())


@pytest.mark.parametrize(
    "tags",
    [{}, {"environment": "prod"}, {"environment": "dev"}, {"environment": "sandbox-eu"}],
)
def test_a_shipped_tier_chosen_by_environment_or_by_default_states_nothing(
    tags: dict[str, str],
) -> None:
    assert need(tags).stated == frozenset()


@pytest.mark.parametrize(
    "tags",
    [
        {"criticality": "mission-critical"},
        {"vmbackup-tier": "development"},
        {"vmbackup-tier": "production", "environment": "dev"},
    ],
)
def test_criticality_and_a_vmbackup_tag_state_every_figure(tags: dict[str, str]) -> None:
    assert need(tags).stated == FIGURES


def test_a_tier_of_ones_own_states_every_figure(tmp_path: Any) -> None:
    file = tmp_path / "vmbackup.toml"
    file.write_text('[tiers.batch]\ntags = {role = ["batch"]}\ndeletion = {rpo = "24h"}\n')
    chosen = need_of({"role": "batch"}, "westeurope", AdviceAsked(vm="b"), load_tiers(file))
    assert (chosen.tier, chosen.stated) == ("batch", FIGURES)


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ({"rpo": 4 * HOUR}, {"deletion.asked", "deletion.rpo"}),
        ({"rto": 4 * HOUR}, {"deletion.asked", "deletion.rto"}),
        ({"region_rpo": HOUR}, {"region.asked", "region.rpo"}),
        ({"region_rto": HOUR}, {"region.asked", "region.rto"}),
        ({"keep": Retention(daily=30)}, {"retention"}),
        ({"isolated": False}, {"isolated"}),
        ({"consistency": Consistency.NONE}, {"consistency"}),
        (
            {"survive": (Event.DELETION,), "rpo": HOUR},
            {"deletion.asked", "deletion.rpo", "zone.asked", "region.asked"},
        ),
        (
            {"survive": (Event.REGION,), "rpo": HOUR},
            {"deletion.asked", "zone.asked", "region.asked", "region.rpo"},
        ),
        (
            {"survive": (Event.ZONE,), "rto": HOUR},
            {"deletion.asked", "zone.asked", "zone.rto", "region.asked"},
        ),
    ],
)
def test_a_flag_states_its_own_figure_and_no_other(asked: dict[str, Any], stated: set[str]) -> None:
    assert need(**asked).stated == stated


def test_a_flag_takes_nothing_back_that_a_tag_states() -> None:
    assert need({"vmbackup-tier": "development"}, rpo=4 * HOUR).stated == FIGURES


@pytest.mark.parametrize(
    ("survive", "rpo", "region_rpo", "expected"),
    [
        ((Event.REGION,), None, None, {Event.REGION: 36 * HOUR}),
        ((Event.REGION,), HOUR, None, {Event.REGION: HOUR}),
        ((Event.REGION,), None, HOUR / 4, {Event.REGION: HOUR / 4}),
        ((Event.REGION,), HOUR, HOUR / 4, {Event.REGION: HOUR / 4}),
        (
            (Event.DELETION, Event.REGION),
            4 * HOUR,
            HOUR / 4,
            {Event.DELETION: 4 * HOUR, Event.REGION: HOUR / 4},
        ),
        ((Event.ZONE,), HOUR, None, {Event.ZONE: HOUR}),
        ((), 4 * HOUR, HOUR / 4, {Event.DELETION: 4 * HOUR, Event.REGION: HOUR / 4}),
        ((), 4 * HOUR, None, {Event.DELETION: 4 * HOUR, Event.REGION: 36 * HOUR}),
    ],
)
def test_each_event_has_the_rpo_that_was_said_for_it(
    survive: tuple[Event, ...],
    rpo: timedelta | None,
    region_rpo: timedelta | None,
    expected: dict[Event, timedelta],
) -> None:
    chosen = need(survive=survive, rpo=rpo, region_rpo=region_rpo)
    asked = {event: chosen.of(event) for event in Event}
    assert {event: each.rpo for event, each in asked.items() if each} == expected


@pytest.mark.parametrize(
    ("survive", "rto", "region_rto", "expected"),
    [
        ((Event.REGION,), None, None, 24 * HOUR),
        ((Event.REGION,), 2 * HOUR, None, 2 * HOUR),
        ((Event.REGION,), 2 * HOUR, HOUR, HOUR),
        ((), 2 * HOUR, None, 24 * HOUR),
        ((), None, HOUR, HOUR),
    ],
)
def test_the_region_is_back_as_soon_as_was_said_for_it(
    survive: tuple[Event, ...],
    rto: timedelta | None,
    region_rto: timedelta | None,
    expected: timedelta,
) -> None:
    chosen = need(survive=survive, rto=rto, region_rto=region_rto)
    assert chosen.region is not None
    assert chosen.region.rto == expected


# --- tags ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["staging", "UAT", " sandbox ", "nonprod", "Dev", "qa"])
def test_what_shops_call_development_is_development(value: str) -> None:
    assert need({"Environment": value}).tier == "development"


@pytest.mark.parametrize(
    ("tags", "tier", "named"),
    [
        ({"environment": "sandbox-eu"}, "production", "environment=sandbox-eu"),
        ({"env": "prd"}, "production", "environment=prd"),
        ({"environment": ""}, "production", "environment=(empty)"),
        ({"criticality": "high", "environment": "dev"}, "development", "criticality=high"),
    ],
)
def test_a_tag_whose_value_chooses_no_tier_is_named(
    tags: dict[str, str], tier: str, named: str
) -> None:
    chosen = need(tags)
    assert chosen.tier == tier
    [notice] = chosen.notices
    assert named in notice
    assert "values that do: " in notice


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"environment": "prod", "owner": "someone"},
        {"vmbackup-tier": "production", "environment": "sandbox-eu"},
    ],
)
def test_nothing_is_named_where_every_tag_chooses_or_a_tier_was_said(tags: dict[str, str]) -> None:
    assert need(tags).notices == ()


def test_the_framework_s_own_name_counts_before_its_short_form() -> None:
    assert need({"env": "dev", "environment": "prod"}).tier == "production"
    assert need({"environment": "prod", "env": "dev"}).tier == "production"


# --- regions ---------------------------------------------------------------------------------


def test_only_a_region_known_to_have_no_pair_is_asked_for_the_zone_instead() -> None:
    assert need(region="italynorth").region is None
    assert need(region="italynorth").zone is not None
    assert need(region="westeurope").zone is None
    assert need(region="marsnorth").region is not None  # not known: it may have one


def test_every_shipped_tier_but_mission_critical_is_a_habit() -> None:
    assert [tier.name for tier in SHIPPED_TIERS if tier.stated] == ["mission-critical"]
