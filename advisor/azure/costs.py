"""Cost Management's query: what the protection in one subscription cost in one month.

Two queries for each subscription: the usage by resource and meter, amortised, and what is no
usage by its kind. A query has at most two groupings and two aggregations, and names resources
only within a subscription (cost-management query, 2025-03-01). Its next links are POSTed with
the same body, which the SDK leaves to its caller, and its throttling has headers of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlsplit

from advisor.azure.connection import AzureConnection
from advisor.azure.sdk_errors import translating
from advisor.bill.charges import Apart, Charge, MonthCharges, StoredDay
from advisor.bill.months import Month
from advisor.errors import AzureRefused, AzureUnreachable

PERMISSION = "Microsoft.CostManagement/query/read, as the role Cost Management Reader has it"
#: Everything that protection is billed under; `Recovery Services` is the older name of two.
CATEGORIES = ("Backup", "Azure Site Recovery", "Recovery Services", "Storage", "Bandwidth")
BACKUP_CATEGORIES = ("Backup", "Recovery Services")
USAGE = "Usage"
#: Every other ChargeType of Cost Management (understand-usage, 2024-11).
NO_USAGE = ("Purchase", "Refund", "Tax", "Adjustment", "RoundingAdjustment", "UnusedReservation")
#: manage-automation, 2024-11: of these headers the longest wait counts.
_WAITS = tuple(
    f"x-ms-ratelimit-microsoft.{of}-retry-after"
    for of in (
        "costmanagement-qpu",
        "costmanagement-entity",
        "costmanagement-tenant",
        "costmanagement-clienttype",
        "costmanagement-client",
        "consumption",
    )
)
TRIES = 3
#: The window of twelve query units is ten seconds; a person waits for that one, not for an hour.
LONGEST_WAIT_SECONDS = 30.0
_WAIT_UNNAMED_SECONDS = 10.0
_PAGES_AT_MOST = 500  #: of 5,000 rows: more is an answer that turns in a circle
_COST, _QUANTITY = "PreTaxCost", "UsageQuantity"


class CostManagement:
    """Cost Management over one connection. `tries` 1: nothing waits, the error has the wait."""

    def __init__(self, connection: AzureConnection, tries: int = TRIES) -> None:
        from azure.mgmt.costmanagement.aio import CostManagementClient

        self._connection, self._tries = connection, tries
        self._client = CostManagementClient(**connection.client_arguments())

    async def charges(self, subscription: str, month: Month, now: datetime) -> MonthCharges:
        """All of a subscription's charges of a month; never a part of them.

        Raises AzureRefused (also where it was asked too often, with the wait that it names) and
        AzureUnreachable: half a bill is none.
        """
        what = f"the costs of subscription {subscription} in {month}"
        usage = await self._rows(subscription, _usage_query(month), what)
        apart = await self._rows(subscription, _apart_query(month), what)
        return MonthCharges(
            subscription=subscription,
            month=month,
            usage=tuple(_charge(row, what) for row in usage),
            apart=tuple(_apart(row, what) for row in apart),
            read_at=now,
        )

    async def stored_by_day(
        self, subscription: str, first: date, last: date
    ) -> tuple[StoredDay, ...]:
        """What the meters of Azure Backup counted on each day; at most 31 of them.

        Raises as `charges`.
        """
        what = f"the backup storage of subscription {subscription} by day"
        rows = await self._rows(subscription, _by_day_query(first, last), what)
        return tuple(_stored_day(row, what) for row in rows)

    async def _rows(
        self, subscription: str, query: Mapping[str, Any], what: str
    ) -> list[dict[str, Any]]:
        """The rows of all pages, by the names of their columns, lower-cased."""
        rows: list[dict[str, Any]] = []
        token: str | None = None
        for _ in range(_PAGES_AT_MOST):
            page = await self._page(subscription, query, token, what)
            if page is None:
                return rows
            rows += _named(page, what)
            if not page.next_link:
                return rows
            token = _token(page.next_link, what)
        raise AzureUnreachable(what, f"it has more than {_PAGES_AT_MOST} pages.")

    async def _page(
        self, subscription: str, query: Mapping[str, Any], token: str | None, what: str
    ) -> Any:
        """One page, asked for again where it was asked too often; None: there are no costs."""
        from azure.core.exceptions import HttpResponseError

        with translating(what, PERMISSION):
            for left in reversed(range(self._tries)):
                try:
                    return await self._asked(subscription, query, token)
                except HttpResponseError as error:
                    wait = _wait_seconds(error)
                    if wait is None:
                        raise
                    if not left or wait > LONGEST_WAIT_SECONDS:
                        raise _too_often(what, wait) from error
                await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _asked(self, subscription: str, query: Mapping[str, Any], token: str | None) -> Any:
        async with self._connection.deadline() as timeouts:
            return await self._client.query.usage(
                scope=f"/subscriptions/{subscription}",
                parameters=query,
                params={"$skiptoken": token} if token else {},
                **timeouts,
            )


# --- the queries -----------------------------------------------------------------------------


def _usage_query(month: Month) -> dict[str, Any]:
    aggregation = {
        "cost": {"name": _COST, "function": "Sum"},
        "quantity": {"name": _QUANTITY, "function": "Sum"},
    }
    grouping = ("ResourceId", "Meter")
    return _query("AmortizedCost", month.first, month.last, aggregation, grouping, (USAGE,))


def _apart_query(month: Month) -> dict[str, Any]:
    aggregation = {"cost": {"name": _COST, "function": "Sum"}}
    grouping = ("ChargeType", "MeterCategory")
    return _query("ActualCost", month.first, month.last, aggregation, grouping, NO_USAGE)


def _by_day_query(first: date, last: date) -> dict[str, Any]:
    aggregation = {"quantity": {"name": _QUANTITY, "function": "Sum"}}
    query = _query("ActualCost", first, last, aggregation, ("ResourceId", "Meter"), (USAGE,))
    query["dataset"]["granularity"] = "Daily"
    query["dataset"]["filter"]["and"][0] = _among("MeterCategory", BACKUP_CATEGORIES)
    return query


def _query(
    kind: str,
    first: date,
    last: date,
    aggregation: Mapping[str, Any],
    grouping: tuple[str, str],
    charge_types: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "type": kind,
        "timeframe": "Custom",
        "timePeriod": {
            "from": f"{first}T00:00:00+00:00",
            "to": f"{last}T23:59:59+00:00",
        },
        "dataset": {
            "granularity": "None",
            "aggregation": aggregation,
            "grouping": [{"type": "Dimension", "name": name} for name in grouping],
            "filter": {
                "and": [_among("MeterCategory", CATEGORIES), _among("ChargeType", charge_types)]
            },
        },
    }


def _among(name: str, values: tuple[str, ...]) -> dict[str, Any]:
    return {"dimensions": {"name": name, "operator": "In", "values": list(values)}}


# --- the answers -----------------------------------------------------------------------------


def _named(page: Any, what: str) -> list[dict[str, Any]]:
    columns = [str(column.name or "").lower() for column in page.columns or ()]
    rows = page.rows
    if not columns or not isinstance(rows, list):
        raise AzureUnreachable(what, "its answer has no rows.")
    if any(not isinstance(row, list) or len(row) != len(columns) for row in rows):
        raise AzureUnreachable(what, "its answer broke off.")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _charge(row: Mapping[str, Any], what: str) -> Charge:
    quantity = row.get(_QUANTITY.lower())
    return Charge(
        resource_id=_text(row, "resourceid", what).lower(),
        meter=_text(row, "meter", what),
        quantity=None if quantity is None else _number(quantity, what),
        amount=_number(row.get(_COST.lower()), what),
        currency=_text(row, "currency", what).upper(),
    )


def _apart(row: Mapping[str, Any], what: str) -> Apart:
    return Apart(
        kind=_text(row, "chargetype", what),
        category=_text(row, "metercategory", what),
        amount=_number(row.get(_COST.lower()), what),
        currency=_text(row, "currency", what).upper(),
    )


def _stored_day(row: Mapping[str, Any], what: str) -> StoredDay:
    try:
        day = datetime.strptime(str(row.get("usagedate")), "%Y%m%d").date()  # noqa: DTZ007 - a day
    except ValueError as error:
        raise AzureUnreachable(what, "its rows do not say of which day they are.") from error
    return StoredDay(
        resource_id=_text(row, "resourceid", what).lower(),
        meter=_text(row, "meter", what),
        day=day,
        quantity=_number(row.get(_QUANTITY.lower()), what),
    )


def _text(row: Mapping[str, Any], name: str, what: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise AzureUnreachable(what, f"its rows do not say {name}.")
    return value


def _number(value: object, what: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise AzureUnreachable(what, "one of its rows has no amount.")
    return number


def _token(next_link: str, what: str) -> str:
    """What the next page is asked for by. The link's host is never asked: only our own door is."""
    found = parse_qs(urlsplit(next_link).query).get("$skiptoken")
    if not found:
        raise AzureUnreachable(what, "its next page cannot be asked for.")
    return found[0]


def _wait_seconds(error: Exception) -> float | None:
    """How long Cost Management wants to be left alone; None: it does not say that it does."""
    if getattr(error, "status_code", None) != 429:
        return None
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    named = [headers.get(name, "").strip() for name in (*_WAITS, "Retry-After")]
    seconds = [float(text) for text in named if text.isdecimal()]
    return max(seconds, default=_WAIT_UNNAMED_SECONDS)


def _too_often(what: str, wait_seconds: float) -> AzureRefused:
    said = f"429: it was asked too often, and wants to be left alone for {wait_seconds:.0f} s."
    return AzureRefused(what, said, retry_after_seconds=wait_seconds)
