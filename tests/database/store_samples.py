"""Requests, plans and changes for the store's tests, and a wakes that notes what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from advisor.model import Consistency
from bot.database.pool import Connection
from bot.database.store import Store
from bot.requests.action import Action
from bot.requests.changes import Ask, AuditEntry, Change, Note, NoteKind
from bot.requests.model import (
    Approval,
    Click,
    ClickKind,
    Cost,
    Kind,
    Money,
    PlannedDisk,
    Point,
    Requester,
    RequestPlan,
    Step,
    Wish,
)
from bot.requests.request import Request
from bot.requests.states import State

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/Shop"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/Web-01"
DISK = f"{GROUP}/providers/Microsoft.Compute/disks/web-01_OsDisk"
SNAPSHOT = f"{GROUP}/providers/Microsoft.Compute/snapshots/web-01_OsDisk-ab12"
CHANNEL = "C0APPROVE"
ADA = Requester(team_id="T1", user_id="UADA", user_name="ada", channel_id="C0SHOP")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class WakesNoted:
    """A wakes that keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, timedelta | None]] = []
        self.clicked: list[str] = []

    async def requests(
        self, connection: Connection, request_ids: Sequence[str], after: timedelta | None = None
    ) -> None:
        self.asked += [(request_id, after) for request_id in request_ids]

    async def clicks(self, connection: Connection, click_ids: Sequence[str]) -> None:
        self.clicked += click_ids


def request_id(number: int) -> str:
    return f"r-{number:012x}"


def an_ask(number: int = 1, *, key: str = "", requester: Requester = ADA, **wish: Any) -> Ask:
    wanted = {"action": Action.SNAPSHOT, "vm": "web-01", "reason": "before kernel update"} | wish
    return Ask(
        id=request_id(number),
        requester=requester,
        wish=Wish(**wanted),
        content_key=key or f"key-{number}",
    )


def a_plan(
    *, vm: str = VM, revision: int = 1, action: Action = Action.SNAPSHOT, **other: Any
) -> RequestPlan:
    disk = PlannedDisk(
        id=DISK, name="web-01_OsDisk", unique_id="u-1", size_gib=128, sku="Premium_LRS", is_os=True
    )
    cost = Cost(
        currency="USD",
        a_month=Money(Decimal("1.5"), Decimal("2.25"), Decimal("6.400")),
        until_expiry=Money(Decimal("0.15"), Decimal("0.2"), Decimal("0.63")),
        limit_a_month=Decimal("6.400"),
        limit_until_expiry=Decimal("0.63"),
        prices_as_of="2026-11-01",
    )
    values: dict[str, Any] = {
        "action": action,
        "revision": revision,
        "kind": Kind.SNAPSHOT,
        "vm_id": vm,
        "vm_name": "Web-01",
        "vm_uuid": "5c5f4d2e",
        "subscription_id": SUBSCRIPTION,
        "resource_group": "Shop",
        "region": "westeurope",
        "target_region": "westeurope",
        "consistency": Consistency.CRASH,
        "why_consistency": "One disk is one moment.",
        "incremental": True,
        "disks": (disk,),
        "keep": timedelta(days=3),
        "vm_tags": {"env": "prod"},
        "cost": cost,
    }
    return RequestPlan(**values | other)


def to_waiting(plan: RequestPlan | None = None, **fields: Any) -> Change:
    given = {
        "plan": plan or a_plan(),
        "channel_id": CHANNEL,
        "button": "button-1",
        "decide_by": datetime.now(UTC) + timedelta(hours=8),
    }
    return Change(to=State.WAITING, entry=AuditEntry(kind="planned"), fields=given | fields)


def to(state: State, **other: Any) -> Change:
    return Change(to=state, entry=AuditEntry(kind=str(state), detail={"why": "so"}), **other)


def an_approval(request: Request, user_id: str = "UBEN", **other: Any) -> Approval:
    values: dict[str, Any] = {
        "request_id": request.id,
        "revision": request.revision,
        "user_id": user_id,
        "user_name": user_id.lower(),
        "plan_hash": "f" * 64,
        "why_allowed": "member of vm-approvers",
        "at": NOON,
    }
    return Approval(**values | other)


def a_click(number: int = 1, *, kind: ClickKind = ClickKind.APPROVE, **other: Any) -> Click:
    values: dict[str, Any] = {
        "id": f"click-{number}",
        "kind": kind,
        "button": "button-1",
        "team_id": "T1",
        "user_id": "UBEN",
        "user_name": "ben",
        "channel_id": CHANNEL,
        "message_ts": "1700000000.000100",
    }
    return Click(**values | other)


def a_step(number: int = 1, **other: Any) -> Step:
    values: dict[str, Any] = {
        "number": number,
        "verb": "take-snapshot",
        "target_id": SNAPSHOT,
        "body": {"location": "westeurope", "properties": {"incremental": True}},
        "what": "snapshot of web-01_OsDisk",
        "disk_id": DISK,
    }
    return Step(**values | other)


def a_point(request_id: str, **other: Any) -> Point:
    values: dict[str, Any] = {
        "arm_id": SNAPSHOT,
        "kind": Kind.SNAPSHOT,
        "request_id": request_id,
        "vm_id": VM,
        "vm_name": "Web-01",
        "disk_id": DISK,
        "disk_name": "web-01_OsDisk",
        "size_gib": 128,
        "region": "westeurope",
        "unique_id": "u-9",
        "time_created": "2026-11-22T12:00:00Z",
        "made_at": NOON,
        "expires_at": NOON + timedelta(days=3),
        "plan_hash": "f" * 64,
        "requester_id": "UADA",
        "approver_ids": ("UBEN", "UCLEO"),
        "cost_a_month": Money(Decimal("1.5"), Decimal("2.25"), Decimal("6.4")),
    }
    return Point(**values | other)


def a_note(key: str, kind: NoteKind = NoteKind.THREAD, **other: Any) -> Note:
    values: dict[str, Any] = {"key": key, "kind": kind, "message": {"text": key, "blocks": []}}
    return Note(**values | other)


async def asked(store: Store, number: int = 1, **wish: object) -> Request:
    await store.ask([an_ask(number, **wish)])
    request = await store.get(request_id(number))
    assert request is not None
    return request


async def approved(store: Store, number: int = 1, vm: str = VM) -> Request:
    request = await asked(store, number)
    return await store.move(request, to(State.APPROVED, fields={"plan": a_plan(vm=vm)}))
