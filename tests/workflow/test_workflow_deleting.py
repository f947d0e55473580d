"""A deletion follows the ledger alone; the card of the points says why one did not begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.requests.action import Action
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA, LINUS, OLU, Person
from tests.workflow.test_workflow_running import LOCKED, half_done
from tests.workflow.test_workflow_voiding import vm_of
from tests.workflow.workflow_system import System

DAY = timedelta(days=1)


async def without_its_data_disk(system: System) -> str:
    """A half-done request with a snapshot of the data disk, which the VM has no more."""
    request_id, number = await half_done(system, replace(LOCKED, path="-os-"))
    system.azure.faults.remove(number)
    vm_of(system, "web-01")["properties"]["storageProfile"]["dataDisks"].clear()
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    assert (await system.get(request_id)).state is State.WAITING
    assert len(system.snapshots(request_id)) == 1
    return request_id


async def test_a_point_that_a_new_plan_lacks_is_deleted_when_it_expires(system: System) -> None:
    request_id = await without_its_data_disk(system)
    await system.approve(request_id, LINUS.id)
    assert len(system.snapshots(request_id)) == 2
    await system.later(request_id, 4 * DAY)
    (deletion,) = await system.sweep(request_id)
    deleted = await system.get(deletion)
    assert (deleted.state, deleted.why) == (State.DONE, "")
    assert system.snapshots(request_id) == []


async def test_a_point_that_a_new_plan_lacks_is_kept_longer_with_the_rest(system: System) -> None:
    request_id = await without_its_data_disk(system)
    await system.approve(request_id, LINUS.id)
    extension = await system.ask("", action=Action.EXTEND, of_request=request_id, keep=DAY)
    await system.approve(extension)
    assert (await system.get(extension)).state is State.DONE
    assert len({made["tags"]["vmbackup-expires"] for made in system.snapshots(request_id)}) == 1


async def test_a_point_that_a_new_plan_lacks_is_cleaned_up(system: System) -> None:
    request_id = await without_its_data_disk(system)
    await system.press(request_id, ClickKind.DENY, LINUS.id, text="no")
    await system.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    for each in await system.of(request_id):
        await system.workflow.carry_on(each)
    assert (await system.get(request_id)).state is State.CLEANED_UP
    assert system.snapshots(request_id) == []


async def test_a_deletion_that_cannot_be_planned_is_said_under_the_card(system: System) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    await system.later(request_id, 2 * DAY)
    deletion = await system.ask(
        "", action=Action.DELETE, of_request=request_id, points=("another",), reason="away"
    )
    assert (await system.get(deletion)).state is State.FAILED
    assert "still there. There is no “another” of that request." in await system.notes(request_id)


async def test_a_deletion_that_is_refused_leaves_a_half_done_request_to_be_cleaned_up(
    system: System,
) -> None:
    request_id, _ = await half_done(system, LOCKED)
    deletion = await system.ask(
        "", action=Action.DELETE, of_request=request_id, points=("another",), reason="away"
    )
    assert (await system.get(deletion)).state is State.FAILED
    assert (await system.get(request_id)).state is State.HALF_DONE
    assert len(system.snapshots(request_id)) == 1


async def test_nothing_is_deleted_where_one_point_of_two_was_extended_meanwhile(
    system: System,
) -> None:
    """The deletion was asked for both; what is due of them is asked for anew."""
    request_id = await system.complete("web-01", keep=DAY)
    await system.later(request_id, DAY + timedelta(minutes=1))
    await system.workflow.look_after()
    (deletion,) = await system.of(request_id)
    kept, _ = await system.store.points(request_id=request_id)
    await system.execute(
        "UPDATE points SET expires_at = now() + interval '1 day' WHERE arm_id = %s", kept.arm_id
    )
    await system.workflow.carry_on(deletion)
    request = await system.get(deletion)
    assert (request.state, request.why) == (State.FAILED, "It was extended meanwhile.")
    assert len(system.snapshots(request_id)) == 2


@pytest.mark.parametrize(
    ("tag", "text"),
    [("vmbackup-expires", "2030-01-01T00:00:00Z"), ("vmbackup-plan", "another")],
)
async def test_a_tag_that_people_changed_keeps_the_snapshot_and_the_thread_says_so(
    system: System, tag: str, text: str
) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    await system.later(request_id, 2 * DAY)
    (made,) = system.snapshots(request_id)
    made["tags"][tag] = text
    (deletion,) = await system.sweep(request_id)
    assert (await system.get(deletion)).state is State.FAILED
    assert len(system.snapshots(request_id)) == 1
    assert f"Its tag {tag} is not as it was made" in await system.notes(request_id)


async def test_an_extended_point_is_deleted_when_its_new_expiry_comes(system: System) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    extension = await system.ask("", action=Action.EXTEND, of_request=request_id, keep=DAY)
    await system.approve(extension)
    assert (await system.get(extension)).state is State.DONE
    await system.later(request_id, 3 * DAY)
    deletion = (await system.sweep(request_id))[-1]
    assert (await system.get(deletion)).state is State.DONE
    assert system.snapshots(request_id) == []


async def test_whoever_took_them_deletes_their_own_snapshots_without_another_person(
    system: System,
) -> None:
    request_id = await system.complete("web-01")
    deletion = await system.ask("", action=Action.DELETE, of_request=request_id)
    assert (await system.get(deletion)).state is State.DONE
    assert system.snapshots(request_id) == []


async def test_somebody_elses_snapshots_are_deleted_once_another_person_approves_it(
    system: System,
) -> None:
    request_id = await system.complete("web-01")
    deletion = await system.ask("", LINUS.id, action=Action.DELETE, of_request=request_id)
    assert (await system.get(deletion)).state is State.WAITING
    assert len(system.snapshots(request_id)) == 2
    await system.approve(deletion)
    assert system.snapshots(request_id) == []


ONLY_ADA = """
[requests.ask]
users = ["U01ADA"]
[[requests.rules]]
name = "everything"
channel = "C01OPS"
approver_users = ["U02GRACE"]
"""


@pytest.mark.parametrize(
    ("who", "why"), [(OLU, "another workspace"), (LINUS, "may not")], ids=["stranger", "colleague"]
)
async def test_whoever_may_not_ask_gets_no_deletion_before_the_approvers(
    who: Person, why: str, system: System
) -> None:
    request_id = await system.complete("web-01")
    system.with_rules(ONLY_ADA)
    deletion = await system.ask("", who.id, action=Action.DELETE, of_request=request_id)
    refused = await system.get(deletion)
    assert (refused.state, why in refused.why) == (State.FAILED, True), refused.why
    assert len(system.snapshots(request_id)) == 2
