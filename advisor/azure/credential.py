"""The sign-in to Azure: azure-identity's default chain, and one token that all calls share."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from advisor.errors import SettingsUnreadable

_RENEW_SECONDS_BEFORE = 300  #: a token is renewed five minutes before it ends


#: The variables of azure-identity (1.25) for a service principal. It takes one that is set to
#: nothing for a value, and would say of it only what it is not.
_SIGN_IN_VARIABLES = (
    *("AZURE_TENANT_ID", "AZURE_CLIENT_ID"),
    *("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"),
)


def default_credential() -> Any:
    """azure-identity's default chain: its variables, workload or managed identity, az, azd.

    Raises SettingsUnreadable where one of its variables is set to nothing, or to what it refuses.
    """
    from azure.identity.aio import DefaultAzureCredential

    if empty := [name for name in _SIGN_IN_VARIABLES if os.environ.get(name) == ""]:
        reason = (
            "set to nothing. Fill in what signs in to Azure, or take it out of the environment."
        )
        raise SettingsUnreadable("the environment", ", ".join(empty), reason)
    try:
        return DefaultAzureCredential()
    except (ValueError, OSError) as error:  # a tenant that is none; a certificate that is not there
        names = ", ".join(name for name in _SIGN_IN_VARIABLES if name in os.environ)
        raise SettingsUnreadable("the environment", names, f"{error}") from None


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
