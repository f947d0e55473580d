"""Beside Cloud Custodian: calls are counted at the played Azure, and what is not here is said."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.bench.custodian_bench import NOT_FOUND, PROGRAM, CallsMeter, figures, told
from tests.contract.cloud_custodian import TOOL
from tests.contract.installing import found
from tests.standin.azure.running_azure import SUBSCRIPTION, small_world, talking

CUSTODIAN = found(TOOL, os.environ.get(PROGRAM))
VMS = (
    f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines"
    "?api-version=2025-04-01"
)
MEASURED: dict[str, Any] = {
    "vms": 35,
    "version": "0.7.52",
    "custodian": {"calls": 37, "at_once": 1, "azure_seconds": 2.61, "seconds": 7.1},
    "ours": {"calls": 3, "at_once": 3, "azure_seconds": 0.41, "seconds": 4.5},
}


async def test_calls_are_counted_from_the_first_to_the_last_answer_and_signing_in_is_none() -> None:
    meter, azure = CallsMeter(), AzureStandIn(small_world())
    azure.outermost.append(meter.meet)
    assert (meter.calls, meter.seconds) == (0, 0)
    async with azure, talking(azure) as session:
        azure.faults.delay_seconds = 0.05
        await session.get(f"/{azure.world.tenant_id}/v2.0/.well-known/openid-configuration")
        assert (meter.calls, meter.seconds) == (0, 0)
        for _ in range(2):
            await session.get(VMS)
        assert (meter.calls, meter.at_once) == (2, 1)
        assert meter.seconds >= 0.1
        await asyncio.gather(*(session.get(VMS) for _ in range(3)))
    assert (meter.calls, meter.at_once) == (5, 3)


def test_where_custodian_is_not_installed_that_is_said_in_one_sentence() -> None:
    assert told({"why_not": NOT_FOUND}) == [f"Beside Cloud Custodian: not measured. {NOT_FOUND}"]
    assert PROGRAM in NOT_FOUND


def test_a_custodian_that_cannot_be_run_is_said_and_ends_nothing(tmp_path: Path) -> None:
    [line] = told(figures(str(tmp_path / "nothing-here"), vms=1, rounds=1))
    assert "not measured" in line
    assert "No such file" in line


def test_a_custodian_that_finds_something_else_is_not_compared(tmp_path: Path) -> None:
    program = tmp_path / "custodian"
    program.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    program.chmod(0o755)
    [line] = told(figures(str(program), vms=1, rounds=1))
    assert "not measured" in line
    assert "it wrote no result" in line


def test_both_are_told_by_their_calls_and_seconds() -> None:
    lines = told(MEASURED)
    assert "c7n-azure 0.7.52" in lines[0]
    assert "35 VMs" in lines[0]
    assert "37 calls in series in 2.61 s, 7.1 s from Enter to the end" in lines[1]
    assert "3 calls, up to 3 at once, in 0.41 s, 4.5 s from Enter to the end" in lines[2]
    assert "of an unknown version" in told(MEASURED | {"version": ""})[0]


@pytest.mark.skipif(CUSTODIAN is None, reason=NOT_FOUND)
def test_custodian_asks_once_for_each_vm_and_vmbackup_does_not() -> None:
    measured = figures(CUSTODIAN, vms=5, rounds=1)
    assert measured["custodian"]["calls"] == 5 + 2  # the lists of VMs and of disks
    assert measured["custodian"]["at_once"] == 1
    assert measured["ours"]["calls"] < 5
    assert len(told(measured)) == 3
