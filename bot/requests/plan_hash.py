"""The plan hash, to which an approval is bound: over everything in a plan that must not change.

The cost is not part of it (a price may change a little), nor are names and sentences for people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from bot.requests.model import DiskSettings, PlannedDisk, RequestPlan


def plan_hash(plan: RequestPlan) -> str:
    """SHA-256 in hexadecimal over the canonical JSON of `bound` and the revision."""
    text = json.dumps(
        {"revision": plan.revision, **bound(plan)},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def bound(plan: RequestPlan) -> Mapping[str, object]:
    """The fields of a plan that must stay equal for an approval to hold, without the revision.

    Ids are lower-cased and disks sorted by id, because Azure changes their spelling and order.
    """
    return {
        "action": plan.action.value,
        "kind": plan.kind.value,
        "vm_id": plan.vm_key,
        "vm_uuid": plan.vm_uuid.lower(),
        "subscription_id": plan.subscription_id.lower(),
        "resource_group": plan.resource_group.lower(),
        "region": plan.region,
        "target_region": plan.target_region,
        "consistency": plan.consistency.label,
        "incremental": plan.incremental,
        "keep_seconds": _seconds(plan.keep),
        "expires_at": _moment(plan.expires_at),
        "of_request": plan.of_request,
        "swap_os_disk": plan.swap_os_disk,
        "os_disk_id": plan.os_disk_id.lower(),
        "vm_runs": plan.vm_runs if plan.swap_os_disk else None,
        "rule": plan.rule,
        "settings_digest": plan.settings_digest,
        "left_out": sorted(one.lower() for one in plan.left_out),
        "disks": [
            bound_disk(disk, attaches=plan.attaches)
            for disk in sorted(plan.disks, key=lambda one: (one.id.lower(), one.source_id.lower()))
        ],
    }


def bound_disk(disk: PlannedDisk, *, attaches: bool) -> Mapping[str, object]:
    """The fields of one disk that must stay equal.

    Whether the disk will be attached counts; its logical unit number does not. Its settings count
    where a disk is made with them; one that has none is bound as it was before there were any.
    """
    settings = {"settings": _set(disk.settings)} if attaches and _set(disk.settings) else {}
    return {
        "id": disk.id.lower(),
        "unique_id": disk.unique_id.lower(),
        "size_gib": disk.size_gib,
        "sku": disk.sku.lower(),
        "is_os": disk.is_os,
        "attached": attaches and disk.lun is not None,
        "encryption_type": disk.encryption_type.lower(),
        "encryption_set_id": disk.encryption_set_id.lower(),
        "zones": sorted(disk.zones),
        "source_id": disk.source_id.lower(),
        "target_id": disk.target_id.lower(),
        **settings,
    }


def _set(settings: DiskSettings) -> Mapping[str, object]:
    """The settings that are not Azure's own choice."""
    usual = asdict(DiskSettings())
    return {name: value for name, value in asdict(settings).items() if value != usual[name]}


def _seconds(value: timedelta | None) -> str | None:
    return None if value is None else str(value.total_seconds())


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()
