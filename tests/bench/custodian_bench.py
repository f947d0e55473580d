"""Beside Cloud Custodian, where it is installed: VMs without backup, and all disks, of a sample.

Both are commands of their own that are led to the same played Azure by the same variables and sign
in as the same reader. Calls and times are taken at the played Azure, for both in the same way.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.local.azure.server import AZURE_HOSTS, AzureStandIn
from deploy.local.azure.world import World
from deploy.local.fleet.generate import generated_world
from tests.bench.fleet_live_bench import DELAY_SECONDS
from tests.bench.starting import VMBACKUP
from tests.contract.cloud_custodian import (
    POLICIES,
    SECONDS,
    TOOL,
    VMS,
    compared,
    led_environment,
    ran,
)
from tests.contract.installing import found
from tests.contract.leading_names import NameProxy

PROGRAM = "VMBACKUP_CUSTODIAN"
NOT_FOUND = (
    f"Cloud Custodian is not installed here: {PROGRAM} names none, none is on the path, and"
    f" make contract has brought none into {TOOL.folder}."
)
#: Custodian asks once for each VM, so that a few show what a fleet costs it.
SAMPLE_VMS = 35
ROUNDS = 3
#: Of what `vmbackup fleet` reads, that which Custodian can find: who has no backup, and the disks.
ASKED = tuple(policy for policy in POLICIES if policy.name in ("vm-not-protected", "disks"))
#: How a call to Resource Manager begins; signing in is at other paths.
_ARM_PATHS = ("/subscriptions", "/providers")
_C7N_AZURE = "from importlib.metadata import version; print(version('c7n-azure'))"


class NotCompared(Exception):
    """Custodian is not here, or it did not find what is there; the text says which."""


class CallsMeter:
    """The calls to Resource Manager that a stand-in saw, from the first to the last answer.

    `meet` is for AzureStandIn.outermost, so that the delay of each call is in what is measured.
    """

    def __init__(self) -> None:
        self.calls = self.at_once = self._open = 0
        self._began = self._ended = 0.0

    @property
    def seconds(self) -> float:
        """From the first call to the last answer; 0 where nothing was asked."""
        return self._ended - self._began

    @web.middleware
    async def meet(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.lower().startswith(_ARM_PATHS):
            return await handler(request)
        self._began = self._began or perf_counter()
        self.calls, self._open = self.calls + 1, self._open + 1
        self.at_once = max(self.at_once, self._open)
        try:
            return await handler(request)
        finally:
            self._open, self._ended = self._open - 1, perf_counter()


class LedTo(NamedTuple):
    """Where a command is led: the folder is its home, and what it writes is there."""

    world: World
    subscription: str
    environment: Mapping[str, str]
    folder: Path


Command = Callable[[LedTo], Awaitable[None]]


def figures(
    wanted: str | None = None, vms: int = SAMPLE_VMS, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Medians of both commands, run in turn; `why_not` where there is nothing to compare with."""
    program = found(TOOL, wanted or os.environ.get(PROGRAM))
    if program is None:
        return {"why_not": NOT_FOUND}
    try:
        return {
            "vms": vms,
            "version": _version(program),
            **asyncio.run(_in_turn({"custodian": _custodian(program), "ours": _ours}, vms, rounds)),
        }
    except NotCompared as error:
        return {"why_not": str(error)}


async def _in_turn(commands: Mapping[str, Command], vms: int, rounds: int) -> dict[str, Any]:
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            measured[name].append(await _measured(command, vms))
    return {
        name: {figure: median(each[figure] for each in runs) for figure in runs[0]}
        for name, runs in measured.items()
    }


async def _measured(command: Command, vms: int) -> dict[str, float]:
    """One command at a played Azure of its own, so that no quota is left used by another."""
    meter, standin = CallsMeter(), AzureStandIn(generated_world(vms), tls=True, hosts=AZURE_HOSTS)
    standin.outermost.append(meter.meet)
    [subscription] = {vm["id"].split("/")[2] for vm in standin.world.of_type(VMS)}
    async with standin:
        standin.faults.delay_seconds = DELAY_SECONDS
        async with NameProxy(AZURE_HOSTS, int(standin.tls_url.rpartition(":")[2])) as proxy:
            with TemporaryDirectory() as folder:
                led = led_environment(standin, proxy.url, subscription, Path(folder))
                begun = perf_counter()
                await command(LedTo(standin.world, subscription, led, Path(folder)))
                seconds = perf_counter() - begun
    return {
        "calls": meter.calls,
        "at_once": meter.at_once,
        "azure_seconds": round(meter.seconds, 2),
        "seconds": round(seconds, 1),
    }


def _custodian(program: str) -> Command:
    async def run(led: LedTo) -> None:
        """Raises NotCompared where it fails, and where it does not find what there is."""
        try:
            wrong = await ran(program, ASKED, led.environment, led.folder)
        except TimeoutError:
            wrong = f"it did not end in {SECONDS} s"
        except OSError as error:
            wrong = str(error)
        each = (compared(one, led.world, led.subscription, str(led.folder)) for one in ASKED)
        if wrong := wrong or "; ".join(filter(None, each)):
            raise NotCompared(f"{program}: {wrong.splitlines()[-1]}")  # of a traceback, the error

    return run


async def _ours(led: LedTo) -> None:
    """`vmbackup fleet`, which also advises. Raises RuntimeError where it does not end well."""
    home = {f"VMBACKUP_{name}_DIR": str(led.folder / name) for name in ("CACHE", "STATE")}
    trusted = {"SSL_CERT_FILE": led.environment["REQUESTS_CA_BUNDLE"], "VMBACKUP_OFFLINE": "1"}
    process = await asyncio.create_subprocess_exec(
        *(VMBACKUP, "fleet", "--json"),
        cwd=led.folder,
        env={**led.environment, **home, **trusted},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), SECONDS)
    if process.returncode:
        raise RuntimeError(err.decode(errors="replace"))
    read, there = len(json.loads(out)["vms"]), len(list(led.world.of_type(VMS)))
    if read != there:
        raise RuntimeError(f"vmbackup fleet read {read} of {there} VMs.")


def _version(program: str) -> str:
    """Of c7n-azure, from the Python that Custodian runs on; empty where that is not beside it."""
    python = Path(program).resolve().with_name("python")
    try:
        done = subprocess.run(
            [python, "-c", _C7N_AZURE], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def told(measured: dict[str, Any]) -> list[str]:
    """The figures for people."""
    if why := measured.get("why_not"):
        return [f"Beside Cloud Custodian: not measured. {why}"]
    version = measured["version"] or "of an unknown version"
    return [
        f"Beside Cloud Custodian (c7n-azure {version}) on {measured['vms']} VMs of the same played"
        f" Azure, from the first call to the last answer:",
        f"  custodian run, VMs without backup and all disks: {_one(measured['custodian'])}",
        f"  vmbackup fleet, which also advises: {_one(measured['ours'])}",
    ]


def _one(each: Mapping[str, float]) -> str:
    how = " in series" if each["at_once"] == 1 else f", up to {each['at_once']:.0f} at once,"
    return (
        f"{each['calls']:.0f} calls{how} in {each['azure_seconds']:.2f} s,"
        f" {each['seconds']:.1f} s from Enter to the end"
    )
