"""The bill of one VM, or of all of them, for one month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from advisor.bill.charges import Apart
from advisor.bill.compare import GivenEstimate, LineError
from advisor.bill.divide import BilledLine
from advisor.bill.months import Month
from advisor.model import ZERO, BilledSizes


@dataclass(frozen=True, slots=True, kw_only=True)
class VmBill:
    """What the protection of one VM cost. Currencies are apart everywhere."""

    vm: str  #: full ARM id, lower-cased
    name: str
    month: Month
    read_at: datetime
    today: date
    lines: tuple[BilledLine, ...]
    #: Of the vaults that protect it, what could not be said of any VM.
    nobody: tuple[BilledLine, ...]
    apart: tuple[Apart, ...]  #: of the subscriptions looked at: purchases, refunds, tax
    estimate: (
        GivenEstimate | None
    )  #: what it is held against; None: nothing in place could be priced
    differences: tuple[LineError, ...]
    notes: tuple[str, ...] = ()
    learned: BilledSizes | None = None  #: what the next advice counts with
    not_learned: str = ""  #: else why not: the rest of a sentence

    @property
    def is_final(self) -> bool:
        return self.month.is_final(self.today)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetBill:
    """What the protection of every VM cost."""

    month: Month
    read_at: datetime
    today: date
    subscriptions: tuple[str, ...]
    lines: tuple[BilledLine, ...]  #: those that are not attributed included
    names: Mapping[str, str]  #: of the VMs, by their lower-cased ids
    apart: tuple[Apart, ...]
    notes: tuple[str, ...] = ()
    #: What the next advice on each VM counts with, by its lower-cased id.
    learned: Mapping[str, BilledSizes] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        return self.month.is_final(self.today)


def totals(lines: Iterable[BilledLine]) -> dict[str, Decimal]:
    """What lines add up to in each currency, ordered by the currency's name."""
    found: dict[str, Decimal] = {}
    for line in lines:
        found[line.currency] = found.get(line.currency, ZERO) + line.amount
    return dict(sorted(found.items()))
