"""Resources in Azure with vmbackup's names, compared with the ledger: orphans, leftovers, and
points that are missing."""

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
from bot.requests.model import Cost, InAzure, Kind, PlannedDisk, Point
from bot.requests.names import PREFIX, request_of
from bot.requests.plans.cost import disks_cost, storage_cost
from bot.requests.tags import REQUEST_TAG, vm_key_of

#: The prefix of every name that vmbackup gives; `LiveInventory.made` finds resources by it.
MADE_PREFIX = f"{PREFIX}-"
MONTH = timedelta(hours=float(HOURS_PER_MONTH))
#: Resource Graph shows a change within minutes (governance/resource-graph/overview, 2025-05-27:
#: "near real time", at the latest with its daily scan). A wide margin of our own.
SEEN_AFTER = timedelta(hours=1)


class StrayReason(StrEnum):
    """Why a resource is listed."""

    ORPHAN = "orphan"  #: its VM does not exist any more
    LEFTOVER = "leftover"  #: of a request that was not completed, or that the ledger lacks


SENTENCES = {
    StrayReason.ORPHAN: "Its VM is not found any more. It is deleted when it expires.",
    StrayReason.LEFTOVER: (
        "No finished request has it in the ledger, so nothing deletes it by itself."
    ),
}


class PointLook(NamedTuple):
    """What a look showed of one point. `why`: a sentence where it could not be read."""

    arm_id: str
    state: InAzure
    why: str = ""


class Unrecorded(NamedTuple):
    """A resource with our name that the ledger lacks: after an older backup of it, say."""

    arm_id: str
    request_id: str  #: of its tag or name


class LedgerLook(NamedTuple):
    """The last comparison of the ledger with Azure."""

    looked_at: datetime
    not_read: str  #: why Azure could not be read then; empty: it was
    unrecorded: tuple[Unrecorded, ...] = ()


class StrayResource(NamedTuple):
    """A resource that vmbackup made and that may be unwanted, with its cost a month."""

    why: StrayReason
    record: MadeRecord
    kind: Kind
    request_id: str  #: from the ledger, the tag or the name; empty where none has it
    vm_id: str  #: lower-cased; empty where it is unknown
    region: str
    cost: Cost
    point: Point | None = None  #: the ledger's row

    @property
    def sentence(self) -> str:
        return SENTENCES[self.why]


def vms_of(points: Iterable[Point], made: Iterable[MadeRecord]) -> tuple[str, ...]:
    """The lower-cased ids of the VMs of these resources, as `LiveInventory.standing` takes them."""
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

    `standing` are the lower-cased ids of the VMs that exist; `live_requests` the ids of the
    requests that are still in progress, whose resources are no leftovers yet. A disk that is
    attached to a VM is in use and never listed.
    """
    ledger = {point.arm_id.lower(): point for point in points if point.deleted_at is None}
    found = (
        _finding(record, ledger.get(record.key), standing, live_requests, pricer)
        for record in made
        if not record.attached
    )
    return tuple(sorted((one for one in found if one), key=_dearest))


def not_shown(
    points: Iterable[Point], made: Iterable[MadeRecord], now: datetime
) -> tuple[Point, ...]:
    """Points that the ledger has and Azure does not list: somebody else deleted them, or they may
    not be read any more.

    Resource Graph need not show a restore point that a look found by itself.
    """
    seen = {record.key for record in made}
    return tuple(
        point
        for point in points
        if point.deleted_at is None
        and point.arm_id.lower() not in seen
        and now - point.made_at >= SEEN_AFTER
        and not (point.in_azure is InAzure.THERE and point.kind is Kind.RESTORE_POINT)
    )


def unrecorded(
    points: Iterable[Point], made: Iterable[MadeRecord], live_requests: Collection[str]
) -> tuple[Unrecorded, ...]:
    """What Azure has and the ledger lacks, and no request is making now. Nothing deletes it."""
    ledger = {point.arm_id.lower() for point in points if point.deleted_at is None}
    found = (
        Unrecorded(record.id, _request(record, None))
        for record in made
        if record.key not in ledger and not record.attached
    )
    return tuple(one for one in found if one.request_id not in live_requests)


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
    """The id of the request. A tag is a stranger's text: it is only shown and compared with ids."""
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
    """The cost of a month; the used size of the resource is unknown, so the range is wide."""
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
    """A sort key: resources without a price come first, because they may be the dearest."""
    monthly = finding.cost.a_month
    return monthly is not None, -monthly.high if monthly else Decimal(0), finding.record.key
