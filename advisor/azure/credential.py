"""The sign-in to Azure: azure-identity's default chain, and one token that all calls share."""

from __future__ import annotations

import asyncio
import time
from typing import Any

_RENEW_SECONDS_BEFORE = 300  #: a token is renewed five minutes before it ends


def default_credential() -> Any:
    """azure-identity's default chain: its variables, workload or managed identity, az, azd."""
    from azure.identity.aio import DefaultAzureCredential

    return DefaultAzureCredential()


class SharedToken:
    """A credential that asks another once for calls that run side by side.

    Without it three queries at a time would start `az` three times: the credentials of tools
    keep no token. An AsyncTokenCredential itself; `owned`: close the other one with this.
    """

    def __init__(self, credential: Any, *, owned: bool) -> None:
        self._credential = credential
        self._owned = owned
        self._tokens: dict[tuple[Any, ...], Any] = {}
        self._lock = asyncio.Lock()

    async def get_token(self, *scopes: str, **options: Any) -> Any:
        """An azure-core AccessToken. With claims or a tenant it is always fetched anew."""
        if any(options.get(name) for name in ("claims", "tenant_id")):
            return await self._credential.get_token(*scopes, **options)
        async with self._lock:
            kept = self._tokens.get(scopes)
            if kept is None or kept.expires_on - time.time() < _RENEW_SECONDS_BEFORE:
                kept = self._tokens[scopes] = await self._credential.get_token(*scopes)
            return kept

    async def close(self) -> None:
        """Closes the credential where it is ours."""
        if self._owned:
            await self._credential.close()

    async def __aenter__(self) -> SharedToken:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
