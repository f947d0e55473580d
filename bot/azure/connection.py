"""The connection that changes Azure: it sends each request once and waits a limited time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from advisor.azure.connection import CONNECT_SECONDS, AzureConnection
from advisor.azure.sdk_errors import azure_words
from advisor.errors import AzureRefused, AzureUnreachable
from bot.azure import compute_calls
from bot.azure.arm_ids import ComputeId, parsed_id
from bot.azure.first_answer import keeping_operation
from bot.azure.operations import (
    UNKNOWN,
    Operation,
    OperationState,
    Outcome,
    is_at,
    outcome_of,
)
from bot.azure.refusals import (
    GONE,
    RefusedForGood,
    RefusedForNow,
    ReplyLost,
    broken,
    refused,
)

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
    from azure.core.rest import AsyncHttpResponse
    from azure.mgmt.compute.aio import ComputeManagementClient

#: No connection came about, or no token for it.
_NEVER_SENT = frozenset(
    {"ClientConnectorError", "ConnectionTimeoutError", "AzureRefused", "AzureUnreachable"}
)
#: Azure accepts a long operation within seconds; an answer that takes longer counts as lost.
ANSWER_SECONDS = 20.0
_CONNECTIONS_AT_MOST = 20
#: Clients that are kept, each of one subscription; the one used longest ago goes first. One is
#: 40 KiB (azure-mgmt-compute 39, 2026-11), and a tenant may have thousands of subscriptions.
CLIENTS_AT_MOST = 100

#: One call of the SDK, which gets its options: the timeouts and what to do with the answer.
Call = Callable[["ComputeManagementClient", ComputeId, Mapping[str, Any]], Awaitable[object]]


class AzureActs:
    """Changes Azure with the sign-in of an open `AzureConnection`; an async context manager.

    Every method sends one request and never a second: it retries nothing, follows no redirect and
    waits for no long-running operation, which is returned to be asked later (`outcome`). (After a
    401 that asks for another token the request is sent again: Azure had done nothing.) Raises
    RefusedForNow or RefusedForGood.
    """

    def __init__(
        self, connection: AzureConnection, *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._connection = connection
        self._answer_seconds = answer_seconds
        self._session: Any = None
        self._transport: Any = None
        self._clients: OrderedDict[str, ComputeManagementClient] = OrderedDict()

    async def __aenter__(self) -> AzureActs:
        import aiohttp
        from azure.core.pipeline.transport import AioHttpTransport

        await asyncio.to_thread(_load_sdk)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS_AT_MOST),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # The proxy of the environment serves other hosts, not this machine.
            trust_env=self._connection.base_url.startswith("https://"),
            middlewares=(_send_once,),
        )
        self._transport = AioHttpTransport(session=self._session, session_owner=False)
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
        options: dict[str, Any] = {"cls": _json} | ({"expand": expand} if expand else {})
        try:
            body = await self._call(arm_id, compute_calls.get, options)
        except (RefusedForGood, RefusedForNow) as error:
            if _is_not_there(error.__cause__):
                return None
            raise
        if not isinstance(body, dict):
            raise RefusedForNow("Azure's answer is no resource.")
        return body

    async def put(self, arm_id: str, body: Mapping[str, Any]) -> Operation | None:
        """Make the resource, or give it this body again."""
        return await self._begin(
            arm_id, lambda client, of, options: compute_calls.put(client, of, body, options)
        )

    async def patch(self, arm_id: str, body: Mapping[str, Any]) -> Operation | None:
        """Change the properties that the body names."""
        return await self._begin(
            arm_id, lambda client, of, options: compute_calls.patch(client, of, body, options)
        )

    async def delete(self, arm_id: str) -> Operation | None:
        """Delete the resource; a resource that is gone already is no refusal."""
        try:
            return await self._begin(arm_id, compute_calls.delete)
        except (RefusedForGood, RefusedForNow) as error:
            if _is_not_there(error.__cause__):
                return None
            raise

    async def power(self, vm_id: str, action: Literal["start", "deallocate"]) -> Operation | None:
        """Start the VM or deallocate it."""
        is_start = action == "start"
        return await self._begin(
            vm_id, compute_calls.start if is_start else compute_calls.deallocate
        )

    async def change_data_disks(self, vm_id: str, body: Mapping[str, Any]) -> Operation | None:
        """Attach data disks to the VM, or detach them."""
        return await self._begin(
            vm_id,
            lambda client, of, options: compute_calls.change_data_disks(client, of, body, options),
        )

    async def outcome(self, target_id: str, address: str) -> Outcome:
        """What the address of an operation on this resource says; asked only at the door's host."""
        from azure.core.rest import HttpRequest

        if not is_at(address, self._connection.base_url):
            return UNKNOWN
        client = self._client(parsed_id(target_id).subscription_id)
        await self._sign_in_first()
        with _refusing():
            async with asyncio.timeout(self._answer_seconds):
                response = await client.send_request(
                    HttpRequest("GET", address), **self._timeouts()
                )
        return _outcome_in(response)

    # --- how ---------------------------------------------------------------------------------

    async def _begin(self, arm_id: str, call: Call) -> Operation | None:
        """Send the request; the operation that the answer names, which is asked later."""
        kept: list[Operation | None] = []
        first = keeping_operation(self._connection.base_url, kept.append)
        try:
            await self._call(arm_id, call, {"polling": first})
        except RefusedForNow as error:
            if _may_have_arrived(error.__cause__):
                raise ReplyLost(error.sentence) from error.__cause__
            raise
        return kept[0] if kept else None

    async def _call(self, arm_id: str, call: Call, options: Mapping[str, Any]) -> object:
        """One call of the SDK, signed in, within its time."""
        of = parsed_id(arm_id)
        client = self._client(of.subscription_id)
        await self._sign_in_first()
        with _refusing():
            async with asyncio.timeout(self._answer_seconds):
                return await call(client, of, {**options, **self._timeouts()})

    def _client(self, subscription_id: str) -> ComputeManagementClient:
        """The SDK's client of a subscription, with the project's own pipeline and transport."""
        from azure.mgmt.compute.aio import ComputeManagementClient

        key = subscription_id.lower()
        if key not in self._clients:
            arguments = self._connection.client_arguments() | {"transport": self._transport}
            self._clients[key] = ComputeManagementClient(
                subscription_id=subscription_id, **arguments
            )
        self._clients.move_to_end(key)
        while len(self._clients) > CLIENTS_AT_MOST:
            self._clients.popitem(last=False)  # it owns nothing: the session is everybody's
        return self._clients[key]

    def _timeouts(self) -> dict[str, Any]:
        return {"connection_timeout": CONNECT_SECONDS, "read_timeout": self._answer_seconds}

    async def _sign_in_first(self) -> None:
        """Get a token first, so that the sign-in takes none of the request's time."""
        try:
            await self._connection.sign_in()
        except (AzureRefused, AzureUnreachable) as error:
            raise RefusedForNow(str(error)) from error


