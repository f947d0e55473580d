"""A bill put together: the whole inventory, the charges of its subscriptions, the estimate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from advisor.asked import AdviceAsked
from advisor.bill.accuracy import JudgedMonth
from advisor.bill.bill import FleetBill, VmBill, totals
from advisor.bill.charges import Apart, MonthCharges
from advisor.bill.compare import GivenEstimate, LineError, differences
from advisor.bill.divide import BilledLine, Weights, divided, vault_of
from advisor.bill.estimates import estimated_lines
from advisor.bill.expected import Unlearnable
from advisor.bill.kinds import VAULT_TYPE, BillPart, MeterPurpose
from advisor.bill.learn import learned_of
from advisor.bill.ledger import LedgerEntry, estimate_for
from advisor.bill.months import Month
from advisor.bill.owners import Owners, owners_of
from advisor.earlier import NOTHING_EARLIER, Earlier, with_earlier
from advisor.errors import UsageError
from advisor.inventory.find import Fleet
from advisor.model import BilledSizes, KnownVm, Need
from advisor.options.case import case_of
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from advisor.recommend.assess import Judge
from advisor.recommend.standing import standings
from advisor.sizing import size
from advisor.stated_sizes import stated_sizes

if TYPE_CHECKING:
    from advisor.azure.cost_cache import CostCache
    from advisor.azure.live import LiveInventory
    from advisor.azure.whole import WholeInventory

_WITHOUT_CHARGES = "USD"
Learned = Mapping[str, BilledSizes]


class HeldMonths(NamedTuple):
    """Months held against estimates, and what the newest of them tells of the VMs."""

    judged: tuple[JudgedMonth, ...]
    learned: Learned


class Billing:
    """Bills of VMs of a live inventory. The currency is the bill's own."""

    def __init__(
        self,
        inventory: LiveInventory,
        book: Book,
        cache: CostCache,
        ledger: Sequence[LedgerEntry] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        earlier: Mapping[str, Earlier] = MappingProxyType({}),
    ) -> None:
        """`earlier`: what was found out of each VM before, by its lower-cased id."""
        self._inventory, self._book, self._cache = inventory, book, cache
        self._ledger, self._clock, self._earlier = ledger, clock, earlier

    async def of_vm(self, wanted: str, month: Month) -> VmBill:
        """The bill of one VM. Raises what reading raises: half of a bill is none."""
        from advisor.azure.whole import whole_inventory

        now = self._clock()
        whole = await whole_inventory(self._inventory, now)
        known = Fleet(whole.vms).find(wanted)
        owners = owners_of(whole.resources)
        charges = await self._charges(_subscriptions_of(known, owners), month, now)
        lines = self._lines(charges, whole, owners, month, now)
        return self._vm_bill(known, month, charges, lines, whole, now)

    async def of_all(self, month: Month) -> FleetBill:
        """The bill of every VM that one may read. Raises what reading raises."""
        from advisor.azure.whole import whole_inventory

        now = self._clock()
        whole = await whole_inventory(self._inventory, now)
        owners = owners_of(whole.resources)
        named = sorted({_subscription(each) for each in (*owners.names, *owners.items)})
        charges = await self._charges(named, month, now)
        lines = self._lines(charges, whole, owners, month, now)
        return FleetBill(
            month=month,
            read_at=_oldest(charges, now),
            today=now.date(),
            subscriptions=tuple(named),
            lines=lines,
            learned=self._learned_of(whole.vms, lines, month, now),
            names=owners.names,
            apart=_apart(charges),
            notes=tuple(str(each) for each in whole.unread),
        )

    async def judged(self, months: Sequence[Month]) -> HeldMonths:
        """Every VM and month of which the ledger has an estimate given before, held against it.

        Raises what reading raises, and UsageError for a month that is not final.
        """
        from advisor.azure.whole import whole_inventory

        now = self._clock()
        for month in months:
            if not month.is_final(now.date()):
                raise UsageError(f"{month} has no verdict until {month.final_on}. Name another.")
        whole = await whole_inventory(self._inventory, now)
        owners = owners_of(whole.resources)
        named = sorted({_subscription(each) for each in (*owners.names, *owners.items)})
        found: list[JudgedMonth] = []
        billed: list[tuple[Month, Sequence[BilledLine]]] = []
        for month in months:
            charges = await self._charges(named, month, now)
            billed.append((month, self._lines(charges, whole, owners, month, now)))
            found += self._judged_in(*billed[-1])
        learned: Learned = {}
        for month, lines in sorted(billed, key=lambda one: one[0], reverse=True):
            still = [known for known in whole.vms if known.vm.key not in learned]
            learned = {**learned, **self._learned_of(still, lines, month, now)}
        return HeldMonths(tuple(found), learned)

    def _judged_in(self, month: Month, lines: Sequence[BilledLine]) -> Iterator[JudgedMonth]:
        of_vm: dict[str, list[BilledLine]] = defaultdict(list)
        for line in lines:
            if line.vm:
                of_vm[line.vm].append(line)
        for vm in sorted({*of_vm, *(entry.vm for entry in self._ledger)}):
            own = of_vm[vm]
            currency = _currency_of(own) if own else self._last_currency(vm)
            said = estimate_for(self._ledger, vm, month, currency, _parts(own))
            if said is not None:
                yield JudgedMonth(vm, month, currency, differences(own, said, currency))

    def _last_currency(self, vm: str) -> str:
        """That of the newest entry of a VM that has one."""
        return max((e for e in self._ledger if e.vm == vm), key=lambda e: e.given_at).currency

    def _vm_bill(
        self,
        known: KnownVm,
        month: Month,
        charges: Sequence[MonthCharges],
        lines: Sequence[BilledLine],
        whole: WholeInventory,
        now: datetime,
    ) -> VmBill:
        own = tuple(line for line in lines if line.vm == known.vm.key)
        vaults = {vault_of(line.resource_id) for line in own} - {""}
        currency = _currency_of(own)
        said = estimate_for(self._ledger, known.vm.key, month, currency, _parts(own))
        estimate = said or self.estimate(known, currency, month, now)
        # A month that is not final has no verdict: the rest of its charges is still to come.
        is_final = month.is_final(now.date())
        compared = differences(own, estimate, currency) if estimate and is_final else ()
        learned, why_not = self._learned_from(known, lines, month, now)
        return VmBill(
            vm=known.vm.key,
            name=known.vm.name,
            month=month,
            read_at=_oldest(charges, now),
            today=now.date(),
            lines=own,
            nobody=tuple(
                line for line in lines if not line.vm and vault_of(line.resource_id) in vaults
            ),
            apart=_apart(charges),
            estimate=estimate,
            differences=tuple(sorted(compared, key=_largest_first)),
            notes=tuple(str(each) for each in whole.unread),
            learned=learned,
            not_learned=why_not,
        )

    def _learned_of(
        self, vms: Iterable[KnownVm], lines: Sequence[BilledLine], month: Month, now: datetime
    ) -> Learned:
        """Of every VM of whose bill something can be learned."""
        billed = {line.vm for line in lines}
        each = {
            known.vm.key: self._learned_from(known, lines, month, now)[0]
            for known in vms
            if known.vm.key in billed
        }
        return {vm: found for vm, found in each.items() if found is not None}

    def _learned_from(
        self, known: KnownVm, lines: Sequence[BilledLine], month: Month, now: datetime
    ) -> tuple[BilledSizes | None, str]:
        """What the month tells of one VM, or why nothing."""
        if not month.is_final(now.date()):
            return None, f"charges of {month} go on arriving until {month.final_on}"
        try:
            stated = stated_sizes(AdviceAsked(vm=known.vm.id), known.vm.tags)
            return learned_of(known, lines, month, stated, now), ""
        except Unlearnable as error:
            return None, str(error)
        except UsageError:
            return None, "its tags cannot be read"

    async def _charges(
        self, subscriptions: Iterable[str], month: Month, now: datetime
    ) -> list[MonthCharges]:
        connection = self._inventory.connection
        return await self._cache.charges(connection, subscriptions, month, now)

    def _lines(
        self,
        charges: Sequence[MonthCharges],
        whole: WholeInventory,
        owners: Owners,
        month: Month,
        now: datetime,
    ) -> tuple[BilledLine, ...]:
        usage = [charge for each in charges for charge in each.usage]
        shared = {charge.resource_id for charge in usage if _is_vault(charge.resource_id)}
        sharing = {item.vm for vault in shared for item in owners.items.get(vault, ()) if item.vm}
        weighed = (each for each in whole.vms if each.vm.key in sharing)
        weights = self._weights(weighed, month, now)
        return divided(usage, owners, weights)

    def _weights(self, vms: Iterable[KnownVm], month: Month, now: datetime) -> Weights:
        found: dict[str, Mapping[MeterPurpose, Decimal]] = {}
        for known in vms:
            estimate = self.estimate(known, _WITHOUT_CHARGES, month, now)
            if estimate is None:
                continue
            of_kind: dict[MeterPurpose, Decimal] = {}
            for line in estimate.lines:
                if line.part is BillPart.BACKUP and line.quantity is not None:
                    before = of_kind.get(line.kind, Decimal(0))
                    of_kind[line.kind] = before + line.quantity.likely
            found[known.vm.key] = of_kind
        return found

    def estimate(
        self, known: KnownVm, currency: str, month: Month, now: datetime
    ) -> GivenEstimate | None:
        """What the protection in place is estimated to cost a month; None: nothing is priced.

        What the bill of that month, or of a later one, told is left out: it would be held against
        itself, and a bill would be shared out otherwise each time that somebody asks for it.
        """
        vm = known.vm
        earlier = self._earlier.get(vm.key, NOTHING_EARLIER)
        if earlier.billed is not None and earlier.billed.month >= str(month):
            earlier = earlier._replace(billed=None)
        known = with_earlier(known, earlier, now)
        try:
            sizing = size(known, stated_sizes(AdviceAsked(vm=vm.id), vm.tags))
        except UsageError:
            return None  # a tag that cannot be read leaves this VM without an estimate
        pricer = Pricer(self._book, currency, now.date())
        case = case_of(vm, sizing, Need(), None)
        found = standings(known, case, Judge(Need(), vm.disks), pricer, now)
        lines = estimated_lines(each.today for each in found if each.today is not None)
        case.made.clear()
        return GivenEstimate(vm.key, now, currency, lines) if lines else None


