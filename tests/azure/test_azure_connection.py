"""Where a sign-in may travel, and how often it is asked for."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from advisor.azure.connection import PUBLIC_AZURE, AzureConnection
from advisor.azure.credential import SharedToken
from advisor.errors import AzureRefused, SettingsUnreadable, UsageError
from tests.wire.arm_server import ArmServer, StaticCredential
from tests.wire.kql import Graph


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://management.azure.com", True),
        ("http://10.0.0.1:8080", True),
        ("http://127.0.0.1.example.com", True),
        ("http://user@example.com", True),
        ("http://127.0.0.1:8080", False),
        ("http://localhost", False),
        ("ftp://127.0.0.1", True),
        ("management.azure.com", True),
        ("https://", True),
        ("", True),
    ],
)
def test_plain_http_is_refused_unless_allowed_and_on_this_machine(
    address: str, allowed: bool
) -> None:
    with pytest.raises(UsageError, match="must begin with https"):
        AzureConnection(base_url=address, allow_plain_http=allowed)


@pytest.mark.parametrize(
    "address",
    [PUBLIC_AZURE, "https://management.usgovcloudapi.net/", "http://127.0.0.1:1", "http://[::1]:1"],
)
def test_https_and_an_allowed_loopback_are_taken(address: str) -> None:
    assert AzureConnection(base_url=address, allow_plain_http=True).base_url == address.rstrip("/")


async def test_a_token_is_asked_for_once_by_calls_side_by_side() -> None:
    credential = StaticCredential()
    shared = SharedToken(credential, owned=False)
    await asyncio.gather(*(shared.get_token("scope") for _ in range(5)))
    assert credential.times_asked == 1
    await shared.get_token("another scope")
    await shared.get_token("scope", claims="a challenge")
    assert credential.times_asked == 3


async def test_a_token_about_to_end_is_renewed() -> None:
    class Ending(StaticCredential):
        async def get_token(self, *scopes: str, **options: Any) -> Any:
            token = await super().get_token(*scopes, **options)
            return token._replace(expires_on=int(time.time()) + 60)

    credential = Ending()
    shared = SharedToken(credential, owned=False)
    await shared.get_token("scope")
    await shared.get_token("scope")
    assert credential.times_asked == 2


async def test_a_failed_sign_in_is_a_sentence_and_no_call_is_made() -> None:
    from azure.core.exceptions import ClientAuthenticationError

    class Failing(StaticCredential):
        async def get_token(self, *scopes: str, **_: Any) -> Any:
            raise ClientAuthenticationError(message="no")

    async with ArmServer(Graph([])) as server:
        connection = AzureConnection(
            credential=Failing(), base_url=server.url, allow_plain_http=True
        )
        async with connection:
            with pytest.raises(AzureRefused, match="read anything: the sign-in failed"):
                await connection.sign_in()
        assert server.asked == []


async def test_a_connection_is_closed_twice_without_complaint() -> None:
    connection = AzureConnection(credential=StaticCredential())
    async with connection:
        pass
    await connection.close()


async def test_a_redirect_is_not_followed_with_the_token() -> None:
    from aiohttp import web

    from advisor.azure.graph import AzureScope, ResourceGraph
    from advisor.inventory.resource_graph import names_query

    async def elsewhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{other.url}/stolen"})

    async with ArmServer(Graph([])) as server, ArmServer(Graph([])) as other:
        server.fail("", elsewhere)
        connection = AzureConnection(
            credential=StaticCredential(), base_url=server.url, allow_plain_http=True
        )
        async with connection:
            with pytest.raises(AzureRefused, match="307"):
                await ResourceGraph(connection, AzureScope()).ask(names_query())
        assert other.asked == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AZURE_TENANT_ID": "", "AZURE_CLIENT_ID": "", "AZURE_CLIENT_SECRET": ""}, "to nothing"),
        ({"AZURE_CLIENT_CERTIFICATE_PATH": ""}, "AZURE_CLIENT_CERTIFICATE_PATH: set to nothing"),
        (
            {
                "AZURE_TENANT_ID": "a",
                "AZURE_CLIENT_ID": "b",
                "AZURE_CLIENT_CERTIFICATE_PATH": "/no.pem",
            },
            "No such file",
        ),
        (
            {"AZURE_TENANT_ID": "a/b", "AZURE_CLIENT_ID": "b", "AZURE_CLIENT_SECRET": "hush-hush"},
            "Invalid tenant",
        ),
    ],
)
async def test_what_cannot_sign_in_is_said_with_the_variables_and_without_their_values(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsUnreadable, match=said) as refused:
        async with AzureConnection():
            pass
    assert all(name in str(refused.value) for name in variables)
    assert "hush-hush" not in str(refused.value)
