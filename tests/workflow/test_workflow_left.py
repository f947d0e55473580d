"""What Azure began, gave up and does not delete: whatever the end, the people are told its id."""

from __future__ import annotations

from dataclasses import replace

from bot.composition.request_parts import render_of
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from tests.workflow.workflow_system import System

PUT, GET, DELETE = "Snapshots_CreateOrUpdate", "Snapshots_Get", "Snapshots_Delete"
BROKEN = Fault(
    Kind.WORK_FAILS,
    PUT,
    times=None,
    code="DiskUnreadable",
    message="The blocks of the disk cannot be read.",
)
NOT_DELETED = replace(BROKEN, operation=DELETE, code="OddDisk", message="The disk is odd.")
DATA = "-data-"


async def card_of(system: System, request_id: str) -> str:
    card = await render_of(system.store, system.connections.rules, system.connections.people)(
        request_id
    )
    assert card is not None
    return f"{card.text}\n{card.blocks}"


async def audited(system: System, request_id: str, kind: str) -> list[str]:
    ((left,),) = await system.rows(
        "SELECT detail -> 'left' FROM audit WHERE request_id = %s AND kind = %s", request_id, kind
    )
    return list(left)


async def half_done_with_a_wreck(system: System) -> tuple[str, str]:
    """A request with one snapshot of two, and the id of the one that Azure gave up."""
    system.azure.faults.add(replace(BROKEN, path=DATA))
    system.azure.faults.add(replace(NOT_DELETED, path=DATA))
    request_id = await system.ask("web-01")
    await system.approve(request_id)
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.HALF_DONE
    (wreck,) = [made["id"] for made in system.snapshots(request_id) if DATA in made["name"]]
    assert wreck in await system.notes(request_id)
    return request_id, wreck


async def clean_up(system: System, request_id: str) -> None:
    await system.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    for each in await system.of(request_id):
        await system.workflow.carry_on(each)
    assert (await system.get(request_id)).state is State.CLEANED_UP


async def last_note(system: System, request_id: str) -> str:
    ((text,),) = await system.rows(
        "SELECT message ->> 'text' FROM messages WHERE request_id = %s AND key = 'end'", request_id
    )
    return str(text)


async def test_a_failed_request_does_not_say_that_nothing_exists_where_something_is_left(
    system: System,
) -> None:
    system.azure.faults.add(BROKEN)
    system.azure.faults.add(NOT_DELETED)
    request_id = await system.ask("dev-04")
    await system.approve(request_id)
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.FAILED
    (wreck,) = system.snapshots(request_id)
    assert wreck["id"] in await last_note(system, request_id)
    assert await audited(system, request_id, "failed") == [wreck["id"]]
    assert "except what its thread names as left" in await card_of(system, request_id)


async def test_what_azure_does_not_delete_is_named_when_the_rest_is_cleaned_up(
    system: System,
) -> None:
    request_id, wreck = await half_done_with_a_wreck(system)
    await clean_up(system, request_id)
    assert [made["id"] for made in system.snapshots(request_id)] == [wreck]
    assert "could not be removed" in await last_note(system, request_id)
    assert wreck in await last_note(system, request_id)
    assert await audited(system, request_id, "cleaned up") == [wreck]
    assert "except what its thread names as left" in await card_of(system, request_id)


async def test_what_is_gone_by_the_time_of_the_clean_up_is_not_named(system: System) -> None:
    request_id, wreck = await half_done_with_a_wreck(system)
    system.azure.world.remove(wreck)
    await clean_up(system, request_id)
    assert system.snapshots(request_id) == []
    assert "removed" not in await last_note(system, request_id)
    assert await audited(system, request_id, "cleaned up") == []


async def test_what_cannot_be_looked_at_when_the_rest_is_cleaned_up_is_named(
    system: System,
) -> None:
    """Whether it is still there is unknown, and it may cost money."""
    request_id, wreck = await half_done_with_a_wreck(system)
    system.azure.world.remove(wreck)
    system.azure.faults.add(Fault(Kind.STATUS, GET, path=DATA, status=503, times=None))
    await clean_up(system, request_id)
    assert wreck in await last_note(system, request_id)


async def test_what_somebody_else_made_under_the_name_is_not_named(system: System) -> None:
    request_id, wreck = await half_done_with_a_wreck(system)
    made = system.azure.world.get(wreck)
    assert made is not None
    made["tags"] = {"owner": "somebody"}
    await clean_up(system, request_id)
    assert wreck not in await last_note(system, request_id)
    assert await audited(system, request_id, "cleaned up") == []
