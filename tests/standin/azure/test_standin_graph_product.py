"""The product's own queries, run by the stand-in: live advice on VMs of the sample fleet."""

from __future__ import annotations

import pytest

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.azure.connection import AzureConnection
from advisor.azure.graph import AzureScope, ResourceGraph
from advisor.azure.live import LiveInventory
from advisor.errors import VmAmbiguous, VmNotFound
from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms
from advisor.inventory.graph_records import read_rows
from advisor.inventory.joining import Resources
from advisor.inventory.resource_graph import queries
from advisor.model import KnownVm, ProtectionKind, ProtectionState, Reading
from advisor.needs import Tiers
from advisor.prices.shipped import shipped_book
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample_vms import sample_vms
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

BACKUP, REPLICATION = ProtectionKind.BACKUP, ProtectionKind.SITE_RECOVERY
ACTIVE = ProtectionState.ACTIVE


def live(azure: AzureStandIn) -> LiveInventory:
    return LiveInventory(
        credential=AsyncToken(azure.world),
        base_url=azure.url,
        allow_plain_http=True,
        answer_seconds=60,
    )


async def test_one_advice_takes_five_calls() -> None:
    async with running_fleet() as azure, live(azure) as inventory:
        known = await inventory.find("web-01", azure.world.now)
        assert dict(azure.counts) == {"ResourceGraph_Resources": 3, "Metrics_List": 2}
    assert known.protections == ()
    assert known.not_read == ()
    assert known.writes
    assert known.coverage.metrics is Reading.READ
    advice = advise_known(known, AdviceAsked(vm="web-01"), Tiers(), shipped_book(), azure.world.now)
    assert advice.recommended


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("rg-app-a/app-01", {BACKUP: ACTIVE}),
        ("rg-app-b/app-01", {}),
        ("sql-01", {BACKUP: ACTIVE, REPLICATION: ACTIVE}),
        ("erp-01", {BACKUP: ProtectionState.PENDING, REPLICATION: ACTIVE}),
        ("legacy-01", {BACKUP: ProtectionState.SOFT_DELETED}),
        ("hana-01", {ProtectionKind.SNAPSHOTS: ACTIVE}),
        ("test-01", {ProtectionKind.RESTORE_POINTS: ACTIVE}),
        ("jump-01", {}),
    ],
)
async def test_live_reading_finds_what_protects_a_vm(
    name: str, found: dict[ProtectionKind, ProtectionState]
) -> None:
    async with running_fleet() as azure, live(azure) as inventory:
        known = await inventory.find(name, azure.world.now)
    assert {one.kind: one.state for one in known.protections} == found
    assert known.vm.name == name.rpartition("/")[2]


async def test_a_name_of_two_vms_and_a_name_of_none() -> None:
    async with running_fleet() as azure, live(azure) as inventory:
        with pytest.raises(VmAmbiguous):
            await inventory.find("app-01", azure.world.now)
        with pytest.raises(VmNotFound) as missed:
            await inventory.find("web-10", azure.world.now)
    assert "web-01" in str(missed.value)


async def test_a_vm_that_may_not_be_read_is_not_found() -> None:
    async with running_fleet() as azure, live(azure) as inventory:
        found = await inventory.find("pay-01", azure.world.now)
        azure.world.forbidden.add(found.vm.id.lower())
        with pytest.raises(VmNotFound):
            await inventory.find("pay-01", azure.world.now)


async def everything(azure: AzureStandIn) -> tuple[KnownVm, ...]:
    """Every VM of the fleet by the three queries that export everything."""
    token = AsyncToken(azure.world)
    connection = AzureConnection(
        credential=token, base_url=azure.url, allow_plain_http=True, answer_seconds=60
    )
    found: dict[str, tuple[object, ...]] = {}
    async with connection:
        graph = ResourceGraph(connection, AzureScope())
        for query in queries(None):
            found |= read_rows(await graph.ask(query)).found
    looked = InventoryRead(at_once=dict.fromkeys(InventoryPart, Reading.READ))
    return tuple(known_vms(Resources(**found), looked, azure.world.now))


async def test_every_vm_of_the_sample_fleet_is_read_and_advised_on() -> None:
    async with running_fleet() as azure:
        fleet = await everything(azure)
        book, now = shipped_book(), azure.world.now
    assert sorted(one.vm.id for one in fleet) == sorted(spec.id for spec in sample_vms())
    for known in fleet:
        assert known.not_read == (), known.vm.name
        advice = advise_known(known, AdviceAsked(vm=known.vm.name), Tiers(), book, now)
        assert advice.known is known
