"""The price sheet of an agreement: asked for, waited for, and downloaded as CSV.

An enterprise agreement (an enrolment) and a Microsoft customer agreement (a billing profile)
have different columns, and their answers different shapes (2025-03-01).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.retail import PriceList
from deploy.local.azure.world import Body, World

#: What an agreement saves against the list, and how long a download may be fetched.
DISCOUNT = Decimal("0.08")
_VALID_FOR = timedelta(hours=1)
_SECONDS = 2.0  #: how long a sheet takes at an ordinary pace
_CURRENCY = "USD"

_EA_COLUMNS = (
    "EnrollmentNumber", "MeterID", "MeterName", "MeterType", "MeterCategory", "MeterSubCategory",
    "ServiceFamily", "Product", "SkuID", "ProductID", "MeterRegion", "UnitOfMeasure",
    "PartNumber", "EffectiveStartDate", "EffectiveEndDate", "UnitPrice", "BasePrice",
    "MarketPrice", "CurrencyCode", "IncludedQuantity", "OfferID", "Term", "PriceType",
)  # fmt: skip
_MCA_COLUMNS = (
    "BillingAccountId", "BillingAccountName", "BillingProfileId", "BillingProfileName",
    "ServiceFamily", "Product", "ProductId", "SkuId", "UnitOfMeasure", "MeterId", "MeterName",
    "MeterType", "MeterCategory", "MeterSubCategory", "MeterRegion", "TierMinimumUnits",
    "EffectiveStartDate", "EffectiveEndDate", "UnitPrice", "BasePrice", "MarketPrice",
    "Currency", "BillingCurrency", "Term", "PriceType",
)  # fmt: skip
#: An enrolment is billed in blocks of units, its prices rounded to cents (FinOps toolkit, 2025).
_BLOCKS = {
    "1 GB/Month": ("100 GB/Month", 100),
    "1/Month": ("1 /Month", 1),
    "1 GB": ("100 GB", 100),
    "1 GiB/Hour": ("10000 GiB/Hour", 10_000),
    "1/Hour": ("10000 /Hour", 10_000),
}


class _Agreement(NamedTuple):
    """Whose sheet it is. An empty `profile` is an enterprise agreement."""

    account: str
    profile: str = ""


@dataclass
class _Sheet:
    agreement: _Agreement
    ready_at: datetime
    fetched_until: datetime


@dataclass
class _Sheets:
    """The sheets asked for, by the operation's id."""

    by_id: dict[str, _Sheet] = field(default_factory=dict)


def download(call: Call) -> Answer:
    """Accepts the request: 202 with the address to ask at."""
    world, agreement = call.world, _agreement(call)
    operation = world.new_guid()
    ready = world.now + timedelta(seconds=_SECONDS * world.pace)
    world.part(_Sheets).by_id[operation] = _Sheet(agreement, ready, ready + _VALID_FOR)
    headers = {
        "Location": f"{call.base_url}{_results(agreement, operation)}?api-version="
        f"{call.query.get('api-version', '')}&OperationType=PriceSheet",
        "Retry-After": str(world.retry_after_seconds),
        "OData-EntityId": operation,
    }
    return Answer(202, None, headers)


def result(call: Call) -> Answer:
    """202 until the sheet is ready, then where to download it."""
    sheet = _sheet(call.world, call.params["operation"])
    if call.world.now < sheet.ready_at:
        again = f"{call.base_url}{call.path}?" + "&".join(f"{k}={v}" for k, v in call.query.items())
        headers = {"Location": again, "Retry-After": str(call.world.retry_after_seconds)}
        return Answer(202, None, headers)
    url = f"{call.base_url}/pricesheets/{call.params['operation']}.csv"
    until = sheet.fetched_until.strftime("%Y-%m-%dT%H:%M:%SZ")
    if sheet.agreement.profile:
        return Answer(200, {"downloadUrl": url, "expiryTime": until})
    links = {"downloadUrl": url, "validTill": until}
    return Answer(200, {"status": "Completed", "properties": links})


def file(call: Call) -> Answer:
    """The CSV; its address is the secret, as with a signed link to a blob."""
    sheet = _sheet(call.world, call.params["operation"])
    if call.world.now > sheet.fetched_until:
        raise Refusal(403, "AuthenticationFailed", "Signature not valid in the time frame")
    rows = call.world.part(PriceList).rows
    text = sheet_text(sheet.agreement.account, sheet.agreement.profile, rows)
    return Answer(200, text.encode(), {"Content-Type": "text/csv; charset=utf-8"})


def sheet_text(account: str, profile: str, rows: Sequence[Body]) -> str:
    """The sheet of an enrolment, or with a profile of a customer agreement, over retail rows."""
    written = io.StringIO()
    columns = _MCA_COLUMNS if profile else _EA_COLUMNS
    writer = csv.DictWriter(written, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_lines(account, profile, rows))
    return written.getvalue()


