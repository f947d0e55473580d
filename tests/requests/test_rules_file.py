"""The requests part of vmbackup.toml: read in full, refused with the key that is wrong."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.errors import SettingsUnreadable
from bot.composition.actions import action_facts
from bot.requests.action import Action
from bot.requests.approval.rules import (
    ADVISE,
    ASK,
    LIST,
    RESTORE,
    BreakGlass,
    Circle,
    RequestRules,
    Team,
    WithoutApproval,
)
from bot.requests.approval.rules_file import load_rules
from tests.requests.rule_samples import HOUR, demand

WHOLE = """
default_tier = "production"  # of another part of the same file

[requests]
currency = "EUR"
default_keep = "2d"
shortest_keep = "2h"
longest_keep = "14d"
begin_within = "30m"
price_rise = 5

[requests.groups]
vm-approvers = "S01APPROVERS"

[requests.ask]
groups = ["S03ENGINEERS"]
users = ["U01ADA"]

[requests.list]
everybody = true

[[requests.rules]]
name = "web"
actions = ["snapshot", "extend"]
subscriptions = ["AAAA-1"]
resource_groups = ["Web", "web"]
tags = { ServiceClass = ["Gold"] }
cost_at_least = 1.50
channel = "C01OPS"
external_channel = true
approver_groups = ["vm-approvers"]
approver_users = ["U02GRACE"]
approvals = 2
wait = "4h"
reminders = ["2h", "1h"]
without_approval = { cost_below = 2, keep_at_most = "3d" }

[requests.teams.web]
everybody = true
a_month = 100

