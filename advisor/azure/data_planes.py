"""Azure's hosts beside Resource Manager that measurements are read from, cloud by cloud.

Each has an audience of its own to sign in to. Another cloud's follow from the address of its
Resource Manager; the environment names others.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from advisor.azure.connection import AzureConnection
from advisor.azure.sdk_errors import translating
from advisor.azure_address import PUBLIC_AZURE
from advisor.errors import AzureUnreachable, UsageError
from advisor.loopback import is_loopback

METRICS_VARIABLE = "VMBACKUP_METRICS_ENDPOINT"
LOGS_VARIABLE = "VMBACKUP_LOGS_ENDPOINT"
_REGION = "{region}"


class DataPlane(NamedTuple):
    """Where to ask, `{region}` in it where each region has a host, and what to sign in to."""

    address: str
    audience: str

    def of_region(self, region: str) -> str:
        return self.address.replace(_REGION, region)


class _Cloud(NamedTuple):
    metrics: DataPlane
    logs: DataPlane


#: By the host of Resource Manager: azure-monitor metrics batch (migrate-to-batch-api, 2025-03; the
#: Chinese article names chinanorth.metrics.monitor.azure.cn); azure-monitor logs API, 2025-01.
_CLOUDS: Mapping[str, _Cloud] = {
    "management.azure.com": _Cloud(
        DataPlane(
            "https://{region}.metrics.monitor.azure.com", "https://metrics.monitor.azure.com"
        ),
        DataPlane("https://api.loganalytics.azure.com", "https://api.loganalytics.io"),
    ),
    "management.chinacloudapi.cn": _Cloud(
        DataPlane("https://{region}.metrics.monitor.azure.cn", "https://metrics.monitor.azure.cn"),
        DataPlane("https://api.loganalytics.azure.cn", "https://api.loganalytics.azure.cn"),
    ),
    "management.usgovcloudapi.net": _Cloud(
        DataPlane("https://{region}.metrics.monitor.azure.us", "https://metrics.monitor.azure.us"),
        DataPlane("https://api.loganalytics.us", "https://api.loganalytics.us"),
    ),
}


def metrics_plane(base_url: str) -> DataPlane:
    """Where metrics are read in batches. Raises UsageError for an address that may not be."""
    return _plane(base_url, "metrics", METRICS_VARIABLE, "{region}.metrics.monitor.azure.com")


def logs_plane(base_url: str) -> DataPlane:
    """Where a Log Analytics workspace is queried. Raises UsageError as `metrics_plane`."""
    return _plane(base_url, "logs", LOGS_VARIABLE, "api.loganalytics.azure.com")


def _plane(base_url: str, which: str, variable: str, played: str) -> DataPlane:
    host = urlsplit(base_url).hostname or ""
    is_played = is_loopback(host)
    named = os.environ.get(variable, "").strip().rstrip("/")
    if is_played:  # an Azure played on this machine has its hosts as folders
        plane = DataPlane(f"{base_url}/{played}", PUBLIC_AZURE)
    else:
        plane = getattr(_CLOUDS.get(host, _CLOUDS["management.azure.com"]), which)
    if not named:
        return plane
    parts = urlsplit(named)
    own = parts.scheme == "http" and is_played and is_loopback(parts.hostname or "")
    if not (own or (parts.scheme == "https" and parts.hostname)):
        raise UsageError(
            f"{variable} is “{named}”. It must begin with https://, because your sign-in travels "
            "with every question."
        )
    return plane._replace(address=named)


class DataReader:
    """POSTs that read from a data plane, over the connection's own transport and pipeline."""

    def __init__(self, connection: AzureConnection, plane: DataPlane) -> None:
        from azure.core import AsyncPipelineClient

        given = connection.client_arguments(f"{plane.audience}/.default")
        self._connection = connection
        self._client: Any = AsyncPipelineClient(
            base_url=plane.address, transport=given["transport"], policies=given["policies"]
        )

    async def posted(
        self,
        address: str,
        body: Mapping[str, Any],
        what: str,
        permission: str,
        parameters: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """The JSON object that answers. Raises AzureRefused, AzureUnreachable."""
        from azure.core.rest import HttpRequest

        request = HttpRequest("POST", address, params=dict(parameters or {}), json=dict(body))
        with translating(what, permission):
            async with self._asked(request) as response:
                response.raise_for_status()
                try:
                    found = response.json()
                except ValueError as error:
                    raise AzureUnreachable(what, "its answer broke off.") from error
        if not isinstance(found, dict):
            raise AzureUnreachable(what, "its answer is no object.")
        return found

    @asynccontextmanager
    async def _asked(self, request: Any) -> AsyncIterator[Any]:
        async with self._connection.deadline() as timeouts:
            yield await self._client.send_request(request, **timeouts)
