"""The buttons under an advice: Why, The bill, Sizes are known, Share here.

A listener opens a view, which Slack allows for three seconds, or only acknowledges. Whether the
person may have it is judged then, at each click: people leave, and channels are shared.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from advisor.errors import UsageError
from bot.commands.advise import AdviceWish, advise_now
from bot.commands.advising import KeepsAdvice, KeptAdvice
from bot.commands.command import COMMAND, Answer, JudgesAudience, Services
from bot.commands.requesting import FormNotOpened
from bot.errors import NewId, answered, noted
from bot.messages.advice_age import given_words
from bot.messages.advice_told import AdviceTold
from bot.messages.advice_views import (
    BILL_TITLE,
    CHURN,
    SIZES_FORM,
    SIZES_TITLE,
    USED,
    WHY_TITLE,
    bill_view,
    loading,
    message_view,
    sizes_form,
    why_view,
)
from bot.messages.blocks import Message
from bot.messages.card import BILL_ACTION, SHARE_ACTION, SIZES_ACTION, WHY_ACTION, CardShown, card
from bot.messages.inputs import View
from bot.messages.notices import notice
from bot.requests.model import Requester
from bot.requests.refusals import NotAllowed
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.modals import Screens
from bot.slack.inbound.payloads import action_of, filled, metadata_of, requester_of
from bot.slack.inbound.replies import Address, Published, Replies

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_log = logging.getLogger(__name__)

Body = Mapping[str, Any]
Acknowledgement = dict[str, Any] | None
Draw = Callable[[AdviceTold, tuple[str, ...]], View]

_TITLES = {WHY_ACTION: WHY_TITLE, BILL_ACTION: BILL_TITLE, SIZES_ACTION: SIZES_TITLE}
_DRAWN: Mapping[str, Draw] = {WHY_ACTION: why_view, BILL_ACTION: bill_view}
_SIZE_LIMIT, _ADDRESS_LIMIT = 20, 1000


@dataclass(frozen=True, slots=True)
class AdviceDesk:
    """What the buttons need."""

    advices: KeepsAdvice
    audience: JudgesAudience
    screens: Screens
    replies: Replies
    work: BackgroundWork


class AdviceClicks:
    """Takes the clicks under an advice, and the form for known sizes."""

    def __init__(self, services: Services, desk: AdviceDesk, *, new_id: NewId) -> None:
        self._services, self._desk, self._new_id = services, desk, new_id

    # --- what opens ---------------------------------------------------------------------------

    async def open(self, body: Body) -> None:
        """Show a view now, and fill it once it is known that this person may see it."""
        action = str(action_of(body).get("action_id"))
        try:
            trigger = str(body.get("trigger_id") or "")
            view_id = await self._desk.screens.open(trigger, loading(_TITLES[action]))
        except FormNotOpened as error:
            _log.warning("A view could not be opened: %s", error)
            sentence = "Slack did not show it in time. Press again."
            self._desk.work.start(partial(self._tell, notice(sentence), body))
            return
        fill = self._fill_sizes if action == SIZES_ACTION else self._fill
        self._desk.work.start(partial(self._filled, fill, action, view_id, body))

    async def _filled(
        self,
        fill: Callable[[str, str, Body], Awaitable[None]],
        action: str,
        view_id: str,
        body: Body,
    ) -> None:
        problem = await answered(fill(action, view_id, body), self._new_id)
        if problem is not None:
            await self._change(view_id, message_view(_TITLES[action], problem))

    async def _fill(self, action: str, view_id: str, body: Body) -> None:
        """At once what is stored; then, once Azure was read, also what changed since."""
        kept, draw = await self._allowed(body), _DRAWN[action]
        prices = self._desk.advices.price_notes(kept)
        await self._change(view_id, draw(kept.told, prices))
        of_vm = await self._desk.work.in_turn(partial(self._desk.advices.vm_notes, kept))
        if of_vm:
            notes = (given_words(kept.given_at), *prices, *of_vm)
            await self._change(view_id, draw(kept.told, notes))

    async def _fill_sizes(self, action: str, view_id: str, body: Body) -> None:
        kept = await self._allowed(body)
        address, channel = str(body.get("response_url") or ""), requester_of(body).channel_id
        await self._change(view_id, sizes_form(kept.id, kept.told.form.name, address, channel))

    async def _allowed(self, body: Body) -> KeptAdvice:
        """The advice of the button, for whoever may ask for advice now. Raises VmbackupError."""
        await self._desk.audience.require(requester_of(body))
        return await self._desk.advices.get(_advice_of(body))

    async def _change(self, view_id: str, view: View) -> None:
        try:
            await self._desk.screens.update(view_id, view)
        except FormNotOpened as error:
            _log.info("A view could not be filled; perhaps it was closed: %s", error)

    # --- sharing ------------------------------------------------------------------------------

    async def share(self, body: Body) -> None:
        """Show the advice to the channel: judged by a worker, with people and channel read anew."""
        self._desk.work.start(partial(self._share_or_tell, body))

    async def _share_or_tell(self, body: Body) -> None:
        problem = await answered(self._share(body), self._new_id)
        if problem is not None:
            await self._tell(problem, body)

    async def _share(self, body: Body) -> None:
        requester, advices = requester_of(body), self._desk.advices
        await self._desk.audience.require(requester, fresh=True)
        ruling = await self._desk.audience.may_be_public(requester.channel_id, fresh=True)
        if not ruling.allowed:
            raise NotAllowed(ruling.sentence)
        kept = await advices.get(_advice_of(body))
        ids = (kept.id, requester.channel_id)
        if not await advices.claim_share(*ids, requester.user_id):
            raise NotAllowed("This channel has it already.")
        published = Published.NO
        try:
            published = await self._desk.replies.publish(
                self._public(kept, requester), _address(body)
            )
        finally:
            await advices.end_share(*ids, posted=published is Published.YES)
        if published is not Published.YES:
            raise NotAllowed(_NOT_PUBLISHED[published])

    def _public(self, kept: KeptAdvice, requester: Requester) -> Message:
        by = f"Shared by {requester.user_name}" if requester.user_name else "Shared"
        asked = f"{by}: {COMMAND} advise {' '.join(kept.words)}"
        shown = CardShown(
            advice_id=kept.id,
            public=True,
            asked=asked,
            notes=self._desk.advices.price_notes(kept),
            offers_snapshot=self._services.forms is not None,
        )
        return card(kept.told, shown)

    # --- known sizes --------------------------------------------------------------------------

    async def sizes(self, body: Body) -> Acknowledgement:
        """The form for known sizes: the same advice is asked for again with them."""
        said = {name: filled(body, name, _SIZE_LIMIT) for name in (USED, CHURN)}
        if not any(said.values()):
            return _errors({USED: "State at least one of the two."})
        outcome = await answered(self._asked_again(body, said), self._new_id)
        if isinstance(outcome, dict):
            return outcome
        if isinstance(outcome, Message):
            return {"response_action": "update", "view": message_view(SIZES_TITLE, outcome)}
        self._desk.work.start(partial(self._advise, outcome, _address_of_form(body)))
        told = notice(f"Looking at {outcome.small_print} again. Only you see the advice.")
        return {"response_action": "update", "view": message_view(SIZES_TITLE, told)}

    async def _asked_again(
        self, body: Body, said: Mapping[str, str]
    ) -> AdviceWish | dict[str, Any]:
        """The wish, bound to the VM of the card; or the errors of the fields."""
        metadata = metadata_of(body)
        kept = await self._desk.advices.get(str(metadata.get("advice") or ""))
        words, errors = list(kept.words), {}
        for name, value in said.items():
            more = [f"--{name}", value] if value else []
            try:
                self._services.parse([*kept.words, *more])
            except UsageError as error:
                errors[name] = str(error)
            words += more
        if errors:
            return _errors(errors)
        asked = replace(self._services.parse(words), vm=kept.told.vm_id)
        requester = requester_of(body, str(metadata.get("channel") or ""))
        return AdviceWish(asked, tuple(words), requester, kept.told.form.name)

    async def _advise(self, wish: AdviceWish, to: Address) -> None:
        work = partial(advise_now, self._services, wish)
        answer = await answered(self._desk.work.in_turn(work), self._new_id)
        answer = answer if isinstance(answer, Answer) else Answer(answer)
        reached = await self._desk.replies.send(answer.message, to)
        if reached and answer.once_delivered is not None:
            await noted(answer.once_delivered(), self._new_id)

    # --- telling ------------------------------------------------------------------------------

    async def _tell(self, message: Message, body: Body) -> None:
        await self._desk.replies.send(message, _address(body))


_NOT_PUBLISHED = {
    Published.NO: "Slack did not take it, so the channel does not have it. Invite this bot to the "
    "channel, or ask again with --share.",
    Published.UNKNOWN: "Slack did not say whether the channel has it now. Look there, and share it "
    "again if it is missing.",
}


def register_advice(app: AsyncApp, clicks: AdviceClicks) -> None:
    """Register the listeners of a Bolt app for the card of an advice."""

    async def on_open(ack: Any, body: dict[str, Any]) -> None:
        await clicks.open(body)
        await ack()

    async def on_share(ack: Any, body: dict[str, Any]) -> None:
        await clicks.share(body)
        await ack()

    async def on_sizes(ack: Any, body: dict[str, Any]) -> None:
        acknowledgement = await clicks.sizes(body)
        await (ack(acknowledgement) if acknowledgement else ack())

    for action in _TITLES:
        app.action(action)(on_open)
    app.action(SHARE_ACTION)(on_share)
    app.view(SIZES_FORM)(on_sizes)


def _advice_of(body: Body) -> str:
    return str(action_of(body).get("value") or "")[:_SIZE_LIMIT]


def _address(body: Body) -> Address:
    requester = requester_of(body)
    return Address(str(body.get("response_url") or ""), requester.channel_id, requester.user_id)


def _address_of_form(body: Body) -> Address:
    """Where the card is from which the form was opened."""
    metadata = metadata_of(body)
    requester = requester_of(body, str(metadata.get("channel") or ""))
    url = str(metadata.get("url") or "")[:_ADDRESS_LIMIT]
    return Address(url, requester.channel_id, requester.user_id)


def _errors(errors: Mapping[str, str]) -> dict[str, Any]:
    return {"response_action": "errors", "errors": dict(errors)}