def _load_sdk() -> None:
    """Half a second of imports, made here so that no first request waits for them on the loop."""
    import azure.mgmt.compute.aio
    import azure.mgmt.compute.models  # noqa: F401 - loaded, not used


@contextmanager
def _refusing() -> Iterator[None]:
    """A context for one request: the SDK's exception becomes a refusal, known by its answer."""
    from azure.core.exceptions import AzureError, DeserializationError, HttpResponseError

    try:
        yield
    except HttpResponseError as error:
        # An answer that was cut, or is no JSON, has the status of success: it may have been done.
        if (error.status_code or 0) < 300:
            raise broken(error) from error
        raise refused(error) from error
    except (AzureError, DeserializationError, TimeoutError) as error:
        raise broken(error) from error


def _may_have_arrived(error: BaseException | None) -> bool:
    """Whether the request behind this exception left, and no whole answer to it came."""
    if error is None or (getattr(error, "status_code", None) or 0) >= 300:
        return False
    kinds = (*type(error).__mro__, *type(error.__cause__).__mro__)
    return not {kind.__name__ for kind in kinds} & _NEVER_SENT


def _is_not_there(answer: BaseException | None) -> bool:
    """Whether the answer behind a refusal says that there is no such resource."""
    if not isinstance(answer, Exception) or getattr(answer, "status_code", None) != 404:
        return False
    return azure_words(answer)[0].lower() in GONE


def _outcome_in(response: AsyncHttpResponse) -> Outcome:
    """What an operation's address answered. A 403 is about the asking: only a look tells more."""
    from azure.core.exceptions import HttpResponseError

    status = response.status_code
    if status in (403, 404):
        return UNKNOWN
    if status < 300:
        return outcome_of(status, response.headers, _json_of(response))
    refusal = refused(HttpResponseError(response=response))
    if status < 400 or status in (401, 408, 429) or status >= 500:
        raise refusal
    return Outcome(OperationState.FAILED, refusal=refusal)


def _json(response: Any, *_: object) -> object:
    """The whole answer, also what the SDK's models do not know."""
    return _json_of(response.http_response)


def _json_of(response: AsyncHttpResponse) -> object:
    """The answer's JSON; None for an empty one."""
    try:
        return response.json() if response.content else None
    except ValueError as error:
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
