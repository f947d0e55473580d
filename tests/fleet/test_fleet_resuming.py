"""`vmbackup fleet` is disturbed in every way while it reads; `--resume` ends as if it never was."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from advisor.errors import EXIT_AZURE
from deploy.local.azure.world import World
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.generate import generated_world
from deploy.local.fleet.sample import sample_world
from tests.played_shell import VMBACKUP, PlayedShell, Ran, played_shell

GRAPH = "ResourceGraph_Resources"
#: Their VMs and disks fill two pages and more, so that there is something to go on with.
VMS = 400
FLEET = "vmbackup fleet --json"
KEPT = "cache/fleet-reading"
#: Only figures and words that a minute more or less does not change.
OF_A_VM = ("id", "state", "action", "today", "after", "difference", "data_gib", "findings")
WAIT_SECONDS = 60


class Disturbed(NamedTuple):
    """What a reading meets, and what its report says of it."""

    fault: Fault
    says: str
    #: Queries are asked side by side: of the one that is allowed the VMs may not be, and without
    #: any VM there is no report.
    may_lack_vms: bool = False


DISTURBED = {
    "a page that is cut off": Disturbed(
        Fault(Kind.CUT, operation=GRAPH, skip=3, times=None), "rows came, then"
    ),
    "a storm of 429": Disturbed(
        Fault(Kind.STATUS, operation=GRAPH, status=429, retry_after="0", skip=3, times=None), "429"
    ),
    "rights that are taken away": Disturbed(
        Fault(Kind.FORBIDDEN, operation=GRAPH, skip=3, times=None), "403"
    ),
    "rights that protection never had": Disturbed(
        Fault(Kind.FORBIDDEN, operation=GRAPH, skip=1, times=None), "403", may_lack_vms=True
    ),
    "connections that are dropped": Disturbed(
        Fault(Kind.DROP, operation=GRAPH, skip=3, times=None), "rows came, then"
    ),
}


@pytest.fixture(scope="module")
def world() -> World:
    return generated_world(VMS, world=sample_world())


class Undisturbed(NamedTuple):
    """What a reading says that nothing disturbs, and how often it asks for that."""

    says: Mapping[str, Any]
    asks: int


@pytest.fixture(scope="module")
def undisturbed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    async def read() -> Undisturbed:
        async with played_shell(tmp_path_factory.mktemp("whole") / "shell", world=world) as shell:
            says = _essence(await shell.run(FLEET))
            assert not _kept(shell)
            return Undisturbed(says, shell.azure.counts[GRAPH])

    return asyncio.run(read())


def _essence(ran: Ran) -> Mapping[str, Any]:
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    found = sorted((each["kind"], each["id"], str(each["saves"])) for each in report["findings"])
    return {
        "vms": [{key: vm[key] for key in OF_A_VM} for vm in report["vms"]],
        "sums": report["sums"],
        "saves": report["saves"],
        "findings": found,
        "unread": report["unread"],
    }


def _kept(shell: PlayedShell) -> list[Path]:
    return sorted((shell.folder / KEPT).glob("*.jsonl"))


@pytest.mark.parametrize("how", DISTURBED)
async def test_a_disturbed_reading_is_true_and_resumes_to_the_undisturbed_one(
    how: str, world: World, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    whole = undisturbed.says
    async with played_shell(tmp_path / "shell", world=world) as shell:
        shell.azure.faults.add(DISTURBED[how].fault)
        first = await shell.run(FLEET)
        if first.code and DISTURBED[how].may_lack_vms:
            assert (first.code, first.out) == (EXIT_AZURE, "")
            assert "let us read the VMs and their disks: 403" in first.err
        else:
            partial = _essence(first)
            assert any(DISTURBED[how].says in each for each in partial["unread"]), partial["unread"]
            assert len(partial["vms"]) <= len(whole["vms"])
            _nothing_is_made_up(partial, whole)
        assert _kept(shell)
        shell.azure.faults.clear()
        asked = shell.azure.counts[GRAPH]
        assert _essence(await shell.run(f"{FLEET} --resume")) == whole
        assert shell.azure.counts[GRAPH] - asked < undisturbed.asks
        assert not _kept(shell)


async def test_a_reading_that_was_killed_goes_on_where_it_was(
    world: World, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    async with played_shell(tmp_path / "shell", world=world) as shell:
        shell.azure.faults.add(
            Fault(Kind.HANG, operation=GRAPH, skip=3, times=None, seconds=WAIT_SECONDS)
        )
        process = await asyncio.create_subprocess_exec(
            VMBACKUP,
            *("fleet", "--json"),
            cwd=shell.folder,
            env={**shell.environment, "VMBACKUP_OFFLINE": "1"},
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(WAIT_SECONDS):  # for the pages before the one that hangs
            while sum(path.read_text("utf-8").count("\n") for path in _kept(shell)) < 3:
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        shell.azure.faults.clear()
        asked = shell.azure.counts[GRAPH]
        assert _essence(await shell.run(f"{FLEET} --resume")) == undisturbed.says
        assert shell.azure.counts[GRAPH] - asked < undisturbed.asks
        assert not _kept(shell)


def _nothing_is_made_up(partial: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Of what was not read a VM may be unknown; it is never called unprotected for it."""
    states = {vm["id"]: vm["state"] for vm in whole["vms"]}
    for vm in partial["vms"]:
        assert vm["state"] != "unprotected" or states[vm["id"]] == "unprotected", vm["id"]
