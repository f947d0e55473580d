"""Fleets of any size: distinct VMs in a believable mix, the same for the same seed.

About half is production; two thirds of that and a fifth of the rest is backed up, one in twelve
replicated, one in ten has snapshots.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from deploy.local.azure.world import Body, World
from deploy.local.fleet.compute import (
    WRITE_PROFILE_TAG,
    DiskSpec,
    VmSpec,
    compute_id,
    snapshot_body,
    vm_bodies,
)
from deploy.local.fleet.containers import container_bodies
from deploy.local.fleet.network import interface_body
from deploy.local.fleet.recovery import (
    ITEM_STATES,
    PolicySpec,
    Replication,
    item_body,
    policy_body,
    replicated_body,
    replication_bodies,
    vault_body,
    vault_id,
)

#: (region, where it is replicated to), often used ones more often.
_REGIONS = (
    *(("westeurope", "northeurope"),) * 4,
    *(("northeurope", "westeurope"),) * 3,
    *(("eastus", "westus"),) * 2,
    ("swedencentral", "swedensouth"),
    ("francecentral", "francesouth"),
    ("belgiumcentral", ""),
)
_SIZES = (
    *("B2s", "B2ms", "D2s_v5", "D2s_v5", "D4s_v5", "D4s_v5", "D4s_v3", "D8s_v5", "D8ds_v5"),
    *("E4s_v5", "E8s_v5", "E16s_v5", "F8s_v2", "D4as_v5", "D4ps_v5", "D4s_v6", "E8ds_v6", "M64s"),
)
_IMAGES = (
    *("windows-2022", "windows-2022", "windows-2019", "windows-2025", "ubuntu-22", "ubuntu-22"),
    *("ubuntu-24", "rhel-9", "sles-15", "debian-12"),
)
_WORK = ("web", "app", "sql", "api", "files", "batch", "queue", "cache", "report", "etl", "print")
#: (environment, is critical) with the share of the fleet that has them, in tenths
_ENVIRONMENTS = (
    *(("production", False),) * 4,
    ("production", True),
    *(("development", False),) * 2,
    *(("test", False),) * 2,
    ("", False),
)
_OS_SKUS = ("Premium_LRS", "Premium_LRS", "Premium_LRS", "StandardSSD_LRS", "Standard_LRS")
_DATA_SKUS = (*_OS_SKUS, "Premium_ZRS", "StandardSSD_ZRS", "PremiumV2_LRS", "UltraSSD_LRS")
_OS_GIB = (32, 64, 64, 128, 128, 256)
_DATA_GIB = (32, 64, 128, 128, 256, 256, 512, 512, 1024, 2048, 4096)
_PROFILES = ("quiet", "quiet", "steady", "steady", "office-hours", "office-hours", "database")
_MOST_DATA_DISKS = 15
_VMS_A_GROUP = 12
_VMS_A_SUBSCRIPTION = 600
#: A vault takes 1,000 VMs (azure-backup limits, 2025-06); fewer here, as people split them.
_REDUNDANCIES = ("lrs", "zrs", "grs", "grs-crr")
_POLICIES = (
    PolicySpec("DefaultPolicy"),
    PolicySpec("EnhancedPolicy", enhanced=True, instant_days=7),
    PolicySpec("four-hourly", enhanced=True, every_hours=4, instant_days=7, weekly=12),
)
_REPLICATION_POLICY = "24-hour-retention-policy"
_STATES = (*("active",) * 14, "failed", "stopped", "soft-deleted", "pending", "overdue", "overdue")


class Kind(NamedTuple):
    """What a generated VM is for."""

    environment: str
    is_critical: bool
    region: str
    target: str


def generated_world(count: int, seed: int = 1, world: World | None = None, alike: int = 1) -> World:
    """The world given, or a new one, with that many VMs. Raises ValueError below 1.

    `alike`: so many VMs in a row come from one template, as machines of one application do: they
    differ in names, zone, time of making, and in the times of their points.
    """
    if count < 1 or alike < 1:
        raise ValueError("A fleet has at least one VM, which is like itself.")
    world = world or World(seed)
    return _Making(world, seed, alike).fill(count)


class _Making:
    """One fleet being made: the dice, the time, and the vaults made so far."""

    def __init__(self, world: World, seed: int, alike: int) -> None:
        self._world, self._now = world, world.now
        self._seed, self._alike = seed, alike
        #: `_own` is thrown for what VMs of one template differ in.
        self._dice = self._own = Random(seed)  # noqa: S311 - a sample, not a secret
        self._vaults: dict[str, Body] = {}

    def fill(self, count: int) -> World:
        for number in range(count):
            if self._alike > 1:
                self._dice = Random(f"{self._seed} {number // self._alike}")  # noqa: S311
            for body in self._one(number):
                self._world.put(body)
        names: dict[str, str] = {}
        for index in range(-(-count // _VMS_A_SUBSCRIPTION)):
            names[_subscription(index)] = f"Fleet {index + 1}"
        everything = list(self._world.resources.values())
        for body in container_bodies(everything, names):
            if body["id"].lower() not in self._world.resources:
                self._world.put(body)
        return self._world

    def _one(self, number: int) -> Iterator[Body]:
        """A VM, its disks and what protects it."""
        environment, is_critical = self._dice.choice(_ENVIRONMENTS)
        kind = Kind(environment, is_critical, *self._dice.choice(_REGIONS))
        spec = self._spec(number, kind)
        created = self._now - timedelta(days=self._own.randint(30, 1500))
        vm, *disks = vm_bodies(spec, created)
        yield vm
        yield from disks
        yield interface_body(vm)
        if self._dice.random() < (0.66 if environment == "production" else 0.2):
            yield from self._backed_up(vm, kind)
        if kind.target and self._dice.random() < (0.5 if is_critical else 0.04):
            yield from self._replicated(vm, kind)
        if self._dice.random() < 0.1:
            yield from self._snapshots(vm, disks)

    # --- the VM ------------------------------------------------------------------------------

    def _spec(self, number: int, kind: Kind) -> VmSpec:
        size, image = self._dice.choice(_SIZES), self._dice.choice(_IMAGES)
        if size == "D4ps_v5":
            image = "ubuntu-22-arm"
        return VmSpec(
            name=f"{self._dice.choice(_WORK)}-{number + 1:05}",
            group=f"rg-{kind.environment[:4] or 'misc'}-{number // _VMS_A_GROUP:04}",
            subscription=_subscription(number // _VMS_A_SUBSCRIPTION),
            region=kind.region,
            size=f"Standard_{size}",
            image=image,
            disks=tuple(self._disks()),
            zone=self._own.choice(("", "1", "2", "3")),
            power="deallocated" if self._dice.random() < 0.08 else "running",
            controller="NVMe" if size.endswith("_v6") else "SCSI",
            tags=self._tags(kind),
            properties=self._features(image),
        )

    def _tags(self, kind: Kind) -> dict[str, str]:
        tags = {WRITE_PROFILE_TAG: self._dice.choice(_PROFILES)}
        if kind.environment:
            tags["environment"] = kind.environment
        if kind.is_critical:
            tags["criticality"] = "mission-critical"
        return tags

    def _features(self, image: str) -> Body:
        chance = self._dice.random()
        if chance < 0.25 and image != "ubuntu-22-arm":
            boot = {"secureBootEnabled": True, "vTpmEnabled": True}
            return {"securityProfile": {"securityType": "TrustedLaunch", "uefiSettings": boot}}
        return {"priority": "Spot", "evictionPolicy": "Deallocate"} if chance > 0.98 else {}

    def _disks(self) -> Iterator[DiskSpec]:
        yield DiskSpec(sku=self._dice.choice(_OS_SKUS), size_gib=self._dice.choice(_OS_GIB))
        for _ in range(min(_MOST_DATA_DISKS, int(self._dice.expovariate(0.6)))):
            sku = self._dice.choice(_DATA_SKUS)
            caching = "None" if sku in ("PremiumV2_LRS", "UltraSSD_LRS") else "ReadOnly"
            yield DiskSpec(sku=sku, size_gib=self._dice.choice(_DATA_GIB), caching=caching)

    # --- what protects it --------------------------------------------------------------------

    def _vault(self, vm: Body, redundancy: str, region: str) -> tuple[Body, list[Body]]:
        """The vault of a VM's subscription, and what there is to put when it is a new one."""
        subscription = vm["id"].split("/")[2]
        name = f"rsv-{region}-{redundancy}"
        arm_id = vault_id(subscription, f"rg-backup-{region}", name)
        found = self._vaults.get(arm_id)
        if found:
            return found, []
        vault = self._vaults[arm_id] = vault_body(arm_id, region, redundancy, {})
        return vault, [vault, *(policy_body(vault, policy) for policy in _POLICIES)]

    def _backed_up(self, vm: Body, kind: Kind) -> Iterator[Body]:
        choices = _REDUNDANCIES if kind.target else _REDUNDANCIES[:2]
        vault, made = self._vault(vm, self._dice.choice(choices), kind.region)
        yield from made
        state = self._dice.choice(_STATES)
        policy = self._dice.choice(_POLICIES)
        said = ITEM_STATES["active" if state == "overdue" else state]
        yield item_body(vault, vm, policy.name, said, self._last(state, policy), policy.daily)

    def _last(self, state: str, policy: PolicySpec) -> datetime | None:
        if state == "pending":
            return None
        hours = self._own.uniform(0.5, policy.every_hours)
        late = {"overdue": 300.0, "stopped": 1500.0, "soft-deleted": 96.0}.get(state, 0.0)
        return self._now - timedelta(hours=hours + late)

    def _replicated(self, vm: Body, kind: Kind) -> Iterator[Body]:
        vault, made = self._vault(vm, "lrs", kind.target)
        yield from made
        pair = ((kind.region, kind.target),)
        bodies = replication_bodies(vault, _REPLICATION_POLICY, timedelta(hours=24), pair)
        yield from (body for body in bodies if body["id"].lower() not in self._world.resources)
        how = Replication(
            policy=_REPLICATION_POLICY,
            to_region=kind.target,
            health="Critical" if self._dice.random() < 0.06 else "Normal",
            rpo_seconds=self._own.randint(30, 600),
        )
        yield replicated_body(vault, vm, how, self._now)

    def _snapshots(self, vm: Body, disks: list[Body]) -> Iterator[Body]:
        """Of every disk, on one to three days; some of them long ago."""
        parts = vm["id"].split("/")
        for point in range(self._dice.randint(1, 3)):
            taken = self._now - timedelta(days=self._dice.choice((1, 3, 40, 400)) + point)
            for disk in disks:
                name = f"{disk['name']}-{taken:%Y%m%d}"
                arm_id = compute_id(parts[2], parts[4], "snapshots", name)
                yield snapshot_body(arm_id, vm["location"], disk, taken, sku="Standard_LRS")


def _subscription(index: int) -> str:
    return f"00000000-0000-4000-8000-{index + 1:012}"
