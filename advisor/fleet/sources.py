"""Where the VMs of a fleet come from: here an estate that is in memory (for files: `large`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Protocol

from advisor.fleet.cores import Work, advised
from advisor.fleet.estate_findings import estate_findings
from advisor.fleet.kinds import one_of_each_kind
from advisor.inventory.estate import Estate
from advisor.model import KnownVm
from advisor.model.fleet import FleetFinding, FleetRow
from advisor.prices.pricing import Pricer

Others = Callable[[Collection[str]], Iterable[FleetFinding]]


class FleetSource(Protocol):
    """The VMs of a fleet, to be advised on once for each time that `rows` is called."""

    @property
    def count(self) -> int:
        """How many VMs there are."""

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read for the whole fleet, as sentences."""

    def rows(self, work: Work) -> Iterator[FleetRow]:
        """A row of each VM, in the order of their ids."""

    def others(self, work: Work) -> Others:
        """The findings beside those of VMs, complete after the last row."""

    def one_of_each_kind(self) -> tuple[KnownVm, ...]:
        """Enough VMs to know which prices all of them want."""


class WholeFleet:
    """A fleet that is in memory."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    @property
    def count(self) -> int:
        return len(self._estate.fleet.vms)

    @property
    def unread(self) -> tuple[str, ...]:
        return unread_of(self._estate.looked.unclear)

    def rows(self, work: Work) -> Iterator[FleetRow]:
        return advised(self._estate.fleet.vms, work)

    def others(self, work: Work) -> Others:
        pricer = Pricer(work.book, work.currency, work.now.date())
        return lambda settled: estate_findings(self._estate, pricer, work.now, settled)

    def one_of_each_kind(self) -> tuple[KnownVm, ...]:
        return one_of_each_kind(self._estate.fleet.vms)


def unread_of(unclear: Iterable[object]) -> tuple[str, ...]:
    """Each sentence once."""
    return tuple(dict.fromkeys(str(one) for one in unclear))
