"""Which rule holds for a plan: of all that match, the strictest in every respect.

Rules are combined, not ranked, because two of them need not be comparable (two approvals of many,
one approval of few): every matching rule's demand must be met, and of everything else the stricter
holds. So one rule more never lets through what was not let through without it. Rules that are
chosen by tags are added to those that match without a tag and never stand alone: whoever may tag
a VM gains nothing by it. Nor by taking a tag off: a tag that the VM had lately counts, too.

What leaves its region is held as if every condition of the rules for its place were met, unless a
rule names the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from advisor.regions import display_name
from advisor.words import listed, money
from bot.requests.action import Action, RuledBy
from bot.requests.approval.people import ChannelFacts
from bot.requests.approval.rules import (
    Demand,
    RequestRules,
    Rule,
    WithoutApproval,
    counted_by_rules,
)
from bot.requests.approval.rulings import Ruling, RulingReason, no, yes
from bot.requests.approval.tag_match import matching_tag
from bot.requests.model import RequestPlan, TagSeen
from bot.requests.moments import moment_words
from bot.requests.request import ActionFacts


def choose_rule(plan: RequestPlan, rules: RequestRules) -> Rule | None:
    """The combined rule that holds for the plan.

    None: no rule without tags matches, so nobody may ask; `no_rule` names what to configure. The
    minimum of the plan's action holds whatever the rules are: rules can only demand more.
    """
    facts = rules.facts.get(plan.action)
    if facts is None:
        return None
    matching = _matching(plan, rules)
    if not any(not rule.tags for rule in matching):
        return None
    if _leaves_unallowed(plan, matching):
        strictest = _combined(_strictest(plan, rules))
        return _on_floor(replace(strictest, without_approval=None), facts)
    return _on_floor(_combined(matching), facts)


def possible_channels(action: Action, rules: RequestRules) -> tuple[str, ...]:
    """The channels of all rules for the action: the card goes to one of them, once it is planned.

    A rule with tags is one of them, as it may be the strictest.
    """
    facts = rules.facts.get(action)
    of_it = [rule.channel for rule in rules.rules if facts is not None and _is_of(rule, facts)]
    return tuple(dict.fromkeys(of_it))


def with_rule(plan: RequestPlan, rule: str, settings_digest: str) -> RequestPlan:
    """The plan with the chosen rule and the settings' digest, which an approval is bound to."""
    return replace(plan, rule=rule, settings_digest=settings_digest)


def why_it_holds(plan: RequestPlan, rules: RequestRules) -> str:
    """The conditions by which the rules that hold for a plan were chosen.

    `it holds for the resource group rg-shop`; of several rules, each is named with its own.
    """
    every = _matching(plan, rules)
    if _leaves_unallowed(plan, every):
        return (
            f"no rule names {display_name(plan.target_region)} in its target_regions, so the "
            "strictest of all rules of this subscription and resource group holds"
        )
    if len(every) == 1:
        return f"it holds for {_grounds_of(every[0], plan)}"
    return "; ".join(f"“{rule.name}” holds for {_grounds_of(rule, plan)}" for rule in every)


def needs_approval(rule: Rule, plan: RequestPlan) -> bool:
    """Whether the plan needs approval under the rule.

    It needs none below the cost and up to the retention of `without_approval`. A missing price, a
    plan that does not expire, or a price in another currency than the rule's needs approval. How
    many requests went without one is counted by the store.
    """
    free, cost = rule.without_approval, _comparable_cost(plan, rule)
    if free is None or plan.keep is None or cost is None:
        return True
    return cost >= free.cost_below or plan.keep > free.keep_at_most


def no_rule(plan: RequestPlan, rules: RequestRules) -> Ruling:
    """The ruling that nobody may ask, with what to configure."""
    facts = rules.facts.get(plan.action)
    must_be_named = facts is None or facts.ruled_by is RuledBy.NAMED
    return no(
        RulingReason.NO_RULE_NAMES_IT if must_be_named else RulingReason.NO_RULE,
        action=str(plan.action),
        vm=plan.vm_name,
        subscription=plan.subscription_id,
        resource_group=plan.resource_group,
    )


