"""What Cost Management says of one subscription in one month, before anybody interprets it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from advisor.bill.months import Month


class Charge(NamedTuple):
    """What one meter of one resource cost. Amortised: what a reservation paid for counts."""

    resource_id: str  #: lower-cased
    meter: str  #: as Cost Management labels it: Standard GRS Data Stored
    quantity: Decimal | None  #: in the meter's own unit; None: not said
    amount: Decimal  #: before tax
    currency: str  #: ISO 4217


class Apart(NamedTuple):
    """What is no usage: a purchase, a refund, a tax. It is in no sum of usage."""

    kind: str  #: Cost Management's ChargeType: Purchase, Refund, Tax
    category: str  #: MeterCategory
    amount: Decimal
    currency: str


class StoredDay(NamedTuple):
    """What one storage meter of one vault, or of an item in it, counted on one day of UTC."""

    resource_id: str  #: lower-cased
    meter: str
    day: date
    quantity: Decimal  #: GB months: a day's part of a month


class MonthCharges(NamedTuple):
    """All of a subscription that can have to do with protection."""

    subscription: str
    month: Month
    usage: tuple[Charge, ...]
    apart: tuple[Apart, ...]
    read_at: datetime
