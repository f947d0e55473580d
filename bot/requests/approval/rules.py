"""The rules in force: who may ask, who approves what and where, budgets, break-glass.

Values only: `rules_file` reads them, `choose_rule` picks among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from advisor.words import clean, counted, listed
from bot.requests.action import Action, ActionFacts, Privilege
from bot.requests.approval.people import Membership
from bot.requests.model import RequestPlan

ASK = Privilege("ask", "ask for snapshots")
LIST = Privilege("list", "list snapshots and requests")
RESTORE = Privilege("restore", "ask for a restore")
DEFAULT_KEEP = timedelta(days=3)
SHORTEST_KEEP = timedelta(hours=1)
LONGEST_KEEP = timedelta(days=30)
BEGIN_WITHIN = timedelta(minutes=60)
WAIT = timedelta(hours=8)
#: In percent: by how much the high end of the price may rise until an approval is void.
PRICE_RISE_PERCENT = Decimal(10)
LONGEST_BREAK_GLASS = timedelta(hours=24)


class Within(StrEnum):
    """Whether somebody is one of a circle. Unknown: only a group that nobody could read says."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Some people: everybody, the members of user groups, or those named."""

    everybody: bool = False
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    def unread(self, groups: Membership) -> tuple[str, ...]:
        """Those of its groups that could not be read."""
        return tuple(group for group in self.groups if groups.get(group) is None)

    def group_with(self, user_id: str, groups: Membership) -> str | None:
        """The first of its groups, read, in which somebody is."""
        return next((one for one in self.groups if user_id in (groups.get(one) or ())), None)

    def has(self, user_id: str, groups: Membership) -> Within:
        """A group that was read and has them suffices, whatever could not be read beside it."""
        if self.everybody or user_id in self.users or self.group_with(user_id, groups):
            return Within.YES
        return Within.UNKNOWN if self.unread(groups) else Within.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutApproval:
    """Below this cost until expiry and kept no longer than this, nobody has to approve."""

    cost_below: Decimal
    keep_at_most: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """So many distinct people of a circle, because a rule says so."""

    rule: str
    circle: Circle
    approvals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What holds for a request: as written in the file, or several combined into the strictest.

    `demands` is what must be met, each of them; one person counts for all whose circle has them.
    `approver_groups` and `approver_users` are everybody of all demands, for those who look.
    """

    name: str
    channel: str
    demands: tuple[Demand, ...]
    external_channel: bool = False
    wait: timedelta = WAIT
    reminders: tuple[timedelta, ...] = ()  #: after the card was posted
    without_approval: WithoutApproval | None = None
    currency: str = "USD"  #: of its amounts
    # --- what it is chosen by; empty: all, and of actions those that `RuledBy` says
    actions: frozenset[Action] = frozenset()
    subscriptions: tuple[str, ...] = ()  #: in lower case
    resource_groups: tuple[str, ...] = ()  #: in lower case
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: in lower case
    cost_at_least: Decimal | None = None

    @property
    def approver_groups(self) -> tuple[str, ...]:
        return _once(group for demand in self.demands for group in demand.circle.groups)

    @property
    def approver_users(self) -> tuple[str, ...]:
        return _once(user for demand in self.demands for user in demand.circle.users)

    @property
    def approvals(self) -> int:
        """The fewest people who can meet it."""
        return max((demand.approvals for demand in self.demands), default=0)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Some people and what they may spend in a month."""

    name: str
    circle: Circle
    a_month: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """Who may take a snapshot first and answer for it afterwards, and who hears of it."""

    circle: Circle
    channel: str
    keep_at_most: timedelta
    per_week: int  #: and person, in any seven days
    look_within: timedelta
    escalate_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """The `[requests]` part of vmbackup.toml. As made here, nobody may anything."""

    currency: str = "USD"
    default_keep: timedelta = DEFAULT_KEEP
    shortest_keep: timedelta = SHORTEST_KEEP
    longest_keep: timedelta = LONGEST_KEEP
    begin_within: timedelta = BEGIN_WITHIN
    price_rise_percent: Decimal = PRICE_RISE_PERCENT
    may: Mapping[str, Circle] = field(default_factory=dict)  #: by the table of a privilege
    #: Of each action; what is not here may nobody.
    facts: Mapping[Action, ActionFacts] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    teams: tuple[Team, ...] = ()
    break_glass: BreakGlass | None = None
    group_names: Mapping[str, str] = field(default_factory=dict)  #: by group id
    digest: str = ""  #: sha256 of what is said in the file, however it is written

    @property
    def group_ids(self) -> frozenset[str]:
        """Every user group that any of the rules names: what is to be read from Slack."""
        circles = [*self.may.values(), *(team.circle for team in self.teams)]
        circles += [demand.circle for rule in self.rules for demand in rule.demands]
        circles += [self.break_glass.circle] if self.break_glass else []
        return frozenset(group for circle in circles for group in circle.groups)

    def group_name(self, group_id: str) -> str:
        """What `[requests.groups]` calls it; else its id."""
        return self.group_names.get(group_id, group_id)

    def circle_words(self, circle: Circle) -> str:
        """`members of vm-approvers, U02GRACE or U03LINUS`; `everybody`; `nobody`."""
        if circle.everybody:
            return "everybody"
        groups = listed(map(self.group_name, circle.groups), "or")
        parts = ([f"members of {groups}"] if groups else []) + list(circle.users)
        return listed(parts, "or") or "nobody"

    def demand_words(self, demands: tuple[Demand, ...]) -> str:
        """`1 person of members of vm-approvers; 2 people of members of dbas`."""
        return "; ".join(
            f"{counted(demand.approvals, 'person', 'people')} of {self.circle_words(demand.circle)}"
            for demand in demands
        )

    def why(self, circle: Circle, user_id: str, groups: Membership) -> str:
        """Why somebody belongs: `member of vm-approvers`, `named in the settings`, `everybody`."""
        group = circle.group_with(user_id, groups)
        if group is not None:
            return f"member of {clean(self.group_name(group))}"
        return "named in the settings" if user_id in circle.users else "everybody may"


def limit_of(plan: RequestPlan) -> Decimal | None:
    """The amount that rules and budgets look at, in the plan's currency; None: a price is missing.

    The high end until expiry; of what is kept without an end, the high end of a month.
    """
    ends = plan.keep is not None or plan.expires_at is not None
    return plan.cost.limit_until_expiry if ends else plan.cost.limit_a_month
