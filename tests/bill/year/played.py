"""The simulated year at the played Azure: its resources, and what Cost Management has of each day.

Nothing of the product here, either: what is charged is what the simulation says, at the prices of
the played list with the played agreement's discount.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from deploy.local.azure.billing import Bills, Charge
from deploy.local.azure.price_sheet import DISCOUNT
from deploy.local.azure.retail import PriceList, Rate, Rates, rates_on
from deploy.local.azure.world import Body, World
from deploy.local.fleet.compute import (
    DiskSpec,
    VmSpec,
    collection_bodies,
    compute_id,
    moment,
    vm_bodies,
)
from deploy.local.fleet.containers import container_bodies
from deploy.local.fleet.recovery import (
    ITEM_STATES,
    ITEM_TYPE,
    PolicySpec,
    item_body,
    policy_body,
    vault_body,
    vault_id,
)
from tests.bill.year.truth import POLICIES, WARM_UP_DAYS, Stored, TrueVm, fleet, lived

SUBSCRIPTION = "00000000-0000-4000-8000-00000000eeee"
REGION = "westeurope"
#: Of five VMs: three in a vault that bills by item, one alone in its vault, one in a shared one.
BY_ITEM, ALONE = 3, 4
_REACH_DAYS = {policy.name: PolicySpec(**policy._asdict()).reach_days for policy in POLICIES}
_BACKUP = "Backup"
_FEE = (_BACKUP, "Backup", "Azure VM", "Azure VM Protected Instance", REGION)
_STORED = (_BACKUP, "Backup", "Standard", "Standard LRS Data Stored", REGION)
_INCREMENTAL = ("Storage", "Standard HDD Managed Disks", "Snapshots ZRS", "ZRS Snapshots", REGION)
_PREMIUM = ("Storage", "Premium SSD Managed Disks", "Snapshots LRS", "LRS Snapshots", REGION)


@dataclass
class PlayedYear:
    """The world, and the truth that the advisor never sees."""

    world: World
    first: date
    last: date
    ids: dict[int, str] = field(default_factory=dict)  #: of the VMs, lower-cased, by their number
    shared: set[str] = field(default_factory=set)  #: ids of those in the shared vault
    #: What a VM's protection really cost in a month such as 2026-03.
    cost: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def show(self, now: datetime) -> None:
        """Let the backup items show what they would on that day: their newest and oldest point."""
        for item in self.world.of_type(ITEM_TYPE):
            kept = _REACH_DAYS[item["properties"]["policyName"]]
            item["properties"]["lastRecoveryPoint"] = moment(now - timedelta(hours=10))
            info = item["properties"]["extendedInfo"]
            info["oldestRecoveryPoint"] = moment(now - timedelta(days=kept))


def played_year(count: int, seed: int, first: date, last: date) -> PlayedYear:
    """A world with that fleet and its charges from `first` to `last`."""
    year = PlayedYear(World(pace=0.0, retry_after_seconds=0), first, last)
    bills, rates = year.world.part(Bills), rates_on(year.world.part(PriceList).rows, last)
    bills.makes_its_own = False
    for vm in fleet(count, seed):
        vault, item, collection = _put(year, vm)
        on_vault = item if vm.number % 5 < BY_ITEM else vault
        for stored in lived(vm, first, last, seed):
            for charge in _charges(vm, stored, on_vault, collection, rates):
                bills.others.append(charge)
                place = year.ids[vm.number], f"{stored.day:%Y-%m}"
                year.cost[place] = year.cost.get(place, Decimal(0)) + charge.amount
    bodies = list(year.world.resources.values())
    for body in container_bodies(bodies, {SUBSCRIPTION: "Simulated"}):
        year.world.put(body)
    return year


# --- what stands there -----------------------------------------------------------------------


def _put(year: PlayedYear, vm: TrueVm) -> tuple[str, str, str]:
    """The VM and what protects it; the ids that its charges are on, lower-cased."""
    sku = "Premium_LRS" if vm.premium else "Standard_LRS"
    spec = VmSpec(
        name=f"vm-{vm.number:03}",
        group="rg-year",
        subscription=SUBSCRIPTION,
        region=REGION,
        size="Standard_D4s_v5",
        image="windows-2022" if vm.windows else "ubuntu-22",
        disks=tuple(DiskSpec(sku=sku, size_gib=size) for size in vm.disks_gib),
        zone="1",
    )
    begun = datetime.combine(year.first - timedelta(days=WARM_UP_DAYS), time(1), UTC)
    body, *disks = vm_bodies(spec, begun)
    for each in (body, *disks):
        year.world.put(each)
    year.ids[vm.number] = body["id"].lower()
    vault = _vault(year, vm)
    item = item_body(vault, body, vm.policy.name, ITEM_STATES["active"], year.world.now, 30)
    year.world.put(item)
    return vault["id"].lower(), item["id"].lower(), _collection(year, body)


def _vault(year: PlayedYear, vm: TrueVm) -> Body:
    kind = vm.number % 5
    name = "items" if kind < BY_ITEM else f"alone-{vm.number}" if kind < ALONE else "shared"
    if name == "shared":
        year.shared.add(year.ids[vm.number])
    arm_id = vault_id(SUBSCRIPTION, "rg-backup", f"rsv-{name}")
    found = year.world.resources.get(arm_id.lower())
    if found is None:
        found = year.world.put(vault_body(arm_id, REGION, "lrs", {}))
        for policy in POLICIES:
            year.world.put(policy_body(found, PolicySpec(**policy._asdict())))
    return found


def _collection(year: PlayedYear, vm: Body) -> str:
    arm_id = compute_id(
        SUBSCRIPTION,
        f"AzureBackupRG_{REGION}_1",
        "restorePointCollections",
        f"AzureBackup_{vm['name']}_1",
    )
    for body in collection_bodies(arm_id, vm, [year.world.now], "ApplicationConsistent"):
        year.world.put(body)
    return arm_id.lower()


# --- what is charged -------------------------------------------------------------------------


def _charges(
    vm: TrueVm, stored: Stored, on_vault: str, collection: str, rates: Rates
) -> Iterator[Charge]:
    """A day of a month bills its share of the units of a month."""
    days = (stored.day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    snapshots = _PREMIUM if vm.premium and not vm.policy.enhanced else _INCREMENTAL
    if not vm.premium and not vm.policy.enhanced:
        snapshots = (*_INCREMENTAL[:2], "Snapshots LRS", "LRS Snapshots", REGION)
    billed: Sequence[tuple[str, tuple[str, ...], float]] = (
        (on_vault, _FEE, stored.instances),
        (on_vault, _STORED, stored.vault_gib),
        (collection, snapshots, stored.snapshots_gib),
    )
    for resource, meter, units in billed:
        yield _charge(resource, meter, Decimal(str(units)) / days.day, stored.day, rates[meter])


def _charge(
    resource: str, meter: tuple[str, ...], quantity: Decimal, day: date, rate: Rate
) -> Charge:
    service, product, _, name, region = meter
    return Charge(
        resource_id=resource,
        resource_type=resource.split("/providers/")[-1].rsplit("/", 1)[0],
        region=region,
        category=service,
        subcategory="" if product == service else product,
        meter=name,
        unit=rate.unit,
        quantity=quantity,
        amount=quantity * rate.price * (1 - DISCOUNT),
        since=day,
        tags={},
        until=day,
    )
