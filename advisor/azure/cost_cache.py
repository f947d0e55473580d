"""The charges that were read, kept for a day: Azure asks to be asked no more often.

One file for each subscription and month, readable by its owner alone: a bill is nobody else's
business. A file that cannot be read is read anew from Azure, and one that cannot be written is not
missed: the cache saves time and is nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from advisor.azure.connection import AzureConnection
from advisor.bill.charges import Apart, Charge, MonthCharges, StoredDay
from advisor.bill.months import Month
from advisor.prices.saved import replace_file

#: Costs are refreshed every four hours, and Azure recommends one call a day
#: (cost-management-billing/costs/manage-automation, 2024-11).
KEPT = timedelta(days=1)
SCHEMA = 1
_FOLDER = "costs"


class CostCache:
    """Charges in the user's cache. `azure`: the address they are read at, each with its own."""

    def __init__(self, directory: Path, azure: str) -> None:
        self._directory, self._azure = directory / _FOLDER, azure

    async def charges(
        self,
        connection: AzureConnection,
        subscriptions: Iterable[str],
        month: Month,
        now: datetime,
    ) -> list[MonthCharges]:
        """Kept ones, and the others read: one after the other, because side by side they would use
        up the tenant's query units. Raises AzureRefused, AzureUnreachable.
        """
        from advisor.azure.costs import CostManagement

        self.forget_older(now)
        costs = CostManagement(connection)
        found = []
        for subscription in subscriptions:
            charges = self.read(subscription, month, now)
            if charges is None:
                charges = await costs.charges(subscription, month, now)
                self.write(charges)
            found.append(charges)
        return found

    async def stored_by_day(
        self, connection: AzureConnection, subscription: str, first: date, last: date, now: datetime
    ) -> tuple[StoredDay, ...]:
        """What backups stored on each day, kept or read. Raises as `charges`."""
        from advisor.azure.costs import CostManagement

        path = self._named(f"{subscription.lower()} stored {first} {last}")
        with suppress(OSError, ValueError, KeyError, TypeError, InvalidOperation):
            document = json.loads(path.read_bytes())
            if timedelta(0) <= now - datetime.fromisoformat(document["read_at"]) < KEPT:
                return tuple(_stored(row) for row in document["stored"])
        found = await CostManagement(connection).stored_by_day(subscription, first, last)
        self._keep(path, {"read_at": now.isoformat(), "stored": [[*map(str, x)] for x in found]})
        return found

    def read(self, subscription: str, month: Month, now: datetime) -> MonthCharges | None:
        """What was read within a day; None: it has to be read from Azure."""
        try:
            document = json.loads(self._path(subscription, month).read_bytes())
            found = _charges(document, subscription, month)
        except (OSError, ValueError, KeyError, TypeError, InvalidOperation):
            return None
        is_fresh = timedelta(0) <= now - found.read_at < KEPT
        # What was read before the month was final is not its verdict.
        was_final = month.is_final(found.read_at.date())
        return found if is_fresh and was_final == month.is_final(now.date()) else None

    def write(self, charges: MonthCharges) -> None:
        """Keeps them; where that fails, nothing is kept."""
        self._keep(self._path(charges.subscription, charges.month), _document(charges))

    def _keep(self, path: Path, document: Mapping[str, Any]) -> None:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(path, json.dumps(document), lasting=False)

    def forget_older(self, now: datetime) -> None:
        """Deletes what is too old to be used."""
        with suppress(OSError):
            for path in self._directory.glob("*.json"):
                if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
                    os.unlink(path)

    def _path(self, subscription: str, month: Month) -> Path:
        return self._named(f"{subscription.lower()} {month}")

    def _named(self, what: str) -> Path:
        whose = f"{self._azure} {what}"
        return self._directory / f"{hashlib.sha256(whose.encode()).hexdigest()[:32]}.json"


def _document(charges: MonthCharges) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "subscription": charges.subscription,
        "month": str(charges.month),
        "read_at": charges.read_at.isoformat(),
        "usage": [[*map(_text, one)] for one in charges.usage],
        "apart": [[*map(_text, one)] for one in charges.apart],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _charges(document: Any, subscription: str, month: Month) -> MonthCharges:
    """Raises ValueError, KeyError, TypeError or InvalidOperation for anything else."""
    if (document["schema"], document["month"]) != (SCHEMA, str(month)):
        raise ValueError("another file")
    read_at = datetime.fromisoformat(document["read_at"])
    if read_at.tzinfo is None:
        raise ValueError("no time zone")
    return MonthCharges(
        subscription=subscription,
        month=month,
        usage=tuple(_charge(row) for row in document["usage"]),
        apart=tuple(_apart(row) for row in document["apart"]),
        read_at=read_at,
    )


def _charge(row: Sequence[Any]) -> Charge:
    resource, meter, quantity, amount, currency = row
    known = None if quantity is None else Decimal(quantity)
    return Charge(resource, meter, known, Decimal(amount), currency)


def _apart(row: Sequence[Any]) -> Apart:
    kind, category, amount, currency = row
    return Apart(kind, category, Decimal(amount), currency)


def _stored(row: Sequence[Any]) -> StoredDay:
    resource, meter, day, quantity = row
    return StoredDay(resource, meter, date.fromisoformat(day), Decimal(quantity))
