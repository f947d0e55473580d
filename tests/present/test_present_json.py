"""An advice as JSON: the shape that the schemas document, and no number that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker

from advisor.cli.output import json_text
from advisor.model import Advice, Estimated
from advisor.options import BY_NAME
from advisor.present.as_json import advice_to_dict, assessment_to_dict, estimated_to_dict
from advisor.present.compared import MOST_COMPARED, compared
from advisor.present.schema import schema
from tests.judgement import protected, unprotected
from tests.judgement.machines import Situation
from tests.judgement.page import advice_on
from tests.present import scenes
from tests.present.strategies import advices, estimates
from tests.strategies import a_disk, a_vm, advise

SITUATIONS = (*unprotected.SITUATIONS, *protected.SITUATIONS)
ADVICE = Draft202012Validator(schema("advice"), format_checker=FormatChecker())
ESTIMATE = Draft202012Validator(schema("estimate"), format_checker=FormatChecker())
few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@few
@given(advices())
def test_every_advice_is_what_the_schema_says(advice: Advice) -> None:
    ADVICE.validate(json.loads(json.dumps(advice_to_dict(advice))))


@few
@given(advices())
def test_every_advice_in_full_is_what_the_schema_says(advice: Advice) -> None:
    written = advice_to_dict(advice, details=True)
    ADVICE.validate(json.loads(json.dumps(written)))
    assert len(written["assessments"]) == written["judged"]


@few
@given(estimates())
def test_every_estimate_is_what_the_schema_says(estimated: Estimated) -> None:
    ESTIMATE.validate(json.loads(json.dumps(estimated_to_dict(estimated))))


@few
@given(advices())
def test_a_price_that_is_missing_never_yields_a_number(advice: Advice) -> None:
    for assessment in advice_to_dict(advice)["assessments"]:
        for line in assessment["lines"]:
            assert (line["monthly"] is None) == (line["missing"] is not None)
            assert (line["unit_price"] is None) == (line["monthly"] is None)
        if assessment["monthly"]["missing"]:
            assert assessment["monthly"]["likely"] is assessment["monthly"]["high"] is None


# --- what is compared ------------------------------------------------------------------------

TIERS = ("environment=production", "environment=development", "criticality=mission-critical")
MOST_BYTES = 60_000


def two_disks(region: str, tag: str) -> Advice:
    name, _, value = tag.partition("=")
    disks = (a_disk(), a_disk("data", size_gib=512))
    return advise(a_vm(*disks, region=region, tags={name: value}))


@pytest.mark.parametrize("tag", TIERS)
@pytest.mark.parametrize("region", ["westeurope", "polandcentral", "brazilsouth"])
def test_an_advice_for_two_disks_is_small_and_holds_what_is_compared(region: str, tag: str) -> None:
    advice = two_disks(region, tag)
    written = advice_to_dict(advice)
    assert len(json_text(written).encode()) < MOST_BYTES
    assert 3 <= len(written["assessments"]) <= MOST_COMPARED
    assert written["judged"] == len(advice.assessments) > MOST_COMPARED
    assert {each["option"] for each in written["assessments"]} == set(BY_NAME)
    plan = advice.decision.plan
    first = written["assessments"][: len(plan.parts) if plan else 0]
    assert [each["option"] for each in first] == written["decision"]["options"]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.name)
def test_what_is_in_place_is_compared_and_the_json_of_few_disks_is_small(
    situation: Situation,
) -> None:
    advice = advice_on(situation)
    written = advice_to_dict(advice)
    assert len(written["assessments"]) <= MOST_COMPARED
    if len(advice.known.vm.disks) <= 2:
        assert len(json_text(written).encode()) < MOST_BYTES
    known = [(each["option"], each["in_place"]) for each in written["assessments"]]
    if len(known) < MOST_COMPARED:
        for found in advice.in_place:
            assert found.assessment is None or (found.assessment.option, True) in known


def test_in_full_there_is_every_configuration_with_every_reason() -> None:
    advice = two_disks("westeurope", "environment=production")
    written = advice_to_dict(advice, details=True)
    assert len(written["assessments"]) == len(advice.assessments)
    verdicts = {reason["verdict"] for each in written["assessments"] for reason in each["reasons"]}
    assert "yes" in verdicts
    in_full = {
        each["option"]: each["reasons"] for each in map(assessment_to_dict, compared(advice))
    }
    for each in advice_to_dict(advice)["assessments"]:
        against = [one for one in in_full[each["option"]] if one["verdict"] != "yes"]
        assert each["reasons"] == against != in_full[each["option"]]
    assert any(each["reasons"] for each in advice_to_dict(advice)["assessments"])


@pytest.mark.parametrize("name", ["advice", "estimate"])
def test_the_schemas_are_schemas(name: Any) -> None:
    Draft202012Validator.check_schema(schema(name))


def _objects(node: Any, place: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if "properties" in node and isinstance(node["properties"], dict):
            yield place, node
        for key, value in node.items():
            yield from _objects(value, f"{place}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _objects(value, f"{place}[{index}]")


@pytest.mark.parametrize("name", ["advice", "estimate"])
def test_every_property_is_described_and_no_other_is_let_in(name: Any) -> None:
    whole = schema(name)
    for place, node in _objects(whole):
        assert node["additionalProperties"] is False, place
        for key, value in node["properties"].items():
            referred = whole["$defs"].get(value.get("$ref", "").rpartition("/")[2], {})
            assert value.get("description") or referred.get("description"), f"{place}.{key}"


def test_the_two_schemas_say_the_same_of_what_they_share() -> None:
    advice, estimate = schema("advice"), schema("estimate")
    for name, definition in estimate["$defs"].items():
        assert advice["$defs"][name] == definition
    assessment = advice["$defs"]["assessment"]["properties"]
    assert assessment.items() <= estimate["properties"].items()


def test_a_property_nobody_documented_is_refused() -> None:
    written = advice_to_dict(scenes.mission_critical())
    written["assessments"][0]["surprise"] = 1
    assert not ADVICE.is_valid(written)


def test_an_assessment_reads_as_the_issue_lists_it() -> None:
    """Money and quantities are decimal strings, durations ISO 8601, an absent event null."""
    stored = advice_to_dict(scenes.mission_critical())["assessments"][0]
    assert stored["option"] == "azure-backup"
    assert stored["configuration"]["every"] == "4h"
    assert stored["configuration"]["redundancy"] == "grs-crr"
    assert stored["configuration"]["archive"] is False
    assert stored["recovery"]["zone"] == stored["recovery"]["region"], "it survives the zone, too"
    assert stored["recovery"]["region"]["rpo"] == "PT36H"
    assert stored["recovery"]["region"]["tier"] == "vault-secondary-region"
    assert stored["recovery"]["deletion"]["rto"] == {
        "low": "PT45M",
        "likely": "PT3H35M",
        "high": "PT25H",
        "source": "assumed",
        "basis": None,
    }
    fee = stored["lines"][0]
    assert fee["quantity"] == {"low": "1", "likely": "2", "high": "3", "source": "assumed"}
    assert fee["unit_price"] == "10"
    assert fee["monthly"] == {"low": "10", "likely": "20", "high": "30"}
    assert "to_region" not in fee["meter"]


def test_what_nobody_supplied_is_in_not_read_beside_the_reasons() -> None:
    written = advice_to_dict(scenes.price_missing(), details=True)
    [refused] = [each for each in written["assessments"] if each["verdict"] == "no"]
    assert [reason["rule"] for reason in refused["reasons"]] == ["nvme-controller", "churn-limit"]
    assert refused["not_read"] == [
        "The peak writes are not known; at most 54 MB/s a VM are allowed."
    ]


def test_a_missing_price_leaves_a_floor_and_its_name() -> None:
    nearest = advice_to_dict(scenes.price_missing())["nearest"][0]
    assert nearest["monthly"]["low"] == "17.6"
    assert nearest["monthly"]["likely"] is None
    assert "Standard RA-GRS Data Stored" in nearest["monthly"]["missing"][0]


def test_what_is_in_place_names_vault_and_policy() -> None:
    found = advice_to_dict(scenes.mission_critical())["in_place"][0]
    assert found["state"] == "stopped"
    assert found["last_point"] == "2026-08-01T02:10:00Z"
    assert found["age"] == "PT508H"
    assert found["vault"] == {"name": "vault-weu", "redundancy": "grs"}
    assert found["policy"]["retention"] == "daily=30"
    assert found["policy"]["every"] == "PT24H"


def test_large_and_small_numbers_carry_no_exponent() -> None:
    scene = scenes.estimated()
    huge = scene.assessment.monthly._replace(low=Decimal("1E-7"), high=Decimal("1E+12"))
    written = estimated_to_dict(replace(scene, assessment=scene.assessment._replace(monthly=huge)))
    assert written["monthly"]["low"] == "0.0000001"
    assert written["monthly"]["high"] == "1000000000000"


def test_a_configuration_is_written_as_the_flags_take_it() -> None:
    """Also where an option kept a duration rather than its text."""
    scene = scenes.estimated()
    proposal = scene.assessment.proposal._replace(
        configuration={"every": timedelta(hours=6), "policy": "Enhanced", "count": 7, "to": None},
    )
    written = estimated_to_dict(
        replace(scene, assessment=scene.assessment._replace(proposal=proposal))
    )
    assert written["configuration"] == {"every": "6h", "policy": "enhanced", "count": 7, "to": None}
