"""The forms: for a snapshot, with its plan and the open questions, and for a denial's reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from advisor.words import clean
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    bullets,
    context,
    paragraph,
    person,
    rich_text,
    run,
    section,
    space,
)
from bot.messages.inputs import (
    METADATA_LIMIT,
    Choice,
    View,
    choice_input,
    choices_input,
    form_metadata,
    modal,
    text_input,
    told_at_once,
)
from bot.messages.request_words import (
    LINE_LIMIT,
    NAME_LIMIT,
    REASON_LIMIT,
    consistency,
    cost,
    disk_role,
    place,
    retention,
    title,
    with_full_stop,
)
from bot.messages.vm_picker import VM_LIMIT, vm_fields
from bot.requests.model import Kind, PlannedDisk, RequestPlan, Wish
from bot.requests.request import Request

#: callback_ids, by which a submitted form is recognised.
VM_FORM, ASK_FORM, DENY_FORM, MESSAGE_VIEW = "snapshot:vm", "snapshot:ask", "request:deny", "said"
#: block_ids, and the action_ids in them.
REASON, KEEP, DISKS, HOW = "reason", "keep", "disks", "how"
FACTS, NOTED = "plan", "plan_notes"  #: block_ids of the plan in a form
FOLLOWED = (KEEP, DISKS, HOW)  #: what the plan follows while the form is open
#: Of a view in Slack's payload, what views.update takes again.
_KEPT = ("callback_id", "title", "submit", "close", "private_metadata")
SEPARATE, CONSISTENT = "separate", "consistent"
SNAPSHOT_TITLE = "Take a snapshot"
NOTES = 5
ID_LIMIT = 100  #: of an id in a form's metadata
_SHORTEST_DURATION = 1


def vm_form(wish: Wish, channel_id: str) -> View:
    """The form that asks for the VM; the plan is shown next."""
    blocks = vm_fields(wish.vm)
    metadata = _metadata(wish, channel_id)
    return modal(VM_FORM, SNAPSHOT_TITLE, blocks, submit="Show the plan", metadata=metadata)


def loading(vm: str) -> View:
    """The view that is shown until the plan is made."""
    wording = f"Looking at {vm}. Its plan appears here in a moment; nothing is asked for yet."
    return modal(MESSAGE_VIEW, SNAPSHOT_TITLE, [section(wording)])


def message_view(message: Message, title: str = SNAPSHOT_TITLE) -> View:
    """A message in place of the form of that title: an error, or the acknowledgement."""
    return modal(MESSAGE_VIEW, title, list(message.blocks))


def ask_form(
    plan: RequestPlan, happens: str, wish: Wish, channel_id: str, *, is_only: bool = True
) -> View:
    """The form with the priced plan and the open questions. The VM is bound by its full id.

    `happens`: the sentence about what the plan does; `is_only` as in `plan_blocks`.
    """
    blocks: list[Block] = [
        *_break_glass_warning(wish),
        *plan_blocks(plan, happens, is_only=is_only),
        text_input(REASON, "Why?", initial=wish.reason, most=REASON_LIMIT, placeholder="…"),
        *map(told_at_once, _choices(plan)),
        context("The plan is made again from what you choose here, and its card shows it."),
    ]
    metadata = _metadata(wish, channel_id, plan.vm_id)
    return modal(ASK_FORM, SNAPSHOT_TITLE, blocks, submit="Ask for it", metadata=metadata)


def _choices(plan: RequestPlan) -> list[Block]:
    keep = text_input(
        KEEP,
        "Keep it for how long?",
        initial=_keep_as_typed(plan),
        hint="Like 4h or 3d, from the moment it is made. Then it is deleted.",
        most=20,
    )
    how = choice_input(
        HOW,
        "All disks at one moment?",
        (
            Choice(SEPARATE, "Separate snapshots", "Each disk at a moment of its own."),
            Choice(CONSISTENT, "One restore point", "All disks at one moment."),
        ),
        CONSISTENT if plan.kind is Kind.RESTORE_POINT else SEPARATE,
    )
    return [keep, *_disks(plan), how]


def plan_blocks(plan: RequestPlan, happens: str, *, is_only: bool = True) -> list[Block]:
    """What the plan does and costs, and what to know about it.

    `is_only`: no other VM has its name in a resource group of that name, so that the subscription
    says nothing more.
    """
    facts = rich_text(*_facts(plan, happens, is_only=is_only)) | {"block_id": FACTS}
    return [facts, *(block | {"block_id": NOTED} for block in _notes(plan))]


def no_plan(why: str) -> list[Block]:
    """What stands in the place of the plan where what is chosen has none."""
    wording = "No plan and no cost for what is chosen: "
    line = paragraph(run(wording, LINE_LIMIT, bold=True), run(why, REASON_LIMIT))
    return [rich_text(line) | {"block_id": FACTS}]


def with_plan(view: Mapping[str, Any], blocks: Sequence[Block]) -> View:
    """The form that is open, with another plan; what is filled in stays in it."""
    made: list[Block] = []
    for block in view.get("blocks", ()):
        if block.get("block_id") == FACTS:
            made += blocks
        elif block.get("block_id") != NOTED:
            made.append(block)
    kept = {name: view[name] for name in _KEPT if view.get(name)}
    return kept | {"type": "modal", "blocks": made}


def deny_form(
    button: str, channel_id: str, message_ts: str, request: Request | None = None
) -> View:
    """The form for the reason of a denial; it names what is denied, of whom and why it is asked."""
    blocks = [
        *_denied(request),
        text_input(
            REASON,
            "Why not?",
            hint="It is shown in the request's thread. One denial ends the request.",
            most=REASON_LIMIT,
        ),
    ]
    ids = {"button": button, "channel": channel_id, "ts": message_ts}
    metadata = form_metadata({name: _bounded(each, ID_LIMIT) for name, each in ids.items()})
    return modal(DENY_FORM, "Deny the request", blocks, submit="Deny it", metadata=metadata)


def _denied(request: Request | None) -> list[Block]:
    if request is None:
        return []
    asked = [space("asked for by "), person(request.requester.user_id)]
    lines = [
        paragraph(run(title(request), LINE_LIMIT, bold=True), space(", "), *asked),
        paragraph(run(f"Reason: {request.wish.reason or 'none'}", REASON_LIMIT)),
    ]
    return [rich_text(*lines)]


def disk_key(disk: PlannedDisk) -> str:
    """The disk as `--disks` takes it: `os`, `data0`, or the name where it has no LUN."""
    if disk.is_os:
        return "os"
    return disk.name if disk.lun is None else f"data{disk.lun}"


def _break_glass_warning(wish: Wish) -> list[Block]:
    if not wish.break_glass:
        return []
    loud = (
        "BREAK GLASS: nobody approves this. It is posted loudly, and somebody else has to look "
        "at it afterwards."
    )
    return [rich_text(paragraph(run(loud, LINE_LIMIT, bold=True)))]


def _facts(plan: RequestPlan, happens: str, *, is_only: bool) -> list[Element]:
    named = (
        ("VM", plan.vm_name),
        ("Where", place(plan, with_subscription=not is_only)),
        ("Consistency", consistency(plan, is_settled=True)),
        ("Cost", cost(plan.cost)),
        ("Kept", retention(plan)),
        ("Prices", f"as of {plan.cost.prices_as_of}. {plan.cost.basis}".strip()),
    )
    lines = [
        paragraph(
            run(f"{name}:", LINE_LIMIT, bold=True), space(), run(with_full_stop(text), REASON_LIMIT)
        )
        for name, text in named
    ]
    return [paragraph(run(happens, LINE_LIMIT, bold=True)), *lines]


def _notes(plan: RequestPlan) -> list[Block]:
    if not plan.notes:
        return []
    notes = [paragraph(run(with_full_stop(note), LINE_LIMIT)) for note in plan.notes[:NOTES]]
    return [rich_text(paragraph(run("To know", LINE_LIMIT, bold=True)), bullets(notes))]


def _disks(plan: RequestPlan) -> list[Block]:
    options = [
        Choice(disk_key(disk), disk.name, f"{disk_role(disk)}, {disk.size_gib:,} GB, {disk.sku}")
        for disk in plan.disks
    ]
    if not options:
        return []
    return [choices_input(DISKS, "Which disks?", options, [option.value for option in options])]


def _keep_as_typed(plan: RequestPlan) -> str:
    """The retention as a person types it: 3d, 36h, 90m."""
    minutes = int(plan.keep.total_seconds() // 60) if plan.keep else 0
    for unit, length in (("d", 24 * 60), ("h", 60), ("m", _SHORTEST_DURATION)):
        if minutes and minutes % length == 0:
            return f"{minutes // length}{unit}"
    return ""


def _metadata(wish: Wish, channel_id: str, vm_id: str = "") -> str:
    """The form's private metadata, as JSON. Slack returns it signed; the bot still validates it.

    Where it is too long, the disks and the reason are left out; the form shows both.
    """
    values: dict[str, Any] = {
        "vm": _bounded(vm_id or wish.vm, VM_LIMIT),
        "disks": [_bounded(disk, NAME_LIMIT) for disk in wish.disks],
        "consistent": wish.consistent,
        "break_glass": wish.break_glass,
        "keep_minutes": int(wish.keep.total_seconds() // 60) if wish.keep else 0,
        "reason": _bounded(wish.reason, REASON_LIMIT),
        "channel": _bounded(channel_id, ID_LIMIT),
    }
    text = _json(values)
    # Slack may count a character outside the basic plane as two.
    if len(text) > METADATA_LIMIT // 2:
        return _json(values | {"disks": [], "reason": ""})
    return text


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bounded(text: str, limit: int) -> str:
    return clean(text)[:limit]
