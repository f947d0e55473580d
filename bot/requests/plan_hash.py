"""What an approval is bound to: the hash over everything in a plan that must not change.

The cost stands beside it (a price may move a little), and so do names and sentences for people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.requests.model import PlannedDisk, RequestPlan


def plan_hash(plan: RequestPlan) -> str:
    """SHA-256 in hexadecimal over the canonical JSON of what is bound, the revision included."""
    text = json.dumps(
        {"revision": plan.revision, **bound(plan)},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def bound(plan: RequestPlan) -> Mapping[str, object]:
    """What must be the same for an approval to hold, but for the revision.

    Ids are lower-cased and disks in the order of their ids: Azure spells and lists them as it
    likes.
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
    """What must be the same of one disk. Where it hangs does not count, whether it will does."""
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
    }


def _seconds(value: timedelta | None) -> str | None:
    return None if value is None else str(value.total_seconds())


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()
