"""The unmodified Cloud Custodian at the stand-in: `backup-status` and its neighbours, over TLS.

Custodian has the public cloud's addresses built in. They are led to the stand-in by a proxy, and
the stand-in's certificate has their names. What its policies find is compared with what the world
holds, resource by resource.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from deploy.local.azure.compute.machines import power_state
from deploy.local.azure.identity import READER
from deploy.local.azure.server import AZURE_HOSTS, AzureStandIn
from deploy.local.azure.world import Body, World
from deploy.local.fleet.sample import sample_world
from deploy.local.fleet.sample_vms import SUBSCRIPTIONS
from tests.contract.installing import Tool
from tests.contract.leading_names import NameProxy
from tests.contract.report import Difference, Report, not_served

TOOL = Tool("custodian", ("c7n", "c7n-azure"), ".venv-c7n")
SECONDS = 300
VMS = "Microsoft.Compute/virtualMachines"
PROTECTED_ITEMS = (
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems"
)

#: What is otherwise than at Azure whatever a run shows, with its cause.
KNOWN = (
    Difference(
        f"Azure's own names ({', '.join(AZURE_HOSTS[:2])}) are led to the stand-in by a proxy",
        "Custodian takes its addresses from the public cloud's table and from nowhere else",
    ),
)
#: Why something it asks is not served, by a part of the path.
NOT_SERVED: Mapping[str, str] = {}


class Policy(NamedTuple):
    """A policy and the resources that it must find in one subscription."""

    name: str
    resource: str
    filters: Sequence[Mapping[str, Any]]
    finds: Callable[[World, str], Iterable[Body]]

    def as_json(self) -> Mapping[str, Any]:
        return {"name": self.name, "resource": self.resource, "filters": list(self.filters)}


def _all_of(kind: str) -> Callable[[World, str], Iterable[Body]]:
    return lambda world, scope: world.of_type(kind, scope)


def _items_of(world: World, vm: Body) -> list[Body]:
    items = (item["properties"] for item in world.of_type(PROTECTED_ITEMS))
    return [item for item in items if item["sourceResourceId"].lower() == vm["id"].lower()]


def _is_protected(world: World, vm: Body) -> bool:
    """Whether there is an item of the VM, in soft delete or not."""
    return bool(_items_of(world, vm))


def _only_deleted(world: World, scope: str) -> Iterable[Difference]:
    """VMs that are found as protected though their items are in soft delete."""
    for vm in world.of_type(VMS, scope):
        items = _items_of(world, vm)
        if items and all(item.get("isScheduledForDeferredDelete") for item in items):
            yield Difference(
                f"{vm['name']} is found as Protected, where vmbackup finds a deleted backup",
                "backupStatus tells whether a vault has an item of the VM, and an item in soft "
                "delete is one here (no answer of Azure for one is recorded); Custodian reads "
                "nothing else",
            )


def _vms(holds: Callable[[World, Body], bool]) -> Callable[[World, str], Iterable[Body]]:
    return lambda world, scope: [vm for vm in world.of_type(VMS, scope) if holds(world, vm)]


def _backup_status(value: str) -> Mapping[str, Any]:
    return {"type": "backup-status", "key": "protectionStatus", "op": "equal", "value": value}


_DEALLOCATED = {
    "type": "instance-view",
    "key": "statuses[].code",
    "op": "in",
    "value_type": "swap",
    "value": "PowerState/deallocated",
}
POLICIES = (
    Policy("vm-protected", "azure.vm", (_backup_status("Protected"),), _vms(_is_protected)),
    Policy(
        "vm-not-protected",
        "azure.vm",
        (_backup_status("NotProtected"),),
        _vms(lambda world, vm: not _is_protected(world, vm)),
    ),
    Policy(
        "vm-deallocated",
        "azure.vm",
        (_DEALLOCATED,),
        _vms(lambda _, vm: power_state(vm) == "deallocated"),
    ),
    Policy("disks", "azure.disk", (), _all_of("Microsoft.Compute/disks")),
    Policy(
        "interfaces", "azure.networkinterface", (), _all_of("Microsoft.Network/networkInterfaces")
    ),
    Policy("scale-sets", "azure.vmss", (), _all_of("Microsoft.Compute/virtualMachineScaleSets")),
)


async def check(program: str) -> Report:
    """Every policy in every subscription of the sample fleet."""
    report = Report("Cloud Custodian", differences=list(KNOWN))
    world = sample_world(scale_sets=True)
    async with AzureStandIn(world, tls=True, hosts=AZURE_HOSTS) as standin:
        port = int(standin.tls_url.rpartition(":")[2])
        async with NameProxy(AZURE_HOSTS, port) as proxy:
            for subscription in SUBSCRIPTIONS:
                await _check_one(program, standin, proxy.url, subscription, report)
                report.differences += _only_deleted(world, f"/subscriptions/{subscription}")
        report.differences += not_served(standin, NOT_SERVED)
        report.differences += [Difference(f"{one} is asked") for one in sorted(set(proxy.refused))]
    return report


async def _check_one(
    program: str, standin: AzureStandIn, proxy: str, subscription: str, report: Report
) -> None:
    with tempfile.TemporaryDirectory(prefix="vmbackup-contract-") as folder:
        environment = led_environment(standin, proxy, subscription, Path(folder))
        told = await ran(program, POLICIES, environment, Path(folder))
        for policy in POLICIES:
            label = f"custodian {policy.name} in {SUBSCRIPTIONS[subscription]}"
            report.check(label, told or compared(policy, standin.world, subscription, folder))


async def ran(
    program: str, policies: Iterable[Policy], environment: Mapping[str, str], folder: Path
) -> str:
    """Runs the policies; what it said where it failed, else nothing."""
    file = folder / "policies.json"
    file.write_text(json.dumps({"policies": [one.as_json() for one in policies]}))
    process = await asyncio.create_subprocess_exec(
        *(program, "run", "--cache-period", "0", "-s", str(folder / "out"), str(file)),
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    return out.decode(errors="replace")[-1000:].strip() if process.returncode else ""


def led_environment(
    standin: AzureStandIn, proxy: str, subscription: str, folder: Path
) -> Mapping[str, str]:
    """What leads a program to the stand-in where Azure's own names are asked, as the reader."""
    foreign = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "azure_", "vmbackup_")
    kept = {key: own for key, own in os.environ.items() if not key.lower().startswith(foreign)}
    return kept | {
        "HTTPS_PROXY": proxy,
        "REQUESTS_CA_BUNDLE": str(standin.ca_file),
        "HOME": str(folder),
        "AZURE_CLIENT_ID": READER.client_id,
        "AZURE_CLIENT_SECRET": READER.secret,
        "AZURE_TENANT_ID": standin.world.tenant_id,
        "AZURE_SUBSCRIPTION_ID": subscription,
    }


def compared(policy: Policy, world: World, subscription: str, folder: str) -> str:
    """What a policy found too much or not at all; empty where it is as the world has it."""
    file = Path(folder) / "out" / policy.name / "resources.json"
    if not file.exists():
        return "it wrote no result"
    found = {str(one["id"]).lower() for one in json.loads(file.read_text())}
    scope = f"/subscriptions/{subscription}"
    wanted = {str(one["id"]).lower() for one in policy.finds(world, scope)}
    too_many, missing = sorted(found - wanted), sorted(wanted - found)
    return "; ".join(
        f"{what}: {', '.join(one.rpartition('/')[2] for one in ids)}"
        for what, ids in (("found and not there", too_many), ("there and not found", missing))
        if ids
    )
