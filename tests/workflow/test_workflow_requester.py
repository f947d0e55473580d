"""Slack is asked about the requester again when a request begins, with approval or without."""

from __future__ import annotations

from datetime import timedelta

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from tests.workflow.test_workflow_running import LOCKED, half_done
from tests.workflow.test_workflow_voiding import deactivate
from tests.workflow.workflow_system import QUICK, SETTINGS, PlansOnce, System

FREE = 'without_approval = {cost_below = 100, keep_at_most = "3d"}\n'


def planned_once(system: System) -> PlansOnce:
    """Plans for a request that is planned, and for whose beginning Azure is away."""
    return PlansOnce(ports_of(system.connections, system.acts, QUICK).plans)


async def failed_with(system: System, request_id: str, why: str) -> None:
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert why in request.why
    assert system.snapshots(request_id) == []
    assert why in await system.notes(request_id)


async def test_a_request_whose_requester_left_does_not_begin(system: System) -> None:
    request_id = await system.ask()
    await system.approve(request_id, begin=False)
    deactivate(system, ADA.id)
    await system.workflow.carry_on(request_id)
    await failed_with(system, request_id, "deactivated")


async def test_a_request_without_approval_needs_its_requester(system: System) -> None:
    system.with_rules(SETTINGS.read_text().replace('wait = "8h"\n', f'wait = "8h"\n{FREE}'))
    request_id = await system.ask("dev-04", by=system.workflow_with(plans=planned_once(system)))
    assert (await system.get(request_id)).state is State.APPROVED
    deactivate(system, ADA.id)
    system.age_readings()
    await system.at_once(request_id)
    await failed_with(system, request_id, "deactivated")


async def test_break_glass_begins_for_persons_whom_the_settings_name_then(system: System) -> None:
    request_id = await system.ask(
        "dev-04", by=system.workflow_with(plans=planned_once(system)), break_glass=True
    )
    assert (await system.get(request_id)).state is State.APPROVED
    head, glass = SETTINGS.read_text().split("[requests.break_glass]")
    assert ADA.id in glass
    system.with_rules(f"{head}[requests.break_glass]{glass.replace(ADA.id, 'U0NOBODY')}")
    await system.at_once(request_id)
    await failed_with(system, request_id, "may not break the glass")


async def test_a_worker_waits_for_a_requester_whom_slack_does_not_show(system: System) -> None:
    request_id = await system.ask()
    await system.approve(request_id, begin=False)
    number = system.slack.faults.add(Fault(Kind.STATUS, "users.info", status=500, times=None))
    system.start_new_worker()
    await system.workflow.carry_on(request_id)
    assert (await system.get(request_id)).state is State.APPROVED
    assert system.snapshots(request_id) == []
    system.slack.faults.remove(number)
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE


async def test_a_half_done_request_whose_requester_left_stays_half_done(system: System) -> None:
    request_id, number = await half_done(system, LOCKED)
    system.azure.faults.remove(number)
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    deactivate(system, ADA.id)
    system.age_readings()
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert request.state is State.HALF_DONE
    assert "deactivated" in request.why
    await system.later(request_id, timedelta(days=4))
    await system.sweep(request_id)
    assert system.snapshots(request_id) == []
