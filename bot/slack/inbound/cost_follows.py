"""The plan and the cost in an open form follow what is chosen in it.

The click is acknowledged at once. A form has one reading of Azure at a time; what was chosen
meanwhile makes its answer void, so that no late answer takes the place of a newer one. The view's
hash keeps an answer from a form that shows something else by now.
"""

from __future__ import annotations

import asyncio
import html
import logging
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.commands.requesting import Requests
from bot.messages.blocks import Block, Message
from bot.messages.snapshot_modal import ASK_FORM, FOLLOWED, no_plan, plan_blocks, with_plan
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.interactions import Body
from bot.slack.inbound.modals import Forms
from bot.slack.inbound.payloads import (
    FieldsUnreadable,
    form_requester,
    hash_of,
    is_of_form,
    view_id_of,
    wish_for_cost,
)

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_log = logging.getLogger(__name__)

#: A person types on within this time (the product's own choice; no source).
QUIET_SECONDS = 0.3
_FORMS = 1000  #: remembered; the one used longest ago goes first


@dataclass(slots=True)
class _Followed:
    """One open form: what was chosen last in it, and which hashes it had."""

    body: Body
    hash: str
    chosen: int = 1  #: choices so far
    shown: int = 0  #: the choice that the form shows the cost of
    is_busy: bool = False
    old_hashes: set[str] = field(default_factory=set)


class CostFollows:
    """Shows in each open form what its newest choice costs."""

    def __init__(self, requests: Requests, forms: Forms, work: BackgroundWork) -> None:
        self._requests, self._forms, self._work = requests, forms, work
        self._followed: OrderedDict[str, _Followed] = OrderedDict()

    def choose(self, body: Body) -> None:
        """Something was chosen in a form; returns at once."""
        if not is_of_form(body, ASK_FORM):
            return
        if not self._work.takes_more:
            _log.warning("A form shows no new cost: too much waits already.")
            return
        form = self._noted(body)
        if not form.is_busy:
            form.is_busy = True
            self._work.start(partial(self._follow, view_id_of(body), form))

    def _noted(self, body: Body) -> _Followed:
        view_id, given = view_id_of(body), hash_of(body)
        form = self._followed.pop(view_id, None)
        if form is None:
            form = _Followed(body, given)
        else:
            form.body, form.chosen = body, form.chosen + 1
            if given not in form.old_hashes:  # else the click was on its way during an update
                form.hash = given
        self._followed[view_id] = form
        while len(self._followed) > _FORMS:
            self._followed.popitem(last=False)
        return form

    async def _follow(self, view_id: str, form: _Followed) -> None:
        try:
            while form.shown != form.chosen:
                await asyncio.sleep(QUIET_SECONDS)
                number, body = form.chosen, form.body
                blocks = await self._blocks(body)
                if form.chosen == number:
                    await self._show(view_id, form, blocks)
                    form.shown = number
        finally:
            form.is_busy = False

    async def _blocks(self, body: Body) -> list[Block]:
        try:
            wish = wish_for_cost(body, self._requests.bounds)
        except FieldsUnreadable as error:
            return no_plan(str(error))
        read = partial(self._forms.plan_of, wish, form_requester(body))
        found = await self._work.in_turn(read)
        if isinstance(found, Message):
            return no_plan(html.unescape(found.text))
        return plan_blocks(found.plan, found.happens, is_only=found.is_only)

    async def _show(self, view_id: str, form: _Followed, blocks: list[Block]) -> None:
        changed = await self._forms.change(view_id, with_plan(form.body["view"], blocks), form.hash)
        if changed:
            form.old_hashes.add(form.hash)
            form.hash = changed


def register_costs(app: AsyncApp, costs: CostFollows) -> None:
    """Register the listener of a Bolt app, for what is chosen in the form with the plan."""

    async def on_choice(ack: Any, body: dict[str, Any]) -> None:
        costs.choose(body)
        await ack()

    app.action(re.compile(f"^({'|'.join(FOLLOWED)})$"))(on_choice)
