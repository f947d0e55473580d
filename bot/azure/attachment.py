"""Whether a disk is or was attached to a VM: then it may hold work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.azure.ownership import properties

_NEVER_ATTACHED = "unattached"


def was_attached(disk: Mapping[str, Any]) -> bool:
    """Whether Azure shows that a VM has or had the disk; what it does not show counts as yes.

    `lastOwnershipUpdateTime` is when the disk was last attached or detached (Disks - Get, API
    2025-01-02: absent on a disk that never was; no example has it, so that is assumed).
    """
    held = properties(disk)
    state = str(held.get("diskState") or "").lower()
    owned = disk.get("managedBy") or disk.get("managedByExtended")
    return bool(owned or held.get("lastOwnershipUpdateTime")) or state != _NEVER_ATTACHED
