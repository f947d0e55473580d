"""A shell at the played Azure, in which command lines run as help and documents show them.

`vmbackup` is the installed one and asks Azure by its own names; a proxy leads them to the stand-in
for Azure, whose certificate is checked. `az` is that of tests/played_az.py.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.azure.server import AZURE_HOSTS, AzureStandIn
from deploy.local.azure.world import World
from deploy.local.fleet.sample import sample_world
from tests import played_az
from tests.contract.leading_names import NameProxy

SECONDS_A_LINE = 120
METRICS_HOST, LOGS_HOST = "metrics.monitor.azure.com", "api.loganalytics.azure.com"
ROOT = Path(__file__).parents[1]
VMBACKUP = Path(sys.executable).with_name("vmbackup")
#: What is put into a line before it runs, and why. Nothing else of a line is changed.
INSTEAD: Mapping[str, tuple[str, str]] = {
    "vmbackup prices update": (
        "vmbackup prices update --source {azure}",
        "the public price list is asked without a proxy, so its address is told",
    ),
}


@dataclass(frozen=True)
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str


class PlayedShell:
    """Runs lines in one folder; `azure` is what they reach, `refused` what they may not."""

    def __init__(self, folder: Path, azure: AzureStandIn, proxy: NameProxy) -> None:
        self.folder, self.azure, self._proxy = folder, azure, proxy
        self.environment = {
            "PATH": f"{folder / 'bin'}:{os.defpath}",
            "HOME": str(folder),
            "COLUMNS": "100",
            "PYTHONPATH": str(ROOT),  # of this tree, which may be a copy
            "VMBACKUP_CACHE_DIR": str(folder / "cache"),
            "VMBACKUP_STATE_DIR": str(folder / "state"),
            "AZURE_TOKEN_CREDENTIALS": "AzureCliCredential",
            # The played Azure has the hosts of its data planes as folders.
            "VMBACKUP_METRICS_ENDPOINT": f"https://{AZURE_HOSTS[1]}/{{region}}.{METRICS_HOST}",
            "VMBACKUP_LOGS_ENDPOINT": f"https://{AZURE_HOSTS[1]}/{LOGS_HOST}",
            "HTTPS_PROXY": proxy.url,
            "SSL_CERT_FILE": str(azure.ca_file),
            played_az.URL: azure.url,
            played_az.SUBSCRIPTION: _subscription_of("web-01", azure),
            played_az.IDENTITY: azure.identity_endpoint,
            played_az.HEADER: azure.identity_header,
        }

    @property
    def refused(self) -> list[str]:
        """The names of this world that were asked for and are not led."""
        return self._proxy.refused

    async def run(self, line: str, **more: str) -> Ran:
        """Run a line as bash does, until it ends by itself."""
        for beginning, (instead, _) in INSTEAD.items():
            line = line.replace(beginning, instead.format(azure=self.azure.url))
        #: The one command that is about prices of today; no other asks for them here.
        offline = {} if "vmbackup prices update" in line else {"VMBACKUP_OFFLINE": "1"}
        process = await asyncio.create_subprocess_exec(
            *(shutil.which("bash") or "bash", "-o", "pipefail", "-ec", line),
            cwd=self.folder,
            env={**self.environment, **offline, **more},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), SECONDS_A_LINE)
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())


async def serves_until_stopped(
    command: Sequence[str | Path], says: str, *, cwd: Path, env: Mapping[str, str]
) -> None:
    """Start a program that serves, wait for what it says then, stop it; it has to end in order."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=env, stderr=asyncio.subprocess.PIPE
    )
    try:
        said = await asyncio.wait_for(_said_until(says, process), SECONDS_A_LINE)
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = await asyncio.wait_for(process.communicate(), SECONDS_A_LINE)
    assert says in said, said
    assert (process.returncode, "Traceback" in said + rest.decode()) == (0, False)


async def _said_until(words: str, process: asyncio.subprocess.Process) -> str:
    """What a process writes on standard error up to these words, or until it ends."""
    assert process.stderr
    said = ""
    while line := (await process.stderr.readline()).decode():
        said += line
        if words in line:
            break
    return said


def _subscription_of(vm: str, azure: AzureStandIn) -> str:
    """That of one of the VMs, as `az account set` would choose it."""
    [found] = [
        each
        for each in azure.world.of_type("microsoft.compute/virtualmachines")
        if each["name"] == vm
    ]
    return str(found["id"].split("/")[2])


@asynccontextmanager
async def played_shell(
    folder: Path, hosts: Sequence[str] = AZURE_HOSTS, world: World | None = None
) -> AsyncIterator[PlayedShell]:
    """A shell in a folder, with the sample fleet or another world in Azure, while the block lasts.

    Only `hosts` are led there, the public cloud's unless another cloud's are told.
    """
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "vmbackup").symlink_to(VMBACKUP)
    az = folder / "bin" / "az"
    python, script = shlex.quote(sys.executable), shlex.quote(str(Path(played_az.__file__)))
    az.write_text(f'#!/bin/sh\nexec {python} {script} "$@"\n', encoding="utf-8")
    az.chmod(0o755)
    async with (
        AzureStandIn(world or sample_world(), tls=True, hosts=hosts) as azure,
        NameProxy(hosts, urlsplit(azure.tls_url).port or 0) as proxy,
    ):
        yield PlayedShell(folder, azure, proxy)
