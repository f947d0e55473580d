"""Requests to build messages from: one in every state, and Hypothesis strategies for wild ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from advisor.model import Consistency
from bot.composition.actions import action_rows
from bot.messages.request_words import CardFacts
from bot.requests.action import Action
from bot.requests.model import (
    Approval,
    Cost,
    Kind,
    Money,
    PlannedDisk,
    Point,
    Requester,
    RequestPlan,
    Step,
    StepState,
    Wish,
)
from bot.requests.request import Request
from bot.requests.states import State

NOW = datetime(2026, 11, 22, 16, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLACE = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/rg-shop"
DISKS = f"{PLACE}/providers/Microsoft.Compute/disks"
SNAPSHOTS = f"{PLACE}/providers/Microsoft.Compute/snapshots"
VM_ID = f"{PLACE}/providers/Microsoft.Compute/virtualMachines/web-01"
ADA = Requester(team_id="T111", user_id="U111", user_name="ada", channel_id="C111")


def a_disk(name: str = "web-01_OsDisk", lun: int | None = None, **more: Any) -> PlannedDisk:
    given: dict[str, Any] = {
        "id": f"{DISKS}/{name}",
        "name": name,
        "unique_id": f"unique-{name}",
        "size_gib": 128 if lun is None else 1024,
        "sku": "Premium_LRS",
        "is_os": lun is None,
        "lun": lun,
        "source_id": f"{DISKS}/{name}",
        "target_id": f"{SNAPSHOTS}/vmbackup-{name}-5f0c1a2b3c4d",
    }
    return PlannedDisk(**(given | more))


def a_cost(**more: Any) -> Cost:
    given: dict[str, Any] = {
        "currency": "USD",
        "a_month": Money(Decimal("7.90"), Decimal("11.30"), Decimal("24.10")),
        "until_expiry": Money(Decimal("0.78"), Decimal("1.11"), Decimal("2.38")),
        "limit_a_month": Decimal("108.80"),
        "limit_until_expiry": Decimal("10.73"),
        "prices_as_of": "2026-10-01",
        "basis": "158 GB in use, stated by a tag, at the price of incremental snapshots.",
    }
    return Cost(**(given | more))


def a_plan(**more: Any) -> RequestPlan:
    given: dict[str, Any] = {
        "action": Action.SNAPSHOT,
        "revision": 1,
        "kind": Kind.SNAPSHOT,
        "vm_id": VM_ID,
        "vm_name": "web-01",
        "vm_uuid": "6a1d…",
        "subscription_id": "0b1f6471-1bf0-4dda-aec3-111122223333",
        "resource_group": "rg-shop",
        "region": "westeurope",
        "target_region": "westeurope",
        "consistency": Consistency.NONE,
        "why_consistency": (
            "Each disk is crash-consistent, but the 3 disks are captured moments apart. "
            "For all disks at one moment ask with --consistent."
        ),
        "incremental": True,
        "disks": (a_disk(), a_disk("web-01_data0", 0), a_disk("web-01_log", 1, sku="UltraSSD_LRS")),
        "keep": timedelta(days=3),
        "rule": "production",
        "notes": ("The disk web-01_log is an Ultra disk: usable when its copy is complete",),
        "cost": a_cost(),
    }
    return RequestPlan(**(given | more))


def a_request(state: State = State.WAITING, **more: Any) -> Request:
    plan = more.pop("plan", a_plan())
    wish = more.pop(
        "wish", Wish(action=Action.SNAPSHOT, vm="web-01", reason="before kernel update")
    )
    given: dict[str, Any] = {
        "id": "r-5f0c1a2b3c4d",
        "row": action_rows()[wish.action],
        "state": state,
        "revision": 1,
        "version": 3,
        "wish": wish,
        "requester": ADA,
        "plan": None if state is State.PLANNING else plan,
        "channel_id": "C222",
        "asked_at": NOW,
        "decide_by": NOW + 8 * HOUR,
        "begin_by": NOW + HOUR if state is State.APPROVED else None,
        "expires_at": NOW + timedelta(days=3) if state is State.DONE else None,
        "button": "b-0123456789abcdef",
    }
    return Request(**(given | more))


def an_approval(user_id: str = "U222", **more: Any) -> Approval:
    given: dict[str, Any] = {
        "request_id": "r-5f0c1a2b3c4d",
        "revision": 1,
        "user_id": user_id,
        "user_name": "bob",
        "plan_hash": "0" * 64,
        "why_allowed": "member of vm-approvers",
        "at": NOW + HOUR / 4,
    }
    return Approval(**(given | more))


def steps(*states: StepState, why: str = "") -> tuple[Step, ...]:
    """One step for each disk of the sample plan."""
    plan = a_plan()
    return tuple(
        Step(
            number=number,
            verb="take-snapshot",
            target_id=disk.target_id,
            body={},
            what=f"snapshot of {disk.name}",
            state=state,
            percent=45 if state is StepState.SENT and disk.lun == 1 else None,
            why=why if state is StepState.REFUSED else "",
            disk_id=disk.id,
        )
        for number, (disk, state) in enumerate(zip(plan.disks, states, strict=True))
    )


def a_point(disk: PlannedDisk | None = None, **more: Any) -> Point:
    disk = disk or a_disk()
    given: dict[str, Any] = {
        "arm_id": disk.target_id,
        "kind": Kind.SNAPSHOT,
        "request_id": "r-5f0c1a2b3c4d",
        "vm_id": VM_ID,
        "vm_name": "web-01",
        "disk_id": disk.id,
        "disk_name": disk.name,
        "size_gib": disk.size_gib,
        "region": "westeurope",
        "unique_id": "unique",
        "time_created": "2026-11-22T16:25:00Z",
        "made_at": NOW + HOUR / 12,
        "expires_at": NOW + timedelta(days=3),
        "plan_hash": "0" * 64,
        "requester_id": "U111",
        "approver_ids": ("U222",),
        "cost_a_month": Money(Decimal("2.60"), Decimal("3.70"), Decimal("8.00")),
    }
    return Point(**(given | more))


POINTS = tuple(a_point(disk) for disk in a_plan().disks)
LONGER = tuple(replace(each, expires_at=NOW + timedelta(days=5)) for each in POINTS)
RESTORED = tuple(replace(each, kind=Kind.DISK, expires_at=None) for each in POINTS)
MANY_DISKS = a_plan(
    disks=(a_disk(), *(a_disk(f"web-01_data{number}", number) for number in range(32))),
    why_consistency="Each disk is crash-consistent, but the 33 disks are captured moments apart.",
)
ONE_DISK = a_plan(
    disks=(a_disk(),),
    consistency=Consistency.CRASH,
    why_consistency="The snapshot is crash-consistent: web-01_OsDisk as after pulling the plug.",
    notes=(),
)
FACTS = CardFacts(
    rule_name="production",
    why_rule="it holds for the resource group rg-shop and for whatever costs 10 USD or more",
    approver_groups=("S111",),
    approver_users=("U333",),
    approvals_needed=2,
    budget="The team shop has 41.20 USD left of its 100.00 USD for November",
)
QUOTA = "Azure says that the region has no room for more snapshots (QuotaExceeded)."
GLASS = Wish(
    action=Action.SNAPSHOT, vm="web-01", reason="the shop is down, rolling back", break_glass=True
)
RESTORE_POINT = a_plan(
    kind=Kind.RESTORE_POINT,
    consistency=Consistency.FILE_SYSTEM,
    why_consistency="One restore point takes all disks at one moment; the VM agent flushes Linux.",
)
UNPRICED = a_plan(
    cost=a_cost(
        a_month=None,
        until_expiry=None,
        limit_a_month=None,
        limit_until_expiry=None,
        missing=("snapshot storage in westeurope",),
    )
)


def restoring(**more: Any) -> Request:
    wish = Wish(action=Action.RESTORE, of_request="r-5f0c1a2b3c4d", reason="the update went wrong")
    plan = a_plan(action=Action.RESTORE, kind=Kind.DISK, keep=None, cost=a_cost(until_expiry=None))
    return a_request(wish=wish, plan=plan, **more)


def swapping(state: State = State.WAITING, **more: Any) -> Request:
    wish = Wish(
        action=Action.RESTORE, of_request="r-5f0c1a2b3c4d", reason="no boot", swap_os_disk=True
    )
    plan = a_plan(
        action=Action.RESTORE,
        kind=Kind.DISK,
        keep=None,
        disks=(a_disk(),),
        swap_os_disk=True,
        os_disk_id=f"{DISKS}/web-01_OsDisk",
        taken_at=NOW - 20 * HOUR,
        cost=a_cost(until_expiry=None),
        notes=(),
    )
    return a_request(state, wish=wish, plan=plan, **(more | {"expires_at": None}))


def copying(**more: Any) -> Request:
    wish = Wish(
        action=Action.COPY, of_request="r-5f0c1a2b3c4d", to_region="northeurope", reason="x"
    )
    once = Money(Decimal("2.00"), Decimal("3.16"), Decimal("5.00"))
    until = Money(Decimal("2.78"), Decimal("4.27"), Decimal("7.38"))
    plan = a_plan(
        action=Action.COPY,
        target_region="northeurope",
        cost=a_cost(once=once, until_expiry=until),
    )
    return a_request(wish=wish, plan=plan, **more)


def extending(**more: Any) -> Request:
    wish = Wish(action=Action.EXTEND, of_request="r-5f0c1a2b3c4d", reason="still testing")
    expiry = NOW + timedelta(days=5)
    plan = a_plan(action=Action.EXTEND, keep=None, expires_at=expiry)
    return a_request(wish=wish, plan=plan, **more)


def deleting(**more: Any) -> Request:
    wish = Wish(action=Action.DELETE, of_request="r-5f0c1a2b3c4d", reason="expired")
    plan = a_plan(action=Action.DELETE, keep=None)
    itself = replace(ADA, user_id="", user_name="")
    return a_request(wish=wish, plan=plan, **({"requester": itself} | more))


# --- wild ones ------------------------------------------------------------------------------

MARKUP = ("<!here>", "<@U1|x>", "*b*", "`c`", "&amp;", ":tada:", "\u202e", "\n", "|", "@here")
wild_text = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(MARKUP), max_size=30).map("".join),
    st.sampled_from(("&" * 3000, "\U0001f600" * 3000, "x" * 20_000, "\ud800", "")),
)
times = st.integers(1_700_000_000, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
amounts = st.decimals(0, 10**9, places=4)
moneys = st.none() | st.tuples(amounts, amounts, amounts).map(lambda each: Money(*sorted(each)))
lists = st.lists(wild_text, max_size=12).map(tuple)
wild_disks = st.builds(
    a_disk,
    name=wild_text,
    lun=st.none() | st.integers(0, 63),
    sku=wild_text,
    target_id=wild_text,
    size_gib=st.integers(0, 65536),
    in_background=st.booleans(),
)
wild_plans = st.builds(
    a_plan,
    action=st.sampled_from(Action),
    kind=st.sampled_from(Kind),
    vm_id=wild_text,
    vm_name=wild_text,
    resource_group=wild_text,
    region=wild_text,
    target_region=wild_text,
    consistency=st.sampled_from(Consistency),
    why_consistency=wild_text,
    disks=st.lists(wild_disks, max_size=65).map(tuple),
    keep=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=99)),
    expires_at=st.none() | times,
    swap_os_disk=st.booleans(),
    os_disk_id=wild_text,
    taken_at=st.none() | times,
    notes=lists,
    cost=st.builds(
        a_cost,
        currency=wild_text,
        a_month=moneys,
        until_expiry=moneys,
        once=moneys,
        limit_until_expiry=st.none() | amounts,
        missing=lists,
        prices_as_of=wild_text,
        basis=wild_text,
    ),
)
wild_wishes = st.builds(
    Wish,
    action=st.sampled_from(Action),
    vm=wild_text,
    of_request=wild_text,
    disks=lists,
    consistent=st.booleans(),
    keep=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=99)),
    reason=wild_text,
    to_region=wild_text,
    break_glass=st.booleans(),
)
wild_requests = st.builds(
    a_request,
    state=st.sampled_from(State),
    plan=st.none() | wild_plans,
    wish=wild_wishes,
    requester=st.builds(Requester, team_id=wild_text, user_id=wild_text, user_name=wild_text),
    why=wild_text,
    button=st.sampled_from(("", "b-0123456789abcdef")),
    cancel_asked_by=wild_text,
    look_by=st.none() | times,
    looked_by=wild_text,
    expires_at=st.none() | times,
)
wild_steps = st.lists(
    st.builds(
        lambda what, state, percent, why: replace(
            steps(StepState.TODO, StepState.TODO, StepState.TODO)[0],
            what=what,
            state=state,
            percent=percent,
            why=why,
        ),
        wild_text,
        st.sampled_from(StepState),
        st.none() | st.integers(0, 100),
        wild_text,
    ),
    max_size=70,
)
wild_points = st.lists(
    st.builds(
        a_point,
        arm_id=wild_text,
        kind=st.sampled_from(Kind),
        vm_name=wild_text,
        disk_name=wild_text,
        region=wild_text,
        requester_id=wild_text,
        request_id=wild_text,
        cost_a_month=moneys,
        currency=wild_text,
        made_at=times,
        expires_at=st.none() | times,
    ),
    max_size=70,
)
wild_facts = st.builds(
    CardFacts,
    rule_name=wild_text,
    why_rule=wild_text,
    approver_groups=lists,
    approver_users=lists,
    budget=wild_text,
)
wild_approvals = st.lists(
    st.builds(an_approval, user_id=wild_text, why_allowed=wild_text), max_size=12
)
