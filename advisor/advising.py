"""Advice on a VM that is known: here inventory, need, sizing and prices are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic
from typing import Protocol

from advisor.asked import AdviceAsked, EstimateAsked, StatedDisk
from advisor.errors import UsageError
from advisor.leave_out import left_out_disks
from advisor.model import (
    Advice,
    Disk,
    DiskSize,
    Estimated,
    KnownVm,
    Need,
    Range,
    Reading,
    Source,
    Vm,
)
from advisor.needs import Tiers, need_of
from advisor.options import BY_NAME
from advisor.options.case import case_of
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from advisor.prices.reserved import reserved_savings
from advisor.prices.source import ROUNDS, PriceSource
from advisor.prices.wanted import WantedPrices, wanted_of
from advisor.recommend import Decided, recommend
from advisor.recommend.assess import Judge
from advisor.recommend.detail import in_detail
from advisor.recommend.months import by_month
from advisor.recommend.prices_used import prices_used
from advisor.recommend.spread import drives_spread
from advisor.recommend.unbuilt import OF_NO_VM, of_no_vm
from advisor.sizing import size, sizing_of
from advisor.stated_sizes import StatedSizes, stated_sizes
from advisor.write_limits import most_written_gib_per_day


class VmFinder(Protocol):
    """An inventory that finds one VM by its name."""

    async def find(self, wanted: str, now: datetime) -> KnownVm: ...


class Advisor:
    """Advice on VMs of a live inventory."""

    def __init__(
        self,
        inventory: VmFinder,
        tiers: Tiers,
        prices: PriceSource,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._inventory = inventory
        self._tiers = tiers
        self._prices = prices
        self._clock = clock

    async def advise(self, asked: AdviceAsked) -> Advice:
        """Find the VM and advise on it. Raises what reading raises, and UsageError."""
        now = self._clock()
        known = await self._inventory.find(asked.vm, now)
        advice, wanted = self._advice(known, asked, now)
        notes: dict[str, None] = {}
        began = monotonic()
        for _ in range(ROUNDS):
            said = await self._prices.bring(wanted, now, monotonic() - began)
            notes |= dict.fromkeys(said.notes)
            if not said.has_new:
                break
            advice, wanted = self._advice(known, asked, now)
        return replace(advice, price_notes=tuple(notes))

    def _advice(
        self, known: KnownVm, asked: AdviceAsked, now: datetime
    ) -> tuple[Advice, WantedPrices]:
        pricer = Pricer(self._prices.book, asked.currency, now.date())
        return advise_priced(known, asked, self._tiers, pricer, now), wanted_of(pricer, now.date())


def advise_known(
    known: KnownVm, asked: AdviceAsked, tiers: Tiers, book: Book, now: datetime
) -> Advice:
    """Advice on a VM that is known, in full. Raises UsageError for tags that cannot be read."""
    return advise_priced(known, asked, tiers, Pricer(book, asked.currency, now.date()), now)


def advise_priced(
    known: KnownVm, asked: AdviceAsked, tiers: Tiers, pricer: Pricer, now: datetime
) -> Advice:
    """As `advise_known`; the pricer knows afterwards which meters were looked up."""
    return in_detail(_decided(known, asked, tiers, pricer, now), asked.to, pricer)


def advise_briefly(
    known: KnownVm, asked: AdviceAsked, tiers: Tiers, pricer: Pricer, now: datetime
) -> Advice:
    """Advice on one of many VMs: every configuration judged, those priced that the VM may use, and
    the decision in a few words with its money. What only one VM's reader is told is left out."""
    return _decided(known, asked, tiers, pricer, now).advice


def _decided(
    known: KnownVm, asked: AdviceAsked, tiers: Tiers, pricer: Pricer, now: datetime
) -> Decided:
    vm = known.vm
    need, leave_out = (
        need_of(vm.tags, vm.region, asked, tiers),
        left_out_disks(vm, asked.leave_out),
    )
    if leave_out:
        need = replace(need, leave_out=leave_out)
    sizing = size(known, stated_sizes(asked, vm.tags))
    return recommend(known, need, sizing, asked.to, pricer, now)


