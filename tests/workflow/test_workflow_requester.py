"""Whoever asked is asked about again when it begins: approved or not, glass or none."""

from __future__ import annotations

from datetime import timedelta

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from tests.workflow.test_workflow_doing import LOCKED, half_done
from tests.workflow.test_workflow_voiding import deactivate
from tests.workflow.told import QUICK, SETTINGS, Once, Told

FREE = 'without_approval = {cost_below = 100, keep_at_most = "3d"}\n'


def planned_once(tale: Told) -> Once:
    """It is planned, and Azure is away when it would begin."""
    return Once(ports_of(tale.connections, tale.acts, QUICK).plans)


async def failed_with(tale: Told, request_id: str, why: str) -> None:
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert why in request.why
    assert tale.snapshots(request_id) == []
    assert why in await tale.notes(request_id)


async def test_what_somebody_asked_who_left_since_is_not_begun(tale: Told) -> None:
    request_id = await tale.ask()
    await tale.approve(request_id, begin=False)
    deactivate(tale, ADA.id)
    await tale.workflow.carry_on(request_id)
    await failed_with(tale, request_id, "deactivated")


async def test_what_needs_no_approval_needs_its_requester(tale: Told) -> None:
    tale.with_rules(SETTINGS.read_text().replace('wait = "8h"\n', f'wait = "8h"\n{FREE}'))
    request_id = await tale.ask("dev-04", by=tale.told_with(plans=planned_once(tale)))
    assert (await tale.get(request_id)).state is State.APPROVED
    deactivate(tale, ADA.id)
    await tale.at_once(request_id)
    await failed_with(tale, request_id, "deactivated")


async def test_the_glass_is_for_those_whom_the_settings_name_when_it_begins(tale: Told) -> None:
    request_id = await tale.ask(
        "dev-04", by=tale.told_with(plans=planned_once(tale)), break_glass=True
    )
    assert (await tale.get(request_id)).state is State.APPROVED
    head, glass = SETTINGS.read_text().split("[requests.break_glass]")
    assert ADA.id in glass
    tale.with_rules(f"{head}[requests.break_glass]{glass.replace(ADA.id, 'U0NOBODY')}")
    await tale.at_once(request_id)
    await failed_with(tale, request_id, "may not break the glass")


async def test_an_requester_whom_slack_does_not_show_is_waited_for(tale: Told) -> None:
    request_id = await tale.ask()
    await tale.approve(request_id, begin=False)
    number = tale.slack.faults.add(Fault(Kind.STATUS, "users.info", status=500, times=None))
    tale.anew()
    await tale.workflow.carry_on(request_id)
    assert (await tale.get(request_id)).state is State.APPROVED
    assert tale.snapshots(request_id) == []
    tale.slack.faults.remove(number)
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE


async def test_half_done_it_stays_where_whoever_asked_left(tale: Told) -> None:
    request_id, number = await half_done(tale, LOCKED)
    tale.azure.faults.remove(number)
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    deactivate(tale, ADA.id)
    await tale.workflow.carry_on(request_id)
    request = await tale.get(request_id)
    assert request.state is State.HALF_DONE
    assert "deactivated" in request.why
    await tale.later(request_id, timedelta(days=4))
    await tale.swept(request_id)
    assert tale.snapshots(request_id) == []
