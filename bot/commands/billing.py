"""The interface that the command `bill` uses."""

from __future__ import annotations

from typing import Protocol

from advisor.bill.bill import VmBill


class Bills(Protocol):
    """A source of bills. Raises VmbackupError: half of a bill is none."""

    async def of_vm(self, vm: str, month: str | None) -> VmBill:
        """The bill of one VM in a month such as 2026-10, or in the newest that is final.

        Raises UsageError for what is no month."""
        ...
