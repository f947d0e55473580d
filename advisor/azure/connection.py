"""The connection to Azure: sign-in, one transport for all, and a pipeline that only reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from functools import cache
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from advisor.azure.credential import SharedToken, default_credential
from advisor.azure.operation_names import operation_name
from advisor.azure.sdk_errors import translating
from advisor.azure_address import PUBLIC_AZURE
from advisor.errors import UsageError
from advisor.loopback import is_loopback

#: Told of every request: its method, whether it only reads, and the answer's status (None: none).
Observe = Callable[[str, bool, int | None], None]
#: Is around every request, with its method and what it is about, and is told the answer's status.
Around = Callable[[str, str], AbstractContextManager[Callable[[int | None], None]]]
#: POSTs that read, by the end of their path.
_READING_POSTS = ("/resources", "/query", "/metrics:getbatch")
#: One answer of Resource Graph or Azure Monitor is there within a second; ten is a hang.
ANSWER_SECONDS = 10
CONNECT_SECONDS = 5
#: Signing in may start `az` or ask a metadata service.
SIGN_IN_SECONDS = 30
_CONNECTIONS_AT_MOST = 20


class AzureConnection:
    """An open connection to one Azure Resource Manager; an async context manager.

    `credential` is an azure-core AsyncTokenCredential; None: azure-identity's default chain.
    `base_url` is the public Azure unless said. Plain HTTP is refused (UsageError) unless the
    caller allows it and the host is this machine.
    """

    def __init__(
        self,
        *,
        credential: Any = None,
        base_url: str = PUBLIC_AZURE,
        allow_plain_http: bool = False,
        answer_seconds: float = ANSWER_SECONDS,
        observe: Observe | None = None,
        around: Around | None = None,
    ) -> None:
        self._observe, self._around = observe, around
        self.base_url = _checked_address(base_url, allow_plain_http)
        self._plain = urlsplit(base_url).scheme == "http"
        self._given = credential
        self._answer_seconds = answer_seconds
        self._token: SharedToken | None = None
        self._session: Any = None
        self._transport: Any = None
        self.calls = 0  #: requests that were sent, those for a token not among them

    async def __aenter__(self) -> AzureConnection:
        import aiohttp
        from azure.core.pipeline.transport import AioHttpTransport

        self._token = SharedToken(self._given or default_credential(), owned=self._given is None)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS_AT_MOST),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # A proxy of the environment is for the world outside, not for this machine.
            trust_env=not self._plain,
        )
        self._transport = AioHttpTransport(session=self._session, session_owner=False)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connections and what the sign-in holds; may be called twice."""
        if self._session is not None:
            await self._session.close()
        if self._token is not None:
            await self._token.close()

    async def sign_in(self) -> None:
        """Gets the token that every call uses. Raises AzureRefused or AzureUnreachable."""
        with translating("anything"):
            async with asyncio.timeout(SIGN_IN_SECONDS):
                await self._opened_token().get_token(self._scope)

    def client_arguments(self, scope: str = "") -> dict[str, Any]:
        """What every client is built from: address, sign-in, transport, pipeline.

        `scope`: what to sign in to; empty: Resource Manager.
        """
        scope = scope or self._scope
        return {
            "credential": self._opened_token(),
            "base_url": self.base_url,
            "credential_scopes": [scope],
            "transport": self._transport,
            "policies": self._policies(scope),
        }

    def undecoded_client(self) -> Any:
        """A client for requests whose answers are parsed by whoever sends them, and once."""
        from azure.core.pipeline.policies import ContentDecodePolicy
        from azure.mgmt.core import AsyncARMPipelineClient

        arguments = self.client_arguments()
        policies = [one for one in arguments["policies"] if type(one) is not ContentDecodePolicy]
        return AsyncARMPipelineClient(
            base_url=self.base_url, policies=policies, transport=arguments["transport"]
        )

    @asynccontextmanager
    async def deadline(self) -> AsyncIterator[dict[str, Any]]:
        """A context for one request: it yields the timeouts to pass, and raises TimeoutError after
        `answer_seconds`."""
        seconds = self._answer_seconds
        self.calls += 1
        async with asyncio.timeout(seconds):
            yield {"connection_timeout": CONNECT_SECONDS, "read_timeout": seconds}

    @property
    def _scope(self) -> str:
        # A stand-in on loopback is signed in to as the public Azure is.
        return f"{PUBLIC_AZURE if self._plain else self.base_url}/.default"

    def _opened_token(self) -> SharedToken:
        if self._token is None:
            raise RuntimeError("AzureConnection is used before `async with` opened it.")
        return self._token

    def _policies(self, scope: str) -> list[Any]:
        """The whole pipeline. The SDK's own would also follow redirects, sleep as long as a
        Retry-After says, and register a resource provider that is missing: a change."""
        from azure.core.pipeline import policies
        from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

        pipeline = [
            policies.RequestIdPolicy(),
            policies.HeadersPolicy(),
            policies.UserAgentPolicy(base_user_agent="vmbackup"),
            policies.ProxyPolicy(),
            policies.ContentDecodePolicy(),
            AsyncARMChallengeAuthenticationPolicy(self._opened_token(), scope),
        ]
        if self._observe is not None:
            pipeline.append(_observing_kind()(self._observe))
        if self._around is not None:
            pipeline.append(_within_kind()(self._around))
        return [_allow_http_kind()(), *pipeline] if self._plain else pipeline


@cache
def _within_kind() -> Any:
    """A policy that sends each request within a block, which is told the answer's status.

    As the two below it is a class made once: a client is made for each reading, and a class of its
    own would stay in the caches of every abstract class that ever looked at it.
    """
    from azure.core.pipeline.policies import AsyncHTTPPolicy

    class Within(AsyncHTTPPolicy[Any, Any]):
        def __init__(self, around: Around) -> None:
            super().__init__()
            self._around = around

        async def send(self, request: Any) -> Any:
            asked = request.http_request
            with self._around(asked.method, operation_name(asked.url)) as answered:
                response = await self.next.send(request)
                answered(response.http_response.status_code)
            return response

    return Within


@cache
def _observing_kind() -> Any:
    """A policy that tells what became of each request; it stands nearest to the wire."""
    from azure.core.pipeline.policies import AsyncHTTPPolicy

    class Observing(AsyncHTTPPolicy[Any, Any]):
        def __init__(self, observe: Observe) -> None:
            super().__init__()
            self._observe = observe

        async def send(self, request: Any) -> Any:
            asked, status = request.http_request, None
            try:
                response = await self.next.send(request)
                status = response.http_response.status_code
                return response
            finally:
                reads = asked.method == "POST" and asked.url.partition("?")[0].lower().endswith(
                    _READING_POSTS
                )
                self._observe(asked.method, reads, status)

    return Observing


@cache
def _allow_http_kind() -> Any:
    """A policy that lets the token go over plain HTTP: only ever used towards this machine."""
    from azure.core.pipeline.policies import SansIOHTTPPolicy

    class AllowHttp(SansIOHTTPPolicy[Any, Any]):
        def on_request(self, request: Any) -> None:
            request.context.options.setdefault("enforce_https", False)

    return AllowHttp


def _checked_address(base_url: str, allow_plain_http: bool) -> str:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return base_url.rstrip("/")
    if parts.scheme == "http" and allow_plain_http and is_loopback(host):
        return base_url.rstrip("/")
    raise UsageError(
        f"The address of Azure is “{base_url}”. It must begin with https://, because your "
        "sign-in travels with every question."
    )
