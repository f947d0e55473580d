"""The tables of `[requests]` in vmbackup.toml: the meaning and the checks of each key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from advisor.errors import UsageError
from advisor.quantities import format_duration, parse_duration, plain
from advisor.regions import parse_region
from advisor.words import listed
from bot.requests.action import Action, RuledBy, own_privilege
from bot.requests.approval.rules import (
    BEGIN_WITHIN,
    PER_VM_A_DAY,
    PRICE_RISE_PERCENT,
    TAGS_COUNT_FOR,
    WAIT,
)
from bot.requests.limits import DEFAULT_KEEP, LONGEST_BREAK_GLASS, LONGEST_KEEP, SHORTEST_KEEP
from bot.requests.request import ActionFacts

#: A rule that wants more people than this is taken for a typing error.
_MOST_APPROVALS = 10
_Text = TypeVar("_Text", bound=str)
GROUP_ID = "S[A-Z0-9]{2,20}"


def _duration(value: Any) -> Any:
    """Reads a duration of the file; a default is a timedelta already."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError('is written in quotes, like wait = "8h"')
    try:
        return parse_duration(value)
    except UsageError as error:
        raise ValueError(str(error)) from error


def in_order(values: tuple[_Text, ...]) -> tuple[_Text, ...]:
    """The values once each and sorted, so that the order in the file makes no other rule."""
    return tuple(sorted(set(values)))


Facts = Mapping[Action, ActionFacts]


def _facts(info: ValidationInfo) -> Facts:
    """The facts of each action, from the context of the validation."""
    facts: Facts = (info.context or {}).get("facts", {})
    return facts


def _may_be_named(actions: tuple[Action, ...], info: ValidationInfo) -> tuple[Action, ...]:
    facts = _facts(info)
    for action in actions:
        if action in facts and facts[action].ruled_by is RuledBy.ANY:
            raise ValueError(
                f"{action} has no rule of its own: it follows the rules of what it is about"
            )
    return in_order(actions)


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
_Group = Annotated[str, AfterValidator(_shaped(GROUP_ID, "a user group (S…)"))]
_Duration = Annotated[timedelta, BeforeValidator(_duration)]
_Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
_Amount = Annotated[Decimal, Field(ge=0), AfterValidator(lambda value: Decimal(plain(value)))]
_Lowers = Annotated[tuple[_Lower, ...], AfterValidator(in_order)]
_Users = Annotated[tuple[_User, ...], AfterValidator(in_order)]
_Groups = Annotated[tuple[_Name, ...], AfterValidator(in_order)]


def _weekday(value: str) -> str:
    if value.lower() not in WEEKDAYS:
        raise ValueError(f"“{value}” is no day of the week: write it like {WEEKDAYS[0]}")
    return value.lower()


def _region(value: str) -> str:
    try:
        return parse_region(value)
    except UsageError as error:
        raise ValueError(str(error)) from error


