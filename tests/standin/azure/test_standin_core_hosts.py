"""Azure's own host names: answered and certified where that is switched on, and nowhere else."""

from __future__ import annotations

import socket
import ssl

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from deploy.local.azure.server import AZURE_HOSTS, AzureStandIn
from tests.standin.azure.running_azure import Token, arm_id, small_world

DISK = f"{arm_id('disks', 'loose')}?api-version=2026-03-02"


class EveryNameIsThisMachine(AbstractResolver):
    """A resolver that leads every name to the loopback address."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        return None


def led_here(azure: AzureStandIn) -> aiohttp.ClientSession:
    assert azure.ca_file is not None
    trust = ssl.create_default_context(cafile=str(azure.ca_file))
    connector = aiohttp.TCPConnector(resolver=EveryNameIsThisMachine(), ssl=trust)
    headers = {"Authorization": f"Bearer {Token(azure.world).text}"}
    return aiohttp.ClientSession(connector=connector, headers=headers)


@pytest.mark.parametrize("host", AZURE_HOSTS)
async def test_azures_own_names_are_answered_under_their_certificate(host: str) -> None:
    async with (
        AzureStandIn(small_world(), tls=True, hosts=AZURE_HOSTS) as azure,
        led_here(azure) as session,
    ):
        port = azure.tls_url.rpartition(":")[2]
        for name in (f"{host}:{port}", host, host.upper()):  # 443 is not written in a Host header
            answer = await session.get(f"https://{host}:{port}{DISK}", headers={"Host": name})
            assert answer.status == 200
        begun = await session.delete(f"https://{host}:{port}{DISK}", headers={"Host": host})
    assert begun.headers["Azure-AsyncOperation"].startswith(f"https://{host}/subscriptions/")


@pytest.mark.parametrize("name", ["evil.example", "evil:management.azure.com", "azure.com"])
async def test_another_name_is_refused_and_not_certified(name: str) -> None:
    async with (
        AzureStandIn(small_world(), tls=True, hosts=AZURE_HOSTS) as azure,
        led_here(azure) as session,
    ):
        answer = await session.get(f"{azure.tls_url}{DISK}", headers={"Host": name})
        assert answer.status == 421
        port = azure.tls_url.rpartition(":")[2]
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"https://evil.example:{port}{DISK}")


async def test_azures_own_names_are_refused_unless_they_are_switched_on() -> None:
    async with AzureStandIn(small_world(), tls=True) as azure, led_here(azure) as session:
        answer = await session.get(f"{azure.tls_url}{DISK}", headers={"Host": AZURE_HOSTS[1]})
        assert answer.status == 421
        port = azure.tls_url.rpartition(":")[2]
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"https://{AZURE_HOSTS[1]}:{port}{DISK}")
