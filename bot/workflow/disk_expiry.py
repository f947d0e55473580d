"""Restored disks at their expiry: one that is or was attached is asked about, never deleted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.azure.attachment import was_attached
from bot.azure.steps import deletion_of
from bot.messages.disk_notes import disk_expired
from bot.requests.changes import AuditEntry, Change, PutOff
from bot.requests.model import Kind, Point, StepState
from bot.requests.request import Request
from bot.workflow import transitions
from bot.workflow.ports import Ports

_log = logging.getLogger(__name__)

#: The requester is asked again about a disk after this long.
ASKED_AGAIN_AFTER = timedelta(days=7)


async def attached_disks(ports: Ports, points: Sequence[Point]) -> list[Point]:
    """Those of the points that are disks, and that a VM has or had or that cannot be read."""
    by_us: set[str] = set()
    for request_id in {point.request_id for point in points if point.kind is Kind.DISK}:
        steps = await ports.store.steps(request_id)
        by_us |= {
            str(step.body.get("send", {}).get("disk_id") or "").lower()
            for step in steps
            if step.verb in ("attach-disk", "swap-os-disk") and step.state is not StepState.TODO
        }
    return [
        point
        for point in points
        if point.kind is Kind.DISK
        and (point.arm_id.lower() in by_us or await _is_or_was_attached(ports, point))
    ]


async def _is_or_was_attached(ports: Ports, point: Point) -> bool:
    """What cannot be read counts as attached: a disk cannot be brought back."""
    try:
        standing = await ports.acts.look(deletion_of(point))
    except Exception:  # noqa: BLE001  the boundary: whatever hides the disk, it is not deleted
        _log.warning("The disk %s could not be read at its expiry.", point.arm_id, exc_info=True)
        return True
    return bool(standing.resource) and was_attached(standing.resource)


async def ask_about(ports: Ports, request: Request, disks: Sequence[Point], now: datetime) -> None:
    """Ask the requester in the thread, once for each time; the disks stay meanwhile."""
    again_at = now + ASKED_AGAIN_AFTER
    message = disk_expired(request, disks, again_at)
    change = Change(
        to=None,
        entry=AuditEntry(
            kind="asked about expired disks", detail={"disks": [each.arm_id for each in disks]}
        ),
        notes=(transitions.thread(f"disks-{now:%Y%m%d%H%M%S%f}", message),),
        put_off=tuple(PutOff(arm_id=each.arm_id, until=again_at) for each in disks),
        wake_in=None,
    )
    await ports.store.move(request, change)
