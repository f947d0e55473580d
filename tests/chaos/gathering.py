"""The evidence of a batch: read from the database past every proxy, and from Azure's own log."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.database.audit import Audit
from bot.database.pool import pooled
from deploy.local.azure.world import Body
from tests.chaos.evidence import (
    Asked,
    Blow,
    Counted,
    Entry,
    Evidence,
    Made,
    Played,
    Point,
    Row,
    Yes,
)
from tests.chaos.history import history, moves_of, sendings_of, steps_of
from tests.chaos.oracle import DONE, RESTORE_POINT, SNAPSHOT
from tests.chaos.setting import Remembered
from tests.chaos.watcher import connected, rows

REQUEST_TAG, PLAN_TAG = "vmbackup-request", "vmbackup-plan"
_POINTS = "microsoft.compute/restorepointcollections/restorepoints"
_SNAPSHOTS = "microsoft.compute/snapshots"
_GATHER_SECONDS = 30.0
_WRECKED = frozenset({"failed", "deleting"})

#: A deletion that was turned away has no plan: its VM is that of the request whose points it is of.
#: A plan of which nothing came to be in the ledger is known by the audit of its beginning.
_REQUESTS = """
    SELECT r.id, r.action, r.state, r.requester_user, r.revision, r.decide_by, r.finished_at, r.why,
           r.asked_at, r.wish ->> 'of_request' AS of_request,
           coalesce(nullif(r.wish ->> 'vm', ''), o.wish ->> 'vm') AS vm_name, r.vm_key, r.plan,
           coalesce((SELECT max(p.plan_hash) FROM points AS p WHERE p.request_id = r.id),
                    (SELECT a.detail ->> 'plan' FROM audit AS a
                     WHERE a.request_id = r.id AND a.kind = 'begun' ORDER BY a.seq DESC LIMIT 1)
           ) AS plan_hash,
           (SELECT a.detail -> 'left' FROM audit AS a
            WHERE a.request_id = r.id AND a.kind IN ('failed', 'cancelled', 'cleaned up')
            ORDER BY a.seq DESC LIMIT 1) AS named_left,
           (SELECT m.message ->> 'text' FROM messages AS m
            WHERE m.request_id = r.id AND m.key = 'end') AS told
    FROM requests AS r LEFT JOIN requests AS o ON o.id = r.wish ->> 'of_request'
    ORDER BY r.asked_at, r.id
"""
_APPROVALS = "SELECT request_id, revision, user_id, plan_hash, at FROM approvals"
_LEDGER = "SELECT arm_key, request_id FROM points WHERE deleted_at IS NULL AND kind <> 'disk'"
_AUDIT = "SELECT seq, request_id, kind, previous, hash FROM audit ORDER BY seq"
_HEAD = "SELECT seq, hash FROM audit_head"
_UNANSWERED = """
    SELECT coalesce(b.request_id, c.button) AS about
    FROM clicks AS c LEFT JOIN buttons AS b USING (button) WHERE c.answered_at IS NULL
"""
_UNDONE = """
    SELECT r.id, count(*) AS count FROM requests AS r JOIN steps AS s ON s.request_id = r.id
    WHERE r.state = 'done' AND s.state NOT IN ('there', 'undone') GROUP BY r.id
