"""Names and tags within Azure's limits, derived from the request and the resource alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.composition.actions import action_rows
from bot.requests.action import Action
from bot.requests.model import Approval, Requester
from bot.requests.names import (
    collection_name,
    request_of,
    restore_point_name,
    restored_disk_name,
    snapshot_name,
)
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.requests.states import State
from bot.requests.tags import expiry_of, iso, tags_of, vm_key_of
from tests.requests.planning_samples import OTHER_REQUEST, REQUEST, plan_of, wish

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALLOWED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]")
DISK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/web-01_OsDisk"


def test_a_name_says_the_request_and_the_disk() -> None:
    assert re.fullmatch(r"vmbackup-r-0123456789ab-web-01_osdisk-[0-9a-f]{10}", named(DISK))


def named(disk_id: str) -> str:
    return snapshot_name(REQUEST, disk_id)


@given(st.text(min_size=1, max_size=300))
def test_every_name_is_one_that_azure_takes(key: str) -> None:
    for name in (
        named(key),
        restored_disk_name(REQUEST, key),
        restore_point_name(REQUEST, key),
        collection_name(key, "u", "westeurope"),
    ):
        assert ALLOWED.fullmatch(name), name
    assert request_of(f"/subscriptions/s/{named(key)}") == REQUEST


@given(st.text(max_size=90), st.text(max_size=90))
def test_two_disks_have_two_names_and_one_disk_has_one(one: str, other: str) -> None:
    same = one.lower() == other.lower()
    assert (named(one) == named(other)) is same


def test_spelling_does_not_matter_and_the_request_does() -> None:
    assert named(DISK) == named(DISK.upper())
    assert named(DISK) != snapshot_name(OTHER_REQUEST, DISK)


def test_another_vm_of_the_same_name_has_another_collection() -> None:
    vm = DISK.replace("disks", "virtualMachines")
    here = collection_name(vm, "uuid-1", "westeurope")
    assert here != collection_name(vm, "uuid-2", "westeurope")
    assert here != collection_name(vm, "uuid-1", "northeurope")
    assert request_of(here) == ""


# --- tags ------------------------------------------------------------------------------------


def a_request(**changes: object) -> Request:
    request = Request(
        id=REQUEST,
        row=action_rows()[Action.SNAPSHOT],
        state=State.APPROVED,
        revision=1,
        version=3,
        wish=wish(),
        requester=Requester(team_id="T1", user_id="U1", user_name="ada"),
        plan=plan_of(),
        channel_id="C1",
        asked_at=AT,
        approved_at=AT + timedelta(hours=1),
    )
    return replace(request, **changes)  # type: ignore[arg-type]


def an_approval(user: str, revision: int = 1) -> Approval:
    return Approval(
        request_id=REQUEST,
        revision=revision,
        user_id=user,
        user_name=user,
        plan_hash="h",
        why_allowed="named",
        at=AT,
    )


def test_the_tags_say_who_and_why_and_until_when() -> None:
    plan = plan_of()
    approvals = [an_approval("U2"), an_approval("U9", revision=7), an_approval("U3")]
    until = AT + timedelta(days=3, hours=1)
    assert tags_of(a_request(expires_at=until), plan, approvals) == {
        "vmbackup-request": REQUEST,
        "vmbackup-asker": "U1",
        "vmbackup-approvers": "U2 U3",
        "vmbackup-reason": "before kernel update",
        "vmbackup-plan": plan_hash(plan),
        "vmbackup-vm": f"{plan.subscription_id}/rg-a/web-01",
        "vmbackup-expires": "2026-11-25T13:00:00Z",
    }


def test_the_vm_of_a_tag_is_the_vm_of_the_plan() -> None:
    assert vm_key_of(tags_of(a_request(), plan_of(), ())) == plan_of().vm_key
    assert vm_key_of({"vmbackup-vm": "a/b"}) == vm_key_of({}) == ""


def test_vmbackup_itself_asks_under_its_own_name() -> None:
    tags = tags_of(a_request(requester=Requester(team_id="T1", user_id="")), plan_of(), ())
    assert tags["vmbackup-asker"] == "vmbackup"
    assert tags["vmbackup-approvers"] == ""


def test_the_expiry_is_that_of_the_plan_or_its_life_from_when_it_is_made() -> None:
    until, plan = AT + timedelta(days=9), plan_of()
    assert expiry_of(replace(plan, expires_at=until), AT) == until
    assert expiry_of(plan, AT) == AT + timedelta(days=3)
    forever = replace(plan, keep=None)
    assert expiry_of(forever, AT) is None
    assert "vmbackup-expires" not in tags_of(a_request(), forever, ())


@given(st.text(max_size=900), st.lists(st.from_regex(r"[UW][A-Z0-9]{8,30}", fullmatch=True)))
def test_every_tag_is_one_that_azure_takes(reason: str, people: list[str]) -> None:
    request = a_request(wish=wish(reason=reason))
    tags = tags_of(request, plan_of(), [an_approval(one) for one in people])
    assert len(tags) <= 50
    for name, value in tags.items():
        assert re.fullmatch(r"[a-z-]{1,512}", name)
        assert len(value) <= 256
        assert value.isprintable() or not value.isascii()
    shown = tags["vmbackup-approvers"].split()
    assert all(one in people or one.startswith("+") for one in shown)


def test_times_are_written_in_utc() -> None:
    assert iso(datetime.fromisoformat("2026-11-22T12:00:00+05:00")) == "2026-11-22T07:00:00Z"
