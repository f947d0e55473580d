"""`make contract`: the unmodified Azure CLI against the stand-in for Azure, over TLS.

The CLI (300 MB) is taken from --az, from the path, or is installed into .venv-az. It signs in as
a service principal of a cloud of its own whose every address is the stand-in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.azure.identity import OPERATOR
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample import sample_world

ROOT = Path(__file__).parents[2]
OWN_VENV = ROOT / ".venv-az"
AUDIENCE = "https://management.core.windows.net/"
SECONDS_A_COMMAND = 300
PROTECTED_ITEM = (
    "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"
)


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
    subscription = "/".join(web["id"].split("/")[:3])
    [item, *_] = standin.world.of_type(PROTECTED_ITEM, subscription)
    vault = standin.world.get(item["id"].split("/backupFabrics/")[0]) or {}
    group = web["id"].split("/")[4]
    disk = web["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    place = ("-g", vault["id"].split("/")[4], "-v", vault["name"])  # one vault at a time
    query = json.dumps({"query": "resources | where type =~ 'microsoft.compute/disks' | count"})
    graph = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
    return (
        Step(("account", "set", "--subscription", web["id"].split("/")[2]), lambda said: not said),
        Step(("vm", "list", "-d"), lambda said: any(vm["name"] == "web-01" for vm in said)),
        Step(("disk", "list", "-g", group), lambda said: len(said) > 1),
        Step(
            (
                *("snapshot", "create", "-g", group, "-n", "contract", "--source", disk),
                *("--incremental", "true", "--location", web["location"]),
            ),
            lambda said: said["incremental"] is True and said["provisioningState"] == "Succeeded",
        ),
        Step(("snapshot", "list", "-g", group), lambda said: "contract" in str(said)),
        Step(
            ("rest", "--method", "post", "--url", standin.tls_url + graph, "--body", query),
            lambda said: said["data"][0]["Count"] > 1,
        ),
        Step(("backup", "vault", "list"), lambda said: vault["name"] in str(said)),
        Step(("backup", "protection", "check-vm", "--vm", web["id"]), lambda said: not said),
        Step(("backup", "item", "list", *place), lambda said: bool(said)),
    )


async def run(program: str) -> int:
    """Every step; how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="vmbackup-contract-") as folder:
        async with AzureStandIn(sample_world(), tls=True) as standin:
            az = Az(program, standin, Path(folder))
            await sign_in(az, standin)
            for step in steps(standin):
                failed += not await passes(az, step)
    print(f"{len(steps(standin)) - failed} passed, {failed} failed")
    return failed


async def passes(az: Az, step: Step) -> bool:
    try:
        said = await az(*step.words)
    except RuntimeError as error:
        print(f"failed  {step}\n        {error}")
        return False
    good = step.shows(said)
    print(f"{'ok    ' if good else 'failed'}  {step}")
    if not good:
        print(f"        {json.dumps(said)[:400]}")
    return good


def installed(wanted: str | None) -> str:
    """The CLI asked for, the one on the path, or one of our own, installed now."""
    found = wanted or shutil.which("az")
    if found:
        return found
    if not (OWN_VENV / "bin" / "az").exists():
        subprocess.run([sys.executable, "-m", "venv", str(OWN_VENV)], check=True)
        pip = [str(OWN_VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "azure-cli"]
        subprocess.run(pip, check=True)
    return str(OWN_VENV / "bin" / "az")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--az", help="the Azure CLI to use")
    return 1 if asyncio.run(run(installed(parser.parse_args(arguments).az))) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