def _lines(account: str, profile: str, rows: Sequence[Body]) -> Iterator[dict[str, str]]:
    for row in rows:
        # A sheet has a meter in its own region alone.
        if row["currencyCode"] == _CURRENCY and row["isPrimaryMeterRegion"]:
            yield _mca_line(account, profile, row) if profile else _ea_line(account, row)


def _common(row: Body) -> dict[str, str]:
    product = row["productName"] if row["productName"] != row["serviceName"] else ""
    return {
        "MeterName": row["meterName"],
        "MeterType": row["unitOfMeasure"],
        "MeterCategory": row["serviceName"],
        "MeterSubCategory": product,
        "ServiceFamily": row["serviceFamily"],
        "Product": f"{row['productName']} - {row['meterName']} - {row['location']}",
        "MeterRegion": row["location"],
        "EffectiveStartDate": row["effectiveStartDate"],
        "EffectiveEndDate": row.get("effectiveEndDate", ""),
        "Term": row.get("reservationTerm", ""),
        "PriceType": row["type"],
    }


def _ea_line(account: str, row: Body) -> dict[str, str]:
    unit, block = _BLOCKS.get(row["unitOfMeasure"], (row["unitOfMeasure"], 1))
    market = Decimal(str(row["retailPrice"])) * block
    return _common(row) | {
        "EnrollmentNumber": account,
        "MeterID": row["meterId"],
        "SkuID": row["skuId"],
        "ProductID": row["productId"],
        "UnitOfMeasure": unit,
        "PartNumber": row["skuId"].replace("/", "-"),
        "UnitPrice": _cents(market * (1 - DISCOUNT)),
        "BasePrice": _cents(market),
        "MarketPrice": _cents(market),
        "CurrencyCode": _CURRENCY,
        "IncludedQuantity": format(Decimal(str(row["tierMinimumUnits"])), "f"),
        "OfferID": "MS-AZR-0017P",
    }


def _mca_line(account: str, profile: str, row: Body) -> dict[str, str]:
    market = Decimal(str(row["retailPrice"]))
    return _common(row) | {
        "BillingAccountId": account,
        "BillingAccountName": "Contoso",
        "BillingProfileId": profile,
        "BillingProfileName": "Contoso profile",
        "ProductId": row["productId"],
        "SkuId": row["skuId"],
        "UnitOfMeasure": row["unitOfMeasure"],
        "MeterId": row["meterId"],
        "TierMinimumUnits": format(Decimal(str(row["tierMinimumUnits"])), "f"),
        "UnitPrice": format(market * (1 - DISCOUNT), "f"),
        "BasePrice": format(market, "f"),
        "MarketPrice": format(market, "f"),
        "Currency": _CURRENCY,
        "BillingCurrency": _CURRENCY,
    }


def _cents(amount: Decimal) -> str:
    return format(amount.quantize(Decimal("0.01"), ROUND_HALF_UP), "f")


def _agreement(call: Call) -> _Agreement:
    return _Agreement(call.params["account"], call.params.get("profile", ""))


def _results(agreement: _Agreement, operation: str) -> str:
    profile = f"/billingProfiles/{agreement.profile}" if agreement.profile else ""
    return (
        f"/providers/Microsoft.Billing/billingAccounts/{agreement.account}{profile}"
        f"/providers/Microsoft.CostManagement/operationResults/{operation}"
    )


def _sheet(world: World, operation: str) -> _Sheet:
    found = world.part(_Sheets).by_id.get(operation)
    if found is None:
        raise Refusal(404, "NotFound", f"The operation '{operation}' was not found.")
    return found


_ACCOUNT = "/providers/Microsoft.Billing/billingAccounts/{account}"
_PROFILE = f"{_ACCOUNT}/billingProfiles/{{profile}}"
_DOWNLOAD = "providers/Microsoft.CostManagement/pricesheets/default/download"
_RESULT = "providers/Microsoft.CostManagement/operationResults/{operation}"
OPERATIONS = (
    Operation(
        "PriceSheet_DownloadByBillingAccount",
        "POST",
        f"{_ACCOUNT}/billingPeriods/{{period}}/{_DOWNLOAD}",
        download,
    ),
    Operation("PriceSheet_DownloadByBillingProfile", "POST", f"{_PROFILE}/{_DOWNLOAD}", download),
    Operation(
        "PriceSheet_DownloadByInvoice",
        "POST",
        f"{_PROFILE}/invoices/{{invoice}}/{_DOWNLOAD}",
        download,
    ),
    Operation("PriceSheet_Result", "GET", f"{_ACCOUNT}/{_RESULT}", result),
    Operation("PriceSheet_Result", "GET", f"{_PROFILE}/{_RESULT}", result),
    Operation("PriceSheet_File", "GET", "/pricesheets/{operation}.csv", file, anonymous=True),
)
