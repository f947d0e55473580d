"""What became of a subscription of which nothing came: gone, unreadable and empty are three."""

from __future__ import annotations

import pytest

from advisor.azure.live import LiveInventory
from advisor.azure.subscription_standing import SubscriptionIs
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.standin.azure.running_azure import (
    OTHER_SUBSCRIPTION,
    SUBSCRIPTION,
    AsyncToken,
    small_world,
)

UNKNOWN = "00000000-0000-0000-0000-0000000000ff"


def inventory(azure: AzureStandIn, *subscriptions: str) -> LiveInventory:
    return LiveInventory(
        subscriptions,
        credential=AsyncToken(azure.world),
        base_url=azure.url,
        allow_plain_http=True,
    )


@pytest.mark.parametrize(
    ("asked", "named", "wanted", "why"),
    [
        (UNKNOWN, (), SubscriptionIs.GONE, "Azure knows it no more"),
        (OTHER_SUBSCRIPTION, (), SubscriptionIs.UNREADABLE, "403 AuthorizationFailed"),
        (SUBSCRIPTION, (), SubscriptionIs.EMPTY, "it has no VM any more"),
        (SUBSCRIPTION, (OTHER_SUBSCRIPTION,), SubscriptionIs.UNREADABLE, "this bot reads"),
    ],
)
async def test_azure_says_what_became_of_it(
    asked: str, named: tuple[str, ...], wanted: SubscriptionIs, why: str
) -> None:
    world = small_world()
    world.forbidden.add(f"/subscriptions/{OTHER_SUBSCRIPTION}")
    async with AzureStandIn(world) as azure, inventory(azure, *named) as reading:
        found = await reading.standing_of(asked.upper())
    assert (found.subscription_id, found.standing) == (asked, wanted)
    assert why in found.why


async def test_a_question_that_fails_is_no_answer() -> None:
    async with AzureStandIn(small_world()) as azure, inventory(azure) as reading:
        azure.faults.add(Fault(Kind.STATUS, status=503, times=None))
        found = await reading.standing_of(SUBSCRIPTION)
    assert found.standing is SubscriptionIs.UNREADABLE
    assert "503" in found.why
