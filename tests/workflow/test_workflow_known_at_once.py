"""What can be known at once is refused before there is a request; what is unknown makes one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.errors import AzureUnreachable, VmAmbiguous, VmNotFound
from bot.composition.request_parts import request_service_of
from bot.errors import answered
from bot.jobs.known_vms import MOST_LATE_SECONDS, KnownVms
from bot.messages.blocks import Message
from bot.requests.action import Action
from bot.requests.model import Requester, Wish
from bot.requests.refusals import PlanRefused
from deploy.local.slack.people import ADA, GRACE, OLU, TEAM
from tests.workflow.workflow_system import OPS, System

DAY = timedelta(days=1)
EVERY_SECONDS = 60.0


@dataclass
class Asking:
    """A person who asks the service, with the VMs in its memory."""

    system: System
    vms: KnownVms
    now: float = 0.0

    async def ask(self, user: str = ADA.id, **wish: Any) -> None:
        values = {"action": Action.SNAPSHOT, "reason": "before the update"} | wish
        connections = replace(self.system.connections, vms=self.vms)
        requester = Requester(team_id=TEAM.id, user_id=user, channel_id=OPS)
        service = request_service_of(connections, lambda: None)
        await service.ask(requester, Wish(**values), f"{values}")

    async def requests(self) -> int:
        ((number,),) = await self.system.rows("SELECT count(*) FROM requests")
        return int(number)


@pytest.fixture
async def asking(system: System) -> Asking:
    names = system.connections.inventory.names
    asking = Asking(system, KnownVms(names, EVERY_SECONDS, lambda: asking.now))
    await asking.vms.once()
    return asking


async def test_a_misspelt_vm_is_refused_with_the_names_that_were_meant(asking: Asking) -> None:
    with pytest.raises(VmNotFound) as caught:
        await asking.ask(vm="web-1")
    assert "web-01" in caught.value.nearest
    with pytest.raises(VmNotFound):
        await asking.ask(vm="rg-elsewhere/web-01")
    assert await asking.requests() == 0


ONLY_GRACE = """
    [requests.ask]
    users = ["U02GRACE"]
    [[requests.rules]]
    name = "shop"
    resource_groups = ["rg-shop-prod"]
    channel = "C01OPS"
    approver_users = ["U02GRACE", "U03LINUS"]
"""


async def test_only_vms_that_a_rule_covers_are_offered(asking: Asking) -> None:
    asking.system.with_rules(ONLY_GRACE)
    with pytest.raises(VmNotFound) as caught:
        await asking.ask(GRACE.id, vm="web-1")
    assert "web-01" in caught.value.nearest
    with pytest.raises(VmNotFound) as caught:
        await asking.ask(GRACE.id, vm="erp-1")  # no rule lets anybody ask for erp-01
    assert "erp-01" not in caught.value.nearest
    await asking.ask(ADA.id, vm="web-1")  # whom the settings do not name
    assert await asking.requests() == 1


async def test_whoever_may_not_ask_does_not_learn_what_there_is(asking: Asking) -> None:
    """Right and wrong names make requests alike, and a worker refuses all with one sentence."""
    request_id = await asking.system.complete("web-01")
    name = asking.system.snapshots(request_id)[0]["name"]
    known = asking.vms.names()
    assert known
    names = [one.name.lower() for one in known]
    wishes: tuple[dict[str, Any], ...] = (
        {"vm": "web-01"},
        {"vm": "web-1"},
        {"vm": next(each for each in names if names.count(each) > 1)},
        {"action": Action.RESTORE, "of_request": request_id},
        {"action": Action.RESTORE, "of_request": request_id, "disks": ("data7",)},
        {"action": Action.RESTORE, "of_request": "r-0123456789ab"},
        {"action": Action.DELETE, "points": (name,)},
        {"action": Action.DELETE, "points": ("nothing",)},
    )
    for wish in wishes:
        await asking.ask(OLU.id, **wish)
    assert await asking.requests() == 1 + len(wishes)
    rows = await asking.system.rows("SELECT id FROM requests WHERE requester_user = %s", OLU.id)
    for (refused,) in rows:
        await asking.system.at_once(refused)
    sentences = {(await asking.system.get(refused)).why for (refused,) in rows}
    assert len(sentences) == 1
    assert sentences.pop().startswith("olu belongs to another workspace")


async def test_what_is_not_known_makes_a_request_that_a_worker_judges(asking: Asking) -> None:
    asking.now += EVERY_SECONDS + MOST_LATE_SECONDS
    with pytest.raises(VmNotFound):
        await asking.ask(vm="web-1")
    asking.now += 1
    await asking.ask(vm="web-1")
    assert await asking.requests() == 1

    async def away() -> tuple[str, ...]:
        raise AzureUnreachable("the names", "away.")

    asking.vms = KnownVms(away, EVERY_SECONDS, lambda: 0.0)
    await asking.vms.once()
    await asking.ask(vm="web-2")
    assert await asking.requests() == 2


async def test_a_full_id_passes_because_the_vm_may_be_newer_than_the_memory(
    asking: Asking,
) -> None:
    known = asking.vms.names()
    assert known
    await asking.ask(vm=known[0].vm_id.replace(known[0].name, "brand-new-01"))
    assert await asking.requests() == 1


async def test_a_name_of_several_vms_is_answered_with_the_list_that_an_advice_gives(
    asking: Asking,
) -> None:
    known = asking.vms.names()
    assert known
    names = [one.name.lower() for one in known]
    twice = next(name for name in names if names.count(name) > 1)

    async def ask() -> Message:
        with pytest.raises(VmAmbiguous) as caught:
            await asking.ask(vm=twice)
        raise caught.value

    message = await answered(ask(), lambda: "e")
    assert f"VMs are called “{twice}”. Ask again with one of these:" in message.text
    assert await asking.requests() == 0


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"vm": "web-01", "keep": 90 * DAY}, "is kept"),
        ({"vm": "web-01", "keep": timedelta(seconds=5)}, "in m, h or d"),
        ({"action": Action.EXTEND, "of_request": "r-0123456789ab", "keep": 900 * DAY}, "longer"),
        ({"action": Action.RESTORE, "of_request": "r-0123456789ab"}, "There is no request r-01"),
        ({"action": Action.DELETE, "points": ("nothing",)}, "made nothing that is called"),
    ],
)
async def test_bounds_and_ids_are_refused_at_once(
    asking: Asking, wish: dict[str, Any], said: str
) -> None:
    with pytest.raises(PlanRefused, match=said):
        await asking.ask(**wish)
    assert await asking.requests() == 0


async def test_disks_and_names_that_do_not_exist_are_answered_with_those_that_do(
    asking: Asking,
) -> None:
    request_id = await asking.system.complete("web-01")
    name = asking.system.snapshots(request_id)[0]["name"]
    with pytest.raises(PlanRefused, match="It holds web-01"):
        await asking.ask(action=Action.RESTORE, of_request=request_id, disks=("data7",))
    with pytest.raises(PlanRefused, match=f"Did you mean .*“{name}”"):
        await asking.ask(action=Action.RESTORE, points=(f"{name[:-1]}x",))
    assert await asking.requests() == 1


async def test_what_is_gone_is_refused_at_once(asking: Asking) -> None:
    request_id = await asking.system.complete("web-01")
    await asking.system.ask("", action=Action.DELETE, of_request=request_id)
    with pytest.raises(PlanRefused, match="exists any more"):
        await asking.ask(action=Action.RESTORE, of_request=request_id)