_Region = Annotated[str, AfterValidator(_region)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CircleTable(_Table):
    everybody: StrictBool = Field(
        False, description="Everybody of the workspace but guests, apps and strangers."
    )
    groups: _Groups = Field((), description="User groups, by the names of `requests.groups` or id.")
    users: _Users = Field((), description="People, by their Slack ids (U…, W…).")


def _have_a_list(may: dict[Action, CircleTable], info: ValidationInfo) -> dict[Action, CircleTable]:
    facts = _facts(info)
    for action in may:
        table = facts[action].privilege.table if action in facts else ""
        if table != own_privilege(action, "").table:
            raise ValueError(f"who may ask for {action} stands in [requests.{table}]")
    return may


class AdviseTable(_Table):
    """`[advise]` of the settings file."""

    everybody: StrictBool | None = Field(
        None,
        description="Everybody of the workspace but guests, apps and strangers. Default: true "
        "where `groups` and `users` name nobody, else false.",
    )
    groups: _Groups = Field((), description="User groups, by the names of `requests.groups` or id.")
    users: _Users = Field((), description="People, by their Slack ids (U…, W…).")
    public: StrictBool = Field(
        False,
        description="Whether the whole channel sees an advice at once, as with `--share`. "
        "Default: false, only whoever asked.",
    )

    @property
    def is_for_everybody(self) -> bool:
        """Whether every member of the workspace may ask."""
        named = bool(self.groups or self.users)
        return not named if self.everybody is None else self.everybody


class ChannelsTable(_Table):
    """`[channels]` of the settings file."""

    public: Annotated[tuple[_Channel, ...], AfterValidator(in_order)] = Field(
        (),
        description="Channels (C…) where answers about VMs may be public although another company "
        "shares them, or although the bot cannot read who is in them. Default: none.",
    )


#: In the order of `datetime.weekday`.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class FleetTable(_Table):
    """`[fleet]` of the settings file."""

    digest_channel: _Channel | None = Field(
        None,
        description="The channel (C…) that hears once a week what changed in the fleet, and why; "
        "it hears nothing where nothing did. The bot must be in it. Default: none.",
    )
    digest_weekday: Annotated[str, AfterValidator(_weekday)] = Field(
        WEEKDAYS[0], description="The day of the digest: monday, …, sunday. Default: monday."
    )
    digest_hour: int = Field(
        7, ge=0, le=23, strict=True, description="Its hour in UTC, from 0 to 23. Default: 7."
    )


class AnswerSettings(BaseModel):
    """Who may ask about VMs, and which channels may read the answers."""

    model_config = ConfigDict(extra="ignore")
    advise: AdviseTable = Field(
        default_factory=AdviseTable,
        description="Who may ask for advice. Without it: every member of the workspace, no guests.",
    )
    channels: ChannelsTable = Field(
        default_factory=ChannelsTable, description="What channels may read."
    )
    fleet: FleetTable = Field(
        default_factory=FleetTable, description="The weekly digest of the fleet."
    )


class WithoutApprovalTable(_Table):
    cost_below: _Amount = Field(
        description="Below this cost until expiry (its high end), nobody has to approve …"
    )
    keep_at_most: _Duration = Field(description="… if the retention is no longer than this: 3d, …")
    per_vm_a_day: int = Field(
        PER_VM_A_DAY,
        ge=1,
        strict=True,
        description="… and no more requests than this for one VM went without in the last 24 h.",
    )


class RuleTable(_Table):
    name: _Name = Field(description="The name of the rule on cards and in the audit.")
    actions: Annotated[tuple[Action, ...], AfterValidator(_may_be_named)] = Field(
        (),
        description="The actions that the rule holds for; none named: snapshot, restore, copy and "
        "extend. Any other action must be named.",
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
    target_regions: Annotated[tuple[_Region, ...], AfterValidator(in_order)] = Field(
        (),
        description="Regions in which the points will lie; none named: all. What leaves its region "
        "for one that no rule without tags names here is held by the strictest.",
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
    wait: _Duration = Field(WAIT, description="How long a request waits for a decision: 8h.")
    reminders: tuple[_Duration, ...] = Field(
        (), description="When the channel is reminded, counted from the card: 1h, 4h."
    )
    without_approval: WithoutApprovalTable | None = Field(
        None, description="When a request needs no approval; without this key, each needs one."
    )

    @model_validator(mode="after")
    def _can_be_met(self, info: ValidationInfo) -> Self:
        facts = _facts(info)
        floors = (facts[action].fewest_approvals for action in self.actions if action in facts)
        wanted = max(self.approvals, *floors, 1)
        if not self.approver_groups and len(self.approver_users) < wanted:
            raise ValueError(
                f"the rule {self.name} wants {wanted} approvals and names "
                f"{len(self.approver_users)} people: name approver_groups or approver_users"
            )
        if any(reminder >= self.wait for reminder in self.reminders):
            wait = format_duration(self.wait)
            raise ValueError(f"the rule {self.name} reminds after it stopped waiting ({wait})")
        if any(not values for values in self.tags.values()):
            raise ValueError(f"the rule {self.name} has a tag without values")
        return self


class TeamTable(CircleTable):
    a_month: _Amount = Field(
        description="What the team may spend on requests of one month (UTC), high ends."
    )
    currency: _Currency | None = Field(None, description="Of the amount; else requests.currency.")


class BreakGlassTable(CircleTable):
    channel: _Channel = Field(
        description="The channel where a break-glass request is posted, loudly (C…)."
    )
    keep_at_most: _Duration = Field(
        LONGEST_BREAK_GLASS, description="The longest retention; never above 24h."
    )
    per_week: int = Field(
        2, ge=1, strict=True, description="How many one person may ask for in any seven days."
    )
    look_within: _Duration = Field(
        timedelta(hours=4), description="How soon another person has to review the snapshot."
    )
    escalate_to: _Channel = Field(
        description="The channel that is told if nobody reviewed it in time."
    )

    @model_validator(mode="after")
    def _short(self) -> Self:
        if self.keep_at_most > LONGEST_BREAK_GLASS:
            raise ValueError("keep_at_most is 24h at most: extend a snapshot in the usual way")
        return self


class RequestsTable(_Table):
    """`[requests]` of the settings file."""

    currency: _Currency = Field("USD", description="Of all amounts here; prices are in it, too.")
    default_keep: _Duration = Field(
        DEFAULT_KEEP, description="The retention where the requester names none."
    )
    shortest_keep: _Duration = Field(
        SHORTEST_KEEP, description="The shortest retention that may be asked for."
    )
    longest_keep: _Duration = Field(
        LONGEST_KEEP, description="The longest retention that may be asked for."
    )
    begin_within: _Duration = Field(
        BEGIN_WITHIN, description="An approval is void if the work does not begin within this time."
    )
    price_rise: _Amount = Field(
        PRICE_RISE_PERCENT,
        le=1000,
        description="In percent: an approval is void if the high end rose by more since.",
    )
    tags_count_for: _Duration = Field(
        TAGS_COUNT_FOR,
        description="How long a tag that a VM was seen with still counts for the rules, where the "
        "VM has it no more: 30d.",
    )
    groups: dict[_Name, _Group] = Field(
        default_factory=dict,
        description='Names for user groups: vm-approvers = "S01…". Messages use them, too.',
    )
    ask: CircleTable | None = Field(None, description="Who may ask; without this key, nobody.")
    list: CircleTable | None = Field(
        None, description="Who may list; without this key, who may ask."
    )
    restore: CircleTable | None = Field(
        None, description="Who may ask for a restore; without this key, who may ask."
    )
    may: Annotated[dict[Action, CircleTable], AfterValidator(_have_a_list)] = Field(
        default_factory=dict,
        description="Who may ask for an action that has a list of its own, by its name; "
        "without it, nobody.",
    )
    rules: tuple[RuleTable, ...] = Field(
        (), description="Who approves what; of all rules that match, the strictest holds."
    )
    teams: dict[_Name, TeamTable] = Field(
        default_factory=dict,
        description="Budgets. The first team that has the requester pays; no team: no budget.",
    )
    break_glass: BreakGlassTable | None = Field(
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
    """The part of the settings file about requests; the table in the documents is made from it."""

    model_config = ConfigDict(extra="ignore")
    requests: RequestsTable = Field(
        default_factory=RequestsTable,
        description="Snapshots on request: without this part, nobody may ask for any.",
    )
