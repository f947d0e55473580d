"""The forms behind the buttons of a card that is done: keep longer, and restore."""

from __future__ import annotations

from bot.messages.inputs import Choice, View, choices_input, form_metadata, modal, text_input
from bot.requests.wish_words import REASON_LIMIT

KEEP_FORM, RESTORE_FORM = "points:keep", "points:restore_form"
LONGER, WHY, SWAP = "longer", "reason", "swap"
_ID_LIMIT = 255


def keep_form(button: str, channel_id: str) -> View:
    """How much longer, and why; the button's value stands for the request."""
    blocks = (
        text_input(LONGER, "How much longer?", initial="1d", hint="Like 12h, 2d or 1w."),
        text_input(WHY, "Why?", most=REASON_LIMIT),
    )
    return modal(
        KEEP_FORM,
        "Keep it longer",
        blocks,
        submit="Ask for it",
        metadata=_metadata(button, channel_id),
    )


def restore_form(button: str, channel_id: str) -> View:
    """Why, and whether the OS disk is swapped; everything that the request made is restored."""
    swap = Choice(SWAP, "Swap the OS disk instead", "Stops the VM; the old disk is kept.")
    blocks = (
        text_input(WHY, "Why?", most=REASON_LIMIT, hint="New disks are attached beside the VM's."),
        choices_input(SWAP, "Or", [swap], []) | {"optional": True},
    )
    return modal(
        RESTORE_FORM,
        "Restore",
        blocks,
        submit="Ask for it",
        metadata=_metadata(button, channel_id),
    )


def _metadata(button: str, channel_id: str) -> str:
    values = {"button": button[:_ID_LIMIT], "channel": channel_id[:_ID_LIMIT]}
    return form_metadata(values)
