"""Every kind of finding with its money: what the sample fleet lacks is put into it first."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import pytest

from advisor.inventory.coverage import known_vms
from advisor.inventory.estate import Estate
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.inventory.locks import parse_lock
from advisor.model import ZERO
from advisor.model.fleet import FindingKind, FleetFinding, MoneySpan
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body, World
from deploy.local.fleet.compute import snapshot_body
from deploy.local.fleet.recovery import ITEM_STATES, Replication, item_body, replicated_body
from deploy.local.fleet.sample import sample_world
from tests.fleet.reading import Reported, read, reported

#: USD a GB and month in westeurope, of a snapshot on Premium and on Standard storage.
PREMIUM, STANDARD = Decimal("0.145"), Decimal("0.05")
#: USD a month: an instance of at most 50 GB is half a unit of 10 USD.
SMALLEST_INSTANCE = Decimal(5)

#: The sample fleet as it is: how many of each kind, what mending costs, what a month saves.
SAMPLE = {
    FindingKind.UNPROTECTED: (26, "4815.5558", "0", "0"),
    FindingKind.BROKEN: (3, "93.6083", "0", "0"),
    FindingKind.NEED_NOT_MET: (11, "365.6349", "0", "0"),
    FindingKind.BEYOND_THE_NEED: (2, "0", "127.0286", "127.0286"),
    FindingKind.SNAPSHOT_OF_NO_DISK: (2, "0", "0", "12.8"),
    FindingKind.OLD_SNAPSHOT: (4, "0", "0", "38.4"),
    FindingKind.NO_IMMUTABILITY: (10, "0", "0", "0"),
}


class Found(NamedTuple):
    """What was found in a world, and when it was read."""

    estate: Estate
    now: datetime
    fleet: Reported

    def of(self, kind: FindingKind) -> Mapping[str, FleetFinding]:
        """By the name of what it is about."""
        return {each.subject: each for each in self.fleet.report.findings if each.kind is kind}


def _found(world: World) -> Found:
    async def whole() -> Found:
        async with AzureStandIn(world) as azure:
            now = azure.world.now
            estate = await read(azure)
            return Found(estate, now, reported(estate, now))

    return asyncio.run(whole())


def _named(world: World, name: str) -> Body:
    [found] = [each for each in world.resources.values() if each["name"] == name]
    return found


def _vault(world: World, name: str) -> Body:
    return _named(world, name)


@pytest.fixture(scope="module")
def sample() -> Found:
    return _found(sample_world())


@pytest.fixture(scope="module")
def more() -> Found:
    world = sample_world()
    _snapshots(world)
    _vaults_and_items(world)
    _stated_needs(world)
    return _found(world)


def _snapshots(world: World) -> None:
    """Full on Premium; being exported; old and immutable, for now and no longer; old and locked."""
    disk = _named(world, "cart-01-os")
    at = partial(_snapshot, world, disk)
    at("full-on-premium", 3, sku="Premium_LRS")["properties"]["incremental"] = False
    at("being-read", 3)["properties"]["diskState"] = "ActiveSAS"
    policy = {"type": "Unlocked", "isPolicyExpired": False}
    later, before = world.now + timedelta(days=30), world.now - timedelta(days=1)
    for name, until in (("immutable-still", later), ("immutable-no-more", before)):
        held = policy | {"policyExpirationTime": until.isoformat()}
        at(name, 200)["properties"]["immutabilityPolicy"] = held
    at("young-and-immutable", 3)["properties"]["immutabilityPolicy"] = policy | {
        "policyExpirationTime": later.isoformat()
    }
    at("locked-and-old", 200)


def _snapshot(world: World, disk: Body, name: str, days: int, sku: str = "Standard_LRS") -> Body:
    arm_id = f"{disk['id'].rsplit('/', 2)[0]}/snapshots/{name}"
    taken = world.now - timedelta(days=days)
    return world.put(snapshot_body(arm_id, disk["location"], disk, taken, sku=sku))


def _vaults_and_items(world: World) -> None:
    """A vault without soft delete that is immutable; an item of a VM that was deleted since."""
    security = _vault(world, "rsv-bec-prod")["properties"]["securitySettings"]
    security["softDeleteSettings"]["softDeleteState"] = "Disabled"
    security["immutabilitySettings"]["state"] = "Unlocked"
    gone = deepcopy(_named(world, "web-02"))
    gone["id"] = gone["id"].replace("web-02", "gone-01")
    gone["name"] = "gone-01"
    vault, last = _vault(world, "rsv-weu-local"), world.now - timedelta(days=40)
    world.put(item_body(vault, gone, "DefaultPolicy", ITEM_STATES["stopped"], last, 9))


def _stated_needs(world: World) -> None:
    """Needs that somebody stated: what is beyond them is advised to end, and is a saving."""
    for name, tier in (("db-01", "production"), ("pay-01", "development")):
        vm = _named(world, name)
        vm["tags"] = {**vm["tags"], "vmbackup-tier": tier}
    vm, vault = _named(world, "db-01"), _vault(world, "rsv-weu-dr")
    how = Replication(policy="24-hour-retention-policy", to_region="westeurope", rpo_seconds=60)
    world.put(replicated_body(vault, vm, how, world.now))
    item = _item(world, "web-03")
    disk = {"diskLunList": [0], "isInclusionList": False}
    item["properties"]["extendedProperties"] = {"diskExclusionProperties": disk}


def _item(world: World, vm: str) -> Body:
    [found] = [
        each
        for each in world.resources.values()
        if each["type"].endswith("/protectedItems") and each["properties"]["friendlyName"] == vm
    ]
    return found


def test_each_kind_of_the_sample_fleet_has_its_count_and_its_money(sample: Found) -> None:
    findings = sample.fleet.report.findings
    assert Counter(each.kind for each in findings) == {
        kind: count for kind, (count, *_) in SAMPLE.items()
    }
    for kind, (_, costs, least, most) in SAMPLE.items():
        of_kind = [each for each in findings if each.kind is kind]
        saved = [each.saves for each in of_kind if each.saves]
        assert sum((each.costs or ZERO for each in of_kind), ZERO) == Decimal(costs), kind
        assert sum((each.least for each in saved), ZERO) == Decimal(least), kind
        assert sum((each.most or ZERO for each in saved), ZERO) == Decimal(most), kind


def test_every_kind_of_finding_is_looked_at_here(sample: Found, more: Found) -> None:
    unread = _without_protection(more)
    every = {each.kind for one in (sample, more, unread) for each in one.fleet.report.findings}
    assert every == set(FindingKind)


def test_a_full_snapshot_on_premium_saves_what_an_incremental_one_costs_less(more: Found) -> None:
    dear = more.of(FindingKind.DEAR_SNAPSHOT)["full-on-premium"]
    assert dear.saves == MoneySpan(ZERO, 128 * (PREMIUM - STANDARD))
    assert dear.counted


def test_a_snapshot_that_azure_refuses_to_delete_says_why(more: Found) -> None:
    held = more.of(FindingKind.HELD_SNAPSHOT)
    assert set(held) == {"being-read", "immutable-still"}
    assert "revoke the access first" in held["being-read"].said
    until = f"{more.now + timedelta(days=30):%Y-%m-%d}"
    assert f"immutable until {until}" in held["immutable-still"].said
    assert all(each.saves is None and not each.counted for each in held.values())
    old = more.of(FindingKind.OLD_SNAPSHOT)
    assert {"immutable-still", "immutable-no-more", "locked-and-old"} <= set(old)
    assert old["locked-and-old"].saves == MoneySpan(ZERO, 128 * STANDARD)


@pytest.mark.parametrize(
    ("scope", "holds"),
    [("the snapshot", True), ("the group", True), ("the subscription", True), ("beside it", False)],
)
def test_a_lock_holds_what_lies_at_or_below_its_scope(scope: str, holds: bool, more: Found) -> None:
    [one] = [each for each in more.estate.resources.snapshots if "locked-and-old" in each.id]
    parts = one.id.split("/")
    at = {
        "the snapshot": one.id,
        "the group": "/".join(parts[:5]),
        "the subscription": "/".join(parts[:3]),
        "beside it": one.id[:-1],
    }[scope]
    body: dict[str, Any] = {
        "id": f"{at}/providers/Microsoft.Authorization/locks/keep",
        "type": "Microsoft.Authorization/locks",
        "name": "keep",
        "level": "CanNotDelete",
    }
    locks = (parse_lock(body, "locks.json", "$[0]"),)
    resources = more.estate.resources._replace(locks=locks)
    found = reported(more.estate._replace(resources=resources), more.now).report.findings
    said = [
        each.said
        for each in found
        if each.kind is FindingKind.HELD_SNAPSHOT and each.subject == "locked-and-old"
    ]
    assert bool(said) is holds
    assert all("the lock keep (CanNotDelete) on " in each for each in said)


def test_a_backup_of_a_vm_that_is_gone_costs_at_least_the_smallest_instance(more: Found) -> None:
    [found] = more.of(FindingKind.BACKUP_OF_NO_VM).values()
    assert found.subject == "gone-01"
    assert found.saves == MoneySpan(SMALLEST_INSTANCE, None)
    assert not found.counted


def test_a_vault_is_told_for_what_it_lacks_and_for_nothing_else(more: Found) -> None:
    assert set(more.of(FindingKind.NO_SOFT_DELETE)) == {"rsv-bec-prod"}
    assert "rsv-bec-prod" not in more.of(FindingKind.NO_IMMUTABILITY)


def test_a_disk_that_a_backup_leaves_out_is_a_gap_with_its_size(more: Found) -> None:
    [gap] = more.of(FindingKind.GAP).values()
    disks = more.fleet.rows["rg-shop-prod/web-03"]
    assert gap.subject == "web-03"
    assert gap.at_stake_gib is not None
    assert 0 < gap.at_stake_gib < (disks.data_gib or 0)
    assert gap.costs == disks.difference


@pytest.mark.parametrize("kind", [FindingKind.PAID_TWICE, FindingKind.COSTS_LESS])
def test_what_a_stated_need_does_not_ask_for_is_saved_whole(kind: FindingKind, more: Found) -> None:
    """The saving is the difference of the two bills, and both are those of the VM's own row."""
    name = {
        FindingKind.PAID_TWICE: "rg-data-neu/db-01",
        FindingKind.COSTS_LESS: "rg-payments/pay-01",
    }
    row = more.fleet.rows[name[kind]]
    found = more.of(kind)[row.name]
    assert row.today is not None
    assert row.after is not None
    assert row.today.likely is not None
    assert row.after.likely is not None
    saved = row.today.likely - row.after.likely
    assert found.saves == MoneySpan(saved, saved)
    assert row.difference == -saved
    assert saved > 0
    assert found.counted


def test_savings_are_the_sum_of_what_is_counted(more: Found) -> None:
    counted = [each for each in more.fleet.report.findings if each.counted and each.saves]
    assert more.fleet.report.saves.least == sum(each.saves.least for each in counted if each.saves)


def _without_protection(more: Found) -> Found:
    """The same VMs where nobody read what protects them."""
    looked = more.estate.looked._replace(at_once={})
    only = Resources(vms=more.estate.resources.vms, disks=more.estate.resources.disks)
    vms = known_vms(only, looked, more.now)
    estate = more.estate._replace(fleet=Fleet(vms), looked=looked)
    return Found(estate, more.now, reported(estate, more.now))


def test_a_vm_whose_protection_nobody_read_is_unknown_and_costs_nothing_known(more: Found) -> None:
    unread = _without_protection(more)
    found = unread.of(FindingKind.UNKNOWN)
    assert len(found) > 20
    assert not unread.of(FindingKind.UNPROTECTED)
    assert all(each.saves is None for each in found.values())
