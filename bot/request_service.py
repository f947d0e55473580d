"""The service behind the commands and buttons of requests: the store, and readings of Azure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from advisor.errors import AzureRefused, AzureUnreachable, InputUnreadable
from advisor.inventory.own_resources import MadeRecord
from advisor.prices.pricing import Pricer
from bot.commands.requesting import CardFound, PointsFound, Preview
from bot.database.store import Store
from bot.jobs.grouped import Grouped
from bot.known_at_once import KnownAtOnce, nothing_of
from bot.messages.list_page import PAGE_SIZE, ListAsked
from bot.messages.listings import ListedPoint, PointStatus
from bot.messages.made_forms import MadeFound
from bot.messages.request_list import RequestsFound
from bot.messages.vm_picker import VmChoice
from bot.requests.action import Action, Privilege
from bot.requests.approval.choose_rule import (
    choose_rule,
    no_rule,
    possible_channels,
    with_rule,
)
from bot.requests.approval.rules import LIST, RequestRules
from bot.requests.approval.rulings import Ruling
from bot.requests.approval.who_may import may_ask
from bot.requests.changes import Ask, AskResult
from bot.requests.found import MADE_PREFIX, StrayReason, StrayResource, findings, not_shown, vms_of
from bot.requests.model import Click, ClickKind, InAzure, Point, Requester, Wish
from bot.requests.plans.bounds import Bounds
from bot.requests.refusals import NotAllowed, PlanRefused
from bot.requests.request import ActionRows, Request
from bot.traces import current_trace
from bot.vm_choices import VmChoices
from bot.workflow.find_card import CardFinder
from bot.workflow.origin import origin_of
from bot.workflow.planner import Planner
from bot.workflow.ports import ReadsPeople

#: A plan that is only shown belongs to no request; its names derive from this id.
PREVIEW_ID = "r-000000000000"
#: The form that shows the plan asks for the reason; until then this text takes its place.
REASON_TO_COME = "said in the form"
_UNREAD = (AzureRefused, AzureUnreachable, InputUnreadable)
#: What the last look showed, which asked for each point by itself.
_LOOKED = {InAzure.GONE: PointStatus.VANISHED, InAzure.UNKNOWN: PointStatus.NOT_READ}
_STANDINGS = {StrayReason.ORPHAN: PointStatus.ORPHAN, StrayReason.LEFTOVER: PointStatus.LEFTOVER}


class ReadsMade(Protocol):
    """Azure, as far as it shows the resources under our names."""

    async def made(self, prefix: str) -> tuple[MadeRecord, ...]: ...

    async def standing(self, vm_ids: Sequence[str]) -> frozenset[str]: ...


class ShownByAzure(NamedTuple):
    """What Azure shows beside the ledger."""

    strays: tuple[StrayResource, ...] = ()  #: resources that no live request explains
    known: frozenset[str] = frozenset()  #: the requests of the strays that the database has
    #: Points that a list lacks: gone, or in a resource group that may not be read any more. Only
    #: the look at each of them (`Point.in_azure`) says which.
    not_shown: tuple[Point, ...] = ()
    immutable: Mapping[str, datetime] = MappingProxyType({})  #: by lower-cased id: until when


NOTHING_SHOWN = ShownByAzure()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestService:
    """Stores requests and clicks, and lists requests and points. Methods raise VmbackupError."""

    store: Store
    grouped: Grouped
    planner: Planner
    people: ReadsPeople
    made: ReadsMade
    rules: RequestRules
    actions: ActionRows
    pricer: Callable[[datetime], Pricer]
    check: Callable[[], None]  #: raises where this bot may not act
    new_request_id: Callable[[], str]
    known: KnownAtOnce  #: refuses before there is a request
    choices: VmChoices  #: what forms offer while one types
    new_token: Callable[[], str]
    cards: CardFinder

    def offered_vms(self, requester: Requester, typed: str) -> Sequence[VmChoice]:
        """The VMs that this person may choose, from memory; none where that is not known."""
        return self.choices.offered(requester, typed)

    def knows(self, requester: Requester) -> bool:
        """Whether it is known now who the person is; else `look_up` asks Slack."""
        return self.choices.knows(requester)

    async def look_up(self, requester: Requester) -> None:
        """Ask Slack who the person is, so that VMs can be offered."""
        await self.choices.look_up(requester)

    def chosen_vm(self, token: str) -> str:
        """The full id of a VM that was offered; empty: it is not known any more."""
        return self.choices.vm_id(token)

    @property
    def bounds(self) -> Bounds:
        """The bounds of retention, from the settings."""
        return self.planner.bounds

    async def ask(self, requester: Requester, wish: Wish, content_key: str) -> AskResult:
        """Store the request, durably, before Slack is answered."""
        self.check()
        _require_person(requester.user_id, requester.channel_id)
        await self.known.check(requester, wish)
        ask = Ask(
            id=self.new_request_id(),
            requester=requester,
            wish=wish,
            content_key=content_key,
            trace=current_trace(),
        )
        return await self.grouped.ask(ask)

    async def press(self, click: Click) -> bool:
        """Store the click; False where it was stored before."""
        self.check()
        _require_person(click.user_id, click.channel_id)
        return await self.grouped.press(replace(click, trace=current_trace()))

    async def withdraw(
        self, requester: Requester, request_id: str, reason: str, content_key: str
    ) -> None:
        """Store a cancellation by the request's id, as a click on a button of its own."""
        self.check()
        _require_person(requester.user_id, requester.channel_id)
        button = self.new_token()
        if not await self.store.new_button(request_id, button):
            raise _unknown(request_id)
        click = Click(
            id=content_key,
            kind=ClickKind.WITHDRAW,
            button=button,
            team_id=requester.team_id,
            user_id=requester.user_id,
            user_name=requester.user_name,
            channel_id=requester.channel_id,
            message_ts="",
            text=reason,
            trace=current_trace(),
        )
        await self.grouped.press(click)

    async def find_card(self, requester: Requester, request_id: str) -> CardFound:
        """Where the card is; for who may list, and for who asked for the request."""
        request = await self.store.get(request_id)
        mine = request is not None and request.requester.user_id == requester.user_id
        if not mine:
            await self._check(requester, LIST)
        if request is None:
            raise _unknown(request_id)
        return CardFound(request=request, place=await self.cards.find(request_id))

    async def card_link(self, request_id: str) -> str:
        """The stored address of the card."""
        return (await self.store.links([request_id])).get(request_id, "")

    async def of_button(self, button: str) -> Request | None:
        """The request of a button of any of its revisions."""
        return await self.store.by_button(button)

    def goes_to(self, wish: Wish) -> tuple[str, ...]:
        """The channels that its card can go to: one, mostly."""
        if wish.break_glass:
            return (self.rules.break_glass.channel,) if self.rules.break_glass else ()
        return possible_channels(wish.action, self.rules)

    def phrase(self, wish: Wish) -> str:
        """How a wish reads inside a sentence."""
        return self.actions[wish.action].words.phrase(wish)

    async def preview(self, requester: Requester, wish: Wish) -> Preview:
        """The plan as it would be now; nothing is stored."""
        row = self.actions[wish.action]
        await self._check(requester, row.facts.privilege)
        now = await self.store.now()
        complete = replace(wish, reason=wish.reason or REASON_TO_COME)
        plan = await self.planner.plan(PREVIEW_ID, 1, complete, (), now)
        gone = await self.store.tags_gone(plan.vm_key, plan.vm_tags, self.rules.tags_count_for)
        plan = replace(plan, vm_tags_gone=gone)
        rule = choose_rule(plan, self.rules)
        if rule is None:
            raise PlanRefused(no_rule(plan, self.rules).sentence)
        plan = with_rule(plan, rule.name, self.rules.digest)
        is_only = self.choices.is_only(plan.vm_name, plan.resource_group)
        return Preview(plan=plan, happens=row.words.happens(plan), is_only=is_only)

    async def requests(self, requester: Requester, asked: ListAsked) -> RequestsFound:
        """A page of the requests, with their points in the ledger."""
        await self._check(requester, LIST)
        page = await self.store.listed(
            asked.vm, everything=asked.everything, start=asked.start, limit=PAGE_SIZE
        )
        points: dict[str, list[Point]] = {}
        for point in await self.store.points_of([request.id for request in page.requests]):
            points.setdefault(point.request_id, []).append(point)
        kept = await self.store.points()
        return RequestsFound(
            requests=page.requests,
            points=points,
            look=await self.store.last_look(),
            total=page.every if asked.everything else page.current,
            every=page.every,
            kept=[each for each in kept if _means(asked.vm, each.vm_name, each.vm_id)],
        )

    async def what_was_made(
        self, requester: Requester, request_id: str, action: Action
    ) -> MadeFound:
        """What a request made and is there; of an extension, what it extended.

        For who asked for it, who may list, and who may ask for the action: its card is open to all.
        """
        asked = await self.store.get(request_id)
        if asked is None or asked.requester.user_id != requester.user_id:
            await self._check(requester, LIST, self.actions[action].facts.privilege)
        origin = await origin_of(self.store, request_id)
        points = await self.store.points(request_id=origin.id) if origin else ()
        if origin is None or not points:
            raise PlanRefused(nothing_of(request_id))
        return MadeFound(request=origin, points=points)

    async def points(self, requester: Requester, vm: str) -> PointsFound:
        """The points of the ledger, and the resources that Azure shows beside them."""
        await self._check(requester, LIST)
        ledger = await self.store.points()
        now = await self.store.now()
        try:
            shown = await self._shown(ledger, now)
        except _UNREAD as error:
            unread = _listed(ledger, NOTHING_SHOWN, vm)
            return PointsFound(points=unread, at=now, not_read=(str(error),))
        return PointsFound(points=_listed(ledger, shown, vm), at=now)

    async def _shown(self, ledger: Sequence[Point], now: datetime) -> ShownByAzure:
        live, made = await asyncio.gather(
            self.store.live_requests(1000), self.made.made(MADE_PREFIX)
        )
        standing = await self.made.standing(vms_of(ledger, made))
        ids = {request.id for request in live}
        strays = findings(ledger, made, standing, ids, self.pricer(now))
        return ShownByAzure(
            strays=strays,
            known=await self.store.known_requests({one.request_id for one in strays}),
            not_shown=not_shown(ledger, made, now),
            immutable={one.key: one.immutable_until for one in made if one.immutable_until},
        )

    async def _check(self, requester: Requester, *privileges: Privilege) -> None:
        """One of the privileges is enough; a refusal names the last. Raises NotAllowed."""
        for privilege in privileges:
            person, groups = await asyncio.gather(
                self.people.person(requester.user_id),
                self.people.groups(self.rules.requester_groups(privilege)),
            )
            ruling = may_ask(person, privilege, self.rules, groups)
            if ruling.allowed:
                return
        _require(ruling)