def may_post(rule: Rule, facts: ChannelFacts | None) -> Ruling:
    """Whether a card may be posted in the rule's channel; `facts` None: Slack could not be read."""
    return channel_ruling(rule.name, rule.channel, facts, external=rule.external_channel)


def channel_ruling(
    rule_name: str, channel_id: str, facts: ChannelFacts | None, *, external: bool
) -> Ruling:
    """The same as `may_post`, for any channel that the settings name."""
    reason = _channel_reason(facts, external)
    answer = yes if reason is RulingReason.CHANNEL_FINE else no
    return answer(reason, channel=channel_id, rule=rule_name)


def _channel_reason(facts: ChannelFacts | None, external: bool) -> RulingReason:
    if facts is None:
        return RulingReason.CHANNEL_UNREADABLE
    if not facts.exists:
        return RulingReason.CHANNEL_MISSING
    if facts.is_archived:
        return RulingReason.CHANNEL_ARCHIVED
    if facts.is_ext_shared and not external:
        return RulingReason.CHANNEL_EXTERNAL
    return RulingReason.CHANNEL_FINE if facts.is_member else RulingReason.CHANNEL_NOT_JOINED


# --- matching --------------------------------------------------------------------------------


def _matching(plan: RequestPlan, rules: RequestRules) -> list[Rule]:
    """The rules that match the plan, the strictest first."""
    facts = rules.facts.get(plan.action)
    if facts is None:
        return []
    matching = (rule for rule in rules.rules if _is_of(rule, facts) and _matches(rule, plan))
    return sorted(matching, key=_strictness, reverse=True)


def _leaves_unallowed(plan: RequestPlan, matching: Sequence[Rule]) -> bool:
    """Whether the plan brings data to another region that no matching rule names.

    A rule with tags allows nothing: whoever may tag a VM would else allow themselves the region.
    """
    target = plan.target_region.lower()
    if target == plan.region.lower():
        return False
    return not any(target in rule.target_regions for rule in matching if not rule.tags)


def _strictest(plan: RequestPlan, rules: RequestRules) -> list[Rule]:
    """The rules for the plan's place, as if the VM had every tag and cost any amount."""
    facts = rules.facts[plan.action]
    found = (rule for rule in rules.rules if _is_of(rule, facts) and _is_for_place(rule, plan))
    return sorted(found, key=_strictness, reverse=True)


def _is_of(rule: Rule, facts: ActionFacts) -> bool:
    match facts.ruled_by:
        case RuledBy.ANY:
            return True
        case RuledBy.NAMED:
            return facts.action in rule.actions
        case RuledBy.NAMED_OR_UNNAMED:
            return not rule.actions or facts.action in rule.actions


def _matches(rule: Rule, plan: RequestPlan) -> bool:
    return (
        _is_for_place(rule, plan)
        and _one_of(plan.target_region, rule.target_regions)
        and _has_tags(plan, rule)
        and _costs_enough(rule.cost_at_least, _comparable_cost(plan, rule))
    )


def _is_for_place(rule: Rule, plan: RequestPlan) -> bool:
    return _one_of(plan.subscription_id, rule.subscriptions) and _one_of(
        plan.resource_group, rule.resource_groups
    )


def _one_of(value: str, wanted: Sequence[str]) -> bool:
    return not wanted or value.lower() in wanted


def _has_tags(plan: RequestPlan, rule: Rule) -> bool:
    """Whether the VM has, or had lately, every tag of the rule with one of its values."""
    return all(matching_tag(plan, name, values) is not None for name, values in rule.tags.items())


def _costs_enough(least: Decimal | None, cost: Decimal | None) -> bool:
    """An unknown cost is above every threshold."""
    return least is None or cost is None or cost >= least


