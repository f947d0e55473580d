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
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    model_validator,
)

from advisor.errors import SettingsUnreadable, UsageError
from advisor.quantities import format_duration, parse_duration, plain
from advisor.words import listed
from bot.requests.approval.rules import (
    BEGIN_WITHIN,
    DEFAULT_KEEP,
    LONGEST_BREAK_GLASS,
    LONGEST_KEEP,
    PRICE_RISE_PERCENT,
    SHORTEST_KEEP,
    WAIT,
    BreakGlass,
    Circle,
    Demand,
    RequestRules,
    Rule,
    Team,
    Verb,
    WithoutApproval,
)
from bot.requests.model import Action

#: A rule for more people than this is a slip of the keyboard.
_MOST_APPROVALS = 10
_Text = TypeVar("_Text", bound=str)
_GROUP_ID = "S[A-Z0-9]{2,20}"


def _duration(value: Any) -> Any:
    """Of the file; a default is a timedelta already."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError('is written in quotes, like wait = "8h"')
    try:
        return parse_duration(value)
    except UsageError as error:
        raise ValueError(str(error)) from error


def _sorted(values: tuple[_Text, ...]) -> tuple[_Text, ...]:
    """Once each and in order: how a list is written makes no other rule."""
    return tuple(sorted(set(values)))


def _approved_ones(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    if Action.DELETE in actions:
        raise ValueError(
            "delete has no rule: what expires is deleted, and so is what is cleaned up"
        )
    return _sorted(actions)


def _shaped(pattern: str, what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"“{value}” is not the id of {what}")
        return value

    return check


_Lower = Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, min_length=1)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
_Channel = Annotated[str, AfterValidator(_shaped("[CG][A-Z0-9]{2,20}", "a channel (C…)"))]
_User = Annotated[str, AfterValidator(_shaped("[UW][A-Z0-9]{2,20}", "a person (U… or W…)"))]
_Group = Annotated[str, AfterValidator(_shaped(_GROUP_ID, "a user group (S…)"))]
_Duration = Annotated[timedelta, BeforeValidator(_duration)]
_Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
_Amount = Annotated[Decimal, Field(ge=0), AfterValidator(lambda value: Decimal(plain(value)))]
_Lowers = Annotated[tuple[_Lower, ...], AfterValidator(_sorted)]
_Users = Annotated[tuple[_User, ...], AfterValidator(_sorted)]
_Groups = Annotated[tuple[_Name, ...], AfterValidator(_sorted)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _CircleTable(_Table):
    everybody: StrictBool = Field(
        False, description="Everybody of the workspace but guests, apps and strangers."
    )
    groups: _Groups = Field((), description="User groups, by the names of `requests.groups` or id.")
    users: _Users = Field((), description="People, by their Slack ids (U…, W…).")

    def circle(self, known: Mapping[str, str]) -> Circle:
        return _circle(self.groups, self.users, known, everybody=self.everybody)


class _WithoutApprovalTable(_Table):
    cost_below: _Amount = Field(
        description="Below this cost until expiry (its high end), nobody has to approve …"
    )
    keep_at_most: _Duration = Field(description="… if it is kept no longer than this: 3d.")


class _RuleTable(_Table):
    name: _Name = Field(description="What the rule is called on cards and in the audit.")
    actions: Annotated[tuple[Action, ...], AfterValidator(_approved_ones)] = Field(
        (), description="snapshot, restore, copy, extend; none named: all."
    )
    subscriptions: _Lowers = Field((), description="Subscription ids; none named: all.")
    resource_groups: _Lowers = Field((), description="Resource groups; none named: all.")
    tags: dict[_Lower, _Lowers] = Field(
        default_factory=dict,
        description="The VM's tags and their values. Such a rule only tightens: it is added to "
        "the rules without tags that match, and never stands alone.",
    )
    cost_at_least: _Amount | None = Field(
        None,
        description="From this cost until expiry on (its high end); a missing price is above it.",
    )
    channel: _Channel = Field(description="The id of the channel where the card is posted (C…).")
    external_channel: StrictBool = Field(
        False, description="Whether that channel may be shared with another workspace."
    )
    approver_groups: _Groups = Field((), description="User groups whose members approve.")
    approver_users: _Users = Field((), description="People who approve, by their Slack ids.")
    approvals: int = Field(
        1,
        ge=1,
        le=_MOST_APPROVALS,
        strict=True,
        description="How many different people have to approve.",
    )
    wait: _Duration = Field(WAIT, description="How long it waits for a decision: 8h.")
    reminders: tuple[_Duration, ...] = Field(
        (), description="When the channel is reminded, counted from the card: 1h, 4h."
    )
    without_approval: _WithoutApprovalTable | None = Field(
        None, description="When nobody has to approve; without it, somebody always has to."
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if not self.approver_groups and len(self.approver_users) < self.approvals:
            raise ValueError(
                f"the rule {self.name} wants {self.approvals} approvals and names "
                f"{len(self.approver_users)} people: name approver_groups or approver_users"
            )
        if any(reminder >= self.wait for reminder in self.reminders):
            wait = format_duration(self.wait)
            raise ValueError(f"the rule {self.name} reminds after it stopped waiting ({wait})")
        if any(not values for values in self.tags.values()):
            raise ValueError(f"the rule {self.name} has a tag without values")
        return self


class _TeamTable(_CircleTable):
    a_month: _Amount = Field(
        description="What the team may spend on requests of one month (UTC), high ends."
    )
    currency: _Currency | None = Field(None, description="Of the amount; else requests.currency.")


class _BreakGlassTable(_CircleTable):
    channel: _Channel = Field(description="Where it is posted, loudly (C…).")
    keep_at_most: _Duration = Field(
        LONGEST_BREAK_GLASS, description="How long it is kept at most; never above 24h."
    )
    per_week: int = Field(
        2, ge=1, strict=True, description="How often one person may in any seven days."
    )
    look_within: _Duration = Field(
        timedelta(hours=4), description="Until when somebody else has looked at it."
    )
    escalate_to: _Channel = Field(description="The channel that hears of it if nobody looked.")

    @model_validator(mode="after")
    def _short(self) -> Self:
        if self.keep_at_most > LONGEST_BREAK_GLASS:
            raise ValueError("keep_at_most is 24h at most: extend a snapshot in the usual way")
        return self


class RequestsTable(_Table):
    """`[requests]` of the settings file."""

    currency: _Currency = Field("USD", description="Of all amounts here; prices are in it, too.")
    default_keep: _Duration = Field(DEFAULT_KEEP, description="Kept this long if nobody says.")
    shortest_keep: _Duration = Field(SHORTEST_KEEP, description="The shortest that may be asked.")
    longest_keep: _Duration = Field(LONGEST_KEEP, description="The longest that may be asked.")
    begin_within: _Duration = Field(
        BEGIN_WITHIN, description="An approval that was not begun by then is void."
    )
    price_rise: _Amount = Field(
        PRICE_RISE_PERCENT,
        le=1000,
        description="In percent: the high end risen by more since the approval makes it void.",
    )
    groups: dict[_Name, _Group] = Field(
        default_factory=dict,
        description='Names for user groups: vm-approvers = "S01…". Messages use them, too.',
    )
    ask: _CircleTable | None = Field(None, description="Who may ask; nobody, if it is not said.")
    list: _CircleTable | None = Field(None, description="Who may list; else who may ask.")
    restore: _CircleTable | None = Field(
        None, description="Who may ask for a restore; else who may ask."
    )
    rules: tuple[_RuleTable, ...] = Field(
        (), description="Who approves what; of all rules that match, the strictest holds."
    )
    teams: dict[_Name, _TeamTable] = Field(
        default_factory=dict,
        description="Budgets. The first team that somebody is in pays; no team: no budget.",
    )
    break_glass: _BreakGlassTable | None = Field(
        None, description="Who may take a snapshot without approval in an emergency."
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.shortest_keep <= self.default_keep <= self.longest_keep:
            raise ValueError("shortest_keep, default_keep and longest_keep are not in this order")
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two rules are called {listed(twice)}")
        return self


class RequestSettings(BaseModel):
    """The keys of the settings file that say requests; the README's table is made from it."""

    model_config = ConfigDict(extra="ignore")
    requests: RequestsTable = Field(
        default_factory=RequestsTable,
        description="Snapshots on request: without this part, nobody may ask for any.",
    )