"""


async def gathered(
    keywords: Mapping[str, str],
    resources: Remembered,
    played: Sequence[Played],
    asked: Sequence[Asked] = (),
    blows: Sequence[Blow] = (),
) -> Evidence:
    """Everything as it is now; `asked` and `blows` are what the harness itself wrote down."""
    vm_ids = {each.vm_id.rsplit("/", 1)[-1]: each.vm_id for each in played}
    async with asyncio.timeout(_GATHER_SECONDS), await connected(keywords) as connection:
        found = [_row(each, vm_ids) for each in await rows(connection, _REQUESTS)]
        approvals = [_yes(each) for each in await rows(connection, _APPROVALS)]
        ledger = await rows(connection, _LEDGER)
        audit = [_entry(each) for each in await rows(connection, _AUDIT)]
        (head,) = await rows(connection, _HEAD)
        unanswered = await rows(connection, _UNANSWERED)
        undone = await rows(connection, _UNDONE)
        written = await history(connection)
    return Evidence(
        played=tuple(played),
        rows=tuple(found),
        approvals=tuple(approvals),
        made=tuple(made_of(resources, [row.id for row in found])),
        there=frozenset(resources),
        points=tuple(Point(each["arm_key"], each["request_id"]) for each in ledger),
        audit=tuple(audit),
        head=(head["seq"], head["hash"]),
        verified=await _verified(keywords),
        unanswered=tuple(each["about"] for each in unanswered),
        undone_steps={each["id"]: each["count"] for each in undone},
        counted=Counted(
            asked=tuple(asked),
            blows=tuple(blows),
            steps=tuple(steps_of(written)),
            sendings=tuple(sendings_of(written)),
            moves=tuple(moves_of(written)),
        ),
    )


def _row(found: Mapping[str, Any], vm_ids: Mapping[str, str]) -> Row:
    plan = found["plan"] or {}
    plan = json.loads(plan) if isinstance(plan, str) else plan
    disks = tuple(str(disk["id"]).lower() for disk in plan.get("disks", ()))
    named = vm_ids.get(found["vm_name"] or "", "")
    return Row(
        id=found["id"],
        vm_id=found["vm_key"] or named,
        action=found["action"],
        state=found["state"],
        requester=found["requester_user"],
        revision=found["revision"],
        kind=plan.get("kind", ""),
        disks=disks,
        plan_hash=found["plan_hash"] or "",
        decide_by=found["decide_by"],
        finished_at=found["finished_at"],
        why=found["why"],
        asked_at=found["asked_at"],
        of_request=found["of_request"] or "",
        left=left_of(found["named_left"] or (), found["told"] or ""),
    )


def left_of(named: Iterable[str], told: str) -> frozenset[str]:
    """What the end of a request names as left: only what its people were told counts."""
    return frozenset(each.lower() for each in named if each in told)


def _yes(found: Mapping[str, Any]) -> Yes:
    names = ("request_id", "revision", "user_id", "plan_hash", "at")
    return Yes(*(found[name] for name in names))


def _entry(found: Mapping[str, Any]) -> Entry:
    return Entry(*(found[name] for name in ("seq", "request_id", "kind", "previous", "hash")))


async def _verified(keywords: Mapping[str, str]) -> str:
    """What the product's own check says; empty where the chain is whole."""
    async with pooled(keywords) as database:
        found = await Audit(database).verify()
    return "" if found.broken_at is None else f"The audit is broken at {found.broken_at}."


# --- what was made in Azure ------------------------------------------------------------------


def made_of(resources: Remembered, request_ids: Iterable[str]) -> list[Made]:
    """Snapshots and restore points that came to be, and what each says it was made for.

    A restore point has no tags: it is of the request whose id is in its name.
    """
    known = tuple(request_ids)
    found = (
        (place, _made(at, body, resources, known))
        for place, (at, body) in enumerate(resources.came)
    )
    return [
        replace(
            each,
            has_failed=place in resources.gave_up,
            is_wreck=is_wreck(resources.get(each.arm_id)),
        )
        for place, each in found
        if each
    ]


def is_wreck(body: Body | None) -> bool:
    """Whether Azure shows it as begun and given up, or as being deleted where that failed too."""
    state = ((body or {}).get("properties") or {}).get("provisioningState", "")
    return str(state).lower() in _WRECKED


def _made(
    at: datetime, body: Body, resources: Mapping[str, Body], known: Sequence[str]
) -> Made | None:
    kind, arm_id = str(body["type"]).lower(), str(body["id"]).lower()
    if kind == _SNAPSHOTS:
        disk_id = str(body["properties"]["creationData"]["sourceResourceId"]).lower()
        disk, tags = resources.get(disk_id, {}), body.get("tags") or {}
        vm_id = str(disk.get("managedBy", "")).lower()
        request_id, plan_hash = tags.get(REQUEST_TAG, ""), tags.get(PLAN_TAG, "")
        return Made(at, arm_id, SNAPSHOT, vm_id, disk_id, request_id, plan_hash)
    if kind == _POINTS:
        collection = resources.get(arm_id.rpartition("/restorepoints/")[0], {})
        vm_id = str(collection.get("properties", {}).get("source", {}).get("id", "")).lower()
        request_id = next((each for each in known if each in arm_id.rsplit("/", 1)[-1]), "")
        return Made(at, arm_id, RESTORE_POINT, vm_id, "", request_id)
    return None


def ends(evidence: Evidence) -> Counter[str]:
    """How many requests ended in which state."""
    return Counter(f"{row.action} {row.state}" for row in evidence.rows)


def is_done(evidence: Evidence, vm_id: str) -> bool:
    """Whether a request for this VM's snapshot is done."""
    return any(
        row.vm_id == vm_id and row.action == SNAPSHOT and row.state == DONE for row in evidence.rows
    )
