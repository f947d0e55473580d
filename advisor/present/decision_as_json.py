"""The decision as `advice.schema.json` documents it."""

from __future__ import annotations

from advisor.model import Alternative, Decision, Gap
from advisor.present.json_values import Json, maybe, monthly_of
from advisor.quantities import plain


def decision_to_dict(decision: Decision) -> Json:
    """What to do about one VM, and on what it rests."""
    plan = decision.plan
    return {
        "action": " and ".join(course.value for course in decision.courses),
        "sentence": decision.sentence,
        "options": list(plan.options) if plan else [],
        "meets": decision.meets.value,
        "condition": "; ".join(decision.conditions) or None,
        "monthly": maybe(lambda each: monthly_of(each.monthly), plan),
        "today": maybe(monthly_of, decision.today),
        "difference": maybe(plain, decision.difference),
        "gaps": [_gap(gap) for gap in decision.gaps],
        "unmet": list(decision.unmet),
        "alternatives": [_alternative(each) for each in decision.alternatives],
        "irreversible": list(decision.irreversible),
        "todo": list(decision.todo),
        "missing_price": decision.bound or None,
    }


def _gap(gap: Gap) -> Json:
    return {
        "disk": gap.disk,
        "size_gib": gap.size_gib,
        "events": [event.value for event in gap.events],
    }


def _alternative(other: Alternative) -> Json:
    plan = other.plan
    return {
        "why": other.why,
        "options": list(plan.options) if plan else [],
        "meets": maybe(lambda each: each.meets.value, plan),
        "monthly": maybe(lambda each: monthly_of(each.monthly), plan),
        "sentence": other.sentence,
    }