def load_rules(path: Path | None) -> RequestRules:
    """The rules of a settings file; without a file or its part, nobody may anything.

    Raises SettingsUnreadable that names the file, the key and what is wrong there.
    """
    if path is None:
        return _rules(RequestsTable())
    try:
        text = path.read_text(encoding="utf-8")
        table = RequestSettings.model_validate(tomllib.loads(text)).requests
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsUnreadable(str(path), "", f"it cannot be read: {why}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsUnreadable(str(path), place, problem) from error
    try:
        return _rules(table)
    except _UnknownGroup as error:
        raise SettingsUnreadable(str(path), "requests.groups", str(error)) from error


class _UnknownGroup(Exception):
    """A name that is in no table."""


def _rules(table: RequestsTable) -> RequestRules:
    known = table.groups
    return RequestRules(
        currency=table.currency,
        default_keep=table.default_keep,
        shortest_keep=table.shortest_keep,
        longest_keep=table.longest_keep,
        begin_within=table.begin_within,
        price_rise_percent=table.price_rise,
        may=_may(table),
        rules=tuple(_rule(rule, table) for rule in table.rules),
        teams=tuple(_team(name, team, table) for name, team in table.teams.items()),
        break_glass=_break_glass(table.break_glass, known) if table.break_glass else None,
        group_names={group_id: name for name, group_id in known.items()},
        digest=_digest(table),
    )


def _digest(table: RequestsTable) -> str:
    """The same for the same content, however the file spaces, orders or spells its values."""
    content = table.model_dump(mode="json")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _may(table: RequestsTable) -> Mapping[Verb, Circle]:
    said = {
        Verb.ASK: table.ask,
        Verb.LIST: table.list or table.ask,
        Verb.RESTORE: table.restore or table.ask,
    }
    return {verb: circle.circle(table.groups) for verb, circle in said.items() if circle}


def _rule(entry: _RuleTable, table: RequestsTable) -> Rule:
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
        actions=frozenset(entry.actions) or frozenset(Action),
        subscriptions=entry.subscriptions,
        resource_groups=entry.resource_groups,
        tags=entry.tags,
        cost_at_least=entry.cost_at_least,
    )


