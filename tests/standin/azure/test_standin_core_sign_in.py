"""Signing in with azure-identity: managed identities, a secret, and TLS with the CA file."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp
import pytest

from deploy.local.azure.identity import OPERATOR, READER, Grant, SignIn
from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import GROUP, SUBSCRIPTION, Token, compute, small_world

SCOPE = "https://management.azure.com/.default"
VARIABLES = (
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "MSI_ENDPOINT",
    "AZURE_CLIENT_ID",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def claims(azure: AzureStandIn, text: str) -> dict[str, Any]:
    return azure.world.part(SignIn).claims(f"Bearer {text}")


async def test_a_container_apps_managed_identity_signs_in(
    azure: AzureStandIn, environment: pytest.MonkeyPatch
) -> None:
    from azure.identity.aio import ManagedIdentityCredential

    environment.setenv("IDENTITY_ENDPOINT", azure.identity_endpoint)
    environment.setenv("IDENTITY_HEADER", azure.identity_header)
    async with ManagedIdentityCredential() as credential:
        said = claims(azure, (await credential.get_token(SCOPE)).token)
    assert said["tid"] == azure.world.tenant_id
    assert said["oid"] == OPERATOR.object_id
    assert said["xms_mirid"].endswith("/userAssignedIdentities/vmbackup-operator")
    assert said["aud"] == "https://management.azure.com"
    async with ManagedIdentityCredential(client_id=READER.client_id) as credential:
        said = claims(azure, (await credential.get_token(SCOPE)).token)
    assert said["oid"] == READER.object_id


async def test_a_wrong_identity_header_signs_nobody_in(
    azure: AzureStandIn, environment: pytest.MonkeyPatch
) -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity.aio import ManagedIdentityCredential

    environment.setenv("IDENTITY_ENDPOINT", azure.identity_endpoint)
    environment.setenv("IDENTITY_HEADER", "a guess")
    async with ManagedIdentityCredential() as credential:
        with pytest.raises(ClientAuthenticationError):
            await credential.get_token(SCOPE)


async def test_the_instance_metadata_service_signs_in(
    azure: AzureStandIn, environment: pytest.MonkeyPatch
) -> None:
    from azure.identity.aio import DefaultAzureCredential

    environment.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", azure.url)
    async with DefaultAzureCredential(
        exclude_cli_credential=True,
        exclude_powershell_credential=True,
        exclude_developer_cli_credential=True,
        exclude_shared_token_cache_credential=True,
        exclude_visual_studio_code_credential=True,
        exclude_workload_identity_credential=True,
        exclude_environment_credential=True,
    ) as credential:
        token = await credential.get_token(SCOPE)
        async with compute(azure, credential) as client:
            assert (await client.disks.get(GROUP, "loose")).name == "loose"
    assert claims(azure, token.token)["oid"] == OPERATOR.object_id


async def test_the_metadata_service_wants_its_header(azure: AzureStandIn) -> None:
    path = "/metadata/identity/oauth2/token?resource=r&api-version=2018-02-01"
    async with aiohttp.ClientSession(azure.url) as session:
        assert (await session.get(path)).status == 400
        assert (await session.get(path, headers={"Metadata": "true"})).status == 200
        other = f"{path}&client_id=nobody"
        assert (await session.get(other, headers={"Metadata": "true"})).status == 400


async def test_an_application_signs_in_over_tls_with_the_ca_file() -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import ClientSecretCredential

    async with AzureStandIn(small_world(), tls=True) as azure:

        def sign_in(secret: str) -> str:
            with ClientSecretCredential(
                azure.world.tenant_id,
                OPERATOR.client_id,
                secret,
                authority=azure.tls_url,
                disable_instance_discovery=True,
                connection_verify=str(azure.ca_file),
            ) as credential:
                return str(credential.get_token(SCOPE).token)

        said = claims(azure, await asyncio.to_thread(sign_in, OPERATOR.secret))
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
            await asyncio.to_thread(sign_in, "wrong")
    assert (said["appid"], said["tid"]) == (OPERATOR.client_id, azure.world.tenant_id)


async def test_the_sync_sdk_works_over_tls_with_the_ca_file() -> None:
    async with AzureStandIn(small_world(), tls=True) as azure:
        names = await asyncio.to_thread(_disks_over_tls, azure)
    assert "loose" in names


def _disks_over_tls(azure: AzureStandIn) -> list[str]:
    from azure.mgmt.compute import ComputeManagementClient

    with ComputeManagementClient(
        Token(azure.world),
        SUBSCRIPTION,
        base_url=azure.tls_url,
        connection_verify=str(azure.ca_file),
        retry_total=0,
    ) as client:
        return [str(disk.name) for disk in client.disks.list()]


async def test_only_the_ca_file_makes_the_certificate_trusted_and_it_is_gone_afterwards() -> None:
    async with AzureStandIn(small_world(), tls=True) as azure:
        assert azure.ca_file
        trusting = ssl.create_default_context(cafile=str(azure.ca_file))
        by_number = azure.tls_url.replace("localhost", "127.0.0.1")
        async with aiohttp.ClientSession() as session:
            for url in (azure.tls_url, by_number):
                answer = await session.get(f"{url}/metadata/endpoints", ssl=trusting)
                body = await answer.json()
                assert body["authentication"]["loginEndpoint"] == url
                assert isinstance(body["authentication"]["audiences"], list)
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(f"{azure.tls_url}/metadata/endpoints")
        assert not list(azure.ca_file.parent.glob("*key*"))
    assert not azure.ca_file.exists()


async def test_openid_metadata_leads_to_the_token_endpoint(azure: AzureStandIn) -> None:
    tenant = azure.world.tenant_id
    async with aiohttp.ClientSession(azure.url) as session:
        instance = await (await session.get("/common/discovery/instance")).json()
        openid = await (await session.get(instance["tenant_discovery_endpoint"])).json()
        form = {
            "grant_type": "client_credentials",
            "client_id": READER.client_id,
            "client_secret": READER.secret,
            "scope": SCOPE,
        }
        token = await (await session.post(openid["token_endpoint"], data=form)).json()
        unknown = await session.post(openid["token_endpoint"], data=form | {"client_id": "x"})
        password = await session.post(
            openid["token_endpoint"], data=form | {"grant_type": "password"}
        )
    assert openid["issuer"].endswith(f"{tenant}/v2.0")
    assert claims(azure, token["access_token"])["oid"] == READER.object_id
    assert (unknown.status, password.status) == (400, 400)


async def asked(azure: AzureStandIn, path: str) -> tuple[int, Any]:
    token = azure.world.part(SignIn).token(OPERATOR, azure.world.tenant_id)
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{azure.url}{path}?api-version=2022-04-01"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_role_is_given_at_a_scope_and_holds_below_it_alone(azure: AzureStandIn) -> None:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    held = ("Microsoft.Compute/disks/*", "Microsoft.Authorization/permissions/read")
    grant = Grant(group, held, not_actions=("Microsoft.Compute/disks/delete",))
    azure.world.part(SignIn).grants[OPERATOR.client_id] = (grant,)
    permissions = "/providers/Microsoft.Authorization/permissions"
    status, said = await asked(azure, group + permissions)
    assert status == 200
    assert said["value"] == [
        {
            "actions": list(held),
            "notActions": ["Microsoft.Compute/disks/delete"],
            "dataActions": [],
            "notDataActions": [],
        }
    ]
    assert (await asked(azure, f"/subscriptions/{SUBSCRIPTION}{permissions}"))[0] == 403
    assert (await asked(azure, f"{group}/providers/Microsoft.Compute/disks"))[0] == 200
    assert (await asked(azure, f"{group}/providers/Microsoft.Compute/snapshots"))[0] == 403
    status, said = await asked(azure, "/subscriptions")
    assert [each["subscriptionId"] for each in said["value"]] == [SUBSCRIPTION]
