"""What the sign-in may do in Azure, asked and never tried: subscriptions, permissions, the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from advisor.azure.connection import AzureConnection
from advisor.azure.graph import AzureScope, ResourceGraph
from advisor.azure.permissions import ASKS_WHAT_IT_MAY
from advisor.azure.sdk_errors import translating
from advisor.errors import AzureUnreachable
from advisor.inventory.vm_places import VmPlace, places_of, places_query

#: authorization/permissions, 2022-04-01; resources/subscriptions, 2022-12-01.
_PERMISSIONS_VERSION, _SUBSCRIPTIONS_VERSION = "2022-04-01", "2022-12-01"
_MOST_PAGES = 20


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
        from azure.mgmt.core import AsyncARMPipelineClient

        self._scope = scope
        arguments = connection.client_arguments()
        self._connection = connection
        self._client: Any = AsyncARMPipelineClient(
            base_url=arguments["base_url"],
            policies=arguments["policies"],
            transport=arguments["transport"],
        )
        self.last_date: datetime | None = None  #: of the last answer, by Azure's clock

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
        address, found = f"{path}?api-version={version}", list[Mapping[str, Any]]()
        for _ in range(_MOST_PAGES):
            body = await self._page(address, what)
            found += [row for row in body.get("value") or () if isinstance(row, dict)]
            link = body.get("nextLink")
            if not link:
                return found
            address = self._own(str(link), what)
        raise AzureUnreachable(what, f"its answer has more than {_MOST_PAGES} pages.")

    async def _page(self, address: str, what: str) -> Mapping[str, Any]:
        from azure.core.rest import HttpRequest

        request = HttpRequest("GET", f"{self._connection.base_url}{address}")
        with translating(what, ASKS_WHAT_IT_MAY):
            async with self._connection.deadline() as timeouts:
                response = await self._client.send_request(request, **timeouts)
            response.raise_for_status()
            self.last_date = _date(response.headers.get("Date", ""))
            body = response.json()
        if not isinstance(body, dict) or not isinstance(body.get("value"), list):
            raise AzureUnreachable(what, "its answer is no list.")
        return body

    def _own(self, link: str, what: str) -> str:
        """The path of a next page; the token goes to no other host."""
        parts, own = urlsplit(link), urlsplit(self._connection.base_url)
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            raise AzureUnreachable(what, "the next page lies at another host.")
        return f"{parts.path}?{parts.query}"


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
