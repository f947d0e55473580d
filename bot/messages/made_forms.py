"""The forms about what a request made: keep it longer, restore it, delete it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages.blocks import Block, section, width
from bot.messages.inputs import (
    OPTION_VALUE_LIMIT,
    Choice,
    View,
    choice_input,
    choices_input,
    form_metadata,
    modal,
    text_input,
)
from bot.messages.made_buttons import MadeVerb
from bot.messages.request_list import kept_words
from bot.messages.request_words import REASON_LIMIT, title
from bot.messages.snapshot_modal import DISKS, HOW, KEEP, REASON
from bot.requests.model import Kind, Point
from bot.requests.request import Request

#: callback_ids, by which a submitted form is recognised: `made:longer`.
MADE_FORM = "made:"
BESIDE, SWAP = "beside", "swap"
MADE_TITLES = {
    MadeVerb.LONGER: "Keep it longer",
    MadeVerb.RESTORE: "Restore it",
    MadeVerb.DELETE: "Delete it now",
}
_LONGEST_KEEP_TEXT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFound:
    """A request and what it made that exists."""

    request: Request
    points: Sequence[Point]


def made_loading(verb: MadeVerb) -> View:
    """The view that is shown until the request is read."""
    blocks = [section("Looking at what it made. Nothing is asked for yet.")]
    return modal(f"{MADE_FORM}loading", MADE_TITLES[verb], blocks)


def made_form(verb: MadeVerb, found: MadeFound, channel_id: str) -> View:
    """The form of the verb, about what is there now; what is sent is judged again."""
    request = found.request
    lead = section(f"{title(request)}: {kept_words(found.points)}.")
    metadata = form_metadata({"request": request.id, "channel": channel_id[:100]})
    return modal(
        f"{MADE_FORM}{verb}",
        MADE_TITLES[verb],
        [lead, *_FIELDS[verb](found), _reason(verb)],
        submit="Ask for it",
        metadata=metadata,
    )


def _longer(_found: MadeFound) -> list[Block]:
    hint = "Like 12h or 3d, counted from its present expiry. Whoever approves sees the price."
    field = text_input(KEEP, "How much longer?", initial="1d", hint=hint, most=_LONGEST_KEEP_TEXT)
    return [field]


def _restore(found: MadeFound) -> list[Block]:
    of_disks = [point for point in found.points if point.kind is not Kind.RESTORE_POINT]
    options = [
        Choice(point.disk_name, point.disk_name, f"{point.size_gib:,} GB")
        for point in of_disks
        if point.disk_name and width(point.disk_name) <= OPTION_VALUE_LIMIT
    ]
    which = choices_input(DISKS, "Which disks?", options, [each.value for each in options])
    how = choice_input(
        HOW,
        "What becomes of them?",
        (
            Choice(BESIDE, "New disks beside the VM's own", "Attached; the VM goes on running."),
            Choice(SWAP, "Replace the OS disk", "Stops the VM; its old OS disk is kept."),
        ),
        BESIDE,
    )
    keep = text_input(
        KEEP,
        "Keep the new disks for how long?",
        hint="Like 7d; empty: until somebody deletes them. At the end you are asked about each.",
        most=_LONGEST_KEEP_TEXT,
        optional=True,
    )
    return [*([which] if options else []), how, keep]


def _delete(_found: MadeFound) -> list[Block]:
    return [section("What is deleted is gone for good. What is attached to a VM is not deleted.")]


_FIELDS = {MadeVerb.LONGER: _longer, MadeVerb.RESTORE: _restore, MadeVerb.DELETE: _delete}


def _reason(verb: MadeVerb) -> Block:
    hint = "Of somebody else's, and of a disk, another person approves it."
    return text_input(
        REASON, "Why?", hint=hint if verb is MadeVerb.DELETE else "", most=REASON_LIMIT
    )
