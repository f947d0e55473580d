"""Deletions stand on the ledger alone; one that cannot be begun is said where it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.requests.action import Action
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA, LINUS
from tests.workflow.test_workflow_doing import LOCKED, half_done
from tests.workflow.test_workflow_voiding import vm_of
from tests.workflow.told import Told

DAY = timedelta(days=1)


async def without_its_data_disk(tale: Told) -> str:
    """Half done: the data disk's snapshot is there, and the disk is the VM's no more."""
    request_id, number = await half_done(tale, replace(LOCKED, path="-os-"))
    tale.azure.faults.remove(number)
    vm_of(tale, "web-01")["properties"]["storageProfile"]["dataDisks"].clear()
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    await tale.workflow.carry_on(request_id)
    assert (await tale.get(request_id)).state is State.WAITING
    assert len(tale.snapshots(request_id)) == 1
    return request_id


async def test_what_a_new_plan_has_no_more_is_deleted_when_it_expires(tale: Told) -> None:
    request_id = await without_its_data_disk(tale)
    await tale.approve(request_id, LINUS.id)
    assert len(tale.snapshots(request_id)) == 2
    await tale.later(request_id, 4 * DAY)
    (deletion,) = await tale.swept(request_id)
    deleted = await tale.get(deletion)
    assert (deleted.state, deleted.why) == (State.DONE, "")
    assert tale.snapshots(request_id) == []


async def test_what_a_new_plan_has_no_more_is_kept_longer_with_the_rest(tale: Told) -> None:
    request_id = await without_its_data_disk(tale)
    await tale.approve(request_id, LINUS.id)
    extension = await tale.ask("", action=Action.EXTEND, of_request=request_id, keep=DAY)
    await tale.approve(extension)
    assert (await tale.get(extension)).state is State.DONE
    assert len({made["tags"]["vmbackup-expires"] for made in tale.snapshots(request_id)}) == 1


async def test_what_a_new_plan_has_no_more_is_cleaned_up(tale: Told) -> None:
    request_id = await without_its_data_disk(tale)
    await tale.press(request_id, ClickKind.DENY, LINUS.id, text="no")
    await tale.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    for each in await tale.of(request_id):
        await tale.workflow.carry_on(each)
    assert (await tale.get(request_id)).state is State.CLEANED_UP
    assert tale.snapshots(request_id) == []


async def test_a_deletion_that_cannot_be_planned_is_said_under_the_card(tale: Told) -> None:
    request_id = await tale.done("dev-04", keep=DAY)
    await tale.later(request_id, 2 * DAY)
    deletion = await tale.ask(
        "", action=Action.DELETE, of_request=request_id, points=("another",), reason="away"
    )
    assert (await tale.get(deletion)).state is State.FAILED
    assert "still there. There is no “another” of that request." in await tale.notes(request_id)


@pytest.mark.parametrize(
    ("tag", "text"),
    [("vmbackup-expires", "2030-01-01T00:00:00Z"), ("vmbackup-plan", "another")],
)
async def test_what_people_wrote_on_it_themselves_is_left_and_said(
    tale: Told, tag: str, text: str
) -> None:
    request_id = await tale.done("dev-04", keep=DAY)
    await tale.later(request_id, 2 * DAY)
    (made,) = tale.snapshots(request_id)
    made["tags"][tag] = text
    (deletion,) = await tale.swept(request_id)
    assert (await tale.get(deletion)).state is State.FAILED
    assert len(tale.snapshots(request_id)) == 1
    assert f"Its tag {tag} is not as it was made" in await tale.notes(request_id)


async def test_what_was_kept_longer_is_deleted_when_that_is_over(tale: Told) -> None:
    request_id = await tale.done("dev-04", keep=DAY)
    extension = await tale.ask("", action=Action.EXTEND, of_request=request_id, keep=DAY)
    await tale.approve(extension)
    assert (await tale.get(extension)).state is State.DONE
    await tale.later(request_id, 3 * DAY)
    deletion = (await tale.swept(request_id))[-1]
    assert (await tale.get(deletion)).state is State.DONE
    assert tale.snapshots(request_id) == []
