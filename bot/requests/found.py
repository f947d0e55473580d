"""What lies in Azure under our names, beside the ledger: orphans, leftovers, what vanished."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from advisor.inventory.arm import DISK_TYPE, RESTORE_POINT_TYPE
from advisor.inventory.own_resources import MadeRecord
from advisor.model import HOURS_PER_MONTH
from advisor.prices.pricing import Pricer
from advisor.words import clean
from bot.requests.model import Cost, Kind, PlannedDisk, Point
from bot.requests.names import PREFIX, request_of
from bot.requests.plans.cost import disks_cost, storage_cost
from bot.requests.tags import REQUEST_TAG, vm_key_of

#: How everything made here begins: what `LiveInventory.made` is asked for.
MADE_PREFIX = f"{PREFIX}-"
MONTH = timedelta(hours=float(HOURS_PER_MONTH))
#: Resource Graph shows a change within minutes (governance/resource-graph/overview, 2025-05-27:
#: "near real time", at the latest with its daily scan). Ours, and wide.
SEEN_AFTER = timedelta(hours=1)


class StrayReason(StrEnum):
    """Why something is listed."""

    ORPHAN = "orphan"  #: its VM is not found any more
    LEFTOVER = "leftover"  #: of a request that did not get done, or that is not in the ledger


SENTENCES = {
    StrayReason.ORPHAN: "Its VM is not found any more. It is deleted when it expires.",
    StrayReason.LEFTOVER: (
        "No finished request has it in the ledger, so nothing deletes it by itself."
    ),
}


class StrayResource(NamedTuple):
    """Something of ours that nobody may want, with what it costs a month."""

    why: StrayReason
    record: MadeRecord
    kind: Kind
    request_id: str  #: by the ledger, the tag or the name; empty where none says
    vm_id: str  #: lower-cased; empty where nothing says
    region: str
    cost: Cost
    point: Point | None = None  #: the ledger's row

    @property
    def sentence(self) -> str:
        return SENTENCES[self.why]


def vms_of(points: Iterable[Point], made: Iterable[MadeRecord]) -> tuple[str, ...]:
    """The lower-cased ids of all VMs that these are of: what `LiveInventory.standing` is asked."""
    keys = {point.vm_id.lower() for point in points if point.deleted_at is None}
    return tuple(sorted(keys | {key for key in map(_tagged_vm, made) if key}))


def findings(
    points: Sequence[Point],
    made: Iterable[MadeRecord],
    standing: Collection[str],
    live_requests: Collection[str],
    pricer: Pricer,
) -> tuple[StrayResource, ...]:
    """Orphans and leftovers, the dearest first.

    `standing` are the lower-cased ids of the VMs that are found; `live_requests` the ids of the
    requests that are still being worked on, whose resources are nobody's leftovers yet. A disk
    that hangs on a VM is in use, whoever made it.
    """
    ledger = {point.arm_id.lower(): point for point in points if point.deleted_at is None}
    found = (
        _finding(record, ledger.get(record.key), standing, live_requests, pricer)
        for record in made
        if not record.attached
    )
    return tuple(sorted((one for one in found if one), key=_dearest))


def vanished(
    points: Iterable[Point], made: Iterable[MadeRecord], now: datetime
) -> tuple[Point, ...]:
    """What the ledger says exists and Azure does not show: somebody else deleted it."""
    seen = {record.key for record in made}
    return tuple(
        point
        for point in points
        if point.deleted_at is None
        and point.arm_id.lower() not in seen
        and now - point.made_at >= SEEN_AFTER
    )


def _finding(
    record: MadeRecord,
    point: Point | None,
    standing: Collection[str],
    live_requests: Collection[str],
    pricer: Pricer,
) -> StrayResource | None:
    request_id = _request(record, point)
    vm_id = point.vm_id.lower() if point else _tagged_vm(record)
    if point is None and request_id in live_requests:
        return None
    if point is not None and vm_id in standing:
        return None
    region = record.region or (point.region if point else "")
    return StrayResource(
        why=StrayReason.LEFTOVER if point is None else StrayReason.ORPHAN,
        record=record,
        kind=_kind(record),
        request_id=request_id,
        vm_id=vm_id,
        region=region,
        cost=_cost(record, region, pricer),
        point=point,
    )


def _request(record: MadeRecord, point: Point | None) -> str:
    """A tag is a stranger's text: it is shown, and compared with ids, and nothing else."""
    if point is not None:
        return point.request_id
    return request_of(record.id) or clean(record.tags.get(REQUEST_TAG, ""))


def _tagged_vm(record: MadeRecord) -> str:
    return vm_key_of(record.tags)


def _kind(record: MadeRecord) -> Kind:
    if record.type == DISK_TYPE:
        return Kind.DISK
    return Kind.RESTORE_POINT if record.type == RESTORE_POINT_TYPE else Kind.SNAPSHOT


def _cost(record: MadeRecord, region: str, pricer: Pricer) -> Cost:
    """A month of it; what it holds is not known, so its range is wide."""
    if record.size_gib is None:
        return _unpriced(pricer, "its size is not known")
    disk = PlannedDisk(
        id=record.id,
        name=record.id.rsplit("/", 1)[-1],
        unique_id=record.unique_id,
        size_gib=record.size_gib,
        sku=record.sku,
        is_os=False,
    )
    if record.type == DISK_TYPE:
        return disks_cost((disk,), region, pricer)
    return storage_cost((disk,), None, region, MONTH, pricer)


def _unpriced(pricer: Pricer, why: str) -> Cost:
    return Cost(
        currency=pricer.currency,
        a_month=None,
        until_expiry=None,
        limit_a_month=None,
        limit_until_expiry=None,
        missing=(why,),
    )


def _dearest(finding: StrayResource) -> tuple[bool, Decimal, str]:
    """What has no price first: it may be the dearest."""
    monthly = finding.cost.a_month
    return monthly is not None, -monthly.high if monthly else Decimal(0), finding.record.key
