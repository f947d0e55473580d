"""Reading one VM live, over the wire with the real SDKs, from a small server on loopback."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from advisor.errors import (
    AzureRefused,
)
from advisor.inventory.resource_graph import queries, wanted_vm
from advisor.model import ProtectionKind, ProtectionState, Reading
from tests.azure.live_reading import (
    DAYS_OF_HOURS,
    HOUR,
    POINTS,
    PROTECTION,
    WEB,
    find,
    inventory,
)
from tests.wire import arm_server, sample_fleet
from tests.wire.arm_server import ArmServer, StaticCredential, answering
from tests.wire.kql import Graph


async def test_a_vm_comes_with_disks_protection_points_and_writes_in_eight_calls(
    server: ArmServer,
) -> None:
    known = await find(server)
    assert [disk.name for disk in known.vm.disks] == ["web-01-os", "web-01-data"]
    assert {disk.reading for disk in known.vm.disks} == {Reading.READ}
    kinds = [one.kind for one in known.protections]
    assert kinds == [
        ProtectionKind.BACKUP,
        ProtectionKind.SITE_RECOVERY,
        ProtectionKind.SNAPSHOTS,
        ProtectionKind.RESTORE_POINTS,
    ]
    assert known.not_read == ()
    assert known.coverage.all_vaults
    assert len(server.asked) == 8
    assert [one.method for one in server.asked] == ["POST"] * 3 + ["GET"] * 5
    jobs = sorted(one.path.rsplit("/", 1)[-1] for one in server.asked if "obs" in one.path)
    assert jobs == ["backupJobs", "replicationJobs"]
    points = server.asked[3]
    assert points.path.endswith("/restorePointCollections/web-01-points")
    assert (points.api_version, points.parameters["$expand"]) == ("2026-04-01", "restorePoints")


async def test_what_protects_the_vm_is_read_with_vault_policy_and_regions(
    server: ArmServer,
) -> None:
    backup, replication, snapshots, points = (await find(server)).protections
    assert backup.state is ProtectionState.ACTIVE
    assert backup.vault
    assert (backup.vault.name, backup.vault.redundancy) == ("vault-1", "grs-crr")
    assert backup.policy
    assert (backup.policy.name, backup.policy.every) == ("four-hourly", timedelta(hours=4))
    assert (replication.target, replication.rpo) == ("northeurope", timedelta(minutes=2))
    assert replication.recovery_points == timedelta(days=1)
    assert snapshots.count == 2
    assert set(snapshots.regions) == {"westeurope", "norwayeast"}
    assert points.count == 1


async def test_the_body_and_the_versions_that_we_send_are_these(server: ArmServer) -> None:
    await find(server, subscriptions=[sample_fleet.SUBSCRIPTION])
    graph, metrics = server.asked[:3], [one for one in server.asked if "/metrics" in one.path]
    assert {one.api_version for one in graph} == {"2021-03-01"}
    assert {one.query for one in graph} == {one.text for one in queries(wanted_vm("web-01"))}
    for one in graph:
        assert one.body["subscriptions"] == [sample_fleet.SUBSCRIPTION]
        assert one.body["options"]["$top"] == 1000
        assert one.body["options"]["resultFormat"] == "objectArray"
        assert "managementGroups" not in one.body
    assert {one.api_version for one in metrics} == {"2024-02-01"}
    for one in metrics:
        assert one.path.startswith(WEB)
        assert one.parameters["timespan"] == "2026-11-15T12:00:00Z/2026-11-22T12:00:00Z"
        assert (one.parameters["interval"], one.parameters["aggregation"]) == ("PT1H", "Average")
    assert [one.parameters.get("top") for one in metrics] == [None, "64"]  # ten LUNs otherwise
    assert {one.query: one.parameters.get("$filter") for one in metrics} == {
        "OS Disk Write Bytes/Sec": None,
        "Data Disk Write Bytes/Sec": "LUN eq '*'",
    }


async def test_without_a_scope_everything_one_may_read_is_asked(server: ArmServer) -> None:
    await find(server)
    assert not {"subscriptions", "managementGroups"} & server.asked[0].body.keys()
    await find(server, management_groups=["production"])
    graph = [one for one in server.asked if one.path == arm_server.GRAPH_PATH]
    assert graph[-1].body["managementGroups"] == ["production"]


async def test_writes_are_summed_over_the_disks_and_their_peak_is_kept(server: ArmServer) -> None:
    known = await find(server)
    assert known.writes
    assert known.coverage.metrics is Reading.READ
    mean = 1_000_000 + (3_000_000 * (DAYS_OF_HOURS - 1) + 9_000_000) / Decimal(DAYS_OF_HOURS)
    assert known.writes.written_gib_per_day == pytest.approx(mean * 86400 / 2**30)
    assert known.writes.peak_mb_per_s == 10
    assert known.writes.peak_mb_per_s_by_disk == {
        sample_fleet.disk_id("web-01-os").lower(): 1,
        sample_fleet.disk_id("web-01-data").lower(): 9,
    }
    assert known.writes.days == 7


async def test_one_token_serves_all_calls(server: ArmServer) -> None:
    credential = StaticCredential()
    await find(server, credential=credential)
    assert credential.times_asked == 1


async def test_pages_are_followed_by_their_skip_tokens(shop: Graph) -> None:
    async with ArmServer(shop, page_rows=2) as server:
        known = await find(server)
    assert len(known.protections) == 4
    tokens = [one.body["options"].get("$skipToken") for one in server.asked if POINTS in one.query]
    assert tokens[0] is None
    assert len(tokens) == len(set(tokens)) == 3


async def test_a_spent_quota_is_waited_out_before_the_next_page(shop: Graph) -> None:
    async with ArmServer(shop, page_rows=2) as server:
        spent = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:01"}
        server.quota = [dict(spent) for _ in range(3)]
        await find(server)
    by_query: dict[str, list[float]] = {}
    for one in server.asked:
        by_query.setdefault(one.query, []).append(one.at)
    second_pages = [times[1] - times[0] for times in by_query.values() if len(times) > 1]
    assert second_pages
    assert min(second_pages) >= 1.0


async def test_an_answer_cut_short_without_a_next_page_is_not_taken_for_whole(
    server: ArmServer,
) -> None:
    server.truncated = True
    with pytest.raises(AzureRefused, match=r"the VM and its disks.*gave 3 of 4 rows"):
        await find(server)


async def test_throttling_is_waited_out_as_long_as_azure_says(server: ArmServer) -> None:
    throttled = answering(429, "RateLimiting", headers={"Retry-After": "1"})
    server.fail(PROTECTION, throttled, times=1)
    known = await find(server)
    assert len(known.protections) == 4
    times = [one.at for one in server.asked if PROTECTION in one.query]
    assert len(times) == 2
    assert 1.0 <= times[1] - times[0] < 3.0


async def test_throttling_without_retry_after_waits_for_the_quotas_window(
    server: ArmServer,
) -> None:
    quota = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:01"}
    server.fail(PROTECTION, answering(429, "RateLimiting", headers=quota), times=1)
    await find(server)
    times = [one.at for one in server.asked if PROTECTION in one.query]
    assert times[1] - times[0] >= 1.0


async def test_throttling_three_times_is_a_refusal_that_says_so(server: ArmServer) -> None:
    server.fail("virtualmachines', ", answering(429, "RateLimiting", headers={"Retry-After": "0"}))
    with pytest.raises(AzureRefused, match=r"429 RateLimiting: it was asked too often"):
        await find(server)
    assert sum("virtualmachines', " in one.query for one in server.asked) == 3


async def test_refused_protection_is_unknown_and_named_never_none(server: ArmServer) -> None:
    message = (
        "The client 'c' does not have authorization to perform action "
        "'Microsoft.RecoveryServices/Vaults/read' over scope '/subscriptions/s'."
    )
    server.fail(PROTECTION, answering(403, "AuthorizationFailed", message))
    known = await find(server)
    assert known.coverage.backup_items is Reading.FAILED
    assert known.coverage.replicated_items is Reading.FAILED
    assert not known.coverage.all_vaults
    assert known.coverage.snapshots is Reading.READ
    named = [one for one in known.not_read if one.failed]
    assert [one.what for one in named] == [
        "the backup items, the replicated items, the disks backed up and their policies"
    ]
    assert named[0].why == "403 AuthorizationFailed"
    assert named[0].remedy == "Microsoft.RecoveryServices/Vaults/read"


async def test_snapshots_that_cannot_be_read_are_unknown_while_the_backup_is_known(
    server: ArmServer,
) -> None:
    server.fail(POINTS, answering(500, "InternalServerError"))
    known = await find(server)
    assert known.coverage.snapshots is Reading.FAILED
    assert known.coverage.restore_points is Reading.FAILED
    assert [one.kind for one in known.protections] == [
        ProtectionKind.BACKUP,
        ProtectionKind.SITE_RECOVERY,
    ]
    assert any("it answered 500" in one.why and one.failed for one in known.not_read)


async def test_a_policy_of_an_unknown_shape_is_named_and_the_items_count_as_read(
    server: ArmServer,
) -> None:
    policy = sample_fleet.policy("four-hourly", "vault-1")
    policy["properties"]["schedulePolicy"]["schedulePolicyType"] = "LunarSchedule"
    page = {"totalRecords": 1, "count": 1, "data": [policy], "resultTruncated": "false"}
    server.fail(PROTECTION, arm_server.saying(page))
    known = await find(server)
    assert known.coverage.backup_items is Reading.READ
    assert any("LunarSchedule" in one.why for one in known.not_read)


async def test_metrics_that_are_refused_are_unknown_and_name_the_permission(
    server: ArmServer,
) -> None:
    server.fail("OS Disk Write", answering(403, "AuthorizationFailed"))
    known = await find(server)
    assert known.writes is None
    assert known.coverage.metrics is Reading.FAILED
    assert "Microsoft.Insights/metrics/read" in known.not_read[-1].remedy


async def test_less_than_a_day_of_metrics_says_nothing(server: ArmServer) -> None:
    server.measure(WEB, "0", HOUR, [None] * 100 + [3_000_000.0] * 23)
    known = await find(server)
    assert known.writes is None
    assert known.coverage.metrics is Reading.READ
    assert "fewer than 24 hours of data" in known.not_read[-1].why
    assert "web-01-data" in known.not_read[-1].why


async def test_hours_without_data_are_not_zero(server: ArmServer) -> None:
    """A VM that ran one day of seven wrote on that day what it wrote."""
    day: list[float | None] = [None] * 144 + [2_000_000.0] * 24
    server.measure(WEB, "", HOUR, day)
    server.measure(WEB, "0", HOUR, [0.0] * DAYS_OF_HOURS)
    known = await find(server)
    assert known.writes
    assert known.writes.written_gib_per_day == Decimal(2_000_000 * 86400) / 2**30
    assert known.writes.days == 1


async def test_a_vm_without_data_disks_needs_one_call_of_azure_monitor(server: ArmServer) -> None:
    known = await find(server, "shop/web-02")
    assert len(server.asked) == 4
    assert known.protections == ()
    assert known.coverage.all_vaults


async def test_the_regions_that_have_vms_are_read_in_one_call(server: ArmServer) -> None:
    async with inventory(server) as live:
        assert await live.regions() == {"westeurope"}
    assert len(server.asked) == 1
