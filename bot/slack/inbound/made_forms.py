"""The buttons and forms about what a request made: each that is sent is a request of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from advisor.errors import UsageError
from advisor.quantities import parse_duration
from bot.actions.delete.wish import deletion
from bot.actions.extend.wish import extension
from bot.actions.restore.wish import restoring
from bot.commands.asking import ask
from bot.commands.requesting import Requests
from bot.errors import NewId, answered
from bot.messages.blocks import Message
from bot.messages.made_buttons import MADE_PREFIX, MadeVerb
from bot.messages.made_forms import MADE_FORM, MADE_TITLES, SWAP, MadeFound, made_form, made_loading
from bot.messages.notices import notice
from bot.messages.snapshot_modal import DISKS, HOW, KEEP, REASON, message_view
from bot.requests.action import Action
from bot.requests.model import Requester, Wish
from bot.requests.storable import storable
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.interactions import Acknowledgement, Body, field_errors
from bot.slack.inbound.modals import Forms
from bot.slack.inbound.payloads import (
    FieldsUnreadable,
    action_of,
    carried,
    chosen,
    filled,
    form_key,
    form_requester,
    offered,
    requester_of,
)
from bot.slack.inbound.replies import Address, Replies

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_ID_LIMIT = 100


class MadeForms:
    """Shows the forms and takes what they say. Each acknowledgement waits for one transaction."""

    def __init__(
        self,
        requests: Requests,
        forms: Forms,
        work: BackgroundWork,
        replies: Replies,
        *,
        new_id: NewId,
    ) -> None:
        self._requests, self._forms = requests, forms
        self._work, self._replies, self._new_id = work, replies, new_id

    async def press(self, body: Body) -> None:
        """A button: its form is shown at once, and filled once the request is read."""
        problem = await answered(self._open(body), self._new_id)
        if problem is not None:
            requester = requester_of(body)
            url = str(body.get("response_url") or "")
            to = Address(url, requester.channel_id, requester.user_id)
            self._work.start(partial(self._say, problem, to))

    async def _say(self, message: Message, to: Address) -> None:
        await self._replies.send(message, to)

    async def _open(self, body: Body) -> Message | None:
        verb = _verb_of(str(action_of(body).get("action_id") or ""))
        if verb is None:
            return notice("This button is of another version of this bot. Nothing was done.")
        request_id = storable(str(action_of(body).get("value") or ""), _ID_LIMIT)
        view_id = await self._forms.show(str(body.get("trigger_id") or ""), made_loading(verb))
        fill = partial(self._fill, view_id, verb, request_id, requester_of(body))
        self._work.start(partial(self._work.in_turn, fill))
        return None

    async def _fill(
        self, view_id: str, verb: MadeVerb, request_id: str, requester: Requester
    ) -> None:
        reading = self._requests.what_was_made(requester, request_id, _ACTIONS[verb])
        found = await answered(reading, self._new_id)
        view = (
            made_form(verb, found, requester.channel_id)
            if isinstance(found, MadeFound)
            else message_view(found, MADE_TITLES[verb])
        )
        await self._forms.change(view_id, view)

    async def sent(self, verb: MadeVerb, body: Body) -> Acknowledgement:
        """A form: the request is stored, and the form then says so; errors stand in it."""
        outcome = await answered(self._ask(verb, body), self._new_id)
        return field_errors(REASON, outcome) if isinstance(outcome, Message) else outcome

    async def _ask(self, verb: MadeVerb, body: Body) -> Acknowledgement:
        try:
            wish = _WISHES[verb](body)
        except FieldsUnreadable as error:
            return {"response_action": "errors", "errors": error.errors}
        message = await ask(self._requests, form_requester(body), wish, form_key(body))
        return {"response_action": "update", "view": message_view(message, MADE_TITLES[verb])}


def register_made(app: AsyncApp, made: MadeForms) -> None:
    """Register the listeners of a Bolt app: for the buttons, and for the forms."""

    async def on_press(ack: Any, body: dict[str, Any]) -> None:
        await made.press(body)
        await ack()

    app.action(re.compile(f"^{re.escape(MADE_PREFIX)}"))(on_press)
    for verb in MadeVerb:
        app.view(f"{MADE_FORM}{verb}")(_on_form(made, verb))


def _on_form(made: MadeForms, verb: MadeVerb) -> Any:
    async def on_form(ack: Any, body: dict[str, Any]) -> None:
        acknowledgement = await made.sent(verb, body)
        await (ack(acknowledgement) if acknowledgement else ack())

    return on_form


def _verb_of(action_id: str) -> MadeVerb | None:
    named = action_id.removeprefix(MADE_PREFIX).partition(":")[0]
    return MadeVerb(named) if named in set(MadeVerb) else None


# --- what a form says ------------------------------------------------------------------------


def _longer(body: Body) -> Wish:
    errors, keep = _without_reason(body), None
    try:
        keep = parse_duration(filled(body, KEEP))
    except UsageError as error:
        errors[KEEP] = str(error)
    if errors or keep is None:
        raise FieldsUnreadable(errors)
    return extension(_request_of(body), keep, filled(body, REASON))


def _restore(body: Body) -> Wish:
    errors = _without_reason(body)
    disks, every = chosen(body, DISKS), offered(body, DISKS)
    if every and not disks:
        errors[DISKS] = "Choose at least one disk."
    keep, typed = None, filled(body, KEEP)
    try:
        keep = parse_duration(typed) if typed else None
    except UsageError as error:
        errors[KEEP] = str(error)
    if errors:
        raise FieldsUnreadable(errors)
    return restoring(
        _request_of(body),
        filled(body, REASON),
        disks=disks if set(disks) != set(every) else (),
        keep=keep,
        swap_os_disk=chosen(body, HOW) == (SWAP,),
    )


def _delete(body: Body) -> Wish:
    if errors := _without_reason(body):
        raise FieldsUnreadable(errors)
    return deletion(_request_of(body), filled(body, REASON))


_ACTIONS = {
    MadeVerb.LONGER: Action.EXTEND,
    MadeVerb.RESTORE: Action.RESTORE,
    MadeVerb.DELETE: Action.DELETE,
}
_WISHES = {MadeVerb.LONGER: _longer, MadeVerb.RESTORE: _restore, MadeVerb.DELETE: _delete}


def _without_reason(body: Body) -> dict[str, str]:
    return {} if filled(body, REASON) else {REASON: "Say why: it is kept with the request."}


def _request_of(body: Mapping[str, Any]) -> str:
    return carried(body, "request")