def _unknown(request_id: str) -> NotAllowed:
    return NotAllowed(
        f"There is no request {request_id}. “/vmbackup requests” lists those that there are."
    )


def _require_person(user_id: str, channel_id: str) -> None:
    """Raises NotAllowed without a person and a channel: an empty user id means vmbackup itself."""
    if not (user_id and channel_id):
        raise NotAllowed("Slack does not say who this is and where. Nothing was done.")


def _require(ruling: Ruling) -> None:
    if not ruling.allowed:
        raise NotAllowed(ruling.sentence)


def _means(wanted: str, name: str, arm_id: str) -> bool:
    """`web-01`, `rg/web-01` or a full ARM id; empty means every VM."""
    wanted, name = wanted.strip().lower(), name.lower()
    if not wanted or wanted in (name, arm_id.lower()):
        return True
    parts = arm_id.lower().split("/")
    return len(parts) == 9 and wanted == f"{parts[4]}/{parts[8]}"


def _listed(ledger: Sequence[Point], shown: ShownByAzure, vm: str) -> tuple[ListedPoint, ...]:
    """The ledger's rows with their status, and the resources that the ledger does not have."""
    standings = {finding.record.key: _STANDINGS[finding.why] for finding in shown.strays}
    standings |= {point.arm_id.lower(): PointStatus.NOT_READ for point in shown.not_shown}
    standings |= {
        point.arm_id.lower(): _LOOKED[point.in_azure]
        for point in ledger
        if point.in_azure in _LOOKED
    }
    kept = [
        ListedPoint.of(
            point,
            standing=standings.get(point.arm_id.lower(), PointStatus.KEPT),
            immutable_until=shown.immutable.get(point.arm_id.lower()),
        )
        for point in ledger
        if _means(vm, point.vm_name, point.vm_id)
    ]
    unrecorded = [
        _of_finding(finding, is_known=finding.request_id in shown.known)
        for finding in shown.strays
        if finding.point is None and _means(vm, _vm_name(finding.vm_id), finding.vm_id)
    ]
    return (*kept, *unrecorded)


def _of_finding(finding: StrayResource, *, is_known: bool) -> ListedPoint:
    record = finding.record
    return ListedPoint(
        arm_id=record.id,
        kind=finding.kind,
        vm_name=_vm_name(finding.vm_id),
        disk_name=record.source_id.rpartition("/")[2],
        made_at=record.created,
        size_gib=record.size_gib or 0,
        billed_gib=None,
        cost_a_month=finding.cost.a_month,
        currency=finding.cost.currency,
        expires_at=None,
        requester_id="",
        request_id=finding.request_id,
        standing=PointStatus.LEFTOVER if is_known else PointStatus.UNKNOWN,
        immutable_until=record.immutable_until,
    )


def _vm_name(vm_id: str) -> str:
    return vm_id.rpartition("/")[2]
