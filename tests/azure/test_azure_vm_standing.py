"""What became of VMs that are not listed: there, gone, not to be read, or nobody can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from advisor.azure.live import LiveInventory
from advisor.azure.vm_standing import MOST_ASKED, MOST_FAILED, VmIs
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.standin.azure.running_azure import GROUP, SUBSCRIPTION, AsyncToken, arm_id, small_world

WEB, DB = (arm_id("virtualMachines", name).lower() for name in ("web-01", "db-01"))
NO_VM = arm_id("virtualMachines", "gone-01").lower()
GET_GROUP, GET_VM = "ResourceGroups_Get", "VirtualMachines_Get"
SCOPE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"


def elsewhere(vm_id: str, group: str) -> str:
    return vm_id.replace(f"/{GROUP}/", f"/{group}/")


async def standings(
    azure: AzureStandIn, vm_ids: Sequence[str], listed: Sequence[str] = (), tries: int = 1
) -> Mapping[str, tuple[VmIs, str]]:
    """By VM; every request on the wire is counted once."""
    asked = sum(azure.counts.values())
    async with LiveInventory(
        credential=AsyncToken(azure.world),
        base_url=azure.url,
        allow_plain_http=True,
        answer_seconds=1,
        tries=tries,
    ) as inventory:
        found = await inventory.vm_standings(vm_ids, listed)
        assert inventory.calls == sum(azure.counts.values()) - asked
    return {one.vm_id: (one.standing, one.why) for one in found}


async def test_a_resource_group_that_is_gone_or_may_not_be_read_settles_all_its_vms_at_once() -> (
    None
):
    world = small_world()
    world.forbidden.add(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/HIDDEN")
    gone = [elsewhere(vm, "no-group") for vm in (WEB, DB)]
    hidden = [elsewhere(vm, "hidden").upper() for vm in (WEB, DB)]
    async with AzureStandIn(world) as azure:
        found = await standings(azure, [*gone, *hidden])
        assert (azure.counts[GET_GROUP], azure.counts[GET_VM]) == (2, 0)
    assert {found[vm] for vm in gone} == {(VmIs.GONE, "Azure knows its resource group no more")}
    assert {found[vm.lower()] for vm in hidden} == {(VmIs.UNREADABLE, "403 AuthorizationFailed")}


async def test_in_a_resource_group_that_is_there_each_vm_is_asked_for() -> None:
    world = small_world()
    world.forbidden.add(DB)
    async with AzureStandIn(world) as azure:
        found = await standings(azure, [WEB, DB, NO_VM])
        assert (azure.counts[GET_GROUP], azure.counts[GET_VM]) == (1, 3)
    assert {vm: standing for vm, (standing, _) in found.items()} == {
        WEB: VmIs.THERE,
        DB: VmIs.UNREADABLE,
        NO_VM: VmIs.GONE,
    }


async def test_a_resource_group_of_which_a_vm_is_listed_is_not_asked_for() -> None:
    async with AzureStandIn(small_world()) as azure:
        found = await standings(azure, [NO_VM], listed=[WEB.upper()])
        assert (azure.counts[GET_GROUP], azure.counts[GET_VM]) == (0, 1)
    assert found[NO_VM] == (VmIs.GONE, "Azure was asked for it, and knows it no more")


@pytest.mark.parametrize(
    ("status", "code", "wanted"),
    [
        (403, "DenyAssignmentAuthorizationFailed", VmIs.UNREADABLE),
        (403, "RequestBlocked", VmIs.FAILED),
        (404, "ResourceNotFound", VmIs.GONE),
        (404, "InvalidResourceType", VmIs.FAILED),
        (409, "SubscriptionIsOverQuota", VmIs.FAILED),
        (401, "InvalidAuthenticationToken", VmIs.FAILED),
        (429, "SubscriptionRequestsThrottled", VmIs.FAILED),
        (503, "ServerBusy", VmIs.FAILED),
    ],
)
async def test_only_azures_own_words_are_an_answer(status: int, code: str, wanted: VmIs) -> None:
    async with AzureStandIn(small_world()) as azure:
        azure.faults.add(Fault(Kind.STATUS, GET_GROUP, status=status, code=code, times=None))
        found = await standings(azure, [WEB])
        assert azure.counts[GET_VM] == 0
    assert found[WEB][0] is wanted


async def test_a_question_that_hangs_is_no_answer() -> None:
    async with AzureStandIn(small_world()) as azure:
        azure.faults.add(Fault(Kind.HANG, GET_VM, seconds=5, times=1))
        found = await standings(azure, [DB, WEB], listed=[NO_VM])
    assert found[DB] == (VmIs.FAILED, "it did not answer in time")
    assert found[WEB][0] is VmIs.THERE, "one that fails stops no other one"


async def test_azure_that_answers_nothing_is_left_alone_soon() -> None:
    many = [f"{WEB}{number}" for number in range(20)]
    async with AzureStandIn(small_world()) as azure:
        azure.faults.add(Fault(Kind.STATUS, GET_VM, status=503, times=None))
        found = await standings(azure, many, listed=[WEB])
        assert azure.counts[GET_VM] == MOST_FAILED
    assert {standing for standing, _ in found.values()} == {VmIs.FAILED}
    assert len(found) == len(many)


async def test_a_question_that_came_too_often_is_asked_again_as_azure_says() -> None:
    async with AzureStandIn(small_world()) as azure:
        azure.faults.add(Fault(Kind.STATUS, GET_VM, status=429, retry_after="0", times=2))
        found = await standings(azure, [NO_VM], listed=[WEB], tries=3)
        assert azure.counts[GET_VM] == 3
    assert found[NO_VM][0] is VmIs.GONE


async def test_where_azure_stays_throttled_the_rest_is_not_asked() -> None:
    async with AzureStandIn(small_world()) as azure:
        azure.faults.add(Fault(Kind.STATUS, GET_VM, status=429, retry_after="600", times=None))
        found = await standings(azure, [WEB, DB, NO_VM], listed=[WEB], tries=3)
        assert azure.counts[GET_VM] == 1, "ten minutes are not waited for"
    assert {standing for standing, _ in found.values()} == {VmIs.FAILED}


async def test_no_more_questions_are_asked_than_one_reading_may() -> None:
    many = [f"{NO_VM}-{number:03}" for number in range(MOST_ASKED + 5)]
    async with AzureStandIn(small_world()) as azure:
        found = await standings(azure, many, listed=[WEB])
        assert azure.counts[GET_VM] == MOST_ASKED
    rest = [standing for standing, _ in found.values() if standing is not VmIs.GONE]
    assert rest == [VmIs.NOT_ASKED] * 5


async def test_without_a_sign_in_nothing_is_known() -> None:
    async with AzureStandIn(small_world()) as azure:
        azure.faults.add(Fault(Kind.EXPIRED, times=None))
        found = await standings(azure, [WEB])
    assert found[WEB][0] is VmIs.FAILED