def _subscriptions_of(known: KnownVm, owners: Owners) -> list[str]:
    """Where anything that protects the VM is billed."""
    key = known.vm.key
    of_vaults = (vault for vault, items in owners.items.items() if any(i.vm == key for i in items))
    of_points = (resource for resource, owned in owners.resources.items() if owned.vm == key)
    return sorted({_subscription(each) for each in (key, *of_vaults, *of_points)})


def _subscription(arm_id: str) -> str:
    return arm_id.split("/")[2]


def _is_vault(resource_id: str) -> bool:
    return VAULT_TYPE in resource_id and vault_of(resource_id) == resource_id


def _oldest(charges: Sequence[MonthCharges], now: datetime) -> datetime:
    return min((each.read_at for each in charges), default=now)


def _apart(charges: Iterable[MonthCharges]) -> tuple[Apart, ...]:
    return tuple(one for each in charges for one in each.apart)


def _currency_of(lines: Sequence[BilledLine]) -> str:
    """That in which most was billed: what is estimated is held against that one."""
    found = totals(lines)
    return max(found, key=lambda currency: abs(found[currency]), default=_WITHOUT_CHARGES)


def _parts(lines: Iterable[BilledLine]) -> set[BillPart]:
    return {line.part for line in lines}


def _largest_first(each: LineError) -> tuple[Decimal, str]:
    return -abs(each.billed or each.not_billed), each.kind
