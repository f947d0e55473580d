"""The unmodified Azure CLI at the stand-in for Azure, over TLS.

It signs in as a service principal of a cloud of its own whose every address is the stand-in.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.azure.identity import OPERATOR
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body, World
from deploy.local.fleet.sample import sample_world
from tests.contract.installing import Tool
from tests.contract.report import Difference, Report, not_served

TOOL = Tool("az", ("azure-cli",), ".venv-az")
AUDIENCE = "https://management.core.windows.net/"
SECONDS_A_COMMAND = 300
PROTECTED_ITEM = (
    "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"
)

#: What is otherwise than at Azure whatever a run shows, with its cause.
KNOWN = (
    Difference(
        "a cloud is registered by hand, and instance discovery is off",
        "the CLI knows Azure's clouds by their names, and the stand-in is none of them",
    ),
)
#: Why something it asks is not served, by a part of the path.
NOT_SERVED: Mapping[str, str] = {}


@dataclass(frozen=True)
class Step:
    """One command and what its JSON must show."""

    words: tuple[str, ...]
    shows: Callable[[Any], bool]

    def __str__(self) -> str:
        return "az " + " ".join(self.words)


class Az:
    """The CLI with a configuration folder of its own, at one stand-in."""

    def __init__(self, program: str, standin: AzureStandIn, folder: Path) -> None:
        self._program = program
        self._environment = os.environ | {
            "AZURE_CONFIG_DIR": str(folder),
            "REQUESTS_CA_BUNDLE": str(standin.ca_file),
            "AZURE_CORE_NO_COLOR": "true",
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "NO_PROXY": "localhost,127.0.0.1",
        }

    async def __call__(self, *words: str) -> Any:
        """The command's JSON. Raises RuntimeError with what it wrote on standard error."""
        process = await asyncio.create_subprocess_exec(
            *(self._program, *words, "--output", "json"),
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), SECONDS_A_COMMAND)
        if process.returncode:
            raise RuntimeError(err.decode(errors="replace").strip() or "it said nothing")
        return json.loads(out) if out.strip() else None


async def sign_in(az: Az, standin: AzureStandIn) -> None:
    """A cloud whose every address is the stand-in, and a service principal of its tenant."""
    endpoints = (
        "resource-manager",
        "active-directory",
        "active-directory-graph-resource-id",
        "management",
    )
    addresses = [word for name in endpoints for word in (f"--endpoint-{name}", standin.tls_url)]
    resource = ("--endpoint-active-directory-resource-id", AUDIENCE)
    await az("cloud", "register", "-n", "standin", *addresses, *resource)
    await az("cloud", "set", "-n", "standin")
    await az("config", "set", "core.instance_discovery=false")
    who = ("-u", OPERATOR.client_id, "-p", OPERATOR.secret, "--tenant", standin.world.tenant_id)
    await az("login", "--service-principal", *who)


def steps(standin: AzureStandIn) -> Sequence[Step]:
    """What an engineer does with the CLI today, on the sample fleet."""
    [web] = [
        vm
        for vm in standin.world.of_type("microsoft.compute/virtualmachines")
        if vm["name"] == "web-01"
    ]
    disk = web["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    return (
        Step(("account", "set", "--subscription", web["id"].split("/")[2]), lambda said: not said),
        *_of_machines(web),
        *_of_disks(web, disk),
        _of_resource_graph(standin.tls_url),
        *_of_backup(standin.world, web),
    )


def _of_machines(web: Body) -> Sequence[Step]:
    group = web["id"].split("/")[4]
    [interface] = web["properties"]["networkProfile"]["networkInterfaces"]
    instances = ("vmss", "list-instances", "-g", group, "-n", "vmss-render")
    return (
        Step(("vm", "list", "-d"), lambda said: any(vm["name"] == "web-01" for vm in said)),
        Step(
            ("account", "list-locations"),
            lambda said: any(one["name"] == web["location"] for one in said),
        ),
        Step(
            ("network", "nic", "show", "--ids", interface["id"]),
            lambda said: said["virtualMachine"]["id"] == web["id"],
        ),
        Step(("vmss", "list"), lambda said: {one["name"] for one in said} >= {"vmss-render"}),
        Step(instances, lambda said: len(said) == 3),
        Step(("vm", "deallocate", "--ids", web["id"]), lambda said: not said),
        Step(
            ("vm", "get-instance-view", "--ids", web["id"]),
            lambda said: "PowerState/deallocated" in str(said),
        ),
        Step(("vm", "start", "--ids", web["id"]), lambda said: not said),
    )


def _of_disks(web: Body, disk: str) -> Sequence[Step]:
    group = web["id"].split("/")[4]
    return (
        Step(
            ("disk", "show", "--ids", disk),
            lambda said: said["tier"] == "P6" and said["diskState"] == "Attached",
        ),
        Step(("disk", "list", "-g", group), lambda said: len(said) > 1),
        Step(
            (
                *("snapshot", "create", "-g", group, "-n", "contract", "--source", disk),
                *("--incremental", "true", "--location", web["location"]),
            ),
            lambda said: said["incremental"] is True and said["provisioningState"] == "Succeeded",
        ),
        Step(("snapshot", "list", "-g", group), lambda said: "contract" in str(said)),
    )


def _of_resource_graph(url: str) -> Step:
    query = json.dumps({"query": "resources | where type =~ 'microsoft.compute/disks' | count"})
    graph = f"{url}/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
    return Step(
        ("rest", "--method", "post", "--url", graph, "--body", query),
        lambda said: said["data"][0]["Count"] > 1,
    )


def _of_backup(world: World, web: Body) -> Sequence[Step]:
    subscription = "/".join(web["id"].split("/")[:3])
    [item, *_] = world.of_type(PROTECTED_ITEM, subscription)
    vault = world.get(item["id"].split("/backupFabrics/")[0]) or {}
    place = ("-g", vault["id"].split("/")[4], "-v", vault["name"])  # one vault at a time
    return (
        Step(("backup", "vault", "list"), lambda said: vault["name"] in str(said)),
        Step(("backup", "protection", "check-vm", "--vm", web["id"]), lambda said: not said),
        Step(("backup", "item", "list", *place), lambda said: bool(said)),
    )


async def check(program: str) -> Report:
    """Every step."""
    report = Report("Azure CLI", differences=list(KNOWN))
    with tempfile.TemporaryDirectory(prefix="vmbackup-contract-") as folder:
        async with AzureStandIn(sample_world(scale_sets=True), tls=True) as standin:
            az = Az(program, standin, Path(folder))
            await sign_in(az, standin)
            for step in steps(standin):
                report.check(str(step), await told_of(az, step))
            report.differences += not_served(standin, NOT_SERVED)
    return report


async def told_of(az: Az, step: Step) -> str:
    """What is wrong with what a step showed; empty where nothing is."""
    try:
        said = await az(*step.words)
    except RuntimeError as error:
        return str(error)
    return "" if step.shows(said) else json.dumps(said)[:400]
