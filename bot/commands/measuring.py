"""The interface that the command `measure` uses."""

from __future__ import annotations

from typing import Protocol

from advisor.model.measure_report import MeasureReport


class Measures(Protocol):
    """A source of measurements. Raises VmbackupError where the VM itself cannot be read."""

    async def of_vm(self, vm: str) -> MeasureReport:
        """What can be measured of one VM, and what that does to its price."""
        ...
