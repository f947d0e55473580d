"""Who may ask, who may decide, and when approvals suffice: checked at the click and at the start.

What cannot be read means no. Nobody decides their own request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from advisor.words import duration, listed
from bot.requests.action import Privilege
from bot.requests.approval.people import Membership, People, Person
from bot.requests.approval.rules import Circle, Demand, RequestRules, Rule, Within
from bot.requests.approval.rulings import Ruling, RulingReason, no, yes
from bot.requests.model import Approval, Requester


def may_ask(
    person: Person | None, privilege: Privilege, rules: RequestRules, groups: Membership
) -> Ruling:
    """Whether the person has a privilege: to list, or to ask for an action, at all."""
    circle = rules.may.get(privilege.table)
    words = {"verb": privilege.words, "table": privilege.setting}
    if circle is None:
        return no(RulingReason.NOBODY_MAY, **words)
    return unfit(person) or belongs(
        person, circle, rules, groups, (RulingReason.MAY_ASK, RulingReason.NOT_A_REQUESTER), **words
    )


def may_decide(
    person: Person | None, requester: Requester, rule: Rule, groups: Membership, rules: RequestRules
) -> Ruling:
    """Whether the person may approve or deny a request of this requester.

    `rules` only supplies the names of groups. An approver of any demand of the rule may decide.
    """
    refused = unfit(person) or _own(person, requester)
    return refused or belongs(
        person,
        deciders(rule),
        rules,
        groups,
        (RulingReason.ALLOWED, RulingReason.NOT_AN_APPROVER),
        rule=rule.name,
    )


def deciders(rule: Rule) -> Circle:
    """The people who may decide requests under the rule, except their own."""
    return Circle(
        everybody=any(demand.circle.everybody for demand in rule.demands),
        groups=rule.approver_groups,
        users=rule.approver_users,
    )


def unfit(person: Person | None) -> Ruling | None:
    """Why no person of this kind may do anything; None: the person is not excluded."""
    if person is None or not person.user_id:
        return no(RulingReason.PERSON_UNREADABLE, who="this person")
    reasons = (
        (person.is_deleted, RulingReason.DEACTIVATED),
        (person.is_bot, RulingReason.BOT),
        (person.is_stranger, RulingReason.STRANGER),
        (person.is_guest, RulingReason.GUEST),
    )
    return next((no(reason, who=name_of(person)) for applies, reason in reasons if applies), None)


def belongs(
    person: Person | None,
    circle: Circle,
    rules: RequestRules,
    groups: Membership,
    reasons: tuple[RulingReason, RulingReason],
    **words: str,
) -> Ruling:
    """Whether the circle has the person; `reasons` are those of a yes and of a no."""
    if person is None:
        return no(RulingReason.PERSON_UNREADABLE, who="this person")
    within = circle.has(person.user_id, groups)
    if within is Within.YES:
        why = rules.why(circle, person.user_id, groups)
        return yes(reasons[0], who=name_of(person), why=why, **words)
    if within is Within.UNKNOWN:
        return unreadable(circle.unread(groups), rules)
    who = rules.circle_words(circle)
    return no(reasons[1], who=name_of(person), circle=who[:1].upper() + who[1:], **words)


def unreadable(group_ids: Iterable[str], rules: RequestRules) -> Ruling:
    return no(RulingReason.GROUP_UNREADABLE, groups=listed(map(rules.group_name, group_ids)))


def name_of(person: Person) -> str:
    """The name of the person, or the id where the name is empty."""
    return person.name.strip() or person.user_id


def _own(person: Person | None, requester: Requester) -> Ruling | None:
    if person is None or person.user_id != requester.user_id:
        return None
    return no(RulingReason.OWN_REQUEST)


# --- whether approvals suffice ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The demands that are not met yet, and the groups that could not be read."""

    missing: tuple[Demand, ...] = ()  #: not met, whoever is in an unread group
    unread: tuple[str, ...] = ()  #: their members might suffice

    @property
    def enough(self) -> bool:
        return not self.missing and not self.unread


def counted_approvals(
    approvals: Iterable[Approval], revision: int, plan_hash: str, requester: Requester
) -> tuple[Approval, ...]:
    """The approvals of this revision and plan hash, one for each person but the requester."""
    first: dict[str, Approval] = {}
    for approval in approvals:
        if (approval.revision, approval.plan_hash) == (revision, plan_hash):
            first.setdefault(approval.user_id, approval)
    return tuple(one for one in first.values() if one.user_id != requester.user_id)


def tally(user_ids: Iterable[str], rule: Rule, groups: Membership) -> Tally:
    """Which demands of the rule these people meet; a rule without demands has none missing."""
    people = frozenset(user_ids)
    missing: list[Demand] = []
    unread: dict[str, None] = {}
    for demand in rule.demands:
        within = [demand.circle.has(user_id, groups) for user_id in people]
        if within.count(Within.YES) >= demand.approvals:
            continue
        if len(within) - within.count(Within.NO) < demand.approvals:
            missing.append(demand)
        else:
            unread |= dict.fromkeys(demand.circle.unread(groups))
    return Tally(missing=tuple(missing), unread=tuple(unread))


def still_needed(user_ids: Iterable[str], rule: Rule, groups: Membership) -> tuple[Demand, ...]:
    """The demands that the approvals of these people leave open, with the number still needed.

    For messages; a group that could not be read counts as no.
    """
    people = frozenset(user_ids)
    left = []
    for demand in rule.demands:
        met = sum(demand.circle.has(user_id, groups) is Within.YES for user_id in people)
        if met < demand.approvals:
            rest = demand.approvals - met
            left.append(Demand(rule=demand.rule, circle=demand.circle, approvals=rest))
    return tuple(left)


# --- when the work is to begin ---------------------------------------------------------------


def still_allowed(
    approvals: Sequence[Approval],
    people: People,
    groups: Membership,
    rule: Rule,
    requester: Requester,
    rules: RequestRules,
) -> Ruling:
    """Whether the approvals of one revision and plan still hold, with people read again.

    One approver who may no longer decide voids all approvals (the ruling has the name and reason).
    Where a fact could not be read the ruling is unknown (`is_unknown`): the worker waits and reads
    again, until the approval is too old.
    """
    rulings = [
        may_decide(people.get(user_id), requester, rule, groups, rules)
        for user_id in dict.fromkeys(approval.user_id for approval in approvals)
    ]
    refused = sorted(
        (each for each in rulings if not each.allowed), key=lambda ruling: ruling.is_unknown
    )
    if refused:
        return refused[0]
    approvers = {approval.user_id for approval in approvals}
    counts = tally(approvers, rule, groups)
    if counts.missing or not rule.demands or not approvers:
        needed = rules.demand_words(still_needed(approvers, rule, groups))
        return no(RulingReason.NOT_APPROVED, needed=needed or "a rule that says who approves")
    if counts.unread:
        return unreadable(counts.unread, rules)
    return yes(RulingReason.MAY_BEGIN)


def begin_check(approved_at: datetime | None, begin_within: timedelta, now: datetime) -> Ruling:
    """Whether the approval is recent enough to begin; after `begin_within` it is void."""
    if approved_at is None or now >= approved_at + begin_within:
        return no(RulingReason.APPROVAL_TOO_OLD, within=duration(begin_within))
    return yes(RulingReason.MAY_BEGIN)