[requests.break_glass]
groups = ["vm-approvers"]
channel = "C01OPS"
keep_at_most = "12h"
escalate_to = "C09CHIEFS"
"""
RULE = '[[requests.rules]]\nname = "a"\nchannel = "C01OPS"\napprover_users = ["U01"]\n'


def read(folder: Path, text: str) -> RequestRules:
    path = folder / "vmbackup.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path, action_facts())


def test_everything_that_the_file_can_say_is_read(tmp_path: Path) -> None:
    rules = read(tmp_path, WHOLE)
    assert (rules.currency, rules.default_keep, rules.begin_within, rules.price_rise_percent) == (
        "EUR",
        timedelta(days=2),
        timedelta(minutes=30),
        Decimal(5),
    )
    assert (rules.shortest_keep, rules.longest_keep) == (2 * HOUR, timedelta(days=14))
    asking = Circle(groups=("S03ENGINEERS",), users=("U01ADA",))
    assert rules.may == {
        ASK.table: asking,
        LIST.table: Circle(everybody=True),
        RESTORE.table: asking,
        ADVISE.table: Circle(everybody=True),
    }
    assert rules.teams == (
        Team(name="web", circle=Circle(everybody=True), a_month=Decimal(100), currency="EUR"),
    )
    assert rules.requester_groups(ASK) == {"S03ENGINEERS"}
    assert rules.requester_groups(LIST) == rules.team_groups == frozenset()
    assert rules.break_glass_groups == {"S01APPROVERS"}
    assert rules.group_name("S01APPROVERS") == "vm-approvers"


def test_a_rule_is_read_in_full(tmp_path: Path) -> None:
    (rule,) = read(tmp_path, WHOLE).rules
    assert rule.demands == (demand("S01APPROVERS", users=["U02GRACE"], approvals=2, rule="web"),)
    assert rule.actions == {Action.SNAPSHOT, Action.EXTEND}
    assert (rule.subscriptions, rule.resource_groups) == (("aaaa-1",), ("web",))
    assert rule.tags == {"serviceclass": ("gold",)}
    assert (rule.cost_at_least, rule.currency) == (Decimal("1.5"), "EUR")
    assert (rule.channel, rule.external_channel) == ("C01OPS", True)
    assert (rule.wait, rule.reminders) == (4 * HOUR, (HOUR, 2 * HOUR))
    assert rule.without_approval == WithoutApproval(
        cost_below=Decimal(2), keep_at_most=timedelta(days=3)
    )


def test_break_glass_is_read_with_its_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE).break_glass == BreakGlass(
        circle=Circle(groups=("S01APPROVERS",)),
        channel="C01OPS",
        keep_at_most=12 * HOUR,
        per_week=2,
        look_within=4 * HOUR,
        escalate_to="C09CHIEFS",
    )


def test_a_rule_without_more_takes_the_defaults(tmp_path: Path) -> None:
    (rule,) = read(tmp_path, RULE).rules
    assert (rule.wait, rule.approvals, rule.actions) == (8 * HOUR, 1, frozenset())
    assert (rule.external_channel, rule.without_approval, rule.reminders) == (False, None, ())


@pytest.mark.parametrize("text", [None, "", "default_tier = 'production'\n"])
def test_without_the_part_nobody_may_anything(tmp_path: Path, text: str | None) -> None:
    rules = load_rules(None, action_facts()) if text is None else read(tmp_path, text)
    assert (rules.may, rules.rules, rules.break_glass) == (
        {ADVISE.table: Circle(everybody=True)},
        (),
        None,
    )
    assert rules.begin_within == HOUR
    assert rules.digest == load_rules(None, action_facts()).digest


def test_the_digest_is_the_same_however_it_is_spelt_and_another_for_other_content(
    tmp_path: Path,
) -> None:
    first = read(tmp_path, WHOLE).digest
    assert len(first) == 64
    same = WHOLE.replace("cost_at_least = 1.50", "cost_at_least = 1.5").replace('"4h"', '"240m"')
    assert read(tmp_path, same.replace('["Web", "web"]', '["WEB"]')).digest == first
    for old, new in [("approvals = 2", "approvals = 3"), ('"30m"', '"31m"'), ("U02GRACE", "U9X")]:
        assert read(tmp_path, WHOLE.replace(old, new)).digest != first


def test_how_many_go_without_an_approval_is_in_the_digest_where_it_is_another(
    tmp_path: Path,
) -> None:
    more = {count: f'keep_at_most = "3d", per_vm_a_day = {count} }}' for count in (3, 4)}
    unset = read(tmp_path, WHOLE)
    three, four = (
        read(tmp_path, WHOLE.replace('keep_at_most = "3d" }', more[count])) for count in (3, 4)
    )
    counts = [each.rules[0].without_approval for each in (unset, three, four)]
    assert [each.per_vm_a_day for each in counts if each is not None] == [4, 3, 4]
    assert unset.digest == four.digest != three.digest


WRONG = [
    ("[requests]\nask = 3\n", "requests.ask", "dictionary"),
    ("[requests]\nprize_rise = 3\n", "requests.prize_rise", "Extra inputs"),
    ("[requests]\nprice_rise = -1\n", "requests.price_rise", "greater than or equal to 0"),
    ("[requests]\nprice_rise = nan\n", "requests.price_rise", "finite"),
    ("[requests]\ndefault_keep = 3\n", "requests.default_keep", "in quotes"),
    ("[requests]\ndefault_keep = '3 moons'\n", "requests.default_keep", "not a duration"),
    ("[requests]\ndefault_keep = '60d'\n", "requests", "not in this order"),
    ("[requests]\ncurrency = 'euro'\n", "requests.currency", "pattern"),
    ("[requests.groups]\nx = 'C01'\n", "requests.groups.x", "not the id of a user group"),
    ("[requests.ask]\neverybody = 'yes'\n", "requests.ask.everybody", "boolean"),
    ("[requests.ask]\nusers = ['ada']\n", "requests.ask.users.0", "not the id of a person"),
    ("[requests.ask]\ngroups = ['dbas']\n", "requests.groups", "“dbas” is neither"),
    (RULE.replace("C01OPS", "#ops"), "requests.rules.0.channel", "not the id of a channel"),
    (RULE + RULE, "requests", "two rules are called a"),
    (RULE + "approvals = 2\n", "requests.rules.0", "wants 2 approvals and names 1 people"),
    (RULE + "approvals = 0\n", "requests.rules.0.approvals", "greater than or equal to 1"),
    (RULE + "approvals = true\n", "requests.rules.0.approvals", "integer"),
    (RULE + "actions = ['delete']\n", "requests.rules.0.actions", "delete has no rule"),
    (RULE + "actions = ['fly']\n", "requests.rules.0.actions.0", "snapshot"),
    (RULE + "reminders = ['8h']\n", "requests.rules.0", "reminds after it stopped waiting (8h)"),
    (RULE + "tags = { a = [] }\n", "requests.rules.0", "a tag without values"),
    (RULE + "cost_at_least = -1\n", "requests.rules.0.cost_at_least", "greater than"),
    (
        RULE + "without_approval = { cost_below = 1 }\n",
        "requests.rules.0.without_approval.keep_at_most",
        "required",
    ),
    ("[requests.teams.web]\neverybody = true\n", "requests.teams.web.a_month", "required"),
    (
        "[requests.break_glass]\nchannel = 'C01'\nescalate_to = 'C01'\nkeep_at_most = '25h'\n",
        "requests.break_glass",
        "24h at most",
    ),
]


@pytest.mark.parametrize(("text", "place", "problem"), WRONG)
def test_what_is_wrong_is_refused_with_its_file_its_key_and_why(
    tmp_path: Path, text: str, place: str, problem: str
) -> None:
    with pytest.raises(SettingsUnreadable) as refused:
        read(tmp_path, text)
    assert refused.value.source == str(tmp_path / "vmbackup.toml")
    assert refused.value.place == place
    assert problem in refused.value.problem
    assert "Value error" not in refused.value.problem


def test_a_file_that_is_not_there_or_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsUnreadable, match="cannot be read: No such file"):
        load_rules(tmp_path / "none.toml", action_facts())
    with pytest.raises(SettingsUnreadable, match="cannot be read"):
        read(tmp_path, "[requests")
