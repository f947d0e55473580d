"""What is refused before there is a request: spelling, bounds, ids; what is unknown passes.

It reads memory and the bot's own database alone, because a person waits. A worker judges
everything again from what Azure shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from advisor.errors import UsageError, VmAmbiguous, VmNotFound
from advisor.inventory.find import nearest_names
from advisor.inventory.resource_graph import wanted_vm
from advisor.quantities import format_duration
from advisor.words import clean, duration
from bot.database.store import Store
from bot.jobs.known_vms import KnownVmName
from bot.requests.action import Action, Effect
from bot.requests.approval.people import SlackThrottled
from bot.requests.approval.rules import RequestRules
from bot.requests.approval.who_may import may_ask
from bot.requests.model import Kind, Point, Requester, Wish
from bot.requests.plans.bounds import Bounds, out_of_bounds
from bot.requests.plans.resources import made_of
from bot.requests.refusals import PlanRefused
from bot.requests.request import ActionRows
from bot.workflow.origin import origin_of
from bot.workflow.ports import ReadsPeople

#: A refusal waits for Slack no longer than this; without its answer a worker judges.
_WHO_SECONDS = 1.0
_SHOWN = 80  #: characters of a typed word that an answer repeats
_LISTS = "/vmbackup snapshots lists what there is."


def nothing_of(request_id: str) -> str:
    """The sentence about a request that made nothing that exists."""
    return f"Nothing of {clean(request_id)[:_SHOWN] or 'it'} exists any more. {_LISTS}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAtOnce:
    """Raises PlanRefused, VmNotFound or VmAmbiguous for a wish that cannot come to anything."""

    store: Store
    people: ReadsPeople
    rules: RequestRules
    actions: ActionRows
    bounds: Bounds
    names: Callable[[], Sequence[KnownVmName] | None]  #: None: the VMs are not known now

    async def check(self, requester: Requester, wish: Wish) -> None:
        """Check what the wish says by itself, then what it names.

        Whoever may not ask is not told here what there is or is not: a worker says why they may
        not, with the same words whatever they named.
        """
        self._check_keep(wish)
        try:
            await self._check_named(wish)
        except (PlanRefused, VmNotFound, VmAmbiguous):
            if await self._may_ask(requester, wish.action):
                raise
            return

    async def _check_named(self, wish: Wish) -> None:
        if wish.of_request or wish.points:
            await self._check_points(wish)
        elif wish.action is Action.SNAPSHOT:
            self._check_vm(wish.vm)

    def _check_keep(self, wish: Wish) -> None:
        if wish.keep is None:
            return
        if self.actions[wish.action].facts.effect is Effect.EXTENDS:
            if not timedelta() < wish.keep <= self.bounds.longest_keep:
                longest = duration(self.bounds.longest_keep)
                raise PlanRefused(
                    f"It can be kept up to {longest} longer. Write it like 12h or 3d."
                )
            return
        if wrong := out_of_bounds(wish.keep, self.bounds, break_glass=wish.break_glass):
            example = format_duration(self.bounds.shortest_keep)
            raise PlanRefused(f"{wrong} Write it like --keep {example}, in m, h or d.")

    # --- points ---------------------------------------------------------------------------------

    async def _check_points(self, wish: Wish) -> None:
        if not wish.of_request:
            await self._check_names(wish.points)
            return
        origin = await origin_of(self.store, wish.of_request)
        if origin is None:
            shown = clean(wish.of_request)[:_SHOWN]
            raise PlanRefused(f"There is no request {shown} here. /vmbackup requests lists them.")
        points = await self.store.points(request_id=origin.id)
        if not points:
            raise PlanRefused(nothing_of(wish.of_request))
        self._check_restorable(wish, points)
        if origin.plan is not None:
            made_of(points, origin.plan, wish, of_ledger=True)

    def _check_restorable(self, wish: Wish, points: Sequence[Point]) -> None:
        if wish.action is Action.RESTORE and any(point.kind is Kind.DISK for point in points):
            raise PlanRefused(
                "These are disks already; only snapshots and restore points are restored."
            )

    async def _check_names(self, names: Sequence[str]) -> None:
        for name in names:
            if await self.store.points_named(name):
                continue
            every = [point.arm_id.rpartition("/")[2] for point in await self.store.points()]
            raise PlanRefused(
                f"vmbackup made nothing that is called “{clean(name)[:_SHOWN]}”.{_or(every, name)} "
                f"{_LISTS}"
            )

    # --- VMs ------------------------------------------------------------------------------------

    def _check_vm(self, typed: str) -> None:
        """A full id passes: it may be that of a VM that is newer than what is remembered."""
        known = self.names()
        try:
            meant = wanted_vm(typed)
        except UsageError:
            return  # the worker says what is wrong with it
        if known is None or meant.subscription:
            return
        found = [
            one
            for one in known
            if one.name.lower() == meant.name.lower()
            and (not meant.group or _same(one.resource_group, meant.group))
        ]
        if len(found) > 1:
            raise VmAmbiguous(typed.strip(), [one.vm_id for one in found])
        if not found:
            offered = [one.name for one in known if has_rule(one, self.rules)]
            raise VmNotFound(typed.strip(), nearest_names(offered, meant.name))

    # --- who ------------------------------------------------------------------------------------

    async def _may_ask(self, requester: Requester, action: Action) -> bool:
        """What Slack does not say in time means no."""
        privilege = self.actions[action].facts.privilege
        try:
            async with asyncio.timeout(_WHO_SECONDS):
                person, groups = await asyncio.gather(
                    self.people.person(requester.user_id),
                    self.people.groups(self.rules.requester_groups(privilege)),
                )
        except (TimeoutError, SlackThrottled):
            return False
        return may_ask(person, privilege, self.rules, groups).allowed


def has_rule(vm: KnownVmName, rules: RequestRules) -> bool:
    """Whether a rule without tags covers the VM's subscription and resource group."""
    return any(
        not rule.tags
        and (not rule.actions or Action.SNAPSHOT in rule.actions)
        and _covers(rule.subscriptions, vm.subscription_id)
        and _covers(rule.resource_groups, vm.resource_group)
        for rule in rules.rules
    )


def _covers(wanted: Sequence[str], name: str) -> bool:
    return not wanted or any(_same(each, name) for each in wanted)


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _or(names: Sequence[str], wanted: str) -> str:
    """` Did you mean “a” or “b”?`, or empty."""
    nearest = nearest_names(names, wanted)
    return f" Did you mean {' or '.join(f'“{name}”' for name in nearest)}?" if nearest else ""
