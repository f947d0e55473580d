"""What became of a subscription of which nothing came: gone, not to be read, or empty."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from advisor.azure.access import AzureAccess
from advisor.azure.arm_reader import ArmReader
from advisor.azure.connection import AzureConnection
from advisor.azure.graph import AzureScope
from advisor.errors import AzureRefused, AzureUnreachable

#: resources/subscriptions/get, 2022-12-01: its `state`, and the error of one that is unknown.
_VERSION = "2022-12-01"
_DELETED, _NOT_FOUND = "deleted", "SubscriptionNotFound"
_READ_VMS = "Microsoft.Compute/virtualMachines/read"


class SubscriptionIs(StrEnum):
    """Yes, no and unknown, of whether what it had is still there."""

    EMPTY = "empty"  #: it was read, and has no VM and no disk any more
    GONE = "gone"  #: Azure knows it no more in this tenant, and what it had
    UNREADABLE = "unreadable"  #: what it has is not known


class SubscriptionStanding(NamedTuple):
    """How it stands, and why, as a clause. Its id is lower-cased."""

    subscription_id: str
    standing: SubscriptionIs
    why: str


async def standing_of(
    connection: AzureConnection, scope: AzureScope, subscription_id: str
) -> SubscriptionStanding:
    """Asks Azure. A question that fails is no answer: the subscription is not to be read then."""
    asked = subscription_id.lower()
    named = {each.lower() for each in scope.subscriptions}
    if named and asked not in named:
        why = "it is not among the subscriptions that this bot reads"
        return SubscriptionStanding(asked, SubscriptionIs.UNREADABLE, why)
    try:
        return await _asked(connection, scope, asked)
    except (AzureRefused, AzureUnreachable) as error:
        if isinstance(error, AzureRefused) and _NOT_FOUND in error.reason:
            return SubscriptionStanding(asked, SubscriptionIs.GONE, "Azure knows it no more")
        return SubscriptionStanding(asked, SubscriptionIs.UNREADABLE, error.reason.rstrip("."))


async def _asked(
    connection: AzureConnection, scope: AzureScope, asked: str
) -> SubscriptionStanding:
    path, what = f"/subscriptions/{asked}", "a subscription"
    await connection.sign_in()
    body = await ArmReader(connection).one(
        path, _VERSION, what, "Microsoft.Resources/subscriptions/read, as the role Reader has it"
    )
    if str(body.get("state", "")).lower() == _DELETED:
        return SubscriptionStanding(asked, SubscriptionIs.GONE, "it is deleted")
    if scope.management_groups:
        why = "nothing of it is in the management groups that this bot reads"
        return SubscriptionStanding(asked, SubscriptionIs.UNREADABLE, why)
    roles = await AzureAccess(connection, scope).permissions(path)
    if any(each.has(_READ_VMS) for each in roles):
        return SubscriptionStanding(asked, SubscriptionIs.EMPTY, "it has no VM any more")
    return SubscriptionStanding(
        asked, SubscriptionIs.UNREADABLE, f"no role there allows {_READ_VMS}"
    )
