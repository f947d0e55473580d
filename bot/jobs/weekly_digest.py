"""The weekly digest: the fleet is read, compared with what is remembered, and the changes are told.

The channel hears only of changes; where there are none, nothing is posted. Whatever cannot be read
is put off or left as it was remembered, and never told as a change.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from advisor.azure.subscription_standing import SubscriptionIs, SubscriptionStanding
from advisor.azure.vm_standing import VmIs, VmStanding
from advisor.errors import DatabaseUnreachable, VmbackupError
from advisor.fleet.billed_again import billed_again
from advisor.fleet.changes import (
    FleetNow,
    gone_vms,
    lost_scopes,
    missing_vms,
    moved_from,
    vm_changes,
)
from advisor.fleet.cores import Work
from advisor.fleet.lost_scopes import of_subscription, to_ask_about
from advisor.fleet.price_moves import (
    BillMoved,
    PriceMove,
    SeenPrice,
    VmCost,
    bill_moved,
    cost_of,
    is_told,
    kept_prices,
    price_moves,
    seen_prices,
)
from advisor.fleet.seen import SeenVm, is_read, remembered, seen_vm
from advisor.model import KnownVm, Meter
from advisor.model.fleet import FleetRow
from advisor.prices.book import Price
from advisor.words import clean, counted
from bot.database.fleet_digest import DigestStore, DigestTaken, DigestToSettle
from bot.jobs.digest_memory import (
    basis_now,
    prices_as_stored,
    recalled,
    recalled_basis,
    recalled_prices,
    vm_as_stored,
)
from bot.jobs.fleet_reader import (
    FleetRead,
    FleetReader,
    beside_the_loop,
    unless_set,
    unread_clauses,
)
from bot.jobs.queue import MayAct, always
from bot.loops import again_and_again
from bot.messages.digest_card import Digest, digest_card, digest_file
from bot.requests.approval.rules import WeeklyDigestRule
from bot.requests.approval.rulings import Ruling

_log = logging.getLogger(__name__)

#: Longer than a reading takes: a worker that died is followed by another one then. Ours.
LEASE_SECONDS = 45 * 60.0
LONGEST_SECONDS = 40 * 60.0
#: A part of the fleet is read again so often, and so much later; then what was read counts. Ours.
PARTIAL_TRIES, PARTIAL_PAUSE_SECONDS = 3, 20 * 60.0
#: After a reading that failed, and while the channel may not read about VMs. Ours.
AGAIN_SECONDS, NOT_ALLOWED_SECONDS = 10 * 60.0, 60 * 60.0
_NOT_ALLOWED = (
    "the channel {} is shared with others, or Slack does not say who reads it. Name another one "
    "in [fleet], or this one in [channels] public."
)
WEEK = timedelta(days=7)


class JudgesChannels(Protocol):
    """The rules of which channels may read about VMs."""

    async def may_be_public(self, channel_id: str, *, fresh: bool = False) -> Ruling: ...


def last_slot(rule: WeeklyDigestRule, now: datetime) -> datetime:
    """The newest time at which a digest was due, at or before now."""
    today = now.replace(hour=rule.hour_utc, minute=0, second=0, microsecond=0)
    slot = today - timedelta(days=(now.weekday() - rule.weekday) % 7)
    return slot if slot <= now else slot - WEEK


@dataclass(slots=True)
class _Watched:
    """What is taken of each VM as it passes."""

    vms: dict[str, SeenVm]
    read: set[str]
    costs: dict[str, VmCost]
    made: dict[str, datetime]  #: when, of the VMs of which Azure says it

    def see(self, known: KnownVm, row: FleetRow) -> None:
        key = known.vm.key
        self.vms[key], self.costs[key] = seen_vm(known, row), cost_of(row)
        if is_read(known, row):
            self.read.add(key)
        if known.vm.created is not None:
            self.made[key] = known.vm.created


class WeeklyDigest:
    """Runs beside the sweeps of a worker. It never ends the bot: what fails is tried again."""

    def __init__(
        self,
        rule: WeeklyDigestRule,
        reader: FleetReader,
        store: DigestStore,
        audience: JudgesChannels,
        clock: Callable[[], datetime],
        new_token: Callable[[], str],
        may_act: MayAct = always,
        every_seconds: float = 30.0,
    ) -> None:
        """`every_seconds`: between two looks whether a digest is due."""
        self._rule, self._reader, self._store, self._audience = rule, reader, store, audience
        self._clock, self._new_token, self._may_act = clock, new_token, may_act
        self._every_seconds = every_seconds

    async def run(self) -> None:
        """Look until the task is cancelled."""
        what = "the digest of the fleet"
        await again_and_again(self.once, what, self._every_seconds, self._may_act)

    async def once(self) -> bool:
        """Settle the digest that is due; False where none is, or it was put off.

        Raises DatabaseUnreachable.
        """
        slot, token = last_slot(self._rule, self._clock()), self._new_token()
        taken = await self._store.take(slot, token, LEASE_SECONDS)
        if taken is None:
            return False
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                settled = await self._digest(slot, taken)
        except DatabaseUnreachable:
            raise
        except (VmbackupError, TimeoutError) as error:
            await self._put_off(token, AGAIN_SECONDS, str(error) or "it took too long")
            return False
        if isinstance(settled, _PutOff):
            await self._put_off(token, settled.seconds, settled.why)
            return False
        return await self._store.settle(token, settled)

    async def _put_off(self, token: str, seconds: float, why: str) -> None:
        _log.warning("The digest of the fleet is put off by %.0f min: %s", seconds / 60, why)
        await self._store.put_off(token, seconds, why)

    async def _digest(self, slot: datetime, taken: DigestTaken) -> DigestToSettle | _PutOff:
        ruling = await self._audience.may_be_public(self._rule.channel, fresh=True)
        if not ruling.allowed:
            return _PutOff(NOT_ALLOWED_SECONDS, _NOT_ALLOWED.format(self._rule.channel))
        watched = _Watched({}, set(), {}, {})
        read = await self._reader.read(watched.see)
        unread = unread_clauses(read.estate)
        if unread and taken.tries < PARTIAL_TRIES:
            return _PutOff(PARTIAL_PAUSE_SECONDS, f"a part was not read: {'; '.join(unread)}")
        stored = await self._store.seen()
        now, standings = await self._asked(recalled(stored).vms, _now(read, watched, taken))
        failed = _unknown_clauses(standings, VmIs.FAILED)
        if failed and taken.tries < PARTIAL_TRIES:
            return _PutOff(PARTIAL_PAUSE_SECONDS, f"a question failed: {'; '.join(failed)}")
        unread = (*failed, *_unknown_clauses(standings, VmIs.NOT_ASKED), *unread)
        return await beside_the_loop(
            lambda stop: self._settled(slot, taken, read, stored, now, unread, stop)
        )

    async def _asked(
        self, before: Mapping[str, SeenVm], now: FleetNow
    ) -> tuple[FleetNow, Sequence[VmStanding]]:
        """With what Azure says of what it does not list, though all was listed: first of
        subscriptions of which nothing came, then of single VMs."""
        asked = to_ask_about(before, now.subscriptions) if now.is_whole else ()
        now = _with(now, await self._reader.standing_of(asked) if asked else ())
        missing = [vm.vm_id for vm in missing_vms(before, now)]
        standings = await self._reader.vm_standings(missing, now.vms) if missing else ()
        return _with_vms(now, standings), standings

    def _settled(
        self,
        slot: datetime,
        taken: DigestTaken,
        read: FleetRead,
        stored: Mapping[str, Mapping[str, Any]],
        now: FleetNow,
        unread: Sequence[str],
        stop: threading.Event,
    ) -> DigestToSettle:
        before = recalled(stored)
        basis, prices = basis_now(self._reader.tiers), recalled_prices(taken.prices)
        moved = self._moved(read, prices, now, stop)
        compared = now._replace(read=[key for key in now.read if key not in before.unreadable])
        then = recalled_basis(taken.basis)
        digest = Digest(
            vms=vm_changes(before.vms, compared, moved, then, basis) if taken.read_at else (),
            moved=moved,
            since=taken.read_at or read.at,
            unread=unread,
            currency=self._reader.currency,
            lost=lost_scopes(before.vms, now) if taken.read_at else (),
        )
        says = taken.read_at is not None and not digest.is_silent
        return DigestToSettle(
            slot=slot,
            read_at=read.at,
            seen=_other_than(stored, _remembered(before.vms, now)),
            gone=_forgotten(before.vms, now),
            prices=prices_as_stored(kept_prices(prices, seen_prices(read.pricer), _told(moved))),
            basis=basis._asdict(),
            channel_id=self._rule.channel,
            message=digest_card(digest).as_post() if says else None,
            file=digest_file(digest, read.at) if says else None,
        )

    def _moved(
        self, read: FleetRead, prices: Sequence[SeenPrice], now: FleetNow, stop: threading.Event
    ) -> BillMoved:
        def billed_by(vms: Sequence[KnownVm], held: Mapping[Meter, Price]) -> Mapping[str, VmCost]:
            work = Work(self._reader.currency, self._reader.tiers, read.pricer.book, read.at)
            return dict(unless_set(stop, billed_again(vms, work, held)))

        moves = list(price_moves(prices, read.pricer))
        return bill_moved(moves, read.estate.fleet.vms, now.costs, billed_by)


@dataclass(frozen=True, slots=True)
class _PutOff:
    """The digest is read again after so many seconds."""

    seconds: float
    why: str


def _now(read: FleetRead, watched: _Watched, taken: DigestTaken) -> FleetNow:
    estate = read.estate
    return FleetNow(
        vms=watched.vms,
        read=watched.read,
        costs=watched.costs,
        subscriptions=estate.scopes_read.subscriptions,
        is_whole=estate.disks_read,
        made_since={
            key for key, at in watched.made.items() if taken.read_at and at > taken.read_at
        },
    )


def _with(now: FleetNow, standing: Sequence[SubscriptionStanding]) -> FleetNow:
    by_standing = {
        kind: {each.subscription_id: each.why for each in standing if each.standing is kind}
        for kind in SubscriptionIs
    }
    return now._replace(
        subscriptions={*now.subscriptions, *by_standing[SubscriptionIs.EMPTY]},
        gone_subscriptions=by_standing[SubscriptionIs.GONE],
        unreadable=by_standing[SubscriptionIs.UNREADABLE],
    )


def _with_vms(now: FleetNow, standings: Sequence[VmStanding]) -> FleetNow:
    by_standing = {
        kind: {each.vm_id: each.why for each in standings if each.standing is kind} for kind in VmIs
    }
    return now._replace(
        gone_vms=by_standing[VmIs.GONE],
        unreadable_vms=by_standing[VmIs.UNREADABLE],
        unlisted=by_standing[VmIs.THERE].keys(),
    )


def _unknown_clauses(standings: Sequence[VmStanding], kind: VmIs) -> tuple[str, ...]:
    """`what became of 3 VMs that are not listed: 503`, by the reason."""
    counts = Counter(each.why for each in standings if each.standing is kind)
    return tuple(
        f"what became of {counted(count, 'VM')} not listed any more: {clean(why)}"
        for why, count in counts.items()
    )


def _forgotten(before: Mapping[str, SeenVm], now: FleetNow) -> list[str]:
    """What is gone, and what is remembered under another id from now on."""
    moved = moved_from(before, now).values()
    return [vm.key for vm in (*gone_vms(before, now), *moved)]


def _remembered(before: Mapping[str, SeenVm], now: FleetNow) -> dict[str, SeenVm]:
    """All but what is left as it is stored: VMs of which nobody could say anything."""
    elsewhere = moved_from(before, now)
    lost = {vm.key for each in now.unreadable for vm in of_subscription(before, each)}
    lost = (lost | now.unreadable_vms.keys()) - {vm.key for vm in elsewhere.values()}
    missed = {key: before[key]._replace(is_lost=True) for key in lost}
    found = {key: before[key]._replace(is_lost=False) for key in now.unlisted}
    return {**missed, **found} | {
        key: remembered(before.get(key) or elsewhere.get(key), vm, was_read=key in now.read)
        for key, vm in now.vms.items()
    }


def _other_than(
    stored: Mapping[str, Mapping[str, Any]], now: Mapping[str, SeenVm]
) -> dict[str, Mapping[str, Any]]:
    """What is to be stored anew: in most weeks that is little of a fleet."""
    made = {key: vm_as_stored(vm) for key, vm in now.items()}
    return {key: vm for key, vm in made.items() if stored.get(key) != vm}


def _told(moved: BillMoved) -> list[PriceMove]:
    return [*moved.idle, *(each.move for each in moved.effects if is_told(each))]
