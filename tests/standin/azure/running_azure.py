"""A stand-in that runs, over a small world, and the real SDK's clients towards it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from deploy.local.azure.identity import OPERATOR, Identity, SignIn
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.fleet.compute import DiskSpec, VmSpec, compute_id, disk_body, vm_bodies
from deploy.local.fleet.network import interface_body

SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a"
OTHER_SUBSCRIPTION = "00000000-0000-0000-0000-00000000000b"
GROUP = "shop"
REGION = "westeurope"
CREATED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def arm_id(kind: str, name: str, subscription: str = SUBSCRIPTION) -> str:
    return compute_id(subscription, GROUP, kind, name)


def small_world(pace: float = 0.0, **settings: Any) -> World:
    """web-01 with an OS and a data disk, db-01 with an Ultra disk, three loose disks and a disk
    in another subscription. Nothing takes time unless a pace is given."""
    world = World(pace=pace, retry_after_seconds=0, **settings)
    web = [DiskSpec(sku="Premium_LRS", size_gib=64), DiskSpec(sku="StandardSSD_LRS", size_gib=128)]
    ultra = [DiskSpec(sku="Premium_LRS", size_gib=64), DiskSpec(sku="UltraSSD_LRS", size_gib=256)]
    for name, disks in (("web-01", web), ("db-01", ultra)):
        vm, *own = vm_bodies(_vm(name, disks), CREATED)
        for body in (vm, *own, interface_body(vm)):
            world.put(body)
    for name, sku in (("loose", "Premium_LRS"), ("v2", "PremiumV2_LRS"), ("spare", "Premium_LRS")):
        _put_disk(world, name, sku, SUBSCRIPTION)
    _put_disk(world, "far", "Premium_LRS", OTHER_SUBSCRIPTION)
    return world


def _vm(name: str, disks: list[DiskSpec]) -> VmSpec:
    return VmSpec(
        name=name,
        group=GROUP,
        subscription=SUBSCRIPTION,
        region=REGION,
        size="Standard_D4s_v5",
        image="ubuntu-24",
        disks=disks,
        tags={"environment": "production"},
    )


def _put_disk(world: World, name: str, sku: str, subscription: str) -> None:
    arm = arm_id("disks", name, subscription)
    world.put(disk_body(arm, REGION, DiskSpec(sku=sku, size_gib=32), CREATED))


class Token:
    """A credential, for the SDK's sync clients, that holds a token of the stand-in."""

    def __init__(self, world: World, identity: Identity = OPERATOR, seconds: int = 3600) -> None:
        self.text = world.part(SignIn).token(identity, world.tenant_id, lifetime_seconds=seconds)

    def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken(self.text, int(time.time()) + 3600)


class AsyncToken(Token):
    """The same for the async clients."""

    async def get_token(self, *scopes: str, **_: Any) -> Any:
        return super().get_token(*scopes)

    async def __aenter__(self) -> AsyncToken:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def close(self) -> None:
        return None


def allow_http() -> Any:
    """A policy that lets the SDK send its token over plain HTTP to this machine."""
    from azure.core.pipeline.policies import SansIOHTTPPolicy

    class AllowHttp(SansIOHTTPPolicy):  # type: ignore[misc]
        def on_request(self, request: Any) -> None:
            request.context.options.setdefault("enforce_https", False)

    return AllowHttp()


@asynccontextmanager
async def compute(
    azure: AzureStandIn, credential: Any = None, subscription: str = SUBSCRIPTION, **options: Any
) -> AsyncIterator[Any]:
    """The async client of azure-mgmt-compute; retries only where `retry_total` says so."""
    from azure.mgmt.compute.aio import ComputeManagementClient

    async with ComputeManagementClient(
        credential=credential or AsyncToken(azure.world),
        subscription_id=subscription,
        base_url=azure.url,
        per_call_policies=[allow_http()],
        polling_interval=0,
        **{"retry_total": 0, **options},
    ) as client:
        yield client


@asynccontextmanager
async def talking(
    azure: AzureStandIn, identity: Identity = OPERATOR
) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP session that sends a token."""
    headers = {"Authorization": f"Bearer {Token(azure.world, identity).text}"}
    async with aiohttp.ClientSession(azure.url, headers=headers) as session:
        yield session


def incremental(disk: str = "loose", **top: Any) -> dict[str, Any]:
    """The body of an incremental snapshot of a disk."""
    return snapshot_of(arm_id("disks", disk), incremental=True, **top)


def snapshot_of(source_id: str, option: str = "Copy", **top: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "creationData": {"createOption": option, "sourceResourceId": source_id}
    }
    if "incremental" in top:
        properties["incremental"] = top.pop("incremental")
    return {"location": REGION, "properties": properties, **top}


async def make_snapshot(client: Any, name: str, body: dict[str, Any]) -> Any:
    """PUT, and wait until it is over."""
    poller = await client.snapshots.begin_create_or_update(GROUP, name, body)
    return await poller.result()


async def refused_snapshot(client: Any, name: str, body: dict[str, Any]) -> tuple[int, str]:
    """Status and code of the refusal; fails where the snapshot is made."""
    from azure.core.exceptions import HttpResponseError

    with pytest.raises(HttpResponseError) as caught:
        await make_snapshot(client, name, body)
    return caught.value.status_code, caught.value.error.code
