"""The rules in force: who may ask, who approves what and where, budgets, break-glass.

Values only: `rules_file` reads them, `choose_rule` chooses among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from advisor.words import clean, counted, listed
from bot.requests.action import Action, Privilege
from bot.requests.approval.people import Membership
from bot.requests.limits import DEFAULT_KEEP, LONGEST_KEEP, SHORTEST_KEEP
from bot.requests.model import RequestPlan
from bot.requests.request import ActionFacts

ASK = Privilege("ask", "ask for snapshots")
LIST = Privilege("list", "list snapshots and requests")
RESTORE = Privilege("restore", "ask for a restore")
#: Of advice and whatever else only reads about a VM.
ADVISE = Privilege("advise", "ask for advice", part="")
BEGIN_WITHIN = timedelta(minutes=60)
WAIT = timedelta(hours=8)
#: The time in which `per_vm_a_day` is counted: any 24 hours, so that no midnight doubles it.
DAY = timedelta(days=1)
PER_VM_A_DAY = 4
#: How long a tag that a VM has no more still tightens.
TAGS_COUNT_FOR = timedelta(days=30)
#: In percent: an approval is void once the price's high end rose by more.
PRICE_RISE_PERCENT = Decimal(10)


class Within(StrEnum):
    """Whether a circle has a person. Unknown: it depends on a group that could not be read."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A set of people: everybody, the members of user groups, or the named users."""

    everybody: bool = False
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    def unread(self, groups: Membership) -> tuple[str, ...]:
        """The groups of the circle that could not be read."""
        return tuple(group for group in self.groups if groups.get(group) is None)

    def group_with(self, user_id: str, groups: Membership) -> str | None:
        """The first group of the circle that was read and has the person; None: no such group."""
        return next((one for one in self.groups if user_id in (groups.get(one) or ())), None)

    def has(self, user_id: str, groups: Membership) -> Within:
        """A group that was read and has the person suffices, even if another could not be read."""
        if self.everybody or user_id in self.users or self.group_with(user_id, groups):
            return Within.YES
        return Within.UNKNOWN if self.unread(groups) else Within.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutApproval:
    """Below this cost until expiry, and up to this retention, no approval is needed.

    So many requests for one VM in any `DAY` go without; the next one needs an approval.
    """

    cost_below: Decimal
    keep_at_most: timedelta
    per_vm_a_day: int = PER_VM_A_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The number of distinct people of a circle that a rule wants as approvers."""

    rule: str
    circle: Circle
    approvals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as written in the file, or several rules combined into the strictest.

    Each of `demands` must be met; one person counts for every demand whose circle has the person.
    `approver_groups` and `approver_users` are those of all demands together.
    """

    name: str
    channel: str
    demands: tuple[Demand, ...]
    external_channel: bool = False
    wait: timedelta = WAIT
    reminders: tuple[timedelta, ...] = ()  #: after the card was posted
    without_approval: WithoutApproval | None = None
    currency: str = "USD"  #: of its amounts
    # --- conditions; empty: everything matches, and of actions those that `RuledBy` says
    actions: frozenset[Action] = frozenset()
    subscriptions: tuple[str, ...] = ()  #: in lower case
    resource_groups: tuple[str, ...] = ()  #: in lower case
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: in lower case
    cost_at_least: Decimal | None = None
    target_regions: tuple[str, ...] = ()  #: ARM's names; they allow these as targets, too

    @property
    def approver_groups(self) -> tuple[str, ...]:
        return _once(group for demand in self.demands for group in demand.circle.groups)

    @property
    def approver_users(self) -> tuple[str, ...]:
        return _once(user for demand in self.demands for user in demand.circle.users)

    @property
    def approvals(self) -> int:
        """The smallest number of people that can meet all demands."""
        return max((demand.approvals for demand in self.demands), default=0)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A circle of people and what they may spend in a month."""

    name: str
    circle: Circle
    a_month: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """Who may take a snapshot without approval, its bounds, and the channels that are told."""

    circle: Circle
    channel: str
    keep_at_most: timedelta
    per_week: int  #: requests of one person in any seven days
    look_within: timedelta
    escalate_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyDigestRule:
    """When and where the changes of the fleet are told."""

    channel: str
    weekday: int  #: 0 is Monday
    hour_utc: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """The `[requests]` part of vmbackup.toml. With the defaults, nobody may do anything."""

    currency: str = "USD"
    default_keep: timedelta = DEFAULT_KEEP
    shortest_keep: timedelta = SHORTEST_KEEP
    longest_keep: timedelta = LONGEST_KEEP
    begin_within: timedelta = BEGIN_WITHIN
    price_rise_percent: Decimal = PRICE_RISE_PERCENT
    tags_count_for: timedelta = TAGS_COUNT_FOR
    may: Mapping[str, Circle] = field(default_factory=dict)  #: by the table of a privilege
    #: The facts of each action; nobody may ask for an action that is missing here.
    facts: Mapping[Action, ActionFacts] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    teams: tuple[Team, ...] = ()
    break_glass: BreakGlass | None = None
    group_names: Mapping[str, str] = field(default_factory=dict)  #: by group id
    advice_is_public: bool = False  #: at once, for the whole channel
    #: Channels that may read about VMs although others read them, or nobody knows who does.
    public_channels: frozenset[str] = frozenset()
    fleet_digest: WeeklyDigestRule | None = None  #: None: no changes of the fleet are told
    digest: str = ""  #: SHA-256 of the content of the file, whatever its format

    def requester_groups(self, privilege: Privilege) -> frozenset[str]:
        """The user groups that decide whether a person has the privilege."""
        circle = self.may.get(privilege.table)
        return frozenset(circle.groups if circle else ())

    @property
    def break_glass_groups(self) -> frozenset[str]:
        """The user groups that decide whether a person may break the glass."""
        return frozenset(self.break_glass.circle.groups if self.break_glass else ())

    @property
    def team_groups(self) -> frozenset[str]:
        """The user groups that decide which team pays for a person."""
        return frozenset(group for team in self.teams for group in team.circle.groups)

    def group_name(self, group_id: str) -> str:
        """The name of the group in `[requests.groups]`, else its id."""
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
        """Why the circle has the person: `member of vm-approvers`, `named in the settings`."""
        group = circle.group_with(user_id, groups)
        if group is not None:
            return f"member of {clean(self.group_name(group))}"
        return "named in the settings" if user_id in circle.users else "everybody may"


def counted_by_rules(plan: RequestPlan) -> Decimal | None:
    """The amount that rules compare: that of `limit_of`, and what an extended point cost before.

    So a retention that is extended in small parts counts as a whole. None: a price is missing.
    """
    limit, before = limit_of(plan), plan.cost.limit_before
    return None if limit is None or before is None else limit + before


def limit_of(plan: RequestPlan) -> Decimal | None:
    """The amount that budgets compare, in the plan's currency; None: a price is missing.

    The high end until expiry; for what does not expire, the high end of a month.
    """
    ends = plan.keep is not None or plan.expires_at is not None
    return plan.cost.limit_until_expiry if ends else plan.cost.limit_a_month
