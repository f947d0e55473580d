"""The buttons for what a request made, on its card and in the lists: keep, restore, delete it.

Each opens a form, and what is sent is a request of its own, by its own rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from bot.messages.blocks import Element
from bot.messages.inputs import button
from bot.requests.model import Kind

#: The prefix of an action_id, before the verb and the request's id: unique in a list of many.
MADE_PREFIX = "made:"
_ID_LIMIT = 255  #: of an action_id (Block Kit reference, 2026-06)


class MadeVerb(StrEnum):
    """What can be asked for about the points of a request."""

    LONGER = "longer"
    RESTORE = "restore"
    DELETE = "delete"


_TEXTS = {
    MadeVerb.LONGER: ("Keep longer …", "Keep longer:"),
    MadeVerb.RESTORE: ("Restore …", "Restore:"),
    MadeVerb.DELETE: ("Delete now …", "Delete now:"),
}


def made_buttons(request_id: str, title: str, verbs: Iterable[MadeVerb]) -> Iterator[Element]:
    """A button for each of the verbs, about what that request made."""
    for verb in verbs:
        text, label = _TEXTS[verb]
        action_id = f"{MADE_PREFIX}{verb}:{request_id}"
        yield button(text, action_id[:_ID_LIMIT], request_id, label=f"{label} {title}")


def verbs_for(kinds: Sequence[Kind], expiries: Sequence[object]) -> Iterator[MadeVerb]:
    """What can be asked for about points of these kinds and expiries."""
    if not kinds:
        return
    if all(kind is not Kind.DISK for kind in kinds):
        if any(expiries):
            yield MadeVerb.LONGER
        yield MadeVerb.RESTORE
    yield MadeVerb.DELETE
