"""What leaves its region: allowed by a rule that names the target, else held by the strictest."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.errors import SettingsUnreadable
from bot.composition.actions import action_facts
from bot.requests.action import Action
from bot.requests.approval.choose_rule import choose_rule, needs_approval, why_it_holds
from bot.requests.approval.rules import RequestRules, Rule, WithoutApproval
from bot.requests.approval.rules_file import load_rules
from tests.requests.rule_samples import APPROVERS, DBAS, demand, plan, rule, rules

FREE = WithoutApproval(cost_below=Decimal(100), keep_at_most=timedelta(days=30))
ALL = rule("all", without_approval=FREE)
DEAR = rule("dear", demand(DBAS, approvals=2), cost_at_least=Decimal(1000))
TAGGED = rule("tagged", demand(APPROVERS, approvals=3), tags={"env": ("prod",)})
ELSEWHERE = rule("elsewhere", demand("S09"), resource_groups=("other",))
NORTH = rule("north", target_regions=("northeurope",), without_approval=FREE)
COPY = plan(action=Action.COPY, target_region="northeurope")


def chosen(*some: Rule) -> Rule:
    found = choose_rule(COPY, rules(*some))
    assert found is not None
    return found


def test_what_leaves_its_region_is_held_by_every_rule_of_its_place() -> None:
    found = chosen(ALL, DEAR, TAGGED, ELSEWHERE)
    assert found.name == "tagged + dear + all"
    assert set(found.demands) == {demand(DBAS, approvals=2), demand(APPROVERS, approvals=3)}
    assert needs_approval(found, COPY)


def test_what_leaves_its_region_needs_approval_though_the_only_rule_asks_for_none() -> None:
    assert needs_approval(chosen(ALL), COPY)
    stays = plan(action=Action.COPY)
    found = choose_rule(stays, rules(ALL))
    assert found is not None
    assert not needs_approval(found, stays)


def test_a_rule_that_names_the_target_allows_it() -> None:
    found = chosen(ALL, NORTH, DEAR)
    assert found.name == "north + all"
    assert not needs_approval(found, COPY)


def test_a_rule_that_names_another_target_allows_nothing_and_holds() -> None:
    west = rule("west", demand(DBAS), target_regions=("westus",))
    assert chosen(ALL, west).name == "west + all"


def test_a_rule_with_tags_allows_no_target() -> None:
    mine = rule("mine", target_regions=("northeurope",), tags={"env": ("dev",)})
    of = plan(action=Action.COPY, target_region="northeurope", vm_tags={"env": "dev"})
    found = choose_rule(of, rules(ALL, mine, DEAR))
    assert found is not None
    assert "dear" in found.name


def test_where_no_rule_matches_the_strictest_allows_nothing_either() -> None:
    assert choose_rule(COPY, rules(DEAR)) is None


def test_a_rule_for_a_target_holds_for_no_other_region() -> None:
    assert choose_rule(plan(), rules(NORTH)) is None


def test_the_card_says_that_the_target_is_not_allowed_or_by_what() -> None:
    held = why_it_holds(COPY, rules(ALL, DEAR))
    assert held.startswith("no rule names North Europe in its target_regions")
    allowed = why_it_holds(COPY, rules(ALL, NORTH))
    assert "“north” holds for the target region North Europe" in allowed


# --- the settings ----------------------------------------------------------------------------

RULE = '[[requests.rules]]\nname = "a"\nchannel = "C01OPS"\napprover_users = ["U01"]\n'


def read(folder: Path, more: str) -> RequestRules:
    path = folder / "vmbackup.toml"
    path.write_text(RULE + more, encoding="utf-8")
    return load_rules(path, action_facts())


def test_target_regions_are_read_as_people_write_them(tmp_path: Path) -> None:
    spelt = read(tmp_path, 'target_regions = ["West Europe", "northeurope", "WESTEUROPE"]\n')
    assert spelt.rules[0].target_regions == ("northeurope", "westeurope")
    unset, empty = read(tmp_path, ""), read(tmp_path, "target_regions = []\n")
    assert unset.digest == empty.digest != spelt.digest


def test_a_region_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsUnreadable, match="not an Azure region"):
        read(tmp_path, 'target_regions = ["nortehurope"]\n')
