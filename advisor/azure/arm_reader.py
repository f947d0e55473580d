"""Plain reading of Azure Resource Manager: one resource, or a list over all its pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from advisor.azure.connection import AzureConnection
from advisor.azure.sdk_errors import translating
from advisor.errors import AzureUnreachable

MOST_PAGES = 20


class ArmReader:
    """GETs over one open connection. Nothing here changes anything."""

    def __init__(self, connection: AzureConnection) -> None:
        from azure.mgmt.core import AsyncARMPipelineClient

        arguments = connection.client_arguments()
        self._connection = connection
        self._client: Any = AsyncARMPipelineClient(
            base_url=arguments["base_url"],
            policies=arguments["policies"],
            transport=arguments["transport"],
        )
        self.last_date: datetime | None = None  #: of the last answer, by Azure's clock

    async def one(
        self, path: str, version: str, what: str, permission: str, **parameters: str
    ) -> Mapping[str, Any]:
        """The JSON object at a path. Raises AzureRefused, AzureUnreachable."""
        return await self._got(path, {"api-version": version, **parameters}, what, permission)

    async def all(
        self, path: str, version: str, what: str, permission: str, **parameters: str
    ) -> list[Mapping[str, Any]]:
        """The rows of every page of a list, or none. Raises AzureRefused, AzureUnreachable."""
        asked: dict[str, str] = {"api-version": version, **parameters}
        address, found = path, list[Mapping[str, Any]]()
        for _ in range(MOST_PAGES):
            body = await self._got(address, asked, what, permission)
            if not isinstance(body.get("value"), list):
                raise AzureUnreachable(what, "its answer is no list.")
            found += [row for row in body["value"] if isinstance(row, dict)]
            link = body.get("nextLink")
            if not link:
                return found
            address, asked = self._own(str(link), what), {}
        raise AzureUnreachable(what, f"its answer has more than {MOST_PAGES} pages.")

    async def _got(
        self, address: str, parameters: Mapping[str, str], what: str, permission: str
    ) -> Mapping[str, Any]:
        from azure.core.rest import HttpRequest

        url = f"{self._connection.base_url}{address}"
        request = HttpRequest("GET", url, params=dict(parameters))
        with translating(what, permission):
            async with self._connection.deadline() as timeouts:
                response = await self._client.send_request(request, **timeouts)
            response.raise_for_status()
            self.last_date = _date(response.headers.get("Date", ""))
            try:
                body = response.json()
            except ValueError as error:
                raise AzureUnreachable(what, "its answer broke off.") from error
        if not isinstance(body, dict):
            raise AzureUnreachable(what, "its answer is no object.")
        return body

    def _own(self, link: str, what: str) -> str:
        """The path of a next page; the token goes to no other host."""
        parts, own = urlsplit(link), urlsplit(self._connection.base_url)
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            raise AzureUnreachable(what, "the next page lies at another host.")
        return f"{parts.path}?{parts.query}"


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
