"""Pressed buttons and sent forms: each is stored, acknowledged, and answered later."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.actions.snapshot.wish import of_form
from bot.commands.asking import ask
from bot.commands.requesting import FormNotOpened, Requests
from bot.errors import NewId, answered
from bot.messages.blocks import Element, Message
from bot.messages.card import SNAPSHOT_ACTION
from bot.messages.inputs import View
from bot.messages.notices import notice
from bot.messages.request_buttons import ACTION_PREFIX
from bot.messages.snapshot_modal import (
    ASK_FORM,
    DENY_FORM,
    REASON,
    VM_FORM,
    deny_form,
    loading,
    message_view,
)
from bot.messages.vm_picker import CHOSEN_VM, VM, vm_options
from bot.requests.model import ClickKind
from bot.requests.storable import storable
from bot.requests.wish_words import NAME_LIMIT
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.modals import Forms
from bot.slack.inbound.payloads import (
    FieldsUnreadable,
    action_of,
    click_of,
    denial_of,
    form_key,
    form_requester,
    kind_of,
    requester_of,
    view_id_of,
    wish_for_plan,
    wish_of,
)
from bot.slack.inbound.replies import Address, Replies

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

#: A list waits so long for who types: half of what Slack gives it (3 s, options load url, 2026-06).
LOOK_UP_SECONDS = 1.5

Body = Mapping[str, Any]
Acknowledgement = dict[str, Any] | None
Submit = Callable[[Body], Awaitable[Acknowledgement]]


class Interactions:
    """Takes clicks and forms. Each acknowledgement waits for one transaction, no more."""

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
        #: By callback_id: the function, and the field under which a failure is shown.
        self._submissions: Mapping[str, tuple[Submit, str]] = {
            VM_FORM: (self._name_vm, VM),
            ASK_FORM: (self._ask, REASON),
            DENY_FORM: (self._deny, REASON),
        }

    # --- buttons ------------------------------------------------------------------------------

    async def press(self, body: Body) -> None:
        """A button under a request: the click is stored now; a worker judges and answers it."""
        with self._work.idle.stirred():
            problem = await answered(self._press(body), self._new_id)
        if problem is not None:
            self._start_reply(problem, body)

    async def offer(self, body: Body) -> None:
        """The button on the card of an advice: open the form for that VM."""
        problem = await answered(self._offer(body), self._new_id)
        if problem is not None:
            self._start_reply(problem, body)

    async def _press(self, body: Body) -> Message | None:
        kind = kind_of(body)
        if kind is None:
            return notice("This button is of another version of this bot. Nothing was done.")
        click = click_of(body, kind)
        if kind is ClickKind.DENY:
            request = await self._requests.of_button(click.button)
            view = deny_form(click.button, click.channel_id, click.message_ts, request)
            await self._show(body, view)
        else:
            await self._requests.press(click)
        return None

    async def _offer(self, body: Body) -> Message | None:
        requester = requester_of(body)
        # The value may be forged, so the VM is looked up like a name that a person typed.
        vm = storable(str(action_of(body).get("value") or ""), NAME_LIMIT)
        fill = await self._forms.open(str(body.get("trigger_id") or ""), of_form(vm), requester)
        self._work.start(partial(self._fill_in_turn, fill))
        return None

    async def _show(self, body: Body, view: View) -> None:
        try:
            await self._forms.show(str(body.get("trigger_id") or ""), view)
        except FormNotOpened as error:
            sentence = "Slack did not show the form in time, so nothing was done. Press again."
            raise FormNotOpened(sentence) from error

    def _start_reply(self, message: Message, body: Body) -> None:
        requester = requester_of(body)
        to = Address(str(body.get("response_url") or ""), requester.channel_id, requester.user_id)

        async def reply() -> None:
            await self._replies.send(message, to)

        self._work.start(reply)

    # --- forms --------------------------------------------------------------------------------

    async def _name_vm(self, body: Body) -> Acknowledgement:
        """The form that asks for a VM: the form with the plan takes its place."""
        wish = wish_for_plan(body, self._requests.chosen_vm)
        fill = partial(self._forms.fill, view_id_of(body), wish, form_requester(body))
        self._work.start(partial(self._fill_in_turn, fill))
        return {"response_action": "update", "view": loading(wish.vm)}

    async def offer_vms(self, body: Body) -> list[Element]:
        """The options for what is typed so far.

        Slack is asked who somebody is whom the bot does not know now: a name that is pasted has no
        next character. What Slack does not say in time serves whatever is typed later.
        """
        requester = requester_of(body)
        typed = storable(str(body.get("value") or ""), NAME_LIMIT)
        if not self._requests.knows(requester) and self._work.takes_more:
            looking_up = self._work.start(partial(self._requests.look_up, requester))
            await asyncio.wait({looking_up}, timeout=LOOK_UP_SECONDS)
        return vm_options(self._requests.offered_vms(requester, typed))

    async def _ask(self, body: Body) -> Acknowledgement:
        """The form with the plan: the request is stored, and the form then says so."""
        wish = wish_of(body, self._requests.bounds)
        message = await ask(self._requests, form_requester(body), wish, form_key(body))
        return {"response_action": "update", "view": message_view(message)}

    async def _deny(self, body: Body) -> Acknowledgement:
        """The form with the reason of a denial: a click like the others, with a text."""
        await self._requests.press(denial_of(body))
        return None

    async def sent(self, form: str, body: Body) -> Acknowledgement:
        """The acknowledgement of a form; each error stands under its field."""
        submit, field = self._submissions[form]
        outcome = await answered(_with_errors(submit, body), self._new_id)
        return field_errors(field, outcome) if isinstance(outcome, Message) else outcome

    async def _fill_in_turn(self, fill: Callable[[], Awaitable[None]]) -> None:
        await self._work.in_turn(fill)


def register(app: AsyncApp, interactions: Interactions) -> None:
    """Register the listeners of a Bolt app: for the buttons, and for the forms that are sent."""

    async def on_press(ack: Any, body: dict[str, Any]) -> None:
        await interactions.press(body)
        await ack()

    async def on_offer(ack: Any, body: dict[str, Any]) -> None:
        await interactions.offer(body)
        await ack()

    app.action(re.compile(f"^{re.escape(ACTION_PREFIX)}"))(on_press)

    async def on_typing(ack: Any, body: dict[str, Any]) -> None:
        await ack(options=await interactions.offer_vms(body))

    app.action(SNAPSHOT_ACTION)(on_offer)
    app.options(CHOSEN_VM)(on_typing)
    for form in (VM_FORM, ASK_FORM, DENY_FORM):
        app.view(form)(_on_form(interactions, form))


def _on_form(interactions: Interactions, form: str) -> Callable[..., Awaitable[None]]:
    async def on_form(ack: Any, body: dict[str, Any]) -> None:
        acknowledgement = await interactions.sent(form, body)
        await (ack(acknowledgement) if acknowledgement else ack())

    return on_form


async def _with_errors(submit: Submit, body: Body) -> Acknowledgement:
    try:
        return await submit(body)
    except FieldsUnreadable as error:
        return _errors(error.errors)


def field_errors(field: str, message: Message) -> Acknowledgement:
    """What could not be done, under a field of the form."""
    return _errors({field: html.unescape(message.text)})


def _errors(errors: Mapping[str, str]) -> dict[str, Any]:
    return {"response_action": "errors", "errors": dict(errors)}
