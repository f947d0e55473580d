"""What the sign-in may do in Azure, asked and never tried: subscriptions, permissions, the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from advisor.azure.arm_reader import ArmReader
from advisor.azure.connection import AzureConnection
from advisor.azure.graph import AzureScope, ResourceGraph
from advisor.azure.permissions import ASKS_WHAT_IT_MAY
from advisor.inventory.vm_places import VmPlace, places_of, places_query

#: authorization/permissions, 2022-04-01; resources/subscriptions, 2022-12-01.
_PERMISSIONS_VERSION, _SUBSCRIPTIONS_VERSION = "2022-04-01", "2022-12-01"


@dataclass(frozen=True, slots=True)
class Permission:
    """One role that the sign-in has at a scope, as Azure shows it."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]

    def has(self, action: str) -> bool:
        """Whether the role allows the action; Azure compares without case."""
        return _matches(self.actions, action) and not _matches(self.not_actions, action)


def lacking(permissions: Sequence[Permission], wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of the wanted actions that no role allows. Roles add up; `notActions` take off only
    from their own role (role-based-access-control/role-definitions, 2025-03-30)."""
    return tuple(one for one in wanted if not any(each.has(one) for each in permissions))


class AzureAccess:
    """Questions about the sign-in over one open connection. Nothing here changes anything."""

    def __init__(self, connection: AzureConnection, scope: AzureScope) -> None:
        self._scope, self._connection = scope, connection
        self._reader = ArmReader(connection)

    @property
    def last_date(self) -> datetime | None:
        """Of the last answer, by Azure's clock."""
        return self._reader.last_date

    async def subscriptions(self) -> tuple[str, ...]:
        """The ids of the subscriptions that can be seen. Raises AzureRefused, AzureUnreachable."""
        rows = await self._all("/subscriptions", _SUBSCRIPTIONS_VERSION, "the subscriptions")
        return tuple(sorted(str(row.get("subscriptionId", "")) for row in rows))

    async def vm_places(self) -> tuple[VmPlace, ...]:
        """Where the VMs are that can be seen. Raises AzureRefused, AzureUnreachable."""
        await self._connection.sign_in()
        return places_of(await ResourceGraph(self._connection, self._scope).ask(places_query()))

    async def permissions(self, scope: str) -> tuple[Permission, ...]:
        """The roles at a scope, those given above it included. `scope`: `/subscriptions/…`.

        Raises AzureRefused, AzureUnreachable.
        """
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        rows = await self._all(path, _PERMISSIONS_VERSION, f"what may be done at {scope}")
        return tuple(
            Permission(_texts(row.get("actions")), _texts(row.get("notActions"))) for row in rows
        )

    async def _all(self, path: str, version: str, what: str) -> list[Mapping[str, Any]]:
        await self._connection.sign_in()
        return await self._reader.all(path, version, what, ASKS_WHAT_IT_MAY)


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
