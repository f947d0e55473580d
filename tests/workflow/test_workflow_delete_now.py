"""What a request made is deleted before it expires, by the rules of deletions."""

from __future__ import annotations

from bot.requests.action import Action
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA, GRACE, LINUS
from tests.workflow.workflow_system import System


async def deletion_of(system: System, request_id: str, by: str) -> str:
    """Press `Delete now` and plan the deletion; its id."""
    await system.press(request_id, ClickKind.DELETE_NOW, by)
    deletion = (await system.of(request_id))[-1]
    await system.workflow.carry_on(deletion)
    return deletion


async def test_ones_own_snapshots_are_deleted_without_an_approval(system: System) -> None:
    request_id = await system.complete("dev-04")
    deletion = await deletion_of(system, request_id, ADA.id)
    await system.workflow.carry_on(deletion)
    assert (await system.get(deletion)).state is State.DONE
    assert system.snapshots(request_id) == []


async def test_those_of_another_person_are_deleted_only_once_somebody_else_approves(
    system: System,
) -> None:
    request_id = await system.complete("dev-04")
    deletion = await deletion_of(system, request_id, GRACE.id)
    assert (await system.get(deletion)).state is State.WAITING
    assert system.snapshots(request_id) != []
    await system.approve(deletion, LINUS.id)
    assert (await system.get(deletion)).state is State.DONE
    assert system.snapshots(request_id) == []


async def test_who_may_neither_ask_nor_decide_deletes_nothing(system: System) -> None:
    request_id = await system.complete("dev-04")
    system.with_rules(
        '[requests.ask]\nusers = ["U01ADA"]\n[[requests.rules]]\nname = "all"\n'
        'channel = "C01OPS"\napprover_users = ["U02GRACE"]\n'
    )
    await system.press(request_id, ClickKind.DELETE_NOW, LINUS.id)
    assert await system.of(request_id) == []


async def test_an_attached_disk_is_refused_before_anybody_is_asked(system: System) -> None:
    request_id = await system.complete("dev-04")
    restore = await system.ask("", action=Action.RESTORE, of_request=request_id)
    await system.approve(restore)
    assert (await system.get(restore)).state is State.DONE
    deletion = await deletion_of(system, restore, ADA.id)
    assert (await system.get(deletion)).state is State.FAILED
    assert "It is attached to a VM, so it is not deleted." in await system.notes(restore)


async def test_a_restored_disk_that_lies_detached_is_deleted_once_approved(system: System) -> None:
    request_id = await system.complete("dev-04")
    restore = await system.ask("", action=Action.RESTORE, of_request=request_id)
    await system.approve(restore)
    (point,) = await system.store.points(request_id=restore)
    system.azure.world.resources[point.arm_id.lower()].pop("managedBy", None)
    deletion = await deletion_of(system, restore, ADA.id)
    assert (await system.get(deletion)).state is State.WAITING
    await system.approve(deletion)
    assert (await system.get(deletion)).state is State.DONE
