"""What reserving vault storage would save: prices of a year or three, known in advance."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from advisor.model import ZERO, Line, ReservedTerm, Saving
from advisor.prices.pricing import CENT_OF_A_CENT
from advisor.prices.quote import VAULT_SKU
from advisor.prices.scope import BACKUP

#: What is taken off the price of each GB: to the cent in every row read of West Europe, West US,
#: East US and Indonesia Central (Azure Retail Prices, Backup Reserved Capacity, 2025 to 2026-08).
RESERVED_TERMS = (
    ReservedTerm(from_gib=102_400, years=1, share=Decimal("0.12")),
    ReservedTerm(from_gib=102_400, years=3, share=Decimal("0.20")),
    ReservedTerm(from_gib=1_048_576, years=1, share=Decimal("0.16")),
    ReservedTerm(from_gib=1_048_576, years=3, share=Decimal("0.24")),
)


def reserved_savings(lines: Iterable[Line]) -> tuple[Saving, ...]:
    """What a reservation would take off the vault storage of a bill; nothing without any.

    It is bought for all vaults of one region and redundancy together, so a single VM has its share
    of what they save, and only from the smallest size on.
    """
    stored = [line for line in lines if _is_vault_storage(line) and line.monthly is not None]
    monthly = sum((line.monthly.likely for line in stored if line.monthly), ZERO)
    if not monthly:
        return ()
    gib = sum((line.usage.quantity.likely for line in stored if line.usage.quantity), ZERO)
    return (
        Saving(
            name="Reserved vault capacity",
            gib=gib,
            terms=tuple(
                term._replace(
                    saves=(monthly * term.share).quantize(CENT_OF_A_CENT, ROUND_HALF_EVEN)
                )
                for term in RESERVED_TERMS
            ),
        ),
    )


def _is_vault_storage(line: Line) -> bool:
    meter = line.usage.meter
    return meter.service == BACKUP and meter.sku == VAULT_SKU
