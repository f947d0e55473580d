"""The sample fleet: about forty VMs in two subscriptions, with everything that protects them.

Every time counts from the moment the world is made, so that a VM that is backed up daily has a
backup of today. `web-01` is the VM to begin with: production, in West Europe, unprotected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from deploy.local.azure.backup.clock import read
from deploy.local.azure.backup.jobs import POINT_TIME, JobPlan, bag_time, finish_job, start_job
from deploy.local.azure.billing import CHANGED_SHARE_A_DAY, used_by
from deploy.local.azure.replication_states import told_of
from deploy.local.azure.site_recovery.items import target
from deploy.local.azure.site_recovery.jobs import finish_job as finish_failover
from deploy.local.azure.site_recovery.jobs import start_job as start_failover
from deploy.local.azure.world import Body, World
from deploy.local.fleet.compute import (
    DiskSpec,
    collection_bodies,
    compute_id,
    disk_body,
    moment,
    snapshot_body,
    unique_id,
    vm_bodies,
)
from deploy.local.fleet.containers import container_bodies
from deploy.local.fleet.network import interface_body
from deploy.local.fleet.recovery import (
    ITEM_STATES,
    REPLICATED_TYPE,
    PolicySpec,
    Replication,
    item_body,
    policy_body,
    replicated_body,
    replication_bodies,
    vault_body,
    vault_id,
)
from deploy.local.fleet.sample_protection import (
    BACKED_UP,
    COLLECTIONS,
    DRILL_MINUTES,
    INSTANT_RESTORE_POINTS,
    ITEMS,
    LEFT_DISKS,
    ORPHANED_SNAPSHOTS,
    POLICIES,
    REPLICATED,
    REPLICATION_HOURS,
    REPLICATION_POLICY,
    RESTORES,
    SNAPSHOTS,
    VAULTS,
    ItemRow,
    ReplicatedRow,
    SnapshotRow,
    VaultRow,
)
from deploy.local.fleet.sample_vms import SUBSCRIPTIONS, sample_vms
from deploy.local.fleet.scale_sets import scale_set_bodies, scale_set_body

_VM_AGE = timedelta(days=420)


def sample_world(
    world: World | None = None,
    replicated: Mapping[str, str] = MappingProxyType({}),
    *,
    scale_sets: bool = False,
) -> World:
    """The world filled with the sample fleet; a new one where none is given.

    `replicated` gives replicated VMs, by name, another state of Site Recovery's STATES.
    With `scale_sets` there are two: of three instances, and of the VM `checkout_1a2b3c`.
    """
    world = world or World()
    now = world.now
    vms = _put_vms(world, now)
    _put_all(world, _vaults(now, vms))
    for item in world.of_type(REPLICATED_TYPE):
        if item["name"] in replicated:
            item["properties"] |= told_of(replicated[item["name"]])
    _put_all(world, _points(now, vms, world))
    _rehearse(world, vms, now)
    if scale_sets:
        _put_all(world, _scale_sets(now))
    _put_all(world, container_bodies(list(world.resources.values()), SUBSCRIPTIONS))
    return world


def _put_all(world: World, bodies: Iterable[Body]) -> None:
    for body in bodies:
        world.put(body)


def _scale_sets(now: datetime) -> Iterator[Body]:
    created = now - _VM_AGE
    specs = {spec.name: spec for spec in sample_vms()}
    render = replace(specs["web-01"], name="vmss-render")
    yield from scale_set_bodies(render, 3, created)
    member = specs["checkout_1a2b3c"]
    arm_id = member.properties["virtualMachineScaleSet"]["id"]
    yield scale_set_body(arm_id, member, "Flexible", 1, created)


def _put_vms(world: World, now: datetime) -> dict[str, Body]:
    """The VMs by group/name; each a day younger than the one before it."""
    vms: dict[str, Body] = {}
    for number, spec in enumerate(sample_vms()):
        vm, *disks = vm_bodies(spec, now - _VM_AGE + timedelta(days=number))
        vms[f"{spec.group}/{spec.name}"] = world.put(vm)
        _put_all(world, [*disks, interface_body(vm)])
    _share_disks(world, vms)
    return vms


def _share_disks(world: World, vms: dict[str, Body]) -> None:
    """A shared disk names one of its VMs as its manager, and all of them in the extended list."""
    holders: dict[str, list[str]] = {}
    for vm in vms.values():
        for disk in vm["properties"]["storageProfile"]["dataDisks"]:
            holders.setdefault(disk["managedDisk"]["id"].lower(), []).append(vm["id"])
    for key, ids in holders.items():
        if len(ids) > 1:
            world.resources[key]["managedByExtended"] = ids


def _vaults(now: datetime, vms: dict[str, Body]) -> Iterator[Body]:
    for row in VAULTS:
        arm_id = vault_id(row.subscription, row.group, row.name)
        vault = vault_body(arm_id, row.region, row.redundancy, {"owner": "platform-team"})
        yield vault
        items = [item for item in ITEMS if item.vault == row.name]
        for name in row.policies:
            count = sum(item.policy == name for item in items)
            yield policy_body(vault, POLICIES[name], count)
        for item in items:
            yield _item(vault, vms[item.vm], item, now)
        yield from _replication(vault, row, vms, now)


def _item(vault: Body, vm: Body, row: ItemRow, now: datetime) -> Body:
    last = None if row.hours is None else now - timedelta(hours=row.hours)
    body = item_body(vault, vm, row.policy, ITEM_STATES[row.state], last, row.points)
    if last is not None and (kept := POLICIES.get(row.policy)):
        oldest = last - timedelta(days=kept.reach_days)
        body["properties"]["extendedInfo"]["oldestRecoveryPoint"] = moment(oldest)
    return body


def _replication(vault: Body, row: VaultRow, vms: dict[str, Body], now: datetime) -> Iterator[Body]:
    if row.replicates:
        history = timedelta(hours=REPLICATION_HOURS)
        yield from replication_bodies(vault, REPLICATION_POLICY, history, row.replicates)
    for item in REPLICATED:
        if item.vault == row.name:
            vm = vms[item.vm]
            yield replicated_body(vault, vm, _how(item, vm, now), now)


def _how(row: ReplicatedRow, vm: Body, now: datetime) -> Replication:
    zone = row.to.removeprefix("zone:") if row.to.startswith("zone:") else ""
    return Replication(
        policy=REPLICATION_POLICY,
        to_region=vm["location"] if zone else row.to,
        to_zone=zone,
        state=row.state,
        health=row.health,
        rpo_seconds=row.rpo_seconds,
        last_drill=None if row.drill_days is None else now - timedelta(days=row.drill_days),
    )


def _rehearse(world: World, vms: Mapping[str, Body], now: datetime) -> None:
    """The jobs of restores and drills that were done before."""
    vaults = {row.name: vault_id(row.subscription, row.group, row.name) for row in VAULTS}
    for row in RESTORES:
        began, takes = now - timedelta(days=row.days), timedelta(minutes=row.minutes)
        point = began - timedelta(days=row.point_days)
        facts = {"Job Type": row.kind, POINT_TIME: bag_time(point)}
        tasks = [("Transfer data from vault", takes)]
        plan = JobPlan(vaults[row.vault], vms[row.vm]["name"], "Restore", tasks, facts)
        finish_job(world, start_job(world, plan, began), began + takes)
    _backed_up(world, vms, vaults, now)
    for item in world.of_type(REPLICATED_TYPE):
        drilled = read(item["properties"].get("lastSuccessfulTestFailoverTime"))
        if drilled is not None:
            began = drilled - timedelta(minutes=DRILL_MINUTES)
            drill = start_failover(world, item["id"], "TestFailover", target(item), began)
            finish_failover(drill, drilled)


def _backed_up(
    world: World, vms: Mapping[str, Body], vaults: Mapping[str, str], now: datetime
) -> None:
    """The jobs of daily backups, with what each copied."""
    for row in BACKED_UP:
        vm, takes = vms[row.vm], timedelta(minutes=25)
        copied = used_by(vm) * CHANGED_SHARE_A_DAY * 1024
        for days in range(row.days, 0, -1):
            began = now - timedelta(days=days, hours=2)
            facts = {"Backup Size": f"{round(copied)} MB"}
            tasks = [("Transfer data to vault", takes)]
            plan = JobPlan(vaults[row.vault], vm["name"], "Backup", tasks, facts, by_user=False)
            finish_job(world, start_job(world, plan, began), began + takes)


def _points(now: datetime, vms: dict[str, Body], world: World) -> Iterator[Body]:
    for row in SNAPSHOTS:
        yield from _snapshots(row, vms[row.vm], world, now)
    yield from _left_behind(now)
    for vm_name, name, hours, consistency in COLLECTIONS:
        vm = vms[vm_name]
        arm_id = _in_group_of(vm, "restorePointCollections", name)
        taken = [now - timedelta(hours=each) for each in hours]
        yield from collection_bodies(arm_id, vm, taken, consistency)
    yield from _instant_restore(now, vms)


def _in_group_of(body: Body, kind: str, name: str) -> str:
    parts = body["id"].split("/")
    return compute_id(parts[2], parts[4], kind, name)


def _snapshots(row: SnapshotRow, vm: Body, world: World, now: datetime) -> Iterator[Body]:
    storage = vm["properties"]["storageProfile"]
    profile = [storage["osDisk"], *storage["dataDisks"]][row.disk]
    disk = world.resources[profile["managedDisk"]["id"].lower()]
    taken = now - timedelta(days=row.days)
    arm_id = _in_group_of(vm, "snapshots", row.name)
    # Snapshots of Ultra and Premium SSD v2 disks are locally redundant here.
    sku = "Standard_LRS" if disk["sku"]["tier"] in ("Ultra", "PremiumV2") else "Standard_ZRS"
    first = snapshot_body(arm_id, vm["location"], disk, taken, sku=sku, tags={"owner": "anna"})
    yield first
    if row.copy_to:
        later = taken + timedelta(minutes=40)
        yield snapshot_body(f"{arm_id}-{row.copy_to}", row.copy_to, first, later)


def _left_behind(now: datetime) -> Iterator[Body]:
    """Snapshots whose disk is gone, and disks and snapshots whose VM is gone."""
    for group, name, subscription, days in ORPHANED_SNAPSHOTS:
        created = now - timedelta(days=days)
        gone = compute_id(subscription, group, "disks", f"{name}-disk")
        disk = disk_body(gone, "westeurope", DiskSpec(sku="Premium_LRS", size_gib=128), created)
        yield snapshot_body(
            compute_id(subscription, group, "snapshots", name), "westeurope", disk, created
        )
    for group, name, subscription, size_gib, days in LEFT_DISKS:
        created = now - timedelta(days=days)
        arm_id = compute_id(subscription, group, "disks", name)
        spec = DiskSpec(sku="Premium_LRS", size_gib=size_gib)
        disk = disk_body(arm_id, "westeurope", spec, created)
        yield disk
        yield snapshot_body(
            compute_id(subscription, group, "snapshots", f"{name}-last"),
            "westeurope",
            disk,
            created,
        )


def _instant_restore(now: datetime, vms: dict[str, Body]) -> Iterator[Body]:
    """Where Azure Backup keeps the instant-restore points of an Enhanced policy."""
    for item in ITEMS:
        policy: PolicySpec | None = POLICIES.get(item.policy)
        if policy is None or not policy.enhanced or item.hours is None:
            continue
        vm = vms[item.vm]
        group = f"AzureBackupRG_{vm['location']}_1"
        name = f"AzureBackup_{vm['name']}_{int(unique_id(vm['id'])[:8], 16)}"
        arm_id = compute_id(vm["id"].split("/")[2], group, "restorePointCollections", name)
        hours = [
            item.hours + policy.every_hours * ago for ago in reversed(range(INSTANT_RESTORE_POINTS))
        ]
        taken = [now - timedelta(hours=each) for each in hours]
        yield from collection_bodies(arm_id, vm, taken, "ApplicationConsistent")
