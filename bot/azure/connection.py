"""The connection that changes Azure: it sends each request once and waits a limited time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from advisor.azure.connection import CONNECT_SECONDS, AzureConnection
from advisor.azure.sdk_errors import azure_words
from advisor.errors import AzureRefused, AzureUnreachable
from bot.azure.arm_ids import API_VERSIONS, address, resource_kind
from bot.azure.refusals import GONE, RefusedForNow, broken, refused

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

#: Azure accepts a long operation within seconds; an answer that takes longer counts as lost.
ANSWER_SECONDS = 20.0
_CONNECTIONS_AT_MOST = 20


class AzureActs:
    """Changes Azure with the sign-in of an open `AzureConnection`; an async context manager.

    Every method sends one request and never a second: it retries nothing, follows no redirect and
    waits for no long-running operation. (After a 401 that asks for another token the request is
    sent again: Azure had done nothing.) Raises RefusedForNow or RefusedForGood.
    """

    def __init__(
        self, connection: AzureConnection, *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._connection = connection
        self._answer_seconds = answer_seconds
        self._session: Any = None
        self._client: Any = None

    async def __aenter__(self) -> AzureActs:
        import aiohttp
        from azure.core import AsyncPipelineClient
        from azure.core.pipeline.transport import AioHttpTransport

        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS_AT_MOST),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # The proxy of the environment serves other hosts, not this machine.
            trust_env=self._connection.base_url.startswith("https://"),
            middlewares=(_send_once,),
        )
        self._client = AsyncPipelineClient(
            base_url=self._connection.base_url,
            transport=AioHttpTransport(session=self._session, session_owner=False),
            policies=self._connection.client_arguments()["policies"],
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    # --- one request each --------------------------------------------------------------------

    async def get(self, arm_id: str, *, expand: str = "") -> Mapping[str, Any] | None:
        """The resource as Azure shows it now; None where Azure says that there is none."""
        from azure.core.exceptions import HttpResponseError

        response = await self._answer("GET", arm_id, query={"$expand": expand} if expand else {})
        if response.status_code == 404:
            error = HttpResponseError(response=response)
            if azure_words(error)[0].lower() in GONE:
                return None
            raise refused(error)
        return _object(response)

    async def put(self, arm_id: str, body: Mapping[str, Any]) -> None:
        """Make the resource, or give it this body again."""
        await self._answer("PUT", arm_id, body=body)

    async def patch(self, arm_id: str, body: Mapping[str, Any]) -> None:
        """Change the properties that the body names."""
        await self._answer("PATCH", arm_id, body=body)

    async def delete(self, arm_id: str) -> None:
        """Delete the resource; a resource that is gone already is no refusal."""
        await self._answer("DELETE", arm_id)

    async def post(self, arm_id: str, action: str, body: Mapping[str, Any] | None = None) -> None:
        """Run an action of the resource: `deallocate`, `start`, `attachDetachDataDisks`."""
        await self._answer("POST", arm_id, action=action, body=body)

    # --- how ---------------------------------------------------------------------------------

    async def _answer(
        self,
        method: str,
        arm_id: str,
        *,
        action: str = "",
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """The answer below 400, or the 404 of a GET or DELETE."""
        from azure.core.exceptions import HttpResponseError
        from azure.core.rest import HttpRequest

        path = address(arm_id) + (f"/{action}" if action else "")
        parameters = {"api-version": API_VERSIONS[resource_kind(arm_id)], **(query or {})}
        content = {} if body is None else {"json": body}
        request = HttpRequest(
            method, f"{self._connection.base_url}{path}", params=parameters, **content
        )
        await self._sign_in_first()
        response = await self._send(request)
        if response.status_code < 400 or (response.status_code == 404 and method == "GET"):
            return response
        error = HttpResponseError(response=response)
        if method == "DELETE" and azure_words(error)[0].lower() in GONE:
            return response
        raise refused(error)

    async def _sign_in_first(self) -> None:
        """Get a token first, so that the sign-in takes none of the request's time."""
        try:
            await self._connection.sign_in()
        except (AzureRefused, AzureUnreachable) as error:
            raise RefusedForNow(str(error)) from error

    async def _send(self, request: Any) -> Any:
        from azure.core.exceptions import AzureError

        try:
            async with asyncio.timeout(self._answer_seconds):
                return await self._client.send_request(
                    request,
                    connection_timeout=CONNECT_SECONDS,
                    read_timeout=self._answer_seconds,
                )
        except (AzureError, TimeoutError) as error:
            raise broken(error) from error


async def _send_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Hide from aiohttp that a connection broke: aiohttp would send a PUT or DELETE once more.

    It does so for the errors it knows, so they are raised as one that it does not know.
    """
    import aiohttp

    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if isinstance(error, aiohttp.ClientConnectorError):
            raise  # nothing was sent, and aiohttp does not try again
        raise aiohttp.ClientConnectionError(str(error)) from error


def _object(response: Any) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError as error:
        raise broken(error) from error
    if not isinstance(body, dict):
        raise RefusedForNow("Azure's answer is no resource.")
    return body
