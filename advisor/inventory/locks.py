"""Management locks, as `az lock list` prints them: what refuses that a snapshot is deleted.

Our queries do not ask for locks: only files tell of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from advisor.inventory.arm import lowered_id, opened

LOCK_TYPE = "microsoft.authorization/locks"
_MARK = f"/providers/{LOCK_TYPE}/"


class LockRecord(NamedTuple):
    """A lock on a resource, a group or a subscription; either level refuses deletion."""

    id: str
    name: str
    level: str  #: CanNotDelete or ReadOnly
    scope: str  #: lower-cased id of what is locked

    def holds(self, arm_id: str) -> bool:
        """Whether a resource lies at or below what is locked."""
        return f"{arm_id.lower()}/".startswith(f"{self.scope}/")


def parse_lock(body: Mapping[str, Any], source: str, place: str) -> LockRecord:
    """A lock; what it is on is read off its id."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    scope, mark, name = (lowered_id(arm_id) or "").rpartition(_MARK)
    if not mark:
        raise top.refusal("id", f"id is not the id of a lock: “{arm_id[:200]}”.")
    return LockRecord(
        id=arm_id,
        name=top.text("name") or name,
        level=properties.text("level") or "CanNotDelete",
        scope=scope,
    )


def lock_on(arm_id: str, locks: Iterable[LockRecord]) -> LockRecord | None:
    """The lock that holds a resource; of several the one on the widest scope."""
    found = [one for one in locks if one.holds(arm_id)]
    return min(found, key=lambda one: (len(one.scope), one.id.lower()), default=None)
