"""The buttons under a request: those of each state, and their texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.messages.blocks import Block, Element
from bot.messages.inputs import actions, button, confirmation
from bot.messages.made_buttons import MadeVerb, made_buttons
from bot.messages.request_words import title
from bot.requests.action import Effect
from bot.requests.model import ClickKind, Point
from bot.requests.request import Request
from bot.requests.states import State

#: The prefix of an action_id, before the kind of click.
ACTION_PREFIX = "request:"


class Face(NamedTuple):
    """The look of a button."""

    text: str
    label: str  #: before the request's title, for screen readers
    style: str = ""
    confirm: Element | None = None


FACES: dict[ClickKind, Face] = {
    ClickKind.APPROVE: Face("Approve", "Approve:", "primary"),
    ClickKind.DENY: Face("Deny …", "Deny, with a reason:", "danger"),
    ClickKind.CANCEL: Face("Cancel", "Cancel the request:"),
    ClickKind.GO_ON: Face("Go on", "Go on with the rest:", "primary"),
    ClickKind.CLEAN_UP: Face(
        "Delete what exists",
        "Delete what exists:",
        "danger",
        confirmation(
            "Delete what exists?",
            "What this request made is deleted for good. What it did not make is left alone.",
            "Delete it",
            "Leave it",
        ),
    ),
    ClickKind.LOOKED: Face("I looked at it", "I looked at it:", "primary"),
    ClickKind.DELETE_NOW: Face(
        "Delete now",
        "Delete now:",
        "danger",
        confirmation(
            "Delete it now?",
            "What this request made is deleted for good, before it expires. What somebody else "
            "asked for, and a disk, is deleted only once another person approves it.",
            "Delete it",
            "Leave it",
        ),
    ),
}
_STOP = Face("Stop before the next disk", "Stop before the next disk:")
_OF_STATE: dict[State, tuple[ClickKind, ...]] = {
    State.PLANNING: (ClickKind.CANCEL,),
    State.WAITING: (ClickKind.APPROVE, ClickKind.DENY, ClickKind.CANCEL),
    State.APPROVED: (ClickKind.CANCEL,),
    State.RUNNING: (ClickKind.CANCEL,),
    State.HALF_DONE: (ClickKind.GO_ON, ClickKind.CLEAN_UP),
}


def kinds(request: Request) -> Iterator[ClickKind]:
    """The kinds of the buttons that the request has in its state."""
    for kind in _OF_STATE.get(request.state, ()):
        if kind is ClickKind.CLEAN_UP and request.row.facts.effect is not Effect.MAKES:
            continue  # the request made nothing that could be deleted
        if kind is ClickKind.CANCEL and request.cancel_asked_by:
            continue
        yield kind
    if request.look_by is not None and not request.looked_by:
        yield ClickKind.LOOKED


def _offers(request: Request, points: Sequence[Point]) -> Iterator[Element]:
    """What can be done with what the request made and still exists.

    The forms are those of the lists. A deletion is a click that Slack confirms: of one's own
    snapshots it needs no reason and nobody else.
    """
    if request.state is not State.DONE or request.row.facts.effect is not Effect.MAKES:
        return
    if not points or (request.plan is not None and request.plan.swap_os_disk):
        return  # what a swap made is the VM's own OS disk
    verbs = []
    if any(point.expires_at is not None for point in points):
        verbs.append(MadeVerb.LONGER)
    if request.row.words.is_restorable:
        verbs.append(MadeVerb.RESTORE)
    yield from made_buttons(request.id, title(request), verbs)
    yield _button(ClickKind.DELETE_NOW, request)


def buttons(request: Request, points: Sequence[Point] = ()) -> Iterator[Block]:
    """One row of buttons, or none. Their value is the opaque id of this revision's buttons."""
    if not request.button:
        return
    row = [_button(kind, request) for kind in kinds(request)]
    row += _offers(request, points)
    if row:
        yield actions(*row)


def _button(kind: ClickKind, request: Request) -> Element:
    is_stop = kind is ClickKind.CANCEL and request.state is State.RUNNING
    face = _STOP if is_stop else FACES[kind]
    return button(
        face.text,
        f"{ACTION_PREFIX}{kind}",
        request.button,
        label=f"{face.label} {title(request)}",
        style=face.style,
        confirm=face.confirm,
    )
