"""What lies in Azure beside the ledger: orphans, leftovers, what vanished, each priced."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from advisor.inventory.arm import DISK_TYPE, RESTORE_POINT_TYPE, SNAPSHOT_TYPE
from advisor.inventory.own_resources import MadeRecord
from bot.requests.found import StrayReason, StrayResource, findings, not_shown, vms_of
from bot.requests.model import Kind
from bot.requests.names import snapshot_name
from tests.requests.planning_samples import OTHER_REQUEST, REQUEST, plan_of, points_of
from tests.strategies import NOW, arm_id, pricer

PLAN = plan_of()
OS, DATA = points_of(PLAN)
STANDING = {PLAN.vm_key}


def a_record(arm_id: str = OS.arm_id, **changes: Any) -> MadeRecord:
    facts: dict[str, Any] = {"type": SNAPSHOT_TYPE, "region": "westeurope", "size_gib": 128}
    return MadeRecord(id=arm_id, **{**facts, **changes})


def a_leftover(**changes: Any) -> MadeRecord:
    return a_record(arm_id("snapshots", snapshot_name(OTHER_REQUEST, "/disk")), **changes)


def found(*records: MadeRecord, **changes: Any) -> tuple[StrayResource, ...]:
    facts: dict[str, Any] = {"points": (OS, DATA), "standing": STANDING, "live_requests": ()}
    return findings(made=records, pricer=pricer(), **{**facts, **changes})


def test_what_is_in_the_ledger_and_whose_vm_stands_is_not_listed() -> None:
    assert found(a_record(), a_record(DATA.arm_id.upper())) == ()


def test_a_point_whose_vm_is_gone_is_an_orphan_with_its_price() -> None:
    """128 GiB: 12.8, 64, 128 GiB assumed in use at 0.05 USD."""
    [orphan] = found(a_record(), standing=())
    assert (orphan.why, orphan.kind, orphan.request_id) == (
        StrayReason.ORPHAN,
        Kind.SNAPSHOT,
        REQUEST,
    )
    assert orphan.vm_id == PLAN.vm_key
    assert orphan.point == OS
    assert orphan.cost.a_month == (Decimal("0.6400"), Decimal("3.2000"), Decimal("6.4000"))
    assert orphan.sentence.startswith("Its VM is not found")


def test_what_the_ledger_does_not_know_is_a_leftover() -> None:
    [leftover] = found(a_leftover())
    assert (leftover.why, leftover.request_id, leftover.point) == (
        StrayReason.LEFTOVER, OTHER_REQUEST, None,
    )  # fmt: skip
    assert "nothing deletes it" in leftover.sentence


def test_what_the_ledger_says_is_deleted_and_is_there_is_a_leftover() -> None:
    [leftover] = found(a_record(), points=(replace(OS, deleted_at=NOW),))
    assert leftover.why is StrayReason.LEFTOVER


def test_what_a_request_is_making_is_nobodys_leftover() -> None:
    assert found(a_leftover(), live_requests={OTHER_REQUEST}) == ()


def test_the_name_of_a_resource_goes_before_its_tag() -> None:
    """Whoever may tag it cannot hide it under a request that is live."""
    tagged = a_leftover(tags={"vmbackup-request": REQUEST})
    [leftover] = found(tagged, live_requests={REQUEST})
    assert leftover.request_id == OTHER_REQUEST
    odd = a_record(arm_id("snapshots", "vmbackup-odd"), tags={"vmbackup-request": "a\nb\u202e"})
    assert found(odd)[0].request_id == "a b"


def test_a_disk_is_a_leftover_only_while_it_hangs_on_nothing() -> None:
    disk = a_record(arm_id("disks", f"vmbackup-{REQUEST}-x-0"), type=DISK_TYPE, sku="Premium_LRS")
    [leftover] = found(disk)
    assert leftover.kind is Kind.DISK
    assert leftover.cost.a_month is not None
    assert leftover.cost.a_month.likely == Decimal("21.68")
    assert found(replace(disk, attached=True)) == ()


def test_the_tag_says_the_vm_where_the_ledger_does_not() -> None:
    tags = {"vmbackup-vm": f"{PLAN.subscription_id}/RG-A/web-09"}
    [leftover] = found(a_leftover(tags=tags))
    assert leftover.vm_id == PLAN.vm_key.replace("web-01", "web-09")
    assert vms_of((OS, DATA), (a_leftover(tags=tags),)) == (PLAN.vm_key, leftover.vm_id)


@pytest.mark.parametrize("facts", [{"size_gib": None}, {"region": "westcentralus"}])
def test_without_a_size_or_price_it_is_listed_first_and_costs_no_number(
    facts: dict[str, Any],
) -> None:
    unpriced, priced = found(a_leftover(), a_record(arm_id("snapshots", "vmbackup-z"), **facts))
    assert unpriced.cost.a_month is None
    assert unpriced.cost.missing
    assert priced.cost.a_month is not None


def test_the_dearest_come_first() -> None:
    small = a_record(arm_id("snapshots", "vmbackup-a"), size_gib=1)
    large = a_record(arm_id("snapshots", "vmbackup-b"), size_gib=9, type=RESTORE_POINT_TYPE)
    assert [one.record for one in found(small, large)] == [large, small]
    assert found(large)[0].kind is Kind.RESTORE_POINT


def test_a_restore_point_without_a_region_has_that_of_the_ledger() -> None:
    [orphan] = found(a_record(region=""), standing=())
    assert orphan.region == "westeurope"


def test_what_azure_does_not_show_after_a_while_is_named() -> None:
    old, young = NOW + timedelta(hours=1), NOW + timedelta(minutes=59)
    assert not_shown((OS, DATA), (a_record(),), old) == (DATA,)
    assert not_shown((OS, DATA), (a_record(),), young) == ()
    assert not_shown((replace(DATA, deleted_at=NOW),), (), old) == ()