def _comparable_cost(plan: RequestPlan, rule: Rule) -> Decimal | None:
    """The cost that rules compare; None where it is unknown or in another currency."""
    return counted_by_rules(plan) if plan.cost.currency == rule.currency else None


def _grounds_of(rule: Rule, plan: RequestPlan) -> str:
    """`the subscription sub-1, VMs with the tag env=prod and whatever costs 10.00 USD or more`."""
    grounds = [f"the subscription {plan.subscription_id}"] if rule.subscriptions else []
    grounds += [f"the resource group {plan.resource_group}"] if rule.resource_groups else []
    grounds += [_tag_ground(plan, name, values) for name, values in rule.tags.items()]
    if rule.target_regions:
        grounds.append(f"the target region {display_name(plan.target_region)}")
    if rule.cost_at_least is not None:
        grounds.append(f"whatever costs {money(rule.cost_at_least, rule.currency)} or more")
    if plan.action in rule.actions:
        grounds.append(f"the action {plan.action}")
    return listed(grounds) or "every VM"


def _tag_ground(plan: RequestPlan, name: str, values: Sequence[str]) -> str:
    """`VMs with the tag env=prod`; a tag that the VM has no more, with the time it was seen."""
    found = matching_tag(plan, name, values)
    if isinstance(found, TagSeen):
        when = f"last seen on this VM on {moment_words(found.seen_at)}"
        return f"VMs with the tag {name}={found.value.lower()} ({when}, and it still counts)"
    value = (found or "").lower()
    looks = "" if value in values else f" (as which the tag “{value}” of this VM counts)"
    return f"VMs with the tag {name}={value if not looks else listed(values, 'or')}{looks}"


# --- combining -------------------------------------------------------------------------------


def _strictness(rule: Rule) -> tuple[bool, int, bool, float, str]:
    """A sort key of rules, for the name, the channel and the reminders, which cannot be combined.

    It compares whether approval is always needed, the number of approvals, whether the rule holds
    without a tag, and the shorter wait; the name makes the order total.
    """
    needs = rule.without_approval is None
    return needs, rule.approvals, not rule.tags, -rule.wait.total_seconds(), rule.name


def _combined(matching: Sequence[Rule]) -> Rule:
    """The rule that is strictest in every respect; `matching` has the strictest rule first."""
    first = matching[0]
    wait = min(rule.wait for rule in matching)
    return Rule(
        name=" + ".join(rule.name for rule in matching),
        channel=first.channel,
        external_channel=all(rule.external_channel for rule in matching),
        currency=first.currency,
        demands=tuple(_demands(matching)),
        wait=wait,
        reminders=tuple(each for each in first.reminders if each < wait),
        without_approval=_without_approval(matching),
    )


def _on_floor(rule: Rule, facts: ActionFacts) -> Rule:
    """The rule, raised to the minimum that its action demands."""
    free = rule.without_approval if facts.may_skip_approval else None
    demands = rule.demands
    if demands and rule.approvals < facts.fewest_approvals:
        demands = (replace(demands[0], approvals=facts.fewest_approvals), *demands[1:])
    return replace(rule, without_approval=free, demands=demands)


def _demands(matching: Sequence[Rule]) -> list[Demand]:
    """One demand for each circle; of two demands, the one for more approvals."""
    largest: dict[object, Demand] = {}
    for demand in (demand for rule in matching for demand in rule.demands):
        known = largest.get(demand.circle)
        if known is None or known.approvals < demand.approvals:
            largest[demand.circle] = demand
    return list(largest.values())


def _without_approval(matching: Sequence[Rule]) -> WithoutApproval | None:
    free = [rule.without_approval for rule in matching if rule.without_approval is not None]
    if len(free) < len(matching):
        return None
    return WithoutApproval(
        cost_below=min(each.cost_below for each in free),
        keep_at_most=min(each.keep_at_most for each in free),
        per_vm_a_day=min(each.per_vm_a_day for each in free),
    )