def _free(entry: _WithoutApprovalTable | None) -> WithoutApproval | None:
    if entry is None:
        return None
    return WithoutApproval(cost_below=entry.cost_below, keep_at_most=entry.keep_at_most)


def _team(name: str, entry: _TeamTable, table: RequestsTable) -> Team:
    return Team(
        name=name,
        circle=entry.circle(table.groups),
        a_month=entry.a_month,
        currency=entry.currency or table.currency,
    )


def _break_glass(entry: _BreakGlassTable, known: Mapping[str, str]) -> BreakGlass:
    return BreakGlass(
        circle=entry.circle(known),
        channel=entry.channel,
        keep_at_most=entry.keep_at_most,
        per_week=entry.per_week,
        look_within=entry.look_within,
        escalate_to=entry.escalate_to,
    )


def _circle(
    groups: Iterable[str], users: tuple[str, ...], known: Mapping[str, str], everybody: bool = False
) -> Circle:
    ids = _sorted(tuple(_group_id(group, known) for group in groups))
    return Circle(everybody=everybody, groups=ids, users=users)


def _group_id(group: str, known: Mapping[str, str]) -> str:
    if group in known:
        return known[group]
    if re.fullmatch(_GROUP_ID, group):
        return group
    raise _UnknownGroup(
        f"“{group}” is neither the id of a user group (S…) nor a name of this table"
    )
