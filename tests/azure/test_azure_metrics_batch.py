"""Disk writes of many VMs in batches, at the played Azure: the same as one VM at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.azure.connection import AzureConnection
from advisor.azure.data_planes import METRICS_VARIABLE, logs_plane, metrics_plane
from advisor.azure.live import LiveInventory
from advisor.azure.metrics_batch import MOST_IDS, MetricsBatch, batches
from advisor.azure.monitor import AzureMonitor
from advisor.azure.whole import whole_inventory
from advisor.errors import AzureRefused, AzureUnreachable, UsageError
from advisor.model import DiskWrites, NotRead, Vm
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.standin.azure.fleet_azure import running_fleet
from tests.standin.azure.running_azure import AsyncToken
from tests.strategies import a_vm

BATCH = "Metrics_Batch"


@asynccontextmanager
async def reading() -> AsyncIterator[tuple[AzureStandIn, AzureConnection, list[Vm]]]:
    async with (
        running_fleet() as azure,
        LiveInventory(
            credential=AsyncToken(azure.world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=60,  # the machine may be busy
        ) as inventory,
    ):
        whole = await whole_inventory(inventory, azure.world.now)
        azure.forget()
        yield azure, inventory.connection, [known.vm for known in whole.vms]


async def test_a_batch_says_of_each_vm_what_a_reading_of_its_own_says() -> None:
    async with reading() as (azure, connection, vms):
        now = azure.world.now
        together = await MetricsBatch(connection).writes(vms, now)
        assert set(together) == {vm.key for vm in vms}
        for vm in vms:
            assert together[vm.key] == await AzureMonitor(connection).writes(vm, now), vm.name
    kinds = {type(one) for one in together.values()}
    assert kinds == {DiskWrites, NotRead}  # those that are off have none


async def test_a_batch_is_of_one_subscription_and_region_and_goes_to_the_region_s_host() -> None:
    async with reading() as (azure, connection, vms):
        await MetricsBatch(connection).writes(vms, azure.world.now)
        asked = azure.asked(BATCH)
    groups = list(batches(vms))
    assert len({(vm.subscription_id, vm.region) for vm in vms}) == len(groups)
    assert len(asked) <= 2 * len(groups) < len(vms)
    hosts = {one.path.split("/")[1] for one in asked}
    assert hosts == {f"{vm.region}.metrics.monitor.azure.com" for vm in vms}


async def test_a_batch_that_fails_leaves_its_own_vms_unknown_and_no_others() -> None:
    async with reading() as (azure, connection, vms):
        region = "northeurope"
        azure.faults.add(Fault(Kind.STATUS, BATCH, times=None, status=503, path=f"/{region}."))
        found = await MetricsBatch(connection).writes(vms, azure.world.now)
    for vm in vms:
        failed = isinstance(found[vm.key], AzureUnreachable)
        assert failed == (vm.region == region), vm.name


async def test_where_it_is_asked_too_often_it_waits_as_long_as_the_answer_says() -> None:
    async with reading() as (azure, connection, vms):
        azure.faults.add(Fault(Kind.STATUS, BATCH, times=1, retry_after="0"))
        few = [vm for vm in vms if vm.region == "northeurope"]
        found = await MetricsBatch(connection).writes(few, azure.world.now)
        azure.faults.add(Fault(Kind.STATUS, BATCH, times=None, retry_after="3600"))
        refused = await MetricsBatch(connection).writes(few, azure.world.now)
    assert not any(isinstance(one, Exception) for one in found.values())
    assert all(isinstance(one, AzureRefused) for one in refused.values())


async def test_a_cut_answer_is_no_measurement() -> None:
    async with reading() as (azure, connection, vms):
        azure.faults.add(Fault(Kind.CUT, BATCH, times=None))
        found = await MetricsBatch(connection).writes(vms[:1], azure.world.now)
    assert isinstance(found[vms[0].key], AzureUnreachable)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), max_size=220))
def test_every_vm_is_in_one_batch_and_no_batch_is_too_large(rows: list[tuple[str, str]]) -> None:
    vms = [
        a_vm(name=f"vm-{number}", subscription_id=where, region=region)
        for number, (where, region) in enumerate(rows)
    ]
    found = list(batches(vms))
    assert sorted(vm.name for batch in found for vm in batch) == sorted(vm.name for vm in vms)
    for batch in found:
        assert 0 < len(batch) <= MOST_IDS
        assert len({(vm.subscription_id, vm.region) for vm in batch}) == 1


@pytest.mark.parametrize(
    ("manager", "metrics", "logs"),
    [
        ("https://management.azure.com", "westeurope.metrics.monitor.azure.com",
         "api.loganalytics.azure.com"),
        ("https://management.usgovcloudapi.net", "westeurope.metrics.monitor.azure.us",
         "api.loganalytics.us"),
        ("https://management.chinacloudapi.cn", "westeurope.metrics.monitor.azure.cn",
         "api.loganalytics.azure.cn"),
    ],
)  # fmt: skip
def test_another_cloud_has_its_own_hosts(manager: str, metrics: str, logs: str) -> None:
    assert metrics_plane(manager).of_region("westeurope") == f"https://{metrics}"
    assert logs_plane(manager).address == f"https://{logs}"


def test_the_environment_names_another_host_and_never_one_without_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(METRICS_VARIABLE, "https://{region}.metrics.example/")
    plane = metrics_plane("https://management.azure.com")
    assert plane.of_region("westeurope") == "https://westeurope.metrics.example"
    for wrong in ("http://{region}.metrics.example", "metrics.example", "http://127.0.0.1:1"):
        monkeypatch.setenv(METRICS_VARIABLE, wrong)
        with pytest.raises(UsageError, match=METRICS_VARIABLE):
            metrics_plane("https://management.azure.com")


def test_the_sign_in_of_another_host_is_its_own() -> None:
    assert metrics_plane("https://management.azure.com").audience.startswith("https://metrics.")
