"""Used sizes by VM insights, at the played workspace: whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from advisor.azure.guest_metrics import (
    FileSystem,
    GuestMetrics,
    checked_workspace,
    used_of_file_systems,
)
from advisor.azure.live import LiveInventory
from advisor.errors import AzureRefused, AzureUnreachable, UsageError
from advisor.model import NotRead, SizeMeasured, Source, Vm
from deploy.local.azure.billing import used_by
from deploy.local.azure.logs import Workspaces
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken
from tests.strategies import a_disk, a_vm

WORKSPACE = "12345678-1234-1234-1234-123456789abc"
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@asynccontextmanager
async def reading(
    name: str, table: str = "InsightsMetrics"
) -> AsyncIterator[tuple[AzureStandIn, GuestMetrics, Vm]]:
    """The VM of that name keeps its figures in that table of the workspace."""
    async with (
        running_fleet() as azure,
        LiveInventory(
            credential=AsyncToken(azure.world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,  # the machine may be busy
        ) as inventory,
    ):
        known = await inventory.find_unmeasured(name, azure.world.now)
        azure.world.part(Workspaces).tables[WORKSPACE] = {known.vm.key: table} if table else {}
        yield azure, GuestMetrics(inventory.connection, WORKSPACE), known.vm


@pytest.mark.parametrize("table", ["InsightsMetrics", "Perf"])
@pytest.mark.parametrize("name", ["web-01", "sql-01"])
async def test_the_used_size_is_what_the_file_systems_hold_without_the_temporary_disk(
    name: str, table: str
) -> None:
    async with reading(name, table) as (azure, guest, vm):
        found = await guest.used(vm)
        truth = used_by(azure.world.resources[vm.key])
    assert isinstance(found, SizeMeasured)
    assert found.source is Source.GUEST
    assert abs(found.gib.likely - truth) < 1


async def test_a_vm_that_the_workspace_does_not_know_is_not_measured() -> None:
    async with reading("web-01", "") as (_, guest, vm):
        found = await guest.used(vm)
    assert isinstance(found, NotRead)
    assert not found.failed


async def test_a_part_of_an_answer_is_no_measurement() -> None:
    async with reading("web-01") as (azure, guest, vm):
        azure.world.part(Workspaces).is_partial = True
        with pytest.raises(AzureUnreachable, match="only a part"):
            await guest.used(vm)


async def test_a_workspace_that_is_not_there_or_may_not_be_read_is_refused() -> None:
    async with reading("web-01") as (azure, guest, vm):
        azure.faults.add(Fault(Kind.FORBIDDEN, "Logs_Query", times=1))
        with pytest.raises(AzureRefused, match="workspaces/query/read"):
            await guest.used(vm)
        azure.world.part(Workspaces).tables.clear()
        with pytest.raises(AzureRefused, match="could not be found"):
            await guest.used(vm)


async def test_an_id_with_signs_that_no_id_has_is_never_put_into_a_query() -> None:
    async with reading("web-01") as (azure, guest, _):
        azure.forget()
        odd = a_vm(id="/subscriptions/s' or 1 == 1 //")
        assert isinstance(await guest.used(odd), NotRead)
        assert azure.counts["Logs_Query"] == 0


def file_system(mount: str, size_gib: str, free_gib: str = "0") -> FileSystem:
    return FileSystem(mount, Decimal(free_gib) * 1024, Decimal(size_gib) * 1024, NOW)


def judged(*found: FileSystem, **facts: Any) -> SizeMeasured | NotRead:
    vm = a_vm(a_disk(size_gib=100), a_disk("data", size_gib=100), **facts)
    return used_of_file_systems(vm, found, "the used size")


def test_file_systems_that_do_not_cover_the_disks_measure_nothing() -> None:
    found = judged(file_system("/", "97", "40"))
    assert isinstance(found, NotRead)
    assert found.why == "its file systems have 97 of the 200 GB of its disks"


def test_the_usual_place_of_the_temporary_disk_may_hold_a_disk_of_the_vm_s_own() -> None:
    own = judged(file_system("/", "97", "40"), file_system("/mnt", "98", "18"))
    assert isinstance(own, SizeMeasured)
    assert own.gib.likely == 137
    beside = judged(
        file_system("/", "97", "40"), file_system("/data", "98", "18"), file_system("/mnt", "64")
    )
    assert isinstance(beside, SizeMeasured)
    assert beside.gib.likely == 137


def test_a_disk_of_unknown_size_leaves_it_unmeasured() -> None:
    vm = a_vm(a_disk(size_gib=None))
    assert isinstance(used_of_file_systems(vm, [file_system("/", "97")], "x"), NotRead)


def test_a_workspace_is_named_by_its_id() -> None:
    assert checked_workspace(f" {WORKSPACE.upper()} ") == WORKSPACE
    for wrong in ("my-workspace", f"{WORKSPACE}/query?", ""):
        with pytest.raises(UsageError, match="no workspace"):
            checked_workspace(wrong)
