"""One VM measured by everything that is there, at the played Azure; and how it reads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from advisor.asked import AdviceAsked
from advisor.azure.cost_cache import CostCache
from advisor.azure.live import LiveInventory
from advisor.errors import AzureUnreachable, VmNotFound
from advisor.measuring import Measuring
from advisor.model import RestoredFrom, Source
from advisor.model.measure_report import MeasureReport
from advisor.needs import Tiers
from advisor.present.as_text import document_text
from advisor.present.measure_as_json import measure_to_dict
from advisor.present.measure_document import fold, measure_document
from advisor.prices.saved import load_book
from deploy.local.azure.billing import used_by
from deploy.local.azure.logs import Workspaces
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.throttle import QueryUnits
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.compute import snapshot_body
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

WORKSPACE = "12345678-1234-1234-1234-123456789abc"
UNLIMITED = ((100_000, 10.0),)


@asynccontextmanager
async def measuring(
    cache: Path, workspace: str = ""
) -> AsyncIterator[tuple[AzureStandIn, Measuring]]:
    async with (
        running_fleet() as azure,
        LiveInventory(
            credential=AsyncToken(azure.world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,  # the machine may be busy
        ) as inventory,
    ):
        azure.world.part(QueryUnits).windows = UNLIMITED
        kept = CostCache(cache, azure.url)
        yield azure, Measuring(inventory, load_book(cache), kept, workspace)


async def report(measuring: Measuring, vm: str) -> MeasureReport:
    return await measuring.of_vm(AdviceAsked(vm=vm), Tiers())


def text_of(found: MeasureReport) -> str:
    return " ".join(document_text(measure_document(found), width=160, color=False).split())


def snapshots_of(azure: AzureStandIn, name: str, days_ago: int) -> None:
    """One incremental snapshot of each disk of the VM."""
    world = azure.world
    [vm] = [
        body for body in world.of_type("Microsoft.Compute/virtualMachines") if body["name"] == name
    ]
    storage = vm["properties"]["storageProfile"]
    for disk in (storage["osDisk"], *storage["dataDisks"]):
        body = world.resources[disk["managedDisk"]["id"].lower()]
        arm_id = f"{body['id'].replace('/disks/', '/snapshots/')}-{days_ago}"
        taken = world.now - timedelta(days=days_ago)
        world.put(snapshot_body(arm_id, body["location"], body, taken, sku="Standard_ZRS"))


async def test_backups_writes_and_a_restore_narrow_the_range_and_are_named(tmp_path: Path) -> None:
    async with measuring(tmp_path) as (_, at):
        found = await report(at, "crm-01")
    was, now = fold(found.before), fold(found.after)
    assert was is not None
    assert now is not None
    assert now < was / 2
    said = text_of(found)
    assert f"the range narrowed from {was}-fold to {now}-fold" in said
    assert "a restore of this VM, vault rsv-weu-prod" in said
    assert "what backups copied to rsv-weu-prod" in said
    assert "/vmbackup snapshot crm-01" in said
    assert found.after.sizing.changed_gib_per_day.source is Source.BACKUP_DATA
    assert found.before.sizing.changed_gib_per_day.source is Source.ASSUMED
    assert found.before.known.writes is None


async def test_a_workspace_tells_the_used_size_and_nothing_is_left_to_ask_of_it(
    tmp_path: Path,
) -> None:
    async with measuring(tmp_path, WORKSPACE) as (azure, at):
        vm_id = next(key for key in azure.world.resources if key.endswith("/crm-01"))
        azure.world.part(Workspaces).tables[WORKSPACE] = {vm_id: "InsightsMetrics"}
        found = await report(at, "crm-01")
        truth = used_by(azure.world.resources[vm_id])
    used = found.after.sizing.used_gib
    assert used.source is Source.GUEST
    assert abs(used.range.likely - truth) < 1
    now = fold(found.after)
    assert now is not None
    assert now < Decimal("1.3")
    assert "--workspace" not in text_of(found)


async def test_billed_snapshots_tell_used_and_changed_data(tmp_path: Path) -> None:
    async with measuring(tmp_path) as (azure, at):
        snapshots_of(azure, "web-01", 110)
        snapshots_of(azure, "web-01", 100)
        found = await report(at, "web-01")
        vm_id = next(key for key in azure.world.resources if key.endswith("machines/web-01"))
        truth = used_by(azure.world.resources[vm_id])
    used, changed = found.after.sizing.used_gib, found.after.sizing.changed_gib_per_day
    assert (used.source, changed.source) == (Source.BILLED, Source.BILLED)
    assert used.range.likely == pytest.approx(truth, rel=Decimal("0.04"))
    assert changed.range.likely == pytest.approx(truth * Decimal("0.02"), rel=Decimal("0.04"))


async def test_a_vm_that_no_vault_protects_takes_the_restores_of_its_region(tmp_path: Path) -> None:
    async with measuring(tmp_path) as (_, at):
        found = await report(at, "web-01")
    places = {one.place for one in found.after.known.measured.restores}
    assert RestoredFrom.VAULT in places
    assert not any(one.is_own for one in found.after.known.measured.restores)


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        ("Metrics_Batch", "disk writes that Azure Monitor measured"),
        ("BackupJobs_List", "by the jobs of vault rsv-weu-prod"),
        ("Logs_Query", WORKSPACE),
        ("Query_Usage", "by the bill of snapshots"),
    ],
)
async def test_what_cannot_be_read_is_named_and_the_rest_is_measured(
    operation: str, named: str, tmp_path: Path
) -> None:
    async with measuring(tmp_path, WORKSPACE) as (azure, at):
        snapshots_of(azure, "crm-01", 100)
        azure.faults.add(Fault(Kind.CUT, operation, times=None))
        found = await report(at, "crm-01")
    unread = [one for one in found.unread if one.failed]
    assert unread
    assert any(named in one.what for one in unread)
    assert found.after.known.writes is not None or operation == "Metrics_Batch"
    assert named in text_of(found)


async def test_a_vm_that_is_not_there_or_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    async with measuring(tmp_path) as (azure, at):
        with pytest.raises(VmNotFound):
            await report(at, "crm-99")
        azure.faults.add(Fault(Kind.STATUS, "ResourceGraph_Resources", times=None, status=503))
        with pytest.raises(AzureUnreachable):
            await report(at, "crm-01")


async def test_as_json_every_figure_has_its_source_and_age(tmp_path: Path) -> None:
    async with measuring(tmp_path) as (_, at):
        body: dict[str, Any] = measure_to_dict(await report(at, "crm-01"))
    assert json.loads(json.dumps(body)) == body
    [changed] = body["changed_per_day"]
    assert (changed["source"], changed["age_days"]) == ("backup-data", 1)
    [vault] = [one for one in body["restores"] if one["from"] == "vault"]
    assert (vault["vm"], vault["own"], vault["took"]) == ("crm-01", True, "PT48M24S")
    assert Decimal(body["after"]["high"]) < Decimal(body["before"]["high"])
    assert body["written"]["days"] == 7
