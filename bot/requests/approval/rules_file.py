"""The requests part of vmbackup.toml: who may ask, who approves what and where, budgets.

[requests.groups]
vm-approvers = "S01APPROVERS"
[requests.ask]
everybody = true
[[requests.rules]]
name = "everything"
channel = "C01OPS"
approver_groups = ["vm-approvers"]
without_approval = { cost_below = 2, keep_at_most = "3d" }
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from advisor.errors import SettingsUnreadable
from bot.requests.action import own_privilege
from bot.requests.approval.rules import (
    ADVISE,
    ASK,
    LIST,
    RESTORE,
    BreakGlass,
    Circle,
    Demand,
    RequestRules,
    Rule,
    Team,
    WeeklyDigestRule,
    WithoutApproval,
)
from bot.requests.approval.rules_tables import (
    GROUP_ID,
    WEEKDAYS,
    AdviseTable,
    AnswerSettings,
    BreakGlassTable,
    CircleTable,
    Facts,
    FleetTable,
    RequestSettings,
    RequestsTable,
    RuleTable,
    TeamTable,
    WithoutApprovalTable,
    in_order,
)


def load_rules(path: Path | None, facts: Facts) -> RequestRules:
    """The rules of a settings file; without a file or its `[requests]`, nobody may do anything.

    Raises SettingsUnreadable with the file, the key and the fault.
    """
    if path is None:
        return _rules(RequestsTable(), AnswerSettings(), facts)
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
        table = RequestSettings.model_validate(content, context={"facts": facts}).requests
        answers = AnswerSettings.model_validate(content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsUnreadable(str(path), "", f"it cannot be read: {why}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsUnreadable(str(path), place, problem) from error
    try:
        return _rules(table, answers, facts)
    except _UnknownGroup as error:
        raise SettingsUnreadable(str(path), "requests.groups", str(error)) from error


#: The keys of each table that files of before lack; at their defaults they are not in the digest.
_NEW_KEYS: Mapping[type[BaseModel], Sequence[str]] = {
    RequestsTable: ("may", "tags_count_for"),
    RuleTable: ("target_regions",),
    WithoutApprovalTable: ("per_vm_a_day",),
}


class _UnknownGroup(Exception):
    """A group name that `[requests.groups]` lacks."""


def _rules(table: RequestsTable, answers: AnswerSettings, facts: Facts) -> RequestRules:
    known = table.groups
    return RequestRules(
        currency=table.currency,
        default_keep=table.default_keep,
        shortest_keep=table.shortest_keep,
        longest_keep=table.longest_keep,
        begin_within=table.begin_within,
        price_rise_percent=table.price_rise,
        tags_count_for=table.tags_count_for,
        may=_may(table) | {ADVISE.table: _advise_circle(answers.advise, known)},
        facts=facts,
        rules=tuple(_rule(rule, table) for rule in table.rules),
        teams=tuple(_team(name, team, table) for name, team in table.teams.items()),
        break_glass=_break_glass(table.break_glass, known) if table.break_glass else None,
        group_names={group_id: name for name, group_id in known.items()},
        advice_is_public=answers.advise.public,
        public_channels=frozenset(answers.channels.public),
        fleet_digest=_weekly_digest(answers.fleet),
        digest=_digest(table),
    )


def _digest(table: RequestsTable) -> str:
    """A digest that is equal for equal content, whatever the spacing, order and spelling."""
    content = _without_new_defaults(table)
    content["rules"] = [_rule_content(rule) for rule in table.rules]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _without_new_defaults(table: BaseModel) -> dict[str, Any]:
    """The content of a table; a file that was read before a key existed keeps its digest."""
    content: dict[str, Any] = table.model_dump(mode="json")
    for name in _NEW_KEYS.get(type(table), ()):
        if getattr(table, name) == type(table).model_fields[name].get_default(
            call_default_factory=True
        ):
            del content[name]
    return content


def _rule_content(rule: RuleTable) -> dict[str, Any]:
    content = _without_new_defaults(rule)
    if rule.without_approval is not None:
        content["without_approval"] = _without_new_defaults(rule.without_approval)
    return content


def _may(table: RequestsTable) -> dict[str, Circle]:
    """The circles by the table of a privilege. An action's own table has no fallback."""
    circles = {
        ASK.table: table.ask,
        LIST.table: table.list or table.ask,
        RESTORE.table: table.restore or table.ask,
    }
    circles |= {own_privilege(action, "").table: circle for action, circle in table.may.items()}
    return {name: _circle_of(circle, table.groups) for name, circle in circles.items() if circle}


def _weekly_digest(entry: FleetTable) -> WeeklyDigestRule | None:
    if entry.digest_channel is None:
        return None
    return WeeklyDigestRule(
        channel=entry.digest_channel,
        weekday=WEEKDAYS.index(entry.digest_weekday),
        hour_utc=entry.digest_hour,
    )


def _advise_circle(entry: AdviseTable, known: Mapping[str, str]) -> Circle:
    return _circle(entry.groups, entry.users, known, everybody=entry.is_for_everybody)


def _rule(entry: RuleTable, table: RequestsTable) -> Rule:
    circle = _circle(entry.approver_groups, entry.approver_users, table.groups)
    return Rule(
        name=entry.name,
        channel=entry.channel,
        external_channel=entry.external_channel,
        demands=(Demand(rule=entry.name, circle=circle, approvals=entry.approvals),),
        wait=entry.wait,
        reminders=tuple(sorted(set(entry.reminders))),
        without_approval=_free(entry.without_approval),
        currency=table.currency,
        actions=frozenset(entry.actions),
        subscriptions=entry.subscriptions,
        resource_groups=entry.resource_groups,
        tags=entry.tags,
        cost_at_least=entry.cost_at_least,
        target_regions=entry.target_regions,
    )


def _free(entry: WithoutApprovalTable | None) -> WithoutApproval | None:
    if entry is None:
        return None
    return WithoutApproval(
        cost_below=entry.cost_below,
        keep_at_most=entry.keep_at_most,
        per_vm_a_day=entry.per_vm_a_day,
    )


def _team(name: str, entry: TeamTable, table: RequestsTable) -> Team:
    return Team(
        name=name,
        circle=_circle_of(entry, table.groups),
        a_month=entry.a_month,
        currency=entry.currency or table.currency,
    )


def _break_glass(entry: BreakGlassTable, known: Mapping[str, str]) -> BreakGlass:
    return BreakGlass(
        circle=_circle_of(entry, known),
        channel=entry.channel,
        keep_at_most=entry.keep_at_most,
        per_week=entry.per_week,
        look_within=entry.look_within,
        escalate_to=entry.escalate_to,
    )


def _circle_of(entry: CircleTable, known: Mapping[str, str]) -> Circle:
    return _circle(entry.groups, entry.users, known, everybody=entry.everybody)


def _circle(
    groups: Iterable[str], users: tuple[str, ...], known: Mapping[str, str], everybody: bool = False
) -> Circle:
    ids = in_order(tuple(_group_id(group, known) for group in groups))
    return Circle(everybody=everybody, groups=ids, users=users)


def _group_id(group: str, known: Mapping[str, str]) -> str:
    if group in known:
        return known[group]
    if re.fullmatch(GROUP_ID, group):
        return group
    raise _UnknownGroup(
        f"“{group}” is neither the id of a user group (S…) nor a name of this table"
    )
