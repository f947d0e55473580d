"""Keep longer and restore, by the buttons of a card: each form becomes a request of its own.

The id is never typed: the button's opaque value leads to the request that made the points, and
what a form asks for is judged by the rules of its action like what is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from advisor.errors import UsageError, VmbackupError
from advisor.quantities import parse_duration
from bot.commands.asking import ask
from bot.commands.requesting import Requests
from bot.messages.inputs import View
from bot.messages.point_forms import (
    KEEP_FORM,
    LONGER,
    RESTORE_FORM,
    SWAP,
    WHY,
    keep_form,
    restore_form,
)
from bot.messages.request_buttons import KEEP_LONGER, RESTORE
from bot.messages.snapshot_modal import message_view
from bot.requests.action import Action
from bot.requests.model import Wish
from bot.slack.inbound.payloads import (
    FieldsUnreadable,
    action_of,
    chosen_in,
    filled_in,
    form_key,
    form_requester,
    metadata_of,
    requester_of,
)

Body = Mapping[str, Any]
#: By action_id: the form that the button opens.
_FORMS: Mapping[str, Callable[[str, str], View]] = {
    KEEP_LONGER: keep_form,
    RESTORE: restore_form,
}


class NoSuchButton(VmbackupError):
    """The button belongs to no request."""


def form_of(body: Body) -> View:
    """The form for a pressed button."""
    action = action_of(body)
    form = _FORMS[str(action.get("action_id"))]
    return form(str(action.get("value") or ""), requester_of(body).channel_id)


async def take(requests: Requests, body: Body) -> View:
    """Store the request that a form asks for; the view that says so. Raises FieldsUnreadable."""
    wish = _WISHES[str(body["view"]["callback_id"])](body)
    request = await requests.of_button(str(metadata_of(body).get("button") or ""))
    if request is None:
        raise NoSuchButton("This button belongs to no request that this bot knows.")
    about = replace(wish, of_request=request.id)
    return message_view(await ask(requests, form_requester(body), about, form_key(body)))


def _kept(body: Body) -> Wish:
    errors, keep = {}, None
    try:
        keep = parse_duration(filled_in(body, LONGER))
    except UsageError as error:
        errors[LONGER] = str(error)
    reason = filled_in(body, WHY)
    if not reason:
        errors[WHY] = _NO_REASON
    if errors:
        raise FieldsUnreadable(errors)
    return Wish(action=Action.EXTEND, keep=keep, reason=reason)


def _restored(body: Body) -> Wish:
    reason = filled_in(body, WHY)
    if not reason:
        raise FieldsUnreadable({WHY: _NO_REASON})
    swaps = SWAP in chosen_in(body, SWAP)
    return Wish(action=Action.RESTORE, reason=reason, swap_os_disk=swaps)


_NO_REASON = "Say why: those who approve read it."
_WISHES: Mapping[str, Callable[[Body], Wish]] = {KEEP_FORM: _kept, RESTORE_FORM: _restored}
FORMS = tuple(_WISHES)  #: their callback_ids