# --- a VM that does not exist yet ------------------------------------------------------------


def estimate(asked: EstimateAsked, book: Book, now: datetime) -> Estimated:
    """One option in one configuration for a VM that does not exist. Raises UsageError."""
    return estimate_priced(asked, Pricer(book, asked.currency, now.date()))


def estimate_priced(asked: EstimateAsked, pricer: Pricer) -> Estimated:
    """As `estimate`; the pricer knows afterwards which meters were looked up."""
    option = BY_NAME.get(asked.option)
    if option is None:
        raise UsageError(f"There is no option called {asked.option}.")
    vm = _imagined(asked)
    stated = StatedSizes(
        churn_share_per_day=asked.churn_share_per_day,
        changed_gib_per_day=asked.changed_gib_per_day,
        written_gib_per_day=asked.written_gib_per_day,
        peak_write_mb_per_s=asked.peak_write_mb_per_s,
    )
    sizing = sizing_of(
        _sizes(vm, asked.disks), stated, most_gib_per_day=most_written_gib_per_day(vm)
    )
    case = case_of(vm, sizing, Need(), _said_target(asked))
    [proposal] = option.propose(case, [option.said_configuration(case, asked.said)])
    assessment = Judge(Need()).assess(proposal, *pricer.bill(proposal.usages))
    assessment = of_no_vm(assessment, vm, sizing)
    used = prices_used((assessment,), pricer.on)
    return Estimated(
        sizing=sizing,
        assessment=assessment,
        by_month=by_month(case, (assessment,), pricer),
        drives_spread=drives_spread(case, (assessment,), pricer, OF_NO_VM),
        savings=reserved_savings(assessment.lines),
        prices_as_of=used.as_of,
        prices_age_days=used.age_days,
    )


def _said_target(asked: EstimateAsked) -> str | None:
    to = asked.said.get("to")
    return str(to) if to else None


def _imagined(asked: EstimateAsked) -> Vm:
    """The VM of an estimate: its disks, and nothing else is known of it."""
    disks = tuple(_disk(number, stated) for number, stated in enumerate(asked.disks))
    zones = ("1",) if (_said_target(asked) or "").startswith("zone:") else ()
    return Vm(
        id=f"/subscriptions/estimate/resourceGroups/estimate/{asked.region}",
        name="estimate",
        resource_group="estimate",
        subscription_id="estimate",
        region=asked.region,
        size=asked.size,
        disks=disks,
        os_type=asked.os_type,
        zones=zones,
    )


def _disk(number: int, stated: StatedDisk) -> Disk:
    return Disk(
        name="os-disk" if number == 0 else f"data-disk-{number}",
        is_os=number == 0,
        lun=None if number == 0 else number - 1,
        reading=Reading.READ,
        sku=stated.sku,
        size_gib=stated.provisioned_gib,
        max_shares=1,
        iops=stated.iops,
        throughput_mb_per_s=stated.throughput_mb_per_s,
    )


def _sizes(vm: Vm, stated: tuple[StatedDisk, ...]) -> tuple[DiskSize, ...]:
    known = KnownVm(vm=vm)
    assumed = size(known, StatedSizes()).disks
    return tuple(
        guess if disk.used_gib is None else _said_size(guess, disk.used_gib)
        for guess, disk in zip(assumed, stated, strict=True)
    )


def _said_size(guess: DiskSize, used_gib: Decimal) -> DiskSize:
    if guess.provisioned_gib is not None and used_gib > guess.provisioned_gib:
        raise UsageError(
            f"{guess.disk.name} cannot hold {used_gib} GB: it has {guess.provisioned_gib} GB."
        )
    return DiskSize(
        disk=guess.disk,
        provisioned_gib=guess.provisioned_gib,
        used_gib=Range.exactly(used_gib),
        source=Source.STATED,
    )
