"""How long restores took, by the jobs of the played vaults: whose, from where, and what is none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.azure.backup_sizes import BackupSizes
from advisor.azure.live import LiveInventory
from advisor.inventory.restore_jobs import (
    RestoreDetails,
    TimedJob,
    failover_job,
    group_of,
    restore_details,
    restore_job,
    restored_from,
)
from advisor.model import KnownVm, NotRead, ProtectionKind, RestoredFrom
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken

RECORDED = Path(__file__).parents[3] / "shared/azure-rest/examples"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@asynccontextmanager
async def reading() -> AsyncIterator[tuple[AzureStandIn, LiveInventory]]:
    async with (
        running_fleet() as azure,
        LiveInventory(
            credential=AsyncToken(azure.world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,  # the machine may be busy
        ) as inventory,
    ):
        yield azure, inventory


async def found(azure: AzureStandIn, inventory: LiveInventory, name: str) -> KnownVm:
    return await inventory.find(name, azure.world.now)


async def test_the_vm_s_own_restores_come_with_it_from_the_tier_they_were_from() -> None:
    async with reading() as (azure, inventory):
        crm = (await found(azure, inventory, "crm-01")).measured.restores
        web = (await found(azure, inventory, "web-02")).measured.restores
    own = [one for one in crm if one.is_own]
    assert [(one.place, one.makes_vm) for one in own] == [(RestoredFrom.VAULT, True)]
    assert abs(own[0].took - 48.4 * MINUTE) < timedelta(seconds=1)
    assert own[0].by == "vault rsv-weu-prod"
    assert [(one.place, one.makes_vm) for one in web] == [(RestoredFrom.INSTANT, False)]


async def test_without_one_of_its_own_another_vm_of_the_vault_is_told_with_its_data() -> None:
    async with reading() as (azure, inventory):
        pay = (await found(azure, inventory, "pay-01")).measured.restores
    assert [(one.vm, one.is_own, one.place) for one in pay] == [
        ("crm-01", False, RestoredFrom.VAULT)
    ]
    assert pay[0].used_gib is not None
    assert pay[0].used_gib.low > 0


async def test_a_drill_of_site_recovery_is_a_measurement_of_the_replica() -> None:
    async with reading() as (azure, inventory):
        restores = (await found(azure, inventory, "sql-01")).measured.restores
    [drill] = [one for one in restores if one.place is RestoredFrom.REPLICA]
    assert (drill.is_own, drill.what, drill.took) == (True, "a test failover", 14 * MINUTE)


async def test_a_vm_that_no_vault_protects_asks_for_no_jobs() -> None:
    async with reading() as (azure, inventory):
        azure.forget()
        known = await found(azure, inventory, "web-01")
        asked = azure.counts["BackupJobs_List"] + azure.counts["ReplicationJobs_List"]
    assert (known.measured.restores, asked) == ((), 0)


@pytest.mark.parametrize("operation", ["BackupJobs_List", "JobDetails_Get"])
async def test_jobs_that_cannot_be_read_are_named_and_measure_nothing(operation: str) -> None:
    async with reading() as (azure, inventory):
        azure.faults.add(Fault(Kind.FORBIDDEN, operation, times=None))
        known = await found(azure, inventory, "crm-01")
    [unread] = [one for one in known.not_read if "rsv-weu-prod" in one.what]
    assert unread.failed
    assert "backupJobs" in unread.remedy
    assert not [one for one in known.measured.restores if one.place is not RestoredFrom.REPLICA]


async def test_a_list_of_jobs_that_breaks_off_measures_nothing() -> None:
    async with reading() as (azure, inventory):
        azure.faults.add(Fault(Kind.CUT, "ReplicationJobs_List", times=None))
        known = await found(azure, inventory, "sql-01")
    assert any("rsv-neu-dr" in one.what and one.failed for one in known.not_read)
    assert all(one.place is not RestoredFrom.REPLICA for one in known.measured.restores)


# --- two VMs of one name -----------------------------------------------------------------------


def of_another_group(azure: AzureStandIn, name: str) -> None:
    """The vault of the VM protects another one of its name, which is gone by now."""
    [item] = [
        body
        for body in azure.world.resources.values()
        if str(body["id"]).lower().endswith(f";{name}") and "protecteditems" in body["id"].lower()
    ]
    [group] = [part for part in item["id"].split(";") if part.lower().startswith("rg-")][:1]
    twin = json.loads(json.dumps(item).replace(f";{group};", ";rg-twin;"))
    source = item["properties"]["sourceResourceId"]
    twin["properties"]["sourceResourceId"] = source.replace(f"/{group}/", "/rg-twin/")
    assert twin["properties"]["sourceResourceId"] != source
    azure.world.put(twin)


def name_containers(azure: AzureStandIn, group: str) -> None:
    for body in azure.world.resources.values():
        if "/backupjobs/" in str(body["id"]).lower():
            name = body["properties"]["entityFriendlyName"]
            container = f"IaasVMContainer;iaasvmcontainerv2;{group};{name}"
            body["properties"]["containerName"] = container


async def test_jobs_that_may_be_of_two_vms_of_one_name_measure_neither() -> None:
    async with reading() as (azure, inventory):
        of_another_group(azure, "crm-01")
        crm = await found(azure, inventory, "crm-01")
        pay = await found(azure, inventory, "pay-01")
        [backup] = [one for one in crm.protections if one.kind is ProtectionKind.BACKUP]
        sizes = BackupSizes(inventory.connection, inventory.named_in)
        copied = await sizes.changed(crm.vm, backup)
    assert isinstance(copied, NotRead)
    assert copied.why.startswith("they name crm-01")
    assert all(one.place is RestoredFrom.REPLICA for one in crm.measured.restores)
    [unread] = [one for one in crm.not_read if "rsv-weu-prod" in one.what]
    assert unread.why == "they name crm-01, and it does not protect just the one VM of that name"
    assert not unread.failed
    assert pay.measured.restores == (), "nor is one of the two told as another VM's"


async def test_a_job_that_names_its_container_is_of_the_vm_of_that_group() -> None:
    async with reading() as (azure, inventory):
        of_another_group(azure, "crm-01")
        crm = await found(azure, inventory, "crm-01")
        name_containers(azure, crm.vm.resource_group)
        own = (await found(azure, inventory, "crm-01")).measured.restores
        name_containers(azure, "rg-twin")
        twins = (await found(azure, inventory, "crm-01")).measured.restores
    assert [one.place for one in own if one.is_own] == [RestoredFrom.VAULT]
    assert not [one for one in twins if one.is_own and one.place is RestoredFrom.VAULT]


def test_a_container_says_its_group_or_nothing() -> None:
    assert group_of("IaasVMContainer;iaasvmcontainerv2;RG-App;app-01") == "rg-app"
    assert group_of("iaasvmcontainerv2;rg-app;app-01") == "rg-app"
    for nothing in (None, "", "app-01", "x;app-01"):
        assert group_of(nothing) == ""


# --- what a job says ---------------------------------------------------------------------------


def body(**changes: Any) -> dict[str, Any]:
    properties = {
        "entityFriendlyName": "app-01", "operation": "Restore", "status": "Completed",
        "startTime": "2026-11-18T17:35:22.47Z", "endTime": "2026-11-18T18:23:46.47Z",
    }  # fmt: skip
    return {"id": "/subscriptions/s/x/backupJobs/j", "properties": properties | changes}


def test_only_what_was_completed_and_has_both_its_times_is_a_measurement() -> None:
    job = restore_job(body())
    assert job is not None
    assert (job.vm, job.took) == ("app-01", timedelta(minutes=48, seconds=24))
    for changes in (
        {"status": "Failed"}, {"status": "InProgress"}, {"status": "CompletedWithWarnings"},
        {"operation": "Backup"}, {"endTime": None}, {"endTime": "0001-01-01T00:00:00"},
        {"endTime": "2026-11-18T17:35:22.47Z"}, {"startTime": "soon"},
        {"entityFriendlyName": None},
    ):  # fmt: skip
        assert restore_job(body(**changes)) is None, changes


def failover(**changes: Any) -> dict[str, Any]:
    properties = {
        "scenarioName": "TestFailover", "state": "Succeeded", "targetObjectName": "app-01",
        "startTime": "2026-11-18T17:00:00Z", "endTime": "2026-11-18T17:14:00Z",
    }  # fmt: skip
    return {"id": "/subscriptions/s/x/replicationJobs/j", "properties": properties | changes}


def test_a_failover_counts_where_it_succeeded_and_its_cleanup_never_does() -> None:
    assert failover_job(failover()) is not None
    for changes in (
        {"state": "Failed"},
        {"scenarioName": "TestFailoverCleanup"},
        {"endTime": None},
    ):
        assert failover_job(failover(**changes)) is None, changes


def bag(**entries: str) -> dict[str, Any]:
    return {"properties": {"extendedInfo": {"propertyBag": entries}}}


def test_a_property_bag_tells_the_time_of_the_point_as_people_in_the_united_states_write_it() -> (
    None
):
    said = restore_details(
        bag(**{"Job Type": "Recover disks", "Recovery point time ": "12/25/2019 10:07:11 PM"})
    )
    assert said == RestoreDetails(False, datetime(2019, 12, 25, 22, 7, 11, tzinfo=UTC))
    assert restore_details({"properties": {}}) is None
    unclear = restore_details(bag(**{"Recovery point time ": "yesterday"}))
    assert unclear == RestoreDetails(False, None)


@pytest.mark.parametrize(
    ("old", "instant_days", "place"),
    [
        (1 * DAY, 2, RestoredFrom.INSTANT),
        (2 * DAY, 2, RestoredFrom.VAULT),
        (30 * DAY, 7, RestoredFrom.VAULT),
        (1 * DAY, None, None),
    ],
)
def test_a_point_that_is_still_beside_the_disks_is_restored_from_there(
    old: timedelta, instant_days: int | None, place: RestoredFrom | None
) -> None:
    job = TimedJob("j", "app-01", "restore", NOW, NOW + MINUTE)
    assert restored_from(job, RestoreDetails(True, NOW - old), instant_days) is place
    assert restored_from(job, RestoreDetails(True, None), instant_days) is None
    assert restored_from(job, None, instant_days) is None
    pair = job._replace(operation="crossregionrestore")
    assert restored_from(pair, None, instant_days) is RestoredFrom.SECONDARY


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers lie elsewhere")
def test_recorded_jobs_are_read_and_none_of_them_is_a_restore() -> None:
    """The published lists hold backups and set-ups; Site Recovery's hold no failover."""
    for name, read in (
        ("recoveryservicesbackup/ListJobs.json", restore_job),
        ("siterecovery/ReplicationJobs_List.json", failover_job),
    ):
        answer = json.loads((RECORDED / name).read_text())["responses"]["200"]["body"]
        assert answer["value"]
        assert [read(row) for row in answer["value"]] == [None] * len(answer["value"])
