"""The plan of a request in its thread, once for each revision: everything that the card leaves out.

It stays under the 12,500 characters that Slack was seen to accept: the table of disks has at most
5,000, and every other part has a limit of length and number.
"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.words import counted, listed, sentence
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    link,
    paragraph,
    rich_text,
    run,
    space,
    table,
    top_level,
    width,
)
from bot.messages.request_money import never_expires
from bot.messages.request_words import (
    LINE_LIMIT,
    REASON_LIMIT,
    CardFacts,
    consistency,
    cost,
    counted_amount,
    disk_role,
    place,
    retention,
    short_name,
    title,
    with_full_stop,
)
from bot.requests.action import Effect
from bot.requests.model import PlannedDisk, RequestPlan
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request

TABLE_BUDGET = 5000  #: of Slack's 10,000 for a table: the rest of the note needs room, too
CELL = 110
_COLUMNS = ("Disk", "What it is", "Size", "Kind", "What is made")
_COLUMNS_OF_POINTS = (*_COLUMNS[:-1], "Which")


def plan_note(
    request: Request, plan: RequestPlan, facts: CardFacts, origin_url: str = ""
) -> Message:
    """The plan with its names, ids and hash; `facts` say which rule holds, why, and the budget.

    `origin_url` leads to the card of the request whose points the plan is about.
    """
    lead = f"The plan, revision {plan.revision}: {title(request)}"
    facts_of_it = list(_facts(request, plan, facts))
    shown = [paragraph(run(lead, LINE_LIMIT, bold=True)), *map(_line, facts_of_it)]
    spoken = [f"{name}: {with_full_stop(wording)}" for name, wording in facts_of_it]
    if plan.of_request and origin_url:
        shown.append(paragraph(link(f"The card of {plan.of_request}", origin_url)))
        spoken.append(f"The card of {plan.of_request}: {origin_url}.")
    blocks = (rich_text(*shown), *_disks(request, plan))
    return Message(text=top_level([f"{lead}.", *spoken]), blocks=blocks, public=True)


def _line(fact: tuple[str, str]) -> Element:
    name, wording = fact
    bold = run(f"{name}:", LINE_LIMIT, bold=True)
    return paragraph(bold, space(), run(with_full_stop(wording), REASON_LIMIT))


def _facts(request: Request, plan: RequestPlan, facts: CardFacts) -> Iterator[tuple[str, str]]:
    words, price = request.row.words, plan.cost
    yield "VM", plan.vm_id
    yield "Where", place(plan)
    if words.shows_cost:
        yield "Cost", cost(price, never_expires=never_expires(plan), sent_to=plan.target_region)
        yield "Kept", retention(plan)
        yield "Counted for rules and budgets", _counted(plan, facts)
    if price.prices_as_of:
        yield "Prices", f"as of {price.prices_as_of}. {price.basis}".strip()
    if words.shows_consistency:
        yield "Consistency", consistency(plan)
    if facts.rule_name:
        yield "Rule", _rule(facts)
    yield "Plan hash", plan_hash(plan)
    yield "Request", request.id if not plan.of_request else f"{request.id}, of {plan.of_request}"


def _counted(plan: RequestPlan, facts: CardFacts) -> str:
    amount = with_full_stop(counted_amount(plan.cost, never_expires=never_expires(plan)))
    return f"{amount} {sentence(facts.budget)}".strip()


def _rule(facts: CardFacts) -> str:
    """`“production”: it holds for the resource group rg-shop`; several as they are combined."""
    names = listed(f"“{name}”" for name in facts.rule_name.split(" + "))
    return f"{names}: {facts.why_rule}" if facts.why_rule else names


def _disks(request: Request, plan: RequestPlan) -> Iterator[Block]:
    if plan.disks:
        makes = request.row.facts.effect is Effect.MAKES
        yield table([_COLUMNS if makes else _COLUMNS_OF_POINTS, *disk_rows(plan)])


def disk_rows(plan: RequestPlan) -> list[tuple[str, ...]]:
    """One row for each disk while there is room, and one that counts the others."""
    rows: list[tuple[str, ...]] = []
    room = TABLE_BUDGET
    for number, disk in enumerate(plan.disks):
        row = _row(disk, plan)
        room -= sum(min(width(cell), CELL) for cell in row)
        if room < 0:
            left = plan.disks[number:]
            more = f"and {counted(len(left), 'more disk')}"
            return [*rows, (more, "-", f"{sum(each.size_gib for each in left):,} GB", "-", "-")]
        rows.append(row)
    return rows


def _row(disk: PlannedDisk, plan: RequestPlan) -> tuple[str, ...]:
    made = short_name(disk.target_id) if disk.target_id else str(plan.kind)
    slow = ", copied in the background" if disk.in_background else ""
    return disk.name, disk_role(disk), f"{disk.size_gib:,} GB", disk.sku, f"{made}{slow}"
