"""The note that holds the whole plan, in the thread of its card, once for each revision."""

from __future__ import annotations

from dataclasses import replace

from bot.database.budgets import Reserved
from bot.messages.plan_note import plan_note
from bot.requests.approval.choose_rule import why_it_holds
from bot.requests.approval.rules import Rule
from bot.requests.changes import Note, Reserve
from bot.requests.model import RequestPlan
from bot.requests.request import Request
from bot.workflow.card_facts import budget_words, facts_of
from bot.workflow.ports import Ports
from bot.workflow.transitions import thread


async def plan_thread(
    ports: Ports, request: Request, plan: RequestPlan, rule: Rule, reserve: Reserve | None
) -> Note:
    """The plan, its rule and why it holds, and the budget with this plan in it."""
    facts = replace(
        facts_of(rule),
        why_rule=why_it_holds(plan, ports.rules),
        budget=budget_words(await _reserved(ports, request, reserve), ports.rules),
    )
    shown = replace(request, plan=plan, revision=plan.revision)
    links = await ports.store.links([plan.of_request]) if plan.of_request else {}
    note = plan_note(shown, plan, facts, links.get(plan.of_request, ""))
    return thread(f"plan-{plan.revision}", note)


async def _reserved(ports: Ports, request: Request, reserve: Reserve | None) -> Reserved | None:
    if reserve is None:
        return None
    others = await ports.store.reserved_by_others(request.id, reserve)
    return Reserved(
        team=reserve.team,
        month=reserve.month,
        currency=reserve.currency,
        total=others + reserve.amount,
    )
