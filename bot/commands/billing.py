"""The interfaces that the command `bill` uses."""

from __future__ import annotations

from typing import Protocol

from advisor.bill.accuracy import AccuracyFound
from advisor.bill.bill import VmBill


class Bills(Protocol):
    """A source of bills. Raises VmbackupError: half of a bill is none."""

    async def of_vm(self, vm: str, month: str | None) -> VmBill:
        """The bill of one VM in a month such as 2026-10, or in the newest that is final.

        Raises UsageError for what is no month."""
        ...

    async def accuracy(self, month: str | None) -> AccuracyFound:
        """Of one month, or of all final ones since the first estimate. Raises as `of_vm`."""
        ...


class SendsCharts(Protocol):
    """Sends a picture to one person alone."""

    async def send(self, picture: bytes, title: str, shows: str, user_id: str) -> str:
        """`shows`: for whoever cannot see it. Returns why it did not arrive, or an empty text."""
        ...
