"""Restore point collections read from Azure Resource Manager, with the points in them.

Resource Graph's published list of types (governance/resource-graph/reference/
supported-tables-resources, 2025-05) has the collections and not their points, so that points
which it does not show may exist all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from advisor.azure.connection import AzureConnection
from advisor.azure.sdk_errors import translating
from advisor.errors import AzureRefused, AzureUnreachable, InputUnreadable, VmbackupError
from advisor.inventory.compute_points import CollectionRecord, parse_collection
from advisor.inventory.coverage import points_of

_API_VERSION = "2026-04-01"
_SOURCE = "Azure's answer"
PERMISSION = "Microsoft.Compute/restorePointCollections/read, as the role Reader has it"


class Collections:
    """Restore point collections over one connection."""

    def __init__(self, connection: AzureConnection) -> None:
        from azure.core import AsyncPipelineClient

        given = connection.client_arguments()
        self._connection = connection
        self._client: Any = AsyncPipelineClient(
            base_url=connection.base_url, transport=given["transport"], policies=given["policies"]
        )

    async def read(self, ids: Sequence[str]) -> list[CollectionRecord | VmbackupError]:
        """Each collection with its points, or the error that leaves its points unknown."""
        return list(await asyncio.gather(*(self._tried(arm_id) for arm_id in ids)))

    async def _tried(self, arm_id: str) -> CollectionRecord | VmbackupError:
        try:
            return parse_collection(await self._body(arm_id), _SOURCE, "$")
        except (AzureRefused, AzureUnreachable, InputUnreadable) as error:
            return error

    async def _body(self, arm_id: str) -> Any:
        from azure.core.rest import HttpRequest

        request = HttpRequest(
            "GET",
            f"{self._connection.base_url}{quote(arm_id)}",
            params={"api-version": _API_VERSION, "$expand": "restorePoints"},
        )
        what = points_of(arm_id)
        with translating(what, PERMISSION):
            async with self._connection.deadline() as timeouts:
                response = await self._client.send_request(request, **timeouts)
            response.raise_for_status()
        try:
            return response.json()
        except ValueError as error:
            raise AzureUnreachable(what, "its answer broke off.") from error
